"""Examples with their targets; splits into training, validation and test; standardising."""

from typing import NamedTuple

import numpy as np

from course_lib.validation import flag, generator, in_range, indices, non_negative, number, numbers, shown


class Dataset(NamedTuple):
    """``x`` has one example in each row, ``(N, ...)``; ``y`` its target, ``(N,)`` or ``(N, ...)``.

    Attributes:
        classes: names of the labels 0, 1, ... in ``y``; empty where the targets are numbers.
        theta: the coefficients that made the targets, where they are known, else ``None``.
    """

    x: np.ndarray
    y: np.ndarray
    classes: tuple = ()
    theta: np.ndarray | None = None

    def take(self, indices):
        """The examples at ``indices``: whole numbers, a slice, or one truth value an example."""
        if not isinstance(indices, slice):
            indices = _chosen(indices, len(self.x))
        return self._replace(x=self.x[indices], y=self.y[indices])


def _chosen(chosen, size):
    """``indices`` of ``size`` examples, or one truth value for each, as an array."""
    array = numbers("indices", chosen)
    if array.ndim and not array.size:
        return array.astype(int)  # no example at all
    mask = np.asarray(chosen)
    return mask if mask.dtype == bool and mask.shape == (size,) else indices("indices", chosen, size)


class Splits(NamedTuple):
    """Three data sets that share no example."""

    train: Dataset
    validation: Dataset
    test: Dataset


def _largest_remainder(shares, total):
    """Whole numbers near ``shares`` that add up to ``total``."""
    whole = np.floor(np.maximum(shares, 0) + 1e-9).astype(int)
    while whole.sum() < total:
        whole[np.argmax(shares - whole)] += 1
    while whole.sum() > total:
        whole[np.argmin(np.where(whole > 0, shares - whole, np.inf))] -= 1
    return whole


def split(dataset, rng, fractions=(0.70, 0.15, 0.15), stratified=False):
    """Split at random into training, validation and test set; every example lands in exactly one.

    Args:
        dataset: ``Dataset``.
        rng: NumPy ``Generator``.
        fractions: of the three sets, adding up to 1 (L4 "Early stopping": 70/15/15).
        stratified: give every class the same fractions, to within about one example.

    Raises:
        ValueError: fractions that do not add up to 1, targets that are no labels in a stratified split,
            x and y of different lengths.
    """
    dataset, rng = _a_dataset(dataset), generator("rng", rng)
    x, y = np.asarray(dataset.x), np.asarray(dataset.y)
    fractions = np.asarray(non_negative("fractions", fractions))
    if fractions.shape != (3,) or not np.isclose(fractions.sum(), 1):
        raise ValueError(f"fractions must be three numbers that add up to 1, but they are {shown(fractions)}.")
    if len(x) != len(y):
        raise ValueError(f"x and y must have the same length, but they have {len(x)} and {len(y)}.")
    groups = _groups(y) if flag("stratified", stratified) else [np.arange(len(y))]
    parts, wanted, given = [[], [], []], np.zeros(3), np.zeros(3)
    for group in groups:
        group = rng.permutation(group)
        wanted += fractions * len(group)
        sizes = _largest_remainder(wanted - given, len(group))  # what earlier groups lost to rounding is made up for
        given += sizes
        for part, piece in zip(parts, np.split(group, np.cumsum(sizes)[:2]), strict=True):
            part.append(piece)
    whole = dataset._replace(x=x, y=y)
    return Splits(*(whole.take(rng.permutation(np.concatenate(part))) for part in parts))


def _a_dataset(dataset):
    if not isinstance(dataset, Dataset):
        raise TypeError(f"dataset must be a Dataset, Dataset(x, y) say, but it is {shown(dataset)}.")
    return dataset


def _groups(y):
    if y.ndim != 1 or y.dtype.kind not in "iub":
        raise ValueError(f"A stratified split needs whole-number labels (N,), but y is {y.dtype} of shape {y.shape}.")
    return [np.flatnonzero(y == label) for label in np.unique(y)]


class Scaling(NamedTuple):
    """Mean and standard deviation of each feature, as measured on one data set (the training set)."""

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, x):
        """Measure on ``x (N, ...)``. A feature that never changes gets scale 1: it becomes 0, not 0/0."""
        x = numbers("x", x).astype(float, copy=False)
        spread = x.std(axis=0)
        constant = spread <= 1e-12 * (1 + np.abs(x.mean(axis=0)))
        return cls(x.mean(axis=0), np.where(constant, 1.0, spread))

    def apply(self, x):
        """(x - mean) / scale."""
        return (x - self.mean) / self.scale


def standardise(splits):
    """Give each feature mean 0 and standard deviation 1 on the training set.

    Validation and test set are scaled by the training set's numbers: theirs must not leak in.
    """
    if not isinstance(splits, Splits):
        raise TypeError(f"splits must be what split(...) returns, but it is {shown(splits)}.")
    scaling = Scaling.fit(splits.train.x)
    return Splits(*(part._replace(x=scaling.apply(part.x)) for part in splits))


def wrong_labels(dataset, share, rng):
    """Replace the labels of a ``share`` of the examples, chosen at random, by another one (never the right one)."""
    dataset, rng = _a_dataset(dataset), generator("rng", rng)
    number("share", share, lambda name, value: in_range(name, value, 0, 1))
    y, num_classes = np.array(dataset.y), len(dataset.classes) or int(np.max(dataset.y)) + 1
    chosen = rng.permutation(len(y))[: round(share * len(y))]
    y[chosen] = (y[chosen] + rng.integers(1, num_classes, len(chosen))) % num_classes
    return dataset._replace(y=y)
