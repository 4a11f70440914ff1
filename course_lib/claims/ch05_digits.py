"""Chapter 5, "Adam is fastest in iterations and in wall-clock time": a small network on the digits, all tuned alike.

The long run (some minutes) is stored in ``ch05_digits.json``; ``python -m course_lib.claims.ch05_digits`` makes it
anew. The tests repeat single runs of it and compare.
"""

import json
import platform
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from course_lib.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AMSGrad,
    Momentum,
    Nadam,
    Nesterov,
    RMSprop,
)
from course_lib.run import descend

STORE = Path(__file__).with_suffix(".json")
METHODS = {
    cls.__name__: cls for cls in (SGD, Momentum, Nesterov, Adagrad, RMSprop, Adadelta, Adam, AMSGrad, Nadam, Adamax)
}
RATES = tuple(float(f"{rate:.3g}") for rate in 10.0 ** np.arange(-4, 1.51, 0.25))  # 23, the same for every method
TUNING_SEEDS, SEEDS = range(4), range(100, 120)
NUM_STEPS, BATCH_SIZE, TARGET = 400, 64, 0.1  # target: mean cross-entropy on all training images


@lru_cache(maxsize=1)
def _images():
    from course_lib.data import digits, split

    images = split(digits(flat=True), np.random.default_rng(0)).train
    return images.x / images.x.max(), images.y


def digits_loss(seed):
    """``(NetworkLoss, theta)``: 64 inputs, 32 rectified units, 10 classes, initialised from ``seed`` (He)."""
    from course_lib.layers import CrossEntropy, Linear, ReLU
    from course_lib.network import Network, NetworkLoss

    rng = np.random.default_rng([5, seed])
    network = Network(Linear(64, 32, rng), ReLU(), Linear(32, 10, rng))
    return NetworkLoss(network, *_images(), CrossEntropy(), batch_size=BATCH_SIZE), network.theta.copy()


def training_curve(name, learning_rate, seed, num_steps=NUM_STEPS):
    """Loss on all training images before training and after each update, ``(num_steps + 1,)``."""
    loss, theta = digits_loss(seed)
    optimizer = METHODS[name](learning_rate=learning_rate)
    with np.errstate(all="ignore"):
        return descend(loss, optimizer, theta, num_steps, rng=np.random.default_rng([55, seed])).values


def steps_to_target(curve, target=TARGET):
    """First update after which the loss is at most ``target``; one more than there are where it never is."""
    there = np.flatnonzero(curve <= target)
    return int(there[0]) if len(there) else len(curve)


def microseconds_an_update(num_updates=200, repeats=7):
    """Time of one update (mini-batch gradient and step) of each method, ``{name: microseconds}``; least of repeats."""
    loss, start = digits_loss(0)
    batch = loss.sample(np.random.default_rng(0))
    best = dict.fromkeys(METHODS, np.inf)
    for _ in range(repeats):
        for name, cls in METHODS.items():
            optimizer, theta = cls(learning_rate=1e-4), start
            state, begin = optimizer.init(theta), time.perf_counter()
            for _ in range(num_updates):
                theta, state = optimizer.step(batch, theta, state)
            best[name] = min(best[name], (time.perf_counter() - begin) / num_updates * 1e6)
    return {name: round(value, 1) for name, value in best.items()}


def tuned(name):
    """Every learning rate on the tuning seeds: ``(best rate, {rate: mean steps}, mean final log loss)``."""
    table = {}
    for rate in RATES:
        curves = [training_curve(name, rate, seed) for seed in TUNING_SEEDS]
        finals = [np.nan_to_num(curve[-1], nan=1e9, posinf=1e9) for curve in curves]
        table[rate] = float(np.mean([steps_to_target(curve) for curve in curves])), float(np.mean(finals))
    return min(table, key=table.get), table


def write_store():
    """Tune, run on fresh seeds, time, and store."""
    content = {"machine": f"NumPy {np.__version__}, Python {platform.python_version()}, one core", "methods": {}}
    for name in METHODS:
        rate, table = tuned(name)
        curves = np.array([training_curve(name, rate, seed) for seed in SEEDS])
        content["methods"][name] = {
            "learning_rate": rate,
            "tuning": [[key, round(steps, 1), float(f"{final:.4g}")] for key, (steps, final) in table.items()],
            "steps": [steps_to_target(curve) for curve in curves],
            "curve": [float(f"{value:.4g}") for value in np.exp(np.log(curves).mean(axis=0))[::10]],
        }
        print(name, rate, content["methods"][name]["steps"], flush=True)
    for name, value in microseconds_an_update().items():
        content["methods"][name]["microseconds"] = value
    STORE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


@lru_cache(maxsize=1)
def stored():
    """What the long run found."""
    return json.loads(STORE.read_text(encoding="utf-8"))["methods"]


if __name__ == "__main__":
    write_store()
