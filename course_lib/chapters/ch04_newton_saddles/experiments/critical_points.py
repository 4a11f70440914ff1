"""Minimum, maximum, saddle, or none of these: kinds of critical points, the degenerate ones too (E29).

Source: L0 "Saddle points"; L4 "Critical points".
"""

from dataclasses import dataclass

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.curvature import hessian_eigenvalues, zero_below
from course_lib.validation import count, finite, generator, having, non_negative, number, positive


@dataclass(frozen=True, eq=False, repr=False)
class CriticalPoint:
    """What ``classify`` found.

    Attributes:
        kind: ``"minimum"``, ``"maximum"``, ``"saddle"``, ``"flat"`` (degenerate, and no sample was
            higher or lower), ``"valley"`` / ``"ridge"`` (degenerate, none lower / none higher, some
            level) or ``"not critical"``.
        degenerate: the Hessian has an eigenvalue 0, so that it alone cannot decide (E29).
        decided_by: ``"gradient"``, ``"Hessian"`` or ``"samples"``.
        eigenvalues: ascending, ``(n,)``.
        saddle_index: number of negative eigenvalues.
        gradient_norm: at the point.
        reason: one sentence.
    """

    kind: str
    degenerate: bool
    decided_by: str
    eigenvalues: np.ndarray
    saddle_index: int
    gradient_norm: float
    reason: str

    def __repr__(self):
        return f"{self.kind}: {self.reason}"


def classify(objective, theta, *, gradient_tolerance=1e-6, tolerance=1e-8, radius=0.1, num_samples=4_000, rng=None):
    """Say what kind of critical point theta is.

    Eigenvalues of both signs: a saddle. All positive or all negative: minimum or maximum. Otherwise the
    point is degenerate and the Hessian is silent (x^4, the monkey saddle): then ``num_samples`` points on
    each of four spheres with radii ``radius`` * (1, 1/2, 1/4, 1/8) are looked at. Samples can miss a
    thin valley: "minimum" then means that nothing lower was found.

    Args:
        theta: one vector ``(n,)``.
        gradient_tolerance: not critical if ||gradient|| is above this times (1 + largest |eigenvalue|).
        tolerance: an eigenvalue is 0 below this times the largest in modulus.
        radius: of the largest sphere; small enough that no other critical point is near.
        rng: NumPy ``Generator`` of the samples; seed 0 if left out.

    Returns:
        ``CriticalPoint``; ``print`` it for a sentence.

    Raises:
        ValueError: theta is a stack or not finite, a number is out of range, or the objective has nan or inf for its
            gradient or Hessian at theta, or for a value around it.
    """
    having("objective", objective, "value", "gradient")
    theta = finite("theta", theta, "n")
    number("radius", radius, positive)
    number("gradient_tolerance", gradient_tolerance, non_negative)
    number("tolerance", tolerance, non_negative)
    num_samples = count("num_samples", num_samples)
    rng = np.random.default_rng(0) if rng is None else generator("rng", rng)
    eigenvalues = finite("The Hessian of objective", hessian_eigenvalues(objective, theta))
    norm = float(np.linalg.norm(finite("The gradient of objective", objective.gradient(theta))))
    zero = zero_below(eigenvalues, tolerance)
    up, down = int(np.sum(eigenvalues > zero)), int(np.sum(eigenvalues < -zero))
    n = theta.size

    def found(kind, decided_by, reason):
        degenerate = up + down < n
        return CriticalPoint(kind, degenerate, decided_by, eigenvalues, down, norm, reason)

    if not norm <= gradient_tolerance * (1 + np.max(np.abs(eigenvalues))):
        return found("not critical", "gradient", f"the gradient is not 0 here, its norm is {norm:.3g}.")
    if up and down:
        return found("saddle", "Hessian", f"the ground bends up in {up} and down in {down} of {n} directions.")
    if up == n:
        return found("minimum", "Hessian", f"all {n} eigenvalues are positive.")
    if down == n:
        return found("maximum", "Hessian", f"all {n} eigenvalues are negative.")
    lower, level, higher = _look_around(objective, theta, radius, num_samples, rng)
    kind = _kind_from_samples(lower, level, higher)
    reason = (
        f"{n - up - down} of {n} eigenvalues are 0, so the Hessian does not decide; of {lower + level + higher} "
        f"points around, {lower} are lower, {level} level and {higher} higher."
    )
    return found(kind, "samples", reason)


def _look_around(objective, theta, radius, num_samples, rng):
    """How many samples around theta are lower, level (within rounding) and higher."""
    directions = rng.normal(size=(num_samples, theta.size))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    directions = np.concatenate([directions, np.eye(theta.size), -np.eye(theta.size)])
    here = float(finite("The value of objective", objective.value(theta)))
    moves = np.concatenate([radius / 2**i * directions for i in range(4)])
    rise = objective.value(theta + moves) - here
    if np.any(np.isnan(rise)):
        raise ValueError(
            f"objective is nan at {np.isnan(rise).sum()} points within radius {radius}: choose a smaller one."
        )
    rounding = 8 * np.finfo(float).eps * abs(here)
    lower, higher = int(np.sum(rise < -rounding)), int(np.sum(rise > rounding))
    return lower, len(moves) - lower - higher, higher


def _kind_from_samples(lower, level, higher):
    if lower and higher:
        return "saddle"
    if level and not lower and not higher:
        return "flat"
    if higher:
        return "valley" if level else "minimum"
    return "ridge" if level else "maximum"
