"""Augmentation: training images that are changed in ways that leave what they show alone.

What may be changed without changing the label is knowledge about the data: a digit may move by a pixel, but mirrored it
is another sign or none. Source: LeCun, Bottou, Bengio and Haffner 1998, section III.
"""

import numpy as np

from course_lib.validation import count, generator, in_range, indices, number, numbers


def _images(x):
    """``x`` as it is, if it holds images ``(N, C, H, W)`` of finite numbers."""
    checked = numbers("x", x, "N", "C", "H", "W")
    if not np.isfinite(checked).all():
        raise ValueError("x must be images of finite numbers, but nan or inf is among them.")
    return x if isinstance(x, np.ndarray) else checked


def _moves(name, value, num):
    """Whole pixels, one number for each of ``num`` images."""
    checked = numbers(name, value, num)
    if not (np.isfinite(checked).all() and (checked == np.rint(checked)).all()):
        raise ValueError(f"{name} must be whole numbers of pixels, one for each image, but it is {value!r}.")
    return checked.astype(int)[:, None]


def shifted(x, down, right):
    """Each image moved by whole pixels; what comes in over an edge repeats the pixels of that edge.

        out[i, c, r, k] = x[i, c, clip(r - down_i, 0, H - 1), clip(k - right_i, 0, W - 1)]

    Args:
        x: ``(N, channels, H, W)``.
        down, right: whole numbers ``(N,)``; below 0: up, left.
    """
    x = _images(x)
    num, _, height, width = x.shape
    rows = np.clip(np.arange(height) - _moves("down", down, num), 0, height - 1)
    columns = np.clip(np.arange(width) - _moves("right", right, num), 0, width - 1)
    taken = x[np.arange(num)[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return np.moveaxis(taken, -1, 1)


def flipped(x, chosen):
    """The images at ``chosen``, indices or one truth value an image, mirrored left to right; ``x (N, C, H, W)``."""
    out = np.array(_images(x))
    if isinstance(chosen, list) and chosen and all(isinstance(one, bool) for one in chosen):
        chosen = np.array(chosen)
    if not (isinstance(chosen, np.ndarray) and chosen.dtype == bool and chosen.shape == (len(out),)):
        chosen = indices("chosen", chosen, len(out))
    out[chosen] = out[chosen, ..., ::-1]
    return out


def random_shift(x, rng, most=2):
    """Every image of ``x (N, C, H, W)`` moved by up to ``most`` pixels down and right, uniformly."""
    x, most, rng = _images(x), count("most", most, 0), generator("rng", rng)
    return shifted(x, *rng.integers(-most, most + 1, size=(2, len(x))))


def random_flip(x, rng, probability=0.5):
    """Every image of ``x (N, C, H, W)`` mirrored left to right with ``probability``."""
    probability = number("probability", probability, lambda name, value: in_range(name, value, 0, 1))
    return flipped(x, generator("rng", rng).random(len(_images(x))) < probability)
