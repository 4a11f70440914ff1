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
from course_lib.autodiff.forward import largest, product_of_the_others
from course_lib.autodiff.traced import (
    Traced,
    evaluate,
    level_of,
    name_of,
    no_rule,
    number,
    operands,
    plain,
    scatter,
    take_entries,
)


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
            y, pulls = _elementwise(function, bare, kwargs)
        elif function in RULES:
            y, pulls = evaluate(function, bare, kwargs, RULES[function])
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


def unbroadcast(d, shape):
    """Sum ``d`` back to ``shape``: an entry that was used many times collects all its shares."""
    if np.shape(d) == shape:
        return d
    new = np.ndim(d) - len(shape)
    stretched = tuple(i + new for i, length in enumerate(shape) if length == 1)
    return np.reshape(np.sum(d, axis=(*range(new), *stretched), keepdims=True), shape)


def _elementwise(function, args, kwargs):
    y = evaluate(function, args, kwargs)

    def pull_to(partial, shape):
        return lambda d_y: unbroadcast(partial(*args, y) * d_y, shape)

    return y, [pull_to(partial, np.shape(arg)) for partial, arg in zip(PARTIALS[function], args, strict=True)]


# --- Functions that are not entry by entry -----------------------------------------------------------
# A rule returns the value and, for each array argument, the pull: the forward line, then its derivative.

RULES = {}


def _rule(function):
    def register(rule):
        RULES[function] = rule
        return rule

    return register


def _as_summed(d_y, shape, axis, keepdims):
    """Give ``d_y`` back the axes that a sum over ``axis`` took away, and stretch it to ``shape``."""
    if axis is not None and not keepdims:
        d_y = np.reshape(d_y, np.sum(np.empty(shape), axis=axis, keepdims=True).shape)
    return np.broadcast_to(d_y, shape)


@_rule(np.sum)
def _sum(x, axis=None, keepdims=False):
    y = np.sum(x, axis=axis, keepdims=keepdims)
    return y, [lambda d_y: _as_summed(d_y, np.shape(x), axis, keepdims)]


@_rule(np.mean)
def _mean(x, axis=None, keepdims=False):
    y = np.mean(x, axis=axis, keepdims=keepdims)
    return y, [lambda d_y: _as_summed(d_y, np.shape(x), axis, keepdims) * (np.size(y) / np.size(x))]


@_rule(np.max)
def _max(x, axis=None, keepdims=False):
    y = np.max(x, axis=axis, keepdims=keepdims)
    return y, [lambda d_y: _as_summed(d_y, np.shape(x), axis, keepdims) * largest(x, axis)]


@_rule(np.prod)
def _prod(x, axis=None, keepdims=False):
    y = np.prod(x, axis=axis, keepdims=keepdims)
    return y, [lambda d_y: _as_summed(d_y, np.shape(x), axis, keepdims) * product_of_the_others(x, axis)]


@_rule(np.cumsum)
def _cumsum(x, axis=None):
    y = np.cumsum(x, axis=axis)

    def pull(d_y):  # x_i is in all sums from i on
        along = 0 if axis is None else axis
        rest = np.sum(d_y, axis=along, keepdims=True) - np.cumsum(d_y, axis=along) + d_y
        return np.reshape(rest, np.shape(x))

    return y, [pull]


@_rule(np.matmul)
def _matmul(a, b):
    y = a @ b
    rows = a if np.ndim(a) > 1 else np.reshape(a, (1, -1))
    columns = b if np.ndim(b) > 1 else np.reshape(b, (-1, 1))

    def matrix(d_y):
        return np.reshape(d_y, np.matmul(np.empty(np.shape(rows)), np.empty(np.shape(columns))).shape)

    def pull_a(d_y):
        return _fold(matrix(d_y) @ _flipped(columns), np.shape(a), np.shape(rows))

    def pull_b(d_y):
        return _fold(_flipped(rows) @ matrix(d_y), np.shape(b), np.shape(columns))

    return y, [pull_a, pull_b]


def _fold(d, shape, as_matrix):
    return np.reshape(unbroadcast(d, as_matrix), shape)


def _flipped(a):
    return np.swapaxes(a, -1, -2)


@_rule(np.where)
def _where(condition, a, b):
    y = np.where(condition, a, b)

    def pull_a(d_y):
        return unbroadcast(np.where(condition, d_y, 0.0), np.shape(a))

    def pull_b(d_y):
        return unbroadcast(np.where(condition, 0.0, d_y), np.shape(b))

    return y, [None, pull_a, pull_b]


@_rule(np.reshape)
def _reshape(x, shape):
    return np.reshape(x, shape), [lambda d_y: np.reshape(d_y, np.shape(x))]


@_rule(np.transpose)
def _transpose(x, axes=None):
    y = np.transpose(x, axes)
    back = None if axes is None else np.argsort(np.asarray(axes) % np.ndim(x))
    return y, [lambda d_y: np.transpose(d_y, back)]


@_rule(np.broadcast_to)
def _broadcast_to(x, shape):
    return np.broadcast_to(x, shape), [lambda d_y: unbroadcast(d_y, np.shape(x))]


@_rule(np.roll)
def _roll(x, shift, axis=None):
    back = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
    return np.roll(x, shift, axis), [lambda d_y: np.roll(d_y, back, axis)]


@_rule(take_entries)
def _take_entries(x, index):
    return x[index], [lambda d_y: scatter(d_y, index, np.shape(x))]


@_rule(scatter)
def _scatter(d, index, shape):
    return scatter(d, index, shape), [lambda d_y: d_y[index]]


@_rule(np.pad)
def _pad(x, pad_width, mode="constant"):
    y = np.pad(x, pad_width, mode)
    width = np.broadcast_to(pad_width, (np.ndim(x), 2))
    inside = tuple(slice(before, before + n) for (before, _), n in zip(width, np.shape(x), strict=True))
    return y, [lambda d_y: d_y[inside]]


@_rule(np.concatenate)
def _concatenate(arrays, axis=0):
    y = np.concatenate(arrays, axis)
    ends = np.cumsum([np.shape(array)[axis] for array in arrays])

    def pull_to(end, length):
        part = (slice(None),) * (axis % np.ndim(y)) + (slice(end - length, end),)
        return lambda d_y: d_y[part]

    return y, [pull_to(end, np.shape(array)[axis]) for end, array in zip(ends, arrays, strict=True)]
