"""What an argument must be, said at the door in one line: the name the caller knows it by, what it got, what to give.

Every function returns its value ready for a formula, so that a check can stand where the value is used: lists, whole
numbers and truth values become floats, float arrays stay as they are. Comparisons are written so that nan fails them.
"""

import numpy as np

MOST = 10**9  # of a count: more than a billion does not fit into any machine that this course runs on


def shown(value, most=80):
    """``value`` as an error message shows it, at most so many letters on one line."""
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"an array of shape {value.shape}"
    try:
        text = " ".join((repr(value) if isinstance(value, str) else str(value)).split())
    except Exception:  # Python refuses to write out enormous whole numbers; an object may raise what it likes
        return f"a value of the type {type(value).__name__} that cannot be written out"
    return text if len(text) <= most else f"{text[:most]}..."


# --- Numbers -----------------------------------------------------------------------------------------


def is_traced(value):
    """Whether ``value`` answers NumPy's functions itself, as dual numbers and graph nodes do: it passes every door."""
    return hasattr(value, "__array_function__") and not isinstance(value, np.ndarray)


def _floats(value):
    """``value`` as a plain float array, or ``None``: text, None, objects, complex numbers, ragged lists, and arrays
    with entries masked out are no numbers. A matrix becomes the array that it holds, so that ``*`` means one thing.
    """
    try:
        if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
            return None
        array = np.asarray(value)
        return array.astype(float) if array.dtype.kind in "iub" else array if array.dtype.kind == "f" else None
    except Exception:  # the conversion is the object's own: a tensor with a graph raises RuntimeError, say
        return None


def numbers(name, value, *shape, kinds="f"):
    """Return ``value`` as a float array; real numbers, nan and inf among them. float32 stays float32.

    Args:
        shape: what the shape must be, if given: a size, or a word for one that is free.
        kinds: ``"fc"`` lets complex arrays through as they are, for functions that a complex step is taken in.

    Raises ``ValueError`` for anything else than numbers, and for another shape.
    """
    if not (type(value) is np.ndarray and value.dtype.kind in kinds) and not is_traced(value):
        array = _floats(value)
        if array is None:
            raise ValueError(f"{name} must be numbers, an array of one shape, but it is {shown(value)}.")
        value = array
    if shape and not fits(value.shape, shape):
        raise ValueError(f"{name} must have the shape {words(shape)}, but it has {tuple(value.shape)}.")
    return value


def fits(shape, wanted):
    """Whether ``shape`` has the sizes in ``wanted``, where a word stands for any size."""
    if len(shape) != len(wanted):
        return False
    for own, size in zip(shape, wanted, strict=True):  # noqa: SIM110  # a third of the time of all(...)
        if size.__class__ is not str and own != size:
            return False
    return True


