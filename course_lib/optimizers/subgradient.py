"""The subgradient method: descent on functions with kinks, where a constant step never arrives."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.line_search import inner
from course_lib.validation import finite, hyperparameters, non_negative, vector


class SubgradientState(NamedTuple):
    """``t`` updates done; ``best_theta`` and ``best_value`` of the points stepped from so far."""

    t: int
    best_theta: np.ndarray
    best_value: np.ndarray


@dataclass(frozen=True)
class Subgradient:
    r"""Steps of a length that is fixed beforehand, in the direction of minus any subgradient g.

    .. math:: \theta \leftarrow \theta - \frac{\text{learning\_rate}}{\sqrt t} \cdot \frac{g}{\|g\|} \tag{2.41}

    At a kink the length of g says nothing about the distance to the minimum, so g is normalised and
    the steps diminish: as 1 / sqrt(t), the best that is possible for convex functions in
    general. If the lowest value is known, ``optimal_value`` makes the steps find their own length (Polyak):

    .. math:: \theta \leftarrow \theta - \frac{f(\theta) - \text{optimal\_value}}{\|g\|^2} \, g. \tag{2.42}

    The value can go up in a step, so ``state.best_theta`` keeps the lowest point. Gradient descent
    itself, on a subgradient, is ``SGD``. Where g = 0 the method stays.

    Source: L3 "Subgradient method"; Shor 1985; Nesterov 2004, section 3.2.3; Polyak 1987, section 5.3.
    PyTorch has none.

    >>> from course_lib.objective import Objective
    >>> kink = Objective(value=lambda theta: np.abs(theta).sum(axis=-1), gradient=np.sign)
    >>> method, theta = Subgradient(learning_rate=1.0), np.array([1.5])
    >>> state = method.init(theta)
    >>> for _ in range(3):
    ...     theta, state = method.step(kink, theta, state)
    ...     print(theta.round(3))
    [0.5]
    [-0.207]
    [0.37]
    """

    drawn: ClassVar[int] = 12

    learning_rate: float = 0.1
    optimal_value: float | None = None

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative)
        if self.optimal_value is not None:
            hyperparameters(self, optimal_value=finite)

    def init(self, theta: Array) -> SubgradientState:
        return SubgradientState(
            t=0, best_theta=(start := vector("theta", theta).copy()), best_value=np.full(start.shape[:-1], np.inf)
        )

    def step(self, objective: Objective, theta: Array, state: SubgradientState) -> tuple[Array, SubgradientState]:
        theta = vector("theta", theta)
        value, gradient, t = objective.value(theta), objective.gradient(theta), state.t + 1
        better = value < state.best_value
        best_theta = np.where(better[..., None], theta, state.best_theta)
        state = SubgradientState(t, best_theta, np.where(better, value, state.best_value))
        square = inner(gradient, gradient)[..., None]
        square = np.where(square > 0, square, 1.0)
        if self.optimal_value is None:
            return theta - self.learning_rate / t**0.5 * gradient / np.sqrt(square), state  # (2.41)
        return theta - (value[..., None] - self.optimal_value) / square * gradient, state  # (2.42)
