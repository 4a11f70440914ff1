r"""The random-matrix model of lecture L0: how likely is a random critical point a minimum?

If the Hessian there is a symmetric random matrix, all its eigenvalues are positive not with probability 2^-N,
as if each threw a coin, but about 3^(-N^2/4): eigenvalues repel each other (E30).

Source: L0 "Saddle points"; Dean and Majumdar 2006 (GOE); de Bruijn 1955 (the integral).
"""

from decimal import Decimal, localcontext
from functools import lru_cache
from math import factorial, log

import numpy as np

from course_lib.validation import count, generator

_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")


def goe(n, rng, size=None):
    """Symmetric random matrices (Gaussian orthogonal ensemble), ``(n, n)`` or ``(size, n, n)``.

    Entries off the diagonal have variance 1, those on it 2: the distribution is the same in every
    rotated basis. Eigenvalues fill the half circle of radius 2 sqrt(n).
    """
    n, rng = count("n", n), generator("rng", rng)
    a = rng.normal(size=(n, n) if size is None else (count("size", size), n, n))
    return (a + np.swapaxes(a, -1, -2)) / np.sqrt(2)


def sample_all_positive(n, rng, size):
    """``(share, standard error)`` of ``size`` GOE matrices whose eigenvalues are all positive."""
    size = count("size", size)
    share = float(np.mean(np.linalg.eigvalsh(goe(n, rng, size))[:, 0] > 0))
    return share, float(np.sqrt(share * (1 - share) / size))


def probability_all_positive(n):
    r"""Probability that a GOE matrix has positive eigenvalues only, to all digits of a float (n <= 12).

    The joint density of the eigenvalues is :math:`\prod_{i<j} |l_i - l_j| \, e^{-\sum l_i^2 / 2} / Z` (the
    scale does not matter). Over the positive half line de Bruijn's formula makes its integral a
    Pfaffian (the root of the determinant of an antisymmetric matrix):

    .. math:: P(n) = \frac{n!}{Z_n} \operatorname{Pf} A, \quad
              A_{ij} = \int_0^\infty \!\! \int_0^\infty \text{sign}(y - x) \, x^i y^j
              e^{-(x^2 + y^2)/2} \, dx \, dy, \quad
              Z_n = (2 \pi)^{n/2} \prod_{j=1}^n \frac{\Gamma(1 + j/2)}{\Gamma(3/2)}, \tag{4.22}

    for i, j = 0 to n - 1; when n is odd, A has one more row and column, the moments of the half line. So P(1) = 1/2,
    P(2) = (2 - sqrt 2)/4, P(3) = (pi - 2 sqrt 2)/(4 pi) (E30).

    The terms of the Pfaffian cancel: in floats four digits would be left of P(12). It is worked out with 60.
    """
    n = count("n", n)
    if n > 12:
        raise ValueError(f"For n = {n} the Pfaffian has more than ten thousand terms: use log_probability_asymptotic.")
    return _probability(n)  # (4.22)


@lru_cache
def _probability(n):
    with localcontext(prec=60):
        a = {(i, j): _radial(i + j) * (_angular(i, j) - _angular(j, i)) for i in range(n) for j in range(n)}  # (4.22)
        if n % 2:
            a |= {(i, n): Decimal(2) ** (Decimal(i - 1) / 2) * _gamma(i + 1) for i in range(n)}
        z = (2 * _PI) ** (Decimal(n) / 2)  # Mehta's integral
        for j in range(1, n + 1):
            z *= _gamma(2 + j) / _gamma(3)
        return float(factorial(n) * _pfaffian(a, tuple(range(n + n % 2))) / z)


def _radial(k):
    """The part of (4.22) that depends on the radius, in polar coordinates: the integral of r^(k+1) exp(-r^2 / 2)."""
    return Decimal(2) ** (Decimal(k) / 2) * _gamma(k + 2)


def _angular(i, j):
    """The integral of cos^i sin^j from pi/4 to pi/2, by parts down to i, j < 2."""
    edge = Decimal("0.5") ** (Decimal(i + j) / 2) / max(i + j, 1)
    if i > 1:
        return Decimal(i - 1) / (i + j) * _angular(i - 2, j) - edge
    if j > 1:
        return Decimal(j - 1) / (i + j) * _angular(i, j - 2) + edge
    half_root = Decimal("0.5").sqrt()
    return {(0, 0): _PI / 4, (1, 0): 1 - half_root, (0, 1): half_root, (1, 1): Decimal("0.25")}[i, j]


def _gamma(twice):
    """Gamma(twice / 2)."""
    if twice <= 2:
        return _PI.sqrt() if twice == 1 else Decimal(1)
    return (Decimal(twice) / 2 - 1) * _gamma(twice - 2)


def _pfaffian(a, rows):
    """Pfaffian of the antisymmetric matrix whose upper triangle is ``a[i, j]``, expanded along its first row."""
    if not rows:
        return Decimal(1)
    first, *others = rows
    rest = (tuple(others[:k] + others[k + 1 :]) for k in range(len(others)))
    return sum((-1) ** k * a[first, j] * _pfaffian(a, r) for k, (j, r) in enumerate(zip(others, rest, strict=True)))


def coin_flip_probability(n):
    """2^-n: what lecture L0's picture of one coin for each eigenvalue says. Eigenvalues repel, coins do not."""
    return 0.5 ** count("n", n)


def log_probability_asymptotic(n):
    """log P(all positive) ~ -(log 3 / 4) n^2 for large n (Dean and Majumdar 2006)."""
    return -log(3) / 4 * count("n", n) ** 2
