"""Which weights become 0: the L1 penalty in the loss, in a proximal step, and in FTRL.

Logistic regression on 100 features that are on or off, of which 10 matter. Every method gets one grid of learning
rates and penalties, and takes what is best on validation data.
"""

from typing import NamedTuple

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import FTRL, Adagrad, ProximalAdagrad
from course_lib.stochastic import logistic_loss

NUM_FEATURES, USEFUL, SIZE, BATCH_SIZE, NUM_STEPS = 100, 10, 1500, 10, 600
RATES, PENALTIES = np.geomspace(0.03, 3, 7)[:, None, None], np.geomspace(1e-3, 0.06, 8)[:, None]


class Sparse(NamedTuple):
    """``kept_useless``: share of the 90 useless weights that are not 0; ``kept_useful``: of the 10; test ``loss``."""

    kept_useless: float
    kept_useful: float
    loss: float


def data(seed):
    """``(training, validation, test)``, each a ``FiniteSum`` of 1500 samples; the first 10 weights are +-2."""
    rng = np.random.default_rng([507, seed])
    weights = np.where(np.arange(NUM_FEATURES) < USEFUL, 2.0 * np.resize([1, -1], NUM_FEATURES), 0.0)
    parts = []
    for _ in range(3):
        x = (rng.random((SIZE, NUM_FEATURES)) < 0.2).astype(float)
        y = (rng.random(SIZE) < 1 / (1 + np.exp(-x @ weights))).astype(float)
        parts.append(logistic_loss(x, y, BATCH_SIZE))
    return parts


def methods():
    """``{name: (optimizer, penalty in the loss)}``; the penalty of FTRL counts once against the sum of all steps."""
    return {
        "Adagrad, penalty in the loss": (Adagrad(RATES), PENALTIES),
        "proximal Adagrad": (ProximalAdagrad(RATES, l1_penalty=PENALTIES), 0.0),
        "FTRL": (FTRL(RATES, l1_penalty=PENALTIES * NUM_STEPS), 0.0),
    }


def _walk(optimizer, penalty, objective, rng):
    theta = np.zeros((len(RATES), len(PENALTIES), NUM_FEATURES))
    state = optimizer.init(theta)
    for _ in range(NUM_STEPS):
        batch = objective.sample(rng)
        seen = Objective(batch.value, lambda t, batch=batch: batch.gradient(t) + penalty * np.sign(t))
        theta, state = optimizer.step(seen, theta, state)
    return theta


def sparsity(name, seed):
    """``Sparse`` of one method on the data of ``seed``, with the rate and penalty that validation data choose."""
    training, validation, test = data(seed)
    theta = _walk(*methods()[name], training, np.random.default_rng([508, seed]))
    best = theta.reshape(-1, NUM_FEATURES)[np.argmin(validation.value(theta))]
    kept = best != 0
    return Sparse(float(kept[USEFUL:].mean()), float(kept[:USEFUL].mean()), float(test.value(best)))
