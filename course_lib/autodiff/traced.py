"""What dual numbers and graph nodes share: NumPy's own functions and operators work on both.

NumPy asks its arguments whether they want to answer themselves (NEP 13 and NEP 18: ``__array_ufunc__``
and ``__array_function__``). So ``np.exp(x)``, ``x @ w`` and ``np.sum(x, axis=0)`` are differentiated
as they stand, and a function written for arrays needs no second version.
"""

import itertools
from collections.abc import Callable
from types import EllipsisType

import numpy as np

from course_lib.autodiff.elementary import PARTIALS

# Every new question "what is the derivative by x?" gets a higher level, so that a derivative inside a
# derivative never takes the inner variable for the outer one ("perturbation confusion").
_levels = itertools.count(1_000)


def new_level():
    """A level above everything that exists."""
    return next(_levels)


def level_of(x):
    """The level of a dual number or node, 0 for a constant."""
    return x.level if isinstance(x, Traced) else 0


def number(x, what):
    """Return ``x`` as a float array, or as it is when it is itself a dual number or node.

    Integers become floats. Raises ``TypeError`` for what has no derivative: text, objects, complex
    numbers, truth values.
    """
    if isinstance(x, Traced):
        return x
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        raise TypeError(f"{what} must be real numbers, but some of them are masked out.")
    try:
        array = np.asarray(x)
    except ValueError:
        raise TypeError(f"{what} must be numbers in a box of one shape, but its rows have different lengths.") from None
    except Exception as error:  # the conversion is the object's own
        raise TypeError(f"{what} must be real numbers, but {type(x).__name__} gives no array: {error}") from None
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind in "iu":
        return array.astype(float)
    raise TypeError(f"{what} must be real numbers, but its type is {array.dtype}.")


def plain(x):
    """The bare array inside, however many levels there are."""
    while isinstance(x, Traced):
        x = x.inner
    return x


# Answers that do not change when x moves a little: they are computed on the bare numbers.
LOCALLY_CONSTANT: set[Callable] = {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}
LOCALLY_CONSTANT |= {np.isnan, np.isinf, np.isfinite, np.signbit, np.argmax, np.argmin, np.argsort}
LOCALLY_CONSTANT |= {np.isclose, np.allclose, np.array_equal, np.any, np.all}
LOCALLY_CONSTANT |= {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like}


def variance(x, axis=None, keepdims=False):
    return np.mean(np.square(x - np.mean(x, axis=axis, keepdims=True)), axis=axis, keepdims=keepdims)


# Functions made of the others.
COMPOSITE = {
    np.var: variance,
    np.min: lambda x, axis=None, keepdims=False: -np.max(-x, axis=axis, keepdims=keepdims),
    np.clip: lambda x, low, high: np.minimum(np.maximum(x, low), high),
    np.dot: np.matmul,
    np.expand_dims: lambda x, axis: np.reshape(x, np.expand_dims(plain(x), axis).shape),
    np.squeeze: lambda x, axis=None: np.reshape(x, np.squeeze(plain(x), axis).shape),
    np.swapaxes: lambda x, i, j: np.transpose(x, _swapped(np.ndim(x), i, j)),
    np.ravel: lambda x: np.reshape(x, -1),
    np.stack: lambda arrays, axis=0: np.concatenate([np.expand_dims(a, axis) for a in arrays], axis),
}


def _swapped(ndim, i, j):
    axes = list(range(ndim))
    axes[i], axes[j] = axes[j], axes[i]
    return axes


def name_of(function):
    """What a graph calls an operation."""
    return SYMBOLS.get(function, function.__name__)


SYMBOLS: dict[Callable, str] = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.power: "**",
    np.matmul: "@",
}
SYMBOLS |= {np.negative: "neg", np.absolute: "abs", np.max: "max"}


