"""Reddi's counter-example: a gradient that is large seldom and small often."""

from functools import lru_cache

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adam, AMSGrad

BETA2 = tuple(round(float(x), 3) for x in (*np.arange(0, 0.3, 0.02), *np.arange(0.3, 0.96, 0.05), 0.97, 0.99, 0.999))
LARGE = (2.2, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0)
NUM_STEPS, FIRST_RATE = 1500, 0.15


def drift(beta2, large):
    """Movement to the left in one period over the learning rate, Adam with beta1 = 0 in the long run, exact.

    C / sqrt(v_1) - 1 / sqrt(v_2) - 1 / sqrt(v_3), with the three values that v repeats. Below 0 Adam walks
    away from the minimum.
    """
    b, square = np.asarray(beta2, dtype=float), np.asarray(large, dtype=float) ** 2
    scale = (1 - b) / (1 - b**3)
    after_large, second, third = square + b + b**2, 1 + b**2 + b * square, 1 + b + b**2 * square  # ages 0, 1, 2
    return large / np.sqrt(scale * after_large) - 1 / np.sqrt(scale * second) - 1 / np.sqrt(scale * third)


def walk(optimizer, large, num_steps=NUM_STEPS, start=0.0):
    """x after each step, ``(num_steps + 1, *shape of large)``, held between -1 and 1; rate FIRST_RATE / sqrt(t).

    Args:
        optimizer: ``learning_rate -> optimizer``; its other hyperparameters may be arrays like ``large[..., None]``.
        large: C, a number or an array.
        num_steps: number of updates.
        start: first x.
    """
    large = np.asarray(large, dtype=float)[..., None]
    theta = np.full(large.shape, float(start))
    state, xs = optimizer(1.0).init(theta), [theta[..., 0]]
    for t in range(1, num_steps + 1):
        g = large if t % 3 == 1 else np.full(large.shape, -1.0)
        slope = Objective(lambda x, g=g: (g * x)[..., 0], lambda x, g=g: g)
        theta, state = optimizer(FIRST_RATE / np.sqrt(t)).step(slope, theta, state)
        theta = np.clip(theta, -1, 1)
        xs.append(theta[..., 0])
    return np.array(xs)


@lru_cache(maxsize=16)
def sweeps(larges=LARGE, betas=BETA2, num_steps=NUM_STEPS):
    """``{name: (num_steps + 1, len(larges), len(betas))}`` of all three methods, every pair in one run."""
    large, beta2 = (x.copy() for x in np.meshgrid(larges, betas, indexing="ij"))
    about = {"beta1": 0.0, "beta2": beta2[..., None], "eps": 1e-12}
    return {
        "Adam": walk(lambda rate: Adam(rate, **about), large, num_steps),
        "AMSGrad": walk(lambda rate: AMSGrad(rate, **about), large, num_steps),
        "gradient descent": walk(lambda rate: SGD(rate), large, num_steps),
    }
