"""Exercises 06-2 and 06-3: Xavier and He initialisation, drawn from a generator that is handed in.

What is drawn is compared by its statistics (``checks.statistics``): the order in which numbers are drawn is free.
"""

import numpy as np

from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise
from course_lib.checks.statistics import (
    centred,
    has_variance,
    independent,
    is_distributed,
    same_draws,
    uses_the_generator,
    weights,
    weights_either_way,
)

TOPICS = ("initialisation", "layers")
FANS = (30, 200)  # (fan_in, fan_out), far apart: 6 000 weights, a standard deviation to 0.9 %
SHAPE = FANS[::-1]
SHAPED = "The array of weights has the shape (fan_out, fan_in)"
GENERATOR = "The weights come from the generator that is handed in"
CENTRED = "The mean is 0"

xavier = Exercise("06-2", "Xavier initialisation", "xavier", topics=TOPICS, same=same_draws)
he = Exercise("06-3", "He initialisation", "he", topics=TOPICS, same=same_draws)


def fresh(rng):
    """A generator in a state of its own: what a student draws from it does not change the check."""
    return np.random.default_rng(int(rng.integers(2**62)))


def _clipped(got):
    """Names what is true of clipped weights: one in a thousand, or more, has the largest size of all."""
    sizes = np.abs(got)
    return telling(
        np.sum(sizes == sizes.max()) > sizes.size / 1000 and len(np.unique(sizes)) > sizes.size / 20,
        "clipped",
        "Many weights have the largest size of all: they were cut off. Leave every number as it was drawn.",
    )


def _in_short(got):
    """The same of weights none of which lies far out, though they are not uniform either."""
    reach = np.abs(got).max() / (got.std() + 1e-300)
    return telling(
        1.85 < reach < 3 and not got.shape[0] > len(np.unique(got.round(12), axis=0)),
        "no weight far out",
        "Of thousands of normal numbers some lie beyond three deviations: leave all of them as they were drawn.",
    )


def _shape_check(exercise, *more):
    @exercise.check(
        SHAPED, 1, ("One row a unit: what multiplies x is x @ weights.T.", "size=(fan_out, fan_in)"), supporting=True
    )
    def array_of_weights_has_the_shape(function, rng):
        for fans in ((7, 3), (2, 9)):
            weights(function(*fans, fresh(rng), *more), fans[::-1])


def _generator_check(exercise, *more):
    hints = (
        "Two calls with generators in the same state must give the same weights; with others, other weights.",
        "rng.normal(0, std, size=(fan_out, fan_in)): not np.random, and no default_rng of your own.",
    )

    @exercise.check(GENERATOR, 1, hints)
    def weights_come_from_the_generator(function, rng):
        uses_the_generator(lambda generator: weights_either_way(function(30, 20, generator, *more), (20, 30)))


# --- 06-2 -----------------------------------------------------------------------------------------------------

NORMAL = "Normal: a normal distribution with the variance 2 / (fan_in + fan_out)"
UNIFORM = "Uniform: a uniform distribution with the variance 2 / (fan_in + fan_out)"
XAVIER = 2 / sum(FANS)

_shape_check(xavier, "normal")


@xavier.check(
    NORMAL,
    4,
    ("rng.normal takes a standard deviation, not a variance.", "rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), ...)"),
)
def normal_a_normal_distribution(function, rng):
    got = weights_either_way(function(*FANS, fresh(rng), "normal"), SHAPE)
    with _clipped(got), _in_short(got):
        independent(got)
        has_variance(got, XAVIER, "normal")
        is_distributed(got, "normal")


@xavier.check(
    UNIFORM,
    3,
    (
        "What is the variance of a uniform distribution on [-limit, limit]?",
        "limit^2 / 3 must be 2 / (fan_in + fan_out): limit = np.sqrt(6 / (fan_in + fan_out))",
    ),
)
def uniform_a_uniform_distribution(function, rng):
    got = weights_either_way(function(*FANS, fresh(rng), "uniform"), SHAPE)
    independent(got)
    has_variance(got, XAVIER, "uniform")
    is_distributed(got, "uniform")


