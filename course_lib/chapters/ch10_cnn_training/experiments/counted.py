"""Grid and random search in a space whose every point was tried: what they find on average, without drawing a search.

``validation`` and ``tested`` are tables with an axis for each hyperparameter: the accuracy that one chooses by, and the
one that is reported.
"""

import numpy as np


def values_between(lowest, highest, number):
    """``number`` values, evenly spaced on a logarithmic axis, half a step away from its ends.

    >>> values_between(1e-4, 1.0, 2).tolist()
    [0.001, 0.1]
    """
    return lowest * (highest / lowest) ** ((np.arange(number) + 0.5) / number)


def expected_different(number, draws):
    """How many different ones of ``number`` values are met on average in ``draws`` draws with replacement."""
    return number * (1 - (1 - 1 / number) ** draws)


def best_of_random(validation, tested, draws):
    """Expected ``tested`` of the best of ``draws`` points, drawn with replacement and chosen by ``validation``.

    The best has the value v with probability F(v)^draws - F(v-)^draws, and is then any of the points that have it.
    """
    levels, level, number = np.unique(np.ravel(validation), return_inverse=True, return_counts=True)
    below = np.concatenate([[0], np.cumsum(number)]) / number.sum()
    return float(np.diff(below**draws) @ (np.bincount(level, np.ravel(tested), len(levels)) / number))


def best_on_grids(validation, tested, side):
    """Expected ``tested`` of the best of ``side`` x ``side`` evenly spaced points, one for each place of the grid."""
    rows, columns = (length // side for length in validation.shape)
    grids = [(slice(i, None, rows), slice(j, None, columns)) for i in range(rows) for j in range(columns)]
    return [float(tested[grid][validation[grid] == validation[grid].max()].mean()) for grid in grids]
