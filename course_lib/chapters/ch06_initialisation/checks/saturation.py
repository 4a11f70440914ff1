"""Exercise 06-5: the share of saturated units, to be derived. The check holds no formula: it halves and integrates."""

import math

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import TOPICS
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

CENTRED = "Mean 0: both ends of tanh count"
SHIFTED = "Another mean moves the units towards one end"
EVERYTHING = (CENTRED, SHIFTED)
ATOL = 1e-8

saturated = Exercise("06-5", "The share of saturated units", "flat_share", topics=TOPICS, kind="derive")


def _steep_until(share):
    """The z > 0 at which the slope of tanh has come down to ``share``, by halving."""
    low, high = 0.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - math.tanh(middle) ** 2 > share else (low, middle)
    return low


def _counted(mean, spread, share):
    """1 minus the area under the normal density between the two places, by Simpson's rule."""
    edge = _steep_until(share)
    low, high = np.clip([(-edge - mean) / spread, (edge - mean) / spread], -12, 12)
    z, weights = np.linspace(low, high, 2001), np.ones(2001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return float(1 - np.sum(weights * np.exp(-(z**2) / 2)) * (high - low) / 6000 / math.sqrt(2 * math.pi))


def _cases(rng):
    return [
        (0.0, float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.05, 0.5))),
        (float(rng.uniform(0.5, 1.5)), float(rng.uniform(0.5, 1.5)), float(rng.uniform(0.05, 0.5))),
        (-float(rng.uniform(0.5, 1.5)), float(rng.uniform(1.0, 3.0)), float(rng.uniform(0.05, 0.5))),
        (0.0, 0.05, 0.1),
        (-4.0, 0.3, 0.2),
        (2.5, 1.5, 0.2),  # the mean lies beyond the place, and the other tail still counts
        (0.0, 40.0, 0.9),
        (0.5, 6.0, 1e-6),
        (-0.02, 0.03, 0.999),
        (0.0, 1e-3, 0.1),
        (0.21, 0.1, 0.999),  # the far end counts though the mean is two deviations away
    ]


whole(saturated, _counted, _cases, ("the share",), rtol=0, atol=ATOL)


@saturated.check(
    CENTRED,
    points=3,
    hint=(
        "Where is 1 - tanh(z)^2 below share? At both ends: find the z at which they begin.",
        "|z| > atanh(sqrt(1 - share)), and math.erf(a / sqrt(2)) is P(|Z| < a) of a normal Z of deviation 1.",
    ),
)
def both_ends_count(flat_share, rng):
    for spread in (1.0, rng.uniform(0.6, 0.8), rng.uniform(4.0, 6.0)):
        share = float(rng.uniform(0.08, 0.3))
        close(flat_share(0.0, float(spread), share), _counted(0.0, spread, share), "the share", rtol=0, atol=ATOL)


@saturated.check(
    SHIFTED,
    points=2,
    hint="The two ends are no longer alike: add P(z > a) and P(z < -a), each with its own distance from the mean.",
)
def another_mean(flat_share, rng):
    """Seen from the answer's own share at mean 0, whatever that is: where it begins is another check's question."""
    for sign in (1, -1):
        share, mean = float(rng.uniform(0.1, 0.3)), sign * float(rng.uniform(0.6, 1.2))
        begins = _where(float(shaped(flat_share(0.0, 1.0, share), (), "the share at mean 0")))
        close(flat_share(mean, 1.0, share), _beyond(begins, mean, 1.0), "the share", rtol=0, atol=ATOL)


def _where(share):
    """The place beyond which, on both sides, a normal number of deviation 1 lies with probability ``share``."""
    if not 1e-5 < share < 1 - 1e-5:
        raise Wrong("At mean 0 and spread 1 some units are flat, and some are not.", got=share)
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erfc(middle / 2**0.5) > share else (low, middle)
    return low


def _beyond(place, mean, spread):
    """P(z > place) + P(z < -place)."""
    return 0.5 * (math.erfc((place - mean) / spread / 2**0.5) + math.erfc((place + mean) / spread / 2**0.5))


