"""Exercise 11-5: by which factor does one step back change a gradient? Said before any run."""

from functools import cache, lru_cache

import numpy as np

from course_lib.chapters.ch11_depth_sequences.checks.through_time import TOPICS
from course_lib.checks.kinds import nearly, within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

ALIKE = nearly(2e-3)  # but for the points at which a mean was taken
factor = Exercise("11-5", "The factor of a step", "factor_per_step", topics=TOPICS, same=ALIKE, kind="predict")

SMALL = "Where inputs are small, no unit saturates"
DRIVEN = "Strong inputs saturate the units, whatever the states do"
FED_BACK = "With a large radius the states themselves saturate the units"
SHARE = 0.04
HIDDEN, BATCH, SETTLE, STEPS = 96, 6, 30, 24


@cache
def _rotation():
    return np.linalg.qr(np.random.default_rng(11).normal(size=(HIDDEN, HIDDEN)))[0]


@lru_cache(100)
def measured(radius, drive):
    """The factor in an RNN with 96 units: a rotation times ``radius``, run forward and back."""
    rng, weight = np.random.default_rng(12), radius * _rotation()
    h, slopes = np.zeros((BATCH, HIDDEN)), []
    for _ in range(SETTLE + STEPS):
        h = np.tanh(h @ weight.T + drive * rng.normal(size=h.shape))
        slopes.append(1 - h * h)
    d_h = rng.normal(size=h.shape)
    before = np.linalg.norm(d_h)
    for slope in reversed(slopes[-STEPS:]):
        d_h = (d_h * slope) @ weight
    return float((np.linalg.norm(d_h) / before) ** (1 / STEPS))


def _compared(factor_per_step, settings):
    for radius, drive in settings:
        within(factor_per_step(radius, drive), measured(radius, drive), SHARE, "the factor")


@factor.check(
    SMALL, points=1, hint="Then tanh(z) is z: what does a rotation times radius do to a length?", supporting=True
)
def small_inputs(factor_per_step, rng):
    _compared(factor_per_step, [(rng.uniform(0.3, 0.6), 0.03), (rng.uniform(0.6, 0.7), 0.04)])


@factor.check(
    DRIVEN,
    points=1,
    hint=("z is about normal with variance drive**2 here.", "radius times the root of the mean of (1 - tanh(z)**2)**2"),
)
def strong_inputs(factor_per_step, rng):
    _compared(factor_per_step, [(rng.uniform(0.04, 0.06), rng.uniform(1.8, 2.0))])


@factor.check(
    FED_BACK,
    points=2,
    hint=(
        "The variance of z: v = radius**2 E[tanh(z)**2] + drive**2, with z of this same v.",
        "Repeat it until v stays.",
    ),
)
def large_radius(factor_per_step, rng):
    _compared(factor_per_step, [(rng.uniform(2.2, 2.6), rng.uniform(0.35, 0.5)), (1.6, 0.1)])


whole(
    factor,
    measured,
    lambda rng: [
        (rng.uniform(0.4, 1.0), rng.uniform(0.4, 0.8)),
        (rng.uniform(1.4, 1.7), rng.uniform(0.4, 0.7)),
        (rng.uniform(2.0, 2.2), rng.uniform(0.15, 0.25)),  # it explodes, whatever is drawn
        (0.7, 0.02),
        (0.9, 0.6),  # it dies out by itself, and is fed
        (1.02, 0.05),  # it settles slowly from above
        (1.25, 0.02),  # it takes more rounds still
        (1.8, 0.1),  # it takes many rounds to settle
        (1.6, 0.015),  # it begins with steps of less than a thousandth
        (2.0, 2.0),  # z reaches far beyond 5
        (rng.uniform(0.3, 0.5), rng.uniform(0.15, 0.2)),  # small, and its root is not
    ],
    agree=lambda result, expected, given, mine: within(result, expected, SHARE, "the factor"),
)

Z = np.linspace(-6, 6, 301)
DENSITY = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()


def _mean(function, variance):
    return float(function(np.sqrt(variance) * Z) @ DENSITY)


def _tanh_squared(variance):
    return _mean(lambda z: np.tanh(z) ** 2, variance)


def _tanh_of_half(variance):
    return _tanh_squared(variance / 2)


def _mean_square(variance):
    return _mean(lambda z: np.cosh(z) ** -4, variance)


def _root_mean_square(variance):
    return np.sqrt(_mean_square(variance))


def predicted(
    radius,
    drive,
    rounds=100,
    feed=lambda radius: radius**2,
    squash=_tanh_squared,
    mean=_root_mean_square,
    join=lambda fed, drive: fed + drive**2,
):
    """(11.5) but for ``feed`` (the factor of tanh^2), ``squash`` (its mean), ``join`` of both with the drive, or
    ``mean`` of the slopes."""
    variance = drive**2
    for _ in range(rounds):
        variance = join(feed(radius) * squash(variance), drive)
    return radius * mean(variance)


def _uniform(radius, drive):
    z, variance = np.linspace(-np.sqrt(3), np.sqrt(3), 301), drive**2
    for _ in range(100):
        variance = drive**2 + radius**2 * np.mean(np.tanh(np.sqrt(variance) * z) ** 2)
    return radius * np.sqrt(np.mean(np.cosh(np.sqrt(variance) * z) ** -4))


