"""Exercise 08-7: how long to train in place of a penalty, foretold. The oracle halves until both shares agree."""

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import shaped
from course_lib.checks.facts import telling
from course_lib.checks.kinds import within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, whole

STEEP = "In steep directions the number of steps is right"
FLAT = "In flat directions, too"
PURE = "The arrays that were given are left as they were"
WHAT = "the number of steps"
SHARE = 0.02

steps = Exercise("08-7", "Steps in place of a penalty", "steps_like_penalty", kind="predict", topics=TOPICS)


def _reached(curvature, learning_rate, num_steps):
    """The share of the way to the minimum, from 0; powers of what is left in each step."""
    return 1 - (1 - learning_rate * curvature) ** num_steps


def _by_halving(curvatures, learning_rate, l2_penalty):
    found = []
    for curvature in curvatures:
        low, high, wanted = 0.0, 1e9, curvature / (curvature + l2_penalty)
        for _ in range(90):
            middle = (low + high) / 2
            low, high = (middle, high) if _reached(curvature, learning_rate, middle) < wanted else (low, middle)
        found.append(low)
    return np.array(found)


def _steep(rng, low=0.05, high=0.08):
    """``(curvatures, learning_rate, l2_penalty)``: much of the way in each step, and a penalty that is so large a share
    of the smallest curvature: what it leaves out shows, whatever was drawn."""
    learning_rate = rng.uniform(0.02, 0.3)
    curvatures = rng.permutation([0.25, 0.37, 0.5]) / learning_rate
    return curvatures, float(learning_rate), float(curvatures.min() * rng.uniform(low, high))


def _flat(rng):
    """The same with curvatures a thousandth of the penalty and less."""
    learning_rate, l2_penalty = rng.uniform(0.01, 0.05), rng.uniform(0.05, 0.3)
    return l2_penalty * rng.permutation([1e-4, 3e-4, 1e-3]), float(learning_rate), float(l2_penalty)


@steps.check(
    STEEP,
    points=2,
    hint=(
        "Which share of the way does the penalty let through, by (8.3)? When has (8.5) come so far?",
        "(1 - learning_rate * curvature)^t = l2_penalty / (curvature + l2_penalty): take logarithms.",
    ),
)
def steep(steps_like_penalty, rng):
    for given in (_steep(rng), _steep(rng, 0.4, 0.6)):
        got = shaped(steps_like_penalty(*given), given[0].shape, WHAT)
        with (
            telling(
                np.all(got == np.round(got)),
                "rounded to whole steps",
                "The number need not be whole, and rounded it is off by more than 2 % where few steps are needed.",
            ),
            telling(
                np.ptp(got) == 0,
                "one number for all directions",
                "Each direction has a number of its own: flat ones agree by (8.6), steep ones do not.",
            ),
        ):
            within(got, _by_halving(*given), SHARE, WHAT)


@steps.check(FLAT, points=2, hint="There both shares are small. What does (8.6) say?")
def flat(steps_like_penalty, rng):
    given = _flat(rng)
    within(steps_like_penalty(*given), _by_halving(*given), SHARE, WHAT)


def _bowls(rng):
    """Few directions and many, steep and flat ones together, penalties small and large; more than 1e5 steps."""
    cases = []
    for count, penalty in zip((*different(rng, 2, 2, 7), 1), (0.003, 0.3, 10.0), strict=True):
        learning_rate = rng.uniform(0.05, 0.5)
        curvatures = rng.permutation(np.geomspace(0.002, 0.9, count)) / learning_rate
        cases.append((curvatures, float(learning_rate), float(penalty / learning_rate)))
    between = rng.permutation([0.045, 0.065, 0.09, 0.13, 0.2, 0.97])  # (8.6) is nearly right there
    return [*cases, (between / 0.3, 0.3, float(rng.uniform(0.1, 0.5))), (rng.uniform(0.5e-4, 1.5e-4, 1), 1e-3, 4e-3)]


whole(
    steps,
    _by_halving,
    _bowls,
    (WHAT,),
    lambda result, expected, given, mine: within(result, expected, SHARE, WHAT),
    again=True,
)


@steps.check(PURE, points=1, hint="a *= b writes into the array that was given.", aside=True)
def curvatures_stay(steps_like_penalty, rng):
    leaves_inputs_alone(steps_like_penalty, *_steep(rng), other=_flat(rng))


def _right(h, eta, alpha):
    return np.log(alpha / (h + alpha)) / np.log1p(-eta * h)


def _answer(found):
    """``found`` under the names that the exercise has for its arguments."""
    return lambda curvatures, learning_rate, l2_penalty: found(curvatures, learning_rate, l2_penalty)


