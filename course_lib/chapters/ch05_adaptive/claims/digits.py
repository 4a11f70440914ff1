"""Chapter 5, "Adam is fastest in iterations and in wall-clock time": a small network on the digits, all tuned alike.

The long run (some minutes) is stored in ``digits.json`` beside this file, which
``python -m course_lib.chapters.ch05_adaptive.claims.digits`` makes anew. The tests repeat single
runs of it and compare.
"""

import json
import platform
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    mean_interval,
    not_shown,
    partly,
)
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


# --- C-05-16 ------------------------------------------------------------------------------------------


def _fastest():
    found = stored()
    steps = {name: np.array(about["steps"], dtype=float) for name, about in found.items()}
    adam, clock = steps["Adam"], {name: about["microseconds"] / 1000 for name, about in found.items()}
    numbers = {
        name.lower(): mean_interval(
            each, f"{name}, learning rate {found[name]['learning_rate']:g}: steps to the target"
        )
        for name, each in steps.items()
    }
    rivals = [name for name in METHODS if name != "Adam"]
    quickest = min(rivals, key=lambda name: steps[name].mean())
    soonest = min(rivals, key=lambda name: steps[name].mean() * clock[name])
    numbers["steps"] = mean_interval(adam - steps[quickest], f"steps that Adam needs more than {quickest}, paired")
    numbers["clock"] = mean_interval(
        adam * clock["Adam"] - steps[soonest] * clock[soonest],
        f"milliseconds that Adam needs more than {soonest}, paired",
    )
    numbers["against_sgd"] = mean_interval(steps["SGD"] - adam, "steps that SGD needs more than Adam, paired")
    numbers["cost"] = Measured(clock["Adam"] / clock["SGD"], label="time of an update, Adam's over SGD's")
    t = np.arange(0, NUM_STEPS + 1, 10)
    lines = tuple(
        Line(name, t, np.array(found[name]["curve"]))
        for name in ("SGD", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adam", "Nadam")
    )
    return Evidence(numbers, Plot("step", "loss on all training images", lines, log="y"))


def _judge_fastest(n):
    if n["steps"].upper < 0 and n["clock"].upper < 0:
        return holds("it needs fewer steps and less time than every other method")
    if n["steps"].lower > 0 and n["clock"].lower > 0 and n["against_sgd"].lower <= 0:
        return fails("another tuned method is quicker in steps and in time, and so is plain SGD")
    if n["steps"].lower > 0 and n["clock"].lower > 0:
        return fails(
            "it is quicker than SGD, but another method, as carefully tuned, is quicker still, in steps and in time"
        )
    if n["steps"].upper < 0 and n["clock"].lower > 0:
        return partly("in steps it is the quickest", "that it is in time: another tuned method needs less of it")
    return not_shown("no other method is clearly quicker, nor is it")


FASTEST = Claim(
    id="C-05-16",
    lecture="L2 l.196 (quoting Kingma and Ba)",
    statement="Adam makes faster progress in terms of both the number of iterations and wall-clock time",
    condition="The 1257 training images of the digits, 64-32-10 rectified units, batches of 64, loss 0.1 on all "
    "of them within 400 "
    "steps; every method gets the same tuning, 23 learning rates from 0.0001 to 32 on 4 seeds, all else by "
    "default (momentum 0.9); "
    "20 fresh seeds, paired. A stored run of some minutes on one core, parts of which the tests repeat",
    rule="Holds if Adam needs fewer steps and less time than every other method (intervals of the paired "
    "differences below 0); fails if "
    "another one needs fewer steps and less time than Adam (intervals above 0); 'holds if' otherwise.",
    experiment=_fastest,
    judge=_judge_fastest,
    effects=(Effect("steps"), Effect("clock")),
    revised="A first run had 12 learning rates, 3 seeds for tuning and 10 to compare: too coarse a grid for "
    "Adam. The rule and the "
    "verdict were the same.",
)

DIGITS_CLAIMS = (FASTEST,)


if __name__ == "__main__":
    write_store()
