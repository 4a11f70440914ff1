"""Exercise 01-8: what a numerical gradient costs, and how good it can get, foretold."""

import numpy as np

from course_lib.chapters.ch01_backprop.checks.layers import TOPICS
from course_lib.checks.compare import close, several_numbers
from course_lib.checks.kinds import within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

COST = "The number of evaluations is right"
CENTRAL = "The best step of central differences is right, and their error there"
ONE_SIDED = "The best step of one-sided differences is right, and their error there"
NAMES = ("the number of evaluations", "the best step", "the error")
SHARE = 0.02
LONG = 3, 1e6, 1e-6, 2.0**-11  # the best step is longer than 1

plan = Exercise("01-8", "The bottom of the V", "best_difference", kind="predict", topics=TOPICS)


def _errors(steps, value, bend, rounding, central):
    """The two walls of the V, added."""
    if central:
        return rounding * value / steps + bend * steps**2 / 6
    return 2 * rounding * value / steps + bend * steps / 2


def _by_trying(num_parameters, value, bend, rounding, central):
    """Steps all over the scale, then closer ones around the best."""
    steps = np.logspace(-40, 20, 6001)
    for _ in range(2):
        low = int(np.argmin(_errors(steps, value, bend, rounding, central)))
        steps = np.geomspace(steps[max(low - 1, 0)], steps[min(low + 1, len(steps) - 1)], 101)
    errors = _errors(steps, value, bend, rounding, central)
    theta, asked = np.zeros(num_parameters), set()
    for i in range(num_parameters):
        for way in (1, -1) if central else (1, 0):
            asked.add(tuple(theta + way * (np.arange(num_parameters) == i)))
    return float(len(asked)), float(steps[np.argmin(errors)]), float(np.min(errors))


def _given(rng, central, small=None):
    """``(num_parameters, value, bend, rounding, central)``; the value below 1 and the bend above where ``small``."""
    value, bend = np.exp(rng.uniform(-7, 7, 2) if small is None else rng.uniform(1, 7, 2) * ((-1, 1), (1, -1))[small])
    return int(rng.integers(3, 30)), float(value), float(bend), float(10.0 ** rng.uniform(-17, -6)), central


def _step_and_error(result, given):
    found = several_numbers(result, NAMES)
    for got, right, name in list(zip(found, _by_trying(*given), NAMES, strict=True))[1:]:
        within(got, right, SHARE, name)


@plan.check(
    COST,
    points=2,
    hint="Count the points at which the function is asked, each once. Is theta itself among them?",
)
def number_of_evaluations(best_difference, rng):
    for central in (True, False):
        given = _given(rng, central)
        close(several_numbers(best_difference(*given), NAMES)[0], _by_trying(*given)[0], NAMES[0])


@plan.check(
    CENTRAL,
    points=2,
    hint=(
        "Where the sum of both walls is lowest its derivative by h is 0.",
        "rounding * value / h^2 = bend * h / 3",
    ),
)
def bottom_of_central(best_difference, rng):
    for given in (*(_given(rng, True, small) for small in (False, True) * 3), (*LONG, True)):
        _step_and_error(best_difference(*given), given)


@plan.check(ONE_SIDED, points=1, hint="The same with its two walls: 2 * rounding * value / h^2 = bend / 2.")
def bottom_of_one_sided(best_difference, rng):
    for given in (*(_given(rng, False, small) for small in (False, True) * 3), (*LONG, False)):
        _step_and_error(best_difference(*given), given)


def _plans(rng):
    """One parameter and many; float64 and float16; huge values and tiny ones, so that the best step is above 1, or far
    below a millionth."""
    drawn = [_given(rng, central) for central in (True, False, True, False)]
    far = [(2, 1e6, 1e-6, 2.0**-11), (5, 1e-6, 1e6, 2.0**-53)]
    drawn += [(*one, central) for one in far for central in (True, False)]
    return [*drawn, (1, 1.0, 1.0, 2.0**-53, True), (1, 1000.0, 6.0, 2.0**-53, False), (40, 1e-6, 1e4, 2.0**-11, True)]


def _same_plan(result, expected, given, mine):
    found = several_numbers(result, NAMES)
    close(found[0], expected[0], NAMES[0])
    _step_and_error(result, mine)


whole(plan, _by_trying, _plans, NAMES, _same_plan)


