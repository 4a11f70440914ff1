r"""Variance reduction: on a finite sum, noise that goes to 0 at a constant learning rate.

A mini-batch's gradient is off by what its samples happen to be. What these samples were off by at an earlier point is
known, and has hardly changed since: subtract it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course_lib.objective import Array
from course_lib.stochastic import FiniteSum, MiniBatch
from course_lib.validation import count, hyperparameters, non_negative, vector


def _mini_batch(method, objective):
    """``(whole, batch)`` of the mini-batch that a step sees; a sum as a whole is the batch of everything."""
    if isinstance(objective, MiniBatch):
        return objective.whole, objective.batch
    if isinstance(objective, FiniteSum):
        return objective, np.arange(objective.size)
    raise ValueError(
        f"{method} reduces the noise of a finite sum, and this objective is none: make it with finite_sum, "
        "least_squares or logistic_loss, and give descend rng=np.random.default_rng(0), so that steps see mini-batches."
    )


class SVRGState(NamedTuple):
    """``snapshot`` and ``full_gradient`` there, of theta's shape; ``t`` counts updates."""

    snapshot: np.ndarray
    full_gradient: np.ndarray
    t: int


@dataclass(frozen=True)
class SVRG:
    r"""Stochastic variance reduced gradient: correct each mini-batch by what it is off by at a snapshot.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \,
              \big( \nabla f_B(\theta) - \nabla f_B(\tilde\theta) + \nabla f(\tilde\theta) \big) \tag{2.33}

    B is the mini-batch, and the snapshot is theta itself once every ``epoch_length`` updates (left out: N / batch size,
    one pass). The correction is right on average, so the direction is unbiased; its variance goes to 0 where theta and
    the snapshot come together, and so a constant learning rate arrives. Memory: two vectors. Work: two mini-batch
    gradients an update, and a full gradient each snapshot, three passes through the data where SGD makes one. With
    the whole sum in each batch it is ``SGD``.

    The objective must be a mini-batch of a ``FiniteSum``: ``descend(a_sum, SVRG(), start, num_steps, rng=rng)``.

    Source: Johnson and Zhang 2013, procedure SVRG, option I; there epochs of 2 N updates with batches of 1.
    PyTorch has none.

    >>> from course_lib.run import descend
    >>> from course_lib.stochastic import least_squares
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(50, 2)), rng.normal(size=50)
    >>> run = descend(least_squares(x, y), SVRG(0.1), [5.0, 5.0], 1000, rng=rng)
    >>> bool(np.allclose(run.thetas[-1], np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-9))
    True
    """

    learning_rate: float = 0.01
    epoch_length: int | None = None

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative)
        if self.epoch_length is not None:
            count("epoch_length", self.epoch_length)

    def init(self, theta: Array) -> SVRGState:
        theta = vector("theta", theta)
        return SVRGState(theta, np.zeros_like(theta), 0)

    def step(self, objective, theta: Array, state: SVRGState) -> tuple[Array, SVRGState]:
        whole, batch = _mini_batch("SVRG", objective)
        length = self.epoch_length or -(-whole.size // batch.shape[-1])
        if state.t % length == 0:
            state = SVRGState(theta, whole.gradient(theta), state.t)
        correction = objective.gradient(state.snapshot) - state.full_gradient
        theta = theta - self.learning_rate * (objective.gradient(theta) - correction)  # (2.33)
        return theta, state._replace(t=state.t + 1)


class SAGAState(NamedTuple):
    """``table`` ``(..., N, n)``: of every term the gradient where it was last asked for; ``None`` before the first."""

    table: np.ndarray | None


@dataclass(frozen=True)
class SAGA:
    r"""Correct each mini-batch by the gradients that its terms had when they were last drawn.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \,
              \Big( \frac1m \sum_{i \in B} (g_i - G_i) + \frac1N \sum_{i=1}^N G_i \Big),
              \qquad g_i = \nabla f_i(\theta), \tag{2.34}

    then G_i becomes g_i for the terms of B. As in ``SVRG`` the direction is unbiased, and its variance goes to 0; there
    is no snapshot, and no further gradient: an update costs what one of SGD costs. The price is memory, N n numbers
    (for a linear model N would do). The table starts as all gradients at the start, one pass. With the whole sum in
    each batch it is ``SGD``. A step here copies the table, since it may change nothing that it was given.

    The objective must be a mini-batch of a ``FiniteSum``: ``descend(a_sum, SAGA(), start, num_steps, rng=rng)``.

    Source: Defazio, Bach and Lacoste-Julien 2014, (1). PyTorch has none.

    >>> from course_lib.run import descend
    >>> from course_lib.stochastic import least_squares
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(50, 2)), rng.normal(size=50)
    >>> run = descend(least_squares(x, y), SAGA(0.1), [5.0, 5.0], 2000, rng=rng)
    >>> bool(np.allclose(run.thetas[-1], np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-9))
    True
    """

    learning_rate: float = 0.01

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative)

    def init(self, theta: Array) -> SAGAState:
        vector("theta", theta)
        return SAGAState(table=None)

    def step(self, objective, theta: Array, state: SAGAState) -> tuple[Array, SAGAState]:
        theta = vector("theta", theta)
        whole, batch = _mini_batch("SAGA", objective)
        batch = np.broadcast_to(batch, (*theta.shape[:-1], batch.shape[-1]))
        everything = np.broadcast_to(np.arange(whole.size), (*theta.shape[:-1], whole.size))
        table = _of_each(whole, everything, theta) if state.table is None else state.table
        new = _of_each(whole, batch, theta)
        old = np.take_along_axis(table, batch[..., None], axis=-2)
        direction = np.mean(new - old, axis=-2) + np.mean(table, axis=-2)
        table = np.array(table)
        np.put_along_axis(table, batch[..., None], new, axis=-2)
        return theta - self.learning_rate * direction, SAGAState(table)  # (2.34)


def _of_each(whole, terms, theta):
    """The gradient of every one of ``terms (..., m)`` at ``theta (..., n)``: ``(..., m, n)``."""
    points = np.broadcast_to(theta[..., None, :], (*terms.shape, theta.shape[-1]))
    return whole.on(terms[..., None]).gradient(points)
