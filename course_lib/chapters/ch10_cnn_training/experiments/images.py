"""Images for training: split, standardised, as they are or with wrong labels.

"digits" and "mnist5000" need no download; "mnist", "fashion_mnist" and "cifar10" come from a folder or the network.
"""

from typing import NamedTuple

import numpy as np

from course_lib.data import DataNotFound, cifar10, digits, fashion_mnist, mnist, mnist5000, split, wrong_labels
from course_lib.data.dataset import Dataset

BUNDLED = {"digits": digits, "mnist5000": mnist5000}
CLASSIC = {"mnist": mnist, "fashion_mnist": fashion_mnist, "cifar10": cifar10}
NAMES = (*BUNDLED, *CLASSIC)


class Images(NamedTuple):
    """``train`` and ``test``, ``x (N, channels, height, width)`` float32 with mean 0 and deviation 1 (on ``train``)."""

    name: str
    train: Dataset
    test: Dataset

    @property
    def shape(self):
        """``(channels, height, width)``."""
        return self.train.x.shape[1:]


def load_images(name="digits", seed=0, wrong=0.0, limit=None, folder=None, download=True):
    """Load a set by name.

    Args:
        name: one of ``NAMES``.
        seed: of the split (bundled sets: 85 % for training) and of the wrong labels.
        wrong: share of the training labels that are replaced by another one; the test labels stay right.
        limit: keep at most so many training images, and a fifth as many test images.
        folder, download: where the three classic sets are looked for, see ``course_lib.data.mnist``.

    Raises:
        ValueError: another name.
        DataNotFound: a classic set that is neither in a folder nor on the network; the text says what to do.
    """
    rng = np.random.default_rng(seed)
    if name in BUNDLED:
        parts = split(BUNDLED[name](), rng, (0.85, 0.0, 0.15), stratified=True)
        train, test = parts.train, parts.test
    elif name in CLASSIC:
        train, test = CLASSIC[name](folder, download)
    else:
        raise ValueError(f"There is no set {name!r}: choose one of {', '.join(NAMES)}.")
    if limit is not None:
        train = train.take(rng.permutation(len(train.x))[:limit])
        test = test.take(rng.permutation(len(test.x))[: max(limit // 5, 1)])
    return Images(name, *_standardised(wrong_labels(train, wrong, rng), test))


def _standardised(train, test):
    """One mean and deviation for each channel, measured on the training images."""
    axes = (0, 2, 3)
    mean, scale = (np.asarray(measure(train.x, axis=axes, keepdims=True)) for measure in (np.mean, np.std))
    return (part._replace(x=((part.x - mean) / scale).astype(np.float32)) for part in (train, test))


def where_it_is(name):
    """One line: whether a classic set is on this machine (nothing is downloaded)."""
    try:
        CLASSIC[name](download=False)
    except DataNotFound:
        return f"{name} is not on this machine: load_images('{name}') fetches it, or takes folder=..."
    return f"{name} is on this machine: load_images('{name}')"
