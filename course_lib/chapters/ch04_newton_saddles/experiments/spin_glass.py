r"""A random loss in many dimensions whose critical points can be found: "lower loss, lower index", measured.

The spherical 3-spin model: with |x|^2 = n,

.. math:: f(x) = \frac{1}{n^2} \sum_{i,j,k} J_{ijk} \, x_i x_j x_k, \qquad J_{ijk} \sim N(0, 1).

On the sphere the Hessian at a critical point is a random symmetric matrix shifted by -3 f, since x . grad f = 3 f for
a cubic form (Euler) and the sphere bends away from its tangent: high up it bends down in most directions, far below in
none. So the share of negative eigenvalues is a share of the half circle,

.. math:: \text{share}(f) = \frac12 + \frac{c \sqrt{1-c^2} + \arcsin c}{\pi}, \quad c = \frac{3f}{2 \sqrt 6}, \tag{4.26}

which is 0 below f = -2 sqrt(2/3) = -1.63: all that is lower are minima (n to infinity).

Source: L0 "Random Matrix Theory"; Auffinger, Ben Arous and Cerny 2013; Choromanska et al. 2015; Dauphin et al. 2014.
"""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.random_matrices import goe
from course_lib.validation import count, generator, numbers


class CriticalPoints(NamedTuple):
    """Different critical points: ``losses (k,)``, and the share of negative eigenvalues ``indices (k,)`` of each."""

    losses: np.ndarray
    indices: np.ndarray


def couplings(n, rng):
    """J, made symmetric over all orders of its indices (the same f, quicker derivatives), ``(n, n, n)``."""
    j = generator("rng", rng).normal(size=(count("n", n, minimum=3),) * 3)
    orders = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    return sum(np.transpose(j, order) for order in orders) / 6


def derivatives(j, x):
    """``(f, gradient along the sphere, Hessian along the sphere)`` at ``x (k, n)`` with |x|^2 = n.

    f is the loss divided by n, the energy per spin; the Hessian has the eigenvalue 0 along x itself.
    """
    n = len(j)
    jx = (x @ j.reshape(n, n * n)).reshape(len(x), n, n)
    jxx = np.einsum("kij,kj->ki", jx, x)
    loss = np.einsum("ki,ki->k", jxx, x) / n**2
    gradient, hessian = 3 * jxx / n, 6 * jx / n
    across = np.eye(n) - x[:, :, None] * x[:, None, :] / n
    along = gradient - 3 * loss[:, None] * x
    return loss, along, across @ hessian @ across - 3 * loss[:, None, None] * across


def critical_points(n, rng, num_starts=400, num_steps=60):
    """Different critical points of one random loss, found by Newton's method on the sphere from random starts.

    Newton does not care for the index: that is its fault elsewhere, and its use here.
    """
    j = couplings(n, rng)
    x = rng.normal(size=(count("num_starts", num_starts), n))
    for _ in range(count("num_steps", num_steps)):
        x = x * (np.sqrt(n) / np.linalg.norm(x, axis=1, keepdims=True))
        _, gradient, hessian = derivatives(j, x)
        radial = x[:, :, None] * x[:, None, :] / n  # makes the Hessian regular, and leaves the step along the sphere
        step = np.linalg.solve(hessian + radial, gradient[..., None])[..., 0]
        x = x - step * np.minimum(1, 0.5 * np.sqrt(n) / np.maximum(np.linalg.norm(step, axis=1), 1e-300))[:, None]
    x = x * (np.sqrt(n) / np.linalg.norm(x, axis=1, keepdims=True))
    loss, gradient, hessian = derivatives(j, x)
    found = np.linalg.norm(gradient, axis=1) < 1e-8
    loss, hessian = loss[found], hessian[found]
    _, first = np.unique(np.round(loss, 7), return_index=True)
    eigenvalues = np.linalg.eigvalsh(hessian[first])
    negative = (eigenvalues < -1e-6).sum(axis=1)
    return CriticalPoints(loss[first], negative / (n - 1))


def index_of_loss(loss):
    """The share of negative eigenvalues of a critical point with this loss, for large n, by (4.26)."""
    c = np.clip(3 * numbers("loss", loss) / (2 * np.sqrt(6)), -1, 1)
    return 0.5 + (c * np.sqrt(1 - c * c) + np.arcsin(c)) / np.pi  # (4.26)


def expected_number(n, rng, draws=5000):
    """Mean number of critical points of such a loss in ``n`` dimensions: ``(mean, standard error)``.

    Auffinger, Ben Arous and Cerny 2013, theorem 2.1, for all indices and p = 3: 2 sqrt(2/3) 2^(n/2) times the mean of
    sum_k exp(-n l_k^2 / 6) over random matrices whose eigenvalues l_k fill the half circle of radius sqrt 2.

    >>> number, _ = expected_number(2, np.random.default_rng(0))
    >>> round(number, 1)
    5.3
    """
    eigenvalues = np.linalg.eigvalsh(goe(n, rng, draws)) / np.sqrt(2 * n)
    numbers_ = 2 * np.sqrt(2 / 3) * 2 ** (n / 2) * np.sum(np.exp(-n * eigenvalues**2 / 6), axis=1)
    return float(numbers_.mean()), float(numbers_.std(ddof=1) / np.sqrt(draws))
