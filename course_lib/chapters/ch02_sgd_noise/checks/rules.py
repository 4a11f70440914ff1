"""Exercises 02-3 to 02-5: a line search, a schedule with restarts, an average. Each is one rule of a few lines."""

import numpy as np

from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import NOTHING, Wrong, close, numbers, several, shaped
from course_lib.checks.facts import telling
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign

TOPICS = ("optimizers", "schedules", "sampling")
PURE = "The arrays that were given are left as they were"
PURE_HINT = "theta = theta - step makes a new array; theta -= step writes into the caller's."

armijo = Exercise("02-3", "Armijo backtracking", "armijo", topics=TOPICS)
restarts = Exercise("02-4", "Cosine with restarts", "cosine_restarts", topics=TOPICS)
averaging = Exercise("02-5", "Averaging the iterates", "averaged_step", topics=TOPICS)


def vector(rng):
    """Three numbers of either sign, none near zero."""
    return either_sign(rng, 0.5, 2.0, 3)


# --- 02-3: theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease -> step_size ------

FIRST = "A first step that decreases enough is taken as it is"
SHRINKS = "A step that is too long shrinks by the factor until it decreases enough"
ENOUGH = "Enough is measured by the slope along the search direction and the length of the step"
PATIENCE = 1000
GIVES_UP = "gives up after some steps", "The loop ends after a fixed number of steps: go on until one decreases enough."


def patient(value):
    """``value`` as a function that remembers where it was asked, and ends a loop that asks for ever."""

    def answer(theta):
        if len(spy.asked) > PATIENCE:
            raise TimeoutError(f"value was asked more than {PATIENCE} times: the loop never ends.")
        return np.array(value(theta))

    spy = Spy(answer)
    return spy


def _round_bowl(bend):
    """``bend / 2 * theta^2``."""
    return patient(lambda theta: bend / 2 * np.sum(theta**2))


def _search(rng, tempo, first, shrink, decrease, bend=None, steep=None):
    """Arguments of a search on a round bowl whose minimum along the direction, ``-tempo * gradient``, is at 1.

    ``first`` is in units of that best step; a step decreases enough up to 2 * (1 - decrease) of it. ``steep``: how long
    the gradient is, drawn without it.
    """
    bend, theta = bend or rng.uniform(0.5, 2.0), vector(rng)
    theta = theta * (steep / bend / np.linalg.norm(theta) if steep else 1.0)
    gradient = bend * theta
    return theta, -tempo * gradient, _round_bowl(bend), gradient, first / (tempo * bend), shrink, decrease


def aslant(rng):
    """A search on a round bowl, nearly at a right angle to the gradient: the slope is a small part of both lengths.

    One shrink by half is right; a threshold made of the two lengths asks for more.
    """
    bend, theta = rng.uniform(0.1, 0.3), vector(rng)
    gradient, size = bend * theta, bend * np.linalg.norm(theta)
    across = np.cross(theta, vector(rng))
    direction = -0.3 * gradient + np.sqrt(1 - 0.3**2) * size * across / np.linalg.norm(across)
    first = rng.uniform(0.62, 0.68) / bend  # up to 2 (1 - 0.2) 0.3 = 0.48 of 1 / bend decreases enough
    return theta, direction, _round_bowl(bend), gradient, first, 0.5, 0.2


def after(rng, trials, shrink):
    """A search that takes ``trials`` shrinks: half a shrink less, or more, would do as well."""
    decrease = rng.uniform(0.2, 0.4)
    return _search(rng, 1.0, 2 * (1 - decrease) / shrink ** (trials - 0.5), shrink, decrease)


def _number(result):
    """A step size as it came, finite or not."""
    result = numbers(result, "the step size")
    return result if result.shape == () else shaped(result, (), "the step size")


def gives_up(seen):
    """What is true of a search that ends after so many steps, whatever they bring: all wrong ones are as many."""
    try:
        seen = [(numbers(got), right, given) for got, right, given in seen]
    except Wrong:
        return NOTHING
    if any(got.shape != () or not got > 0 for got, _, _ in seen):
        return NOTHING
    rows = [np.log([got / first, right / first]) / np.log(shrink) for got, right, (*_, first, shrink, _) in seen]
    wrong = [(took, needed) for took, needed in rows if abs(took - needed) > 1e-6]
    most = max(took for took, _ in rows)
    same = len(wrong) > 1 and all(abs(took - most) < 1e-6 and took < needed for took, needed in wrong)
    return GIVES_UP if same and most > 0.5 else NOTHING