def words(shape):
    """A shape as text: ``(batch, 3)``."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def finite(name, value, *shape):
    """``numbers`` without nan and inf."""
    array = numbers(name, value, *shape)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite numbers, but it is {shown(array)}.")
    return array


def vector(name, value):
    """Return ``value`` as a float array with the coordinates on its last axis: ``(n,)`` or a stack ``(..., n)``.

    Raises ``ValueError`` for what is no numbers, for a single number (a vector with one coordinate is ``[3.0]``) and
    for no coordinates at all.
    """
    array = numbers(name, value)
    if array.ndim == 0:
        raise ValueError(f"{name} must be a vector: write [{shown(value)}] for one coordinate.")
    if array.shape[-1] == 0:
        raise ValueError(f"{name} must have at least one coordinate, but its shape is {array.shape}.")
    return array


def as_given(name, value, condition, wanted):
    """Return numbers for which ``condition`` holds, one as a plain number, else raise ``ValueError``."""
    if isinstance(value, float):  # the usual case
        if condition(value):
            return value
    elif (array := _floats(value)) is not None and np.all(condition(array)):
        return array if array.ndim else float(array)
    raise ValueError(f"{name} must {wanted}, but it is {shown(value)}.")


def non_negative(name, value):
    """Return ``value`` if every entry is finite and >= 0, else raise ``ValueError``."""
    return as_given(name, value, lambda x: (x >= 0) & (x < np.inf), "be a finite number that is 0 or larger")


def positive(name, value):
    """Return ``value`` if every entry is finite and > 0, else raise ``ValueError``."""
    return as_given(name, value, lambda x: (x > 0) & (x < np.inf), "be a finite number larger than 0")


def in_range(name, value, low, high):
    """Return ``value`` if every entry lies in ``low <= value <= high``, else raise ``ValueError``."""
    return as_given(name, value, lambda x: (x >= low) & (x <= high), f"lie between {low} and {high}")


def fraction(name, value):
    """Return ``value`` if every entry lies in ``0 <= value < 1``, else raise ``ValueError``."""
    return as_given(name, value, lambda x: (x >= 0) & (x < 1), "be at least 0 and less than 1")


def number(name, value, rule=finite):
    """Return ``value`` as a ``float`` if it is a single number that obeys ``rule``, else raise ``ValueError``."""
    if np.ndim(value := rule(name, value)):
        raise ValueError(f"{name} must be one number, but it has the shape {np.shape(value)}.")
    return float(value)


def broadcast(**arrays):
    """Raise ``ValueError`` unless the shapes of these arrays fit together, axis by axis from the right."""
    try:
        np.broadcast_shapes(*map(np.shape, arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {np.shape(array)}" for name, array in arrays.items())
        raise ValueError(f"The shapes must broadcast, from the right equal or 1, but they do not: {shapes}.") from None


def count(name, value, minimum=1, most=MOST):
    """Return ``value`` as ``int`` if it is a whole number from ``minimum`` to a billion, else raise ``ValueError``."""
    if type(value) is int and minimum <= value <= most:  # the usual case
        return value
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise ValueError(f"{name} must be a whole number, at least {minimum}, but it is {shown(value)}.")
    if value > most:
        raise ValueError(f"{name} must be a whole number, at most {most}, but it is {shown(value)}.")
    return int(value)


def indices(name, value, size):
    """Return ``value`` as an array of whole numbers from 0 to ``size`` - 1, at least one, else raise ``ValueError``."""
    whole = isinstance(value, np.ndarray | list | tuple | range) and _floats(value) is not None
    array = np.asarray(value if whole else [])
    if array.dtype.kind not in "iu" or array.size == 0 or array.min() < 0 or array.max() >= size:
        raise ValueError(
            f"{name} must be indices, whole numbers from 0 to {size - 1} in an array, but it is {shown(value)}."
        )
    return array


def zero_vector(theta):
    """Floats 0 of theta's shape and precision, for the state of an optimizer that starts at theta."""
    return np.zeros_like(vector("theta", theta))


def hyperparameters(optimizer, **rules):
    """Hold the fields of a frozen dataclass to ``rules``, ``learning_rate=positive``; lists become arrays."""
    for name, rule in rules.items():
        given = getattr(optimizer, name)
        if (value := rule(name, given)) is not given:
            object.__setattr__(optimizer, name, value)


# --- Everything else ---------------------------------------------------------------------------------


def one_of(name, value, choices):
    """Return ``value`` if it is one of the words in ``choices``, else raise ``ValueError`` that lists them."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"There is no {name} {shown(value)}. Choose one of: {', '.join(choices)}.")
    return value


def flag(name, value):
    """Return ``value`` as ``bool`` if it is True or False (or 1 or 0), else raise ``ValueError``."""
    if value is True or value is False:
        return value
    if not isinstance(value, int | np.bool | np.integer) or value not in (0, 1):
        raise ValueError(f"{name} must be True or False, but it is {shown(value)}.")
    return bool(value)


def function_of(name, value, example):
    """Return ``value`` if it can be called, else raise ``TypeError`` with an ``example``."""
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name} must be a function, {example} say, but it is {shown(value)}.")
    return value


def generator(name, value):
    """Return ``value`` if it is a NumPy ``Generator``, else raise ``TypeError``."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name} must be a NumPy Generator, np.random.default_rng(0) say, but it is {shown(value)}.")
    return value


def having(name, value, *methods):
    """Return ``value`` if it has all these ``methods``, else raise ``TypeError``."""
    missing = [method for method in methods if not callable(getattr(value, method, None))]
    if missing or isinstance(value, type):
        raise TypeError(f"{name} must have {' and '.join(methods)}, but {shown(value)} has not.")
    return value
