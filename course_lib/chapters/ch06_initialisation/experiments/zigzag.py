"""One linear unit whose inputs have one sign: its updates, and what slows it down."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

SAMPLES, NUM_STEPS = 64, 150
BATCHES = (1, 4, 16, 64)
TARGET, START = np.array([0.6, -0.6]), np.array([-1.6, 1.6])  # from one to the other the weights move oppositely


class Descent(NamedTuple):
    """A run: ``path (NUM_STEPS + 1, 2)``, ``losses (NUM_STEPS + 1,)``, share of updates of one sign, Hessian."""

    path: np.ndarray
    losses: np.ndarray
    one_sign: float
    hessian: np.ndarray


@lru_cache(maxsize=1)
def _noise():
    rng = np.random.default_rng(6)
    order = np.concatenate([rng.permutation(SAMPLES) for _ in range(NUM_STEPS)])
    return rng.uniform(-1, 1, size=(SAMPLES, 2)), order


def run(mean, batch_size, speed):
    """SGD on inputs from ``mean`` - 1 to ``mean`` + 1 without noise in the targets.

    Args:
        mean: of both inputs; from 1 on all inputs are positive.
        batch_size: one of ``BATCHES``.
        speed: the learning rate in units of 1 / largest eigenvalue of the Hessian.

    The gradient of one sample is delta * x, (1.2): with x > 0 both parts have the sign of delta.
    """
    noise, order = _noise()
    x = mean + noise
    hessian = x.T @ x / SAMPLES
    rate = speed / np.linalg.eigvalsh(hessian)[-1]
    w, path = START.copy(), [START]
    for step in range(NUM_STEPS):
        seen = x[order[step * batch_size : (step + 1) * batch_size]]
        w = w - rate * (seen @ (w - TARGET)) @ seen / batch_size
        path.append(w)
    path = np.array(path)
    moves = np.diff(path, axis=0)
    moving = np.abs(moves).max(axis=1) > 1e-12  # what has arrived has no direction
    error = path - TARGET
    return Descent(
        path,
        np.einsum("ti,ij,tj->t", error, hessian, error) / 2,
        float(np.mean(np.prod(moves[moving], axis=1) > 0)) if moving.any() else 0.0,
        hessian,
    )


def condition(hessian):
    """Largest eigenvalue over the smallest; 1 + 6 mean^2 for infinitely many samples."""
    low, high = np.linalg.eigvalsh(hessian)
    return float(high / low)