@xavier.check(CENTRED, 1, "uniform(-limit, limit), not uniform(0, limit).", supporting=True)
def mean_is_0(function, rng):
    for distribution in ("uniform", "normal"):
        got = weights_either_way(function(*FANS, fresh(rng), distribution), SHAPE)
        independent(got)  # a few numbers, used many times, would have a mean by luck
        centred(got)


_generator_check(xavier, "normal")


def _drawn(rng, distribution, variance, shape, limit=None):
    if distribution == "uniform":
        limit = np.sqrt(3 * variance) if limit is None else limit
        return rng.uniform(-limit, limit, shape)
    return rng.normal(0, np.sqrt(variance), shape)


def _wrong_xavier(name, fails, says, variance=None, limit=None):
    """A mistake in the variance of the normal, in the limit of the uniform, or in both."""

    @xavier.mistake(name, fails, says)
    def name_xavier(fan_in, fan_out, rng, distribution):
        right = 2 / (fan_in + fan_out)
        spread = variance(fan_in, fan_out) if variance else right
        return _drawn(rng, distribution, spread, (fan_out, fan_in), limit and limit(fan_in, fan_out))


_wrong_xavier(
    "the variance in place of the standard deviation",
    NORMAL,
    "The second argument of rng.normal is the standard deviation: take the root of 2 / (fan_in + fan_out).",
    variance=lambda i, o: (2 / (i + o)) ** 2,
    limit=lambda i, o: np.sqrt(6 / (i + o)),
)
_wrong_xavier(
    "uniform limit without the root of 3",
    UNIFORM,
    "A uniform distribution on [-limit, limit] has the variance limit^2 / 3: the limit is sqrt(3) times the standard "
    "deviation.",
    limit=lambda i, o: np.sqrt(2 / (i + o)),
)
_wrong_xavier(
    "uniform limit times 3",
    UNIFORM,
    "limit^2 / 3 is the variance: the 3 stands under the root, sqrt(3 * variance).",
    limit=lambda i, o: 3 * np.sqrt(2 / (i + o)),
)
_wrong_xavier(
    "root of the numerator only",
    UNIFORM,
    "The root goes over the whole fraction: np.sqrt(6 / (fan_in + fan_out)).",
    limit=lambda i, o: np.sqrt(6) / (i + o),
)
_wrong_xavier(
    "uniform limit without a root",
    UNIFORM,
    "6 / (fan_in + fan_out) is the square of the limit: take its root.",
    limit=lambda i, o: 6 / (i + o),
)
_wrong_xavier(
    "one number for both",
    NORMAL,
    "sqrt(6 / (fan_in + fan_out)) is the limit of the uniform distribution; the normal one takes the standard "
    "deviation, sqrt(2 / (fan_in + fan_out)).",
    variance=lambda i, o: 6 / (i + o),
    limit=lambda i, o: np.sqrt(6 / (i + o)),
)
_wrong_xavier(
    "a gain of 5/3",
    (NORMAL, UNIFORM),
    "5/3 is PyTorch's gain for tanh. It is no part of Xavier's rule: 2 / (fan_in + fan_out).",
    variance=lambda i, o: 25 / 9 * 2 / (i + o),
)
_wrong_xavier(
    "LeCun's, 1 / fan_in",
    (NORMAL, UNIFORM),
    "1 / fan_in is LeCun's rule, which L4 prints under Glorot's name (erratum E46). Xavier Glorot's is a compromise "
    "of forward and backward: 2 / (fan_in + fan_out).",
    variance=lambda i, o: 1 / i,
)
_wrong_xavier(
    "He's, 2 / fan_in",
    (NORMAL, UNIFORM),
    "2 / fan_in is He's rule for ReLU, the next exercise. Xavier's: 2 / (fan_in + fan_out).",
    variance=lambda i, o: 2 / i,
)
for wanted in (max, min):
    _wrong_xavier(
        "one of the fans alone",
        (NORMAL, UNIFORM),
        "Xavier's takes the mean of both fans, not the larger or the smaller one: 2 / (fan_in + fan_out).",
        variance=lambda i, o, wanted=wanted: 1 / wanted(i, o),
    )