def _compare(got, expected):
    """``close``, with what is true of many wrong steps, whatever led to them."""
    got = numbers(got, "the step size")
    same, expected = got.shape == np.shape(expected), np.asarray(expected)
    with (
        telling(
            lambda: same and np.any(got < 1e-4 * expected),
            "shrinks until nothing is left",
            "A short step is not taken where it should be: the condition is never met. Print both of its sides.",
        ),
        telling(
            lambda: same and np.any(got > 50 * expected),
            "steps that grow",
            "shrink is less than 1: multiplied by it the step gets shorter, divided by it longer.",
        ),
    ):
        close(got, expected, "the step size")


@armijo.check(FIRST, points=1, hint="Try first_step first; shrink only if the condition fails.")
def first_step_that_decreases_enough(armijo, rng):
    given = _search(rng, 1.0, rng.uniform(0.3, 1.4), rng.uniform(0.3, 0.7), 1e-6, steep=0.05)
    _compare(armijo(*given), given[4])


@armijo.check(
    SHRINKS,
    points=2,
    hint=("Repeat: while the condition fails, multiply by shrink.", "while ...: step_size = shrink * step_size"),
)
def step_that_is_too_long_shrinks(armijo, rng):
    # a direction made one long takes other steps: gradients are far from that, shorter and longer
    shrinks = rng.permutation([rng.choice([0.3, 0.4]), 0.6])
    for times, steep, shrink in zip(rng.permutation([3, rng.choice([2, 4])]), (0.05, 20.0), shrinks, strict=True):
        given = _search(rng, 1.0, (1.9 if shrink > 0.5 else 1.6) / shrink**times, shrink, 1e-6, steep=steep)
        _compare(armijo(*given), given[4] * shrink**times)


@armijo.check(
    ENOUGH,
    points=2,
    hint=(
        "The slope along the direction is gradient @ search_direction, a negative number.",
        "value(theta + s * d) <= value(theta) + sufficient_decrease * s * (gradient @ d)",
    ),
)
def enough_is_measured_by_the_slope(armijo, rng):
    # 1.2 best steps are the limit: the first of these needs two shrinks, the others one. The bowls are flat, so that
    # even a decrease that does not go with the step is reached somewhere: no search of a known mistake ends at 0
    cases = [
        (3.0, rng.uniform(1.55, 1.65) / 0.6, 0.6, 2),
        (0.5, rng.uniform(1.55, 1.65), 0.6, 1),
        (0.5, rng.uniform(2.2, 2.3), 0.5, 1),
    ]
    given = [_search(rng, *case[:3], 0.4, bend=rng.uniform(0.05, 0.08)) for case in cases]
    cases.append((1.0, rng.uniform(1.75, 1.8), 0.8, 2))  # any decrease takes the first step, a fixed one the second
    given.append(_search(rng, *cases[-1][:3], 0.4, bend=0.375 / 0.4))
    got = [_number(armijo(*arguments)) for arguments in given]
    expected = [first * shrink ** case[-1] for case, (*_, first, shrink, _) in zip(cases, given, strict=True)]
    given.append(aslant(rng))
    got.append(_number(armijo(*given[-1])))
    expected.append(given[-1][4] / 2)
    _compare(np.array(got), expected)


@armijo.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left(armijo, rng):
    given = _search(rng, 1.0, 1.0, 0.5, 1e-6)
    leaves_inputs_alone(armijo, *given, other=_search(rng, 1.0, 0.9, 0.5, 1e-6))


def _backtrack(theta, direction, value, limit, step_size, shrink, most=900):
    """Shrink until ``value(theta + s d) <= limit(s)``, ``most`` times at most."""
    for _ in range(most):
        if value(theta + step_size * direction) <= limit(step_size):
            break
        step_size = shrink * step_size
    return step_size


