"""If it works, look, for chapter 5: the student's own step runs on a surface, drawn beside the library's optimizer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.figures.show import show
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import Adadelta, Adagrad, Adam, AdamW, RMSprop
from course_lib.run import descend
from course_lib.surfaces import SURFACES


@dataclass(frozen=True)
class Own:
    """A student's step of chapter 5 as an optimizer.

    Attributes:
        function: ``(theta, *state, [t,] gradient, *hyperparameters) -> (theta, *state)``.
        hyperparameters: what comes after the gradient, by name, in order.
        num_states: how many arrays it keeps.
        counted: whether it is told t.
    """

    function: Callable
    hyperparameters: dict
    num_states: int
    counted: bool = False

    def init(self, theta):
        return 0, *(np.zeros_like(theta) for _ in range(self.num_states))

    def step(self, objective, theta, state):
        t, *arrays = state
        count = (t + 1,) if self.counted else ()
        theta, *arrays = self.function(theta, *arrays, *count, objective.gradient, *self.hyperparameters.values())
        return np.asarray(theta, dtype=float), (t + 1, *map(np.asarray, arrays))


def _beside(function, reference, own, surface="beale", num_steps=100):
    """Run both from the surface's start; draw them, print how far they part."""
    surface = SURFACES[surface]
    runs = {
        "the library's": descend(surface, reference, surface.start, num_steps),
        "yours": descend(surface, own, surface.start, num_steps),
    }
    show(race_figure(surface, runs))
    apart = np.max(np.abs(runs["yours"].thetas - runs["the library's"].thetas))
    same = "to rounding" if apart < 1e-9 else f"but for {apart:.2g}"
    print(f"{num_steps} steps: the two paths are the same {same}.")


ADAM = {"learning_rate": 0.05, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
HYPERPARAMETERS = {
    "05-1": {"learning_rate": 0.3, "eps": 1e-10},
    "05-2": {"learning_rate": 0.02, "rho": 0.9, "eps": 1e-8},
    "05-3": {"rho": 0.9, "eps": 1e-4},
    "05-4": ADAM,
    "05-5": {**ADAM, "weight_decay": 0.2},
}
METHODS = {"05-1": Adagrad, "05-2": RMSprop, "05-3": Adadelta, "05-4": Adam, "05-5": AdamW}


def _look(id):
    about, num_states = HYPERPARAMETERS[id], 1 if id in ("05-1", "05-2") else 2
    counted = id in ("05-4", "05-5")
    return lambda function: _beside(function, METHODS[id](**about), Own(function, about, num_states, counted))


LOOKS = {id: _look(id) for id in METHODS}
