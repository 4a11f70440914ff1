"""What a wrong result has in common with the right one, in every case of the check of the whole.

Not a guess: each sentence is true of all that came out. Where a result is wrong about which there is nothing to say,
nothing is said of the others either.
"""

from contextlib import contextmanager
from itertools import permutations

import numpy as np

from course_lib.checks.compare import NOTHING, Wrong, numbers, several
from course_lib.checks.resembles import changed_argument, done_to_it, factor
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
ONE_MORE = later(
    "It is 1 too large in every case: is something counted that should not be, or does counting begin at 1?"
)
ONE_LESS = later("It is 1 too small in every case: is something left out, or does counting begin at 0?")
ZERO = later("The result is 0 in every case: does anything that was computed get into it?")


@contextmanager
def telling(holds, name: str, says: str):
    """Give a ``Wrong`` that is raised inside a name, if ``holds``: whatever numbers came out, this is true of them.

    For a misconception that no list of known mistakes can hold, since it comes with any constant. Where the bank has
    a name for the answer, that one is given.
    """
    try:
        yield
    except Wrong as wrong:
        if _holds(holds):
            wrong.told = tr(name), tr(says)
        raise


def _holds(holds):
    """``holds``, or what it returns; False where what came out is nothing to compute with."""
    try:
        return bool(holds() if callable(holds) else holds)
    except (Wrong, TypeError, ValueError):
        return False


def fact(seen, names, arguments=(), answers=None, agree=None):
    """``(name, what to do)`` of what holds in all cases, ``("", "")`` if nothing does.

    Args:
        seen: ``[(result, expected, arguments), ...]``, one for each case.
        names: of the results.
        arguments: their names.
        answers: ``change -> iterator`` over the right results for ``change(arguments)``, if they may be asked for.
        agree: ``(number of the case, results)``, raises ``Wrong`` unless these are what came out.
    """
    try:
        rows = [(_parts(result, names), _parts(expected, names), given) for result, expected, given in seen]
    except (Wrong, TypeError, ValueError):
        return NOTHING
    if len(names) > 1 and any(
        _all(rows, order) for order in permutations(range(len(names))) if list(order) != sorted(order)
    ):
        return tr("results in another order"), tr(ORDER, names=", ".join(map(tr, names)))
    wrong = [k for k in range(len(names)) if not all(_near(got[k], right[k]) for got, right, _ in rows)]
    found = [_of_one([(got[k], right[k], given) for got, right, given in rows], arguments) for k in wrong]
    if wrong and not all(found) and answers:
        return _of_another_argument(rows, names, wrong, arguments, answers, agree) or NOTHING
    if not found or not all(found):
        return NOTHING
    said = {says: None for _, says in found}
    return "; ".join(f"{tr(names[k])} {what}" for k, (what, _) in zip(wrong, found, strict=True)), " ".join(said)


def _of_another_argument(rows, names, wrong, arguments, answers, agree):
    def agrees(number, results):
        parts = _parts(results, names)
        if all(_near(rows[number][0][k], parts[k]) for k in wrong):
            return True
        try:
            agree(number, results)
        except Wrong:
            return False
        return True

    return changed_argument(answers, (arguments, rows[0][2]), agrees)


def _parts(result, names):
    parts = several(result, names) if len(names) > 1 else (result,)
    return [numbers(part).astype(float) for part in parts]


def _all(rows, order):
    return all(_near(got[place], right[k]) for got, right, _ in rows for k, place in enumerate(order))


def _near(one, other):
    size = min(1.0, np.max(np.abs(other), initial=0.0))
    size = size if size > 1e-13 else 1.0  # what is small all over is compared by its own size, but for rounding's 0
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-6, atol=1e-9 * size))


def _of_one(cases, arguments=()):
    """``(what, advice)`` of one result, or ``None``."""
    if all(got.ndim == 2 and _near(got.T, right) for got, right, _ in cases):
        return tr("transposed"), tr(TRANSPOSED)
    if any(got.shape != right.shape or not np.isfinite(got).all() for got, right, _ in cases):
        return None
    if not any(got.any() for got, _, _ in cases):
        return tr("is 0 everywhere"), tr(ZERO)
    if all(got.ndim == 0 for got, _, _ in cases) and len(apart := {float(got - right) for got, right, _ in cases}) == 1:
        if apart == {1.0}:
            return tr("is 1 too large"), tr(ONE_MORE)
        if apart == {-1.0}:
            return tr("is 1 too small"), tr(ONE_LESS)
    return _by_a_factor(cases, arguments) or done_to_it(cases, arguments, _near)


def _by_a_factor(cases, arguments):
    telling = [case for case in cases if case[1].any()]
    if not telling or any(got.any() for got, right, _ in cases if not right.any()):
        return None  # nothing is twice what should be 0
    factors = [float(np.vdot(got, right) / np.vdot(right, right)) for got, right, _ in telling]
    if not all(_near(got, c * right) for (got, right, _), c in zip(telling, factors, strict=True)):
        return None
    if np.allclose(factors, 1, rtol=1e-5):
        return None  # rounding, or a step of the wrong size: no factor is missing
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
    return factor(factors, telling, arguments)


def _rows(given):
    return next((len(value) for value in given if isinstance(value, np.ndarray) and value.ndim), 0)
