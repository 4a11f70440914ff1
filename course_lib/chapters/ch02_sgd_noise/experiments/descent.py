r"""Gradient descent without noise: eigenvectors that shrink at their own rates, and functions between two parabolas.

On a quadratic with Hessian :math:`H = Q \Lambda Q^T` the coordinates :math:`z = Q^T \theta` do not know of each other:
:math:`z_i \leftarrow (1 - \eta \lambda_i) z_i`.
"""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.surfaces import quadratic


def eigen_components(hessian, thetas):
    """``(eigenvalues (n,), components (..., n))``: each theta in the eigenvectors of ``hessian (n, n)``, ascending."""
    eigenvalues, vectors = np.linalg.eigh(hessian)
    return eigenvalues, thetas @ vectors


def tilted_run(eigenvalues=(0.1, 1.0), angle=0.5, learning_rate=1.7, num_steps=30, start=(-2.2, 2.4)):
    """``(hessian, thetas)``: gradient descent on a bowl whose eigenvectors are turned by ``angle``."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    hessian = turn @ np.diag(eigenvalues) @ turn.T
    return hessian, descend(quadratic(hessian), SGD(learning_rate), start, num_steps).thetas


LOW, HIGH = 0.5, 2.0  # curvatures of ``between``: mu and L


def between():
    """x^2 - 1.5 log cosh x: its curvature is between ``LOW``, at its minimum, and ``HIGH``, far from it."""
    return Objective(
        value=lambda x: np.sum(x**2 - 1.5 * (np.logaddexp(x, -x) - np.log(2)), axis=-1),
        gradient=lambda x: 2 * x - 1.5 * np.tanh(x),
        hessian=lambda x: (2 - 1.5 / np.cosh(x) ** 2)[..., None],
    )


def flat_bottom(power=10):
    """|x|^power / power, convex; from 1 on inwards it is smooth with L = power - 1, and no parabola lies below it."""
    return Objective(
        value=lambda x: np.sum(np.abs(x) ** power, axis=-1) / power,
        gradient=lambda x: np.sign(x) * np.abs(x) ** (power - 1),
    )


def gaps(num_steps=200, power=10):
    """``{name: (f - f* measured, bound)}``, each ``(num_steps + 1,)``, at learning rate 1 / L.

    The bounds of the text: (1 - mu / L)^k (f_0 - f*) for the strongly convex one, 2 L R^2 / k for the other.
    """
    k = np.arange(num_steps + 1)
    strong = descend(between(), SGD(1 / HIGH), [3.0], num_steps).values
    convex = descend(flat_bottom(power), SGD(1 / (power - 1)), [1.0], num_steps).values
    return {
        "strongly convex": (strong, (1 - LOW / HIGH) ** k * strong[0]),
        "convex": (convex, 2 * (power - 1) / np.maximum(k, 1)),
    }
