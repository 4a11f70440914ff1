"""Chapter 3, how quickly: the condition number and Nesterov's worst case."""

import numpy as np

from course_lib.chapters.ch03_momentum.experiments import (
    momentum_rate,
    optimal_gradient_descent,
    optimal_momentum,
    slowest_rate,
)
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
from course_lib.claims.runs import endpoint
from course_lib.objective import Objective
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend, iterate
from course_lib.schedules import nesterov_momentum
from course_lib.surfaces import worst_case


def bowls(eigenvalues):
    """Quadratics with diagonal Hessians, one for each row of ``eigenvalues (..., n)``, as one objective."""
    return Objective(
        value=lambda theta: np.sum(eigenvalues * theta**2, axis=-1) / 2,
        gradient=lambda theta: eigenvalues * theta,
    )


def steps_to(objective, optimizer, start, tolerance, limit):
    """Updates until the distance to the minimum at 0 has shrunk by ``tolerance`` for good, for each run of a stack."""
    needed = np.zeros(np.shape(start)[:-1], dtype=int)
    goal = tolerance * np.linalg.norm(start, axis=-1)
    for t, (theta, _) in enumerate(iterate(objective, optimizer, start, limit)):
        outside = np.linalg.norm(theta, axis=-1) > goal
        if not outside.any() and t > 1.5 * needed.max():  # nothing has come back for half as long again
            break
        needed[outside] = t + 1
    return needed


# --- C-03-1 -------------------------------------------------------------------------------------------

KAPPAS = np.array([10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0])
NUM_STARTS = 20
TOLERANCE = 1e-6


def _best_for_fixed_momentum(kappa, momentum):
    """The learning rate that is best at this momentum, from the exact rate (3.12)."""
    candidates = np.linspace(0.5, 1, 2001) * 2 * (1 + momentum) / kappa
    rates = slowest_rate(momentum_rate, candidates, momentum, [1.0, kappa])
    return candidates[np.argmin(rates)]


def _against_theory(steps, factor, label):
    """Measured steps over log(TOLERANCE) / log(rate): mean, least and largest over kappa.

    Momentum at its best pair needs more: the two roots coincide, and the error falls like t * rate^t.
    """
    ratio = steps.mean(axis=1) / (np.log(TOLERANCE) / np.log(factor))
    return Measured(ratio.mean(), ratio.min(), ratio.max(), label)


def _speed_up():
    rng = np.random.default_rng(2031)
    eigenvalues = np.geomspace(1, KAPPAS, 10, axis=-1)[:, None, :]
    start = rng.normal(size=(len(KAPPAS), NUM_STARTS, 10))
    objective, column = bowls(eigenvalues), (slice(None), None, None)
    descent_rate, descent_factor = optimal_gradient_descent(1.0, KAPPAS)
    learning_rate, momentum, momentum_factor = optimal_momentum(1.0, KAPPAS)
    fixed = np.array([_best_for_fixed_momentum(kappa, 0.9) for kappa in KAPPAS])
    limit = int(12 * KAPPAS.max())
    descent = steps_to(objective, SGD(descent_rate[column]), start, TOLERANCE, limit)
    heavy_ball = steps_to(objective, Momentum(learning_rate[column], momentum[column]), start, TOLERANCE, limit)
    constant = steps_to(objective, Momentum(fixed[column], 0.9), start, TOLERANCE, limit)
    tuned, untuned = descent / heavy_ball, descent / constant
    numbers = {
        "exponent": mean_interval(log_slope(KAPPAS, tuned.T), "speed-up ~ kappa^p, momentum tuned to kappa: p", 2),
        "tuned": mean_interval(tuned[-1], "speed-up at kappa = 10000, momentum tuned", 2),
        "fixed": mean_interval(untuned[-1], "speed-up at kappa = 10000, momentum 0.9", 2),
        "theory_descent": _against_theory(descent, descent_factor, "steps of descent / predicted from its rate (3.14)"),
        "theory": _against_theory(heavy_ball, momentum_factor, "steps of momentum / predicted from its rate (3.15)"),
        "fixed_low": mean_interval(untuned[0], "speed-up at kappa = 10, momentum 0.9", 2),
        "fixed_exponent": mean_interval(
            log_slope(KAPPAS[5:], untuned[5:].T), "p from kappa = 3000 on, momentum 0.9 (learning rate tuned)", 2
        ),
    }
    plot = Plot(
        "condition number",
        "steps of gradient descent / steps of momentum",
        (
            Line("momentum tuned", KAPPAS, tuned.mean(1), tuned.min(1), tuned.max(1)),
            Line("momentum 0.9", KAPPAS, untuned.mean(1), untuned.min(1), untuned.max(1)),
            Line("square root of kappa", KAPPAS, np.sqrt(KAPPAS), theory=True),
            Line("(1 + 0.9) / (1 - 0.9)", KAPPAS, np.full_like(KAPPAS, 19.0), theory=True),
        ),
        "xy",
    )
    return Evidence(numbers, plot)


