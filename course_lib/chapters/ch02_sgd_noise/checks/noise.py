"""Exercises 02-6 and 02-7: what the text works out in one case, to be derived for all; and a run foretold.

The checks hold no formula of what is asked for: they count all batches that can be drawn, and go step by step.
"""

from itertools import product

import numpy as np

from course_lib.chapters.ch02_sgd_noise.checks.rules import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kinds import nearly, within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

limit = Exercise("02-6", "The limit for samples that differ", "largest_rate", topics=TOPICS, kind="derive")
arrival = Exercise(
    "02-7", "When the run arrives", "steps_to_ball", topics=TOPICS, kind="predict", same=nearly(0.01, 1.0)
)


# --- 02-6: curvatures, batch_size -> learning rate -----------------------------------------------------------------

ONE = "With one sample at a time the mean square neither grows nor shrinks at this rate"
BATCHES = "With mini-batches the mean square neither grows nor shrinks at this rate"
EVERYTHING = (ONE, BATCHES, PURE)


def _batch_means(curvatures, batch_size):
    """The mean curvature of every batch that can be drawn with replacement, each as likely as the others."""
    return np.array(list(product(curvatures, repeat=batch_size))).mean(axis=1)


def _limit(curvatures, batch_size):
    """Where the mean of (1 - rate * mean curvature)^2 over all batches, a parabola in the rate, is 1 again."""
    means = _batch_means(curvatures, batch_size)
    if not (means.mean() > 0 and np.isfinite(means).all()):
        raise ValueError("The mean curvature is no positive number.")
    middle, factor = np.array([0.5, 1.0, 1.5]) / means.mean(), lambda rate: np.mean((1 - rate * means) ** 2)
    square, slope, start = np.polyfit(middle, [factor(rate) for rate in middle], 2)
    return (-slope + np.sqrt(slope**2 - 4 * square * (start - 1))) / (2 * square)


def _curvatures(rng, count):
    """Far apart, not in order, one of them 0 where there are enough of them."""
    found = rng.uniform(0.5, 1.0, count) * 2.0 ** np.arange(count)
    return rng.permutation(np.where((np.arange(count) == 0) & (count > 3), 0.0, found))


def _limits(rng):
    return [
        (_curvatures(rng, 3), 4),
        (_curvatures(rng, 5), 3),
        (_curvatures(rng, 4), 1),
        (rng.uniform(0.5, 2.0, 1), 2),
        (np.full(3, rng.uniform(0.5, 2.0)), 2),
        (_curvatures(rng, 3) / 1000, 2),
        (_curvatures(rng, 2), 6),
        (rng.uniform(0.5, 2.0) * np.array([0.9, 1.0, 1.1]), 2),  # hardly any spread
    ]


whole(limit, _limit, _limits, ("the learning rate",), again=True)


@limit.check(
    ONE,
    points=1,
    hint=(
        "theta becomes (1 - rate * h) theta, with a random h. By which factor does the mean of theta^2 change?",
        "The factor is 1 - 2 rate E[h] + rate^2 E[h^2]. At which rate is it 1?",
    ),
)
def one_sample_at_a_time(largest_rate, rng):
    curvatures = _curvatures(rng, 5)
    close(largest_rate(curvatures, 1), _limit(curvatures, 1), "the learning rate")


@limit.check(
    BATCHES,
    points=2,
    hint=(
        "The mean curvature of a batch is random, too: it has the same mean, and a smaller variance.",
        "The mean of a square is the square of the mean plus the variance, and (2.2) says how the variance falls.",
    ),
)
def mini_batches(largest_rate, rng):
    curvatures = _curvatures(rng, 5)
    for batch_size in (3, 4):
        close(largest_rate(curvatures, batch_size), _limit(curvatures, batch_size), "the learning rate")


@limit.check(PURE, points=1, hint=PURE_HINT, aside=True)
def curvatures_are_left(largest_rate, rng):
    leaves_inputs_alone(largest_rate, _curvatures(rng, 4), 3, other=(_curvatures(rng, 5), 2))


def _rate(curvatures, variance):
    return 2 * np.mean(curvatures) / (np.mean(curvatures) ** 2 + variance)


def _of_moments(rate):
    """An answer that is ``rate(mean, variance)`` of a batch's curvature."""
    return lambda curvatures, batch_size: rate(np.mean(curvatures), np.var(curvatures) / batch_size)


def _with_variance(variance):
    return lambda curvatures, batch_size: _rate(curvatures, variance(curvatures, batch_size))