for name, fails, says, function in (
    (
        "the tanh left out",
        (SMALL, DRIVEN, FED_BACK),
        "The slopes of the tanh make it smaller.",
        lambda radius, drive: radius,
    ),
    (
        "the mean of the slopes",
        (SMALL, DRIVEN, FED_BACK),
        "Lengths add as squares: the root of the mean of the squared slopes.",
        lambda radius, drive: predicted(radius, drive, mean=lambda v: _mean(lambda z: np.cosh(z) ** -2, v)),
    ),
    (
        "the mean of the squares without the root",
        (SMALL, DRIVEN, FED_BACK),
        "Take the root: it is the factor of a length.",
        lambda radius, drive: predicted(radius, drive, mean=_mean_square),
    ),
    (
        "the square of the factor",
        (SMALL, DRIVEN, FED_BACK),
        "This is the factor of the squared length: take the root.",
        lambda radius, drive: predicted(radius, drive) ** 2,
    ),
    (
        "only the inputs saturate",
        FED_BACK,
        "The states come back and saturate the units as well: v = radius**2 E[tanh(z)**2] + drive**2.",
        lambda radius, drive: predicted(radius, drive, rounds=0),
    ),
    (
        "radius not squared",
        FED_BACK,
        "A variance is multiplied by radius**2.",
        lambda radius, drive: predicted(radius, drive, feed=lambda radius: radius / 2),
    ),
    (
        "radius not squared",
        FED_BACK,
        "A variance is multiplied by radius**2.",
        lambda radius, drive: predicted(radius, drive, feed=lambda radius: radius),
    ),
    (
        "radius squared twice",
        FED_BACK,
        "What the states add to the variance of z is multiplied by radius**2, once.",
        lambda radius, drive: predicted(radius, drive, feed=lambda radius: radius**4),
    ),
    (
        "the states before the tanh are fed back",
        FED_BACK,
        "What comes back is tanh(z), and its variance is E[tanh(z)**2], which is below 1: put the tanh in.",
        lambda radius, drive: predicted(radius, drive, squash=lambda v: min(v, 1e6)),
    ),
    (
        "the states before the tanh are fed back",
        (SMALL, DRIVEN, FED_BACK),
        "What comes back is tanh(z), and its variance is E[tanh(z)**2], which is below 1: put the tanh in.",
        lambda radius, drive: predicted(radius, drive, squash=lambda v: min(v, 1e6), mean=_mean_square),
    ),
    (
        "states as large as they can be",
        (SMALL, FED_BACK),
        "Not every state is 1 or -1: their variance is E[tanh(z)**2], with z of the variance that you look for.",
        lambda radius, drive: predicted(radius, drive, squash=lambda v: 1.0),
    ),
    (
        "the variance of the state in place of that of z",
        (SMALL, DRIVEN, FED_BACK),
        "The slope is taken at z, before the tanh: put the variance of z in, not that of tanh(z).",
        lambda radius, drive: predicted(
            radius, drive, mean=lambda v: _root_mean_square(_mean(lambda z: np.tanh(z) ** 2, v))
        ),
    ),
    (
        "the drive taken for a variance",
        (SMALL, DRIVEN),
        "drive is a standard deviation: its square is the variance that the inputs bring.",
        lambda radius, drive: predicted(radius, np.sqrt(drive)),
    ),
    (
        "a density that is too narrow",
        (SMALL, DRIVEN, FED_BACK),
        "A standard normal z has the density exp(-z**2 / 2): exp(-z**2), as in np.polynomial.hermite, has half its "
        "variance.",
        lambda radius, drive: predicted(radius, drive, squash=_tanh_of_half, mean=lambda v: _root_mean_square(v / 2)),
    ),
    (
        "z taken to be uniform",
        (SMALL, DRIVEN, FED_BACK),
        "z is about normal: it comes near 0 more often than a uniform number, and goes further.",
        _uniform,
    ),
    (
        "never above 1",
        FED_BACK,
        "The factor may be above 1: then gradients explode.",
        lambda radius, drive: min(1.0, predicted(radius, drive)),
    ),
    (
        "standard deviations added up",
        FED_BACK,
        "Variances add up, standard deviations do not.",
        lambda radius, drive: predicted(radius, drive, join=lambda fed, drive: (np.sqrt(fed) + drive) ** 2),
    ),
    (
        "the slope at one standard deviation",
        (SMALL, DRIVEN, FED_BACK),
        "z is spread: take the mean over its distribution, not one point.",
        lambda radius, drive: predicted(radius, drive, mean=lambda v: np.cosh(np.sqrt(v)) ** -2),
    ),
    (
        "a sigmoid's slope",
        (SMALL, DRIVEN, FED_BACK),
        "The slope of the tanh is 1 at 0; a sigmoid's is 1/4.",
        lambda radius, drive: predicted(radius, drive) / 4,
    ),
    (
        "upside down",
        (SMALL, DRIVEN, FED_BACK),
        "The gradient is multiplied by it on its way back, not divided.",
        lambda radius, drive: 1 / predicted(radius, drive),
    ),
):
    factor.mistake(name, fails, says)(function)


def _in_rounds(rounds):
    return lambda radius, drive: predicted(radius, drive, rounds=rounds)


for rounds in (1, 2, 3, 4):
    factor.mistake("too few rounds", FED_BACK, "The variance has to agree with itself: repeat until it stays.")(
        _in_rounds(rounds)
    )
