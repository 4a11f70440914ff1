"""A graph step by step: values forward, deltas back, one edge at a time; what both modes cost; how many paths.

Source: L3 "Backpropagation: path merging"; Olah 2015, "Calculus on Computational Graphs".
"""

from typing import NamedTuple

import numpy as np

from course_lib.autodiff.reverse import Node, pull_back, topological_order


class Edge(NamedTuple):
    """``parent`` was the argument number ``position`` (among the nodes) of the operation that made ``child``."""

    parent: Node
    child: Node
    position: int


class ForwardStep(NamedTuple):
    """``node`` got its ``value``, and in forward mode its ``tangent`` (``None`` if no input was chosen)."""

    node: Node
    value: np.ndarray
    tangent: np.ndarray | None


class BackwardStep(NamedTuple):
    """``share`` went from ``edge.child`` to ``edge.parent``.

    ``delta`` is what the parent has collected so far; ``complete`` says whether all that use it have reported.
    """

    edge: Edge
    share: np.ndarray
    delta: np.ndarray
    complete: bool


class Costs(NamedTuple):
    """Multiplications by a local derivative, for all derivatives of the result by the inputs.

    ``paths`` is the number of paths from the inputs to the result, ``path_by_path`` what it costs to
    multiply along each by itself; ``forward`` is one pass over the edges for each input, ``reverse``
    one pass in all.
    """

    nodes: int
    edges: int
    paths: int
    path_by_path: int
    forward: int
    reverse: int


def nodes(result):
    """All nodes, in an order in which they can be calculated: parents first, ``result`` last."""
    return topological_order(result)[::-1]


def edges(result):
    """All edges, in the order of ``nodes``; ``x * x`` has two."""
    return [Edge(parent, node, i) for node in nodes(result) for i, parent in enumerate(node.parents)]


def leaves(result):
    """The nodes that were not calculated: the inputs."""
    return [node for node in nodes(result) if not node.parents]


def local_derivative(edge):
    """d child / d parent along one edge, where both are single numbers.

    Raises ``ValueError`` for arrays: their local derivative is a whole Jacobian.
    """
    if edge.child.size != 1 or edge.parent.size != 1:
        raise ValueError(
            f"A local derivative is drawn for single numbers, but this edge goes from the shape "
            f"{edge.parent.shape} to {edge.child.shape}."
        )
    return edge.child.pulls[edge.position](np.ones(edge.child.shape))


def forward_steps(result, along=None):
    """Yield one ``ForwardStep`` for each node; with the leaf ``along``, its tangent d node / d along too."""
    tangents = {}
    for node in nodes(result):
        if along is not None:
            tangents[node] = np.ones(()) if node is along else np.zeros(())
            for i, parent in enumerate(node.parents):
                tangents[node] = tangents[node] + local_derivative(Edge(parent, node, i)) * tangents[parent]
        yield ForwardStep(node, node.value, tangents.get(node))


def backward_steps(result, delta=None):
    """Yield one ``BackwardStep`` for each edge; when all are done, the deltas are those of ``backward()``."""
    waiting = {node: 0 for node in nodes(result)}
    for edge in edges(result):
        waiting[edge.parent] += 1
    position = 0
    previous = None
    for child, parent, share in pull_back(result, delta):
        position = position + 1 if child is previous else 0
        previous = child
        waiting[parent] -= 1
        yield BackwardStep(Edge(parent, child, position), share, parent.delta, waiting[parent] == 0)


def number_of_paths(result, leaf=None):
    """How many paths lead from ``leaf`` (all leaves if left out) to ``result``; an exact whole number."""
    return _paths(result, leaf)[0]


def _paths(result, leaf=None):
    """``(number of paths, number of edges on all of them together)``."""
    counts, lengths = {}, {}
    for node in nodes(result):
        starts = not node.parents and (leaf is None or node is leaf)
        counts[node] = int(starts) + sum(counts[parent] for parent in node.parents)
        lengths[node] = sum(lengths[parent] + counts[parent] for parent in node.parents)
    return counts[result], lengths[result]


def costs(result):
    """What it costs to differentiate ``result`` by all its leaves, three ways."""
    paths, path_by_path = _paths(result)
    number_of_edges = len(edges(result))
    return Costs(
        nodes=len(nodes(result)),
        edges=number_of_edges,
        paths=paths,
        path_by_path=path_by_path,
        forward=number_of_edges * len(leaves(result)),
        reverse=number_of_edges,
    )