for name, fails, says, variance in (
    (
        "the batch size left out",
        BATCHES,
        "This is right for one sample. The mean curvature of a larger batch varies less.",
        lambda h, m: np.var(h),
    ),
    (
        "divided by the root of the batch size",
        BATCHES,
        "The standard deviation falls like 1 / sqrt(m); the variance like 1 / m.",
        lambda h, m: np.var(h) / np.sqrt(m),
    ),
    (
        "divided by the square of the batch size",
        BATCHES,
        "The variance of a mean of m samples is 1 / m of that of one.",
        lambda h, m: np.var(h) / m**2,
    ),
    (
        "without replacement",
        BATCHES,
        "That is the variance without replacement; here a batch may hold the same sample twice.",
        lambda h, m: np.var(h) / m * (len(h) - m) / max(len(h) - 1, 1),
    ),
    (
        "the whole second moment divided by the batch size",
        BATCHES,
        "The mean of a square is the square of the mean plus the variance: only the variance falls with the batch.",
        lambda h, m: np.mean(h**2) / m - np.mean(h) ** 2,
    ),
    (
        "the mean square in place of the variance",
        EVERYTHING,
        "The square of the mean counts already: what is added to it is the variance, E[h^2] - E[h]^2.",
        lambda h, m: np.mean(h**2) / m,
    ),
    (
        "the deviation in place of the variance",
        EVERYTHING,
        "To the square of the mean the variance is added, which is a square, too: np.var, not np.std.",
        lambda h, m: np.std(h) / m,
    ),
    (
        "without replacement",
        BATCHES,
        "That is the variance without replacement; here a batch may hold the same sample twice.",
        lambda h, m: np.var(h) / m * max(len(h) - m, 0) / max(len(h) - 1, 1),
    ),
    (
        "the deviation in place of the variance",
        EVERYTHING,
        "To the square of the mean the variance is added, which is a square, too: np.var, not np.std.",
        lambda h, m: np.std(h) / np.sqrt(m),
    ),
    (
        "multiplied by the batch size",
        BATCHES,
        "Larger batches are quieter: divide the variance by the batch size.",
        lambda h, m: np.var(h) * m,
    ),
    (
        "the curvature of the mean alone",
        EVERYTHING,
        "2 divided by the mean curvature is the limit of the full batch: differences of samples are multiplied, too.",
        lambda h, m: 0.0,
    ),
    (
        "variance with N - 1",
        EVERYTHING,
        "The samples are all that there is: their variance divides by N (np.var as it is).",
        lambda h, m: np.var(h, ddof=min(1, len(h) - 1)) / m,
    ),
):
    limit.mistake(name, fails, says)(_with_variance(variance))


@limit.mistake("the steepest sample decides", EVERYTHING, "2 / max is safe, but not the limit: it comes up rarely.")
def steepest_sample(curvatures, batch_size):
    return 2 / np.max(curvatures)


@limit.mistake(
    "the mean of the samples' own limits",
    EVERYTHING,
    "Each sample alone has the limit 2 / h, but theta meets them in turns: average what a step does to theta^2.",
)
def mean_of_limits(curvatures, batch_size):
    return np.mean(2 / curvatures[curvatures > 0])


for name, says, rate in (
    (
        "the mean not squared",
        "The factor is 1 - 2 rate E[h] + rate^2 E[h^2], and E[h^2] has the square of the mean in it.",
        lambda mean, variance: 2 * mean / (mean + variance),
    ),
    (
        "the square of the mean left out",
        "The mean of a square is the square of the mean plus the variance.",
        lambda mean, variance: 2 * mean / variance if variance else 2 / mean,
    ),
    (
        "2 by the root of the mean square",
        "Solve 1 - 2 rate E[h] + rate^2 E[h^2] = 1: no root is needed.",
        lambda mean, variance: 2 / np.sqrt(mean**2 + variance),
    ),
    (
        "2 by the mean plus the deviation",
        "The mean of theta^2 is asked for, not a typical run: solve 1 - 2 rate E[h] + rate^2 E[h^2] = 1.",
        lambda mean, variance: 2 / (mean + np.sqrt(variance)),
    ),
    (
        "the inverse",
        "From rate^2 E[h^2] = 2 rate E[h] follows rate = 2 E[h] / E[h^2], not the other way round.",
        lambda mean, variance: (mean**2 + variance) / (2 * mean),
    ),
):
    limit.mistake(name, EVERYTHING, says)(_of_moments(rate))


@limit.mistake(
    "half of it",
    EVERYTHING,
    "At this rate the mean square shrinks fastest. The limit is where it has stopped shrinking.",
)
def half_of_it(curvatures, batch_size):
    return _rate(curvatures, np.var(curvatures) / batch_size) / 2


# --- 02-7: curvature, learning_rate, noise, distance -> number of steps ----------------------------------------------

FAR = "From far away the number of steps is right"
INSIDE = "Who begins inside needs no step, who begins outside needs some"
MOST = 100_000  # steps; an answer for other arguments may never arrive
OFF = 0.05  # of the number of steps, or one step
EVERY = (FAR, INSIDE)
BELOW_0 = "less than no step", "The logarithm of what is less than nothing: who is inside already needs 0 steps."


