r"""The random-matrix model of lecture L0: how likely is a random critical point a minimum?

If the Hessian there is a symmetric random matrix, all its eigenvalues are positive not with probability 2^-N,
as if each threw a coin, but about 3^(-N^2/4): eigenvalues repel each other (E30).

Source: L0 "Saddle points"; Dean and Majumdar 2006 (GOE); de Bruijn 1955 (the integral).
"""

from math import exp, gamma, lgamma, log, pi

import numpy as np

from course_lib.validation import count


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
