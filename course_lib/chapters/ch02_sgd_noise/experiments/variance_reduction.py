"""What SVRG and SAGA reach on a finite sum, and for how long a snapshot serves: a linear model, and networks."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.data import digits
from course_lib.initializers import he_normal
from course_lib.layers import CrossEntropy, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SAGA, SGD, SVRG
from course_lib.run import iterate
from course_lib.stochastic import deal_batches, logistic_loss

SIZE, NUM_FEATURES, PASSES = 400, 10, 16
RATES = np.geomspace(0.005, 60, 13)[:, None]


class Method(NamedTuple):
    """``make(learning_rate)``, how many terms a step draws, and what an update costs in passes through the data."""

    make: type
    batch_size: int
    cost: float


METHODS = {
    "full batch": Method(SGD, SIZE, 1.0),
    "SGD": Method(SGD, 1, 1 / SIZE),
    "SVRG": Method(SVRG, 1, 3 / SIZE),  # two gradients an update, and all of them once in SIZE updates
    "SAGA": Method(SAGA, 1, 1 / SIZE),
}


def finite_sum_runs(seed=0):
    """``{name: (best rate, passes (k,), loss above its minimum (k,))}``: each method at its own best constant rate."""
    rng = np.random.default_rng([215, seed])
    x = rng.normal(size=(SIZE, NUM_FEATURES)) * np.geomspace(1, 0.25, NUM_FEATURES)
    y = (rng.random(SIZE) < 1 / (1 + np.exp(-2 * x @ rng.normal(size=NUM_FEATURES)))).astype(float)
    lowest = _minimum(logistic_loss(x, y))
    found = {}
    for name, (make, batch_size, cost) in METHODS.items():
        objective, updates = logistic_loss(x, y, batch_size), round(PASSES / cost)
        start = np.zeros((len(RATES), NUM_FEATURES))
        steps = iterate(objective, make(RATES), start, updates, rng=np.random.default_rng([216, seed]))
        seen = np.linspace(0, updates, PASSES + 1).astype(int)  # the losses at all points would be half a gigabyte
        thetas = np.array([theta for t, (theta, _) in enumerate(steps) if t in seen])
        gaps = objective.value(thetas) - lowest
        best = int(np.nanargmin(gaps[-10:].mean(axis=0)))
        found[name] = float(RATES[best, 0]), seen * cost, gaps[:, best]
    return found


def _minimum(objective):
    theta = np.zeros(NUM_FEATURES)
    for _ in range(30):
        theta = theta - np.linalg.solve(objective.hessian(theta), objective.gradient(theta))
    return objective.value(theta)


# --- How long a snapshot serves ---------------------------------------------------------------------------

WIDTHS = {"linear model": (), "1 hidden layer": (64,), "3 hidden layers": (64, 64, 64)}
LEARNING_RATE, BATCH_SIZE, NUM_SAMPLES, AGES = 0.2, 10, 150, (1, 2, 4, 8, 15)


def network(widths, rng):
    """Rectified units of ``widths`` between the 64 pixels and 10 classes of the digits."""
    sizes, layers = (64, *widths, 10), []
    for fan_in, fan_out in pairwise(sizes):
        layers += [Linear(fan_in, fan_out, rng, he_normal), ReLU()]
    return Network(*layers[:-1])


def of_each(loss, theta):
    """The gradient of every sample ``(N, n)``."""
    return np.array([loss.on([i]).gradient(theta) for i in range(loss.size)])


def snapshot_ratios(name, seed, epochs_before=2):
    """Variance of a sample's gradient with a snapshot over that without ``(len(AGES),)``, the snapshot ``AGES`` old.

    Ages are in updates; 15 of them are an epoch. SGD is trained for ``epochs_before`` epochs, then takes the snapshot
    and goes on for an epoch.
    """
    rng = np.random.default_rng([217, seed])
    images = digits(flat=True)
    rows = rng.permutation(len(images.x))[:NUM_SAMPLES]
    loss = NetworkLoss(
        network(WIDTHS[name], rng), images.x[rows], images.y[rows], CrossEntropy(), batch_size=BATCH_SIZE
    )
    theta, ratios = loss.network.theta.copy(), []
    for epoch in range(epochs_before + 1):
        for age, batch in enumerate(deal_batches(NUM_SAMPLES, BATCH_SIZE, rng), start=1):
            if epoch == epochs_before and age == 1:
                at_snapshot = of_each(loss, theta)
            theta = theta - LEARNING_RATE * loss.on(batch).gradient(theta)
            if epoch == epochs_before and age in AGES:
                now = of_each(loss, theta)
                ratios.append(np.var(now - at_snapshot, axis=0).sum() / np.var(now, axis=0).sum())
    return np.array(ratios)
