"""What a wrong result amounts to: the right one for another argument, or the right one with something done to it.

A misconception has many clothes: whoever squares a variance does so in any formula. No list of known mistakes holds
them all, but two things can be tried. The right answer is asked again with one argument changed, or two exchanged; and
what came out is compared with simple functions of what should have come out. What is said is true of every case.
"""

from itertools import combinations

import numpy as np

from course_lib.settings.language import later, tr

AS_IF = later("{argument} {change}")
AS_IF_SAYS = later(
    "In every case your result is the right one for {argument} {change}: where in your code does that happen?"
)
EXCHANGED = later("{one} and {other} exchanged")
EXCHANGED_SAYS = later("In every case your result is the right one for {one} and {other} in each other's places.")
NUMBERS = (
    (later("squared"), np.square),
    (later("under a root"), lambda a: np.sqrt(np.abs(a))),
    (later("with the opposite sign"), np.negative),
    (later("without its sign"), np.abs),
    (later("taken twice"), lambda a: 2 * a),
    (later("halved"), lambda a: a / 2),
    (later("upside down"), lambda a: 1 / a),
    (later("taken from 1"), lambda a: 1 - a),
    (later("left out, as if it were 1"), np.ones_like),
    (later("left out, as if it were 0"), np.zeros_like),
)
COUNTS = (
    (later("one too large"), lambda n: n + 1),
    (later("one too small"), lambda n: n - 1),
    (later("left out, as if it were 1"), lambda n: 1),
)

POWERS = (
    (1, later("times {argument}")),
    (-1, later("divided by {argument}")),
    (2, later("times the square of {argument}")),
    (-2, later("divided by the square of {argument}")),
    (0.5, later("times the root of {argument}")),
    (-0.5, later("divided by the root of {argument}")),
)
FUNCTIONS = (
    (later("is squared"), np.square),
    (later("is the root of what it should be"), np.sqrt),
    (later("is upside down"), np.reciprocal),
    (later("is without its sign"), np.abs),
    (later("is cut off at 0"), lambda right: np.maximum(right, 0)),
    (later("is in the reverse order"), lambda right: right[::-1]),
)
DONE = later("In every case it is what it should be with this done to it: is it done once too often, or left out?")
TIMES = later("In every case it is what it should be, {times}: is that factor missing, or there once too often?")
CONSTANT = later("In every case it is off by one and the same factor: look for a number that is missing, or too many.")
MISSING = later("In every case it is what it should be less {argument}.")
TOO_MUCH = later("In every case it is what it should be plus {argument}.")
SUMS = (-1, later("lacks {argument}"), MISSING), (1, later("has {argument} added"), TOO_MUCH)
FIRST = later("All entries are right but the first: where does the loop, or the slice, begin?")
LAST = later("All entries are right but the last: where does the loop, or the slice, end?")
EVEN = later("All entries are the same number, though they should differ: what makes one entry differ from the next?")
SHIFTED = later("Each entry stands one place from where it should be: which of them comes first?")


# --- The right answer for other arguments --------------------------------------------------------------------------


def changed_argument(answers, arguments, agrees):
    """``(name, what to do)`` of the one change of the arguments that explains all results, or ``None``.

    Args:
        answers: ``change -> iterator`` over the cases: the right results for ``change(arguments)``.
        arguments: ``(names, values)`` of the first case.
        agrees: ``(number of the case, results) -> bool``: whether they are what came out.
    """
    names, values = arguments
    for place, value in enumerate(values[: len(names)]):
        for change, function in _changes(value):
            if _explains(answers, lambda given, p=place, f=function: _with(given, {p: f(given[p])}), agrees):
                said = {"argument": names[place], "change": tr(change)}
                return tr(AS_IF, **said), tr(AS_IF_SAYS, **said)
    for one, other in combinations(range(min(len(names), len(values))), 2):
        if _same_kind(values[one], values[other]) and _explains(
            answers, lambda given, a=one, b=other: _with(given, {a: given[b], b: given[a]}), agrees
        ):
            said = {"one": names[one], "other": names[other]}
            return tr(EXCHANGED, **said), tr(EXCHANGED_SAYS, **said)
    return None


def _changes(value):
    if isinstance(value, (float, np.ndarray)) and np.asarray(value).dtype.kind == "f":
        return NUMBERS
    return COUNTS if type(value) is int or isinstance(value, np.integer) else ()


def _same_kind(one, other):
    return all(_changes(value) for value in (one, other)) and np.shape(one) == np.shape(other)


def _with(given, new):
    return [new.get(place, value) for place, value in enumerate(given)]


def _explains(answers, change, agrees):
    def checked(given):
        new = change(given)
        if not all(np.isfinite(value).all() for value in new if _changes(value)):
            raise ValueError("The argument is not finite.")
        return new

    try:
        with np.errstate(all="ignore"):
            return all(agrees(k, results) for k, results in enumerate(answers(checked)))
    except Exception:  # an argument that no right answer is made for
        return False


# --- What was done to the right result ------------------------------------------------------------------------------


def done_to_it(cases, names, near):
    """``(what, what to do)`` of one result, or ``None``: ``cases`` are ``(got, right, arguments)``."""
    for what, function in FUNCTIONS:
        if _all_are(cases, function, near):
            return tr(what), tr(DONE)
    return _with_an_argument(cases, names, near) or _in_places(cases, near)


def _all_are(cases, function, near):
    try:
        with np.errstate(all="ignore"):
            made = [function(right) for _, right, _ in cases]
    except (IndexError, TypeError):
        return False
    telling = any(not near(new, right) for new, (_, right, _) in zip(made, cases, strict=True))
    return telling and all(near(got, new) for (got, _, _), new in zip(cases, made, strict=True))


def _with_an_argument(cases, names, near):
    for place, name in enumerate(names):
        values = [np.asarray(given[place], float) for _, _, given in cases if _changes(given[place])]
        if len(values) < len(cases) or any(not np.any(value) for value in values):
            continue
        for sign, what, says in SUMS:
            if all(
                value.shape == right.shape and near(got, right + sign * value)
                for (got, right, _), value in zip(cases, values, strict=True)
            ):
                return tr(what, argument=name), tr(says, argument=name)
    return None


def factor(factors, cases, names):
    """``(what, what to do)`` where each case is off by a factor that a number among the arguments explains."""
    if len(factors) > 1 and np.allclose(factors, factors[0]):
        return tr("is off by one and the same factor"), tr(CONSTANT)
    for place, name in enumerate(names):
        values = [given[place] for _, _, given in cases]
        if any(not _changes(value) or np.ndim(value) or value <= 0 for value in values) or not np.ptp(values):
            continue
        for power, what in POWERS:
            if np.allclose(factors, np.array(values, float) ** power):
                times = tr(what, argument=name)
                return times, tr(TIMES, times=times)
    return None


def _in_places(cases, near):
    long = [(got, right) for got, right, _ in cases if right.ndim and len(right) > 1 and not near(got, right)]
    if len(long) < 2 or max(len(right) for _, right in long) < 3:
        return None
    if all(near(got[1:], right[1:]) for got, right in long):
        return tr("is wrong in the first entry only"), tr(FIRST)
    if all(near(got[:-1], right[:-1]) for got, right in long):
        return tr("is wrong in the last entry only"), tr(LAST)
    if all(near(got[1:], right[:-1]) for got, right in long) or all(near(got[:-1], right[1:]) for got, right in long):
        return tr("is shifted by one place"), tr(SHIFTED)
    if all(np.ptp(got) == 0 < np.ptp(right) for got, right in long):
        return tr("is the same number everywhere"), tr(EVEN)
    return None
