r"""Adaptive methods with an L1 penalty of their own, which makes weights 0.

A penalty in the loss only pushes a weight to and fro across 0; a proximal step stops it there.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.adaptive import AdagradState
from course_lib.validation import broadcast, hyperparameters, non_negative, numbers, positive, vector, zero_vector


def soft_threshold(theta, threshold):
    r"""Move every coordinate towards 0 by ``threshold``, and stop there: the proximal step of the L1 penalty.

    .. math:: \mathrm{sign}(\theta) \max(|\theta| - \tau, 0)  \tag{8.4}

    Of a minimum with unit curvature it is also the exact solution under l1_penalty = tau (Tibshirani 1996, (3)).
    PyTorch: ``torch.nn.functional.softshrink(theta, threshold)``, whose threshold is one number.

    >>> soft_threshold(np.array([-2.0, 0.3, 1.0]), 0.5)
    array([-1.5,  0. ,  0.5])
    """
    theta, threshold = numbers("theta", theta), non_negative("threshold", threshold)
    broadcast(theta=theta, threshold=threshold)
    return _towards_zero(theta, threshold)


def _towards_zero(theta, threshold):
    return np.sign(theta) * np.maximum(np.abs(theta) - threshold, 0.0)  # (8.4); nan stays nan


@dataclass(frozen=True)
class ProximalAdagrad:
    r"""Adagrad's step, and then the proximal step of the penalty, with Adagrad's rates.

    .. math:: A \leftarrow A + g^2, \qquad r = \text{learning\_rate} / (\sqrt{A} + \text{eps}),
              \qquad u = \theta - r \, g,
    .. math:: \theta \leftarrow \text{soft}(u, \; r \, \text{l1\_penalty}) \, / \, (1 + r \, \text{l2\_penalty}),
              \tag{5.25}

    where soft(u, tau) moves u towards 0 by tau and stops there (``soft_threshold``). It minimises f plus
    l1_penalty |theta|_1 + l2_penalty |theta|^2 / 2; f, the objective, has no penalty in it. Without penalties it is
    ``Adagrad``. The threshold falls with the rate, so weights that noise moves are seldom 0.

    Source: Duchi, Hazan and Singer 2011, "Derived algorithms" (l1), the composite mirror descent update.
    PyTorch has none; TensorFlow's ProximalAdagrad is this one, with A starting at 0.1 and no eps.

    >>> from course_lib.surfaces import SURFACES
    >>> method, theta = ProximalAdagrad(learning_rate=0.1, l1_penalty=0.5), np.array([1.0, 0.1])
    >>> method.step(SURFACES["ravine"], theta, method.init(theta))[0].round(3)  # gradient (1, 3)
    array([0.85, 0.  ])
    """

    learning_rate: float = 0.01
    l1_penalty: float = 0.0
    l2_penalty: float = 0.0
    eps: float = 1e-10

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, l1_penalty=non_negative)
        hyperparameters(self, l2_penalty=non_negative, eps=non_negative)

    def init(self, theta: Array) -> AdagradState:
        return AdagradState(sum_of_squares=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: AdagradState) -> tuple[Array, AdagradState]:
        theta = numbers("theta", theta)
        gradient = objective.gradient(theta)
        sum_of_squares = state.sum_of_squares + gradient**2
        rate = self.learning_rate / (np.sqrt(sum_of_squares) + self.eps)
        moved = _towards_zero(theta - rate * gradient, rate * self.l1_penalty)
        return moved / (1 + rate * self.l2_penalty), AdagradState(sum_of_squares)  # (5.25)


class FTRLState(NamedTuple):
    """``linear`` and ``sum_of_squares``, each of theta's shape: z and n of the paper."""

    linear: np.ndarray
    sum_of_squares: np.ndarray


@dataclass(frozen=True)
class FTRL:
    r"""Follow the regularised leader: minimise a model of *all* gradients so far, plus the whole penalty.

    .. math:: z \leftarrow z + g - \frac{\sqrt{A + g^2} - \sqrt{A}}{\text{learning\_rate}} \, \theta, \qquad
              A \leftarrow A + g^2, \tag{5.26}
    .. math:: \theta \leftarrow -\text{soft}(z, \; \text{l1\_penalty}) \, \Big/ \,
              \Big(\frac{\sqrt{A} + \text{eps}}{\text{learning\_rate}} + \text{l2\_penalty}\Big). \tag{5.27}

    Without penalties it is ``Adagrad`` with the same eps (the paper's beta, 1). With them it differs from
    ``ProximalAdagrad`` in one thing: z holds the sum of all gradients, and that sum is compared with the threshold,
    not the last step. A weight of 0 becomes another only when its gradients agree often enough.

    The run starts from the theta that it is given: z starts so that (5.27) gives it back.

    The penalty counts once against the sum of t gradients, so against their mean it weighs l1_penalty / t.

    Source: McMahan and others 2013, "Ad click prediction: a view from the trenches", algorithm 1. PyTorch has none;
    TensorFlow's Ftrl has A starting at 0.1 and eps 0.

    >>> from course_lib.surfaces import SURFACES
    >>> method, theta = FTRL(learning_rate=1.0, l1_penalty=2.0), np.array([0.0, 0.1])
    >>> method.step(SURFACES["ravine"], theta, method.init(theta))[0] == 0  # gradient (0, 3)
    array([ True,  True])
    """

    learning_rate: float = 0.01
    l1_penalty: float = 0.0
    l2_penalty: float = 0.0
    eps: float = 1.0

    def __post_init__(self):
        hyperparameters(self, learning_rate=positive, l1_penalty=non_negative)
        hyperparameters(self, l2_penalty=non_negative, eps=positive)

    def init(self, theta: Array) -> FTRLState:
        zeros = zero_vector(theta)
        theta = vector("theta", theta)
        linear = -theta * self._curvature(zeros) - np.sign(theta) * self.l1_penalty  # (5.27), solved for z
        return FTRLState(linear, np.zeros_like(linear))

    def _curvature(self, sum_of_squares):
        return (np.sqrt(sum_of_squares) + self.eps) / self.learning_rate + self.l2_penalty

    def step(self, objective: Objective, theta: Array, state: FTRLState) -> tuple[Array, FTRLState]:
        theta = numbers("theta", theta)
        gradient = objective.gradient(theta)
        sum_of_squares = state.sum_of_squares + gradient**2
        grown = (np.sqrt(sum_of_squares) - np.sqrt(state.sum_of_squares)) / self.learning_rate
        linear = state.linear + gradient - grown * theta  # (5.26)
        theta = -soft_threshold(linear, self.l1_penalty) / self._curvature(sum_of_squares)  # (5.27)
        return theta, FTRLState(linear, sum_of_squares)