def _judge_speed_up(n):
    if n["exponent"].upper < 0.4 or n["exponent"].lower > 0.6:
        return fails("the speed-up does not grow like the square root of the condition number")
    if n["exponent"].lower < 0.4 or n["exponent"].upper > 0.6:
        return not_shown("the interval of the exponent holds a square root and something else")
    if n["fixed_exponent"].upper < 0.25:
        return holds_if("momentum and learning rate are tuned to kappa; at a fixed 0.9 the speed-up stops growing")
    if n["fixed_exponent"].lower > 0.25:
        return holds("the speed-up grows like the square root of the condition number, whatever the momentum")
    return not_shown("tuned it grows so; at a fixed 0.9 the interval holds both answers")


SPEED_UP = Claim(
    id="C-03-1",
    lecture="L0 l.98-102; Polyak 1964",
    statement="Momentum has a clear convergence speed advantage over plain descent: about sqrt(kappa) fewer steps",
    condition="Quadratics in 10 dimensions, kappa from 10 to 10000, 20 random starts each, steps until the distance "
    "has shrunk to 1e-6; gradient descent at its best learning rate (3.14), momentum at its best pair (3.15)",
    rule="Fails if the exponent's interval lies outside 0.4 to 0.6, not shown unless it lies inside. 'Holds if' "
    "when tuning is needed, that is if at momentum 0.9, which is best at kappa = 1442 (3.15), the exponent from "
    "kappa = 3000 on is below 0.25; holds if above.",
    revised="A first version looked from kappa = 300 on, below the 1442 for which 0.9 is made; other starts since.",
    experiment=_speed_up,
    judge=_judge_speed_up,
    effects=(Effect("exponent"),),
)


# --- C-03-3 -------------------------------------------------------------------------------------------

HORIZONS = np.array([40, 80, 160, 320, 640])


def _gap_at_horizon(k, optimizer, schedule=None):
    """(f - minimum) / (L |start - minimum|^2) after ``k`` steps where the worst case is worst: n = 2 k + 1."""
    n = 2 * k + 1
    objective = worst_case(n)
    minimum = 1 - np.arange(1, n + 1) / (n + 1)
    theta = endpoint(objective, optimizer, np.zeros(n), k, schedule)
    return (objective.value(theta) - objective.value(minimum)) / (minimum @ minimum)


def _slopes(gaps, label):
    local = np.diff(np.log(gaps)) / np.diff(np.log(HORIZONS))
    return Measured(log_slope(HORIZONS, gaps), local.min(), local.max(), label, 3)


