r"""Newton's method, its repair for saddle points, and the natural gradient: a matrix rescales the gradient.

In the eigenvectors q of the Hessian a Newton step divides each component of the gradient by its
eigenvalue: long steps where the surface is flat, short ones where it is steep, and a step *uphill*
where the eigenvalue is negative (E26). Saddle-free Newton divides by the absolute value instead.

All of them work on stacks of vectors. Cost: the Hessian has n^2 numbers, its eigenvectors take n^3 operations.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective, no_hessian
from course_lib.validation import hyperparameters, non_negative, vector


def hessian_of(objective, theta):
    """The Hessian, or the sentence that says what to do without one."""
    hessian, n = getattr(objective, "hessian", no_hessian)(theta), np.shape(theta)[-1]
    if np.shape(hessian)[-2:] != (n, n):
        raise ValueError(
            f"objective.hessian(theta) must have the shape (..., {n}, {n}), but it has {np.shape(hessian)}."
        )
    return hessian


def eigen(matrix):
    """Return ``(eigenvalues, q)`` of a symmetric ``(..., n, n)`` matrix; one that is not finite counts as 0."""
    finite = np.all(np.isfinite(matrix), axis=(-2, -1), keepdims=True)
    return np.linalg.eigh(np.where(finite, matrix, 0.0))


def times(matrix, vector):
    """Matrix times vector, each on the last axes of a stack."""
    return np.einsum("...ij,...j->...i", matrix, vector)


def rescaled(matrix, vector, function):
    r"""Return ``Q function(Lambda) Q^T vector``: each component along an eigenvector times function(eigenvalue).

    nan where the matrix is not finite.

    >>> rescaled(np.array([[0.0, 2.0], [2.0, 0.0]]), np.array([1.0, 0.0]), np.square).round(12) + 0.0  # -2 and 2
    array([4., 0.])
    """
    eigenvalues, q = eigen(matrix)
    scaled = times(q, function(eigenvalues) * times(np.swapaxes(q, -1, -2), vector))
    finite = np.all(np.isfinite(matrix), axis=(-2, -1))
    return scaled if finite.all() else np.where(finite[..., None], scaled, np.nan)


def reciprocal(curvature):
    """``1 / curvature``, and 0 where it is 0 to rounding beside the largest: no step along a flat direction."""
    largest = np.max(np.abs(curvature), axis=-1, keepdims=True)
    flat = np.abs(curvature) <= np.shape(curvature)[-1] * np.finfo(float).eps * largest
    return np.where(flat, 0.0, 1 / np.where(flat, 1.0, curvature))


class NewtonState(NamedTuple):
    """Nothing to remember."""


@dataclass(frozen=True)
class Newton:
    r"""Newton's method for a point where the gradient is 0, whatever kind of point that is.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \,
              (H + \text{damping} \, I)^{-1} \nabla f(\theta), \qquad H = \nabla^2 f(\theta) \tag{4.1}

    With the defaults (learning rate 1, damping 0) it ends in one step on a quadratic, and is attracted
    to saddle points and maxima as much as to minima. ``learning_rate`` < 1 is damped Newton;
    ``damping`` > 0 (Levenberg, Marquardt) shortens the step where the surface is flat, and makes
    it lead downhill once it exceeds the size of the most negative eigenvalue. Along directions of
    curvature 0 there is no Newton step, and none is taken (pseudo-inverse).

    Source: L0 "Newton's Method"; L3, whose formula lacks theta_{t-1} and the minus sign (E27);
    Nocedal and Wright 2006, (2.15). PyTorch has no Newton method.

    >>> from course_lib.surfaces import SURFACES
    >>> newton, theta = Newton(), np.array([-3.0, 0.0])
    >>> theta, state = newton.step(SURFACES["booth"], theta, newton.init(theta))
    >>> theta.round(6)
    array([1., 3.])
    """

    drawn: ClassVar[int] = 15

    learning_rate: float = 1.0
    damping: float = 0.0

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, damping=non_negative)

    def init(self, theta: Array) -> NewtonState:
        return NewtonState()

    def step(self, objective: Objective, theta: Array, state: NewtonState) -> tuple[Array, NewtonState]:
        theta = vector("theta", theta)

        def inverse(eigenvalue):
            return reciprocal(eigenvalue + self.damping)

        step = rescaled(hessian_of(objective, theta), objective.gradient(theta), inverse)
        return theta - self.learning_rate * step, state  # (4.1)


@dataclass(frozen=True)
class SaddleFreeNewton:
    r"""Newton with the absolute Hessian: away from saddle points, along their negative curvature.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \,
              (|H| + \text{damping} \, I)^{-1} \nabla f(\theta),
              \qquad |H| = Q \, |\Lambda| \, Q^T \tag{4.2}

    Every step leads downhill. Where H has positive eigenvalues only, it is ``Newton``.

    Source: Dauphin et al. 2014, algorithm 1 (there in a Krylov subspace: ``KrylovSubspaceDescent``).
    PyTorch has none.

    >>> from course_lib.surfaces import SURFACES
    >>> saddle, theta = SURFACES["classical_saddle"], np.array([1.0, 0.1])
    >>> for method in Newton(), SaddleFreeNewton():
    ...     print(method.step(saddle, theta, method.init(theta))[0])
    [0. 0.]
    [0.  0.2]
    """

    drawn: ClassVar[int] = 13

    learning_rate: float = 1.0
    damping: float = 0.0

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, damping=non_negative)

    def init(self, theta: Array) -> NewtonState:
        return NewtonState()

    def step(self, objective: Objective, theta: Array, state: NewtonState) -> tuple[Array, NewtonState]:
        theta = vector("theta", theta)

        def inverse(eigenvalue):
            return reciprocal(np.abs(eigenvalue) + self.damping)

        step = rescaled(hessian_of(objective, theta), objective.gradient(theta), inverse)
        return theta - self.learning_rate * step, state  # (4.2)


@dataclass(frozen=True)
class NaturalGradient:
    r"""Steepest descent where distance is the KL divergence between the distributions, not between parameters.

    .. math:: \theta \leftarrow \theta - \text{learning\_rate} \,
              (F + \text{damping} \, I)^{-1} \nabla f(\theta),
              \qquad F = E[\nabla \log p \, (\nabla \log p)^T] \tag{4.3}

    F is the Fisher information of the model at theta; the objective gives it as ``fisher(theta)``, shape
    ``(..., n, n)``. In the limit of small steps the path does not depend on how the model is
    parametrised.

    Source: L3 "Natural gradient"; Amari 1998, theorem 1; Pascanu and Bengio 2014. PyTorch has none.

    Raises:
        TypeError: an objective without ``fisher``.

    >>> from types import SimpleNamespace
    >>> # The mean of a normal distribution with standard deviation 10, after data whose average is 3.
    >>> fit = SimpleNamespace(gradient=lambda mean: (mean - 3.0) / 100, fisher=lambda mean: np.array([[1 / 100]]))
    >>> natural, mean = NaturalGradient(learning_rate=0.5), np.array([0.0])
    >>> natural.step(fit, mean, natural.init(mean))[0]  # half the way, whatever the unit of measurement
    array([1.5])
    """

    learning_rate: float = 0.1
    damping: float = 0.0

    def __post_init__(self):
        hyperparameters(self, learning_rate=non_negative, damping=non_negative)

    def init(self, theta: Array) -> NewtonState:
        return NewtonState()

    def step(self, objective: Objective, theta: Array, state: NewtonState) -> tuple[Array, NewtonState]:
        theta = vector("theta", theta)
        if not hasattr(objective, "fisher"):
            raise TypeError(
                "NaturalGradient needs the Fisher information, and this objective has none: give it a method "
                "fisher(theta) that returns an (..., n, n) array, or choose Newton."
            )

        def inverse(eigenvalue):
            return reciprocal(eigenvalue + self.damping)

        step = rescaled(objective.fisher(theta), objective.gradient(theta), inverse)
        return theta - self.learning_rate * step, state  # (4.3)
