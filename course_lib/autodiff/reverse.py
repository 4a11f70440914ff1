"""Reverse mode: remember the calculation as a graph, then send the derivative back through it once.

Forward, every operation makes a ``Node`` that knows its value, its parents (what it was made from) and,
for each parent, how to pull a delta back. ``backward()`` starts with delta = 1 at the result. A node
sends its delta on when all that use it have reported: paths that meet are merged, so that every edge
is walked once, however many paths there are. One pass gives the derivative by ALL inputs:

    delta of x = sum over all y made from x of (d y / d x) * (delta of y).  (1.12)

>>> x, y = Node(3), Node(4)
>>> z = x * y + x
>>> z.backward()
>>> float(x.delta), float(y.delta)
(5.0, 3.0)

Source: L3 "Reverse mode"; L0 "online backpropagation"; Linnainmaa 1970; Griewank and Walther 2008, chapter 3.
"""

import numpy as np

from course_lib.autodiff.elementary import PARTIALS
from course_lib.autodiff.pulls import RULES, elementwise
from course_lib.autodiff.traced import Traced, applied, level_of, name_of, no_rule, number, operands, plain


class Node(Traced):
    """A value in a graph.

    Attributes:
        value: float array (integers become floats). It cannot be changed: the graph has used it.
        delta: d result / d value after ``result.backward()``, shape of ``value``; ``None`` before.
        parents: the nodes that this one was made from.
        pulls: for each parent, the function ``delta of this node -> its share in the parent's delta``.
        operation: ``"+"``, ``"exp"``, ...; ``""`` for a leaf.
        name: what a drawing calls it.

    Raises:
        TypeError: ``value`` is not real numbers.
    """

    __slots__ = ("_value", "delta", "level", "name", "operation", "parents", "pulls")

    def __init__(self, value, name="", *, parents=(), pulls=(), operation="", level=None):
        self._value = _frozen(number(value, "The value of a Node"), copy=not parents)
        self.delta = None
        self.parents, self.pulls, self.operation, self.name = parents, pulls, operation, name
        self.level = 1 + level_of(value) if level is None else level

    @property
    def value(self):
        return self._value

    inner = value

    def __repr__(self):
        label = self.name or self.operation
        return f"Node({_show(self.value)}{', ' + repr(label) if label else ''})"

    def apply(self, function, args, kwargs):
        """Answer ``function(*args)``: the value now, and how to pull a delta back later."""
        mine = [isinstance(arg, Node) and arg.level == self.level for arg in operands(args)]
        parents = tuple(arg for arg, own in zip(operands(args), mine, strict=True) if own)
        bare = [_bare(arg, self.level) for arg in args]
        if function in PARTIALS:
            y, pulls = elementwise(function, bare, kwargs)
        elif function in RULES:
            y, pulls = applied(function, bare, kwargs, RULES[function])
        else:
            raise no_rule(function)
        pulls = tuple(pull for pull, own in zip(pulls, mine, strict=False) if own)
        return Node(y, parents=parents, pulls=pulls, operation=name_of(function), level=self.level)

    def backward(self, delta=None):
        """Set ``delta`` of every node in this graph to the derivative of this node by it.

        Every call starts from nothing: a second ``backward()`` gives the same deltas again and never
        doubles them (PyTorch adds to ``.grad`` until it is set to zero).

        Args:
            delta: where to start, shape of ``value``; may be left out for a single number.

        Raises:
            ValueError: this node is an array and ``delta`` was left out, or ``delta`` has another shape.
        """
        for _ in pull_back(self, delta):
            pass


def topological_order(result):
    """All nodes that ``result`` depends on, it first, each one after all nodes that use it.

    Iterative (a chain of 10 000 nodes would exhaust the call stack) and linear in the number of edges.
    """
    uses = {result: 0}
    found = [result]
    for node in found:  # grows while it is walked
        for parent in node.parents:
            if parent not in uses:
                uses[parent] = 0
                found.append(parent)
            uses[parent] += 1
    order, ready = [], [result]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)
    return order


def pull_back(result, delta=None):
    """Do the work of ``backward``, one edge at a time: yields ``(node, parent, share)`` after each."""
    order = topological_order(result)
    start = _start(result, delta)
    for node in order:
        node.delta = None
    result.delta = start
    for node in order:
        for parent, pull in zip(node.parents, node.pulls, strict=True):
            share = pull(node.delta)
            if isinstance(share, np.ndarray):
                share = share.astype(parent.dtype, copy=False)  # constants are float64, a float32 graph stays one
            parent.delta = share if parent.delta is None else parent.delta + share  # (1.12)
            yield node, parent, share


def _start(result, delta):
    if delta is None:
        if result.size != 1:
            raise ValueError(
                f"backward() starts from a single number, but this node has the shape {result.shape}: "
                "sum it, or say how much each entry counts, backward(delta)."
            )
        return np.ones(result.shape, dtype=result.dtype)
    delta = number(delta, "delta")
    if np.shape(delta) != result.shape:
        raise ValueError(f"delta must have the shape of the node, {result.shape}, but it has {np.shape(delta)}.")
    return delta


def _frozen(value, copy):
    if isinstance(value, np.ndarray):
        value = value.copy() if copy else value.view()
        value.flags.writeable = False
    return value


def _show(value):
    return np.array2string(plain(value), separator=", ", threshold=20, precision=6)


def _bare(arg, level):
    """``arg`` with the nodes of this level replaced by their values."""
    if isinstance(arg, list | tuple):
        return type(arg)(_bare(item, level) for item in arg)
    return arg.value if isinstance(arg, Node) and arg.level == level else arg
