"""Data sets that are made on the spot from a random generator: no file, no network, any size."""

import numpy as np

from course_lib.data.dataset import Dataset
from course_lib.validation import count, generator, in_range, non_negative, number, positive


def spirals(num, rng, num_classes=3, noise=0.2, turns=0.65):
    """Arms of a spiral, one for each class: no straight line separates them (CS231n, neural-networks case study).

    Args:
        num: examples in all; they are shared out evenly.
        noise: standard deviation of the angle, in radians.
        turns: how often an arm winds around the middle.

    Returns:
        ``Dataset`` with ``x (num, 2)`` inside the unit circle.
    """
    y = _even_labels(num, num_classes)
    noise, turns, rng = number("noise", noise, non_negative), number("turns", turns), generator("rng", rng)
    radius = np.empty(len(y))
    for label in range(num_classes):
        radius[y == label] = np.linspace(0.05, 1, np.sum(y == label))
    angle = 2 * np.pi * (y / num_classes + turns * radius) + noise * rng.normal(size=len(y))
    x = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return _shuffled(x, y, rng, tuple(f"arm {label}" for label in range(num_classes)))


def moons(num, rng, noise=0.1):
    """Two half circles that reach into each other; ``noise`` is the standard deviation of each coordinate."""
    y = _even_labels(num, 2)
    angle = np.pi * generator("rng", rng).random(len(y))
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=-1)
    x = np.where(y[:, None] == 0, upper, lower) + number("noise", noise, non_negative) * rng.normal(size=(len(y), 2))
    return _shuffled(x, y, rng, ("upper", "lower"))


def circles(num, rng, noise=0.05, inner_radius=0.5):
    """A circle inside another; ``noise`` is the standard deviation of each coordinate."""
    y = _even_labels(num, 2)
    angle = 2 * np.pi * generator("rng", rng).random(len(y))
    radius = np.where(y == 0, 1.0, number("inner_radius", inner_radius, _share))
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    x = x + number("noise", noise, non_negative) * rng.normal(size=x.shape)
    return _shuffled(x, y, rng, ("outer", "inner"))


def adding_task(num, rng, length=50):
    """Sequences of random numbers of which two are marked; the target is the sum of these two.

    One mark lies in the first half, one in the second, so that a network must remember over about half
    the length. Always answering 1 has the mean squared error 1/6.

    Returns:
        ``Dataset`` with ``x (num, length, 2)``: the numbers, uniform on [0, 1], and the marks, 0 or 1.

    Source: Hochreiter and Schmidhuber 1997, section 5.4.
    """
    num, length = count("num", num), count("length", length, minimum=2)
    x = np.zeros((num, length, 2))
    x[..., 0] = generator("rng", rng).random((num, length))
    rows = np.arange(num)
    first, second = rng.integers(length // 2, size=num), rng.integers(length // 2, length, size=num)
    x[rows, first, 1] = x[rows, second, 1] = 1
    return Dataset(x, x[rows, first, 0] + x[rows, second, 0])


SHAPES = ("disc", "square", "cross", "ring")


def shapes(num, rng, size=16, noise=0.1):
    """Small grey images of four shapes, of random size at random places.

    Returns:
        ``Dataset`` with ``x (num, 1, size, size)``, the shape 1 on a ground of 0, plus normal noise.
    """
    size = count("size", size, minimum=8)
    y = _even_labels(num, len(SHAPES))
    radius = generator("rng", rng).uniform(size / 6, size / 3.5, size=(len(y), 1, 1))
    centre = rng.uniform(radius, size - 1 - radius, size=(2, len(y), 1, 1))
    row, column = np.mgrid[:size, :size]
    down, right = np.abs(row - centre[0]), np.abs(column - centre[1])
    distance = np.hypot(down, right)
    reach, short = np.maximum(down, right) <= radius, np.minimum(down, right) <= radius / 3
    drawn = [distance <= radius, reach, reach & short, (distance <= radius) & (distance >= 0.55 * radius)]
    x = np.choose(y[:, None, None], drawn).astype(float)
    x += number("noise", noise, non_negative) * rng.normal(size=x.shape)
    return _shuffled(x[:, None], y, rng, SHAPES)


def linear_regression(num, n, rng, noise=0.1, condition_number=1.0):
    """y = x . theta + noise, with inputs whose covariance has the given condition number.

    Args:
        num: examples.
        n: coordinates.
        noise: standard deviation in y.
        condition_number: largest over smallest eigenvalue of the covariance of x, 1 if n is 1; the
            eigenvalues fall evenly on a log axis from 1 down, along random directions.

    Returns:
        ``Dataset`` whose ``theta (n,)`` is the true one.
    """
    num, n = count("num", num), count("n", n)
    noise, rng = number("noise", noise, non_negative), generator("rng", rng)
    if not number("condition_number", condition_number, positive) >= 1:
        raise ValueError(f"condition_number must be 1 or larger, but it is {condition_number}.")
    eigenvalues = np.geomspace(1, 1 / condition_number, n) if n > 1 else np.ones(1)
    rotation = np.linalg.qr(rng.normal(size=(n, n)))[0]
    x = rng.normal(size=(num, n)) * np.sqrt(eigenvalues) @ rotation.T
    theta = rng.normal(size=n)
    return Dataset(x, x @ theta + noise * rng.normal(size=num), theta=theta)


def logistic_regression(num, n, rng, steepness=3.0):
    """Labels drawn with probability sigmoid(x . theta), ||theta|| = ``steepness``: the classes overlap.

    Returns:
        ``Dataset`` whose ``theta (n,)`` is the true one.
    """
    num, n, rng = count("num", num), count("n", n), generator("rng", rng)
    theta = rng.normal(size=n)
    theta *= number("steepness", steepness, positive) / np.linalg.norm(theta)
    x = rng.normal(size=(num, n))
    probability = 1 / (1 + np.exp(-x @ theta))
    return Dataset(x, (rng.random(num) < probability).astype(int), ("no", "yes"), theta)


def _share(name, value):
    return in_range(name, value, 0, 1)


def _even_labels(num, num_classes):
    """Labels 0, 0, ..., 1, 1, ... as even as possible, each class at least once."""
    num, num_classes = count("num", num), count("num_classes", num_classes)
    if num < num_classes:
        raise ValueError(f"num is {num}, too few for one example of each of {num_classes} classes.")
    return np.sort(np.arange(num) % num_classes)


def _shuffled(x, y, rng, classes):
    order = rng.permutation(len(y))
    return Dataset(x[order], y[order], tuple(classes))
