"""How smooth the way of a training is, with dropout on hidden units, on the inputs, or nowhere."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch08_dropout.experiments.overfitting import digits_task
from course_lib.initializers import he_normal
from course_lib.layers import CrossEntropy, Dropout, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD

ARMS = {"no dropout": (0.0, 0.0), "0.2 on the inputs": (0.2, 0.0), "0.5 on hidden units": (0.0, 0.5)}
NUM_SAMPLES, NUM_STEPS, LEARNING_RATE, WIDTH = 300, 80, 0.1, 64


class Path(NamedTuple):
    """``losses (steps,)`` that the training saw, and the cosine ``(steps - 1,)`` of each update with the next one."""

    losses: np.ndarray
    cosines: np.ndarray


def _net(on_inputs, on_hidden, seed):
    rng, masks = np.random.default_rng([84, seed]), np.random.default_rng([85, seed])
    first, last = Linear(64, WIDTH, rng, he_normal), Linear(WIDTH, 10, rng)
    layers = [Dropout(on_inputs, masks)] if on_inputs else []
    layers += [first, ReLU()] + ([Dropout(on_hidden, masks)] if on_hidden else [])
    return Network(*layers, last)


@lru_cache(maxsize=128)
def path(arm, batch_size=None, seed=0):
    """Train 64-64-10 on 300 digits with plain SGD, 80 steps: ``Path``.

    Args:
        arm: one of ``ARMS``; the first weights and the batches do not depend on it.
        batch_size: ``None`` for all samples in every step, so that nothing but dropout is random.
    """
    data, _ = digits_task(NUM_SAMPLES, 0.0, seed)
    net = _net(*ARMS[arm], seed)
    whole = NetworkLoss(net, data.x, data.y, CrossEntropy(), batch_size=batch_size or NUM_SAMPLES)
    optimizer, rng = SGD(LEARNING_RATE), np.random.default_rng([86, seed])
    theta, state, losses, updates = net.theta.copy(), optimizer.init(net.theta), [], []
    for _ in range(NUM_STEPS):
        objective = whole.sample(rng) if batch_size else whole
        losses.append(float(objective.value(theta)))
        moved, state = optimizer.step(objective, theta, state)
        updates.append((moved - theta) / np.linalg.norm(moved - theta))
        theta = moved
    return Path(np.array(losses), np.sum(np.array(updates[1:]) * np.array(updates[:-1]), axis=1))
