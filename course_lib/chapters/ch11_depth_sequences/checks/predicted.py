"""Exercise 11-5: by which factor does one step back change a gradient? Said before any run."""

from functools import cache

import numpy as np

from course_lib.chapters.ch11_depth_sequences.checks.through_time import TOPICS
from course_lib.checks.kinds import within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

factor = Exercise("11-5", "The factor of a step", "factor_per_step", topics=TOPICS, kind="predict")

SMALL = "Where inputs are small, no unit saturates"
DRIVEN = "Strong inputs saturate the units, whatever the states do"
FED_BACK = "With a large radius the states themselves saturate the units"
SHARE = 0.04
HIDDEN, BATCH, SETTLE, STEPS = 96, 6, 30, 24


@cache
def _rotation():
    return np.linalg.qr(np.random.default_rng(11).normal(size=(HIDDEN, HIDDEN)))[0]


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
    _compared(factor_per_step, [(rng.uniform(0.3, 0.6), 0.03), (rng.uniform(0.6, 0.85), 0.02)])


@factor.check(
    DRIVEN,
    points=1,
    hint=("z is about normal with variance drive**2 here.", "radius times the root of the mean of (1 - tanh(z)**2)**2"),
)
def strong_inputs(factor_per_step, rng):
    _compared(factor_per_step, [(rng.uniform(0.04, 0.06), rng.uniform(1.3, 1.6))])


@factor.check(
    FED_BACK,
    points=2,
    hint=(
        "The variance of z: v = radius**2 E[tanh(z)**2] + drive**2, with z of this same v.",
        "Repeat it until v stays.",
    ),
)
def large_radius(factor_per_step, rng):
    _compared(factor_per_step, [(rng.uniform(2.2, 2.6), rng.uniform(0.35, 0.5))])


whole(
    factor,
    measured,
    lambda rng: [
        (rng.uniform(0.4, 1.0), rng.uniform(0.4, 0.8)),
        (rng.uniform(1.4, 1.7), rng.uniform(0.4, 0.7)),
        (0.7, 0.02),
    ],
    agree=lambda result, expected, given, mine: within(result, expected, SHARE, "the factor"),
)

Z = np.linspace(-6, 6, 301)
DENSITY = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()


def _mean(function, variance):
    return float(function(np.sqrt(variance) * Z) @ DENSITY)


def predicted(radius, drive, rounds=100, feed=lambda radius: radius**2, mean=None, join=None):
    """(11.5) but for ``feed`` (the factor of tanh^2), ``join`` of it with the drive, or ``mean`` of the slopes."""
    variance, join = drive**2, join or (lambda fed: fed + drive**2)
    for _ in range(rounds):
        variance = join(feed(radius) * _mean(lambda z: np.tanh(z) ** 2, variance))
    mean = mean or (lambda v: np.sqrt(_mean(lambda z: np.cosh(z) ** -4, v)))
    return radius * mean(variance)


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
        lambda radius, drive: predicted(radius, drive, mean=lambda v: _mean(lambda z: np.cosh(z) ** -4, v)),
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
        "one round only",
        FED_BACK,
        "The variance has to agree with itself: repeat until it stays.",
        lambda radius, drive: predicted(radius, drive, rounds=1),
    ),
    (
        "radius not squared",
        FED_BACK,
        "A variance is multiplied by radius**2.",
        lambda radius, drive: predicted(radius, drive, feed=lambda radius: radius / 2),
    ),
    (
        "radius squared twice",
        FED_BACK,
        "What the states add to the variance of z is multiplied by radius**2, once.",
        lambda radius, drive: predicted(radius, drive, feed=lambda radius: radius**4),
    ),
    (
        "standard deviations added up",
        FED_BACK,
        "Variances add up, standard deviations do not.",
        lambda radius, drive: predicted(radius, drive, join=lambda fed: (np.sqrt(fed) + drive) ** 2),
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
