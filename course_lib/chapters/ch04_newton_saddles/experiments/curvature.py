"""The Hessian at a point, its eigenvalues, and in how many directions the ground bends down.

Source: L0 "Saddle points"; Dauphin et al. 2014.
"""

import numpy as np

from course_lib.validation import having, non_negative, number, vector


def hessian_at(objective, theta):
    """The Hessian at theta, ``(..., n, n)``: the objective's own, or n Hessian-vector products, made symmetric."""
    theta = vector("theta", theta)
    if getattr(objective, "has_hessian", False):
        return np.asarray(objective.hessian(theta))
    having("objective", objective, "hvp")
    columns = [objective.hvp(theta, np.broadcast_to(unit, theta.shape)) for unit in np.eye(theta.shape[-1])]
    hessian = np.stack(columns, axis=-1)
    return (hessian + np.swapaxes(hessian, -1, -2)) / 2


def hessian_eigenvalues(objective, theta):
    """Eigenvalues of the Hessian, ascending, ``(..., n)``; all nan where an entry of it is not finite."""
    return finite_eigenvalues(hessian_at(objective, theta))


def finite_eigenvalues(hessian):
    """Eigenvalues of symmetric matrices ``(..., n, n)``; nan for a matrix that is not finite."""
    finite = np.all(np.isfinite(hessian), axis=(-2, -1))
    if finite.all():
        return np.linalg.eigvalsh(hessian)
    eigenvalues = np.linalg.eigvalsh(np.where(finite[..., None, None], hessian, 0.0))
    return np.where(finite[..., None], eigenvalues, np.nan)


def zero_below(eigenvalues, tolerance):
    """Eigenvalues at most this large in modulus count as 0."""
    return tolerance * np.maximum(np.max(np.abs(eigenvalues), axis=-1, keepdims=True), 1e-300)


def saddle_index(objective, theta, tolerance=1e-8):
    """Number of directions in which the ground bends down, ``(...)``: 0 at a minimum, n at a maximum.

    An eigenvalue counts as negative below -tolerance * largest modulus. Dauphin et al. plot this divided by n. Where
    the Hessian is not finite (a run that has diverged) the index is nan, and the result then is an array of floats.
    """
    eigenvalues = hessian_eigenvalues(objective, theta)
    negative = np.sum(eigenvalues < -zero_below(eigenvalues, number("tolerance", tolerance, non_negative)), axis=-1)
    unknown = np.any(np.isnan(eigenvalues), axis=-1)
    return np.where(unknown, np.nan, negative) if np.any(unknown) else negative
