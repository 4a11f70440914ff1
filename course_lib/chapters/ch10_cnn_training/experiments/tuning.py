"""Finding a learning rate and other hyperparameters: the range test, and random against grid search.

Sources: Smith 2017 raises the rate linearly over epochs and reads the accuracy; growing it from batch to batch by the
same factor, and taking the steepest place, is practice after that paper (Gugger, Howard 2018).
Bergstra and Bengio 2012 (random search); L1 "Parameter Tuning (Alchemy?)".
"""

import copy
import math
from dataclasses import replace
from itertools import chain, islice, repeat
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.chapters.ch10_cnn_training.experiments.hardware import layout, native_settings
from course_lib.chapters.ch10_cnn_training.experiments.settings import Settings
from course_lib.chapters.ch10_cnn_training.experiments.training import make_step, train_network
from course_lib.devices import pick_device
from course_lib.validation import count, in_range, positive

DIVERGED = 4.0  # times the smallest loss so far


class RangeTest(NamedTuple):
    """``losses[k]`` was measured before the step with ``learning_rates[k]``.

    Attributes:
        smooth: the finite losses, smoothed.
        best: where ``smooth`` falls most steeply on the way to its lowest place.
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    smooth: np.ndarray
    best: float


def geometric_rates(lowest, highest, num_steps):
    """Learning rates from ``lowest`` to ``highest``, each the same multiple of the one before.

    eta_k = lowest * (highest / lowest)^(k / (K - 1)),   k = 0, ..., K - 1    (10.4)
    """
    positive("lowest", lowest)
    count("num_steps", num_steps, 2)
    if not lowest < highest < math.inf:
        raise ValueError(f"highest must be a number larger than lowest = {lowest}, but it is {highest}.")
    return lowest * (highest / lowest) ** (np.arange(num_steps) / (num_steps - 1))  # (10.4)


def smoothed(values, width=7):
    """Mean over ``width`` neighbours (fewer at the ends)."""
    values, half = np.asarray(values, dtype=float), width // 2
    return np.array([values[max(i - half, 0) : i + half + 1].mean() for i in range(len(values))])


def steepest(learning_rates, losses):
    """The learning rate whose step lowered the loss most, of those before the lowest loss.

        best = eta_k*,   k* = argmin over k < l of (L_{k+1} - L_k),   l = argmin_k L_k    (10.5)

    What comes after the lowest loss does not count: where a loss has jumped up, its way down is the steepest of all.
    The rates are equally spaced on a logarithmic scale, so that this is the steepest descent on that scale. If the
    loss is lowest at once, no rate has lowered it, and the first one is returned.
    """
    lowest = int(np.argmin(losses))
    return float(learning_rates[int(np.argmin(np.diff(losses[: lowest + 1])))]) if lowest else float(learning_rates[0])


def range_test(network, images, settings=None, lowest=1e-5, highest=10.0, num_steps=100, device=None, say=print):
    """Raise the learning rate from step to step and watch the loss; ``network`` is left as it was.

    Steps are those of ``train_network``: optimizer, precision, memory order and compilation are as ``settings`` ask.
    Stops when a loss is no number, or above four times the smallest one so far.

    Returns:
        ``RangeTest``; ``best`` belongs to the smoothed losses.
    """
    device = device or pick_device()
    settings = native_settings(settings or Settings(), device, say)
    rates, losses = geometric_rates(lowest, highest, num_steps), []
    trial = copy.deepcopy(network).to(device, **layout(settings.channels_last)).train()
    last, augment = settings.channels_last, settings.augment
    batches = Batches(images.train, settings.batch_size, device, settings.seed, last, augment=augment, say=say)
    step = make_step(trial, batches, settings, say)
    for rate, (x, y) in zip(rates, islice(chain.from_iterable(repeat(batches)), num_steps), strict=True):
        losses.append(float(step(x, y, rate)[0]))
        if not losses[-1] <= DIVERGED * min(losses):  # nan, too
            break
    return _range_test(rates[: len(losses)], np.array(losses))


def _range_test(rates, losses):
    finite = np.isfinite(losses)
    if not finite.any():
        raise ValueError("No loss of the range test is a number: take a smaller lowest rate, or mend the network.")
    smooth = smoothed(losses[finite])
    return RangeTest(rates, losses, smooth, steepest(rates[finite], smooth))


# --- Search --------------------------------------------------------------------------------------------


class Trial(NamedTuple):
    """One point of a search: ``values`` of the hyperparameters, ``accuracy`` on the validation images, ``network``."""

    values: dict
    accuracy: float
    network: object = None


def hits_best_share(num_trials, share):
    """Probability that at least one of ``num_trials`` random trials lies in the best ``share`` of the space.

    p = 1 - (1 - share)^n    (10.6)
    """
    count("num_trials", num_trials)
    in_range("share", share, 0, 1)
    return 1 - (1 - share) ** num_trials  # (10.6)


def grid_points(ranges, side, rng=None):
    """``side`` ^ len(ranges) combinations, a few values of every hyperparameter, equally spaced on a logarithmic scale.

    Args:
        ranges: ``{name: (lowest, highest)}``, positive numbers.
        side: values of each hyperparameter.
        rng: shifts the whole grid by a random part of its spacing; left out, it sits in the middle.
    """
    shifts = np.full(len(ranges), 0.5) if rng is None else rng.uniform(size=len(ranges))
    axes = [
        low * (high / low) ** ((np.arange(side) + shift) / side)
        for (low, high), shift in zip(ranges.values(), shifts, strict=True)
    ]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    return [dict(zip(ranges, map(float, point), strict=True)) for point in grid]


def random_points(ranges, number, rng):
    """``number`` combinations, every hyperparameter drawn anew for each, uniformly on a logarithmic scale."""
    return [
        {name: float(low * (high / low) ** rng.uniform()) for name, (low, high) in ranges.items()}
        for _ in range(number)
    ]


def search(make_network, images, points, settings, device=None, on_trial=None):
    """Train a fresh network at every point and return the ``Trial``s in the same order.

    Args:
        make_network: ``() -> nn.Module``.
        points: dicts of fields of ``Settings``, from ``grid_points`` or ``random_points``.
        on_trial: called as ``on_trial(trials)`` after each.
    """
    trials = []
    for values in points:
        network = make_network()
        history = train_network(network, images, replace(settings, **values), device)
        trials.append(Trial(values, history.accuracy, network))
        if on_trial:
            on_trial(trials)
    return trials