def no_rule(function):
    """The error for a function that nobody differentiated here."""
    return NotImplementedError(
        f"There is no derivative rule for {name_of(function)}: write it with functions that have one, such as np.sum, "
        "@, np.exp, np.maximum, np.where, np.reshape or np.concatenate."
    )


def operands(args):
    """The arguments of a call, those inside a list (``np.concatenate([a, b])``) included."""
    for arg in args:
        if isinstance(arg, list | tuple):
            yield from operands(arg)
        else:
            yield arg


def dispatch(function, args, kwargs):
    """Let the argument of the highest level answer the call; to it, all others are constants."""
    if function in LOCALLY_CONSTANT:
        return function(*map(plain, args), **{name: plain(value) for name, value in kwargs.items()})
    if function in COMPOSITE:
        return COMPOSITE[function](*args, **kwargs)
    if function is np.where:
        args = (plain(args[0]), *args[1:])
    if function is np.where or function in PARTIALS:
        args = tuple(np.asarray(arg) if isinstance(arg, list | tuple) else arg for arg in args)
    traced = [arg for arg in operands(args) if isinstance(arg, Traced)]
    if not traced:
        return function(*args, **kwargs)
    top = max(traced, key=level_of)
    if any(level_of(arg) == top.level and type(arg) is not type(top) for arg in traced):
        raise TypeError("A Dual and a Node meet here: put the Dual inside, Node(Dual(x, v)), or use hvp.")
    return top.apply(function, args, kwargs)


def applied(function, args, kwargs, rule=None):
    """``function(*args)``, by its ``rule`` if there is one; NumPy's errors become sentences about shapes."""
    try:
        return (rule or function)(*args, **kwargs)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        argument = str(error).split("'")[1]
        raise TypeError(f"{name_of(function)} is differentiable without the argument {argument} only.") from None
    except ValueError as error:
        shapes = [str(np.shape(arg)) for arg in operands(args) if isinstance(arg, np.ndarray | Traced)]
        if function is np.matmul:
            reason = "the last axis of the first must be as long as the second to last (or only) axis of the second"
        elif function in PARTIALS:
            reason = "axis by axis from the right, they must be equal or 1"
        else:
            reason = str(error)
        several = "s" if len(shapes) > 1 else ""
        raise ValueError(
            f"{name_of(function)} does not fit the shape{several} {' and '.join(shapes)}: {reason}."
        ) from None


