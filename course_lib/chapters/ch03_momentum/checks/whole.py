"""The whole of each exercise of chapter 3: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch03_momentum.checks.forms import best_pair, same_path
from course_lib.chapters.ch03_momentum.checks.steps import NAMES, momentum, nesterov
from course_lib.checks.calls import Spy
from course_lib.checks.whole import different, either_sign, whole, wide


def _surface(rng, n):
    """The gradient of a surface that is no bowl."""
    tilt, slope = rng.normal(size=(n, n)), wide(rng, n)
    return Spy(lambda theta: tilt @ np.sin(theta) + slope)


def _step_cases(rng, rates=lambda rng: (rng.uniform(0.01, 2.0),)):
    """Spaces of several sizes; momentum between 0 and 1, and each of the two; in short steps, from rest, and with
    velocities that lead uphill, one of them long."""
    sizes, momenta = (*different(rng, 3), 1), (rng.uniform(0.2, 0.8), rng.uniform(0.9, 0.99), 0.0, 1.0)
    cases = [
        (wide(rng, n), wide(rng, n), _surface(rng, n), *rates(rng), mu) for n, mu in zip(sizes, momenta, strict=True)
    ]
    theta, velocity = wide(rng, 3), 1e-3 * either_sign(rng, 1, 2, 3)
    for size in (1.0, 1e-3):
        cases.append((theta, size * velocity, _surface(rng, 3), *(1e-4 * rate for rate in rates(rng)), momenta[0]))
    cases.append((theta, 5e-4 * velocity, _surface(rng, 3), *(1e-7 * rate for rate in rates(rng)), momenta[0]))
    theta, surface = wide(rng, 4) + 0.05, _surface(rng, 4)
    uphill = surface.function(theta) * [0, *rng.uniform(1, 2, 3)]
    velocities = np.zeros(4), uphill, 1e3 * uphill
    return [*cases, *((theta, velocity, surface, *rates(rng), momenta[1]) for velocity in velocities)]


def _momentum(theta, velocity, gradient, learning_rate, momentum):
    move = -learning_rate * gradient(theta) + momentum * velocity
    return move + theta, move


def _nesterov(theta, velocity, gradient, learning_rate, momentum):
    glide = momentum * velocity
    move = glide - gradient(glide + theta) * learning_rate
    return move + theta, move


def _same_path(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    outside = gradient(theta) - momentum / previous_learning_rate * velocity
    return theta - learning_rate * outside, -learning_rate * outside


def _falling_and_rising(rng):
    return rng.uniform(0.01, 0.1), rng.uniform(0.2, 2.0)


def _both_ways(rng):
    """Learning rates that rise, that fall, that stay, and that hardly change."""
    cases = _step_cases(rng, _falling_and_rising)
    turned = [(*given[:3], given[4], given[3], given[5]) for given in cases[1:3]]
    hardly = (*cases[4][:3], 2e-6, 2e-6 * (1 + 5e-6), cases[4][5])
    return [cases[0], *turned, (*cases[3][:4], cases[3][3], cases[3][5]), hardly]


def _best_pair(smallest, largest):
    kappa = largest / smallest
    return 4 / smallest / (1 + kappa**0.5) ** 2, ((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2


def _eigenvalue_cases(rng):
    """Condition numbers from 1, and just above, to 10^11, on scales from a millionth to a thousand."""
    smallest = rng.permutation([1e-3, 0.1, 1.0, 20.0, 1e3]) * rng.uniform(0.5, 2.0, 5)
    kappas = np.array([1.0, 2.0, 30.0, 1e3, 1e6]) * np.array([1, *rng.uniform(0.7, 1.4, 4)])
    cases = [(float(low), float(low * kappa)) for low, kappa in zip(smallest, kappas, strict=True)]
    return [*cases, (cases[0][0], cases[0][0] * (1 + 5e-6)), (2e-6, 3e5 * float(rng.uniform(0.5, 2.0)))]


whole(momentum, _momentum, _step_cases, NAMES)
whole(nesterov, _nesterov, _step_cases, NAMES)
whole(same_path, _same_path, _both_ways, NAMES)
whole(best_pair, _best_pair, _eigenvalue_cases, ("the learning rate", "the momentum"), atol=1e-10)
