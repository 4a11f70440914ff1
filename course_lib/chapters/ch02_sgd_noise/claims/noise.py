"""Chapter 2, the noise: unbiased gradients, the ball in which a fixed step ends, the O(1/k) bound, batch size."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.experiments import ball_variance, bowls, diminishing_bound, variance_factor
from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    log_slope,
    mean_interval,
    not_shown,
    share_interval,
)
from course_lib.objective import Objective
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.schedules import inverse_time
from course_lib.stochastic import least_squares, with_gradient_noise

UNIT = Objective(
    value=lambda theta: np.sum(np.square(theta), axis=-1) / 2, gradient=lambda theta: np.array(theta, dtype=float)
)


def regression(rng, size=64, n=4, noise=1.0):
    """``x (size, n)``, ``y (size,)`` and the least-squares solution."""
    x = rng.normal(size=(size, n))
    y = x @ rng.normal(size=n) + noise * rng.normal(size=size)
    return x, y, np.linalg.lstsq(x, y, rcond=None)[0]


# --- C-02-1 -------------------------------------------------------------------------------------------

SIZES = np.array([1, 2, 4, 8, 16, 32])
DRAWS = 20_000


def _unbiased():
    rng = np.random.default_rng(201)
    x, y, _ = regression(rng)
    theta = rng.normal(size=4)
    exact, bias, variance = least_squares(x, y).gradient(theta), [], {True: [], False: []}
    for replacement in (True, False):
        for size in SIZES:
            batch = least_squares(x, y, int(size), replacement, runs=DRAWS).sample(rng)
            error = batch.gradient(np.tile(theta, (DRAWS, 1))) - exact
            variance[replacement].append(np.sum(error.var(axis=0)))
            bias.append(np.abs(error.mean(axis=0)) / (error.std(axis=0) / np.sqrt(DRAWS)))
    with_, without = np.array(variance[True]), np.array(variance[False])
    expected = [variance_factor(64, int(size), "without replacement") for size in SIZES]
    numbers = {
        "bias": Measured(np.max(bias), label="largest mean error of 48, in standard errors", digits=2),
        "slope": Measured(log_slope(SIZES, with_), label="variance ~ m^p with replacement: p"),
        "half": Measured(without[-1] / with_[-1], label="m = 32 of 64: variance without / with replacement", digits=2),
        "theory": Measured(
            np.max(np.abs(without / without[0] / expected - 1)),
            label="deviation from (N - m) / (m (N - 1)) without replacement",
            digits=1,
        ),
    }
    lines = (
        Line("with replacement", SIZES, with_),
        Line("without replacement", SIZES, without),
        Line("1 / m", SIZES, with_[0] / SIZES, theory=True),
    )
    return Evidence(numbers, Plot("batch size m", "variance of the gradient", lines, "xy"))


def _judge_unbiased(n):
    if n["bias"].value > 4.5:
        return fails("the mean of the sampled gradients is not the gradient")
    if not -1.05 < n["slope"].value < -0.95:
        return fails("the variance does not fall like 1 / m")
    if n["half"].value < 0.9:
        return holds_if("1 / m is meant with replacement, or for m small against N; without, variance falls faster")
    return holds("unbiased, and the variance falls like 1 / m however batches are drawn")


UNBIASED = Claim(
    id="C-02-1",
    lecture="L1 section 3.3; L4 mini-batch gradient descent",
    statement="The gradient of a random mini-batch is an unbiased estimate whose variance falls like 1 / batch size",
    condition=f"Least squares, 64 samples in 4 dimensions; {DRAWS} batches of each size from 1 to 32, drawn both ways",
    rule="Fails if one of the 48 mean errors exceeds 4.5 standard errors, or the exponent with replacement leaves "
    "-1.05 to -0.95. 'Holds if' when half of all samples without replacement have less than 0.9 of the variance.",
    experiment=_unbiased,
    judge=_judge_unbiased,
    effects=(Effect("half", none=1.0),),
)

# --- C-02-2 -------------------------------------------------------------------------------------------

STEPS = np.array([0.05, 0.1, 0.2, 0.5, 1.0, 1.5])


def _ball():
    rng = np.random.default_rng(202)
    noisy = with_gradient_noise(UNIT, 1.0)
    start = np.full((len(STEPS), 400, 1), 3.0)
    thetas = descend(noisy, SGD(STEPS[:, None, None]), start, 600, rng=rng).thetas
    variance = np.mean(thetas[200:] ** 2, axis=(0, 3))  # (rates, runs)
    x = np.random.default_rng(1).normal(size=(20, 4))
    fitted = least_squares(x, x @ np.ones(4), 1, replacement=True, runs=100)
    end = descend(fitted, SGD(0.1), np.zeros((100, 4)), 2000, rng=rng).thetas[-1]
    ratio = variance.mean(axis=1) / ball_variance(STEPS)
    numbers = {
        "ball": mean_interval(variance[3], "unit example, learning rate 0.5: variance it ends with"),
        "theory": Measured(ball_variance(0.5), label="theory, eta / (2 - eta)"),
        "deviation": Measured(np.max(np.abs(ratio - 1)), label="largest deviation, rates 0.05 to 1.5", digits=1),
        "interpolated": Measured(
            np.max(np.linalg.norm(end - 1, axis=-1)),
            label="every sample fitted: largest distance of 100 runs after 2000 steps",
            digits=1,
        ),
    }
    spread = variance.std(axis=1) / 10
    lines = (
        Line("measured", STEPS, variance.mean(1), variance.mean(1) - spread, variance.mean(1) + spread),
        Line("eta / (2 - eta)", STEPS, ball_variance(STEPS), theory=True),
    )
    return Evidence(numbers, Plot("learning rate", "mean squared distance from the minimum in the end", lines, "xy"))


def _judge_ball(n):
    if n["ball"].upper < 0.01:
        return fails("the runs converge although the step is fixed")
    if n["ball"].lower < 0.01:
        return not_shown("the interval of the ball holds 0")
    if n["deviation"].value > 0.1:
        return fails("they do not converge, but not to the ball eta / (2 - eta) either")
    if n["interpolated"].value < 1e-6:
        return holds_if(
            "the samples disagree at the minimum; where all of them are fitted, SGD with a fixed step arrives"
        )
    return holds("a fixed step ends in a ball, whatever the samples")


BALL = Claim(
    id="C-02-2",
    lecture="L1 section 3.3, after the theorem",
    statement="For a fixed step size SGD does not converge",
    condition="f = theta^2 / 2 with gradient noise 1: 400 runs of 600 steps at six learning rates; and least squares "
    "whose 20 samples can all be fitted exactly, 100 runs",
    rule="Fails if the ball at 0.5 is empty, or if one of the six measured variances is off eta / (2 - "
    "eta) by more "
    "than 10 %. 'Holds if' when the runs whose samples can all be fitted come closer than 1e-6.",
    experiment=_ball,
    judge=_judge_ball,
    effects=(Effect("ball"),),
)

# --- C-02-3 -------------------------------------------------------------------------------------------

HORIZON = 1000


def exact_example(num_steps):
    """E Delta_t^2 for t = 1 ... num_steps + 1 on the unit example, learning rate 1 / (t + 1), started at 1."""
    distance = [1.0]
    for rate in inverse_time(1.0, 1.0)(np.arange(1, num_steps + 1)):
        distance.append((1 - rate) ** 2 * distance[-1] + rate**2)
    return np.array(distance)


def _bound():
    rng = np.random.default_rng(203)
    t = np.arange(1, HORIZON + 2)
    exact = exact_example(HORIZON)
    bound = diminishing_bound(t, beta=1.0, gamma=1.0, mu=1.0, moment=2.0, first=1.0)
    noisy = with_gradient_noise(UNIT, 1.0)
    runs = descend(noisy, SGD(0.1), np.ones((2000, 1)), HORIZON, inverse_time(1.0, 1.0), rng).thetas[:, :, 0] ** 2
    measured = runs.mean(axis=1)
    numbers = {
        "ratio": Measured(np.max(exact / bound), label="largest E Delta^2 / bound"),
        "end": Measured(bound[-1] / exact[-1], label=f"bound / E Delta^2 after {HORIZON} steps"),
        "formula": Measured(np.max(np.abs(exact * t - 1)), label="deviation of E Delta^2 from 1 / k", digits=1),
        "runs": mean_interval(runs[-1] * t[-1], f"2000 runs: k Delta_k^2 after {HORIZON} steps"),
        "slope": Measured(
            log_slope(t[99:], measured[99:]), label="2000 runs: Delta^2 ~ k^p from k = 100 on: p", digits=2
        ),
    }
    shown = np.unique(np.geomspace(1, HORIZON + 1, 40).astype(int)) - 1
    lines = (
        Line("2000 runs", t[shown], measured[shown]),
        Line("exact, 1 / k", t[shown], exact[shown], theory=True),
        Line("bound, 2 / (k + 1)", t[shown], bound[shown], theory=True),
    )
    return Evidence(numbers, Plot("step k", "mean squared distance from the minimum", lines, "xy"))


def _judge_bound(n):
    if n["ratio"].value > 1 + 1e-12:
        return fails("the expected distance exceeds the bound")
    if n["slope"].value > -0.9:
        return fails("the distance does not fall like 1 / k")
    if n["runs"].lower > 2 or n["runs"].upper < 0.5:
        return fails("the measured distance is not that of the exact example, 1 / k")
    if n["runs"].upper > 2 or n["runs"].lower < 0.5:
        return not_shown("the measured distances do not tell whether the bound is kept")
    if n["end"].value > 10:
        return holds_if("one does not mind that the bound is far above what happens")
    return holds("the bound is kept, touched at the start, and twice too large in the end")


BOUND = Claim(
    id="C-02-3",
    lecture="L1 section 3.3, theorem",
    statement="With step beta / (k + gamma) on a strongly convex function, E Delta_k^2 is at most nu / (k + gamma)",
    condition="Its exact example: f = theta^2 / 2, gradient noise 1, start 1, step 1 / (k + 1), so that E Delta^2 "
    "= 1 / k "
    "and the bound is 2 / (k + 1) (M^2 = 2: gradients are bounded where the runs are); and 2000 runs",
    rule="Fails if the exact distance exceeds the bound anywhere, or the runs' exponent is above -0.9. 'Holds if' when "
    "the bound is more than ten times too large; else holds.",
    experiment=_bound,
    judge=_judge_bound,
    effects=(Effect("runs", none=3.0),),
)

# --- C-02-5 -------------------------------------------------------------------------------------------


def _monotone():
    rng = np.random.default_rng(205)
    x, y, _ = regression(rng)
    sampled = least_squares(x, y, 4, replacement=True, runs=200)
    values = descend(sampled, SGD(0.1), np.full((200, 4), 5.0), 300, rng=rng).values
    up = np.diff(values, axis=0) > 0
    whole = descend(least_squares(x, y), SGD(0.1), np.full(4, 5.0), 300).values
    numbers = {
        "first": share_interval(up[:5], "share of steps uphill, the first 5"),
        "late": share_interval(up[100:], "share of steps uphill, from 100 on"),
        "full": Measured(np.mean(np.diff(whole)[:100] > 0), label="full batch, share of the first 100 steps uphill"),
    }
    t = np.arange(1, 301)
    line = Line("batch size 4", t, up.mean(axis=1))
    return Evidence(numbers, Plot("step", "share of 200 runs whose loss rises", (line,)))


def _judge_monotone(n):
    if n["late"].upper < 0.01:
        return fails("the loss falls in almost every step")
    if n["first"].upper < 0.1 < n["late"].lower:
        return holds_if("the run is near its noise ball; far away almost every step goes down")
    if min(n["first"].lower, n["late"].lower) > 0.1:
        return holds("the loss rises in a good part of the steps, from the first one on")
    return not_shown("the intervals hold both answers")


MONOTONE = Claim(
    id="C-02-5",
    lecture="L1 section 3.3, plot",
    statement="The objective of SGD does not decrease monotonically",
    condition="Least squares, 64 samples, batch size 4, learning rate 0.1, 200 runs of 300 steps; the loss on all "
    "samples",
    rule="Fails if the loss rises in less than 1 % of the late steps. 'Holds if' when it does so late (lower "
    "end above 0.1) "
    "but not in the first five steps (upper end below 0.1); else holds.",
    experiment=_monotone,
    judge=_judge_monotone,
    effects=(Effect("late"),),
)

# --- C-02-6 -------------------------------------------------------------------------------------------


def _variance(rate, batch_size, rng):
    """Measured variance of 400 runs on bowls of curvature 1 around 32 points with variance 1."""
    centres = np.random.default_rng(6).normal(size=(32, 1))
    centres = (centres - centres.mean()) / centres.std()
    sampled = bowls(centres, np.ones(1), batch_size, replacement=True, runs=400)
    thetas = descend(sampled, SGD(rate), np.zeros((400, 1)), 400, rng=rng).thetas
    return np.mean(thetas[150:] ** 2, axis=(0, 2))


def _batch_for_rate():
    rng = np.random.default_rng(206)
    rates = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.45])
    ratios = np.array([_variance(4 * rate, 4, rng) / _variance(rate, 1, rng).mean() for rate in rates])
    exact = 4 * ball_variance(rates) / ball_variance(4 * rates)
    numbers = {
        "small": mean_interval(ratios[0], "variance of the ball, (0.2, m = 4) / (0.05, m = 1)"),
        "large": mean_interval(ratios[-1], "variance of the ball, (1.8, m = 4) / (0.45, m = 1)"),
        "theory": Measured(
            np.max(np.abs(ratios.mean(1) * exact - 1)), label="deviation from (2 - a) / (2 - 4 a)", digits=1
        ),
    }
    lines = (
        Line("measured", rates, ratios.mean(1), ratios.min(1), ratios.max(1)),
        Line("(2 - a) / (2 - 4 a)", rates, 1 / exact, theory=True),
    )
    return Evidence(
        numbers, Plot("learning rate a of batch size 1", "variance, four times rate and batch / neither", lines)
    )


def _judge_batch_for_rate(n):
    if n["small"].upper < 0.7 or n["small"].lower > 1.4:
        return fails("even at small learning rates the two are not alike")
    if n["small"].lower < 0.7 or n["small"].upper > 1.4:
        return not_shown("even at small learning rates the interval holds both answers")
    if n["large"].lower > 1.4:
        return holds_if("learning rate times curvature stays small; near 2 the larger step makes the larger ball")
    if n["large"].upper < 1.4:
        return holds("only the ratio of learning rate and batch size counts")
    return not_shown("at large learning rates the interval holds both answers")


BATCH_FOR_RATE = Claim(
    id="C-02-6",
    lecture="L3 Batch size",
    statement="Increasing the batch size is like lowering the learning rate: their ratio sets the noise",
    condition="Bowls of curvature 1 around 32 points: four times the learning rate with four times the batch, 400 runs",
    rule="Fails unless the ratio at learning rate 0.05 lies in 0.7 to 1.4; 'holds if' when at 0.45 it exceeds 1.4.",
    experiment=_batch_for_rate,
    judge=_judge_batch_for_rate,
    effects=(Effect("large", none=1.0, ratio=True),),
)

NOISE_CLAIMS = (UNBIASED, BALL, BOUND, MONOTONE, BATCH_FOR_RATE)
