"""Small pictures to slide a kernel over: two photographs and a digit that come with scikit-learn, three painted ones.

Without scikit-learn the painted ones are there.
"""

from functools import lru_cache
from importlib.util import find_spec

import numpy as np

from course_lib.validation import flag, one_of

HEIGHT, WIDTH = 42, 64


def _blocks(image, size):
    """Means of ``size`` x ``size`` blocks of ``(channels, height, width)``; what is left over is cut off."""
    channels, height, width = image.shape
    rows, columns = height // size, width // size
    return image[:, : rows * size, : columns * size].reshape(channels, rows, size, columns, size).mean(axis=(2, 4))


def _photograph(name):
    from sklearn.datasets import load_sample_image

    return _blocks(np.moveaxis(load_sample_image(name), 2, 0) / 255, 10)


def _digit():
    from sklearn.datasets import load_digits

    return load_digits().images[12][None] / 16


def _painted():
    """A sun over hills and a fence: smooth shading, a curved edge, upright and slanting lines."""
    row, column = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    image = 0.75 - 0.25 * row / HEIGHT
    image[np.hypot(row - 10, column - 48) < 7] = 1.0
    image[row > 26 - 6 * np.sin(column / 9)] = 0.45
    image[row > 30 + 4 * np.sin(column / 6 + 2)] = 0.25
    image[(row > 22) & (column % 8 < 2) & (column < 34)] = 0.95
    image[np.abs(row - 14 - 0.6 * column) < 1] = 0.05
    return image[None]


def _dot():
    """One bright pixel on black: its answer shows the kernel."""
    image = np.zeros((1, 11, 15))
    image[0, 5, 7] = 1.0
    return image


def _edges():
    """A dark and a bright half, and a bright bar lying in the dark one."""
    image = np.full((1, 12, 16), 0.15)
    image[0, :, 9:] = 0.85
    image[0, 5:7, 1:7] = 0.85
    return image


PICTURES = {
    "temple": lambda: _photograph("china.jpg"),
    "flower": lambda: _photograph("flower.jpg"),
    "digit": _digit,
    "painted landscape": _painted,
    "two edges": _edges,
    "one bright pixel": _dot,
}
BUNDLED = ("temple", "flower", "digit")


def available_pictures():
    """Names of the pictures that can be shown here: those of scikit-learn only where it is installed."""
    return tuple(name for name in PICTURES if name not in BUNDLED or find_spec("sklearn"))


def default_picture():
    """The temple, or the painted landscape where scikit-learn is missing."""
    return "temple" if "temple" in available_pictures() else "painted landscape"


@lru_cache(maxsize=8)
def _colour(name):
    image = PICTURES[name]()
    image.setflags(write=False)
    return image


def picture(name, colour=False):
    """A picture with values from 0 (black) to 1: grey ``(height, width)``, or ``(channels, height, width)``.

    Raises:
        ValueError: a name that is not in ``available_pictures()``.
    """
    image = _colour(one_of("picture", name, available_pictures()))
    return image if flag("colour", colour) else image.mean(axis=0)