_wrong_xavier(
    "fan_out alone",
    (NORMAL, UNIFORM),
    "1 / fan_out suits the way back only. Xavier's takes the mean of both fans: 2 / (fan_in + fan_out).",
    variance=lambda i, o: 1 / o,
)
_wrong_xavier(
    "1 over the sum of the fans",
    (NORMAL, UNIFORM),
    "One over the MEAN of the fans is 2 / (fan_in + fan_out): the 2 is missing.",
    variance=lambda i, o: 1 / (i + o),
)
_wrong_xavier(
    "standard deviation 2 / (fan_in + fan_out) in both",
    (NORMAL, UNIFORM),
    "2 / (fan_in + fan_out) is the variance. The standard deviation is its root, and the uniform limit sqrt(3) times "
    "that.",
    variance=lambda i, o: (2 / (i + o)) ** 2,
)


def _from_0_to(times):
    """The right normal, and a uniform distribution from 0 to so many limits."""

    def function(fan_in, fan_out, rng, distribution):
        if distribution == "uniform":
            return rng.uniform(0, times * np.sqrt(6 / (fan_in + fan_out)), (fan_out, fan_in))
        return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_out, fan_in))

    return function


for times, fails in ((1, (CENTRED, UNIFORM)), (2, CENTRED)):
    xavier.mistake("not centred", fails, "Numbers from 0 upwards have a mean: draw from -limit to limit.")(
        _from_0_to(times)
    )


@xavier.mistake(
    "always uniform",
    NORMAL,
    'Both calls give a uniform distribution: draw with rng.normal where distribution is "normal".',
)
def always_uniform(fan_in, fan_out, rng, distribution):
    return _drawn(rng, "uniform", 2 / (fan_in + fan_out), (fan_out, fan_in))


@xavier.mistake(
    "distribution ignored",
    UNIFORM,
    'Both calls give a normal distribution: draw with rng.uniform where distribution is "uniform".',
)
def distribution_ignored(fan_in, fan_out, rng, distribution):
    return _drawn(rng, "normal", 2 / (fan_in + fan_out), (fan_out, fan_in))


@xavier.mistake(
    "the two distributions exchanged",
    (NORMAL, UNIFORM),
    'Draw normally where it says "normal", uniformly otherwise.',
)
def two_distributions_exchanged(fan_in, fan_out, rng, distribution):
    other = "normal" if distribution == "uniform" else "uniform"
    return _drawn(rng, other, 2 / (fan_in + fan_out), (fan_out, fan_in))


# --- 06-3 -----------------------------------------------------------------------------------------------------

RELU = "ReLU (slope 0): the variance is 2 / fan_in"
LEAKY = "A slope on the negative side: the variance is 2 / ((1 + slope^2) fan_in)"
NORMALLY = "The weights are normally distributed around 0"

_shape_check(he, 0.0)


@he.check(
    RELU,
    3,
    ("rng.normal takes a standard deviation, not a variance.", "rng.normal(0, np.sqrt(2 / fan_in), ...)"),
)
def relu_slope_0_the_variance(function, rng):
    got = weights_either_way(function(*FANS, fresh(rng), 0.0), SHAPE)
    with _clipped(got), _in_short(got):
        independent(got)  # a few numbers, used many times, would have a variance by luck
        has_variance(got, 2 / FANS[0], "normal")


@he.check(
    LEAKY,
    3,
    (
        "Half of the inputs pass whole, the other half times the slope: what is left of the second moment?",
        "(1 + slope**2) / 2 of it is left, so the variance is 2 / ((1 + slope**2) * fan_in).",
    ),
)
def slope_on_the_negative_side(function, rng):
    slopes = rng.uniform(0.15, 0.2), rng.uniform(0.45, 0.55), rng.uniform(0.8, 0.9)  # no other formula fits all
    drawn = [weights_either_way(function(*FANS, fresh(rng), slope), SHAPE) for slope in slopes]
    for slope, got in zip(slopes, drawn, strict=True):
        with _clipped(got), _in_short(got):
            independent(got)
            has_variance(got, 2 / ((1 + slope**2) * FANS[0]), "normal")


