"""Nets after training: signals and weights layer by layer, dead and flat units, slopes that PReLU learned."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.deep_training import BATCH_SIZE, data
from course_lib.initializers import he_normal
from course_lib.layers import GELU, CrossEntropy, LeakyReLU, Linear, PReLU, ReLU, SiLU, Tanh
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import train

ACTIVATIONS: dict[str, Callable] = {
    "tanh": Tanh,
    "ReLU": ReLU,
    "leaky ReLU": LeakyReLU,
    "PReLU": PReLU,
    "SiLU": SiLU,
    "GELU": GELU,
}
DEPTH, WIDTH, NUM_EPOCHS = 4, 32, 6
RATES = (0.15, 0.22, 0.33, 0.5, 0.75, 1.1, 1.6)
FLAT = 0.1  # of the largest slope


class Trained(NamedTuple):
    """``network`` and ``start``, a network with the weights before training; training loss and test accuracy."""

    network: Network
    start: Network
    learning_rate: float
    loss: float
    accuracy: float


def _net(activation, seed):
    rng, layers = np.random.default_rng(seed), []
    for fan_in in (64, *[WIDTH] * (DEPTH - 1)):
        layers += [Linear(fan_in, WIDTH, rng, he_normal), ACTIVATIONS[activation]()]
    return Network(*layers, Linear(WIDTH, 10, rng, he_normal))


@lru_cache(maxsize=512)
def trained(activation, learning_rate, seed=0):
    """``DEPTH`` hidden layers on the digits, He initialisation, plain SGD, ``NUM_EPOCHS``: ``Trained``."""
    digits, network, start = data(), _net(activation, seed), _net(activation, seed)
    objective = NetworkLoss(network, digits.x, digits.y, CrossEntropy(), batch_size=BATCH_SIZE)
    rng = np.random.default_rng([seed, 1])
    network.theta = train(objective, SGD(learning_rate), network.theta.copy(), NUM_EPOCHS, rng).theta
    right = network.forward(digits.x_test).argmax(axis=1) == digits.y_test
    return Trained(network, start, learning_rate, float(objective.value(network.theta)), float(right.mean()))


def at_own_rate(activation, seed=0):
    """``trained`` at the rate of ``RATES`` with the lowest training loss."""
    return min((trained(activation, rate, seed) for rate in RATES), key=lambda run: run.loss)


def signals(network):
    """What each activation gives for the training digits: a list of ``(1000, WIDTH)``."""
    x, found = data().x, []
    for layer in network.layers:
        x = layer.forward(x)
        if not isinstance(layer, Linear):
            found.append(x)
    return found


def slopes(network):
    """The slope of each activation at each unit for the training digits: a list of ``(1000, WIDTH)``."""
    network.forward(data().x)
    ones = np.ones((len(data().x), WIDTH))
    return [layer.backward(ones) for layer in network.layers if not isinstance(layer, Linear)]


def dead_and_flat(network):
    """``(dead, flat)``: share of units whose slope is 0 for all digits, and of slopes below a tenth of the largest."""
    found = np.abs(np.stack(slopes(network)))
    return float(np.mean((found == 0).all(axis=1))), float(np.mean(found < FLAT * found.max()))


def learned_slopes(network):
    """The slopes below 0 of the network's PReLU layers, from the first to the last."""
    return [float(layer.params["slope"][0]) for layer in network.layers if isinstance(layer, PReLU)]
