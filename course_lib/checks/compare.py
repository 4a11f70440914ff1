"""Comparing what a student's function returned with what it should return.

Results are first copied into plain numbers by value, so that no method of the student's object ever takes
part in the comparison (an array subclass whose ``==`` always says yes gains nothing). A check computes with what
``numbers`` and its like have returned, never with a result as it came.
"""

import numpy as np

from course_lib.checks.tensors import is_tensor, plain_tensor, without_tensors
from course_lib.settings.language import capital, later, tr

RESULT = later("the result")
NOTHING = "", ""  # the name of what is wrong and what to do about it, where nothing is to be said
HUGE = 1e50  # no right answer comes near; products of a few such numbers do not overflow yet
WITHIN = 1e6  # an own result from which a check goes on is at most so many times larger or smaller than its scale


class Wrong(Exception):
    """A check's verdict: one sentence without any number in it, and what to show beside it.

    ``kind`` names a mistake that every exercise shares (``checks.generic``) or is ``"Value"``; ``told`` is the name of
    what the check has found true of the results, and what to do about it (``facts.telling``).
    """

    told = NOTHING

    def __init__(self, sentence, kind="Value", got=None, expected=None):
        super().__init__(sentence)
        self.sentence, self.kind, self.got, self.expected = sentence, kind, got, expected


def plain(value):
    """Copy ``value`` into plain arrays, numbers, text, tuples, lists and dicts; anything else passes as it is.

    Arrays become float64 where they are longer than that, and of this machine's byte order, as on the line to the
    grader. A tensor becomes an ordinary one, apart from any graph, that keeps its ``requires_grad``.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if issubclass(kind, np.ndarray):
        base = np.ndarray.view(value, np.ndarray)
        return np.array(base, dtype=_plain_dtype(base.dtype)) if base.dtype.kind in "biufc" else value
    if issubclass(kind, np.generic):
        return plain(np.array(value))
    if issubclass(kind, tuple):
        return tuple(plain(item) for item in tuple.__iter__(value))
    if issubclass(kind, list):
        return [plain(item) for item in list.__iter__(value)]
    if issubclass(kind, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    return plain_tensor(value) if is_tensor(value) else value


def _plain_dtype(dtype):
    return {"g": np.dtype(float), "G": np.dtype(complex)}.get(dtype.char, dtype.newbyteorder("="))


def numbers(value, what=RESULT):
    """Return ``value`` as a plain array with its own dtype; raise ``Wrong`` unless it is made of real numbers."""
    value = plain(value)
    if value is None:
        raise Wrong(tr("A number or an array was expected for {what}, but it is None.", what=tr(what)), "None")
    odd = _odd_part(without_tensors(value))
    if odd is not None:
        raise Wrong(
            tr("Numbers were expected for {what}, but {it}.", what=tr(what), it=_placed(value, odd)), "NotNumbers"
        )
    try:
        array = np.array(without_tensors(value))
    except ValueError:
        sentence = tr("The rows of {what} have different lengths.", what=tr(what))
        if isinstance(value, tuple):  # return y, cache
            sentence = tr(
                "One array was expected for {what}, but {count} results came out.", what=tr(what), count=len(value)
            )
        raise Wrong(sentence, "NotNumbers", got=value) from None
    if array.dtype.kind == "c":
        raise Wrong(
            tr(
                "Real numbers were expected for {what}, but they are complex: is there a root of a negative number?",
                what=tr(what),
            ),
            "NotNumbers",
        )
    if array.dtype.kind == "b" and array.ndim:
        raise Wrong(
            tr("Numbers were expected for {what}, but it is a mask of True and False.", what=tr(what)), "NotNumbers"
        )
    if array.dtype.kind not in "biuf":
        raise Wrong(
            tr("Numbers were expected for {what}, but whole numbers of so many digits are none.", what=tr(what)),
            "NotNumbers",
        )
    known = {"?": int, "e": np.float32}  # np.linalg takes no float16
    return array.astype(known.get(array.dtype.char, array.dtype), copy=False)


def _odd_part(value):
    """The first part of ``value`` that is no number and no array of numbers, in a tuple of its own; else ``None``."""
    if type(value) in (bool, int, float, complex):
        return None
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return None
    if type(value) in (tuple, list):
        return next((odd for item in value if (odd := _odd_part(item)) is not None), None)
    return (value,)


def _placed(value, odd):
    inside = type(value) in (tuple, list)
    if inside:
        return tr("the {type} holds {what}", type=type(value).__name__, what=described(odd[0]))
    return tr("it is {what}", what=described(value))


def described(value):
    """What a value is, in a few words: "an array of bool of shape (3, 2)", "text", "something of type set"."""
    name = type_name(value)
    if name == "ndarray" and not (isinstance(value, np.ndarray) and value.dtype.kind in "biufc"):
        return tr("an array of something other than numbers")  # in grading, a name without the array
    if name == "ndarray":
        return tr("an array of {type} of shape {shape}", type=value.dtype.name, shape=value.shape)
    return tr(KINDS[name]) if name in KINDS else tr("something of type {type}", type=name)


def type_name(value):
    """The name of a value's type; of an array that holds no numbers, what it holds. Grading uses the same names."""
    if isinstance(value, np.ndarray):
        return {"O": "array_of_objects", "U": "array_of_text", "S": "array_of_text"}.get(value.dtype.kind, "ndarray")
    return type(value).__name__


