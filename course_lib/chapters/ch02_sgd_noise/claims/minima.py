"""Chapter 2, which minimum: do small batches and large learning rates end in flatter ones, and is flatter better?

Flat is what the largest eigenvalue of the Hessian says. Runs are compared where they have the same training loss: after
the same number of updates a small batch is still in its noise ball, and its test loss is that of the ball.
Sources: Keskar et al. 2017; Cohen et al. 2021 (full batches end where that eigenvalue is 2 / learning rate, if they
get that far).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Plot,
    fails,
    holds,
    mean_interval,
    not_shown,
    partly,
)
from course_lib.data import moons

SAMPLES, WIDTH, BATCH, GOAL = 64, 24, 4, 0.3
CHOOSING, SEEDS = 6, 12
SMALL_RATES, FULL_RATES = (0.045, 0.067, 0.1), (0.067, 0.1, 0.15, 0.22)
LIMIT, EVERY = 5000, 20
SAME_RATE = 0.1


class Moons(NamedTuple):
    """Noisy points of two moons for each seed: ``x (seeds, N, 2)``, targets -1 and 1 ``y (seeds, N)``."""

    x: np.ndarray
    y: np.ndarray


def problems(seeds):
    """``(train, test, thetas (seeds, n))``: 64 and 2000 points, and the start of a tanh network, for each seed."""
    parts = []
    for seed in seeds:
        rng = np.random.default_rng([210, seed])
        train, test = moons(SAMPLES, rng, noise=0.3), moons(2000, rng, noise=0.3)
        scale = np.repeat([2**-0.5, 0.0, WIDTH**-0.5, 0.0], [2 * WIDTH, WIDTH, WIDTH, 1])
        parts.append((train.x, 2.0 * train.y - 1, test.x, 2.0 * test.y - 1, scale * rng.normal(size=4 * WIDTH + 1)))
    x, y, test_x, test_y, thetas = map(np.array, zip(*parts, strict=True))
    return Moons(x, y), Moons(test_x, test_y), thetas


def _forward(theta, x):
    w, b, v, c = np.split(theta, [2 * WIDTH, 3 * WIDTH, 4 * WIDTH], axis=-1)
    hidden = np.tanh(x @ w.reshape(*w.shape[:-1], 2, WIDTH) + b[..., None, :])
    return hidden, v, (hidden @ v[..., None])[..., 0] + c


def loss(theta, data):
    """Mean squared error of the networks ``theta (..., seeds, n)``, ``(..., seeds)``."""
    return np.mean((_forward(theta, data.x)[-1] - data.y) ** 2, axis=-1)


def gradient(theta, data):
    """Its gradient, of the shape of ``theta``."""
    hidden, v, output = _forward(theta, data.x)
    rest = 2 * (output - data.y) / data.y.shape[-1]
    inside = rest[..., None] * v[..., None, :] * (1 - hidden**2)
    d_w = np.swapaxes(data.x, -1, -2) @ inside
    d_v = (rest[..., None, :] @ hidden)[..., 0, :]
    return np.concatenate(
        [d_w.reshape(*theta.shape[:-1], -1), inside.sum(-2), d_v, rest.sum(-1, keepdims=True)], axis=-1
    )


def sharpness(theta, data, rounds=60):
    """Largest eigenvalue of the Hessian of each loss, by power iteration."""
    v = np.random.default_rng(0).normal(size=theta.shape)
    for _ in range(rounds):
        v /= np.linalg.norm(v, axis=-1, keepdims=True)
        product = (gradient(theta + 1e-5 * v, data) - gradient(theta - 1e-5 * v, data)) / 2e-5
        value, v = np.sum(v * product, axis=-1), product
    return value


class Ends(NamedTuple):
    """Where the runs first had a training loss of at most ``GOAL``, each ``(rates, seeds)``; nan if they never had."""

    train: np.ndarray
    test: np.ndarray
    sharp: np.ndarray


def ends(rates, batch_size, seeds):
    """``Ends`` of SGD with each of ``rates`` on the problem of each seed."""
    train, test, thetas = problems(seeds)
    theta = np.broadcast_to(thetas, (len(rates), *thetas.shape)).copy()
    found, rng = Ends(*np.full((3, *theta.shape[:-1]), np.nan)), np.random.default_rng(211)
    step = np.array(rates)[:, None, None]
    with np.errstate(all="ignore"):  # a rate that is too large diverges
        for t in range(LIMIT + 1):
            if t % EVERY == 0:
                now = loss(theta, train)
                there = np.isnan(found.train) & (now <= GOAL)
                if there.any():
                    for part, values in zip(found, (now, loss(theta, test), sharpness(theta, train)), strict=True):
                        part[there] = values[there]
                if not np.isnan(found.train).any():
                    break
            rows = rng.integers(SAMPLES, size=(len(thetas), batch_size))
            whole = batch_size == SAMPLES
            drawn = Moons(np.take_along_axis(train.x, rows[..., None], 1), np.take_along_axis(train.y, rows, 1))
            theta -= step * gradient(theta, train if whole else drawn)
    return found


@lru_cache(maxsize=1)
def measured():
    """``(small, full)``: ``Ends`` of batches of 4 and of all samples; the first ``CHOOSING`` seeds are to choose by."""
    seeds = range(CHOOSING + SEEDS)
    return ends(SMALL_RATES, BATCH, seeds), ends(FULL_RATES, SAMPLES, seeds)


def best(found):
    """The row of the learning rate with the lowest test loss on the choosing seeds; one that fails does not count."""
    return int(np.argmin(np.nan_to_num(found.test[:, :CHOOSING], nan=np.inf).mean(axis=1)))


def reported(found, row):
    """``(train, test, sharp)`` of that row on the other seeds."""
    return (part[row, CHOOSING:] for part in found)


def rate_plot(small, full):
    """Largest eigenvalue against learning rate, both batch sizes, and the limit 2 / learning rate."""
    lines = [
        Line(name, np.array(rates), np.nanmean(found.sharp[:, CHOOSING:], axis=1))
        for name, rates, found in (("batch size 4", SMALL_RATES, small), ("full batch", FULL_RATES, full))
    ]
    limit = Line("2 / learning rate", np.array(FULL_RATES), 2 / np.array(FULL_RATES), theory=True)
    return Plot("learning rate", "largest eigenvalue of the Hessian", (*lines, limit), "xy")


def _ratio(above, below, label):
    both = np.isfinite(above) & np.isfinite(below)
    return mean_interval(above[both] / below[both], label, 3)


# --- C-02-10 ------------------------------------------------------------------------------------------


def _batch_size():
    small, full = measured()
    i, j = best(small), best(full)
    (train, test, sharp), (full_train, full_test, full_sharp) = reported(small, i), reported(full, j)
    same = (
        found.sharp[rates.index(SAME_RATE), CHOOSING:] for rates, found in ((FULL_RATES, full), (SMALL_RATES, small))
    )
    names = f"batch size 4 (learning rate {SMALL_RATES[i]:g})", f"full batch (learning rate {FULL_RATES[j]:g})"
    numbers = {
        "train": _ratio(full_train, train, "training loss, full batch / batch size 4"),
        "small": mean_interval(sharp[np.isfinite(sharp)], f"largest eigenvalue, {names[0]}", 2),
        "large": mean_interval(full_sharp[np.isfinite(full_sharp)], f"largest eigenvalue, {names[1]}", 2),
        "sharp": _ratio(full_sharp, sharp, "largest eigenvalue, full batch / batch size 4"),
        "sharp_same": _ratio(*same, f"the same where both have learning rate {SAME_RATE:g}"),
        "gap": mean_interval((test - train)[np.isfinite(test)], "test loss - training loss, batch size 4", 2),
        "full_gap": mean_interval((full_test - full_train)[np.isfinite(full_test)], "the same, full batch", 2),
        "test": _ratio(full_test, test, "test loss, full batch / batch size 4"),
    }
    return Evidence(numbers, rate_plot(small, full))


def _judge_batch_size(n):
    if not 0.95 < n["train"].value < 1.05:
        return not_shown("the runs are compared at different training losses")
    if n["sharp_same"].upper < 1:
        return fails("even at the same learning rate the full batch ends in a flatter minimum")
    if not n["sharp_same"].lower > 1:
        return not_shown("the intervals of the eigenvalues hold both answers")
    if n["sharp"].lower > 1 and n["test"].lower > 1:
        return holds("at the same training loss the full batch's minimum is sharper, and its test loss higher")
    if n["test"].lower > 0.9 and n["test"].upper < 1.1:
        own = "also" if n["sharp"].lower > 1 else "but not"
        return partly(
            f"at the same learning rate the full batch's minimum is sharper ({own} with its own best rate)",
            "that it generalises worse: at the same training loss test losses are the same within a tenth",
        )
    return not_shown("sharper at the same rate; whether it generalises worse the interval leaves open")


BATCH_SIZE = Claim(
    id="C-02-10",
    lecture="L3 Batch size; L4 (Keskar et al. 2017)",
    statement="Large batches end in sharp minima, which generalise worse",
    condition=f"A tanh network on {SAMPLES} noisy samples, batches of {BATCH} and all samples, each with the best of "
    f"four learning rates, chosen on {CHOOSING} other data sets; compared where the training loss first is {GOAL}; "
    f"{SEEDS} data sets",
    rule="Not shown if the training losses differ by 5 %. At the same learning rate: fails if the ratio of the "
    "largest eigenvalues is below 1 (upper end), not shown if it is not above 1. Where it is: holds if at their own "
    "best rates the ratios of eigenvalues and of test losses are above 1 (lower ends); partly if test losses differ "
    "by less than a tenth (both ends). Else not shown.",
    revised="The first version compared after equally many updates, when the small batch had twice the training "
    "loss of the full one; its test loss was that of a noise ball. The training loss at which runs are compared, the "
    "number of data sets and the rates were settled after runs had been seen: at a loss of 0.28, each at its own best "
    "rate, the interval of the eigenvalues held both answers.",
    experiment=_batch_size,
    judge=_judge_batch_size,
    effects=(Effect("sharp_same", none=1.0, ratio=True), Effect("test", none=1.0, ratio=True)),
)

# --- C-02-11 ------------------------------------------------------------------------------------------


def _learning_rate():
    small, full = measured()
    (train, test, sharp), (low_train, low_test, low_sharp) = reported(full, -1), reported(full, 0)
    high, low = FULL_RATES[-1], FULL_RATES[0]
    numbers = {
        "train": _ratio(low_train, train, f"training loss, learning rate {low:g} / {high:g}"),
        "sharp": _ratio(low_sharp, sharp, "largest eigenvalue, the same ratio"),
        "edge_low": mean_interval(low * low_sharp[np.isfinite(low_sharp)], f"{low:g}: learning rate x eigenvalue", 2),
        "edge_middle": mean_interval(
            FULL_RATES[1] * full.sharp[1, CHOOSING:][np.isfinite(full.sharp[1, CHOOSING:])],
            f"{FULL_RATES[1]:g}: the same",
            2,
        ),
        "edge": mean_interval(high * sharp[np.isfinite(sharp)], f"{high:g}: the same", 2),
        "test": _ratio(low_test, test, f"test loss, learning rate {low:g} / {high:g}"),
    }
    return Evidence(numbers, rate_plot(small, full))


def _judge_learning_rate(n):
    if not 0.95 < n["train"].value < 1.05:
        return not_shown("the runs are compared at different training losses")
    if n["test"].lower > 1:
        return holds("at the same training loss the test loss is lower with the large learning rate")
    if n["test"].upper < 1:
        return fails("the minimum is flatter, but at the same training loss the test loss is higher")
    return not_shown("the minimum is flatter; of the test losses the interval holds both answers")


LEARNING_RATE = Claim(
    id="C-02-11",
    lecture="L3 Learning rate",
    statement="A large learning rate regularises",
    condition=f"The network of C-02-10, full batch, learning rates {FULL_RATES[-1]:g} and {FULL_RATES[0]:g}, "
    f"compared where the training loss first is {GOAL}; {SEEDS} data sets",
    rule="Not shown if the training losses differ by 5 %. Holds if the ratio of test losses, small rate over large, is "
    "above 1 (lower end), fails if it is below (upper end), else not shown.",
    revised="The first version compared after equally many updates, at different training losses, and took a flatter "
    "minimum for half of the answer. Training loss, data sets and rates were settled after runs had been seen.",
    experiment=_learning_rate,
    judge=_judge_learning_rate,
    effects=(Effect("test", none=1.0, ratio=True),),
)

MINIMUM_CLAIMS = (BATCH_SIZE, LEARNING_RATE)
