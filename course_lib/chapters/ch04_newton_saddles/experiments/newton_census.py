"""Where Newton's method ends, from every start of a grid.

Source: L0 "Newton's method is attracted to saddle points"; Dauphin et al. 2014.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.curvature import finite_eigenvalues, hessian_at, zero_below
from course_lib.validation import count, having, number, positive, vector


class NewtonCensus(NamedTuple):
    """Where Newton's method ends from each start.

    Attributes:
        ends: ``(..., n)``, nan where it did not converge.
        kinds: ``(...)`` strings: ``"minimum"``, ``"maximum"``, ``"saddle"``, ``"degenerate"`` or ``"none"`` (did not
            converge, or the Hessian there is not finite).
        steps: ``(...)`` updates until the gradient was below the tolerance, or -1.
        points: the different ends, ``(k, n)``, most visited first.
        visits: ``(k,)`` starts that end at each.
        labels: ``(...)`` index into ``points``; -1 where it did not converge. The picture of the basins.
    """

    ends: np.ndarray
    kinds: np.ndarray
    steps: np.ndarray
    points: np.ndarray
    visits: np.ndarray
    labels: np.ndarray

    def shares(self):
        """``{kind: share of the starts}``."""
        return {str(kind): number / self.kinds.size for kind, number in Counter(self.kinds.ravel()).most_common()}


def newton_census(objective, starts, num_steps=100, tolerance=1e-8, same_within=1e-4):
    """Run undamped Newton, theta <- theta - H^-1 gradient, from every start at once, and count the ends.

    Newton looks for any point where the gradient is 0 and knows no difference between a minimum and a
    saddle (E26, E27).

    Args:
        starts: ``(..., n)``, for instance a grid; the runs are in float64 whatever its precision.
        num_steps: most updates.
        tolerance: converged when ||gradient|| is below it.
        same_within: ends closer than this are one point.
    """
    having("objective", objective, "gradient")
    number("tolerance", tolerance, positive)
    number("same_within", same_within, positive)
    starts = vector("starts", starts).astype(float)
    theta = starts.reshape(-1, starts.shape[-1]).copy()
    steps = np.full(len(theta), -1)
    with np.errstate(all="ignore"):  # a run that diverges is a result, not a warning
        for t in range(count("num_steps", num_steps) + 1):
            gradient = objective.gradient(theta)
            steps[(steps < 0) & (np.linalg.norm(gradient, axis=-1) < tolerance)] = t
            moving = (steps < 0) & np.isfinite(theta).all(axis=-1) & np.isfinite(gradient).all(axis=-1)
            if not moving.any() or t == num_steps:
                break
            theta[moving] -= _solve(hessian_at(objective, theta[moving]), gradient[moving])
    converged = steps >= 0
    theta[~converged] = np.nan
    kinds = np.full(len(theta), "none", dtype="<U10")
    kinds[converged] = (
        _kinds_by_hessian(finite_eigenvalues(hessian_at(objective, theta[converged]))) if converged.any() else ""
    )
    points, visits, labels = _cluster(theta, converged, same_within)
    shape = starts.shape[:-1]
    return NewtonCensus(
        theta.reshape(starts.shape), kinds.reshape(shape), steps.reshape(shape), points, visits, labels.reshape(shape)
    )


def _solve(hessian, gradient):
    """H^-1 g for a stack; nan where H is singular."""
    try:
        return np.linalg.solve(hessian, gradient[..., None])[..., 0]
    except np.linalg.LinAlgError:
        if len(hessian) == 1:
            return np.full_like(gradient, np.nan)
        half = len(hessian) // 2  # halve the stack until the singular ones are alone
        return np.concatenate([_solve(hessian[:half], gradient[:half]), _solve(hessian[half:], gradient[half:])])


def _kinds_by_hessian(eigenvalues, tolerance=1e-6):
    zero = zero_below(eigenvalues, tolerance)
    up, down = (eigenvalues > zero).sum(axis=-1), (eigenvalues < -zero).sum(axis=-1)
    n, unknown = eigenvalues.shape[-1], np.isnan(eigenvalues).any(axis=-1)
    kinds = ["none", "minimum", "maximum", "saddle"]
    return np.select([unknown, up == n, down == n, (up > 0) & (down > 0)], kinds, "degenerate")


def _cluster(theta, converged, same_within):
    """``(points, visits, labels)``: ends that lie within a distance of a found point belong to it."""
    labels = np.full(len(theta), -1)
    points = []
    for i in np.flatnonzero(converged):
        if labels[i] < 0:
            near = converged & (labels < 0) & (np.linalg.norm(theta - theta[i], axis=-1) < same_within)
            labels[near] = len(points)
            points.append(theta[i])
    visits = np.bincount(labels[labels >= 0], minlength=len(points))
    order = np.argsort(-visits, kind="stable")
    rank = np.empty(len(points), dtype=int)
    rank[order] = np.arange(len(points))
    labels[labels >= 0] = rank[labels[labels >= 0]]
    return np.reshape(points, (-1, theta.shape[-1]))[order], visits[order], labels
