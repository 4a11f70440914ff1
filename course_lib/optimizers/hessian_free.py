r"""Second order without a Hessian: Hessian-free optimisation and Krylov subspace descent.

Both ask for products H v only, two gradients each, and both choose the step within the space
spanned by g, H g, H^2 g, ...: the first by conjugate gradients, the second by searching that space.
Neither has a learning rate; both run stacks of vectors, every member with its own damping and space.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers.conjugate_gradient import solve_linear
from course_lib.optimizers.line_search import armijo, inner, move, strong_wolfe
from course_lib.optimizers.quasi_newton import BFGS, BFGSState, downhill
from course_lib.optimizers.second_order import eigen, times
from course_lib.validation import count, non_negative, positive


class HessianFreeState(NamedTuple):
    """``damping``, shape of theta: one for each vector, the same in all its coordinates."""

    damping: np.ndarray


@dataclass(frozen=True)
class HessianFree:
    r"""Newton steps by conjugate gradients, with a damping that learns how far the quadratic can be trusted.

    .. math:: (H + \text{damping} \, I) \, p = -g, \qquad g = \nabla f(\theta), \tag{4.16}
    .. math:: r = \frac{f(\theta + p) - f(\theta)}{g^T p + p^T H p / 2}, \tag{4.17}
    .. math:: \text{damping} \leftarrow \tfrac32 \, \text{damping} \text{ if } r < \tfrac14, \qquad
              \tfrac23 \, \text{damping} \text{ if } r > \tfrac34. \tag{4.18}

    At most ``num_cg_steps`` products H v a step. Conjugate gradients stop before a direction of negative
    curvature (then p is what they have, or -g if they have nothing) and damping rises; the step along p
    is then shortened by ``line_search``. Martens takes the Gauss-Newton matrix, which has no negative
    curvature, and starts from the p before; this takes H itself and starts from 0.

    Source: L0 names it; Martens 2010, algorithm 1, section 4.1 (damping). PyTorch has none.

    >>> from course_lib.run import descend
    >>> from course_lib.surfaces import SURFACES
    >>> run = descend(SURFACES["rosenbrock"], HessianFree(), [-1.2, 1.0], num_steps=40)
    >>> run.thetas[-1].round(6)
    array([1., 1.])
    """

    initial_damping: float = 1.0
    num_cg_steps: int = 50
    tolerance: float = 1e-3
    line_search: Callable = armijo

    def __post_init__(self):
        non_negative("initial_damping", self.initial_damping)
        non_negative("tolerance", self.tolerance)
        count("num_cg_steps", self.num_cg_steps)

    def init(self, theta):
        return HessianFreeState(damping=np.zeros_like(theta) + self.initial_damping)

    def step(self, objective, theta, state):
        gradient = objective.gradient(theta)

        def damped_product(v):
            return objective.hvp(theta, v) + state.damping * v

        solved = solve_linear(damped_product, -gradient, self.num_cg_steps, self.tolerance)  # (4.16)
        p = downhill(solved.solution, gradient)
        change = objective.value(theta + p) - objective.value(theta)
        predicted = inner(gradient, p) + inner(p, objective.hvp(theta, p)) / 2
        trust = np.where(predicted < 0, change / np.where(predicted < 0, predicted, 1.0), -np.inf)  # (4.17)
        more = ((trust < 1 / 4) | solved.negative_curvature)[..., None]
        less = (trust > 3 / 4)[..., None]
        damping = np.where(more, 3 / 2 * state.damping, np.where(less, 2 / 3 * state.damping, state.damping))  # (4.18)
        return move(theta, self.line_search(objective, theta, p, gradient).step_size, p), HessianFreeState(damping)


short_search = partial(strong_wolfe, max_trials=20)


class KrylovState(NamedTuple):
    """``last_step``, shape of theta: it joins the basis."""

    last_step: np.ndarray


@dataclass(frozen=True)
class KrylovSubspaceDescent:
    r"""Minimise the objective itself over a small space of promising directions, at every step anew.

    .. math:: K = \text{orthonormal basis of } g, \, H g, \, \ldots, \, H^{\text{dimension} - 1} g, \,
              \theta - \theta_\text{previous}, \tag{4.19}
    .. math:: \theta \leftarrow \theta + K z, \qquad z \approx \arg\min_z f(\theta + K z). \tag{4.20}

    z is found by ``inner_steps`` steps of ``BFGS`` from 0, whose first inverse Hessian is that of the
    projected one in absolute value, its eigenvalues at least ``floor`` times the largest,

    .. math:: B = |K^T H K|^{-1}, \tag{4.21}

    so that negative curvature is used and not avoided. A step can only go down (line search).

    Source: L3 "Krylov subspace descent" (its "inferior to SGD" is not supported, E28); Vinyals and Povey
    2012, there with the Gauss-Newton matrix and fresh batches; absolute value as in Dauphin et al. 2014.
    PyTorch has none.

    >>> from course_lib.run import descend
    >>> from course_lib.surfaces import SURFACES
    >>> run = descend(SURFACES["rosenbrock"], KrylovSubspaceDescent(), [-1.2, 1.0], num_steps=10)
    >>> run.thetas[-1].round(6)
    array([1., 1.])
    """

    dimension: int = 5
    inner_steps: int = 5
    floor: float = 1e-4

    def __post_init__(self):
        count("dimension", self.dimension)
        count("inner_steps", self.inner_steps)
        positive("floor", self.floor)

    def init(self, theta):
        return KrylovState(last_step=np.zeros_like(theta))

    def step(self, objective, theta, state):
        basis = self._basis(objective, theta, state.last_step)
        along = np.swapaxes(basis, -1, -2)
        within = Objective(
            value=lambda z: objective.value(theta + times(basis, z)),
            gradient=lambda z: times(along, objective.gradient(theta + times(basis, z))),
        )
        z = np.zeros((*np.shape(theta)[:-1], basis.shape[-1]), dtype=basis.dtype)
        bfgs = BFGS(line_search=short_search, scale_first=False)
        search = BFGSState(self._first_inverse(objective, theta, basis), fresh=np.zeros(z.shape[:-1], dtype=bool))
        for _ in range(self.inner_steps):
            z, search = bfgs.step(within, z, search)
        step = times(basis, z)
        return theta + step, KrylovState(last_step=step)  # (4.20)

    def _basis(self, objective, theta, last_step):
        """K, shape ``(..., n, k)``: k = dimension + 1, or n where that is smaller."""
        vectors = [_unit(objective.gradient(theta))]
        for _ in range(self.dimension - 1):
            vectors.append(_unit(objective.hvp(theta, vectors[-1])))
        stacked = np.stack([*vectors, _unit(last_step)], axis=-1)
        return np.linalg.qr(np.where(np.isfinite(stacked), stacked, 0.0))[0]  # (4.19)

    def _first_inverse(self, objective, theta, basis):
        products = [objective.hvp(theta, basis[..., i]) for i in range(basis.shape[-1])]
        projected = np.swapaxes(basis, -1, -2) @ np.stack(products, axis=-1)
        eigenvalues, q = eigen((projected + np.swapaxes(projected, -1, -2)) / 2)
        size = np.abs(eigenvalues)
        lowest = self.floor * np.max(size, axis=-1, keepdims=True)
        inverse = 1 / np.where(lowest > 0, np.maximum(size, lowest), 1.0)
        return (q * inverse[..., None, :]) @ np.swapaxes(q, -1, -2)  # (4.21)


def _unit(vector):
    """``vector`` of length 1, and 0 where it is 0."""
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return vector / np.where(length > 0, length, 1.0)
