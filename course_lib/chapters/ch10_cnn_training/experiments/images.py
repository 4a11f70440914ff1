"""Images for training: split into three, standardised, as they are or with wrong labels.

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
    """Three parts, each with ``x (N, channels, height, width)`` float32, mean 0 and deviation 1 on ``train``.

    Attributes:
        train: the network learns from these.
        validation: whatever is *chosen* (learning rate, number of epochs, the best of a search) is chosen on these.
        test: scored once, when nothing is left to choose.
    """

    name: str
    train: Dataset
    validation: Dataset
    test: Dataset

    @property
    def shape(self):
        """``(channels, height, width)``."""
        return self.train.x.shape[1:]


def load_images(name="digits", seed=0, wrong=0.0, limit=None, folder=None, download=True):
    """Load a set by name.

    Args:
        name: one of ``NAMES``.
        seed: of the split and of the wrong labels. Bundled sets: 70 % to train on, 15 % to choose on, 15 % to test;
            the classic sets come with a test set, and a sixth of their training images is kept for choosing.
        wrong: share of the training labels that are replaced by another one; all other labels stay right.
        limit: keep at most so many training images, and a fifth as many of the other two.
        folder, download: where the three classic sets are looked for, see ``course_lib.data.mnist``.

    Raises:
        ValueError: another name.
        DataNotFound: a classic set that is neither in a folder nor on the network; the text says what to do.
    """
    rng = np.random.default_rng(seed)
    if name in BUNDLED:
        train, validation, test = split(BUNDLED[name](), rng, stratified=True)
    elif name in CLASSIC:
        whole, test = CLASSIC[name](folder, download)
        train, validation, _ = split(whole, rng, (5 / 6, 1 / 6, 0.0), stratified=True)
    else:
        raise ValueError(f"There is no set {name!r}: choose one of {', '.join(NAMES)}.")
    if limit is not None:
        train = _some(train, limit, rng)
        validation, test = (_some(part, max(limit // 5, 1), rng) for part in (validation, test))
    return Images(name, *_standardised(wrong_labels(train, wrong, rng), validation, test))


def split_and_standardised(name, dataset, rng):
    """``Images`` of any labelled ``Dataset`` of images: 70 % to train on, 15 % to choose on, 15 % to test."""
    return Images(name, *_standardised(*split(dataset, rng, stratified=True)))


def _some(part, number, rng):
    return part.take(rng.permutation(len(part.x))[:number])


def _standardised(train, *others):
    """One mean and deviation for each channel, measured on the training images."""
    axes = (0, 2, 3)
    mean, scale = (np.asarray(measure(train.x, axis=axes, keepdims=True)) for measure in (np.mean, np.std))
    return (part._replace(x=((part.x - mean) / scale).astype(np.float32)) for part in (train, *others))


def where_it_is(name):
    """One line: whether a classic set is on this machine (nothing is downloaded)."""
    try:
        CLASSIC[name](download=False)
    except DataNotFound:
        return f"{name} is not on this machine: load_images('{name}') fetches it, or takes folder=..."
    return f"{name} is on this machine: load_images('{name}')"
