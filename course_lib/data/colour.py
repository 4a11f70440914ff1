"""Ten shapes in colour, 32 x 32 pixels: what CIFAR-10 is in size, where its folder is not at hand."""

import numpy as np

from course_lib.data.dataset import Dataset
from course_lib.validation import count, generator, non_negative, number

COLOUR_SHAPES = ("disc", "square", "diamond", "triangle", "cross", "ring", "frame", "x", "crescent", "bars")


def _inside(label, down, right, radius):
    """Which pixels belong to a shape; ``down`` and ``right`` are measured from its middle, arrays that broadcast."""
    distance, reach = np.hypot(down, right), np.maximum(np.abs(down), np.abs(right))
    short, apart = np.minimum(np.abs(down), np.abs(right)), np.abs(np.abs(down) - np.abs(right))
    drawn = {
        "disc": lambda: distance <= radius,
        "square": lambda: reach <= 0.85 * radius,
        "diamond": lambda: np.abs(down) + np.abs(right) <= 1.2 * radius,
        "triangle": lambda: (np.abs(right) <= 0.5 * (down + radius)) & (down <= 0.8 * radius),
        "cross": lambda: (reach <= radius) & (short <= radius / 3),
        "ring": lambda: (distance <= radius) & (distance >= 0.6 * radius),
        "frame": lambda: (reach <= 0.85 * radius) & (reach >= 0.5 * radius),
        "x": lambda: (reach <= 0.85 * radius) & (apart <= radius / 3),
        "crescent": lambda: (distance <= radius) & (np.hypot(down, right - 0.5 * radius) >= 0.8 * radius),
        "bars": lambda: (reach <= 0.85 * radius) & (np.abs(np.abs(down) - 0.55 * radius) <= 0.3 * radius),
    }
    return drawn[COLOUR_SHAPES[label]]()


def _ground(num, size, rng):
    """Two colours that change into each other along a random direction, ``(num, 3, size, size)``."""
    row, column = np.mgrid[:size, :size] / (size - 1)
    angle = rng.uniform(0, 2 * np.pi, size=(num, 1, 1))
    share = 0.5 + ((row - 0.5) * np.sin(angle) + (column - 0.5) * np.cos(angle)) / np.sqrt(2)
    one, other = rng.uniform(size=(2, num, 3, 1, 1)).astype(np.float32)
    return one + (other - one) * share[:, None].astype(np.float32)


def colour_shapes(num, rng, size=32, noise=0.15, contrast=0.3):
    """Images of ten shapes, each of random size, place and colour before a ground of two random colours.

    Args:
        num: images in all; the classes are shared out evenly.
        size: height and width in pixels.
        noise: standard deviation of every value.
        contrast: the least difference between shape and ground, in at least one channel at the shape's middle.

    Returns:
        ``Dataset`` with ``x (num, 3, size, size)`` float32, values from 0 to 1, and labels ``(num,)``.
    """
    num, size, rng = count("num", num), count("size", size, minimum=16), generator("rng", rng)
    noise, contrast = number("noise", noise, non_negative), number("contrast", contrast, non_negative)
    y = rng.permutation(np.arange(num) % len(COLOUR_SHAPES))
    radius = rng.uniform(size / 6, size / 3, size=(num, 1, 1))
    centre = rng.uniform(radius, size - 1 - radius, size=(2, num, 1, 1))
    row, column = np.mgrid[:size, :size]
    x = _ground(num, size, rng)
    colour = _far_from(x[np.arange(num), :, *np.round(centre[:, :, 0, 0]).astype(int)], contrast, rng)
    for label in range(len(COLOUR_SHAPES)):
        of = np.flatnonzero(y == label)
        inside = _inside(label, row - centre[0, of], column - centre[1, of], radius[of])
        x[of] = np.where(inside[:, None], colour[of, :, None, None], x[of])
    x += np.float32(noise) * rng.standard_normal(x.shape, dtype=np.float32)
    return Dataset(np.clip(x, 0, 1, out=x), y, COLOUR_SHAPES)


def _far_from(ground, contrast, rng):
    """Colours ``(num, 3)``, each drawn again until one of its channels differs by ``contrast`` from ``ground``."""
    if contrast > 0.5:
        raise ValueError(f"contrast must be at most 0.5, so that every ground has such a colour, but it is {contrast}.")
    colour = rng.uniform(size=ground.shape)
    while len(near := np.flatnonzero(np.abs(colour - ground).max(axis=1) < contrast)):
        colour[near] = rng.uniform(size=(len(near), 3))
    return colour