def _steps(curvature, learning_rate, noise, distance):
    """How many steps until the mean square distance is at most twice what it ends at, one after the other."""
    shrinks = (1 - learning_rate * curvature) ** 2
    kick = (learning_rate * curvature) ** 2 * noise
    end, square, steps = kick / (1 - shrinks), distance**2, 0
    while square > 2 * end > 0 and steps < MOST:
        square, steps = shrinks * square + kick, steps + 1
    return steps


def _setting(rng, low, high, times=None, small=(True, False)):
    """``learning_rate * curvature`` from ``low`` to ``high``; begins ``times`` the radius away, 16 to 60 by default.

    ``small``: whether curvature and noise are below 1. Near 1 they would be the same as their squares.
    """
    curvature, noise = (rng.uniform(0.15, 0.4) if one else rng.uniform(3.0, 6.0) for one in small)
    curvature = 0.25 if low == high else curvature  # then the pull is exactly that
    pull = rng.uniform(low, high)
    radius = np.sqrt(pull / (2 - pull) * noise)
    return curvature, pull / curvature, noise, radius * (times or 10 ** rng.uniform(1.2, 1.8))


def _agrees(steps, expected, *_):
    within(steps, expected, OFF, "the number of steps", least=1.0)


def _settings(rng):
    return [
        _setting(rng, 0.01, 0.03),
        _setting(rng, 1.93, 1.96),
        _setting(rng, 0.25, 0.35),
        _setting(rng, 1.6, 1.7),
        _setting(rng, 0.02, 0.05, 0.7, (False, True)),  # so near that a negative number of steps is a large one
        _setting(rng, 1.2, 1.9, 0.7, (False, True)),
        _setting(rng, 0.02, 0.03, 1.7),
        _setting(rng, 1.0, 1.0),
        _setting(rng, 1e-4, 1.5e-4),  # far more than 10 000 steps
    ]


whole(arrival, _steps, _settings, ("the number of steps",), agree=_agrees, again=True)


@arrival.check(
    FAR,
    points=2,
    hint=(
        "Only the difference to the mean square at the end shrinks, by (1 - rate * curvature)^2 in each step.",
        "Solve (distance^2 - V) (1 - rate * curvature)^(2 t) = V for t, with V of (2.3).",
    ),
)
def from_far_away(steps_to_ball, rng):
    for low, high, times, small in (
        (0.25, 0.35, None, (True, False)),
        (0.05, 0.06, None, (False, True)),
        (0.02, 0.025, rng.uniform(2.1, 2.3), (False, True)),  # farther away lengths and squares would agree
        (1.82, 1.88, None, (True, True)),
    ):
        given = _setting(rng, low, high, times, small)
        _agrees(steps_to_ball(*given), _steps(*given))


@arrival.check(INSIDE, points=1, hint="What does your formula say where distance^2 is less than V?")
def who_begins_inside(steps_to_ball, rng):
    for times, small in ((1.1, (True, False)), (1.3, (False, True))):
        steps = steps_to_ball(*_setting(rng, 0.02, 0.05, times, small))
        with telling(lambda steps=steps: shaped(steps, ()) < 0, *BELOW_0):
            within(steps, 0, OFF, "the number of steps", least=1e-9)
    for times in (10, 1.7):
        if shaped(steps := steps_to_ball(*_setting(rng, 0.02, 0.05, times)), (), "the number of steps") < 2:
            raise Wrong("Who begins outside needs steps.", got=steps)


def _solved(ratio, pull, clipped=True):
    """``t`` of ``ratio = exp(pull * t)``, and no less than 0."""
    steps = np.log(ratio) / pull
    return float(max(steps, 0.0)) if clipped else float(steps)


def _formula(curvature, learning_rate, noise, distance):
    """``(pull, V, distance^2)``."""
    pull = learning_rate * curvature
    return pull, pull / (2 - pull) * noise, distance**2


def _with_steps(steps):
    """An answer that is 0 inside, and ``steps(pull, V, distance^2)`` outside."""

    def answer(curvature, learning_rate, noise, distance):
        pull, v, square = _formula(curvature, learning_rate, noise, distance)
        return 0.0 if square <= 2 * v else float(steps(pull, v, square))

    return answer


