"""Deep networks from different initial weights, trained."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.signals import INITIALIZERS, deep_network
from course_lib.data import digits
from course_lib.layers import CrossEntropy
from course_lib.network import NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import train

BATCH_SIZE = 64
NUM_TRAINING = 1000


class Data(NamedTuple):
    """Digits with E[x^2] = 1 over all pixels, and mean 0: what theory assumes of the input."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@lru_cache(maxsize=1)
def data():
    """1 000 digits to train on, 797 to test."""
    dataset = digits(flat=True)
    order = np.random.default_rng(0).permutation(len(dataset.x))
    x, y = np.asarray(dataset.x, dtype=float)[order], np.asarray(dataset.y)[order]
    x = x - x[:NUM_TRAINING].mean(axis=0)
    x = x / np.sqrt(np.mean(x[:NUM_TRAINING] ** 2))
    return Data(x[:NUM_TRAINING], y[:NUM_TRAINING], x[NUM_TRAINING:], y[NUM_TRAINING:])


class Run(NamedTuple):
    """Training loss and test accuracy after each epoch, ``(num_epochs + 1,)``, epoch 0 first."""

    losses: np.ndarray
    accuracies: np.ndarray


def run(initializer, depth, activation="relu", width=32, learning_rate=0.1, num_epochs=8, seed=0, tell=None):
    """Train a network of ``depth`` hidden layers with plain SGD and return its ``Run``.

    Args:
        initializer: a name in ``INITIALIZERS``, or ``(fan_in, fan_out, rng) -> weights``.
        depth, width: hidden layers, and units of each.
        seed: of the first weights and of the order of the samples.
        tell: called with the ``Run`` so far after each epoch.
    """
    digits_, rng, loss = data(), np.random.default_rng(seed), CrossEntropy()
    draw = INITIALIZERS.get(initializer, initializer)
    network = deep_network([64, *[width] * depth, 10], activation, rng, draw)
    objective = NetworkLoss(network, digits_.x, digits_.y, loss, batch_size=BATCH_SIZE)
    losses, accuracies = [], []

    def evaluate(epoch, theta):
        with np.errstate(over="ignore", invalid="ignore"):
            losses.append(float(objective.value(theta)))
            scores = network.forward(digits_.x_test)
        right = np.mean(np.argmax(scores, axis=1) == digits_.y_test) if np.isfinite(scores).all() else 0.1
        accuracies.append(float(right))
        if tell:
            tell(Run(np.array(losses), np.array(accuracies)))
        return {"stop": not np.isfinite(losses[-1])}

    train(objective, SGD(learning_rate), network.theta.copy(), num_epochs, rng, evaluate=evaluate)
    missing = num_epochs + 1 - len(losses)  # a run that diverged stays where it is
    return Run(np.array(losses + [np.inf] * missing), np.array(accuracies + [0.1] * missing))
