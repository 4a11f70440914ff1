"""Chapter 3, the momentum coefficient: a rising schedule, and the rate that it sets where roots are complex."""

import numpy as np

from course_lib.chapters.ch03_momentum.claims.rates import NUM_STARTS, bowls
from course_lib.chapters.ch03_momentum.experiments import momentum_rate
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
    mean_interval,
    not_shown,
)
from course_lib.optimizers import Momentum, Nesterov
from course_lib.run import descend
from course_lib.schedules import nesterov_momentum, rising_momentum

# --- C-03-11 ------------------------------------------------------------------------------------------

CURVATURES = np.array([3.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0])
ILL = CURVATURES > 1442  # the kappa at which a constant 0.9 is the best heavy ball, (3.15)
CONSTANTS = (0.0, 0.5, 0.9, 0.99, 0.999)
BUDGET = 500


def _rising_momentum():
    rng = np.random.default_rng(20311)
    eigenvalues = np.geomspace(1 / CURVATURES, 1, 20, axis=-1)[:, None, :]
    start = rng.normal(size=(len(CURVATURES), NUM_STARTS, 20))
    objective = bowls(eigenvalues)

    def loss_after(momentum=0.9, schedule=None):
        """The loss after the budget, the mean of the last tenth so that no swing decides."""
        values = descend(objective, Nesterov(1.0, momentum), start, BUDGET, schedule).values
        return np.maximum(values[-BUDGET // 10 :].mean(0), 1e-30)

    constant = np.array([loss_after(momentum) for momentum in CONSTANTS])
    rising = loss_after(schedule={"momentum": rising_momentum(largest=0.999, every=BUDGET // 50)})
    nesterovs = loss_after(schedule={"momentum": nesterov_momentum})
    against_usual = np.log10(constant[2] / rising)
    against_best = np.log10(constant.min(0) / rising)
    numbers = {
        "ill": mean_interval(against_usual[ILL].mean(0), "powers of ten gained over momentum 0.9, kappa above 1442", 2),
        "well": mean_interval(
            against_usual[~ILL].mean(0), "powers of ten gained over momentum 0.9, kappa below 1442", 2
        ),
        "best": mean_interval(
            against_best[ILL].mean(0), "powers of ten gained over the best constant, kappa above 1442", 2
        ),
        "nesterov": mean_interval(
            np.log10(constant[2] / nesterovs)[ILL].mean(0),
            "(t-1)/(t+2) instead: gained over momentum 0.9, kappa above 1442",
            2,
        ),
    }
    plot = Plot(
        "condition number",
        f"loss after {BUDGET} steps (mean over starts)",
        (
            *(Line(f"momentum {m:g}", CURVATURES, v.mean(1)) for m, v in zip(CONSTANTS, constant, strict=True)),
            Line("rising, Sutskever et al.", CURVATURES, rising.mean(1)),
            Line("rising, (t-1)/(t+2)", CURVATURES, nesterovs.mean(1)),
        ),
        "xy",
    )
    return Evidence(numbers, plot)


def _judge_rising_momentum(n):
    if n["ill"].upper <= 0:
        return fails("even on ill-conditioned quadratics rising momentum is no better than a constant 0.9")
    if n["ill"].lower <= 0:
        return not_shown("on ill-conditioned quadratics the interval holds both answers")
    if n["well"].upper <= 0 or n["best"].upper <= 0:
        return holds_if("the problem is worse conditioned than the constant momentum is made for")
    if n["well"].lower > 0 and n["best"].lower > 0:
        return holds("rising momentum beats every constant, well- and ill-conditioned")
    return not_shown("ill-conditioned it gains; elsewhere the intervals hold both answers")


RISING_MOMENTUM = Claim(
    id="C-03-11",
    lecture="L2 l.36; Sutskever et al. 2013",
    statement="A slowly increasing schedule for the momentum trains what a constant momentum does not",
    condition="Quadratics in 20 dimensions, kappa from 3 to 100000, Nesterov with learning rate 1/L, 500 steps, 20 "
    "random starts; the schedule of Sutskever et al. (3.18), from 0.5 to 0.99, against the constants 0, 0.5, 0.9, 0.99 "
    "and 0.999 (a deep network: C-03-15)",
    rule="Fails unless it gains over 0.9 (interval above 0) at kappa above 1442, where 0.9 is too small by (3.15). "
    "'Holds if' when below 1442 it does not gain, or when the best constant in hindsight is as good; else holds.",
    revised="A first version ran (t-1)/(t+2) only and drew the line at kappa = 1000; other starts since.",
    experiment=_rising_momentum,
    judge=_judge_rising_momentum,
    effects=(Effect("ill"),),
)


# --- C-03-12 ------------------------------------------------------------------------------------------


def measured_rate(optimizer, eigenvalue, num_steps=10000):
    """Mean factor a step by which (theta, velocity) shrinks on curvature ``eigenvalue``; one for each entry.

    The state is scaled back to length 1 after each step, so that no run ends in zeros; what is left of
    the start and of the swing falls like 1 / num_steps.
    """
    theta = np.ones(np.broadcast_shapes(np.shape(optimizer.learning_rate), np.shape(optimizer.momentum)))
    objective, state, total = bowls(np.asarray(eigenvalue)), optimizer.init(theta), 0.0
    for _ in range(num_steps):
        theta, state = optimizer.step(objective, theta, state)
        length = np.hypot(theta, state.velocity)
        total = total + np.log(length)
        theta, state = theta / length, state._replace(velocity=state.velocity / length)
    return np.exp(total / num_steps)


def _complex_rate():
    momenta = np.array([0.3, 0.5, 0.7, 0.9, 0.95, 0.99])
    eigenvalue, learning_rate = 1.0, 0.5
    measured = measured_rate(Momentum(learning_rate, momenta), eigenvalue)
    exact = momentum_rate(learning_rate, momenta, eigenvalue)
    numbers = {
        "right": Measured(
            np.max(np.abs(measured / np.sqrt(momenta) - 1)), label="largest deviation from sqrt(mu)", digits=1
        ),
        "exact": Measured(
            np.max(np.abs(measured / exact - 1)), label="largest deviation from the exact rate (3.12)", digits=1
        ),
        "printed": Measured(np.mean(2 * np.sqrt(momenta) / measured), label="2 sqrt(mu) / measured"),
        "at_09": Measured(measured[3], label="measured at momentum 0.9, where 2 sqrt(mu) says 1.9, divergence"),
    }
    plot = Plot(
        "momentum",
        "error shrinks by this factor a step",
        (
            Line("measured", momenta, measured),
            Line("sqrt(momentum)", momenta, np.sqrt(momenta), theory=True),
            Line("2 sqrt(momentum), as printed", momenta, 2 * np.sqrt(momenta), theory=True),
        ),
    )
    return Evidence(numbers, plot)


def _judge_complex_rate(n):
    if abs(n["printed"].value - 1) < 0.01:
        return holds("the measured rate is 2 sqrt(momentum)")
    if n["right"].value < 0.01:
        return fails("the measured rate is sqrt(momentum); the modulus of the two roots lost its factor 1/2 in print")
    return fails("the measured rate is neither 2 sqrt(momentum) nor sqrt(momentum)")


COMPLEX_RATE = Claim(
    id="C-03-12",
    lecture="Goh 2017, a footnote (Distill, Why Momentum Really Works)",
    statement="Where the roots are complex the convergence rate is 2 sqrt(momentum)",
    condition="One coordinate, learning rate * curvature = 0.5, momentum 0.3 to 0.99, 10000 steps",
    rule="Holds if 2 sqrt(momentum) is within 1 % of the measured rate; fails otherwise.",
    experiment=_complex_rate,
    judge=_judge_complex_rate,
    identity=True,
)


MOMENTUM_CLAIMS = (RISING_MOMENTUM, COMPLEX_RATE)
