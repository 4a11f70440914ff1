r"""Adam and its relatives: a moving average of the gradient over the root of one of its square.

All of them keep two moments, which start at 0,

.. math:: m \leftarrow \text{beta1} \, m + (1 - \text{beta1}) \, g, \qquad g = \nabla f(\theta), \tag{5.12}
.. math:: v \leftarrow \text{beta2} \, v + (1 - \text{beta2}) \, g^2, \tag{5.13}

and count t = 1 at the first update: 1 - beta1^t, by which the moments are corrected, is 0 at t = 0.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.adaptive import root, started
from course_lib.validation import flag, fraction, hyperparameters, non_negative, vector, zero_vector


class AdamState(NamedTuple):
    """``t`` updates done so far; ``first_moment`` and ``second_moment``, shape of theta."""

    t: int
    first_moment: np.ndarray
    second_moment: np.ndarray


@dataclass(frozen=True)
class Adam:
    r"""Adaptive moment estimation: the moments (5.12), (5.13), corrected for their start at 0.

    .. math:: \hat m = m / (1 - \text{beta1}^t), \qquad \hat v = v / (1 - \text{beta2}^t), \tag{5.14}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, \hat m / (\sqrt{\hat v} + \text{eps}). \tag{5.15}

    ``bias_correction=False`` is L0's "idea 1": m and v themselves in (5.15); with the default betas its
    first step is (1 - beta1) / sqrt(1 - beta2) = 3.2 times as long.
    ``eps_inside_root=True`` divides by sqrt(v_hat + eps) (L1); the default is outside (L0, L2, L3, PyTorch).
    ``eps_before_correction=True`` adds eps to sqrt(v) itself, which is then corrected: the divisor is
    (sqrt(v) + eps) / sqrt(1 - beta2^t) ("epsilon hat", Keras), and eps counts for more in the first steps.
    With eps = 0 the path does not change when the objective is multiplied by a number; with eps > 0 only
    nearly (E42). The steps do not shrink by themselves: give a schedule. For an L2 penalty, minimise
    ``with_l2_penalty(objective, l2_penalty)``; for decoupled decay use ``AdamW`` (E43).

    Source: L0 "Adam"; L1, L2, L3 "Adam"; Kingma and Ba 2015, algorithm 1 (eps outside, on v_hat; the
    reordered form after it, which Keras uses, is ``eps_before_correction``).
    PyTorch: ``torch.optim.Adam(lr=learning_rate, betas=(beta1, beta2), eps=eps)``, the same to rounding;
    its ``weight_decay`` is ``with_l2_penalty``.

    >>> from course_lib.surfaces import SURFACES
    >>> adam, theta = Adam(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = adam.step(SURFACES["ravine"], theta, adam.init(theta))
    >>> theta.round(6)  # the first step is learning_rate in every coordinate
    array([0.9, 0.9])
    """

    drawn: ClassVar[int] = 5

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    bias_correction: bool = True
    eps_inside_root: bool = False
    eps_before_correction: bool = False

    def __post_init__(self):
        _check(self)
        hyperparameters(self, bias_correction=flag, eps_inside_root=flag, eps_before_correction=flag)

    def init(self, theta: Array) -> Any:
        return AdamState(t=0, first_moment=zero_vector(theta), second_moment=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: Any) -> tuple[Array, Any]:
        state = _moments(self, objective.gradient(theta), state)
        m_hat = state.first_moment
        if self.bias_correction:
            m_hat = m_hat / (1 - self.beta1**state.t)  # (5.14)
        return theta - self.learning_rate * m_hat / self._divisor(state.second_moment, state.t), state  # (5.15)

    def _divisor(self, second_moment, t):
        correction = 1 - self.beta2**t if self.bias_correction else 1.0
        if self.eps_before_correction:
            return root(second_moment, self.eps, self.eps_inside_root) / np.sqrt(correction)
        return root(second_moment / correction, self.eps, self.eps_inside_root)  # v_hat of (5.14)

    def effective_rate(self, state: Any) -> Array | float:
        return self.learning_rate / self._divisor(started(state.second_moment), state.t)  # (5.24)


def _check(optimizer):
    hyperparameters(optimizer, learning_rate=non_negative, beta1=fraction, beta2=fraction, eps=non_negative)


def _moments(optimizer, gradient, state):
    first_moment = optimizer.beta1 * state.first_moment + (1 - optimizer.beta1) * gradient  # (5.12)
    second_moment = optimizer.beta2 * state.second_moment + (1 - optimizer.beta2) * gradient**2  # (5.13)
    return AdamState(state.t + 1, first_moment, second_moment)


@dataclass(frozen=True)
class AdamW(Adam):
    r"""Adam with decoupled weight decay: theta shrinks beside Adam's step, not through its moments.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \cdot \text{weight\_decay} \, \theta
              - \text{learning\_rate} \, \hat m / (\sqrt{\hat v} + \text{eps}) \tag{5.16}

    Not an L2 penalty (L4, E43): a penalty's gradient would be divided by sqrt(v_hat) with the rest, so that
    parameters with large gradients would decay less. Here all decay by the same factor.
    ``decay_times_learning_rate=False`` leaves learning_rate out of the first product, as the paper writes
    it (its schedule multiplier would scale both; without one, decay and learning rate are independent).

    Source: Loshchilov and Hutter 2019, algorithm 2, line 12.
    PyTorch: ``torch.optim.AdamW(lr=learning_rate, betas=(beta1, beta2), eps=eps,
    weight_decay=weight_decay)``, the same to rounding.

    >>> from course_lib.surfaces import SURFACES
    >>> adamw, theta = AdamW(learning_rate=0.1, weight_decay=0.5), np.array([1.0, 1.0])
    >>> theta, state = adamw.step(SURFACES["ravine"], theta, adamw.init(theta))
    >>> theta.round(6)  # 1 - 0.1 * 0.5 - 0.1
    array([0.85, 0.85])
    """

    drawn: ClassVar[int] = 7

    weight_decay: float = 0.01
    decay_times_learning_rate: bool = True

    def __post_init__(self):
        super().__post_init__()
        hyperparameters(self, weight_decay=non_negative, decay_times_learning_rate=flag)

    def step(self, objective: Objective, theta: Array, state: Any) -> tuple[Array, Any]:
        theta = vector("theta", theta)
        after_adam, state = super().step(objective, theta, state)
        decay = self.weight_decay * (self.learning_rate if self.decay_times_learning_rate else 1)
        return after_adam - decay * theta, state  # (5.16)


class AMSGradState(NamedTuple):
    """Adam's state and ``largest_second_moment``, shape of theta."""

    t: int
    first_moment: np.ndarray
    second_moment: np.ndarray
    largest_second_moment: np.ndarray


@dataclass(frozen=True)
class AMSGrad(Adam):
    r"""Adam that divides by the largest second moment so far, so that no rate rises again.

    .. math:: v_\text{max} \leftarrow \max(v_\text{max}, v), \tag{5.22}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, \hat m
              / (\sqrt{v_\text{max} / (1 - \text{beta2}^t)} + \text{eps}). \tag{5.23}

    m, v and m_hat as in Adam, whose switches it shares. The maximum is taken before the correction, as in
    PyTorch; the paper has no correction at all, which is ``bias_correction=False``. The repair of Adam where
    rare large gradients are forgotten before they have been answered (Reddi et al. 2018, theorem 1).

    Source: Reddi, Kale and Kumar 2018, algorithm 2. No lecture names it; L0 asks why Adam is no guarantee.
    PyTorch: ``torch.optim.Adam(lr=learning_rate, betas=(beta1, beta2), eps=eps, amsgrad=True)``, the same to
    rounding.

    >>> from course_lib.surfaces import SURFACES
    >>> amsgrad, theta = AMSGrad(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = amsgrad.step(SURFACES["ravine"], theta, amsgrad.init(theta))
    >>> theta.round(6), state.largest_second_moment.round(6)
    (array([0.9, 0.9]), array([0.001, 0.9  ]))
    """

    drawn: ClassVar[int] = 8

    def init(self, theta: Array) -> Any:
        zeros = zero_vector(theta)
        return AMSGradState(0, zeros, zeros, zeros)

    def step(self, objective: Objective, theta: Array, state: Any) -> tuple[Array, Any]:
        t, first_moment, second_moment = _moments(self, objective.gradient(theta), state)
        largest = np.maximum(state.largest_second_moment, second_moment)  # (5.22)
        m_hat = first_moment / (1 - self.beta1**t) if self.bias_correction else first_moment  # (5.14)
        theta = theta - self.learning_rate * m_hat / self._divisor(largest, t)  # (5.23)
        return theta, AMSGradState(t, first_moment, second_moment, largest)

    def effective_rate(self, state: Any) -> Array | float:
        return self.learning_rate / self._divisor(started(state.largest_second_moment), state.t)  # (5.24)


class NadamState(NamedTuple):
    """Adam's state and ``momentum_product``, mu_1 * ... * mu_t."""

    t: int
    first_moment: np.ndarray
    second_moment: np.ndarray
    momentum_product: float


@dataclass(frozen=True)
class Nadam:
    r"""Adam with Nesterov's look-ahead: the average that the *next* step would start from.

    .. math:: \hat m = \frac{\mu_{t+1} \, m}{1 - \mu_1 \cdots \mu_{t+1}}
              + \frac{(1 - \mu_t) \, g}{1 - \mu_1 \cdots \mu_t}, \tag{5.17}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \, \hat m / (\sqrt{\hat v} + \text{eps}), \tag{5.18}

    m, v and v_hat as in Adam. By default mu_t = beta1, the simple form: (5.17) is then
    beta1 m / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t). ``momentum_schedule=True`` lets mu rise,

    .. math:: \mu_t = \text{beta1} \, (1 - 0.5 \cdot 0.96^{t \cdot \text{momentum\_decay}}). \tag{5.19}

    Source: L1 names it; Dozat 2016. eps stands outside the root.
    PyTorch: ``torch.optim.NAdam(lr=learning_rate, betas=(beta1, beta2), eps=eps,
    momentum_decay=momentum_decay)`` always has the schedule: the same to rounding with
    ``momentum_schedule=True``, and another path without. It keeps the product of the mu in torch's
    default type, so that even float64 parameters move by float32 accuracy unless that is set to float64.

    >>> from course_lib.surfaces import SURFACES
    >>> nadam, theta = Nadam(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = nadam.step(SURFACES["ravine"], theta, nadam.init(theta))
    >>> theta.round(4)  # 1 - 0.1 * (0.09 / 0.19 + 0.1 / 0.1): longer than Adam's
    array([0.8526, 0.8526])
    """

    drawn: ClassVar[int] = 6

    learning_rate: float = 0.002
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    momentum_schedule: bool = False
    momentum_decay: float = 0.004

    def __post_init__(self):
        _check(self)
        hyperparameters(self, momentum_decay=non_negative, momentum_schedule=flag)

    def init(self, theta: Array) -> NadamState:
        return NadamState(0, zero_vector(theta), zero_vector(theta), momentum_product=1.0)

    def step(self, objective: Objective, theta: Array, state: NadamState) -> tuple[Array, NadamState]:
        gradient = objective.gradient(theta)
        t, first_moment, second_moment = _moments(self, gradient, state)
        mu, next_mu = self._mu(t), self._mu(t + 1)
        product = state.momentum_product * mu
        m_hat = next_mu * first_moment / (1 - product * next_mu) + (1 - mu) * gradient / (1 - product)  # (5.17)
        v_hat = second_moment / (1 - self.beta2**t)  # (5.14)
        theta = theta - self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)  # (5.18)
        return theta, NadamState(t, first_moment, second_moment, product)

    def effective_rate(self, state: NadamState) -> Array | float:
        v_hat = started(state.second_moment) / (1 - self.beta2**state.t)
        return self.learning_rate / (np.sqrt(v_hat) + self.eps)  # (5.24)

    def _mu(self, t):
        if not self.momentum_schedule:
            return self.beta1
        return self.beta1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))  # (5.19)


