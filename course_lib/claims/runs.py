"""Helpers that several claims share: where a run ends, where the Visualiser would have halted it."""

import numpy as np

from course_lib.claims.kit import mean_interval
from course_lib.run import iterate

VISUALISER_STOP = 1e-2  # lilipads/gradient_descent_viz, src/gradient_descent.cpp: halts when both |g| are below


def endpoint(objective, optimizer, start, num_steps, schedule=None, rng=None):
    """The last point of ``descend`` with the same arguments, without keeping the others."""
    theta = None
    for theta, _ in iterate(objective, optimizer, start, num_steps, schedule, rng):  # noqa: B007 - the last one counts
        pass
    return theta


def grid_of_starts(surface, side):
    """``(side * side, 2)`` points spread evenly over the window of ``surface``."""
    axes = [np.linspace(low, high, side) for low, high in surface.window]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)


def visualiser_stops(surface, thetas):
    """Index of the first point of each path ``(num_steps + 1, runs, 2)`` where the Visualiser halts; -1: nowhere."""
    small = np.all(np.abs(surface.gradient(thetas)) < VISUALISER_STOP, axis=-1)
    return np.where(small.any(axis=0), small.argmax(axis=0), -1)


def distance_to_minima(surface, theta):
    """Distance of each ``theta (..., 2)`` to the closest known minimum."""
    minima = np.array(surface.minima)
    return np.linalg.norm(np.asarray(theta)[..., None, :] - minima, axis=-1).min(axis=-1)


LEARNED = 1.0  # a net learns at a rate if its training loss ends below this; guessing one of ten classes has 2.3


def largest_rate(rates, losses):
    """The largest of the rising ``rates`` up to which all learn: ``losses`` at the end of training below ``LEARNED``.

    Raises ``ValueError`` where the smallest does not learn or all do: the edge lies outside of the grid.
    """
    learns = np.asarray(losses) < LEARNED
    if not learns[0] or learns.all():
        raise ValueError("The largest rate that learns lies outside of the rates that were tried: try others.")
    return rates[int(np.argmin(learns)) - 1]


def ratio_interval(ratios, label, digits=2):
    """Geometric mean of positive ``ratios`` with two standard errors of their logarithm."""
    mean = mean_interval(np.log(ratios), label, digits)
    return mean._replace(value=np.exp(mean.value), low=np.exp(mean.low), high=np.exp(mean.high))
