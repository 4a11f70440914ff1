"""Errata of chapter 3: E20 to E25 of the lectures, and three errors of the sources that they lean on."""

import numpy as np

from course_lib.chapters.ch03_momentum.claims.forms import velocities
from course_lib.chapters.ch03_momentum.claims.momentum import COMPLEX_RATE
from course_lib.chapters.ch03_momentum.experiments import halving, optimal_momentum, optimal_nesterov
from course_lib.claims.errata import Erratum, Row
from course_lib.claims.runs import endpoint, grid_of_starts, visualiser_stops
from course_lib.optimizers import Momentum, Nesterov, NesterovTwoSequence
from course_lib.run import descend
from course_lib.schedules import nesterov_momentum
from course_lib.surfaces import SURFACES, quadratic, ravine, worst_case

SQUARE = quadratic(np.array([2.0]))  # f = x^2


def _place_of_the_learning_rate():
    surface = ravine(30.0)
    losses = [
        [
            descend(surface, Momentum(0.02, 0.9, outside), surface.start, 100, schedule).values[-1]
            for outside in (True, False)
        ]
        for schedule in (None, halving)
    ]
    return (
        Row("loss after 100 steps on a ravine, learning rate 0.02", *losses[0]),
        Row("the same, learning rate halved every 10 steps", *losses[1]),
    )


def product_rule(start, learning_rate, gamma, num_steps):
    """L4 l.51 as printed, on f = x^2: the step is gamma (eta g_{t-1}) times (eta g_t)."""
    theta = before = np.array([float(start)])
    for _ in range(num_steps):
        step = gamma * learning_rate * SQUARE.gradient(before) * learning_rate * SQUARE.gradient(theta)
        before, theta = theta, theta - step
    return theta[0]


def _product():
    def right(start):
        return endpoint(SQUARE, Momentum(0.1, 0.9), np.array([start]), 100)[0]

    return (
        Row("x after 100 steps on x^2 from 1, learning rate 0.1", product_rule(1, 0.1, 0.9, 100), right(1.0)),
        Row("x after 25 steps from -1", product_rule(-1, 0.1, 0.9, 25), endpoint(SQUARE, Momentum(0.1), [-1.0], 25)[0]),
    )


def _no_average():
    ones = np.ones((100, 1))
    as_average = np.abs(velocities((1 - 0.9) * ones, 0.9))
    as_printed = np.abs(velocities(ones, 0.9))
    return (
        Row("step / learning rate after 100 gradients of 1, gamma = 0.9", as_average[-1, 0], as_printed[-1, 0]),
        Row("the same after 1 gradient", as_average[0, 0], as_printed[0, 0]),
    )


def slide_momentum(t):
    """(k + 2) / (k + 5) with k = t: L1 l.286."""
    return (t + 2) / (t + 5)


def _shifted_schedule():
    k = np.arange(1, 200)
    shifted = np.max(np.abs(slide_momentum(k) - nesterov_momentum(k + 3)))
    objective, start = worst_case(201), np.zeros(201)
    minimum = objective.value(1 - np.arange(1, 202) / 202)
    gap = [
        descend(objective, Nesterov(1.0), start, 100, {"momentum": schedule}).values[-1] - minimum
        for schedule in (slide_momentum, nesterov_momentum)
    ]
    surface = ravine(30.0)
    path = descend(surface, NesterovTwoSequence(0.02, 0.9), surface.start, 11).thetas
    extrapolated, velocity = path[10] + 0.9 * (path[10] - path[9]), path[10] - path[9]
    return (
        Row("largest difference of (k+2)/(k+5) and (t-1)/(t+2) at t = k + 3", shifted, None),
        Row("momentum at the second step, the first that matters", slide_momentum(2), nesterov_momentum(2)),
        Row("gap after 100 steps on the worst case (n = 201)", *gap),
        Row(
            "the letter v after 10 steps on a ravine, first coordinate: a point, a velocity",
            extrapolated[0],
            velocity[0],
        ),
    )


def _look_ahead_left_out():
    surface = ravine(30.0)
    as_told = descend(surface, Momentum(0.02, 0.9), surface.start, 30)
    with_look_ahead = descend(surface, Nesterov(0.02, 0.9), surface.start, 30)
    return (
        Row(
            "loss after 30 steps on a ravine",
            as_told.values[-1],
            with_look_ahead.values[-1],
        ),
    )


def _slightly_better():
    momentum, nesterov = optimal_momentum(1.0, 100.0)[-1], optimal_nesterov(1.0, 100.0)[-1]
    return (Row("best error factor a step at kappa = 100", nesterov, momentum),)


def _complex_roots():
    measured = COMPLEX_RATE.run().numbers["at_09"].value
    return (Row("error factor a step at momentum 0.9, complex roots", 2 * np.sqrt(0.9), measured),)


def visualiser_gradient(surface, theta, h=1e-12):
    """Central difference with the Visualiser's h, coordinate by coordinate."""
    columns = [(surface.value(theta + h * axis) - surface.value(theta - h * axis)) / (2 * h) for axis in np.eye(2)]
    return np.stack(columns, axis=-1)