for name, fails, says, found in (
    (
        "the same for all directions",
        STEEP,
        "1 / (learning_rate * l2_penalty) holds in flat directions only, (8.6).",
        lambda h, eta, alpha: np.full(len(h), 1 / (eta * alpha)),
    ),
    (
        "as if steps were tiny",
        STEEP,
        "exp(-a) is 1 - a for small a only: take the logarithm of 1 - learning_rate * curvature.",
        lambda h, eta, alpha: np.log1p(h / alpha) / (eta * h),
    ),
    (
        "the share in a straight line",
        STEEP,
        "Every step goes a share of what is left, not of the whole way.",
        lambda h, eta, alpha: 1 / (eta * (h + alpha)),
    ),
    (
        "the geometric mean of the borders",
        STEEP,
        "Both borders of (8.6) are right where they belong; between them take (8.5) as it is.",
        lambda h, eta, alpha: 1 / (eta * np.sqrt(alpha * (h + alpha))),
    ),
    (
        "both borders added",
        STEEP,
        "Both borders of (8.6) are right where they belong; between them take (8.5) as it is.",
        lambda h, eta, alpha: 0.5 / (eta * alpha) + 0.5 / (eta * (h + alpha)),
    ),
    (
        "steps that grow the way",
        STEEP,
        "A step leaves 1 - learning_rate * curvature of the way: minus.",
        lambda h, eta, alpha: np.log1p(h / alpha) / np.log1p(eta * h),
    ),
    (
        "one step more",
        STEEP,
        "After t steps (1 - learning_rate * curvature)^t of the way is left: nothing is added to t.",
        lambda h, eta, alpha: 1 + _right(h, eta, alpha),
    ),
    (
        "one step fewer",
        STEEP,
        "After t steps (1 - learning_rate * curvature)^t of the way is left: nothing is taken from t.",
        lambda h, eta, alpha: _right(h, eta, alpha) - 1,
    ),
    (
        "the root of the curvature in a step",
        (STEEP, FLAT, PURE),
        "A step goes learning_rate * curvature of what is left: no root.",
        lambda h, eta, alpha: np.log(alpha / (h + alpha)) / np.log1p(-eta * np.sqrt(h)),
    ),
    (
        "half of the penalty",
        (STEEP, FLAT, PURE),
        "(8.3) has the whole penalty: the half of (8.2) goes away with the 2 of the square.",
        lambda h, eta, alpha: _right(h, eta, alpha / 2),
    ),
    (
        "twice the penalty",
        (STEEP, FLAT, PURE),
        "(8.3) has the penalty once.",
        lambda h, eta, alpha: _right(h, eta, 2 * alpha),
    ),
    (
        "the other share",
        (STEEP, FLAT, PURE),
        "curvature / (curvature + l2_penalty) is the share that is reached. What is left of the way is the rest.",
        lambda h, eta, alpha: np.log(h / (h + alpha)) / np.log1p(-eta * h),
    ),
    (
        "the learning rate left out",
        (STEEP, FLAT, PURE),
        "A step goes learning_rate * curvature of what is left.",
        lambda h, eta, alpha: eta * _right(h, eta, alpha),
    ),
    (
        "until one percent is left",
        (STEEP, FLAT, PURE),
        "The penalty says how far to go: until l2_penalty / (curvature + l2_penalty) is left.",
        lambda h, eta, alpha: np.log(0.01) / np.log1p(-eta * h),
    ),
    (
        "two kinds of logarithm",
        (STEEP, FLAT, PURE),
        "np.log10 above and np.log below: take the same logarithm twice.",
        lambda h, eta, alpha: _right(h, eta, alpha) / np.log(10),
    ),
    (
        "the penalty in the steps, too",
        (STEEP, FLAT, PURE),
        "The steps that are counted have no penalty: each leaves 1 - learning_rate * curvature of the way.",
        lambda h, eta, alpha: np.log(alpha / (h + alpha)) / np.log1p(-eta * (h + alpha)),
    ),
    (
        "the penalty in the steps, too",
        (STEEP, FLAT, PURE),
        "The steps that are counted have no penalty: each leaves 1 - learning_rate * curvature of the way.",
        lambda h, eta, alpha: np.log(alpha / (h + alpha)) / (np.log1p(-eta * h) - np.log1p(eta * alpha)),
    ),
    (
        "steps made of the penalty",
        (STEEP, FLAT, PURE),
        "A step leaves 1 - learning_rate * curvature of the way: the penalty says how far, not how fast.",
        lambda h, eta, alpha: np.log(alpha / (h + alpha)) / np.log1p(-eta * alpha),
    ),
    (
        "the learning rate in the penalty",
        (STEEP, FLAT, PURE),
        "Where the penalty ends depends on the curvature and on l2_penalty alone, not on the learning rate.",
        lambda h, eta, alpha: _right(h, eta, eta * alpha),
    ),
    (
        "what a step goes for what it leaves",
        (STEEP, FLAT, PURE),
        "learning_rate * curvature is what a step goes; 1 minus that is what it leaves, and powers of it are left.",
        lambda h, eta, alpha: np.log(alpha / (h + alpha)) / np.log(eta * h),
    ),
    (
        "the curvature squared",
        (STEEP, FLAT, PURE),
        "(8.3) has the curvature once: curvature / (curvature + l2_penalty).",
        lambda h, eta, alpha: np.log(alpha / (h**2 + alpha)) / np.log1p(-eta * h),
    ),
    (
        "the penalty squared",
        (STEEP, FLAT, PURE),
        "(8.3) has the penalty once: curvature / (curvature + l2_penalty).",
        lambda h, eta, alpha: _right(h, eta, alpha**2),
    ),
    (
        "steps of a squared way",
        (STEEP, FLAT, PURE),
        "The distance itself shrinks by 1 - learning_rate * curvature; only its square shrinks by the square of that.",
        lambda h, eta, alpha: _right(h, eta, alpha) / 2,
    ),
):
    steps.mistake(name, fails, says)(_answer(found))
