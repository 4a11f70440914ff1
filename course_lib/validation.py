"""Range and shape checks whose text tells the person what to change.

Every function returns its value unchanged, so that a check can stand where the value is used.
"""

import numpy as np


def _all(value, condition):
    """Whether ``value`` is numbers and ``condition`` holds for each (never for nan, words or None)."""
    try:
        return bool(np.all(condition(np.asarray(value, dtype=float))))
    except (TypeError, ValueError):
        return False


def non_negative(name, value):
    """Return ``value`` if every entry is finite and >= 0, else raise ``ValueError``."""
    if not _all(value, lambda x: np.isfinite(x) & (x >= 0)):
        raise ValueError(f"{name} must be a finite number that is 0 or larger, but it is {value}.")
    return value


def positive(name, value):
    """Return ``value`` if every entry is finite and > 0, else raise ``ValueError``."""
    if not _all(value, lambda x: np.isfinite(x) & (x > 0)):
        raise ValueError(f"{name} must be a finite number larger than 0, but it is {value}.")
    return value


def in_range(name, value, low, high):
    """Return ``value`` if every entry lies in ``low <= value <= high``, else raise ``ValueError``."""
    if not _all(value, lambda x: (x >= low) & (x <= high)):
        raise ValueError(f"{name} must lie between {low} and {high}, but it is {value}.")
    return value


def fraction(name, value):
    """Return ``value`` if every entry lies in ``0 <= value < 1``, else raise ``ValueError``."""
    if not _all(value, lambda x: (x >= 0) & (x < 1)):
        raise ValueError(f"{name} must be at least 0 and less than 1, but it is {value}.")
    return value


def count(name, value, minimum=1):
    """Return ``value`` as ``int`` if it is a whole number >= ``minimum``, else raise ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise ValueError(f"{name} must be a whole number, at least {minimum}, but it is {value!r}.")
    return int(value)


def parameters(theta):
    """Return ``theta`` as a float array with the coordinates on its last axis.

    Raises ``ValueError`` for a single number (a vector with one coordinate is ``[3.0]``) and for
    entries that are no numbers.
    """
    try:
        array = np.asarray(theta)
        array = array if array.dtype.kind == "f" else array.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"theta must be numbers, but it is {theta!r}.") from None
    if array.ndim == 0:
        raise ValueError(f"theta must be a vector: write [{theta}] for one coordinate.")
    return array
