"""Coordinate descent: change one parameter at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.line_search import step_downhill
from course_lib.validation import count, function_of, hyperparameters, non_negative, one_of, vector


class CoordinateDescentState(NamedTuple):
    """``t`` updates done so far."""

    t: int


@dataclass(frozen=True)
class CoordinateDescent:
    r"""Gradient descent in a single coordinate i, another one at every step.

    .. math:: \theta_i \leftarrow \theta_i - \text{learning\_rate} \, \partial f / \partial \theta_i,
              \qquad \text{all others stay} \tag{4.15}

    ``order``: ``"cyclic"`` takes i = 0, 1, ..., n - 1, 0, ...; ``"random"`` draws i evenly (update t
    of ``seed`` is always the same i, shared by a whole ensemble); ``"greedy"`` takes the largest
    abs(gradient), each member its own (Gauss and Southwell). ``line_search`` replaces the learning
    rate: with ``exact_on_quadratic`` and cyclic order a sweep over a quadratic is one of Gauss-Seidel.
    Where it finds nothing it searches once more, with a first trial of length 1.
    This text asks for the whole gradient; the method pays off where one partial derivative costs 1/n of it.

    Source: L3 "Coordinate descent"; Wright 2015. PyTorch has none.

    >>> from course_lib.optimizers.line_search import exact_on_quadratic
    >>> from course_lib.surfaces import SURFACES
    >>> sweep, theta = CoordinateDescent(line_search=exact_on_quadratic), np.array([-3.0, 0.0])
    >>> state = sweep.init(theta)
    >>> for _ in range(2):
    ...     theta, state = sweep.step(SURFACES["booth"], theta, state)
    ...     print(theta)
    [3.4 0. ]
    [3.4  1.08]
    """

    drawn: ClassVar[int] = 11

    learning_rate: float = 0.01
    order: str = "cyclic"
    line_search: Callable | None = None
    seed: int = 0

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative)
        count("seed", self.seed, minimum=0)
        one_of("order", self.order, ("cyclic", "random", "greedy"))
        if self.line_search is not None:
            function_of("line_search", self.line_search, "strong_wolfe")

    def init(self, theta: Array) -> CoordinateDescentState:
        return CoordinateDescentState(t=0)

    def step(
        self, objective: Objective, theta: Array, state: CoordinateDescentState
    ) -> tuple[Array, CoordinateDescentState]:
        theta = vector("theta", theta)
        gradient = objective.gradient(theta)
        chosen = np.arange(np.shape(theta)[-1]) == self._coordinate(gradient, state.t)[..., None]
        direction = np.where(chosen, -gradient, 0.0)
        if self.line_search is None:
            return theta + self.learning_rate * direction, CoordinateDescentState(state.t + 1)  # (4.15)
        step = step_downhill(self.line_search, objective, theta, direction, -direction, last_length=1.0)
        return step.say_if_stuck().theta, CoordinateDescentState(state.t + 1)

    def _coordinate(self, gradient, t):
        n = np.shape(gradient)[-1]
        if self.order == "greedy":
            return np.argmax(np.abs(gradient), axis=-1)
        return np.asarray(t % n if self.order == "cyclic" else np.random.default_rng([self.seed, t]).integers(n))