@he.check(NORMALLY, 2, "rng.normal(0, std, size=...), neither cut off nor uniform.")
def weights_are_normally_distributed_around_0(function, rng):
    got = weights_either_way(function(*FANS, fresh(rng), 0.0), SHAPE)
    with _clipped(got), _in_short(got):
        independent(got)
        centred(got)
        is_distributed(got, "normal")


_generator_check(he, 0.0)


def _wrong_he(name, fails, says, variance):
    @he.mistake(name, fails, says)
    def name_he(fan_in, fan_out, rng, slope):
        return rng.normal(0, np.sqrt(variance(fan_in, fan_out, slope)), (fan_out, fan_in))


_wrong_he(
    "the variance in place of the standard deviation",
    (RELU, LEAKY),
    "The second argument of rng.normal is the standard deviation: take the root of 2 / fan_in.",
    lambda i, o, a: (2 / (i * (1 + a * a))) ** 2,
)
_wrong_he(
    "fan_out in place of fan_in",
    (RELU, LEAKY),
    "The signal forward adds up fan_in products: divide by fan_in, the number of columns.",
    lambda i, o, a: 2 / (o * (1 + a * a)),
)
_wrong_he(
    "without the 2 (LeCun)",
    (RELU, LEAKY),
    "1 / fan_in suits a layer without ReLU. ReLU halves the second moment: the 2 makes up for it.",
    lambda i, o, a: 1 / (i * (1 + a * a)),
)
_wrong_he(
    "Xavier's",
    (RELU, LEAKY),
    "2 / (fan_in + fan_out) is Xavier's rule, made without ReLU in mind (L4: it does not work there).",
    lambda i, o, a: 2 / ((i + o) * (1 + a * a)),
)
_wrong_he(
    "gain of 2 on the standard deviation",
    (RELU, LEAKY),
    "The variance is doubled, so the standard deviation grows by sqrt(2), not by 2.",
    lambda i, o, a: 4 / (i * (1 + a * a)),
)
_wrong_he(
    "the mean of both fans",
    (RELU, LEAKY),
    "The mean of fan_in and fan_out is Xavier's compromise: He's has fan_in alone.",
    lambda i, o, a: 4 / ((i + o) * (1 + a * a)),
)
_wrong_he(
    "the root over fan_in alone",
    (RELU, LEAKY),
    "The root goes over the whole fraction: np.sqrt(2 / ((1 + slope**2) * fan_in)).",
    lambda i, o, a: 4 / (i * (1 + a * a) ** 2),
)
_wrong_he(
    "fan_out, and the slope ignored",
    (RELU, LEAKY),
    "Divide by fan_in, the number of columns, and by 1 + slope^2.",
    lambda i, o, a: 2 / o,
)
_wrong_he(
    "fan_in squared",
    (RELU, LEAKY),
    "fan_in counts once: a sum of fan_in terms has fan_in times the variance of one.",
    lambda i, o, a: 2 / (i**2 * (1 + a * a)),
)
_wrong_he(
    "standard normal",
    (RELU, LEAKY),
    "What the generator draws has the variance 1: multiply by the root of 2 / ((1 + slope^2) fan_in).",
    lambda i, o, a: 1.0,
)
_wrong_he(
    "slope ignored",
    LEAKY,
    "With a slope the negative half gets through too, in part: the weights must be smaller by 1 + slope^2.",
    lambda i, o, a: 2 / i,
)
_wrong_he(
    "the variance of the activation in place of its mean square",
    (RELU, LEAKY),
    "What comes out of the activation has a mean, and the next layer adds up its squares with it: (1 + slope^2) / 2.",
    lambda i, o, a: 1 / (i * ((1 + a * a) / 2 - (1 - a) ** 2 / (2 * np.pi))),
)
_wrong_he(
    "slope not squared",
    LEAKY,
    "It is the second moment that passes: the negative half keeps slope^2 of it.",
    lambda i, o, a: 2 / (i * (1 + a)),
)
_wrong_he(
    "multiplied where one divides",
    LEAKY,
    "More gets through with a slope, so the weights must be smaller: divide by 1 + slope^2.",
    lambda i, o, a: 2 * (1 + a * a) / i,
)
_wrong_he(
    "1 - slope^2",
    LEAKY,
    "1 - slope^2 is near 1 / (1 + slope^2) for small slopes only: divide by 1 + slope^2.",
    lambda i, o, a: 2 * (1 - a * a) / i,
)
_wrong_he(
    "1 + slope^2 outside of the root",
    LEAKY,
    "The root goes over the whole fraction: np.sqrt(2 / ((1 + slope**2) * fan_in)).",
    lambda i, o, a: 2 / (i * (1 + a * a) ** 2),
)
_wrong_he(
    "slope^2 without the 1",
    LEAKY,
    "The positive half passes whole: 1 + slope^2.",
    lambda i, o, a: 2 / (i * (a * a if a else 1)),
)


