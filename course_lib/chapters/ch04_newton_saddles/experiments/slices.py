"""Cuts through a loss surface with many dimensions: along a line, between two points, over a plane.

Source: Goodfellow et al. 2015 (the line between two points); Li et al. 2018 (random planes).
"""

from typing import NamedTuple

import numpy as np

from course_lib.validation import count, generator, having, number, numbers, vector


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
    having("objective", objective, "value")
    theta, a = vector("theta", theta), numbers("a", a, "m")
    direction = _direction("direction", direction, theta)
    return Slice(a, None, objective.value(theta + a[:, None] * direction))


def between(objective, start, end, num=51, beyond=0.25):
    """The straight line from ``start`` (a = 0) to ``end`` (a = 1), and a bit beyond both (Goodfellow et al. 2015)."""
    start, num, beyond = vector("start", start), count("num", num), number("beyond", beyond)
    end = _direction("end", end, start, like="start")
    return line(objective, start, end - start, np.linspace(-beyond, 1 + beyond, num))


def plane(objective, theta, first, second, a, b):
    """Values on ``theta + a * first + b * second``, shape ``(len(b), len(a))`` as ``contour`` wants them."""
    having("objective", objective, "value")
    theta, a, b = vector("theta", theta), numbers("a", a, "columns"), numbers("b", b, "rows")
    first, second = _direction("first", first, theta), _direction("second", second, theta)
    return Slice(a, b, objective.value(theta + a[:, None] * first + b[:, None, None] * second))


def _direction(name, direction, theta, like="theta"):
    direction = vector(name, direction)
    if theta.ndim != 1 or direction.shape != theta.shape:
        raise ValueError(f"{name} must have {like}'s shape (n,): {like} {theta.shape}, {name} {direction.shape}.")
    return direction


def random_directions(n, rng, number=2):
    """``number`` orthonormal directions in n dimensions, ``(number, n)``: a random plane."""
    n, number = count("n", n), count("number", number)
    if number > n:
        raise ValueError(f"number must be at most n = {n}, so many directions are orthogonal, but it is {number}.")
    return np.linalg.qr(generator("rng", rng).normal(size=(n, number)))[0].T
