"""Five loss curves of one model: learning rates that are too small, right, too large, and two bugs."""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.stochastic import finite_sum, logistic_loss

SIZE, NUM_FEATURES, BATCH_SIZE, NUM_STEPS = 600, 20, 8, 1200
RATES = {"too small": 0.003, "right": 0.1, "too large": 3.0}


def samples(seed=0):
    """``(x (N, 20), y (N,))``: two classes that overlap."""
    rng = np.random.default_rng([212, seed])
    x = rng.normal(size=(SIZE, NUM_FEATURES))
    weights = rng.normal(size=NUM_FEATURES) / 2
    return x, (rng.random(SIZE) < 1 / (1 + np.exp(-x @ weights))).astype(float)


def _shuffled(x, y, seed):
    """The bug: each batch draws its inputs and its labels separately, so that they do not belong together."""
    rng, right = np.random.default_rng([213, seed]), logistic_loss(x, y)

    def gradient(theta, batch):
        mixed = logistic_loss(x[batch], y[rng.permutation(SIZE)[: len(batch)]])
        return mixed.gradient(theta)

    return finite_sum(lambda theta, batch: right.on(batch).value(theta), gradient, SIZE, BATCH_SIZE)


def _ascent(x, y):
    """The bug: the sign of the gradient."""
    right = logistic_loss(x, y, BATCH_SIZE)
    return finite_sum(
        lambda theta, batch: right.on(batch).value(theta),
        lambda theta, batch: -right.on(batch).gradient(theta),
        SIZE,
        BATCH_SIZE,
    )


def loss_curves(seed=0):
    """``{name: loss on all samples (NUM_STEPS + 1,)}``."""
    x, y = samples(seed)
    right = logistic_loss(x, y, BATCH_SIZE)
    runs = {f"{name}, {rate:g}": (right, rate) for name, rate in RATES.items()}
    runs["bug: labels of other samples"] = (_shuffled(x, y, seed), RATES["right"])
    runs["bug: plus for minus"] = (_ascent(x, y), RATES["right"])
    return {name: right.value(_path(objective, rate, seed)) for name, (objective, rate) in runs.items()}


def _path(objective: Objective, rate, seed):
    rng = np.random.default_rng([214, seed])
    return descend(objective, SGD(rate), np.zeros(NUM_FEATURES), NUM_STEPS, rng=rng).thetas