for name, missed, says, steps in (
    (
        "the distance, not its square",
        FAR,
        "The distance shrinks by |1 - rate * curvature|, its square by the square of that.",
        lambda pull, v, square: _solved(v / (square - v), np.log(abs(1 - pull))),
    ),
    (
        "exp in place of the power",
        FAR,
        "(1 - x)^t is near exp(-x t) for small x only.",
        lambda pull, v, square: _solved(v / (square - v), -2 * pull),
    ),
    (
        "the ball without its second order",
        FAR,
        "rate * curvature / 2 is the size of the ball for small steps; (2.3) has 2 - rate * curvature.",
        lambda pull, v, square: _solved(
            1 / (square / (pull / 2 * v * (2 - pull) / pull) - 1), 2 * np.log(abs(1 - pull))
        ),
    ),
    (
        "the logarithm to base 10",
        FAR,
        "np.log10 above, np.log below: take the same logarithm twice.",
        lambda pull, v, square: _solved(v / (square - v), 2 * np.log(abs(1 - pull))) / np.log(10),
    ),
    (
        "without what is left of the noise",
        FAR,
        "(1 - rate * curvature)^(2 t) distance^2 falls to V, not to 2 V: the noise adds V by itself.",
        lambda pull, v, square: _solved(2 * v / square, 2 * np.log(abs(1 - pull))),
    ),
    (
        "a factor of two, not twice the ball",
        FAR,
        "That is how long it takes to halve the distance; wanted is when it comes within twice the ball.",
        lambda pull, v, square: 0.0 if square <= 2 * v else _solved(0.5, 2 * np.log(abs(1 - pull))),
    ),
    (
        "steps beyond the minimum left out",
        FAR,
        "Where rate * curvature is above 1 the run overshoots, and still comes closer: take the absolute value.",
        lambda pull, v, square: _solved(v / (square - v), 2 * np.log(1 - pull)) if square > 2 * v else 0.0,
    ),
    (
        "no step where it overshoots",
        FAR,
        "Where rate * curvature is above 1 the run overshoots, and still comes closer: take the absolute value.",
        lambda pull, v, square: _solved(v / (square - v), 2 * np.log(1 - pull)) if pull < 1 else 0.0,
    ),
    (
        "the square of a step cut short",
        FAR,
        "(1 - x)^2 is 1 - 2 x + x^2: the last term counts, unless steps are small.",
        lambda pull, v, square: _solved(v / (square - v), np.log(abs(1 - 2 * pull))),
    ),
    (
        "twice the ball on top of the ball",
        EVERY,
        "The mean square is V plus what shrinks: at 2 V there is V left to shrink, not 2 V.",
        lambda pull, v, square: _solved(2 * v / (square - v), 2 * np.log(abs(1 - pull))),
    ),
):
    arrival.mistake(name, missed, says)(_with_steps(steps))


def _measured(scale, border=2.0):
    """An answer for ``(distance^2, V) = scale(curvature, noise, distance, V)``, until it is ``border`` times V."""

    def answer(curvature, learning_rate, noise, distance):
        pull, v, _ = _formula(curvature, learning_rate, noise, distance)
        square, v = scale(curvature, noise, distance, v)
        if square <= border * v:
            return 0.0
        return _solved((border - 1) * v / (square - v), 2 * np.log(abs(1 - pull)))

    return answer


for name, missed, says, scale, border in (
    (
        "twice the radius",
        (FAR, INSIDE),
        "At twice the radius the mean square is four times that of the ball.",
        lambda h, noise, distance, v: (distance**2, v),
        4.0,
    ),
    (
        "the distance not squared",
        EVERY,
        "V is a mean square: what it is compared with is the square of the distance.",
        lambda h, noise, distance, v: (distance, v),
        2.0,
    ),
    (
        "the noise squared",
        EVERY,
        "noise stands for sigma^2: it is not squared again.",
        lambda h, noise, distance, v: (distance**2, v * noise),
        2.0,
    ),
    (
        "the loss in place of the distance",
        EVERY,
        "Both are mean square distances: curvature / 2 belongs to neither, or to both.",
        lambda h, noise, distance, v: (h * distance**2 / 2, v),
        2.0,
    ),
    (
        "noise taken for that of the gradient",
        EVERY,
        "sigma^2 of (2.3) is the spread of the samples' minima; the noise of the gradient is curvature^2 times that.",
        lambda h, noise, distance, v: (distance**2, v / h**2),
        2.0,
    ),
):
    arrival.mistake(name, missed, says)(_measured(scale, border))


@arrival.mistake(
    "lengths in place of squares",
    EVERY,
    "The mean square is to be at most twice that of the ball; the distance is then sqrt(2) times its radius.",
)
def lengths_in_place_of_squares(curvature, learning_rate, noise, distance):
    pull, v, square = _formula(curvature, learning_rate, noise, distance)
    ratio = np.sqrt(square / v)
    return 0.0 if ratio <= 2 else _solved(1 / (ratio - 1), np.log(abs(1 - pull)))


@arrival.mistake(BELOW_0[0], INSIDE, BELOW_0[1])
def less_than_no_step(curvature, learning_rate, noise, distance):
    pull, v, square = _formula(curvature, learning_rate, noise, distance)
    return _solved(v / (square - v), 2 * np.log(abs(1 - pull)), clipped=False)
