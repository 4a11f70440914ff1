"""Helpers that several claims share: where a run ends, where the Visualiser would have halted it."""

import numpy as np

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
