"""Exercises 04-7, 04-9 and 04-10: Newton at a flat minimum, the time to escape from a saddle, and a question."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.checks.newton import TOPICS
from course_lib.checks.compare import NOTHING, Wrong, close, numbers, several_numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kinds import nearly, within
from course_lib.checks.kit import Exercise
from course_lib.checks.questions import Criterion, Question
from course_lib.checks.whole import WHOLE, whole
from course_lib.settings.language import tr

# --- 04-7: power, learning_rate -> (factor, best_rate) --------------------------------------------------------

FULL = "With full steps the distance shrinks by the right factor"
RATED = "With another learning rate, too"
BEST = "With the best learning rate one step arrives"
NAMES = ("the factor", "the best learning rate")

flat = Exercise("04-7", "Newton at a flat minimum", "flat_minimum", kind="derive", topics=TOPICS)


def _one_step(power, learning_rate, x=1.5):
    """Where a Newton step down |x|**power leads, divided by where it began; derivatives by the power rule."""
    slope, bend = power * x ** (power - 1), power * (power - 1) * x ** (power - 2)
    return (x - learning_rate * slope / bend) / x


def _walked(power, learning_rate):
    """The factor of a step, and the rate that makes it 0: the factor falls in a straight line as the rate grows."""
    at_none, at_full = (_one_step(power, rate) for rate in (0.0, 1.0))
    return _one_step(power, learning_rate), at_none / (at_none - at_full)


def _powers(rng):
    return rng.uniform(3.1, 3.9), rng.uniform(4.1, 7.9)


@flat.check(
    FULL,
    points=2,
    hint=(
        "Take f = x^4 at x = 1: slope 4, curvature 12. Where does the step lead? And at x = 2?",
        "Divide slope by curvature for f = x^p: what is left of p, and what of x?",
    ),
)
def full_steps(flat_minimum, rng):
    for power in _powers(rng):
        close(several_numbers(flat_minimum(power, 1.0), NAMES)[0], _one_step(power, 1.0), NAMES[0])


@flat.check(RATED, points=2, hint="The rate multiplies the step, not where it leads.")
def rated_steps(flat_minimum, rng):
    for power in _powers(rng):
        for rate in (rng.uniform(0.2, 0.6), rng.uniform(1.05, 1.25)):  # short of the best one
            close(several_numbers(flat_minimum(power, rate), NAMES)[0], _one_step(power, rate), NAMES[0])


@flat.check(BEST, points=3, hint="For which rate is your factor 0?")
def best_rate_arrives(flat_minimum, rng):
    for power in _powers(rng):
        best = shaped(several_numbers(flat_minimum(power, rng.uniform(0.3, 0.8)), NAMES)[1], (), NAMES[1])
        close(_one_step(power, float(best)), 0.0, "the factor of a step with your best rate", atol=1e-9)


def _settings(rng):
    """Bowls, flat ones, and ones that are steeper than a parabola; rates from nothing to beyond the best one."""
    powers = 2.0, 4.0, 10.0, rng.uniform(1.1, 1.4), rng.uniform(1.6, 1.9), *_powers(rng)
    rates = rng.uniform(0.3, 0.7), 1.0, 9.5, 1.0, rng.uniform(0.2, 0.4), 0.0, rng.uniform(5, 9)
    return list(zip(powers, rates, strict=True))


whole(flat, _walked, _settings, NAMES)


def _found(factor=lambda p, rate: 1 - rate / (p - 1), best=lambda p: p - 1):
    return lambda power, learning_rate: (factor(power, learning_rate), best(power))


for name, fails, says, wrong in (
    (
        "the learning rate left out",
        RATED,
        "This is right for full steps. With a rate a step is so many times as long.",
        _found(lambda p, rate: 1 - 1 / (p - 1)),
    ),
    (
        "the rate times the factor",
        RATED,
        "The rate multiplies the step; where it leads is x minus that.",
        _found(lambda p, rate: rate * (1 - 1 / (p - 1))),
    ),
    (
        "the factor to the power of the rate",
        RATED,
        "A step of half the length is not half of a step's factor: it is x minus half the step.",
        _found(lambda p, rate: np.sign(p - 2) * abs(1 - 1 / (p - 1)) ** rate),
    ),
    (
        "divided by the rate",
        RATED,
        "A smaller rate makes a shorter step: multiply.",
        _found(lambda p, rate: 1 - 1 / (p - 1) / rate if rate else 1.0),
    ),
    (
        "the square of the rate",
        RATED,
        "The rate enters once.",
        _found(lambda p, rate: 1 - rate**2 / (p - 1)),
    ),
    ("the power as the best rate", BEST, "Divide slope by curvature: p - 1 is left, not p.", _found(best=lambda p: p)),
    (
        "the best rate turned round",
        BEST,
        "The step is too short by the factor p - 1, so the rate must be larger.",
        _found(best=lambda p: 1 / (p - 1)),
    ),
    ("a full step as the best", BEST, "A full step arrives on a parabola only.", _found(best=lambda p: 1.0)),
    ("half the power", BEST, "Try it with x^4: a full step goes a third of the way.", _found(best=lambda p: p / 2)),
    ("two less than the power", BEST, "Ask for which rate the factor is 0.", _found(best=lambda p: p - 2)),
    (
        "the share that is gone",
        (FULL, RATED),
        "This is how much of the way a step goes. The factor is what is left of the distance.",
        _found(lambda p, rate: rate / (p - 1)),
    ),
    (
        "the factor of the value",
        (FULL, RATED),
        "This is the factor of f. The distance is asked for, which is not taken to the power p.",
        _found(lambda p, rate: np.sign(1 - rate / (p - 1)) * abs(1 - rate / (p - 1)) ** p),
    ),
    (
        "p in place of p - 1",
        (FULL, RATED),
        "The curvature has a factor p - 1 more than the slope, not p.",
        _found(lambda p, rate: 1 - rate / p),
    ),
    (
        "the curvature over the slope",
        (FULL, RATED, BEST),
        "Newton divides the slope by the curvature: p - 1 stands below the line.",
        _found(lambda p, rate: 1 - rate * (p - 1), lambda p: 1 / (p - 1)),
    ),
    (
        "uphill",
        (FULL, RATED),
        "The step is subtracted: it goes towards the minimum.",
        _found(lambda p, rate: 1 + rate / (p - 1)),
    ),
    (
        "the factor of a parabola",
        (FULL, RATED),
        "1 - learning_rate is right where p is 2: slope over curvature is x / (p - 1).",
        _found(lambda p, rate: 1 - rate),
    ),
    (
        "the size of the factor",
        WHOLE,
        "A step may lead to the other side: then the factor is negative.",
        _found(lambda p, rate: abs(1 - rate / (p - 1))),
    ),
):
    flat.mistake(name, fails, says)(wrong)


# --- 04-9: start, learning_rate, curvature, momentum, distance -> steps ----------------------------------------

PLAIN = "Without momentum the number of steps is right"
MOVING = "With momentum, too"
AWAY = "Who is away already needs no step"
SHARE, LEAST = 0.05, 3
WHAT = "the number of steps"

ALIKE = nearly(SHARE, 1.0)
escape = Exercise("04-9", "The way out of a saddle", "steps_to_escape", kind="predict", topics=TOPICS, same=ALIKE)


def _simulated(start, learning_rate, curvature, momentum, distance):
    """Steps until the unstable coordinate is so far away, from rest: in leaps, each twice as long as the last one."""
    state, steps, rise = np.array([abs(start), 0.0]), 0, learning_rate * curvature
    if state[0] >= distance:
        return 0.0
    leaps = [np.array([[1 + rise, momentum], [rise, momentum]])]  # what one step makes of y and the velocity
    while (leaps[-1] @ state)[0] < distance:
        leaps.append(leaps[-1] @ leaps[-1])
    for power in reversed(range(len(leaps))):
        ahead = leaps[power] @ state
        if ahead[0] < distance:
            state, steps = ahead, steps + 2**power
    return steps + 1.0


def _near(result, expected, given, mine):
    within(result, expected, SHARE, WHAT, LEAST if expected else 0.0)  # no step is no step


def _given(rng, momentum, scale=1.0, decades=6, side=1):
    """A start so many powers of ten beside the ridge, on one ``side`` of it."""
    curvature, distance = np.exp(rng.uniform(-2, 2)), np.exp(rng.uniform(-1, 3))
    start = distance * 10.0 ** -(decades + rng.uniform(0, 1)) * side
    return start, scale * rng.uniform(0.3, 0.6) / curvature, curvature, momentum, distance


BOWL = (
    "as on a bowl",
    "1 - learning_rate * curvature is what remains on a bowl. On the ridge the curvature is negative.",
)
SMALLER = "the smaller root", "One part dies out, the other grows: take the larger root."
NEGATIVE = "a negative number of steps", "Who starts farther away than that needs no step: max(0, ...)."
SOME = "steps where none is needed", "Who starts at the distance or beyond it needs exactly 0 steps, on either side."
MANY = (
    "far too many steps",
    "More than ten times too many: the distance grows by a factor in each step, so that the steps go with the "
    "logarithm of distance / |start|.",
)
NONE = (
    "no step where many are needed",
    "There are six powers of ten to grow by at least: by which factor does the distance grow in a step?",
)


def _by(factor):
    """The number of steps in which ``factor(momentum, learning_rate * curvature)`` makes or takes so much."""
    return lambda start, rate, curvature, mu, distance: abs(
        np.log(distance / abs(start)) / np.log(abs(factor(mu, rate * curvature)))
    )


def _on_a_bowl(mu, rise):
    return np.max(np.abs(np.roots([1, rise - 1 - mu, mu])))


def _true_of(steps, cases):
    """What is true of all these numbers, whatever the code does with what is not asked here."""
    with np.errstate(all="ignore"):
        for (name, says), counted in ((BOWL, _by(_on_a_bowl)), (SMALLER, _by(lambda mu, rise: _roots(mu, rise)[1]))):
            if np.allclose(steps, [counted(*given) for given in cases], rtol=1e-3, atol=1.0):
                return tr(name), tr(says)
    ratios = np.array(steps) / [_simulated(*given) for given in cases]
    name, says = MANY if np.all(ratios > 10) else NONE if not np.any(ratios) else NOTHING
    return tr(name), tr(says)


def _all_near(steps_to_escape, cases):
    steps = [float(shaped(steps_to_escape(*given), (), WHAT)) for given in cases]
    for call, given in enumerate(cases):
        try:
            _near(steps[call], _simulated(*given), None, None)
        except Wrong as wrong:
            wrong.call, wrong.told = call, _true_of(steps, cases)
            raise


@escape.check(
    PLAIN,
    points=2,
    hint=(
        "By which factor does the distance from the ridge grow in one step?",
        "How many factors 1 + learning_rate * curvature make distance / |start|?",
    ),
)
def without_momentum(steps_to_escape, rng):
    _all_near(steps_to_escape, [_given(rng, 0.0, *how) for how in ((1.0, 6, 1), (0.1, 9, -1))])


@escape.check(
    MOVING,
    points=2,
    hint=(
        "Write the step of momentum without the velocity, and put in y_t = r^t: a quadratic for r.",
        "r^2 - (1 + momentum + learning_rate * curvature) r + momentum = 0, and the larger root is what grows.",
    ),
)
def with_momentum(steps_to_escape, rng):
    much = (rng.uniform(0.4, 0.6), 1.0, 12, 1), (rng.uniform(0.85, 0.95), 0.03, 6, -1), (0.1, 3.0, 90, 1)
    _all_near(steps_to_escape, [_given(rng, *how) for how in much])


@escape.check(AWAY, points=1, hint="max(0, ...): there is no negative number of steps.", supporting=True)
def away_already(steps_to_escape, rng):
    for momentum, side, times in ((0.0, 1, 1000), (0.9, -1, 1000), (0.0, -1, 1), (0.9, 1, 1)):
        _, *rest = _given(rng, momentum)
        steps = steps_to_escape(times * side * rest[-1], *rest)
        with telling(lambda steps=steps: steps < 0, *NEGATIVE), telling(lambda steps=steps: steps > 0, *SOME):
            _near(steps, 0.0, None, None)


def _escapes(rng):
    """Starts on either side, close by and far away, with little momentum and much; tens of thousands of steps; one that
    is out already, and one at the distance."""
    kinds = (0.0, 0.03, 1), (0.3, 2.0, -1), (0.9, 0.2, 1), (0.97, 0.5, -1), (0.0, 3.0, -1)
    cases = [_given(rng, mu, scale, side=side) for mu, scale, side in kinds]
    _, *rest = _given(rng, 0.5)
    far = _given(rng, 0.8, 0.05, decades=12), _given(rng, 0.0, 1e-3, decades=12), _given(rng, 0.5, 3e-4, decades=12)
    return [*cases, *far, (1e3 * rest[-1], *rest), (-rest[-1], *rest)]


def _capped(seen):
    """What is true where all long ways come out as one and the same number."""
    off = [(float(numbers(got)), right) for got, right, _ in seen if abs(numbers(got) - right) > SHARE * right + LEAST]
    same = len(off) > 1 and len({got for got, _ in off}) == 1 and all(0 < got < right for got, right in off)
    return tuple(map(tr, CAPPED)) if same else NOTHING


CAPPED = (
    "gives up",
    "All ways that are long come out as the same number, and it is too small: go on until the distance is reached.",
)
whole(escape, _simulated, _escapes, (WHAT,), _near, told=_capped)


def _roots(mu, rise):
    half = (1 + mu + rise) / 2
    return half + np.sqrt(half**2 - mu), half - np.sqrt(half**2 - mu)


def _counted(plain=lambda rise: 1 + rise, moving=lambda mu, rise: _roots(mu, rise)[0], log=np.log, least=0.0):
    """An answer whose distance grows by ``plain(learning_rate * curvature)``, or ``moving(momentum, that)``, a step."""

    def answer(start, learning_rate, curvature, momentum, distance):
        rise, ratio = learning_rate * curvature, distance / abs(start)
        factor = moving(momentum, rise) if momentum else plain(rise)
        return max(float(log(ratio) / np.log(factor)), least)

    return answer


for name, failing, says, wrong in (
    (
        BOWL[0],
        PLAIN,
        BOWL[1],
        _counted(plain=lambda rise: 1 / max(1 - rise, 0.05)),
    ),
    (
        "without the logarithm",
        PLAIN,
        "log(1 + a) is a for small a only: take the logarithm of the factor.",
        _counted(plain=np.exp),
    ),
    (
        "the square of the factor",
        PLAIN,
        "That is the factor of the value. The distance is asked for.",
        _counted(plain=lambda rise: (1 + rise) ** 2),
    ),
    ("twice the curvature", PLAIN, "The gradient is curvature * y: no 2.", _counted(plain=lambda rise: 1 + 2 * rise)),
    (
        "momentum left out",
        MOVING,
        "Momentum makes the way out quicker: its factor is a root of a quadratic.",
        _counted(moving=lambda mu, rise: 1 + rise),
    ),
    (
        "a rate that is 1 / (1 - momentum) times as large",
        MOVING,
        "That holds where the velocity keeps up. Here the distance grows as quickly as the velocity does: solve for r.",
        _counted(moving=lambda mu, rise: 1 + rise / (1 - mu)),
    ),
    (
        "the gradient times 1 - momentum",
        MOVING,
        "The velocity takes in learning_rate * curvature * y, without a factor 1 - momentum.",
        _counted(moving=lambda mu, rise: _roots(mu, (1 - mu) * rise)[0]),
    ),
    (
        "Nesterov's momentum",
        MOVING,
        "Nesterov asks for the gradient ahead, at y + momentum * v. This one asks at y.",
        _counted(moving=lambda mu, rise: _roots(mu * (1 + rise), rise)[0]),
    ),
    (
        "the roots' sum",
        MOVING,
        "The two roots add up to 1 + momentum + learning_rate * curvature. The larger one is what is asked for.",
        _counted(moving=lambda mu, rise: 1 + mu + rise),
    ),
    (
        SMALLER[0],
        MOVING,
        SMALLER[1],
        _counted(moving=lambda mu, rise: 1 / _roots(mu, rise)[1]),
    ),
    (
        "the root of momentum",
        MOVING,
        "The root of momentum is the factor of a swing on a bowl. On a ridge nothing swings.",
        _counted(moving=lambda mu, rise: mu**-0.5),
    ),
    (
        "in powers of ten",
        (PLAIN, MOVING, AWAY),
        "Both logarithms to the same base.",
        _counted(log=np.log10),
    ),
    (
        NEGATIVE[0],
        AWAY,
        NEGATIVE[1],
        _counted(least=-1e9),
    ),
    ("one step at least", AWAY, "Who is away already needs none: max(0, ...).", _counted(least=1.0)),
):
    escape.mistake(name, failing, says)(wrong)


@escape.mistake(
    "in a straight line",
    (PLAIN, MOVING, AWAY),
    "The farther away, the longer the steps: the distance grows by a factor.",
)
def in_a_straight_line(start, learning_rate, curvature, momentum, distance):
    return max(0.0, min(distance / abs(start * learning_rate * curvature), 1e12)) if distance > abs(start) else 0.0


# --- 04-10 ----------------------------------------------------------------------------------------------------

question = Question(
    "04-10",
    "What draws Newton to a saddle",
    "Why does Newton's method go to a saddle that gradient descent leaves? What do damping and the size of the "
    "curvature change about it, and what does each of them cost?",
    rubric=(
        Criterion(
            6,
            "Newton divides by the curvature, its sign included: where it is negative the step goes uphill, to where "
            "the gradient is 0. Gradient descent goes away from there.",
        ),
        Criterion(3, "Damping turns the step round only if it is larger than the most negative curvature; slow then."),
        Criterion(3, "The size of the curvature leaves the saddle at once; needs eigenvectors, of order n^3."),
    ),
)
