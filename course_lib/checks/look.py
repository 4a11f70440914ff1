"""If it works, look: the student's own function runs, drawn beside the library's.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course_lib.checks.look_ch01 import LOOKS as LOOKS_01
from course_lib.checks.look_ch02 import LOOKS as LOOKS_02
from course_lib.checks.look_ch04 import LOOKS as LOOKS_04
from course_lib.checks.look_ch05 import LOOKS as LOOKS_05
from course_lib.checks.look_ch06 import LOOKS as LOOKS_06
from course_lib.checks.look_ch07 import LOOKS as LOOKS_07
from course_lib.checks.look_ch08 import LOOKS as LOOKS_08
from course_lib.checks.look_ch09 import LOOKS as LOOKS_09
from course_lib.checks.look_ch10 import LOOKS as LOOKS_10
from course_lib.convergence import optimal_gradient_descent
from course_lib.figures.show import show
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES, ravine


class OwnState(NamedTuple):
    """``velocity``, and the learning rate of the step before (None at the first)."""

    velocity: np.ndarray
    previous_learning_rate: float | None


@dataclass(frozen=True)
class Own:
    """A student's step function as an optimizer; its number of arguments says which exercise it belongs to.

    3: ``(theta, gradient, learning_rate)``; 5: ``(theta, velocity, gradient, learning_rate, momentum)``;
    6: with ``previous_learning_rate`` after ``learning_rate``.
    """

    function: Callable
    learning_rate: float
    momentum: float = 0.0

    def init(self, theta):
        return OwnState(np.zeros_like(theta), None)

    def step(self, objective, theta, state):
        num_arguments = len(inspect.signature(self.function).parameters)
        if num_arguments == 3:
            return self.function(theta, objective.gradient, self.learning_rate), state
        rates = (self.learning_rate, state.previous_learning_rate or self.learning_rate)[: num_arguments - 4]
        theta, velocity = self.function(theta, state.velocity, objective.gradient, *rates, self.momentum)
        return theta, OwnState(velocity, self.learning_rate)


def _compare(function, surface, reference, num_steps, schedule=None):
    """Run the function and the reference from the surface's start; draw both, print how far they part."""
    own = Own(function, reference.learning_rate, getattr(reference, "momentum", 0.0))
    runs = {
        "the library's": descend(surface, reference, surface.start, num_steps, schedule),
        "yours": descend(surface, own, surface.start, num_steps, schedule),
    }
    show(race_figure(surface, runs))
    apart = np.max(np.abs(runs["yours"].thetas - runs["the library's"].thetas))
    same = "to rounding" if apart < 1e-9 else f"but for {apart:.2g}"
    print(f"{num_steps} steps: the two paths are the same {same}.")


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
    "00-1": lambda function: _compare(function, SURFACES["global_minimum"], SGD(0.1), 30),
    "03-1": lambda function: _compare(function, SURFACES["rosenbrock"], Momentum(0.0005, 0.9), 200),
    "03-2": lambda function: _compare(function, SURFACES["rosenbrock"], Nesterov(0.0005, 0.9), 200),
    "03-3": lambda function: _compare(
        function, ravine(20.0), Momentum(0.04, 0.8, learning_rate_outside=True), 60, schedule=_cut
    ),
    "03-4": _pair_race,
    **LOOKS_01,
    **LOOKS_02,
    **LOOKS_04,
    **LOOKS_05,
    **LOOKS_06,
    **LOOKS_07,
    **LOOKS_08,
    **LOOKS_09,
    **LOOKS_10,
}


def look(exercise_id, function):
    """Draw what ``function`` does, beside the library's own; says so where it is not written or fails."""
    try:
        LOOKS[exercise_id](function)
    except KeyError:
        raise ValueError(f"There is nothing to look at for {exercise_id!r}; there is for {', '.join(LOOKS)}.") from None
    except NotImplementedError as error:
        print(f"Nothing to see yet. {error}")
    except (TypeError, ValueError, AttributeError) as error:
        print(f"The function cannot be drawn yet ({error}): let the check above pass first.")
