r"""Second order without a Hessian: Hessian-free optimisation and Krylov subspace descent.

Both ask for products H v only, two gradients each, and both choose the step within the space
spanned by g, H g, H^2 g, ...: the first by conjugate gradients, the second by searching that space.
Neither has a learning rate; both run stacks of vectors, every member with its own damping and space.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.conjugate_gradient import solve_linear
from course_lib.optimizers.line_search import armijo, inner, length, step_downhill, strong_wolfe
from course_lib.optimizers.quasi_newton import BFGS, BFGSState, downhill
from course_lib.optimizers.second_order import eigen, times
from course_lib.validation import count, function_of, hyperparameters, non_negative, positive, vector, zero_vector


class HessianFreeState(NamedTuple):
    """``damping``, shape of theta: one for each vector, in all its coordinates.

    ``curvature``, of that shape: what damping is measured in, 0 until it is known. ``length`` ``(...)`` of the last
    step, 1 before the first.
    """

    damping: np.ndarray
    curvature: np.ndarray
    length: np.ndarray


@dataclass(frozen=True)
class HessianFree:
    r"""Newton steps by conjugate gradients, with a damping that learns how far the quadratic can be trusted.

    .. math:: (H + \text{damping} \cdot c \, I) \, p = -g, \qquad g = \nabla f(\theta), \qquad
              c = \|H g\| / \|g\| \text{ at the first step}, \tag{4.16}
    .. math:: r = \frac{f(\theta + p) - f(\theta)}{g^T p + p^T H p / 2}, \tag{4.17}
    .. math:: \text{damping} \leftarrow \tfrac32 \, \text{damping} \text{ if } r < \tfrac14, \qquad
              \tfrac23 \, \text{damping} \text{ if } r > \tfrac34. \tag{4.18}

    At most ``num_cg_steps`` products H v a step. Conjugate gradients stop before a direction of negative
    curvature (then p is what they have, or -g if they have nothing) and damping rises; the step along p
    is then shortened by ``line_search``. As damping is measured in c, the path does not change when f is
    multiplied by a number; Martens adds it to the matrix as it is (c = 1), and on 1e-12 f it takes 70 steps to
    come down. He takes the Gauss-Newton matrix, which has no negative curvature, and starts from the p before;
    this takes H itself and starts from 0.

    Source: L0 names it; Martens 2010, algorithm 1, section 4.1 (damping). PyTorch has none.

    >>> from course_lib.run import descend
    >>> from course_lib.surfaces import SURFACES
    >>> run = descend(SURFACES["rosenbrock"], HessianFree(), [-1.2, 1.0], num_steps=40)
    >>> run.thetas[-1].round(6)
    array([1., 1.])
    """

    drawn: ClassVar[int] = 18

    initial_damping: float = 1.0
    num_cg_steps: int = 50
    tolerance: float = 1e-3
    line_search: Callable = armijo

    def __post_init__(self):
        hyperparameters(self, initial_damping=non_negative, tolerance=non_negative)
        count("num_cg_steps", self.num_cg_steps)
        function_of("line_search", self.line_search, "armijo")

    def init(self, theta: Array) -> HessianFreeState:
        zeros = zero_vector(theta)
        return HessianFreeState(zeros + self.initial_damping, zeros, length=np.ones(zeros.shape[:-1], zeros.dtype))

    def step(self, objective: Objective, theta: Array, state: HessianFreeState) -> tuple[Array, HessianFreeState]:
        theta = vector("theta", theta)
        gradient = objective.gradient(theta)
        curvature = self._curvature(objective, theta, gradient, state.curvature)

        def damped_product(v):
            return objective.hvp(theta, v) + state.damping * curvature * v

        solved = solve_linear(damped_product, -gradient, self.num_cg_steps, self.tolerance)  # (4.16)
        p = downhill(solved.solution, gradient)
        change = objective.value(theta + p) - objective.value(theta)
        predicted = inner(gradient, p) + inner(p, objective.hvp(theta, p)) / 2
        trust = np.where(predicted < 0, change / np.where(predicted < 0, predicted, 1.0), -np.inf)  # (4.17)
        more = ((trust < 1 / 4) | solved.negative_curvature)[..., None]
        less = (trust > 3 / 4)[..., None]
        damping = np.where(more, 3 / 2 * state.damping, np.where(less, 2 / 3 * state.damping, state.damping))  # (4.18)
        step = step_downhill(self.line_search, objective, theta, p, gradient, state.length)
        return step.say_if_stuck().theta, HessianFreeState(damping, curvature, step.length)

    def _curvature(self, objective, theta, gradient, known):
        """c of (4.16), from the first step on at which H g is not 0."""
        if np.all(known > 0):
            return known
        g = _unit(gradient)
        found = length(objective.hvp(theta, g))[..., None] + zero_vector(theta)
        return np.where(known > 0, known, found)


short_search = partial(strong_wolfe, max_trials=20)


class KrylovState(NamedTuple):
    """``last_step``, shape of theta: it joins the basis; 0 where no lower point was found in the subspace."""

    last_step: np.ndarray


@dataclass(frozen=True)
class KrylovSubspaceDescent:
    r"""Minimise the objective itself over a small space of promising directions, at every step anew.

    .. math:: K = \text{orthonormal basis of the span of } g, \, H g, \, \ldots, \, H^{\text{dimension} - 1} g, \,
              \theta - \theta_\text{previous} \text{ (from the second step on)}, \tag{4.19}
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

    drawn: ClassVar[int] = 19

    dimension: int = 5
    inner_steps: int = 5
    floor: float = 1e-4

    def __post_init__(self):
        count("dimension", self.dimension)
        count("inner_steps", self.inner_steps)
        hyperparameters(self, floor=positive)

    def init(self, theta: Array) -> KrylovState:
        return KrylovState(last_step=zero_vector(theta))

    def step(self, objective: Objective, theta: Array, state: KrylovState) -> tuple[Array, KrylovState]:
        theta = vector("theta", theta)
        basis = self._basis(objective, theta, state.last_step)
        along = np.swapaxes(basis, -1, -2)
        within = Objective(
            value=lambda z: objective.value(theta + times(basis, z)),
            gradient=lambda z: times(along, objective.gradient(theta + times(basis, z))),
        )
        z = np.zeros((*np.shape(theta)[:-1], basis.shape[-1]), dtype=basis.dtype)
        bfgs, last_length = BFGS(line_search=short_search, scale_first=False), length(state.last_step)
        search = BFGSState(
            self._first_inverse(objective, theta, basis),
            fresh=np.zeros(z.shape[:-1], dtype=bool),
            length=np.where(last_length > 0, last_length, 1.0),
        )
        for _ in range(self.inner_steps):
            (z, *_), search = bfgs.searched(within, z, search)
        step = times(basis, z)
        return theta + step, KrylovState(last_step=step)  # (4.20)

    def _basis(self, objective, theta, last_step):
        """K, shape ``(..., n, k)``, k <= dimension + 1; a member whose span has fewer dimensions has columns of 0."""
        vectors = [_unit(objective.gradient(theta))]
        for _ in range(self.dimension - 1):
            vectors.append(_unit(objective.hvp(theta, vectors[-1])))
        return _orthonormal([*vectors, _unit(last_step)])  # (4.19)

    def _first_inverse(self, objective, theta, basis):
        products = [objective.hvp(theta, basis[..., i]) for i in range(basis.shape[-1])]
        projected = np.swapaxes(basis, -1, -2) @ np.stack(products, axis=-1)
        eigenvalues, q = eigen((projected + np.swapaxes(projected, -1, -2)) / 2)
        size = np.abs(eigenvalues)
        lowest = self.floor * np.max(size, axis=-1, keepdims=True)
        inverse = 1 / np.where(lowest > 0, np.maximum(size, lowest), 1.0)
        return (q * inverse[..., None, :]) @ np.swapaxes(q, -1, -2)  # (4.21)


def _orthonormal(vectors):
    """Columns that span what ``vectors`` of length 1 span (Gram-Schmidt, twice is enough); 0 for one that adds nothing.

    QR would put an arbitrary direction there.
    """
    rounding = np.finfo(vectors[0].dtype).eps * vectors[0].shape[-1]
    columns = np.zeros((*vectors[0].shape, 0), dtype=vectors[0].dtype)
    for column in vectors:
        rest = np.where(np.isfinite(column), column, 0.0)
        for _ in range(2):
            rest = rest - times(columns, times(np.swapaxes(columns, -1, -2), rest))
        new = np.where(length(rest)[..., None] > rounding, _unit(rest), 0.0)
        if np.any(new) or not columns.shape[-1]:
            columns = np.concatenate([columns, new[..., None]], axis=-1)
    return columns


def _unit(vector):
    """``vector`` of length 1, and 0 where it is 0."""
    has = length(vector)[..., None]
    return vector / np.where(has > 0, has, 1.0)
