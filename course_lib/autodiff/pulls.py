"""How every function pulls a delta back: the transpose of its derivative, beneath its forward line.

A rule takes the bare arguments and returns the value and, for each array argument, its pull: the function
that turns d result / d value (``d_y``) into this argument's share.
"""

from collections.abc import Callable

import numpy as np

from course_lib.autodiff.elementary import PARTIALS
from course_lib.autodiff.forward import largest, product_of_the_others
from course_lib.autodiff.traced import applied, scatter, take_entries


def unbroadcast(d, shape):
    """Sum ``d`` back to ``shape``: an entry that was used many times collects all its shares."""
    if np.shape(d) == shape:
        return d
    new = np.ndim(d) - len(shape)
    stretched = tuple(i + new for i, length in enumerate(shape) if length == 1)
    return np.reshape(np.sum(d, axis=(*range(new), *stretched), keepdims=True), shape)


def elementwise(function, args, kwargs):
    """``(y, pulls)`` of a function in the table of elementary derivatives."""
    y = applied(function, args, kwargs)

    def pull_to(partial, shape):
        return lambda d_y: unbroadcast(partial(*args, y) * d_y, shape)

    return y, [pull_to(partial, np.shape(arg)) for partial, arg in zip(PARTIALS[function], args, strict=True)]


# --- Functions that are not entry by entry -----------------------------------------------------------

RULES: dict[Callable, Callable] = {}


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
        (*outer, height, _), (*others, _, width) = np.shape(rows), np.shape(columns)
        return np.reshape(d_y, (*np.broadcast_shapes(tuple(outer), tuple(others)), height, width))

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
