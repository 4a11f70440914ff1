"""Rare words: a model with features of very different frequency, learned by each method."""

from functools import lru_cache

import numpy as np

from course_lib.optimizers import SGD, Adagrad, Adam, RMSprop
from course_lib.run import iterate
from course_lib.stochastic import logistic_loss

METHODS = {"SGD": SGD, "Adagrad": Adagrad, "RMSprop": RMSprop, "Adam": Adam}
NUM_FEATURES, NUM_SAMPLES, BATCH_SIZE, NUM_STEPS = 40, 3000, 10, 600
RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-3, 30, 19))


def frequencies(rare=True):
    """How often each feature is on: from 1/2 down to 1/200, or 1/10 for all."""
    return np.geomspace(0.5, 0.005, NUM_FEATURES) if rare else np.full(NUM_FEATURES, 0.1)


def rare_words(seed, rare=True):
    """``(FiniteSum, weights)``: labels 0 and 1 from features that are on or off, drawn with true weights of +-3."""
    rng = np.random.default_rng([505, seed])
    x = (rng.random((NUM_SAMPLES, NUM_FEATURES)) < frequencies(rare)).astype(float)
    weights = 3.0 * rng.permutation(np.resize([1.0, -1.0], NUM_FEATURES))
    y = (rng.random(NUM_SAMPLES) < 1 / (1 + np.exp(-x @ weights))).astype(float)
    return logistic_loss(x, y, BATCH_SIZE), weights


def tuned_run(name, seed, rare=True):
    """``(best rate, theta (40,), loss)``: all learning rates in one run, the one with the lowest loss at the end."""
    objective, _ = rare_words(seed, rare)
    optimizer = METHODS[name](learning_rate=np.array(RATES)[:, None])
    rng = np.random.default_rng([5, seed])
    for theta, _ in iterate(objective, optimizer, np.zeros((len(RATES), NUM_FEATURES)), NUM_STEPS, rng=rng):  # noqa: B007
        pass
    with np.errstate(all="ignore"):
        losses = np.nan_to_num(objective.value(theta), nan=np.inf)
    best = int(np.argmin(losses))
    return RATES[best], theta[best], float(losses[best])


@lru_cache(maxsize=64)
def learned(name, seed, rare=True):
    """``(share of the true weight that was learned (40,), loss)`` with the best learning rate."""
    _, theta, loss = tuned_run(name, seed, rare)
    return theta / rare_words(seed, rare)[1], loss