def _tiny_difference():
    surface, points = SURFACES["global_minimum"], np.array([[0.01, 1.9], [0.001, 1.9]])
    shown, exact = visualiser_gradient(surface, points)[:, 0], surface.gradient(points)[:, 0]
    return tuple(
        Row(f"df/dx of x^2 + y^2 at ({x:g}, {y:g})", a, b, 4) for (x, y), a, b in zip(points, shown, exact, strict=True)
    )


def _false_stop():
    bowl, saddle = SURFACES["global_minimum"], SURFACES["saddle_point"]
    swings = descend(bowl, Momentum(0.001, 1.0), grid_of_starts(bowl, 20), 5000).thetas
    slide = descend(saddle, Momentum(0.001, 0.9), np.array([[np.pi / 2 - 0.0003, 0.5]]), 3000)
    halted = slide.values[visualiser_stops(saddle, slide.thetas)[0], 0]
    return (
        Row(
            "share of 400 runs at rest, 'global minimum', decay 1", np.mean(visualiser_stops(bowl, swings) >= 0), 0.0, 2
        ),
        Row("f at the end, 'saddle point' from (pi/2 - 0.0003, 0.5), momentum 0.9", halted, slide.values[-1, 0]),
    )


ERRATA = (
    Erratum(
        id="E20",
        where="L0 l.114, L1 l.270, L2 l.30 (inside); L3, PyTorch, Distill (outside)",
        printed="both are called momentum, and the sources do not say that they differ",
        right="the same only while the learning rate is constant",
        why="Outside, a new learning rate rescales the whole velocity; inside, only the newest gradient: the past "
        "keeps the learning rate of its day.",
        compare=_place_of_the_learning_rate,
        heads=("outside", "inside"),
    ),
    Erratum(
        id="E21",
        where="L4 l.51 (and l.49)",
        printed="beta_t = beta_{t-1} - gamma (eta g_{t-1}) x eta g_t",
        right="Delta_t = gamma Delta_{t-1} + eta g_t; beta_t = beta_{t-1} - Delta_t",
        why="Printed is a product of two gradients: quadratic in the learning rate, and downhill only where x is on "
        "the right of the minimum. L4's own expansion (l.58-71) has the right formula. The source is Polyak 1964; "
        "Qian 1999 analyses it.",
        compare=_product,
    ),
    Erratum(
        id="E22",
        where="L4 l.56",
        printed="the exponential moving average of the gradients",
        right="an exponentially weighted sum: the weights add up to (1 - gamma^t)/(1 - gamma)",
        why="An average's weights sum to 1. As a sum it multiplies the learning rate by up to 1/(1 - gamma); whoever "
        "takes the one formula with the other's learning rate is wrong by that factor.",
        compare=_no_average,
        claim="C-03-10",
    ),
    Erratum(
        id="E23",
        where="L1 l.282-292",
        printed="mu_k = (k+2)/(k+5); v for a point in one formula and for a velocity in the next",
        right="(t-1)/(t+2), of which the slide's is a shift by three steps; two letters",
        why="mu is also the slide's strong convexity constant. The shifted schedule starts higher and keeps the "
        "O(1/k^2). One letter for two things does harm: y = theta + momentum * velocity is a point.",
        compare=_shifted_schedule,
    ),
    Erratum(
        id="E24",
        where="L3, Nesterov's method",
        printed="the history of updates is combined with the next gradient",
        right="and that gradient is taken at theta + momentum * velocity",
        why="What is described is momentum; the look-ahead, Nesterov's whole difference, is left out.",
        compare=_look_ahead_left_out,
        heads=("without the look-ahead", "with it"),
    ),
    Erratum(
        id="E25",
        where="L0 l.152; L2 l.87",
        printed="consistently slightly better than, or superior to, momentum",
        right="better more often than not at the same careful learning rate, no rule when both are tuned",
        why="Where both creep, their rates agree to first order in learning_rate * curvature; where they swing, "
        "Nesterov is damped more, and diverges at a smaller learning rate. At its best pair the heavy ball is the "
        "quicker one on a quadratic.",
        compare=_slightly_better,
        claim="C-03-2",
        heads=("Nesterov", "momentum"),
    ),
    Erratum(
        id="A1",
        where="Distill, Why Momentum Really Works, footnote on the rate (2018 text)",
        printed="complex roots: rate 2 sqrt(beta)",
        right="sqrt(beta)",
        why="The product of the two complex conjugate roots is beta, so each has modulus sqrt(beta); a factor 1/2 was "
        "lost.",
        compare=_complex_roots,
        claim="C-03-12",
    ),
    Erratum(
        id="A2",
        where="Gradient Descent Visualiser (L4 l.79), gradient_descent.cpp",
        printed="gradient by central differences with h = 1e-12",
        right="the analytic gradient, or h near 6e-6 (cube root of the machine precision)",
        why="The difference of two nearly equal numbers keeps their rounding error, about 1e-16, and divides it by "
        "2e-12.",
        compare=_tiny_difference,
    ),
    Erratum(
        id="A3",
        where="Gradient Descent Visualiser, gradient_descent.cpp",
        printed="converged when |df/dx| and |df/dy| are both below 0.01",
        right="a small gradient is also what saddles, plateaus and the bottom of a swing have; let the run go on",
        why="The rule looks at the gradient only and forgets the velocity. L4's second question (decay 1) gets the "
        "wrong answer from it.",
        compare=_false_stop,
        claim="C-03-5",
    ),
)