def _optimal_bound():
    rising = np.array([_gap_at_horizon(k, Nesterov(1.0), {"momentum": nesterov_momentum}) for k in HORIZONS])
    constant = np.array([_gap_at_horizon(k, Nesterov(1.0, 0.9)) for k in HORIZONS])
    descent = np.array([_gap_at_horizon(k, SGD(1.0)) for k in HORIZONS])
    # Gradient descent has a worst case of its own: one coordinate of curvature L / (2k + 1).
    flat = 1 / (2 * HORIZONS + 1)
    descent_worst = flat / 2 * (1 - flat) ** (2 * HORIZONS)
    end = descend(bowls(flat[:, None]), SGD(1.0), np.ones((len(HORIZONS), 1)), int(HORIZONS[-1])).values
    measured_worst = end[HORIZONS, np.arange(len(HORIZONS))]
    lower, upper = 3 / (32 * (HORIZONS + 1) ** 2), 2 / (HORIZONS + 1) ** 2
    numbers = {
        "nesterov": _slopes(rising, "Nesterov, momentum (t-1)/(t+2): gap ~ k^p, p"),
        "constant": _slopes(constant, "Nesterov, momentum 0.9: p"),
        "descent": _slopes(descent, "gradient descent on the same function: p"),
        "descent_worst": _slopes(measured_worst, "gradient descent on its own worst quadratic: p"),
        "above_lower": Measured(np.min(rising / lower), label="smallest gap / lower bound 3/(32 (k+1)^2)"),
        "below_upper": Measured(np.max(rising / upper), label="largest gap / Nesterov's bound 2/(k+1)^2"),
        "theory": Measured(np.max(np.abs(measured_worst / descent_worst - 1)), label="deviation from closed form"),
    }
    plot = Plot(
        "steps k on the worst function for k steps",
        "gap / (L |start - minimum|^2)",
        (
            Line("gradient descent, its own worst", HORIZONS, measured_worst),
            Line("gradient descent", HORIZONS, descent),
            Line("Nesterov, momentum 0.9", HORIZONS, constant),
            Line("Nesterov, rising momentum", HORIZONS, rising),
            Line("lower bound for every first-order method", HORIZONS, lower, theory=True),
            Line("Nesterov's upper bound", HORIZONS, upper, theory=True),
        ),
        "xy",
    )
    return Evidence(numbers, plot)


def _judge_optimal_bound(n):
    if n["above_lower"].value < 1 or n["below_upper"].value > 1 or n["nesterov"].lower > -1.9:
        return fails("the gap leaves the corridor between the lower bound and O(1/k^2)")
    if n["descent_worst"].upper < -1.2:
        return fails("plain descent is not confined to O(1/k)")
    if n["nesterov"].upper > -1.9 or n["descent_worst"].lower < -1.2:
        return not_shown("the local slopes hold both answers")
    if n["constant"].lower > -1.9:
        return holds_if("the momentum rises towards 1 while it runs; a constant 0.9 loses the square")
    if n["constant"].upper < -1.9:
        return holds("the gap falls like 1/k^2, within a constant of the lower bound")
    return not_shown("with rising momentum the square is there; with a constant 0.9 the slopes hold both answers")


OPTIMAL_BOUND = Claim(
    id="C-03-3",
    lecture="L1 l.294",
    statement="Nesterov improves gradient descent from O(1/k) to O(1/k^2), the optimal bound of first-order methods",
    condition="For each k from 40 to 640 Nesterov's worst function in 2k + 1 dimensions, learning rate 1/L, "
    "no gradient noise; gradient descent also on the quadratic that is worst for it",
    rule="Holds if at every k the gap lies between the lower bound and 2/(k+1)^2 and every local slope is below "
    "-1.9, while gradient descent stays at -1 (above -1.2) on its worst function; 'holds if' when a constant "
    "momentum of 0.9 breaks the slope.",
    revised="A first version asked for -1.8 from k = 10 on, where the slope has not settled (-1.77 from 10 to 20).",
    experiment=_optimal_bound,
    judge=_judge_optimal_bound,
    effects=(Effect("nesterov"),),
)


RATE_CLAIMS = (SPEED_UP, OPTIMAL_BOUND)
