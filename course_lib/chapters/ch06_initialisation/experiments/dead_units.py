"""A census of units that are dead, over the epochs of a training."""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.deep_training import BATCH_SIZE, data
from course_lib.chapters.ch06_initialisation.experiments.signals import is_dead
from course_lib.initializers import he_normal
from course_lib.layers import CrossEntropy, LeakyReLU, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import train

WIDTH, NUM_EPOCHS = 40, 12
LAYERS = {"relu": ReLU, "prelu": lambda: LeakyReLU(0.25)}


class Census(NamedTuple):
    """After each epoch, 0 first: ``losses``, and the share of dead units of both hidden layers ``(epochs, 2)``."""

    losses: np.ndarray
    dead: np.ndarray


def census(learning_rate, bias, activation="relu", seed=0, num_epochs=NUM_EPOCHS, tell=None):
    """Train 64-40-40-10 on the digits with plain SGD, count the dead units after each epoch.

    Args:
        bias: of all hidden units before training.
        tell: called with the ``Census`` so far after each epoch.
    """
    digits, rng = data(), np.random.default_rng(seed)
    network = Network(
        Linear(64, WIDTH, rng, he_normal),
        LAYERS[activation](),
        Linear(WIDTH, WIDTH, rng, he_normal),
        LAYERS[activation](),
        Linear(WIDTH, 10, rng, he_normal),
    )
    for layer in (network.layers[0], network.layers[2]):
        layer.params["bias"][:] = bias
    objective = NetworkLoss(network, digits.x, digits.y, CrossEntropy(), batch_size=BATCH_SIZE)
    losses, dead = [], []

    def evaluate(epoch, theta):
        network.theta = theta
        x, shares = digits.x, []
        with np.errstate(over="ignore", invalid="ignore"):
            for first in (0, 2):
                z = network.layers[first].forward(x)
                x = network.layers[first + 1].forward(z)
                shares.append(np.mean(is_dead(z)) if np.isfinite(z).all() else np.nan)
            losses.append(float(CrossEntropy().forward(network.layers[4].forward(x), digits.y)))
        dead.append(shares)
        if tell:
            tell(Census(np.array(losses), np.array(dead)))
        return {"stop": not np.isfinite(losses[-1])}

    train(objective, SGD(learning_rate), network.theta.copy(), num_epochs, rng, evaluate=evaluate)
    return Census(np.array(losses), np.array(dead))
