"""The Hessian at a point, its eigenvalues, and in how many directions the ground bends down.

Source: L0 "Saddle points"; Dauphin et al. 2014.
"""

import numpy as np

from course_lib.validation import parameters


def hessian_at(objective, theta):
    """The Hessian at theta, ``(..., n, n)``: the objective's own, or n Hessian-vector products, made symmetric."""
    theta = parameters(theta)
    if getattr(objective, "has_hessian", False):
        return np.asarray(objective.hessian(theta))
    columns = [objective.hvp(theta, np.broadcast_to(unit, theta.shape)) for unit in np.eye(theta.shape[-1])]
    hessian = np.stack(columns, axis=-1)
    return (hessian + np.swapaxes(hessian, -1, -2)) / 2


def hessian_eigenvalues(objective, theta):
    """Eigenvalues of the Hessian, ascending, ``(..., n)``."""
    return np.linalg.eigvalsh(hessian_at(objective, theta))


def zero_below(eigenvalues, tolerance):
    """Eigenvalues at most this large in modulus count as 0."""
    return tolerance * np.maximum(np.max(np.abs(eigenvalues), axis=-1, keepdims=True), 1e-300)


def saddle_index(objective, theta, tolerance=1e-8):
    """Number of directions in which the ground bends down, ``(...)``: 0 at a minimum, n at a maximum.

    An eigenvalue counts as negative below -tolerance * largest modulus. Dauphin et al. plot this divided by n.
    """
    eigenvalues = hessian_eigenvalues(objective, theta)
    return np.sum(eigenvalues < -zero_below(eigenvalues, tolerance), axis=-1)
