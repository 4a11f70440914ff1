"""Chapter 2, which minimum: do small batches and large learning rates end in flatter ones, and is flatter better?

Flat is what the largest eigenvalue of the Hessian says at the end. Sources: Keskar et al. 2017; Cohen et al. 2021 (full
batches end where that eigenvalue is 2 / learning rate).
"""

from dataclasses import replace
from itertools import islice

import numpy as np

from course_lib.claims.kit import Claim, Evidence, Line, Plot, fails, holds, holds_if, mean_interval
from course_lib.data import moons
from course_lib.layers import LeastSquares, Linear, Tanh
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import iterate

SAMPLES, WIDTH, SEEDS = 64, 24, 8
NUM_STEPS, EVERY = 4000, 400


def problem(seed):
    """``(training loss, test loss, start, rng)``: a tanh network on 64 noisy points of two moons, targets -1 and 1."""
    rng = np.random.default_rng(seed)
    network = Network(Linear(2, WIDTH, rng), Tanh(), Linear(WIDTH, 1, rng))
    sets = [moons(size, rng, noise=0.3) for size in (SAMPLES, 2000)]
    train, test = (NetworkLoss(network, data.x, 2.0 * data.y[:, None] - 1.0, LeastSquares()) for data in sets)
    return train, test, network.theta.copy(), rng


def sharpness(objective, theta, rounds=40):
    """Largest eigenvalue of the Hessian at ``theta``, by power iteration."""
    v = np.random.default_rng(0).normal(size=theta.shape)
    for _ in range(rounds):
        v /= np.linalg.norm(v)
        v, seen = objective.hvp(theta, v), v
    return float(seen @ v)


def points(seed, learning_rate, batch_size):
    """Yield ``(train, test, theta)`` every 400 of 4000 updates of SGD; all 64 samples are a batch without noise."""
    train, test, start, rng = problem(210 + seed)
    noise = rng if batch_size < SAMPLES else None
    run = iterate(replace(train, batch_size=batch_size), SGD(learning_rate), start, NUM_STEPS, rng=noise)
    for theta, _ in islice(run, 0, None, EVERY):
        yield train, test, theta


def ends(settings):
    """Sharpness and test loss ``(seeds, settings)`` after SGD with each ``(learning rate, batch size)``."""
    sharp, tested = np.empty((2, SEEDS, len(settings)))
    for seed, i in np.ndindex(SEEDS, len(settings)):
        *_, (train, test, theta) = points(seed, *settings[i])
        sharp[seed, i], tested[seed, i] = sharpness(train, theta), test.value(theta)
    return sharp, tested


def path_plot(settings, names):
    """The largest eigenvalue along the first seed's runs."""
    steps = np.arange(0, NUM_STEPS + 1, EVERY)
    lines = [
        Line(name, steps, np.array([sharpness(train, theta) for train, _, theta in points(0, *setting)]))
        for name, setting in zip(names, settings, strict=True)
    ]
    return Plot("update", "largest eigenvalue of the Hessian", tuple(lines), "y")


def _judge_flatness(n, what):
    if not n["sharp"].lower > 1:  # so that a run that diverged fails, too
        return fails(f"{what} does not end in a flatter minimum")
    if n["test"].lower > 1:
        return holds(f"{what} ends in a flatter minimum, and the test loss is lower there")
    if n["test"].upper < 1:
        return holds_if("only flatness is meant; the test loss is higher there")
    return holds_if("only flatness is meant; the test loss does not follow on this problem")


# --- C-02-10 ------------------------------------------------------------------------------------------


def _batch_size():
    settings = (0.1, 2), (0.1, SAMPLES)
    sharp, tested = ends(settings)
    numbers = {
        "small": mean_interval(sharp[:, 0], "largest eigenvalue, batch size 2", 2),
        "large": mean_interval(sharp[:, 1], "largest eigenvalue, full batch", 2),
        "sharp": mean_interval(sharp[:, 1] / sharp[:, 0], "largest eigenvalue, full batch / batch size 2", 2),
        "test": mean_interval(tested[:, 1] / tested[:, 0], "test loss, full batch / batch size 2", 2),
    }
    return Evidence(numbers, path_plot(settings, ("batch size 2", "full batch")))


BATCH_SIZE = Claim(
    id="C-02-10",
    lecture="L3 Batch size; L4 (Keskar et al. 2017)",
    statement="Large batches end in sharp minima, which generalise worse",
    condition="A tanh network on 64 noisy samples, learning rate 0.1, 4000 updates with batch size 2 and with all 64, "
    "8 seeds",
    rule="Fails unless the ratio of the largest eigenvalues is above 1 (lower end). Then holds if the ratio of test "
    "losses is above 1 (lower end), else 'holds if'.",
    experiment=_batch_size,
    judge=lambda numbers: _judge_flatness(numbers, "the small batch"),
)

# --- C-02-11 ------------------------------------------------------------------------------------------


def _learning_rate():
    settings = (0.2, SAMPLES), (0.05, SAMPLES)
    sharp, tested = ends(settings)
    numbers = {
        "edge": mean_interval(0.2 * sharp[:, 0], "learning rate 0.2: learning rate x largest eigenvalue", 2),
        "sharp": mean_interval(sharp[:, 1] / sharp[:, 0], "largest eigenvalue, learning rate 0.05 / 0.2", 2),
        "test": mean_interval(tested[:, 1] / tested[:, 0], "test loss, learning rate 0.05 / 0.2", 2),
    }
    return Evidence(numbers, path_plot(settings, ("learning rate 0.2", "learning rate 0.05")))


LEARNING_RATE = Claim(
    id="C-02-11",
    lecture="L3 Learning rate",
    statement="A large learning rate regularises",
    condition="The network of C-02-10, full batch, 4000 updates at learning rates 0.2 and 0.05, 8 seeds",
    rule="Fails unless the ratio of the largest eigenvalues is above 1 (lower end). Then holds if the ratio of test "
    "losses is above 1 (lower end), else 'holds if'.",
    experiment=_learning_rate,
    judge=lambda numbers: _judge_flatness(numbers, "the large learning rate"),
)

MINIMUM_CLAIMS = (BATCH_SIZE, LEARNING_RATE)
