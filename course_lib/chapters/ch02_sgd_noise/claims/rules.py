"""Chapter 2, the rules: line search on mini-batches, the rate and the limit of gradient descent, averaging, kinks."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.claims.noise import UNIT, regression
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
)
from course_lib.objective import Objective
from course_lib.optimizers import SGD, PolyakAverage
from course_lib.optimizers.line_search import armijo
from course_lib.run import descend
from course_lib.schedules import inverse_square_root
from course_lib.stochastic import least_squares, with_gradient_noise
from course_lib.surfaces import quadratic

# --- C-02-4 -------------------------------------------------------------------------------------------


def search_on_batches(objective, start, num_steps, rng):
    """Loss after every step of SGD whose step size is Armijo's on the mini-batch itself (Vaswani et al. 2019)."""
    theta, values = np.array(start), [objective.value(start)]
    for _ in range(num_steps):
        seen = objective.sample(rng)
        gradient = seen.gradient(theta)
        step = armijo(seen, theta, -gradient, gradient, first_step=10.0, shrink=0.7, sufficient_decrease=0.5).step_size
        theta = theta - step[..., None] * gradient
        values.append(objective.value(theta))
    return np.array(values)


def _line_search():
    rng = np.random.default_rng(204)
    runs, num_steps = 20, 400
    x = rng.normal(size=(20, 40))
    fitted = least_squares(x, x @ rng.normal(size=40), 4, runs=runs)
    noisy_x, noisy_y, best = regression(rng)
    disagreeing = least_squares(noisy_x, noisy_y, 4, runs=runs)
    fit = search_on_batches(fitted, np.zeros((runs, 40)), num_steps, rng)
    gap = search_on_batches(disagreeing, np.zeros((runs, 4)), num_steps, rng) - disagreeing.value(best)
    late = gap[-200:].mean(axis=0)
    numbers = {
        "fitted": mean_interval(np.log10(fit[-1] / fit[0]), "all samples can be fitted: log10 of loss / first loss", 2),
        "disagree": mean_interval(late, "samples disagree: loss above the minimum, last 200 of 400 steps", 2),
        "start": Measured(gap[0, 0], label="samples disagree: loss above the minimum at the start", digits=2),
    }
    t = np.arange(num_steps + 1)
    lines = (
        Line("all samples can be fitted", t, np.exp(np.log(fit).mean(axis=1))),
        Line("samples disagree", t, gap.mean(axis=1)),
    )
    return Evidence(numbers, Plot("step", "loss above the minimum", lines, "y"))


def _judge_line_search(n):
    if n["fitted"].lower > -4:
        return holds("a line search on mini-batches does not arrive even where all samples can be fitted")
    if n["fitted"].upper > -4:
        return not_shown("where all samples can be fitted the interval holds both answers")
    if n["disagree"].lower > 1e-3:
        return holds_if(
            "the samples disagree at the minimum; where all can be fitted, no decay is needed and Armijo works"
        )
    if n["disagree"].upper < 1e-3:
        return fails("a line search on mini-batches arrives in both cases")
    return not_shown("where the samples disagree the interval holds both answers")


LINE_SEARCH = Claim(
    id="C-02-4",
    lecture="L1 section 3.3",
    statement="Convergence requires a step that goes to 0, so a line search is not applicable to SGD",
    condition="SGD with Armijo's rule on its own mini-batch of 4, no decay, 20 runs: least squares with 20 samples "
    "in 40 "
    "dimensions (all can be fitted), and 64 noisy samples in 4 dimensions",
    rule="Holds unless the first loss falls by 10^4 (upper end). Then 'holds if' when the second stays more "
    "than 1e-3 above "
    "its minimum (lower end); fails when that arrives, too.",
    experiment=_line_search,
    judge=_judge_line_search,
    effects=(Effect("fitted"), Effect("disagree")),
)

# --- C-02-7 -------------------------------------------------------------------------------------------


def _rate():
    eigenvalues = np.linspace(0.05, 1.0, 8)
    bowl, start = quadratic(eigenvalues), np.ones(8)

    def factor(learning_rate):
        distance = np.linalg.norm(descend(bowl, SGD(learning_rate), start, 400).thetas, axis=-1)
        return (distance[400] / distance[300]) ** (1 / 100)

    best = 2 / 1.05
    numbers = {
        "rate": Measured(factor(1.0), label="error factor a step at 1 / L", digits=4),
        "claimed": Measured(1 - 0.05, label="1 - mu / L", digits=4),
        "best": Measured(factor(best), label="error factor at 2 / (mu + L), the best", digits=4),
        "at_limit": Measured(factor(2.0), label="error factor at 2 / L", digits=4),
        "beyond": Measured(factor(2.02), label="error factor at 2.02 / L", digits=4),
    }
    rates = np.linspace(0.1, 2.1, 41)
    theory = np.max(np.abs(1 - rates[:, None] * eigenvalues), axis=1)
    lines = (
        Line("measured", rates, np.array([factor(rate) for rate in rates])),
        Line("largest |1 - eta lambda|", rates, theory, theory=True),
    )
    return Evidence(numbers, Plot("learning rate × L", "error factor a step", lines))


def _judge_rate(n):
    if abs(n["rate"].value - n["claimed"].value) > 1e-3:
        return fails("the factor at 1 / L is not 1 - mu / L")
    if not n["at_limit"].value > 0.999 or not n["beyond"].value > 1:
        return fails("2 / L is not the limit")
    return holds("at 1 / L the factor is 1 - mu / L, from 2 / L on nothing converges; 2 / (mu + L) is quicker still")


