"""A deep network under rising and under constant momentum, each at its own best learning rate.

The network is an autoencoder: eight layers, eight units wide in the middle, have to give back the image that went in.
Sutskever et al. 2013 trained such networks, larger ones, and for longer.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from course_lib.data import digits, split
from course_lib.layers import LeastSquares, Linear, Tanh
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import Nesterov
from course_lib.schedules import constant, rising_momentum

WIDTHS = (64, 48, 32, 16, 8, 16, 32, 48, 64)
RATES = tuple(0.0005 * 1.5**k for k in range(13))  # to 0.065
NUM_STEPS, BATCH_SIZE = 2000, 200
CONSTANTS = (0.0, 0.9, 0.99)
MOMENTA = {f"constant {momentum:g}": constant(momentum) for momentum in CONSTANTS} | {
    "rising to 0.99": rising_momentum(largest=0.99, every=NUM_STEPS // 50)
}


def autoencoder(seed):
    """``(NetworkLoss, theta)``: the 1258 training images of the digits, and weights drawn from ``seed``."""
    rng = np.random.default_rng([3, seed])
    images = split(digits(flat=True), np.random.default_rng(0)).train.x
    layers = [layer for ins, outs in pairwise(WIDTHS) for layer in (Linear(ins, outs, rng), Tanh())][:-1]
    network, x = Network(*layers), images / images.max()
    return NetworkLoss(network, x, x, LeastSquares(), batch_size=BATCH_SIZE), network.theta.copy()


def training_curve(name, learning_rate, seed, num_steps=NUM_STEPS):
    """Loss on all images before training and after each tenth of it, ``(11,)``; inf from where it has diverged."""
    loss, theta = autoencoder(seed)
    optimizer, momentum = Nesterov(learning_rate), MOMENTA[name]
    state, rng, curve = optimizer.init(theta), np.random.default_rng([33, seed]), np.full(11, np.inf)
    curve[0] = loss.value(theta)
    for t in range(1, num_steps + 1):
        with np.errstate(all="ignore"):
            theta, state = replace(optimizer, momentum=momentum(t)).step(loss.sample(rng), theta, state)
        if not np.all(np.abs(theta) < 1e6):
            break
        if t % (num_steps // 10) == 0:
            curve[t * 10 // num_steps] = loss.value(theta)
    return curve


def at_its_best(name, seeds, tuning_seeds, rates=RATES, num_steps=NUM_STEPS):
    """``{"rate", "tuning", "curves"}``: the rate with the lowest mean loss on the tuning seeds, and fresh runs."""
    tuning = [np.mean([training_curve(name, rate, seed, num_steps)[-1] for seed in tuning_seeds]) for rate in rates]
    best = rates[int(np.argmin(tuning))]
    curves = [training_curve(name, best, seed, num_steps) for seed in seeds]
    return {
        "rate": best,
        "tuning": [[rate, min(loss, 1e9)] for rate, loss in zip(rates, tuning, strict=True)],
        "curves": curves,
    }


def deep(seeds=range(10), tuning_seeds=(100, 101), rates=RATES, num_steps=NUM_STEPS):
    """Every momentum of ``MOMENTA`` at its best learning rate."""
    return {name: at_its_best(name, seeds, tuning_seeds, rates, num_steps) for name in MOMENTA}


EXPERIMENTS = {"deep": deep}
