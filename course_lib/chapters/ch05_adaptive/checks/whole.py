"""The whole of each exercise of chapter 5: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.adam import NAMES as ADAM
from course_lib.chapters.ch05_adaptive.checks.adam import adam, adamw
from course_lib.chapters.ch05_adaptive.checks.rates import adagrad
from course_lib.checks.calls import Spy
from course_lib.checks.whole import different, whole, wide

EPS = (1e-8, 1e-3, 0.3, 2.0)  # from one that is not seen to one that is larger than most roots


def _surface(rng, n):
    """The gradient of a surface that is no bowl; the first coordinate pulls a little, the last one never."""
    slope = wide(rng, n) + 0.05
    slope[-1], slope[0] = 0.0, 0.1 * rng.choice([-1, 1])
    return Spy(lambda theta: slope * (1 + np.sin(theta[::-1]) / 2))


def _cases(rng, num_squares, rest, before=lambda rng, n: ()):
    """Spaces of four sizes, states of squares with zeros in them (once nothing else), each with another eps."""
    cases = []
    for k, n in enumerate((*different(rng, 3), 1)):
        squares = [wide(rng, n) ** 2 * (k != 1) for _ in range(num_squares)]
        theta = wide(rng, n)
        for array, first in ((theta, 1.3), *((one, 0.01 * (k != 1)) for one in squares)):
            array[0], array[-1] = (first, first) if n == 1 else (first, array[-1] or first)
        cases.append((theta, *before(rng, n), *squares, *rest(rng, n, EPS[k], k)))
    return cases


def _adagrad(theta, sum_of_squares, gradient, learning_rate, eps):
    g = gradient(theta)
    total = sum_of_squares + g * g
    return theta - g * learning_rate / (eps + total**0.5), total


def _adamw(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay=0.0):
    g = gradient(theta)
    first = first_moment + (1 - beta1) * (g - first_moment)
    second = second_moment + (1 - beta2) * (g * g - second_moment)
    ratio = first / (1 - beta1**t) / (eps + (second / (1 - beta2**t)) ** 0.5)
    return theta - learning_rate * (ratio + weight_decay * theta), first, second


def _rate(rng):
    return rng.uniform(0.01, 0.1) * rng.choice([1, 10])


def _adam_rest(decay):
    """t at the first update, in the middle and in the thousands; the usual betas, others, and a beta1 of 0."""

    def rest(rng, n, eps, k):
        t, beta1 = (
            (int(rng.integers(9, 30)), 1, int(rng.integers(2, 9)), int(rng.integers(1000, 2000)))[k],
            0.0 if k == 2 else rng.uniform(0.5, 0.9),
        )
        beta2 = (rng.uniform(0.9, 0.98), 0.99, rng.uniform(0.5, 0.9), 0.999)[k]
        return t, _surface(rng, n), _rate(rng), beta1, beta2, eps, *((rng.uniform(0.05, 2.0),) if decay else ())

    return rest


def _adam_cases(rng, decay=False):
    """Then a beta2 of 0 (and no decay), moments that are 0 later on, and last a first update whose squares are next to
    nothing, and which decays past 0."""
    cases = _cases(rng, 1, _adam_rest(decay), lambda rng, n: (wide(rng, n),))
    now = (
        wide(rng, 3),
        wide(rng, 3),
        wide(rng, 3) ** 2,
        3,
        _surface(rng, 3),
        _rate(rng),
        rng.uniform(0.5, 0.9),
        0.0,
        0.3,
    )
    cases.append((*now, *((0.0,) if decay else ())))
    again = wide(rng, 3), np.zeros(3), np.zeros(3), 7, _surface(rng, 3), _rate(rng), 0.8, 0.95, 0.3
    cases.append((*again, *((rng.uniform(0.05, 2.0),) if decay else ())))
    first = wide(rng, 4), np.zeros(4), np.zeros(4), 1, _tiny(rng), rng.uniform(0.8, 1.2), 0.9, 0.999, 1e-8
    return [*cases, (*first, *((rng.uniform(1.5, 2.0),) if decay else ()))]


def _tiny(rng):
    """A gradient the square of which is next to nothing, beside one of 0 and a large one."""
    g = rng.permutation([1e-6, -1e-6, 0.0, 1e5])
    return Spy(lambda theta: np.array(g))


def _adagrad_cases(rng):
    cases = _cases(rng, 1, lambda rng, n, eps, k: (_surface(rng, n), _rate(rng), eps))
    return [*cases, (wide(rng, 4), np.zeros(4), _tiny(rng), _rate(rng), 1e-8)]


whole(
    adagrad,
    _adagrad,
    _adagrad_cases,
    ("theta", "sum_of_squares"),
)
whole(adam, _adamw, _adam_cases, ADAM)
whole(adamw, _adamw, lambda rng: _adam_cases(rng, decay=True), ADAM)