KINDS = {
    "NoneType": "None",
    "dict": later("a dict"),
    "str": later("text"),
    "array_of_objects": later("an array of objects (of lists of different lengths, or with None in it)"),
    "array_of_text": later("an array of text"),
}


def _about(sentence, what, **values):
    """``sentence`` about the result called ``what``, at its beginning ``{What}``, in the language of the course."""
    return tr(sentence, what=tr(what), What=capital(tr(what)), **values)


def shaped(got, shape, what=RESULT):
    """Return ``got`` as an array of numbers with the given shape, or raise ``Wrong``.

    They are finite, and small enough to compute with: what overflows would make any two things equal.
    """
    got = numbers(got, what)
    if got.shape != shape:
        raise Wrong(
            _about(
                "The shape of {what} is {shape}, but {expected} was expected.", what, shape=got.shape, expected=shape
            ),
            "Shape",
            got=got,
        )
    if not np.all(np.isfinite(got)):
        raise Wrong(_about("Not every entry of {what} is a finite number.", what), "NotFinite", got=got)
    if not np.all(np.abs(got.astype(float)) < HUGE):
        raise Wrong(
            _about("Some entries of {what} are so large that nothing can be computed with them.", what), "Huge", got=got
        )
    return got


def sized(got, shape, what=RESULT, scale=1.0):
    """``shaped``, for an own result from which the check goes on: what follows is compared at *its* size.

    Next to numbers that are far too large, or far too small, everything would be equal. ``scale``: the size that its
    largest entry has in a right answer, to a factor of some thousands.
    """
    got = shaped(got, shape, what)
    size = np.max(np.abs(got.astype(float)), initial=0.0)
    if not scale / WITHIN < size < scale * WITHIN:
        far = _about("{What} is far too large.", what) if size > scale else _about("{What} is far too small.", what)
        raise Wrong(far, got=got)
    return got


def close(got, expected, what=RESULT, rtol=1e-9, atol=1e-12):
    """Raise ``Wrong`` unless ``got`` has the shape and the values of ``expected``.

    Args:
        got: what the student's function returned, or a point at which it asked for something.
        expected: finite numbers.
        what: the thing's name in the sentence, ``"the new velocity"``.
        rtol, atol: as ``numpy.isclose``.
    """
    expected = np.asarray(expected, dtype=float)
    got = shaped(got, expected.shape, what)
    if np.all(np.isfinite(expected)) and np.all(np.isclose(got, expected, rtol, atol)):
        return
    rounded = (np.floor(expected) <= got) & (got <= np.ceil(expected))
    whole = got.dtype.kind in "biu" and np.all(rounded) and np.any(expected != np.floor(expected))
    single = got.dtype == np.float32
    half = single and np.all(got == got.astype(np.float16))
    digits = 4e-3 if half else 1e-5 if single else 0.0
    short = digits and np.all(np.abs(got - expected) <= digits * np.max(np.abs(expected), initial=1e-3))
    kind = "Integer" if whole else "Precision" if short else "Value"
    raise Wrong(_about("{What} is not what was expected.", what), kind, got, expected)


def several(result, names):
    """Return ``result`` as a tuple with one entry for each of ``names``, or raise ``Wrong``.

    Results stacked into one array unpack as a tuple does: one row for each name. The entries are as they came.
    """
    wanted = {"count": len(names), "names": ", ".join(map(tr, names))}
    if result is None:
        raise Wrong(tr("{count} results were expected ({names}), but the function returned None.", **wanted), "None")
    if isinstance(result, np.ndarray) and result.ndim > 1 and len(result) == len(names):
        return tuple(result)
    if not isinstance(result, (tuple, list)) or (isinstance(result, list) and len(result) != len(names)):
        raise Wrong(
            tr("{count} results were expected ({names}), but only one came out.", **wanted), "Count", got=result
        )
    if len(result) != len(names):
        told = tr("{count} results were expected ({names}), but {got} came out.", **wanted, got=len(result))
        raise Wrong(told, "Count", got=result)
    return tuple(result)


def several_numbers(result, names):
    """As ``several``, where each result is one number: an array of them will do."""
    return several(tuple(result) if getattr(result, "shape", None) == (len(names),) else result, names)


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