class AdamaxState(NamedTuple):
    """``t`` updates done so far; ``first_moment`` and ``largest``, shape of theta."""

    t: int
    first_moment: np.ndarray
    largest: np.ndarray


@dataclass(frozen=True)
class Adamax:
    r"""Adam with a fading maximum of abs(g) in place of the root mean square.

    .. math:: u \leftarrow \max(\text{beta2} \, u, |g| + \text{eps}), \tag{5.20}
    .. math:: \theta \leftarrow \theta - \text{learning\_rate} / (1 - \text{beta1}^t) \cdot m / u, \tag{5.21}

    m as in (5.12). u is not an average, so it needs no correction. eps stands inside the maximum, as in
    PyTorch; the paper has none, and divides 0 by 0 where a gradient is 0 from the start.

    Source: L1 names it; Kingma and Ba 2015, algorithm 2.
    PyTorch: ``torch.optim.Adamax(lr=learning_rate, betas=(beta1, beta2), eps=eps)``, the same to rounding.

    >>> from course_lib.surfaces import SURFACES
    >>> adamax, theta = Adamax(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = adamax.step(SURFACES["ravine"], theta, adamax.init(theta))
    >>> theta.round(6), state.largest.round(6)
    (array([0.9, 0.9]), array([ 1., 30.]))
    """

    drawn: ClassVar[int] = 10

    learning_rate: float = 0.002
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self):
        _check(self)

    def init(self, theta: Array) -> AdamaxState:
        return AdamaxState(t=0, first_moment=zero_vector(theta), largest=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: AdamaxState) -> tuple[Array, AdamaxState]:
        gradient = objective.gradient(theta)
        t = state.t + 1
        first_moment = self.beta1 * state.first_moment + (1 - self.beta1) * gradient  # (5.12)
        largest = np.maximum(self.beta2 * state.largest, np.abs(gradient) + self.eps)  # (5.20)
        theta = theta - self.learning_rate / (1 - self.beta1**t) * first_moment / largest  # (5.21)
        return theta, AdamaxState(t, first_moment, largest)

    def effective_rate(self, state: AdamaxState) -> Array | float:
        return self.learning_rate / state.largest
