r"""Adagrad, RMSprop and Adadelta: every parameter gets a step size of its own, from its past gradients.

All three divide the gradient by a root of (weighted) past squares, and all sources add a small eps
against division by 0. They do not agree where it stands (E32):

.. math:: \text{root}(v) = \sqrt{v} + \text{eps} \quad\text{or}\quad \sqrt{v + \text{eps}}  \tag{5.1}

With the same number eps the second is much the larger: at v = 0 the divisors are eps and sqrt(eps).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.validation import flag, fraction, hyperparameters, non_negative, zero_vector


def root(v, eps, eps_inside_root):
    """The divisor of adaptive methods, ``sqrt(v) + eps``, or ``sqrt(v + eps)`` if ``eps_inside_root``."""
    return np.sqrt(v + eps) if eps_inside_root else np.sqrt(v) + eps  # (5.1)


def started(v):
    """``v``, and nan for a member whose v is still all 0: it has no effective rate yet."""
    return np.where(np.any(v != 0, axis=-1, keepdims=True), v, np.nan)


class AdagradState(NamedTuple):
    """``sum_of_squares`` of all gradients so far, shape of theta."""

    sum_of_squares: np.ndarray


@dataclass(frozen=True)
class Adagrad:
    r"""Divide each coordinate by the root of the sum of its squared gradients.

    .. math:: A \leftarrow A + g^2, \qquad g = \nabla f(\theta), \tag{5.2}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, g / (\sqrt{A} + \text{eps}). \tag{5.3}

    ``eps_inside_root=True`` divides by sqrt(A + eps) (L1, L2); the default is outside (L0, PyTorch).
    The sum only grows, so the effective rate learning_rate / (sqrt(A) + eps) never rises (E34), and
    on the first step every coordinate moves by about learning_rate, whatever its gradient's size.
    Where ``eps`` is 0, a gradient that is exactly 0 from the start divides 0 by 0 (nan).

    Source: L0 "Adagrad"; L1 "Adaptive Subgradient"; Duchi, Hazan and Singer 2011, (1), diagonal.
    PyTorch: ``torch.optim.Adagrad(lr=learning_rate, eps=eps, initial_accumulator_value=initial_sum)``,
    the same to rounding; its ``lr_decay`` is the schedule ``inverse_time``.

    >>> from course_lib.surfaces import SURFACES
    >>> ravine = SURFACES["ravine"]  # gradient (x, 30 y)
    >>> adagrad, theta = Adagrad(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = adagrad.step(ravine, theta, adagrad.init(theta))
    >>> theta
    array([0.9, 0.9])
    >>> state.sum_of_squares
    array([  1., 900.])
    """

    drawn: ClassVar[int] = 3

    learning_rate: float = 0.01
    eps: float = 1e-10
    initial_sum: float = 0.0
    eps_inside_root: bool = False

    def __post_init__(self):
        hyperparameters(
            self, learning_rate=non_negative, eps=non_negative, initial_sum=non_negative, eps_inside_root=flag
        )

    def init(self, theta: Array) -> AdagradState:
        return AdagradState(sum_of_squares=zero_vector(theta) + self.initial_sum)

    def step(self, objective: Objective, theta: Array, state: AdagradState) -> tuple[Array, AdagradState]:
        gradient = objective.gradient(theta)
        sum_of_squares = state.sum_of_squares + gradient**2  # (5.2)
        divisor = root(sum_of_squares, self.eps, self.eps_inside_root)
        return theta - self.learning_rate * gradient / divisor, AdagradState(sum_of_squares)  # (5.3)

    def effective_rate(self, state: AdagradState) -> Array | float:
        divisor = root(started(state.sum_of_squares), self.eps, self.eps_inside_root)
        return self.learning_rate / divisor  # (5.24)


class RMSpropState(NamedTuple):
    """``mean_square``, ``mean`` (kept when centred) and ``velocity``, each of theta's shape."""

    mean_square: np.ndarray
    mean: np.ndarray
    velocity: np.ndarray


@dataclass(frozen=True)
class RMSprop:
    r"""Adagrad that forgets: divide by the root of a moving average of squared gradients.

    .. math:: A \leftarrow \text{rho} \, A + (1 - \text{rho}) \, g^2, \qquad g = \nabla f(\theta), \tag{5.4}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, g / (\sqrt{A} + \text{eps}). \tag{5.5}

    ``centered=True`` divides by a moving standard deviation: A in (5.5) is replaced by

    .. math:: A - M^2, \qquad M \leftarrow \text{rho} \, M + (1 - \text{rho}) \, g. \tag{5.6}

    ``momentum`` > 0 puts a velocity on top, learning rate outside:

    .. math:: v \leftarrow \text{momentum} \, v + g / (\sqrt{A} + \text{eps}), \qquad
              \theta \leftarrow \theta - \text{learning\_rate} \, v. \tag{5.7}

    ``eps_inside_root=True`` divides by sqrt(A + eps) (L1, L3, L4); the default is outside (L0, PyTorch).
    A starts at 0 and is not corrected for it: the first step is 1 / sqrt(1 - rho) times learning_rate,
    3.2 times at rho = 0.9. Rounding can make A - M^2 negative when a gradient does not change; it then
    counts as 0 here (PyTorch takes the root of it, nan).

    Source: L0, L1, L3, L4 "RMSProp", in L1 and L3 with rho 0.9 and learning rate 0.001; Hinton 2012,
    lecture 6, slide 29. Centred: Graves 2013, (38)-(41), there with eps inside.
    PyTorch: ``torch.optim.RMSprop(lr=learning_rate, alpha=rho, eps=eps, momentum=momentum,
    centered=centered)``, the same to rounding; its defaults are lr 0.01 and alpha 0.99.

    >>> from course_lib.surfaces import SURFACES
    >>> rmsprop, theta = RMSprop(learning_rate=0.01), np.array([1.0, 1.0])
    >>> theta, state = rmsprop.step(SURFACES["ravine"], theta, rmsprop.init(theta))
    >>> theta.round(4)  # 1 - 0.01 / sqrt(0.1) in the steep direction and in the flat one
    array([0.9684, 0.9684])
    """

    drawn: ClassVar[int] = 4

    learning_rate: float = 0.001
    rho: float = 0.9
    eps: float = 1e-8
    momentum: float = 0.0
    centered: bool = False
    eps_inside_root: bool = False

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, rho=fraction, eps=non_negative, momentum=non_negative)
        hyperparameters(self, centered=flag, eps_inside_root=flag)

    def init(self, theta: Array) -> RMSpropState:
        zeros = zero_vector(theta)
        return RMSpropState(mean_square=zeros, mean=zeros, velocity=zeros)

    def step(self, objective: Objective, theta: Array, state: RMSpropState) -> tuple[Array, RMSpropState]:
        gradient = objective.gradient(theta)
        mean_square = self.rho * state.mean_square + (1 - self.rho) * gradient**2  # (5.4)
        mean = self.rho * state.mean + (1 - self.rho) * gradient if self.centered else state.mean
        scaled = gradient / root(self._spread(mean_square, mean), self.eps, self.eps_inside_root)
        velocity = self.momentum * state.velocity + scaled  # (5.7); (5.5) where momentum is 0
        return theta - self.learning_rate * velocity, RMSpropState(mean_square, mean, velocity)

    def _spread(self, mean_square, mean):
        return np.maximum(mean_square - mean**2, 0) if self.centered else mean_square  # (5.6)

    def effective_rate(self, state: RMSpropState) -> Array | float:
        spread = started(self._spread(state.mean_square, state.mean))
        return self.learning_rate / root(spread, self.eps, self.eps_inside_root)  # (5.24)