@he.mistake(
    "uniform in place of normal",
    NORMALLY,
    "The variance is right, but the distribution is uniform: this exercise asks for rng.normal.",
)
def uniform_in_place_of_normal(fan_in, fan_out, rng, slope):
    limit = np.sqrt(6 / (fan_in * (1 + slope**2)))
    return rng.uniform(-limit, limit, (fan_out, fan_in))


@he.mistake(
    "cut off",
    (RELU, LEAKY, NORMALLY),
    "Weights beyond two standard deviations were cut off or drawn anew, and the variance went down with them. Draw "
    "from the whole normal distribution.",
)
def cut_off(fan_in, fan_out, rng, slope):
    drawn = rng.normal(size=(fan_out, fan_in))
    while np.any(far := np.abs(drawn) > 2):
        drawn[far] = rng.normal(size=far.sum())
    return drawn * np.sqrt(2 / (fan_in * (1 + slope**2)))


# --- Both -----------------------------------------------------------------------------------------------------


def _right(exercise):
    """A right answer of ``exercise`` with a part exchanged: ``(fan_in, fan_out, rng, last argument) -> weights``."""
    if exercise is xavier:
        return lambda i, o, rng, distribution, shape: _drawn(rng, distribution, 2 / (i + o), shape)
    return lambda i, o, rng, slope, shape: rng.normal(0, np.sqrt(2 / (i * (1 + slope**2))), shape)


def _in_both(name, fails, says, change):
    """The same mistake in both exercises: ``change(draw, fan_in, fan_out, rng, last) -> weights``."""

    def xaviers(fan_in, fan_out, rng, distribution):
        return change(_right(xavier), fan_in, fan_out, rng, distribution)

    def hes(fan_in, fan_out, rng, slope):
        return change(_right(he), fan_in, fan_out, rng, slope)

    xavier.mistake(name, fails, says)(xaviers)
    he.mistake(name, fails, says)(hes)


_in_both(
    "axes exchanged",
    SHAPED,
    "One row a unit, one column an input: the shape is (fan_out, fan_in), as in the library and in PyTorch.",
    lambda draw, i, o, rng, last: draw(i, o, rng, last, (i, o)),
)
_in_both(
    "NumPy's global generator",
    GENERATOR,
    "np.random.normal and np.random.uniform do not know of rng: call rng.normal, rng.uniform. Otherwise nobody can "
    "repeat the run.",
    lambda draw, i, o, rng, last: draw(i, o, np.random, last, (o, i)),
)
_in_both(
    "a generator of its own",
    GENERATOR,
    "A new default_rng in the function draws the same weights for every layer: draw from the rng that is handed in.",
    lambda draw, i, o, rng, last: draw(i, o, np.random.default_rng(0), last, (o, i)),
)


@xavier.mistake(
    "uniform limit with 6 for 3",
    UNIFORM,
    "The variance on [-a, a] is a^2 / 3: a = sqrt(3 variance). 6 over the sum of the fans has the 2 in it already.",
)
def uniform_limit_with_6_for_3(fan_in, fan_out, rng, distribution):
    variance = 2 / (fan_in + fan_out)
    if distribution == "uniform":
        limit = np.sqrt(6 * variance)
        return rng.uniform(-limit, limit, size=(fan_out, fan_in))
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@xavier.mistake(
    "cut off at two deviations",
    (NORMAL, CENTRED),
    "A normal distribution is not cut off: clipping makes its variance smaller.",
)
def cut_off_at_two_deviations(fan_in, fan_out, rng, distribution):
    variance = 2 / (fan_in + fan_out)
    if distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return rng.uniform(-limit, limit, size=(fan_out, fan_in))
    return np.clip(
        rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in)), -2 * np.sqrt(variance), 2 * np.sqrt(variance)
    )


