r"""What the ground looks like: curvature, kinds of critical points, where Newton's method ends, slices.

Also the random-matrix model of lecture L0: how likely is it that a symmetric random matrix has positive
eigenvalues only, so that a random critical point is a minimum? Not 2^-N (coins), but about 3^(-N^2/4).

Source: L0 "Saddle points"; Dauphin et al. 2014; Dean and Majumdar 2006 (GOE); de Bruijn 1955 (the integral);
Li et al. 2018 (slices).
"""

from collections import Counter
from dataclasses import dataclass
from math import exp, gamma, lgamma, log, pi
from typing import NamedTuple

import numpy as np

from course_lib.validation import count, parameters, positive

# --- Curvature ---------------------------------------------------------------------------------------


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


def _zero_below(eigenvalues, tolerance):
    """Eigenvalues at most this large in modulus count as 0."""
    return tolerance * np.maximum(np.max(np.abs(eigenvalues), axis=-1, keepdims=True), 1e-300)


def saddle_index(objective, theta, tolerance=1e-8):
    """Number of directions in which the ground bends down, ``(...)``: 0 at a minimum, n at a maximum.

    An eigenvalue counts as negative below -tolerance * largest modulus. Dauphin et al. plot this divided by n.
    """
    eigenvalues = hessian_eigenvalues(objective, theta)
    return np.sum(eigenvalues < -_zero_below(eigenvalues, tolerance), axis=-1)


# --- Kinds of critical points ------------------------------------------------------------------------


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
        ValueError: theta is a stack, or a number is out of range.
    """
    theta = parameters(theta)
    if theta.ndim != 1:
        raise ValueError(f"classify looks at one point (n,), but theta has the shape {theta.shape}.")
    positive("radius", radius)
    num_samples = count("num_samples", num_samples)
    eigenvalues = hessian_eigenvalues(objective, theta)
    norm = float(np.linalg.norm(objective.gradient(theta)))
    zero = _zero_below(eigenvalues, tolerance)
    up, down = int(np.sum(eigenvalues > zero)), int(np.sum(eigenvalues < -zero))
    n = theta.size

    def found(kind, decided_by, reason):
        degenerate = up + down < n
        return CriticalPoint(kind, degenerate, decided_by, eigenvalues, down, norm, reason)

    if norm > gradient_tolerance * (1 + np.max(np.abs(eigenvalues))):
        return found("not critical", "gradient", f"the gradient is not 0 here, its norm is {norm:.3g}.")
    if up and down:
        return found("saddle", "Hessian", f"the ground bends up in {up} and down in {down} of {n} directions.")
    if up == n:
        return found("minimum", "Hessian", f"all {n} eigenvalues are positive.")
    if down == n:
        return found("maximum", "Hessian", f"all {n} eigenvalues are negative.")
    lower, level, higher = _look_around(objective, theta, radius, num_samples, rng or np.random.default_rng(0))
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
    here = float(objective.value(theta))
    moves = np.concatenate([radius / 2**i * directions for i in range(4)])
    rise = objective.value(theta + moves) - here
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


# --- Where Newton's method ends ----------------------------------------------------------------------


class NewtonCensus(NamedTuple):
    """Where Newton's method ends from each start.

    Attributes:
        ends: ``(..., n)``, nan where it did not converge.
        kinds: ``(...)`` strings: ``"minimum"``, ``"maximum"``, ``"saddle"``, ``"degenerate"`` or ``"none"``.
        steps: ``(...)`` updates until the gradient was below the tolerance; -1 where it never was.
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
        starts: ``(..., n)``, for instance a grid.
        num_steps: most updates.
        tolerance: converged when ||gradient|| is below it.
        same_within: ends closer than this are one point.
    """
    starts = parameters(starts)
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
    kinds[converged] = _kinds_by_hessian(hessian_eigenvalues(objective, theta[converged])) if converged.any() else ""
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
    zero = _zero_below(eigenvalues, tolerance)
    up, down = (eigenvalues > zero).sum(axis=-1), (eigenvalues < -zero).sum(axis=-1)
    n = eigenvalues.shape[-1]
    return np.select([up == n, down == n, (up > 0) & (down > 0)], ["minimum", "maximum", "saddle"], "degenerate")


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


# --- Random matrices ---------------------------------------------------------------------------------


def goe(n, rng, size=None):
    """Symmetric random matrices (Gaussian orthogonal ensemble), ``(n, n)`` or ``(size, n, n)``.

    Entries off the diagonal have variance 1, those on it 2: the distribution is the same in every
    rotated basis. Eigenvalues fill the half circle of radius 2 sqrt(n).
    """
    n = count("n", n)
    a = rng.normal(size=(n, n) if size is None else (count("size", size), n, n))
    return (a + np.swapaxes(a, -1, -2)) / np.sqrt(2)


def sample_all_positive(n, rng, size):
    """``(share, standard error)`` of ``size`` GOE matrices whose eigenvalues are all positive."""
    size = count("size", size)
    share = float(np.mean(np.linalg.eigvalsh(goe(n, rng, size))[:, 0] > 0))
    return share, float(np.sqrt(share * (1 - share) / size))


def probability_all_positive(n):
    r"""Probability that a GOE matrix has positive eigenvalues only, exactly (to rounding; n <= 12).

    The joint density of the eigenvalues is :math:`\prod_{i<j} |l_i - l_j| \, e^{-\sum l_i^2 / 2} / Z` (the
    scale does not matter). Over the positive half line de Bruijn's formula makes its integral a
    Pfaffian: P = n! Pf(A) / Z with

    .. math:: A_{ij} = \int_0^\infty \!\! \int_0^\infty \text{sign}(y - x) \, x^i y^j
              e^{-(x^2 + y^2)/2} \, dx \, dy, \tag{4.22}

    bordered by the moments of the half line when n is odd; Z is Mehta's integral. So P(1) = 1/2,
    P(2) = (2 - sqrt 2)/4, P(3) = (pi - 2 sqrt 2)/(4 pi) (E30).
    """
    n = count("n", n)
    if n > 12:
        raise ValueError(f"For n = {n} the determinant is lost in rounding: use log_probability_asymptotic.")
    powers = np.arange(n)
    radial = [[2 ** ((i + j) / 2) * gamma((i + j) / 2 + 1) for j in powers] for i in powers]
    a = np.array(radial) * _angular(n)  # (4.22), in polar coordinates
    if n % 2:
        moments = np.array([2 ** ((i - 1) / 2) * gamma((i + 1) / 2) for i in powers])
        a = np.block([[a, moments[:, None]], [-moments[None, :], np.zeros((1, 1))]])
    scale = 1 / np.sqrt(np.abs(a).max(axis=0))
    _, log_determinant = np.linalg.slogdet(a * scale * scale[:, None])
    log_pfaffian = log_determinant / 2 - np.sum(np.log(scale))
    log_z = n / 2 * log(2 * pi) + sum(lgamma(1 + j / 2) - lgamma(3 / 2) for j in range(1, n + 1))
    return exp(lgamma(n + 1) + log_pfaffian - log_z)


def _angular(n):
    """The part of A_ij that depends on the angle: cos^i sin^j above the diagonal minus below it."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    angle = pi / 4 + pi / 8 * (nodes + 1)
    cos, sin = np.cos(angle) ** np.arange(n)[:, None], np.sin(angle) ** np.arange(n)[:, None]
    half = pi / 8 * np.einsum("ik,jk,k->ij", cos, sin, weights)
    return half - half.T


