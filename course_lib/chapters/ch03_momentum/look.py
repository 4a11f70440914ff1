"""Chapter 3, if it works, look."""

import numpy as np

from course_lib.chapters.ch03_momentum.experiments import optimal_gradient_descent
from course_lib.checks.look import compare_runs
from course_lib.figures.show import show
from course_lib.figures.student import lines_figure
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.settings.language import tr
from course_lib.surfaces import SURFACES, quadratic, ravine


def _pair_race(function):
    """The pair for a condition number of 100 against gradient descent at its best."""
    surface, (learning_rate, momentum) = ravine(100.0), map(float, function(1.0, 100.0))
    runs = {
        tr("gradient descent"): descend(surface, SGD(optimal_gradient_descent(1.0, 100.0)[0]), surface.start, 150),
        tr("your pair"): descend(surface, Momentum(learning_rate, momentum), surface.start, 150),
    }
    show(race_figure(surface, runs))
    pair = {"learning_rate": f"{learning_rate:.4f}", "momentum": f"{momentum:.4f}"}
    print(tr("learning rate {learning_rate}, momentum {momentum}", **pair))
    for label, run in runs.items():
        print(tr("{label}: f = {value} after {count} steps", label=label, value=f"{run.values[-1]:.1e}", count=150))


def _cut(t):
    """A learning rate that falls to a quarter after 30 steps."""
    return 0.04 if t <= 30 else 0.01


def _coasting(function):
    """The way of a velocity of 1 after 0 to 60 steps, for three momenta."""
    ways = {
        tr("momentum {momentum}", momentum=momentum): np.array(
            [function(np.array([1.0]), momentum, k)[0] for k in range(61)]
        )
        for momentum in (0.5, 0.9, 0.99)
    }
    show(lines_figure(ways, tr("steps"), tr("way")))
    way = float(function(np.array([1.0]), 0.9, np.inf)[0])
    print(tr("momentum {momentum} comes to rest after {way} times its velocity", momentum=0.9, way=f"{way:.3g}"))


def _epochs(function):
    """f after 1 to 12 epochs of 5 steps on a ravine, beside what is left without a memory between epochs."""
    surface = ravine(30.0)
    start, step = np.array(surface.start, dtype=float), (surface.gradient, 0.02, 0.8)
    yours = [surface.value(function(start, *step, epochs, 5)) for epochs in range(13)]
    theta, anew = start, [surface.value(start)]
    for _ in range(12):
        theta = function(theta, *step, 1, 5)
        anew.append(surface.value(theta))
    show(
        lines_figure(
            {tr("yours"): np.array(yours), tr("velocity anew in each epoch"): np.array(anew)},
            tr("epoch"),
            "f",
            log=True,
        )
    )


def _predicted_steps(function):
    """The predicted number of steps against momentum, and how many a run needs."""
    momenta = np.linspace(0, 0.98, 50)
    predicted = np.array([float(function(0.1, momentum, 1.0)) for momentum in momenta])
    bowl, needed = quadratic(np.array([1.0])), []
    for momentum in momenta:
        path = np.abs(descend(bowl, Momentum(0.1, momentum), [1.0], 600).thetas[:, 0])
        needed.append(np.flatnonzero(path > 0.01)[-1] + 1)
    show(
        lines_figure(
            {tr("a run"): np.array(needed), tr("predicted"): predicted},
            tr("momentum, in fiftieths"),
            tr("steps until 1 %"),
            against=tr("momentum"),
        )
    )


LOOKS = {
    "03-1": lambda function: compare_runs(function, SURFACES["rosenbrock"], Momentum(0.0005, 0.9), 200),
    "03-2": lambda function: compare_runs(function, SURFACES["rosenbrock"], Nesterov(0.0005, 0.9), 200),
    "03-3": lambda function: compare_runs(
        function, ravine(20.0), Momentum(0.04, 0.8, learning_rate_outside=True), 60, schedule=_cut
    ),
    "03-4": _pair_race,
    "03-5": _coasting,
    "03-6": _epochs,
    "03-7": _predicted_steps,
}