@xavier.mistake("standard normal", NORMAL, "The variance is 2 / (fan_in + fan_out), not 1.")
def standard_normal(fan_in, fan_out, rng, distribution):
    variance = 2 / (fan_in + fan_out)
    if distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return rng.uniform(-limit, limit, size=(fan_out, fan_in))
    return rng.normal(0, 1, size=(fan_out, fan_in))


@xavier.mistake(
    "one unit for all", (NORMAL, CENTRED), "All units get the same weights and stay alike: draw fan_out rows."
)
def one_unit_for_all(fan_in, fan_out, rng, distribution):
    variance = 2 / (fan_in + fan_out)
    if distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return rng.uniform(-limit, limit, size=(fan_out, fan_in))
    return np.tile(rng.normal(0, np.sqrt(variance), size=(1, fan_in)), (fan_out, 1))


@xavier.mistake(
    "the geometric mean of the fans",
    (NORMAL, UNIFORM),
    "Xavier's has the arithmetic mean of the fans: 2 / (fan_in + fan_out).",
)
def the_geometric_mean_of_the_fans(fan_in, fan_out, rng, distribution):
    variance = 1 / np.sqrt(fan_in * fan_out)
    if distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return rng.uniform(-limit, limit, size=(fan_out, fan_in))
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@he.mistake("brackets missing", (RELU, LEAKY), "fan_in multiplies the whole bracket: 2 / ((1 + slope^2) * fan_in).")
def brackets_missing(fan_in, fan_out, rng, slope):
    variance = 2 / (1 + slope**2 * fan_in)
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@he.mistake(
    "fan_in above the line",
    (RELU, LEAKY),
    "2 / a * b multiplies by b: put a bracket around what stands below the line.",
)
def fan_in_above_the_line(fan_in, fan_out, rng, slope):
    variance = 2 / (1 + slope**2) * fan_in
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@he.mistake(
    "Xavier's without the slope",
    (RELU, LEAKY),
    "2 / (fan_in + fan_out) is Xavier's: He's has fan_in alone, and the slope.",
)
def xavier_s_without_the_slope(fan_in, fan_out, rng, slope):
    variance = 2 / (fan_in + fan_out)
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@he.mistake("minus the square of the slope", LEAKY, "More gets through with a slope: 1 + slope^2.")
def minus_the_square_of_the_slope(fan_in, fan_out, rng, slope):
    variance = 2 / ((1 - slope**2) * fan_in)
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@he.mistake("the sum squared", LEAKY, "Only the slope is squared: 1 + slope^2.")
def the_sum_squared(fan_in, fan_out, rng, slope):
    variance = 2 / ((1 + slope) ** 2 * fan_in)
    return rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in))


@he.mistake(
    "one unit for all", (RELU, LEAKY, NORMALLY), "All units get the same weights and stay alike: draw fan_out rows."
)
def he_one_unit_for_all(fan_in, fan_out, rng, slope):
    row = rng.normal(0, np.sqrt(2 / ((1 + slope**2) * fan_in)), size=(1, fan_in))
    return np.tile(row, (fan_out, 1))


@he.mistake(
    "the deviation as the mean",
    (RELU, LEAKY, NORMALLY),
    "The first argument of rng.normal is the mean, which is 0, the second one the standard deviation.",
)
def deviation_as_the_mean(fan_in, fan_out, rng, slope):
    return rng.normal(np.sqrt(2 / ((1 + slope**2) * fan_in)), size=(fan_out, fan_in))


@he.mistake("sizes only", (RELU, LEAKY, NORMALLY), "Weights have either sign: no np.abs.")
def sizes_only(fan_in, fan_out, rng, slope):
    variance = 2 / ((1 + slope**2) * fan_in)
    return np.abs(rng.normal(0, np.sqrt(variance), size=(fan_out, fan_in)))
