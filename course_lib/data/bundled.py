"""The data sets that come with scikit-learn, which is imported when one is asked for, and 5 000 digits of MNIST."""

from pathlib import Path

import numpy as np

from course_lib.data.dataset import Dataset


def _load(name):
    try:
        from sklearn import datasets
    except ImportError:
        raise ModuleNotFoundError(
            f"The data set {name} comes with scikit-learn, which is not installed: pip install scikit-learn, "
            "or take a set that is made on the spot, such as course_lib.data.spirals."
        ) from None
    return getattr(datasets, f"load_{name}")()


def _labelled(name):
    bunch = _load(name)
    return Dataset(bunch.data.astype(float), bunch.target.astype(int), tuple(str(c) for c in bunch.target_names))


def digits(flat=False):
    """1 797 handwritten digits, 8 x 8 pixels from 0 to 1: ``x (1797, 1, 8, 8)``, or ``(1797, 64)`` if ``flat``."""
    raw = _labelled("digits")
    x = raw.x / 16
    return raw._replace(x=x if flat else x.reshape(-1, 1, 8, 8))


def iris():
    """150 flowers of 3 kinds, 4 lengths in cm (Fisher 1936)."""
    return _labelled("iris")


def wine():
    """178 wines from 3 growers, 13 chemical measurements on very different scales."""
    return _labelled("wine")


def breast_cancer():
    """569 tumours, malignant (0) or benign (1), 30 measurements."""
    return _labelled("breast_cancer")


def diabetes():
    """442 patients, 10 measurements already scaled; the target is the progression after a year, a number."""
    bunch = _load("diabetes")
    return Dataset(np.asarray(bunch.data, dtype=float), np.asarray(bunch.target, dtype=float))


def mnist5000():
    """5 000 handwritten digits of MNIST, 500 of each, sorted: ``x (5000, 1, 28, 28)`` float32 from 0 to 1.

    A part of MNIST's training images; origin and licence (not the course's own) in ``mnist5000.txt`` beside the file.
    """
    with np.load(Path(__file__).with_name("mnist5000.npz")) as stored:
        x, y = stored["x"], stored["y"]
    return Dataset((x[:, None] / np.float32(255)).astype(np.float32), y.astype(int), tuple("0123456789"))
