"""Chapter 3, if it works, look."""

from course_lib.chapters.ch03_momentum.experiments import optimal_gradient_descent
from course_lib.checks.look import compare_runs
from course_lib.figures.show import show
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES, ravine


def _pair_race(function):
    """The pair for a condition number of 100 against gradient descent at its best."""
    surface, (learning_rate, momentum) = ravine(100.0), map(float, function(1.0, 100.0))
    runs = {
        "gradient descent": descend(surface, SGD(optimal_gradient_descent(1.0, 100.0)[0]), surface.start, 150),
        "your pair": descend(surface, Momentum(learning_rate, momentum), surface.start, 150),
    }
    show(race_figure(surface, runs))
    print(f"learning rate {learning_rate:.4f}, momentum {momentum:.4f}")
    for label, run in runs.items():
        print(f"{label}: f = {run.values[-1]:.1e} after 150 steps")


def _cut(t):
    """A learning rate that falls to a quarter after 30 steps."""
    return 0.04 if t <= 30 else 0.01


LOOKS = {
    "03-1": lambda function: compare_runs(function, SURFACES["rosenbrock"], Momentum(0.0005, 0.9), 200),
    "03-2": lambda function: compare_runs(function, SURFACES["rosenbrock"], Nesterov(0.0005, 0.9), 200),
    "03-3": lambda function: compare_runs(
        function, ravine(20.0), Momentum(0.04, 0.8, learning_rate_outside=True), 60, schedule=_cut
    ),
    "03-4": _pair_race,
}