class Traced:
    """Operators, methods and refusals of ``Dual`` and ``Node``. ``inner`` is the number one level down."""

    __slots__ = ()
    # Comparing gives plain arrays, so equality says nothing about being the same object.
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc, method, *args, out=None, **kwargs):
        if out is not None:
            raise TypeError(f"A {type(self).__name__} cannot be written into an array in place: make a new array.")
        if method != "__call__" or kwargs:
            raise TypeError(f"np.{ufunc.__name__} works on a {type(self).__name__} as a plain call only.")
        return dispatch(ufunc, args, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return dispatch(function, args, kwargs)

    def __array__(self, *args, **kwargs):
        raise TypeError(
            f"Turning a {type(self).__name__} into an array would cut it off from its derivative. Use np.stack "
            "to join several, np functions on it directly, or plain(x) to get the bare numbers."
        )

    def __bool__(self):
        raise TypeError(
            f"A {type(self).__name__} is neither true nor false. Compare it, as in x > 0, or choose entry by "
            "entry with np.where(x > 0, a, b)."
        )

    def __float__(self):
        raise TypeError(
            f"float() would cut this {type(self).__name__} off from its derivative. Use np.exp and the like "
            "instead of math.exp, or plain(x) to get the bare number."
        )

    __int__ = __complex__ = __float__

    def __index__(self):
        raise TypeError(f"A {type(self).__name__} cannot be an index or a count: those do not move by small steps.")

    def __setitem__(self, index, value):
        raise TypeError(f"The entries of a {type(self).__name__} cannot be changed: use np.where or np.concatenate.")

    shape = property(lambda self: np.shape(plain(self)))
    ndim = property(lambda self: np.ndim(plain(self)))
    size = property(lambda self: np.size(plain(self)))
    dtype = property(lambda self: plain(self).dtype)

    def __len__(self):
        return len(plain(self))

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        if any(isinstance(i, Traced) for i in operands((index,))):
            raise TypeError(f"An index must be whole numbers, not a {type(self).__name__}: they have no derivative.")
        return dispatch(take_entries, (self, index), {})

    def __neg__(self):
        return np.negative(self)

    def __pos__(self):
        return self

    def __abs__(self):
        return np.absolute(self)

    def __add__(self, other):
        return np.add(self, other)

    def __radd__(self, other):
        return np.add(other, self)

    def __sub__(self, other):
        return np.subtract(self, other)

    def __rsub__(self, other):
        return np.subtract(other, self)

    def __mul__(self, other):
        return np.multiply(self, other)

    def __rmul__(self, other):
        return np.multiply(other, self)

    def __truediv__(self, other):
        return np.divide(self, other)

    def __rtruediv__(self, other):
        return np.divide(other, self)

    def __pow__(self, other):
        return np.power(self, other)

    def __rpow__(self, other):
        return np.power(other, self)

    def __matmul__(self, other):
        return np.matmul(self, other)

    def __rmatmul__(self, other):
        return np.matmul(other, self)

    def __mod__(self, other):
        return np.remainder(self, other)

    def __rmod__(self, other):
        return np.remainder(other, self)

    def __lt__(self, other):
        return np.less(self, other)

    def __le__(self, other):
        return np.less_equal(self, other)

    def __gt__(self, other):
        return np.greater(self, other)

    def __ge__(self, other):
        return np.greater_equal(self, other)

    def __eq__(self, other):
        return np.equal(self, other)

    def __ne__(self, other):
        return np.not_equal(self, other)

    def sum(self, axis=None, keepdims=False):
        return np.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False):
        return np.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        return np.max(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape):
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes):
        return np.transpose(self, axes or None)

    @property
    def T(self):
        return np.transpose(self)


# The rest of Python's operators have no derivative that says anything: ``no_rule`` answers.
REFUSED = {"floordiv": np.floor_divide, "divmod": np.divmod, "and": np.bitwise_and, "or": np.bitwise_or}
REFUSED |= {"xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift}
for _name, _function in REFUSED.items():
    setattr(Traced, f"__{_name}__", lambda self, other, function=_function: function(self, other))
    setattr(Traced, f"__r{_name}__", lambda self, other, function=_function: function(other, self))
for _name, _function in {"invert": np.invert, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc}.items():
    setattr(Traced, f"__{_name}__", lambda self, function=_function: function(self))
setattr(Traced, "__round__", lambda self, decimals=0: np.round(self, decimals))  # noqa: B010


def take_entries(x, index):
    """``x[index]`` as a function."""
    return x[index]


def scatter(d, index, shape):
    """Zeros of ``shape`` with ``d`` added at ``index``; entries named twice get both shares."""
    if isinstance(d, Traced):
        return dispatch(scatter, (d, index, shape), {})
    zeros = np.zeros(shape, dtype=d.dtype)
    if all(isinstance(i, int | slice | None | EllipsisType) for i in (index if isinstance(index, tuple) else (index,))):
        zeros[index] = d  # names every entry once at most
    else:
        np.add.at(zeros, index, d)
    return zeros


def elementwise(partial):
    """Make a function of one array differentiable: ``partial(x, y)`` is its slope."""

    def register(function):
        def on_anything(x):
            return dispatch(on_anything, (x,), {}) if isinstance(x, Traced) else function(number(x, "x"))

        on_anything.__name__, on_anything.__doc__ = function.__name__, function.__doc__
        PARTIALS[on_anything] = (partial,)
        return on_anything

    return register
