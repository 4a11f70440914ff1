"""Gradient descent, momentum and the three ways to write Nesterov's method.

An optimizer is a frozen dataclass of hyperparameters. ``init(theta)`` makes its state,
``step(objective, theta, state)`` returns the new theta and the new state and changes nothing that it
was given. Hyperparameters may be arrays that broadcast against ``theta``: a whole grid is one run.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.validation import flag, hyperparameters, non_negative, vector, zero_vector


class SGDState(NamedTuple):
    """Nothing to remember."""


@dataclass(frozen=True)
class SGD:
    r"""Gradient descent; stochastic when the objective is.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, \nabla f(\theta)  \tag{3.1}

    Source: L0 "Speeding up Learning via Momentum"; L1 section 3; Robbins and Monro 1951.
    PyTorch: ``torch.optim.SGD(lr=learning_rate)``, the same to rounding.

    >>> from course_lib.surfaces import SURFACES
    >>> bowl = SURFACES["global_minimum"]
    >>> sgd = SGD(learning_rate=0.1)
    >>> theta, state = sgd.step(bowl, np.array([1.0, -2.0]), sgd.init(np.zeros(2)))
    >>> theta
    array([ 0.8, -1.6])
    """

    drawn: ClassVar[int] = 0

    learning_rate: float = 0.01

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative)

    def init(self, theta: Array) -> SGDState:
        return SGDState()

    def step(self, objective: Objective, theta: Array, state: SGDState) -> tuple[Array, SGDState]:
        return theta - self.learning_rate * objective.gradient(theta), state  # (3.1)

    def effective_rate(self, state: SGDState) -> Array | float:
        return self.learning_rate


class MomentumState(NamedTuple):
    """``velocity``, shape of theta."""

    velocity: np.ndarray


@dataclass(frozen=True)
class Momentum:
    r"""Heavy ball: a velocity remembers past gradients.

    Learning rate inside the velocity (L0, L1, L2; the default here):

    .. math:: v \leftarrow \text{momentum} \, v - \text{learning\_rate} \, \nabla f(\theta), \tag{3.2}
    .. math:: \theta \leftarrow \theta + v. \tag{3.3}

    Learning rate outside (L3, PyTorch), with ``learning_rate_outside=True``:

    .. math:: v \leftarrow \text{momentum} \, v + \nabla f(\theta), \tag{3.4}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, v. \tag{3.5}

    Both walk the same path while the learning rate is constant (velocity_inside =
    -learning_rate * velocity_outside) and part when a schedule changes it (E20).

    Source: L0 "Speeding up Learning via Momentum"; Polyak 1964, (9).
    PyTorch: ``torch.optim.SGD(lr=learning_rate, momentum=momentum)`` is the outside form.
    """

    drawn: ClassVar[int] = 1

    learning_rate: float = 0.01
    momentum: float = 0.9
    learning_rate_outside: bool = False

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, momentum=non_negative, learning_rate_outside=flag)

    def init(self, theta: Array) -> MomentumState:
        return MomentumState(velocity=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: MomentumState) -> tuple[Array, MomentumState]:
        gradient = objective.gradient(theta)
        if self.learning_rate_outside:
            velocity = self.momentum * state.velocity + gradient  # (3.4)
            return theta - self.learning_rate * velocity, MomentumState(velocity)  # (3.5)
        velocity = self.momentum * state.velocity - self.learning_rate * gradient  # (3.2)
        return theta + velocity, MomentumState(velocity)  # (3.3)

    def effective_rate(self, state: MomentumState) -> Array | float:
        return self.learning_rate


@dataclass(frozen=True)
class Nesterov:
    r"""Nesterov's method, look-ahead form: ask for the gradient where the velocity is about to lead.

    .. math:: v \leftarrow \text{momentum} \, v
              - \text{learning\_rate} \, \nabla f(\theta + \text{momentum} \, v), \tag{3.6}
    .. math:: \theta \leftarrow \theta + v. \tag{3.7}

    Source: L0 "Nesterov Accelerated Gradient"; Sutskever et al. 2013, (3)-(4).
    PyTorch walks the look-ahead points instead: see ``NesterovPyTorch``.
    """

    drawn: ClassVar[int] = 2

    learning_rate: float = 0.01
    momentum: float = 0.9

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, momentum=non_negative)

    def init(self, theta: Array) -> MomentumState:
        return MomentumState(velocity=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: MomentumState) -> tuple[Array, MomentumState]:
        look_ahead = theta + self.momentum * state.velocity
        velocity = self.momentum * state.velocity - self.learning_rate * objective.gradient(look_ahead)  # (3.6)
        return theta + velocity, MomentumState(velocity)  # (3.7)

    def effective_rate(self, state: MomentumState) -> Array | float:
        return self.learning_rate


class TwoSequenceState(NamedTuple):
    """``previous_theta``, shape of theta: the point before the present one."""

    previous_theta: np.ndarray


@dataclass(frozen=True)
class NesterovTwoSequence:
    r"""Nesterov's method as he wrote it: extrapolate, then descend from there. No velocity.

    .. math:: y = \theta + \text{momentum} \, (\theta - \theta_\text{previous}), \tag{3.8}
    .. math:: \theta \leftarrow y - \text{learning\_rate} \, \nabla f(y). \tag{3.9}

    Walks the same points as ``Nesterov``: its velocity is ``theta - previous_theta`` (E23: in L1's
    slide the letter v is this point y, and in the next formula a velocity).

    Source: L1 section 3.4 "Original Version of Nesterov"; Nesterov 1983.
    PyTorch has none; ``torch.optim.SGD(nesterov=True)`` keeps y, see ``NesterovPyTorch``.
    """

    learning_rate: float = 0.01
    momentum: float = 0.9

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, momentum=non_negative)

    def init(self, theta: Array) -> TwoSequenceState:
        return TwoSequenceState(previous_theta=vector("theta", theta).copy())

    def step(self, objective: Objective, theta: Array, state: TwoSequenceState) -> tuple[Array, TwoSequenceState]:
        y = theta + self.momentum * (theta - state.previous_theta)  # (3.8)
        return y - self.learning_rate * objective.gradient(y), TwoSequenceState(theta)  # (3.9)

    def effective_rate(self, state: TwoSequenceState) -> Array | float:
        return self.learning_rate


@dataclass(frozen=True)
class NesterovPyTorch:
    r"""Nesterov's method as PyTorch writes it: ``theta`` holds the look-ahead point itself.

    .. math:: v \leftarrow \text{momentum} \, v + \nabla f(\theta), \tag{3.10}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \,
              (\nabla f(\theta) + \text{momentum} \, v). \tag{3.11}

    While learning rate and momentum are constant, the points it visits are the look-ahead points of
    ``Nesterov``: theta_pytorch = theta + momentum * velocity. The first point is shared, since the
    velocity starts at 0. Under a schedule the two part, as the two forms of ``Momentum`` do.

    Source: Bengio et al. 2013, (7); the same as
    ``torch.optim.SGD(lr=learning_rate, momentum=momentum, nesterov=True)``.
    """

    learning_rate: float = 0.01
    momentum: float = 0.9

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, momentum=non_negative)

    def init(self, theta: Array) -> MomentumState:
        return MomentumState(velocity=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: MomentumState) -> tuple[Array, MomentumState]:
        gradient = objective.gradient(theta)
        velocity = self.momentum * state.velocity + gradient  # (3.10)
        return theta - self.learning_rate * (gradient + self.momentum * velocity), MomentumState(velocity)  # (3.11)

    def effective_rate(self, state: MomentumState) -> Array | float:
        return self.learning_rate