def _balanced(central, value, bend, rounding, factor=1.0, power=None):
    """The step at which the walls' quotient is ``factor`` times that of the best one."""
    if central:
        return (3 * factor * rounding * value / bend) ** (power or 1 / 3)
    return (4 * factor * rounding * value / bend) ** (power or 1 / 2)


def _count(n, central):
    return 2 * n if central else n + 1


def _made(count=_count, factors=(1.0, 1.0), powers=(None, None), error=(_errors, _errors), steps=(1.0, 1.0)):
    """An answer with its faults as switches; pairs are for one-sided and for central differences."""

    def answer(num_parameters, value, bend, rounding, central):
        which = int(bool(central))
        step = _balanced(central, value, bend, rounding, factors[which], powers[which]) * steps[which]
        left = error[which](step, value, bend, rounding, central)
        return float(count(num_parameters, central)), float(step), float(left)

    return answer


def _left(steps, value, bend, rounding, central):
    return (1 if central else 2) * rounding * value / steps


def _right(steps, value, bend, rounding, central):
    return bend * steps**2 / 6 if central else bend * steps / 2


for name, fails, says, switches in (
    (
        "the centre not counted",
        COST,
        "One-sided differences ask at theta itself, too: once for all coordinates.",
        {"count": lambda n, central: 2 * n if central else n},
    ),
    (
        "the centre counted",
        COST,
        "Central differences never ask at theta itself.",
        {"count": lambda n, central: 2 * n + 1 if central else n + 1},
    ),
    (
        "two for each",
        COST,
        "One-sided differences share the value at theta: ask for it once.",
        {"count": lambda n, central: 2 * n},
    ),
    (
        "one for each",
        COST,
        "Central differences ask on both sides of each coordinate.",
        {"count": lambda n, central: n if central else n + 1},
    ),
    (
        "a single evaluation",
        COST,
        "Each coordinate is moved by itself: the cost grows with their number.",
        {"count": lambda n, central: 2},
    ),
    (
        "walls of the same height",
        CENTRAL,
        "The sum is lowest where its derivative is 0, and not where both walls are equally high.",
        {"factors": (1.0, 2.0)},
    ),
    (
        "the square root",
        CENTRAL,
        "One wall falls like 1/h and the other rises like h^2: that makes a third root.",
        {"powers": (None, 1 / 2)},
    ),
    ("the 6 left out", CENTRAL, "The right wall is bend * h^2 / 6.", {"factors": (1.0, 1 / 6)}),
    ("one wall of the central", CENTRAL, "The error is the sum of both walls.", {"error": (_errors, _left)}),
    ("one wall of the central", CENTRAL, "The error is the sum of both walls.", {"error": (_errors, _right)}),
    (
        "the third root",
        ONE_SIDED,
        "With one-sided differences the right wall rises like h: that makes a square root.",
        {"powers": (1 / 3, None)},
    ),
    (
        "rounded once",
        ONE_SIDED,
        "Both values are rounded, and the difference is divided by h: 2 * rounding * value / h.",
        {"factors": (0.5, 1.0)},
    ),
    ("the 2 of the right wall left out", ONE_SIDED, "The right wall is bend * h / 2.", {"factors": (0.25, 1.0)}),
    ("one wall of the one-sided", ONE_SIDED, "The error is the sum of both walls.", {"error": (_left, _errors)}),
    (
        "a step ten times too large",
        (CENTRAL, ONE_SIDED),
        "There the right wall is far too high: look for the place where the sum is lowest.",
        {"steps": (10.0, 10.0)},
    ),
    (
        "a step ten times too small",
        (CENTRAL, ONE_SIDED),
        "There rounding is far too large: look for the place where the sum is lowest.",
        {"steps": (0.1, 0.1)},
    ),
):
    plan.mistake(name, fails, says)(_made(**switches))


@plan.mistake(
    "a rule of thumb for the step",
    (CENTRAL, ONE_SIDED),
    "The root of the rounding alone is a rule for values and derivatives of size 1: value and bend count, too.",
)
def rule_of_thumb(num_parameters, value, bend, rounding, central):
    step = rounding ** (1 / 3 if central else 1 / 2)
    return float(_count(num_parameters, central)), step, float(_errors(step, value, bend, rounding, central))


@plan.mistake("always 1e-5", (CENTRAL, ONE_SIDED), "1e-5 is good for values of size 1 in float64, and bad elsewhere.")
def always_the_same(num_parameters, value, bend, rounding, central):
    step = 1e-5
    return float(_count(num_parameters, central)), step, float(_errors(step, value, bend, rounding, central))