class AdadeltaState(NamedTuple):
    """Moving averages of squared gradients and of squared updates, each of theta's shape.

    ``rate``: what multiplied the gradient in the last update; nan before the first. No update needs it.
    """

    mean_square: np.ndarray
    mean_square_update: np.ndarray
    rate: Array | float = np.nan


@dataclass(frozen=True)
class Adadelta:
    r"""RMSprop whose learning rate is the root mean square of its own past updates.

    With RMS(E) = sqrt(E + eps):

    .. math:: E_g \leftarrow \text{rho} \, E_g + (1 - \text{rho}) \, g^2, \qquad g = \nabla f(\theta), \tag{5.8}
    .. math:: u = -\text{RMS}(E_u) / \text{RMS}(E_g) \cdot g, \tag{5.9}
    .. math:: E_u \leftarrow \text{rho} \, E_u + (1 - \text{rho}) \, u^2, \tag{5.10}
    .. math:: \theta \leftarrow \theta + \text{learning\_rate} \, u. \tag{5.11}

    (5.9) has E_u of the step before, so that it can be computed. Zeiler has no learning rate, which is
    the default here, ``learning_rate=1``; but then eps sets the scale: the first update is
    sqrt(eps / (1 - rho)) or less, .003 with the defaults (E38). eps inside the root is part of the
    method, it starts the updates; outside (L2, E36) is a misprint and there is no switch for it.

    Source: L1 "Adadelta"; Zeiler 2012, algorithm 1.
    PyTorch: ``torch.optim.Adadelta(lr=learning_rate, rho=rho, eps=eps)``, the same to rounding. Keras has
    learning rate 0.001 and rho 0.95 by default.

    >>> from course_lib.surfaces import SURFACES
    >>> adadelta, theta = Adadelta(), np.array([1.0, 1.0])
    >>> theta, state = adadelta.step(SURFACES["ravine"], theta, adadelta.init(theta))
    >>> theta.round(6)
    array([0.996838, 0.996838])
    """

    drawn: ClassVar[int] = 9

    learning_rate: float = 1.0
    rho: float = 0.9
    eps: float = 1e-6

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, rho=fraction, eps=non_negative)

    def init(self, theta: Array) -> AdadeltaState:
        zeros = zero_vector(theta)
        return AdadeltaState(mean_square=zeros, mean_square_update=zeros, rate=zeros + np.nan)

    def step(self, objective: Objective, theta: Array, state: AdadeltaState) -> tuple[Array, AdadeltaState]:
        gradient = objective.gradient(theta)
        mean_square = self.rho * state.mean_square + (1 - self.rho) * gradient**2  # (5.8)
        ratio = np.sqrt(state.mean_square_update + self.eps) / np.sqrt(mean_square + self.eps)
        update = -ratio * gradient  # (5.9)
        mean_square_update = self.rho * state.mean_square_update + (1 - self.rho) * update**2  # (5.10)
        state = AdadeltaState(mean_square, mean_square_update, rate=self.learning_rate * ratio)
        return theta + self.learning_rate * update, state  # (5.11)

    def effective_rate(self, state: AdadeltaState) -> Array | float:
        return state.rate
