"""If it works, look, for chapter 5: the student's own step runs on a surface, drawn beside the library's optimizer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.figures.show import show
from course_lib.figures.student import lines_figure
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import Adagrad, Adam, AdamW
from course_lib.run import descend
from course_lib.surfaces import SURFACES


@dataclass(frozen=True)
class OwnAdaptiveStep:
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
    "05-4": ADAM,
    "05-5": {**ADAM, "weight_decay": 0.2},
}
METHODS = {"05-1": Adagrad, "05-4": Adam, "05-5": AdamW}


def _look(id):
    given, counted = HYPERPARAMETERS[id], id != "05-1"
    return lambda function: _beside(
        function, METHODS[id](**given), OwnAdaptiveStep(function, given, 1 + counted, counted)
    )


def _lone(function):
    """The way after one gradient in a long silence, step by step, and where the student says that it ends."""
    learning_rate, beta1, beta2 = 0.01, 0.9, 0.999
    first, whole = map(float, function(learning_rate, beta1, beta2))
    steps = learning_rate * (1 - beta1) / np.sqrt(1 - beta2) * (beta1 / np.sqrt(beta2)) ** np.arange(60)
    lines = {"the way so far": np.cumsum(steps), "yours, the whole way": np.full(60, whole)}
    show(lines_figure(lines, "step - 1", "how far theta has gone"))
    print(f"your first step: {first / learning_rate:.2f} learning rates; the whole way: {whole / learning_rate:.1f}")


def _spike(function):
    """The effective rate after a gradient of 50 among gradients of 1, and half of what it was before."""
    size, beta2 = 50.0, 0.99
    foretold = float(function(size, beta2))
    v = 1 + (1 - beta2) * (size**2 - 1) * beta2 ** np.arange(400)
    lines = {"effective rate": 1 / np.sqrt(v), "half of it": np.full(400, 0.5)}
    show(lines_figure(lines, "step after the spike", "rate, before the spike 1"))
    print(f"you foretold {foretold:.0f} steps; the rate is at half after {int(np.argmax(1 / np.sqrt(v) >= 0.5))}")


def _on_beale(function):
    """Values along the student's run on Beale's function, beside those of the library's."""
    surface = SURFACES["beale"]
    ends = [function(np.array(surface.start), surface.gradient, *ADAM.values(), k) for k in range(61)]
    lines = {"the library's": descend(surface, Adam(**ADAM), surface.start, 60).values}
    lines["yours"] = np.array([surface.value(np.asarray(theta, dtype=float)) for theta in ends])
    show(lines_figure(lines, "step", "f", log=True))
    apart = np.max(np.abs(lines["yours"] - lines["the library's"]))
    print(f"60 steps: the values are the same {'to rounding' if apart < 1e-9 else f'but for {apart:.2g}'}.")


def _rates(function):
    """The best of the student's trials so far, in a ravine, and the best of a fine grid."""
    rates = np.logspace(-4, 3, 281)
    losses = [
        np.minimum(np.abs(1 - rates * h), 1.1) ** 200 + np.where(rates * h < 2, rates * h, 0) / 200 for h in (0.5, 20.0)
    ]
    losses = [np.log(np.minimum(loss, 1e9)) for loss in losses]
    found = []

    def loss_after(*setting):
        parts = zip(setting, losses, strict=True)
        loss = sum(np.exp(np.interp(np.log(rate), np.log(rates), loss)) for rate, loss in parts)
        found.append(min(float(loss), 1e9))
        return found[-1]

    first, second = map(float, function(loss_after, 24))
    best, least = np.minimum.accumulate(found), sum(np.exp(loss.min()) for loss in losses)
    lines = {"best of your trials so far": best, "best of a fine grid": np.full(len(best), least)}
    show(lines_figure(lines, "trial - 1", "loss after 100 steps", log=True))
    times = loss_after(first, second) / least
    print(f"{len(best)} trials; at your {first:.3g} and {second:.3g} the loss is {times:.2f} times the best")


LOOKS = {id: _look(id) for id in METHODS} | {"05-6": _lone, "05-7": _spike, "05-8": _on_beale, "05-9": _rates}
