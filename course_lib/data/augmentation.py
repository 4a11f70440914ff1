"""Augmentation: training images that are changed in ways that leave what they show alone.

What may be changed without changing the label is knowledge about the data: a digit may move by a pixel, but mirrored it
is another sign or none. Source: LeCun, Bottou, Bengio and Haffner 1998, section III.
"""

import numpy as np

from course_lib.validation import count, generator, in_range, indices, number


def shifted(x, down, right):
    """Each image moved by whole pixels; what comes in over an edge repeats the pixels of that edge.

        out[i, c, r, k] = x[i, c, clip(r - down_i, 0, H - 1), clip(k - right_i, 0, W - 1)]

    Args:
        x: ``(N, channels, H, W)``.
        down, right: whole numbers ``(N,)``; below 0: up, left.
    """
    x = np.asarray(x)
    num, _, height, width = x.shape
    rows = np.clip(np.arange(height) - np.reshape(down, (-1, 1)), 0, height - 1)
    columns = np.clip(np.arange(width) - np.reshape(right, (-1, 1)), 0, width - 1)
    taken = x[np.arange(num)[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return np.moveaxis(taken, -1, 1)


def flipped(x, chosen):
    """The images at ``chosen``, indices or one truth value an image, mirrored left to right; ``x (N, C, H, W)``."""
    out, chosen = np.array(x), np.asarray(chosen)
    chosen = chosen if chosen.dtype == bool else indices("chosen", chosen, len(out))
    out[chosen] = out[chosen, ..., ::-1]
    return out


def random_shift(x, rng, most=2):
    """Every image of ``x (N, C, H, W)`` moved by up to ``most`` pixels down and right, uniformly."""
    most, rng = count("most", most, 0), generator("rng", rng)
    return shifted(x, *rng.integers(-most, most + 1, size=(2, len(x))))


def random_flip(x, rng, probability=0.5):
    """Every image of ``x (N, C, H, W)`` mirrored left to right with ``probability``."""
    number("probability", probability, lambda name, value: in_range(name, value, 0, 1))
    return flipped(x, generator("rng", rng).random(len(x)) < probability)
