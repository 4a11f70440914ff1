"""Comparing what a student's function returned with what it should return.

Results are first copied into plain numbers by value, so that no method of the student's object ever takes
part in the comparison (an array subclass whose ``==`` always says yes gains nothing).
"""

import sys

import numpy as np


class Wrong(Exception):
    """A check's verdict: one sentence without any number in it, and what to show beside it.

    ``kind`` names a mistake that every exercise shares (``checks.generic``) or is ``"Value"``.
    """

    def __init__(self, sentence, kind="Value", got=None, expected=None):
        super().__init__(sentence)
        self.sentence, self.kind, self.got, self.expected = sentence, kind, got, expected


def is_tensor(value):
    """Whether ``value`` is PyTorch's tensor; asks nothing of PyTorch where it is not loaded."""
    return isinstance(value, getattr(sys.modules.get("torch"), "Tensor", ()))


def plain(value):
    """Copy ``value`` into plain arrays, numbers, text, tuples, lists and dicts; anything else passes as it is.

    A tensor becomes an ordinary one, apart from any graph, that keeps its ``requires_grad``.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if issubclass(kind, np.ndarray):
        base = np.ndarray.view(value, np.ndarray)
        return np.array(base) if base.dtype.kind in "biufc" else value
    if issubclass(kind, np.generic):
        return np.array(value)
    if issubclass(kind, tuple):
        return tuple(plain(item) for item in tuple.__iter__(value))
    if issubclass(kind, list):
        return [plain(item) for item in list.__iter__(value)]
    if issubclass(kind, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    if is_tensor(value):
        from course_lib.checks.torch_side import plain_tensor

        return plain_tensor(value)
    return value


def numbers(value, what="the result"):
    """Return ``value`` as a plain array with its own dtype; raise ``Wrong`` unless it is made of real numbers."""
    value = plain(value)
    if value is None:
        raise Wrong(f"A number or an array was expected for {what}, but it is None.", "None")
    try:
        array = np.array(
            None if _holds_text(value) else without_tensors(value)
        )  # one long text would make all others as long
    except ValueError:
        sentence = f"The rows of {what} have different lengths."
        if isinstance(value, tuple):  # return y, cache
            sentence = f"One array was expected for {what}, but {len(value)} results came out."
        raise Wrong(sentence, "NotNumbers", got=value) from None
    if array.dtype.kind not in "biuf":
        if array.dtype.kind == "c":
            raise Wrong(
                f"Real numbers were expected for {what}, but they are complex: is there a root of a negative number?",
                "NotNumbers",
            )
        name = KINDS.get(type_name(value)) or f"of type {type_name(value)}"
        raise Wrong(f"Numbers were expected for {what}, but it is {name}.", "NotNumbers")
    return array


def type_name(value):
    """The name of a value's type; of an array that holds no numbers, what it holds. Grading uses the same names."""
    if isinstance(value, np.ndarray):
        return {"O": "array_of_objects", "U": "array_of_text", "S": "array_of_text"}.get(value.dtype.kind, "ndarray")
    return type(value).__name__


KINDS = {
    "tuple": "a tuple that holds other things",
    "dict": "a dict",
    "str": "text",
    "array_of_objects": "an array of objects (of lists of different lengths, or with None in it)",
    "array_of_text": "an array of text",
}


def without_tensors(value):
    """``value`` with arrays in place of tensors."""
    if is_tensor(value):
        from course_lib.checks.torch_side import array_of

        return array_of(value)
    if type(value) in (tuple, list) and "torch" in sys.modules:
        return [without_tensors(item) for item in value]
    return value


def _holds_text(value):
    return isinstance(value, str) or (isinstance(value, (tuple, list)) and any(map(_holds_text, value)))


def shaped(got, shape, what="the result"):
    """Return ``got`` as an array of finite numbers with the given shape, or raise ``Wrong``."""
    got = numbers(got, what)
    if got.shape != shape:
        raise Wrong(f"The shape of {what} is {got.shape}, but {shape} was expected.", "Shape", got=got)
    if not np.all(np.isfinite(got)):
        raise Wrong(f"Not every entry of {what} is a finite number.", "NotFinite", got=got)
    return got


def close(got, expected, what="the result", rtol=1e-9, atol=1e-12):
    """Raise ``Wrong`` unless ``got`` has the shape and the values of ``expected``.

    Args:
        got: what the student's function returned, or a point at which it asked for something.
        expected: finite numbers.
        what: the thing's name in the sentence, ``"the new velocity"``.
        rtol, atol: as ``numpy.isclose``.
    """
    expected = np.asarray(expected, dtype=float)
    got = shaped(got, expected.shape, what)
    if np.all(np.isclose(got, expected, rtol, atol)):
        return
    whole = got.dtype.kind in "biu" and np.all(np.abs(got - expected) <= 1)
    short = got.dtype.itemsize < 8 and got.dtype.kind == "f" and np.all(np.isclose(got, expected, 1e-2, 1e-3))
    kind = "Integer" if whole else "Precision" if short else "Value"
    raise Wrong(f"{what[0].upper()}{what[1:]} is not what was expected.", kind, got, expected)


def several(result, names):
    """Return ``result`` as a tuple with one entry for each of ``names``, or raise ``Wrong``."""
    wanted = f"{len(names)} results were expected ({', '.join(names)})"
    if result is None:
        raise Wrong(f"{wanted}, but the function returned None.", "None")
    if not isinstance(result, (tuple, list)) or (isinstance(result, list) and len(result) != len(names)):
        raise Wrong(f"{wanted}, but only one came out.", "Count", got=result)
    if len(result) != len(names):
        raise Wrong(f"{wanted}, but {len(result)} came out.", "Count", got=result)
    return tuple(result)


def alike(one, other):
    """Whether two plain values are the same to about seven digits (nan equals nan): used to recognise a mistake."""
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    try:
        one, other = numbers(one), numbers(other)
    except Wrong:
        return one is None and other is None
    if one.shape != other.shape:
        return False
    if one.dtype.kind == other.dtype.kind == "f" and np.isfinite(one).all() and np.isfinite(other).all():
        return bool((abs(one - other) <= 1e-10 + 1e-7 * abs(other)).all())  # as isclose, but quicker
    return bool(np.all(np.isclose(one, other, 1e-7, 1e-10, equal_nan=True)))