def coin_flip_probability(n):
    """2^-n: what lecture L0's picture of one coin for each eigenvalue says. Eigenvalues repel, coins do not."""
    return 0.5 ** count("n", n)


def log_probability_asymptotic(n):
    """log P(all positive) ~ -(log 3 / 4) n^2 for large n (Dean and Majumdar 2006)."""
    return -log(3) / 4 * count("n", n) ** 2


# --- Slices of a loss surface ------------------------------------------------------------------------


class Slice(NamedTuple):
    """Values of an objective on a line, ``values (m,)``, or on a plane, ``values (len(b), len(a))``.

    The point is ``theta + a * first`` on a line, ``theta + a * first + b * second`` on a plane; ``b`` is
    ``None`` on a line.
    """

    a: np.ndarray
    b: np.ndarray | None
    values: np.ndarray


def line(objective, theta, direction, a):
    """``objective.value(theta + a * direction)`` for all numbers ``a``."""
    theta = parameters(theta)
    direction = _direction("direction", direction, theta)
    a = np.asarray(a, dtype=float)
    return Slice(a, None, objective.value(theta + a[:, None] * direction))


def between(objective, start, end, num=51, beyond=0.25):
    """The straight line from ``start`` (a = 0) to ``end`` (a = 1), and a bit beyond both (Goodfellow et al. 2015)."""
    start = parameters(start)
    return line(objective, start, parameters(end) - start, np.linspace(-beyond, 1 + beyond, count("num", num)))


def plane(objective, theta, first, second, a, b):
    """Values on ``theta + a * first + b * second``, shape ``(len(b), len(a))`` as ``contour`` wants them."""
    theta = parameters(theta)
    first, second = _direction("first", first, theta), _direction("second", second, theta)
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return Slice(a, b, objective.value(theta + a[:, None] * first + b[:, None, None] * second))


def _direction(name, direction, theta):
    direction = parameters(direction)
    if theta.ndim != 1 or direction.shape != theta.shape:
        raise ValueError(f"{name} must have theta's shape (n,): theta {theta.shape}, {name} {direction.shape}.")
    return direction


def random_directions(n, rng, number=2):
    """``number`` orthonormal directions in n dimensions, ``(number, n)``: a random plane."""
    n, number = count("n", n), count("number", number)
    if number > n:
        raise ValueError(f"There are only {n} orthogonal directions in {n} dimensions, not {number}.")
    return np.linalg.qr(rng.normal(size=(n, number)))[0].T
