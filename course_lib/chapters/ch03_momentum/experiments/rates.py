r"""How quickly gradient descent, momentum and Nesterov's method converge on a quadratic, exactly.

On f = lambda/2 * theta^2 one update of (theta, previous theta) is a 2 x 2 matrix, and in the long run
the error shrinks by its spectral radius a step. With more coordinates every eigenvalue of the Hessian
goes its own way and the slowest decides. Everything broadcasts.

Source: Polyak 1964; Lessard, Recht and Packard 2016, section 2 and proposition 1.
"""

import numpy as np

from course_lib.validation import broadcast, function_of, numbers, positive, shown, vector


def larger_root(b, c):
    """Modulus of the larger root of ``r^2 - b r + c = 0``, the characteristic equation of e_t+1 = b e_t - c e_t-1."""
    b, c = numbers("b", b), numbers("c", c)
    broadcast(b=b, c=c)
    discriminant = b * b - 4 * c
    real = (np.abs(b) + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, np.sqrt(np.maximum(c, 0)), real)


def momentum_rate(learning_rate, momentum, eigenvalue):
    r"""Spectral radius of one momentum step on curvature ``eigenvalue``; < 1 converges.

    Larger root of r^2 - (1 + momentum - learning_rate * eigenvalue) r + momentum = 0.  (3.12)
    With ``momentum=0`` this is |1 - learning_rate * eigenvalue|, gradient descent. Where the roots
    are complex the rate is sqrt(momentum), whatever the learning rate (not 2 sqrt(momentum)). For
    momentum < 1 it converges exactly while 0 < learning_rate * eigenvalue < 2 (1 + momentum).
    """
    learning_rate, momentum, eigenvalue = _together(learning_rate, momentum, eigenvalue)
    return larger_root(1 + momentum - learning_rate * eigenvalue, momentum)  # (3.12)


def nesterov_rate(learning_rate, momentum, eigenvalue):
    r"""Spectral radius of one Nesterov step on curvature ``eigenvalue``; < 1 converges.

    Larger root of r^2 - (1 + momentum)(1 - learning_rate * eigenvalue) r
    + momentum (1 - learning_rate * eigenvalue) = 0.  (3.13)
    For momentum < 1 it converges exactly while
    0 < learning_rate * eigenvalue < 2 (1 + momentum) / (1 + 2 momentum).
    """
    learning_rate, momentum, eigenvalue = _together(learning_rate, momentum, eigenvalue)
    contraction = 1 - learning_rate * eigenvalue
    return larger_root((1 + momentum) * contraction, momentum * contraction)  # (3.13)


def _together(learning_rate, momentum, eigenvalue):
    """All three as float arrays, if they broadcast."""
    given = {"learning_rate": learning_rate, "momentum": momentum, "eigenvalue": eigenvalue}
    given = {name: numbers(name, value) for name, value in given.items()}
    broadcast(**given)
    return given.values()


def slowest_rate(rate, learning_rate, momentum, eigenvalues):
    """The largest ``rate(learning_rate, momentum, eigenvalue)`` over the ``eigenvalues``: it decides."""
    function_of("rate", rate, "momentum_rate")
    return np.max(
        [rate(learning_rate, momentum, eigenvalue) for eigenvalue in vector("eigenvalues", eigenvalues)], axis=0
    )


def _spectrum(smallest, largest):
    """Both, the smallest and the largest eigenvalue, checked."""
    smallest, largest = positive("smallest", smallest), positive("largest", largest)
    broadcast(smallest=smallest, largest=largest)
    if not np.all(smallest <= largest):
        raise ValueError(f"smallest ({shown(smallest)}) is larger than largest ({shown(largest)}): swap them.")
    return smallest, largest


def optimal_gradient_descent(smallest, largest):
    """``(learning_rate, rate)`` that is best for curvatures from ``smallest`` to ``largest``.

    learning_rate = 2 / (largest + smallest), rate = (kappa - 1) / (kappa + 1).  (3.14)
    """
    smallest, largest = _spectrum(smallest, largest)
    return 2 / (largest + smallest), (largest - smallest) / (largest + smallest)  # (3.14)


def optimal_momentum(smallest, largest):
    """``(learning_rate, momentum, rate)`` of the best heavy ball, learning rate inside the velocity.

    learning_rate = (2 / (sqrt(largest) + sqrt(smallest)))^2,
    momentum = ((sqrt(kappa) - 1) / (sqrt(kappa) + 1))^2, rate = sqrt(momentum).  (3.15)
    Polyak 1964; Lessard et al. 2016, proposition 1.
    """
    smallest, largest = _spectrum(smallest, largest)
    root_small, root_large = np.sqrt(smallest), np.sqrt(largest)
    rate = (root_large - root_small) / (root_large + root_small)
    return (2 / (root_large + root_small)) ** 2, rate**2, rate  # (3.15)


def optimal_nesterov(smallest, largest):
    """``(learning_rate, momentum, rate)`` of the best Nesterov step on a quadratic.

    learning_rate = 4 / (3 largest + smallest),
    momentum = (sqrt(3 kappa + 1) - 2) / (sqrt(3 kappa + 1) + 2), rate = 1 - 2 / sqrt(3 kappa + 1).  (3.16)
    Lessard et al. 2016, proposition 1.
    """
    smallest, largest = _spectrum(smallest, largest)
    root = np.sqrt(3 * largest / smallest + 1)
    return 4 / (3 * largest + smallest), (root - 2) / (root + 2), 1 - 2 / root  # (3.16)


def halving(t):
    """0.02, halved every 10 steps: a step schedule as practice has it."""
    return 0.02 * 0.5 ** ((t - 1) // 10)
