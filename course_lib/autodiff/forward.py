"""Forward mode: dual numbers carry the derivative along, from the inputs to the outputs.

A dual number is a value (``primal``) with the speed at which it moves (``tangent``). Calculating with
it obeys ``(a + a' e)(b + b' e) = ab + (a' b + a b') e`` with ``e * e = 0``: one run of a function gives
its value and its derivative along ONE direction of the inputs. For y = f(x_1, x_2, ...) the chain rule reads

    y' = sum over i of (d y / d x_i) x_i'.  (1.11)

>>> x = Dual(3.0, 1.0)
>>> x * x + 1
Dual(10., tangent=6.)

Source: L3 "Forward mode"; Clifford 1873; Griewank and Walther 2008, chapter 3.
"""

from collections.abc import Callable

import numpy as np

from course_lib.autodiff.elementary import PARTIALS
from course_lib.autodiff.traced import (
    Traced,
    applied,
    level_of,
    new_level,
    no_rule,
    number,
    scatter,
    take_entries,
)
from course_lib.validation import function_of


class Dual(Traced):
    """A number, or an array, together with its tangent, of its shape.

    Args:
        primal: the value.
        tangent: d value / d t along the direction that is followed; 0 for a constant.
        level: which derivative this belongs to; leave it out, unless you nest derivatives by hand.

    Raises:
        TypeError: an argument is not real numbers.
        ValueError: the shapes of primal and tangent differ.
    """

    __slots__ = ("level", "primal", "tangent")

    def __init__(self, primal, tangent=None, level=None):
        self.primal = number(primal, "The primal")
        self.tangent = np.zeros(np.shape(self.primal)) if tangent is None else number(tangent, "The tangent")
        if np.shape(self.primal) != np.shape(self.tangent):
            raise ValueError(
                f"The tangent must have the shape of the primal, {np.shape(self.primal)}, "
                f"but it has {np.shape(self.tangent)}."
            )
        self.level = 1 + max(level_of(primal), level_of(tangent)) if level is None else level

    @property
    def inner(self):
        return self.primal

    def __repr__(self):
        return f"Dual({_show(self.primal)}, tangent={_show(self.tangent)})"

    def apply(self, function, args, kwargs):
        """Answer ``function(*args)``: the value, and the tangent by the chain rule."""
        if function in PARTIALS:
            return self._elementwise(function, args, kwargs)
        if function not in RULES:
            raise no_rule(function)
        primal, tangent = applied(function, (self._split, *args), kwargs, RULES[function])
        return Dual(primal, tangent, self.level)

    def _split(self, x):
        """``(primal, tangent)`` of x at this level; a constant moves with speed 0."""
        if isinstance(x, Dual) and x.level == self.level:
            return x.primal, x.tangent
        return x, np.zeros(np.shape(x))

    def _elementwise(self, function, args, kwargs):
        primals = [self._split(arg)[0] for arg in args]
        y = applied(function, primals, kwargs)
        tangent = np.zeros(np.shape(y))
        for partial, arg in zip(PARTIALS[function], args, strict=True):
            if level_of(arg) == self.level:
                tangent = tangent + partial(*primals, y) * arg.tangent  # (1.11)
        return Dual(y, tangent, self.level)


def _show(x):
    return repr(x) if isinstance(x, Traced) else np.array2string(x, separator=", ")


# --- Functions that are not entry by entry -----------------------------------------------------------
# A rule gets ``split``, the arguments, and returns (value, tangent).

RULES: dict[Callable, Callable] = {}


def _linear(function):
    """The tangent of a linear function is the function of the tangent."""

    def rule(split, x, *args, **kwargs):
        value, tangent = split(x)
        return function(value, *args, **kwargs), function(tangent, *args, **kwargs)

    RULES[function] = rule


for _function in (
    np.sum,
    np.mean,
    np.cumsum,
    np.reshape,
    np.transpose,
    np.broadcast_to,
    np.roll,
    take_entries,
    scatter,
):
    _linear(_function)


def _rule(function):
    def register(rule):
        RULES[function] = rule
        return rule

    return register


@_rule(np.matmul)
def _matmul(split, a, b):
    (a, d_a), (b, d_b) = split(a), split(b)
    return a @ b, d_a @ b + a @ d_b  # product rule


@_rule(np.where)
def _where(split, condition, a, b):
    (a, d_a), (b, d_b) = split(a), split(b)
    return np.where(condition, a, b), np.where(condition, d_a, d_b)


@_rule(np.concatenate)
def _concatenate(split, arrays, axis=0):
    values, tangents = zip(*map(split, arrays), strict=True)
    return np.concatenate(values, axis), np.concatenate(tangents, axis)


@_rule(np.pad)
def _pad(split, x, pad_width, mode="constant"):
    value, tangent = split(x)
    return np.pad(value, pad_width, mode), np.pad(tangent, pad_width, mode)


@_rule(np.max)
def _max(split, x, axis=None, keepdims=False):
    value, tangent = split(x)
    y = np.max(value, axis=axis, keepdims=keepdims)
    return y, np.sum(tangent * largest(value, axis), axis=axis, keepdims=keepdims)


@_rule(np.prod)
def _prod(split, x, axis=None, keepdims=False):
    value, tangent = split(x)
    y = np.prod(value, axis=axis, keepdims=keepdims)
    return y, np.sum(tangent * product_of_the_others(value, axis), axis=axis, keepdims=keepdims)


def largest(x, axis=None):
    """Share of each entry in the maximum: 1, or 1/k for each of k that tie."""
    wins = np.equal(x, np.max(x, axis=axis, keepdims=True))
    return wins / np.sum(wins, axis=axis, keepdims=True)


def product_of_the_others(x, axis=None):
    """For each entry the product of all others along ``axis``: no division, an entry may be 0."""
    if axis is None:
        return np.reshape(product_of_the_others(np.reshape(x, -1), 0), np.shape(x))
    order = [i for i in range(np.ndim(x)) if i != axis % np.ndim(x)] + [axis % np.ndim(x)]
    last = np.transpose(x, order)
    n = np.shape(last)[-1]
    others = np.where(np.eye(n, dtype=bool), 1.0, last[..., None, :])
    return np.transpose(np.prod(others, axis=-1), np.argsort(order))


# --- Derivatives in forward mode ---------------------------------------------------------------------


def jvp(function):
    """``(x, v) -> (function(x), J(x) v)``, the Jacobian times a vector, in one run; nothing is stored.

    >>> value, tangent = jvp(np.sin)(0, 2)
    >>> float(tangent)
    2.0
    """

    function_of("function", function, "lambda x: np.sum(x**2)")

    def at(x, v):
        level, x, v = new_level(), number(x, "x"), number(v, "v")
        if np.shape(x) != np.shape(v):
            raise ValueError(f"x and v must have one shape, but they have {np.shape(x)} and {np.shape(v)}.")
        y = function(Dual(x, v, level))
        if isinstance(y, Dual) and y.level == level:
            return y.primal, y.tangent
        return y, np.zeros(np.shape(y))

    return at


def derivative(function):
    """The derivative of a function of one number; nests, ``derivative(derivative(f))`` is the second.

    >>> float(derivative(derivative(lambda x: x**4))(2))
    48.0
    """

    function_of("function", function, "lambda x: x**2")

    def at(x):
        x = number(x, "x")
        return jvp(function)(x, np.ones(np.shape(x)))[1]

    return at