def _twice_one_end(sign, most):
    """An answer that takes the share beyond one end twice, and ``most`` for what is more."""
    return lambda mean, spread, share: min(most, math.erfc((_edge(share) - sign * mean) / spread / 2**0.5))


def _with(place, centre=lambda mean: mean, width=lambda spread: spread):
    return lambda mean, spread, share: _beyond(place(share), centre(mean), width(spread))


def _edge(share):
    return math.atanh(math.sqrt(1 - share))


def _beyond_one(share, mean, spread):
    return 0.5 * math.erfc((_edge(share) - mean) / spread / 2**0.5)


NOT_FLAT = (
    "the share that is not flat",
    EVERYTHING,
    "This is the share of units that are not saturated: 1 minus it is asked for.",
)


for name, fails, says, answer in (
    (
        "one end only",
        EVERYTHING,
        "Units are flat at both ends of tanh: at large negative z, too.",
        lambda mean, spread, share: 0.5 * math.erfc((_edge(share) - mean) / spread / 2**0.5),
    ),
    (*NOT_FLAT, lambda mean, spread, share: 1 - _beyond(_edge(share), mean, spread)),
    *(
        (
            "both ends measured from one side",
            SHIFTED,
            "A mean brings one end nearer and takes the other further away: edge - mean and edge + mean.",
            _twice_one_end(sign, most),
        )
        for sign in (1, -1)
        for most in (1.0, 2.0)
    ),
    (
        "the root left out",
        CENTRED,
        "1 - tanh(z)^2 < share: take the root of 1 - share before you invert tanh.",
        _with(lambda share: math.atanh(1 - share)),
    ),
    (
        "the output in place of the slope",
        CENTRED,
        "Flat is where the slope is small, 1 - tanh(z)^2 < share, not where |tanh(z)| is above share.",
        _with(lambda share: math.atanh(share)),
    ),
    (
        "the slope not squared",
        CENTRED,
        "The slope of tanh is 1 / cosh(z)^2: take the root of share before you invert cosh.",
        _with(lambda share: math.acosh(1 / share)),
    ),
    (
        "the mean not divided by the spread",
        WHOLE,
        "Standardise: (edge - mean) / spread, the mean as well as the edge.",
        lambda mean, spread, share: _beyond(_edge(share) / spread, mean, 1.0),
    ),
    (
        "both ends at once",
        EVERYTHING,
        "z lies beyond one end or beyond the other: the two probabilities are added, not multiplied.",
        lambda mean, spread, share: _beyond_one(share, mean, spread) * _beyond_one(share, -mean, spread),
    ),
    (
        "the sigmoid's ends",
        CENTRED,
        "The sigmoid of z goes flat at twice that z: sigmoid(z) = (1 + tanh(z / 2)) / 2. Here the activation is tanh.",
        _with(lambda share: 2 * _edge(share)),
    ),
    (
        "spread taken for the variance",
        CENTRED,
        "spread is the standard deviation: divide by it, not by its root.",
        _with(_edge, width=math.sqrt),
    ),
    (
        "erf without the root of 2",
        EVERYTHING,
        "math.erf(x) is P(|Z| < x sqrt(2)) of a normal Z of deviation 1: divide by sqrt(2).",
        _with(_edge, width=lambda spread: spread / 2**0.5),
    ),
    (
        "the mean left out",
        SHIFTED,
        "A mean moves all z: one end gets more units, the other one fewer.",
        _with(_edge, centre=lambda mean: 0.0),
    ),
):
    saturated.mistake(name, fails, says)(answer)


def _not_flat(answer):
    return lambda mean, spread, share: 1 - answer(mean, spread, share)


for answer in (
    _with(lambda share: math.atanh(1 - share)),
    _with(lambda share: math.atanh(share)),
    _with(lambda share: 2 * _edge(share)),
    _with(_edge, width=math.sqrt),
    _with(_edge, width=lambda spread: spread / 2**0.5),
):
    saturated.mistake(*NOT_FLAT)(_not_flat(answer))