def _with_powers(theta, direction, value, limit, step_size, shrink):
    for k in range(1, 30):
        if value(theta + step_size * direction) <= limit(step_size):
            break
        step_size = shrink**k * step_size
    return step_size


@armijo.mistake(
    "any decrease will do",
    ENOUGH,
    "A step that gains next to nothing passes: the value must fall by sufficient_decrease * step * slope.",
)
def any_decrease_will_do(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start = value(theta)
    return _backtrack(theta, search_direction, value, lambda s: start, first_step, shrink)


@armijo.mistake(
    "slope with the wrong sign",
    ENOUGH,
    "The slope along a search direction is negative, so it is added: subtracting it lets the value rise.",
)
def slope_with_the_wrong_sign(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope = value(theta), gradient @ search_direction
    return _backtrack(
        theta, search_direction, value, lambda s: start - sufficient_decrease * s * slope, first_step, shrink
    )


@armijo.mistake(
    "the same decrease for every step",
    ENOUGH,
    "The decrease that is asked for goes with the length of the step: multiply by the step size.",
)
def same_decrease_for_every_step(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    limit = value(theta) + sufficient_decrease * (gradient @ search_direction)
    return _backtrack(theta, search_direction, value, lambda s: limit, first_step, shrink)


@armijo.mistake(
    "the squared gradient for the slope",
    ENOUGH,
    "-gradient @ gradient is the slope along -gradient "
    "only: the slope along any direction is gradient @ search_direction.",
)
def squared_gradient_for_the_slope(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, square = value(theta), gradient @ gradient
    return _backtrack(
        theta, search_direction, value, lambda s: start - sufficient_decrease * s * square, first_step, shrink
    )


@armijo.mistake(
    "always along the gradient", ENOUGH, "The step goes along search_direction, which need not be minus the gradient."
)
def always_along_the_gradient(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, square = value(theta), gradient @ gradient
    return _backtrack(theta, -gradient, value, lambda s: start - sufficient_decrease * s * square, first_step, shrink)


@armijo.mistake(
    "compared with the step before",
    (SHRINKS, ENOUGH),
    "Enough is a fall below the value at theta, where the search began, and not below the step that was tried before.",
)
def compared_with_the_step_before(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    before, slope, step_size = value(theta), sufficient_decrease * (gradient @ search_direction), first_step
    while (here := value(theta + step_size * search_direction)) > before + step_size * slope:
        before, step_size = here, shrink * step_size
    return step_size


@armijo.mistake("shrinks before it looks", FIRST, "The first step is never tried: test it, then shrink.")
def shrinks_before_it_looks(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope = value(theta), gradient @ search_direction
    return _backtrack(
        theta, search_direction, value, lambda s: start + sufficient_decrease * s * slope, shrink * first_step, shrink
    )


@armijo.mistake(
    "never shrinks",
    (SHRINKS, ENOUGH),
    "first_step comes back whatever the value does: while the condition fails, multiply by shrink.",
)
def never_shrinks(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    return first_step


@armijo.mistake(
    "shrinks once only", (SHRINKS, ENOUGH), "An if tests once: it takes a while to test until the step fits."
)
def shrinks_once_only(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope = value(theta), gradient @ search_direction
    return _backtrack(
        theta, search_direction, value, lambda s: start + sufficient_decrease * s * slope, first_step, shrink, most=1
    )


@armijo.mistake(
    "the decrease of the first step for all",
    ENOUGH,
    "The bound goes with the step: compute it anew for each step that is tried.",
)
def decrease_of_the_first_step(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    limit = value(theta) + sufficient_decrease * first_step * (gradient @ search_direction)
    return _backtrack(theta, search_direction, value, lambda s: limit, first_step, shrink)


def _name_armijo(search):
    def answer(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
        start, slope = value(theta), sufficient_decrease * (gradient @ search_direction)
        return search(theta, search_direction, value, lambda s: start + s * slope, first_step, shrink)

    return answer


for name, says, search in (
    (
        "shrinks twice at once",
        "Each step that was tried in vain is multiplied by shrink once, then tried again.",
        lambda theta, d, value, limit, first, shrink: _backtrack(theta, d, value, limit, first, shrink**2),
    ),
    (
        "shrinks with a growing power",
        "first_step * shrink**k gives the k-th step; multiplied into the step of before it shrinks more and more.",
        lambda theta, d, value, limit, first, shrink: _with_powers(theta, d, value, limit, first, shrink),
    ),
    (
        "1 - shrink for shrink",
        "A step is multiplied by shrink itself: it says what is left, not what is taken off.",
        lambda theta, d, value, limit, first, shrink: _backtrack(theta, d, value, limit, first, 1 - shrink),
    ),
):
    armijo.mistake(name, (SHRINKS, ENOUGH), says)(_name_armijo(search))


def _another_slope(slope):
    def answer(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
        start, falls = value(theta), sufficient_decrease * slope(gradient, search_direction)
        return _backtrack(theta, search_direction, value, lambda s: start + s * falls, first_step, shrink)

    return answer


for name, says, slope in (
    (
        "both lengths for the slope",
        "The slope along the direction is gradient @ search_direction: the two lengths multiplied ask for more.",
        lambda gradient, d: -np.linalg.norm(gradient) * np.linalg.norm(d),
    ),
    (
        "half of the slope",
        "sufficient_decrease * step * slope is asked for: no 1/2 belongs to it.",
        lambda gradient, d: gradient @ d / 2,
    ),
):
    armijo.mistake(name, ENOUGH, says)(_another_slope(slope))


@armijo.mistake("always halves", (SHRINKS, ENOUGH), "The factor is shrink, not 1/2.")
def always_halves(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope = value(theta), gradient @ search_direction
    return _backtrack(
        theta, search_direction, value, lambda s: start + sufficient_decrease * s * slope, first_step, 0.5
    )


@armijo.mistake(
    "shrinks once more at the end", (FIRST, SHRINKS, ENOUGH, PURE), "The step that passed is the one to return."
)
def shrinks_once_more_at_the_end(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope = value(theta), gradient @ search_direction
    return shrink * _backtrack(
        theta, search_direction, value, lambda s: start + sufficient_decrease * s * slope, first_step, shrink
    )


@armijo.mistake(
    "returns the new point", (FIRST, SHRINKS, ENOUGH, PURE), "Return the step size, a number: the caller moves."
)
def returns_the_new_point(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope = value(theta), gradient @ search_direction
    step_size = _backtrack(
        theta, search_direction, value, lambda s: start + sufficient_decrease * s * slope, first_step, shrink
    )
    return theta + step_size * search_direction


# --- 02-4: t, highest, lowest, period, period_factor -> learning rate ------------------------------------------

TOP = "The first update uses highest, and so does the first one after a period"
BOTTOM = "The last update of a period uses lowest"
BETWEEN = "In between it falls like half a cosine"
LONGER = "Each period is period_factor times as long as the one before"


def _range(rng):
    lowest = rng.uniform(0.01, 0.1)
    return lowest + rng.uniform(0.3, 0.9), lowest


def _rate(got):
    return shaped(got, (), "the learning rate")


@restarts.check(TOP, points=1, hint="Count the updates since the restart, from 0: at 0 the cosine is 1.")
def first_update_uses_highest_and_so(cosine_restarts, rng):
    highest, lowest = _range(rng)
    period = int(rng.integers(4, 12))
    for t in (1, period + 1, 3 * period + 1):
        close(_rate(cosine_restarts(t, highest, lowest, period, 1)), highest, "the learning rate")


@restarts.check(
    BOTTOM,
    points=1,
    hint=(
        "A period has updates k = 0 ... period - 1: which fraction takes the last one all the way?",
        "part = k / (period - 1)",
    ),
)
def last_update_of_a_period_uses(cosine_restarts, rng):
    highest, lowest = _range(rng)
    period = int(rng.integers(4, 12))
    for t in (period, 2 * period):
        close(_rate(cosine_restarts(t, highest, lowest, period, 1)), lowest, "the learning rate")


@restarts.check(
    BETWEEN, points=1, hint="lowest + (highest - lowest) * (1 + cos(pi * part)) / 2, part going from 0 to 1"
)
def in_between_it_falls_like_half(cosine_restarts, rng):
    highest, lowest = _range(rng)
    period = 4 * int(rng.integers(2, 5)) + 1  # a quarter of the way is a whole number of updates
    got = _rate(cosine_restarts((period - 1) // 4 + 1, highest, lowest, period, 1))
    close(got, lowest + (highest - lowest) * (1 + np.cos(np.pi / 4)) / 2, "the learning rate")  # (2.16)


@restarts.check(
    LONGER,
    points=2,
    hint=(
        "With period 3 and factor 2 the periods last 3, 6, 12, ... updates: the second restart is at t = 10.",
        "While k >= period: k = k - period, and period = period * period_factor",
    ),
)
def each_period_is_period_factor_times(cosine_restarts, rng):
    highest, lowest = _range(rng)
    period, factor = int(rng.integers(5, 8)), int(rng.integers(3, 5))
    second, third = period * factor, period * factor**2
    for start, length in ((period, second), (period + second, third)):
        times = start + 1 + np.unique(np.linspace(0, length - 1, 24).astype(int))
        rates = [float(_rate(cosine_restarts(int(t), highest, lowest, period, factor))) for t in times]
        if np.any(np.diff(rates) > 1e-12):
            raise Wrong("The learning rate rises within the second or the third period.", got=np.array(rates))
    if np.isclose(_rate(cosine_restarts(2 * period + 1, highest, lowest, period, factor)), highest):
        raise Wrong("The second period ends as early as the first one did.")
    got = [
        _rate(cosine_restarts(t, highest, lowest, period, factor))
        for t in (period + second + 1, period + second + third + 1)
    ]
    close(np.array(got), [highest, highest], "the learning rate after the second and the third period")


def _restart_mistake(name, fails, says, shape=None, grow=None, since=None, restart=True, first_part=False):
    """A wrong ``shape(k, period, highest, lowest)``, growth of the period, or count of updates."""

    def half_cosine(k, period, highest, lowest):
        return lowest + (highest - lowest) * (1 + np.cos(np.pi * k / (period - 1))) / 2

    def function(t, highest, lowest, period, period_factor):
        k, length, number = (t - 1 if since is None else since(t)), period, 1
        while restart and k >= length:
            k, number = k - length, number + 1
            length = grow(length, period, period_factor, number) if grow else length * period_factor
        length = period if first_part else length
        return (shape or half_cosine)(k if restart else min(k, length - 1), length, highest, lowest)

    restarts.mistake(name, fails, says)(function)


_restart_mistake(
    "lowest never reached",
    (BOTTOM, BETWEEN),
    "This is L3's program: k / period never gets to 1, and the restart comes before lowest is used (erratum E16).",
    shape=lambda k, period, high, low: low + (high - low) * (1 + np.cos(np.pi * k / period)) / 2,
)
_restart_mistake(
    "a straight line",
    BETWEEN,
    "A cosine is flat at both ends and steep between them: put part into (1 + cos(pi * part)) / 2.",
    shape=lambda k, period, high, low: high + (low - high) * k / (period - 1),
)
_restart_mistake(
    "a quarter of a cosine",
    BETWEEN,
    "The cosine goes from 1 to -1, half a turn, pi; and the 1 is added before halving.",
    shape=lambda k, period, high, low: low + (high - low) * np.cos(np.pi / 2 * k / (period - 1)),
)
_restart_mistake(
    "a geometric decay",
    BETWEEN,
    "This falls by the same factor at every update: the cosine does not.",
    shape=lambda k, period, high, low: high * (low / high) ** (k / (period - 1)),
)
_restart_mistake(
    "a squared cosine",
    BETWEEN,
    "Halve 1 + cos, do not square it.",
    shape=lambda k, period, high, low: low + (high - low) * ((1 + np.cos(np.pi * k / (period - 1))) / 2) ** 2,
)
_restart_mistake(
    "periods stay as they are",
    LONGER,
    "period_factor is not used: after every restart the period is multiplied by it.",
    grow=lambda length, period, factor, number: length,
)
_restart_mistake(
    "every period twice as long, whatever period_factor says",
    (BOTTOM, LONGER),
    "The period is multiplied by period_factor, which need not be 2.",
    grow=lambda length, period, factor, number: 2 * length,
)
_restart_mistake(
    "lowest not taken from highest",
    (TOP, BETWEEN, LONGER),
    "The cosine goes over the range between the two, highest - lowest: added to lowest, highest alone is too much.",
    shape=lambda k, period, high, low: low + high * (1 + np.cos(np.pi * k / (period - 1))) / 2,
)
_restart_mistake(
    "period_factor added",
    LONGER,
    "The period is multiplied by period_factor, not made longer by it.",
    grow=lambda length, period, factor, number: length + factor - 1,
)
_restart_mistake(
    "periods grow in a line",
    LONGER,
    "The third period is period_factor times the second, not three times the first.",
    grow=lambda length, period, factor, number: period * (1 + (factor - 1) * (number - 1)),
)
_restart_mistake(
    "only the second period is longer",
    LONGER,
    "The period grows at every restart: multiply it by period_factor inside the loop, not once.",
    grow=lambda length, period, factor, number: period * factor,
)
_restart_mistake(
    "growth of the period forgotten in part",
    LONGER,
    "A longer period falls more slowly: part = k / (T - 1) with the T of the period that t lies in, not the first one.",
    first_part=True,
)
_restart_mistake(
    "counts from 0",
    (TOP, BOTTOM, BETWEEN, LONGER),
    "The first update is t = 1: t - 1 updates came before it.",
    since=lambda t: t,
)
_restart_mistake(
    "no restart",
    (TOP, LONGER),
    "It falls once and stays at lowest: begin again at highest after every period.",
    restart=False,
)
_restart_mistake(
    "a whole turn",
    (BOTTOM, BETWEEN, LONGER),
    "2 pi brings the cosine back up within the period: half a turn, pi, ends at lowest.",
    shape=lambda k, period, high, low: low + (high - low) * (1 + np.cos(2 * np.pi * k / (period - 1))) / 2,
)
_restart_mistake(
    "highest and lowest swapped",
    (TOP, BOTTOM, BETWEEN, LONGER),
    "It begins at highest and falls to lowest.",
    shape=lambda k, period, high, low: high + (low - high) * (1 + np.cos(np.pi * k / (period - 1))) / 2,
)
_restart_mistake(
    "not halved",
    (TOP, BETWEEN, LONGER),
    "1 + cos goes from 2 to 0: divide it by 2.",
    shape=lambda k, period, high, low: low + (high - low) * (1 + np.cos(np.pi * k / (period - 1))),
)


@restarts.mistake(
    "the longer period taken off",
    LONGER,
    "Take the period that is over off the count, then make it longer: in the other order the new one is taken off.",
)
def longer_period_taken_off(t, highest, lowest, period, period_factor):
    k, length = t - 1, period
    while k >= length:
        length *= period_factor
        k -= length
    return lowest + (highest - lowest) * (1 + np.cos(np.pi * k / (length - 1))) / 2


# --- 02-5: theta, average, t, gradient, learning_rate, skip -> theta, average ----------------------------------

WALKS = "theta takes a plain step from theta, as if nobody averaged"
MEAN = "The average is that of all points from the first update on"
SKIPS = "The first skip points are left out of the average"
BOTH = ("theta", "average")


def _bowl(rng):
    root, minimum = rng.normal(size=(3, 3)), rng.normal(size=3)
    return Spy(lambda theta: (root @ root.T + np.eye(3)) @ (theta - minimum))


def _step_inputs(rng, t, skip):
    return vector(rng), vector(rng), t, _bowl(rng), rng.uniform(0.05, 0.2), skip


@averaging.check(
    WALKS,
    points=2,
    hint=("The average only watches: it never acts back on theta.", "theta = theta - learning_rate * gradient(theta)"),
)
def theta_takes_a_plain_step_from(averaged_step, rng):
    theta, average, t, gradient, learning_rate, skip = _step_inputs(rng, int(rng.integers(5, 20)), 0)
    expected = theta - learning_rate * gradient.function(theta)
    new, _ = several(averaged_step(theta, average, t, gradient, learning_rate, skip), BOTH)
    close(new, expected, "the new theta")


@averaging.check(
    MEAN,
    points=1,
    hint=(
        "After update t the average holds t points, each with weight 1 / t: how far does the newest one pull it?",
        "average = average + (theta - average) / t when nothing is skipped",
    ),
)
def average_is_that_of_all_points(averaged_step, rng):
    given = _step_inputs(rng, int(rng.integers(3, 9)), 0)
    new, average = several(averaged_step(*given), BOTH)
    new = shaped(new, (3,), "the new theta")
    close(average, given[1] + (new - given[1]) / given[2], "the new average")  # (2.31)


@averaging.check(
    SKIPS,
    points=2,
    hint=(
        "While t <= skip there is nothing to average yet: the average is theta itself. Then the count begins.",
        "The newest point has weight 1 / (t - skip).",
    ),
)
def first_skip_points_are_left_out(averaged_step, rng):
    skip = int(rng.integers(3, 8))
    for t in (skip, skip + 3):
        given = _step_inputs(rng, t, skip)
        new, average = several(averaged_step(*given), BOTH)
        new = shaped(new, (3,), "the new theta")
        expected = new if t <= skip else given[1] + (new - given[1]) / (t - skip)
        close(average, expected, "the new average")


@averaging.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left_as_they_were(averaged_step, rng):
    leaves_inputs_alone(averaged_step, *_step_inputs(rng, 4, 0), other=_step_inputs(rng, 5, 0))


def _averaging_mistake(name, fails, says, walk=None, mean=None):
    """A wrong ``walk(theta, average, gradient, learning_rate)`` or ``mean(new, average, t, skip, old)``."""

    def right_walk(theta, average, gradient, learning_rate):
        return theta - learning_rate * gradient(theta)

    def right_mean(new, average, t, skip, old):
        return new if t <= skip else average + (new - average) / (t - skip)

    def function(theta, average, t, gradient, learning_rate, skip):
        new = (walk or right_walk)(theta, average, gradient, learning_rate)
        return new, (mean or right_mean)(new, average, t, skip, theta)

    averaging.mistake(name, fails, says)(function)


_averaging_mistake(
    "gradient at the average",
    WALKS,
    "The average is a bystander: the gradient is taken where theta is.",
    walk=lambda theta, average, gradient, rate: theta - rate * gradient(average),
)
_averaging_mistake(
    "walks on from the average",
    WALKS,
    "The next step starts from theta, not from the average: averaging must not slow the walk down.",
    walk=lambda theta, average, gradient, rate: average - rate * gradient(average),
)
_averaging_mistake(
    "uphill",
    WALKS,
    "The gradient points uphill: subtract it.",
    walk=lambda theta, average, gradient, rate: theta + rate * gradient(theta),
)
_averaging_mistake(
    "skip not used",
    SKIPS,
    "The first skip points, which are still far away, stay in the average: leave them out.",
    mean=lambda new, average, t, skip, old: average + (new - average) / t,
)
_averaging_mistake(
    "skipped points still counted",
    SKIPS,
    "After skip points were left out, the average holds t - skip points, not t.",
    mean=lambda new, average, t, skip, old: new if t <= skip else average + (new - average) / t,
)
_averaging_mistake(
    "stands still while it skips",
    SKIPS,
    "While t <= skip the average is theta itself: the old average would bring the start back in.",
    mean=lambda new, average, t, skip, old: average if t <= skip else average + (new - average) / (t - skip),
)
_averaging_mistake(
    "the start counted too",
    (MEAN, SKIPS),
    "1 / (t + 1) has the start in the average; here it begins with the first update (E19: sources differ).",
    mean=lambda new, average, t, skip, old: new if t <= skip else average + (new - average) / (t - skip + 1),
)
_averaging_mistake(
    "the old theta averaged",
    (MEAN, SKIPS),
    "The point that joins the average is the new theta.",
    mean=lambda new, average, t, skip, old: old if t <= skip else average + (old - average) / (t - skip),
)
_averaging_mistake(
    "the last two points only",
    (MEAN, SKIPS),
    "(average + theta) / 2 halves the weight of everything older: a moving average, not the mean of all points.",
    mean=lambda new, average, t, skip, old: new if t <= skip else (average + new) / 2,
)
_averaging_mistake(
    "summed, not averaged",
    (MEAN, SKIPS),
    "Points are added up, but the sum is never divided by their number.",
    mean=lambda new, average, t, skip, old: new if t <= skip else average + new,
)


@averaging.mistake("results in the wrong order", (WALKS, MEAN, SKIPS, PURE), "Return theta first, then the average.")
def results_in_the_wrong_order(theta, average, t, gradient, learning_rate, skip):
    new = theta - learning_rate * gradient(theta)
    return (new if t <= skip else average + (new - average) / (t - skip)), new


@armijo.mistake(
    "exactly enough is refused",
    WHOLE,
    "A step that decreases by just as much as is asked for is taken: shrink while the value is larger than that.",
)
def exactly_enough_is_refused(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope, step_size = (value(theta), gradient @ search_direction, first_step)
    while value(theta + step_size * search_direction) >= start + sufficient_decrease * step_size * slope:
        step_size = shrink * step_size
    return step_size


@armijo.mistake(
    "the direction of the gradient for the trial points",
    ENOUGH,
    "Try points along search_direction, which need not be minus the gradient.",
)
def the_direction_of_the_gradient_for_the_trial_points(
    theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease
):
    start, slope, step_size = (value(theta), gradient @ search_direction, first_step)
    while value(theta - step_size * gradient) > start + sufficient_decrease * step_size * slope:
        step_size = shrink * step_size
    return step_size


@restarts.mistake(
    "restarts one update late", (TOP, LONGER), "The update after the last one of a period begins anew: k >= period."
)
def restarts_one_update_late(t, highest, lowest, period, period_factor):
    k = t - 1
    while k > period:
        k, period = (k - period, period * period_factor)
    return lowest + (highest - lowest) * (1 + np.cos(np.pi * k / (period - 1))) / 2


@restarts.mistake(
    "one restart only", (TOP, LONGER), "An if restarts once: it takes a while until k lies within its period."
)
def one_restart_only(t, highest, lowest, period, period_factor):
    k = t - 1
    if k >= period:
        k, period = (k - period, period * period_factor)
    return lowest + (highest - lowest) * (1 + np.cos(np.pi * k / (period - 1))) / 2


@restarts.mistake(
    "sine in place of cosine", (TOP, BOTTOM, LONGER), "A half cosine falls from 1 to -1; a sine begins and ends at 0."
)
def sine_in_place_of_cosine(t, highest, lowest, period, period_factor):
    k = t - 1
    while k >= period:
        k, period = (k - period, period * period_factor)
    return lowest + (highest - lowest) * (1 + np.sin(np.pi * k / (period - 1))) / 2


@averaging.mistake(
    "the point before the step averaged", (MEAN, SKIPS), "The average takes in the new point, after the step."
)
def the_point_before_the_step_averaged(theta, average, t, gradient, learning_rate, skip):
    old = theta
    theta = theta - learning_rate * gradient(theta)
    if t <= skip:
        return (theta, theta)
    return (theta, average + (old - average) / (t - skip))


@averaging.mistake("a moving average", (MEAN, SKIPS), "All points weigh the same: the new one counts 1 / (t - skip).")
def a_moving_average(theta, average, t, gradient, learning_rate, skip):
    theta = theta - learning_rate * gradient(theta)
    if t <= skip:
        return (theta, theta)
    return (theta, average + 0.1 * (theta - average))


@averaging.mistake(
    "the average comes back twice",
    (WALKS, MEAN, SKIPS, PURE),
    "theta goes on from its own place: return it beside the average.",
)
def the_average_comes_back_twice(theta, average, t, gradient, learning_rate, skip):
    theta = theta - learning_rate * gradient(theta)
    if t <= skip:
        return (theta, theta)
    average = average + (theta - average) / (t - skip)
    return (average, average)


@averaging.mistake(
    "the old average not reduced",
    (MEAN, SKIPS),
    "What comes in has to push something out: add (theta - average) / (t - skip).",
)
def the_old_average_not_reduced(theta, average, t, gradient, learning_rate, skip):
    theta = theta - learning_rate * gradient(theta)
    if t <= skip:
        return (theta, theta)
    return (theta, average + theta / (t - skip))
