"""What a wrong result has in common with the right one, in every case of the check of the whole.

Not a guess: each sentence is true of all that came out. Where a result is wrong about which there is nothing to say,
nothing is said of the others either.
"""

from itertools import permutations

import numpy as np

from course_lib.checks.compare import Wrong, numbers, several
from course_lib.settings.language import later, tr

FACTORS = {
    2.0: later("twice"),
    0.5: later("half of"),
    3.0: later("three times"),
    4.0: later("four times"),
    0.25: later("a quarter of"),
    -1.0: "minus",
}
ORDER = later("The numbers are right, but they stand in each other's places: return {names}, in this order.")
SIGN = later(
    "Every entry is what it should be but for its sign: look for a plus that is a minus, or a difference turned round."
)
FACTOR = later("Every entry is {factor} what it should be: look for a factor that is missing, or that is there twice.")
ROWS = later("Every entry is {changed}: is it a sum or a mean, and has it been divided already?")
TRANSPOSED = later("The rows of the result are the columns of the right one: look for a transpose too many or too few.")
ZERO = later("The result is 0 in every case: does anything that was computed get into it?")


def fact(seen, names):
    """``(name, what to do)`` of what holds in all cases, ``("", "")`` if nothing does.

    Args:
        seen: ``[(result, expected, arguments), ...]``, one for each case.
        names: of the results.
    """
    try:
        rows = [(_parts(result, names), _parts(expected, names), given) for result, expected, given in seen]
    except (Wrong, TypeError, ValueError):
        return "", ""
    if len(names) > 1 and any(
        _all(rows, order) for order in permutations(range(len(names))) if list(order) != sorted(order)
    ):
        return tr("results in another order"), tr(ORDER, names=", ".join(map(tr, names)))
    wrong = [k for k in range(len(names)) if not all(_near(got[k], right[k]) for got, right, _ in rows)]
    found = [_of_one([(got[k], right[k], given) for got, right, given in rows]) for k in wrong]
    if not found or not all(found):
        return "", ""
    said = {says: None for _, says in found}
    return "; ".join(f"{tr(names[k])} {what}" for k, (what, _) in zip(wrong, found, strict=True)), " ".join(said)


def _parts(result, names):
    parts = several(result, names) if len(names) > 1 else (result,)
    return [numbers(part).astype(float) for part in parts]


def _all(rows, order):
    return all(_near(got[place], right[k]) for got, right, _ in rows for k, place in enumerate(order))


def _near(one, other):
    size = min(1.0, np.max(np.abs(other), initial=0.0))
    size = size if size > 1e-13 else 1.0  # what is small all over is compared by its own size, but for rounding's 0
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-6, atol=1e-9 * size))


def _of_one(cases):
    """``(what, advice)`` of one result, or ``None``."""
    if all(got.ndim == 2 and _near(got.T, right) for got, right, _ in cases):
        return tr("transposed"), tr(TRANSPOSED)
    if any(got.shape != right.shape or not np.isfinite(got).all() for got, right, _ in cases):
        return None
    if not any(got.any() for got, _, _ in cases):
        return tr("is 0 everywhere"), tr(ZERO)
    telling = [case for case in cases if case[1].any()]
    if not telling or any(got.any() for got, right, _ in cases if not right.any()):
        return None  # nothing is twice what should be 0
    factors = [float(np.vdot(got, right) / np.vdot(right, right)) for got, right, _ in telling]
    if not all(_near(got, c * right) for (got, right, _), c in zip(telling, factors, strict=True)):
        return None
    for value, word in FACTORS.items():
        if np.allclose(factors, value):
            if value == -1:
                return tr("with the opposite sign"), tr(SIGN)
            return tr("{factor} what it should be", factor=tr(word)), tr(FACTOR, factor=tr(word))
    lengths = np.array([_rows(given) for _, _, given in telling], dtype=float)
    if np.ptp(lengths) and np.allclose(factors, lengths):
        return tr("times the number of rows"), tr(ROWS, changed=tr("multiplied by the number of rows"))
    if np.ptp(lengths) and np.allclose(factors, 1 / lengths):
        return tr("divided by the number of rows"), tr(ROWS, changed=tr("divided by the number of rows"))
    return None


def _rows(given):
    return next((len(value) for value in given if isinstance(value, np.ndarray) and value.ndim), 0)