RATE = Claim(
    id="C-02-7",
    lecture="L1 section 3.2",
    statement="Gradient descent converges for 0 < alpha < 2 / L, at 1 / L like (1 - mu / L)^k",
    condition="A quadratic with eight eigenvalues from 0.05 to 1, the error factor from step 300 to 400",
    rule="Fails if the factor at 1 / L is off 1 - mu / L by more than 0.001, if 2 / L still converges, or if 2.02 / L "
    "does not diverge; else holds.",
    experiment=_rate,
    judge=_judge_rate,
    effects=(Effect("beyond", none=1.0),),
)

# --- C-02-8 -------------------------------------------------------------------------------------------


def _averaging():
    rng = np.random.default_rng(208)
    noisy, start, steps, runs = with_gradient_noise(UNIT, 1.0), np.full((400, 1), 30.0), 400, 400
    lengths = np.arange(20, steps + 1, 20)

    def distance(optimizer):
        return descend(noisy, optimizer, start, steps, rng=rng).thetas[:, :, 0] ** 2

    plain, every = distance(SGD(0.1)), distance(PolyakAverage(SGD(0.1)))
    last, skipped = distance(PolyakAverage(SGD(0.1), num_last=200)), distance(PolyakAverage(SGD(0.1), skip=100))
    numbers = {
        "last_n": mean_interval(last[-1] / plain[-100:].mean(), "average of the last 200 / last point", 2),
        "skip": mean_interval(skipped[-1] / plain[-100:].mean(), "average of all but the first 100 / last point", 2),
        "all": mean_interval(every[-1] / plain[-100:].mean(), "average of all / last point", 2),
    }
    lines = tuple(
        Line(name, lengths, path[lengths].mean(axis=1))
        for name, path in (("last point", plain), ("all", every), ("last 200", last), ("all but 100", skipped))
    )
    return Evidence(numbers, Plot(f"step ({runs} runs)", "mean squared distance from the minimum", lines, "y"))


def _judge_averaging(n):
    if n["last_n"].lower > 0.5:
        return fails("the average of the last points is hardly closer than the last point")
    if n["last_n"].upper > 0.5:
        return not_shown("the interval of the last points' average holds both answers")
    if n["all"].lower > 1:
        return holds_if("the way from the start is left out; the average of all points still holds it")
    if n["all"].upper < 1:
        return holds("averages of the last points and of all points are closer than the last point")
    return not_shown("of the average of all points the interval holds both answers")


AVERAGING = Claim(
    id="C-02-8",
    lecture="L3 Polyak averaging, ASGD",
    statement="The average of the iterates is closer to the minimum than the last one",
    condition="f = theta^2 / 2 with gradient noise 1, learning rate 0.1, 400 steps from a distance of 30, 400 "
    "runs; mean "
    "squared distances",
    rule="Fails unless the last 200 points' average has at most half the last point's distance (upper end). "
    "'Holds if' when "
    "the average of all points is farther than the last point (lower end).",
    experiment=_averaging,
    judge=_judge_averaging,
    effects=(Effect("last_n", none=1.0, ratio=True),),
)

# --- C-02-9 -------------------------------------------------------------------------------------------

KINK = Objective(value=lambda theta: np.abs(theta).sum(axis=-1), gradient=np.sign)


def _kink():
    rng = np.random.default_rng(209)
    noisy, start, steps = with_gradient_noise(KINK, 1.0), np.full((400, 1), 2.0), 3000
    falling = descend(noisy, SGD(0.1), start, steps, inverse_square_root(0.5), rng).values.mean(axis=1)
    fixed = descend(noisy, SGD(0.1), start, steps, rng=rng).values
    tail = np.geomspace(300, steps, 30).astype(int)
    numbers = {
        "slope": Measured(
            log_slope(tail, falling[tail]), label="f - minimum ~ k^p with steps 0.5 / sqrt(k): p", digits=2
        ),
        "fixed": mean_interval(fixed[-1000:].mean(axis=0), "f - minimum with a fixed step of 0.1, last 1000 steps"),
        "falling": Measured(falling[-1000:].mean(), label="the same with 0.5 / sqrt(k)"),
    }
    shown = np.unique(np.geomspace(1, steps, 60).astype(int))
    lines = (
        Line("0.5 / sqrt(k)", shown, falling[shown]),
        Line("fixed 0.1", shown, fixed.mean(axis=1)[shown]),
        Line("~ 1 / sqrt(k)", shown, falling[300] * np.sqrt(300 / shown), theory=True),
    )
    return Evidence(numbers, Plot("step k", "value above the minimum", lines, "xy"))


def _judge_kink(n):
    if not -0.65 < n["slope"].value < -0.35:
        return fails("the value does not fall like 1 / sqrt(k)")
    if n["fixed"].lower > 1.5 * n["falling"].value:
        return holds_if(
            "steps shrink and the function is convex (networks of ReLU are not); a fixed step stops at its length"
        )
    if n["fixed"].upper < 1.5 * n["falling"].value:
        return holds("with fixed steps as well")
    return not_shown("of fixed steps the interval holds both answers")


KINKS = Claim(
    id="C-02-9",
    lecture="L1 section 3.3; L3 Subgradient method",
    statement="Where the function has kinks, the stochastic subgradient method converges like O(1 / sqrt(k))",
    condition="f = |theta| with gradient noise 1, 400 runs of 3000 steps from 2, steps 0.5 / sqrt(k) and fixed 0.1",
    rule="Fails unless the exponent from step 300 on lies in -0.65 to -0.35. 'Holds if' when the fixed step stays more "
    "than 1.5 times as far away (lower end); else holds.",
    experiment=_kink,
    judge=_judge_kink,
    effects=(Effect("fixed"),),
)

RULE_CLAIMS = (LINE_SEARCH, RATE, AVERAGING, KINKS)
