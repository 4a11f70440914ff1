r"""BFGS and L-BFGS: learn the inverse Hessian from how the gradient changes.

Both look at one step and at what it did to the gradient,

.. math:: s = \theta_\text{new} - \theta, \qquad y = \nabla f(\theta_\text{new}) - \nabla f(\theta), \tag{4.4}

and want a matrix that takes y back to s. They have no learning rate: a line search decides how far to go.
Both gradients of a step come from one ``objective``, so with a sampled one y is not mere noise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.line_search import inner, length, step_downhill, strong_wolfe
from course_lib.optimizers.second_order import times
from course_lib.validation import count, flag, function_of, hyperparameters, vector


def downhill(direction, gradient):
    """``direction`` where it leads downhill, else ``-gradient``."""
    return np.where((inner(direction, gradient) < 0)[..., None], direction, -gradient)


def curved_upwards(s, y):
    """Whether y^T s > 0 beyond rounding: only such a pair belongs to a positive definite matrix."""
    return inner(y, s) > np.finfo(float).eps * np.linalg.norm(y, axis=-1) * np.linalg.norm(s, axis=-1)


def outer(a, b):
    return a[..., :, None] * b[..., None, :]


class BFGSState(NamedTuple):
    """``inverse_hessian`` ``(..., n, n)``; ``fresh`` ``(...)``: whether it has not learned anything yet.

    ``length`` ``(...)`` of the last step: 1 before the first, 0 where the line search found nothing.
    """

    inverse_hessian: np.ndarray
    fresh: np.ndarray
    length: np.ndarray


@dataclass(frozen=True)
class BFGS:
    r"""Quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno.

    .. math:: d = -B \, \nabla f(\theta), \qquad \theta \leftarrow \theta + \text{step\_size} \, d, \tag{4.5}
    .. math:: B \leftarrow (I - \rho \, s y^T) \, B \, (I - \rho \, y s^T) + \rho \, s s^T,
              \qquad \rho = 1 / (y^T s). \tag{4.6}

    B approximates the inverse Hessian; it starts as I, and with ``scale_first`` (the default) as
    (y^T s / y^T y) I once the first pair is known. (4.6) is left out where y^T s is not positive,
    so B stays positive definite and every direction leads downhill; a strong Wolfe search makes it
    positive. Where a search finds nothing, B is I again and the step one along -gradient, as long as the
    last at first (1 if there was none), so that very steep and very flat functions are no obstacle; where that finds
    nothing either, theta stays, with a warning.

    No learning rate; ``line_search`` is any function of ``line_search.py``. Ensembles: each member
    has its own B and its own search, which all take part in until the last is done. Memory: n^2 numbers.

    Source: L3 "BFGS"; Nocedal and Wright 2006, (6.17)-(6.20), algorithm 6.1.
    PyTorch has only L-BFGS.

    >>> from course_lib.run import descend
    >>> from course_lib.surfaces import SURFACES
    >>> run = descend(SURFACES["rosenbrock"], BFGS(), [-1.2, 1.0], num_steps=40)
    >>> run.thetas[-1].round(6)
    array([1., 1.])
    """

    drawn: ClassVar[int] = 17

    line_search: Callable = strong_wolfe
    scale_first: bool = True

    def __post_init__(self):
        function_of("line_search", self.line_search, "strong_wolfe")
        hyperparameters(self, scale_first=flag)

    def init(self, theta: Array) -> BFGSState:
        theta = vector("theta", theta)
        n = theta.shape[-1]
        identity = np.eye(n, dtype=np.result_type(theta, np.float32))
        members = theta.shape[:-1]
        return BFGSState(
            np.broadcast_to(identity, (*theta.shape, n)), np.ones(members, dtype=bool), np.ones(members, theta.dtype)
        )

    def step(self, objective: Objective, theta: Array, state: BFGSState) -> tuple[Array, BFGSState]:
        step, state = self.searched(objective, theta, state)
        return step.say_if_stuck().theta, state

    def searched(self, objective, theta, state):
        """``(step, state)``: the ``Step`` itself, without a warning where it is stuck."""
        theta = vector("theta", theta)
        gradient = objective.gradient(theta)
        direction = downhill(-times(state.inverse_hessian, gradient), gradient)
        step = step_downhill(self.line_search, objective, theta, direction, gradient, state.length)  # (4.5)
        s, y = step.theta - theta, objective.gradient(step.theta) - gradient  # (4.4)
        return step, self._learn(state, s, y, step)

    def _learn(self, state, s, y, step):
        identity = np.eye(s.shape[-1], dtype=s.dtype)
        learns = curved_upwards(s, y)
        rho = np.where(learns, 1 / np.where(learns, inner(y, s), 1.0), 0.0)
        fresh = state.fresh | step.restarted
        before = np.where(step.restarted[..., None, None], identity, state.inverse_hessian)
        if self.scale_first:
            bend = rho * inner(y, y)
            scale = np.where(fresh & (bend > 0), 1 / np.where(bend > 0, bend, 1.0), 1.0)
            before = scale[..., None, None] * before
        left = identity - rho[..., None, None] * outer(s, y)
        after = left @ before @ np.swapaxes(left, -1, -2) + rho[..., None, None] * outer(s, s)  # (4.6)
        return BFGSState(after, fresh & ~learns, step.length)


class LBFGSState(NamedTuple):
    """The last pairs, oldest first: tuples ``steps`` (s) and ``changes`` (y) of arrays of theta's shape.

    The last of ``steps`` is 0 where the line search found nothing.
    """

    steps: tuple
    changes: tuple


@dataclass(frozen=True)
class LBFGS:
    r"""BFGS with limited memory: B is not stored, only the last ``memory`` pairs (s, y).

    B g from the pairs, newest to oldest and back (two-loop recursion):

    .. math:: \alpha_i = \rho_i \, s_i^T q, \qquad q \leftarrow q - \alpha_i \, y_i, \tag{4.7}
    .. math:: r = \gamma \, q, \qquad \gamma = y^T s / y^T y \text{ of the newest pair}, \tag{4.8}
    .. math:: r \leftarrow r + (\alpha_i - \rho_i \, y_i^T r) \, s_i. \tag{4.9}

    ``scale=False`` has gamma = 1: then it is ``BFGS(scale_first=False)`` until the memory is full.
    A pair with y^T s <= 0 counts as nothing. Where a search finds nothing the pairs are forgotten, and the step is as
    in ``BFGS``. No learning rate. Ensembles as there.
    Memory: 2 * ``memory`` * n numbers.

    Source: L3 "L-BFGS"; Nocedal and Wright 2006, algorithms 7.4 and 7.5, (7.20).
    PyTorch: ``torch.optim.LBFGS(history_size=memory, line_search_fn="strong_wolfe")`` does up to
    ``max_iter`` = 20 such steps in one ``step``, with another search, so the paths differ.

    >>> from course_lib.run import descend
    >>> from course_lib.surfaces import SURFACES
    >>> run = descend(SURFACES["rosenbrock"], LBFGS(), [-1.2, 1.0], num_steps=40)
    >>> run.thetas[-1].round(6)
    array([1., 1.])
    """

    drawn: ClassVar[int] = 20

    memory: int = 10
    line_search: Callable = strong_wolfe
    scale: bool = True

    def __post_init__(self):
        count("memory", self.memory)
        function_of("line_search", self.line_search, "strong_wolfe")
        hyperparameters(self, scale=flag)

    def init(self, theta: Array) -> LBFGSState:
        return LBFGSState(steps=(), changes=())

    def step(self, objective: Objective, theta: Array, state: LBFGSState) -> tuple[Array, LBFGSState]:
        theta = vector("theta", theta)
        gradient = objective.gradient(theta)
        direction = downhill(-self._times_inverse_hessian(gradient, state), gradient)
        last_length = length(state.steps[-1]) if state.steps else np.ones(np.shape(theta)[:-1])
        step = step_downhill(self.line_search, objective, theta, direction, gradient, last_length)  # (4.5)
        s, y = step.theta - theta, objective.gradient(step.theta) - gradient  # (4.4)
        known = ~step.restarted[..., None]
        steps, changes = ([known * old for old in pairs] for pairs in state)
        return step.say_if_stuck().theta, LBFGSState((*steps, s)[-self.memory :], (*changes, y)[-self.memory :])

    def _times_inverse_hessian(self, gradient, state):
        q, seen = gradient, []
        for s, y in reversed(list(zip(state.steps, state.changes, strict=True))):
            learns = curved_upwards(s, y)
            rho = np.where(learns, 1 / np.where(learns, inner(y, s), 1.0), 0.0)[..., None]
            alpha = rho * inner(s, q)[..., None]
            q = q - alpha * y  # (4.7)
            seen.append((s, y, rho, alpha))
        if self.scale and seen:
            _, y, rho, _ = seen[0]
            bend = rho * inner(y, y)[..., None]
            q = q / np.where(bend > 0, bend, 1.0)  # (4.8)
        for s, y, rho, alpha in reversed(seen):
            q = q + (alpha - rho * inner(y, q)[..., None]) * s  # (4.9)
        return q
