"""Finding a learning rate and other knobs: the range test, and random against grid search.

Sources: Smith 2017 (range test); Bergstra and Bengio 2012 (random search); L1 "Parameter Tuning (Alchemy?)".
"""

import copy
import math
from dataclasses import replace
from itertools import chain, islice, repeat
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.chapters.ch10_cnn_training.experiments.training import Settings, make_optimizer, train_network
from course_lib.devices import pick_device, require_torch
from course_lib.torch_nets import seeded
from course_lib.validation import count, in_range, positive

DIVERGED = 4.0  # times the smallest loss so far


class RangeTest(NamedTuple):
    """``losses[k]`` was measured before the step with ``learning_rates[k]``; ``best``: where they fall most steeply."""

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


def steepest(learning_rates, losses):
    """The learning rate whose step lowered the loss most.

        best = eta_k*,   k* = argmin_k (loss_{k+1} - loss_k)    (10.5)

    The rates are equally spaced on a logarithmic scale, so that this is the steepest descent on that scale.
    """
    return float(learning_rates[int(np.argmin(np.diff(losses)))])  # (10.5)


def smoothed(values, width=7):
    """Mean over ``width`` neighbours (fewer at the ends)."""
    values, half = np.asarray(values, dtype=float), width // 2
    return np.array([values[max(i - half, 0) : i + half + 1].mean() for i in range(len(values))])


def range_test(network, images, settings=None, lowest=1e-5, highest=10.0, num_steps=100, device=None):
    """Raise the learning rate from step to step and watch the loss; ``network`` is left as it was.

    Stops when a loss is no number, or above four times the smallest one so far.

    Returns:
        ``RangeTest``; ``best`` belongs to the smoothed losses.
    """
    torch = require_torch()
    settings, device = settings or Settings(), device or pick_device()
    rates, losses = geometric_rates(lowest, highest, num_steps), []
    trial = copy.deepcopy(network).to(device).train()
    optimizer = make_optimizer(trial, settings)
    batches = Batches(images.train, settings.batch_size, device, settings.seed)
    with seeded(settings.seed, device):
        for rate, (x, y) in zip(rates, islice(chain.from_iterable(repeat(batches)), num_steps), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(trial(x), y)
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
            if not losses[-1] <= DIVERGED * min(losses):  # nan, too
                break
    losses = np.array(losses)
    finite = np.isfinite(losses)
    smooth = smoothed(losses[finite])
    rates = rates[: len(losses)]
    return RangeTest(rates, losses, smooth, steepest(rates[finite], smooth))


# --- Search --------------------------------------------------------------------------------------------


class Trial(NamedTuple):
    """One point of a search: ``values`` of the knobs, ``accuracy`` on the images that were kept for choosing."""

    values: dict
    accuracy: float


def hits_best_share(num_trials, share):
    """Probability that at least one of ``num_trials`` random trials lies in the best ``share`` of the space.

    p = 1 - (1 - share)^n    (10.6)
    """
    count("num_trials", num_trials)
    in_range("share", share, 0, 1)
    return 1 - (1 - share) ** num_trials  # (10.6)


def grid_points(ranges, side, rng=None):
    """``side`` ^ len(ranges) combinations, the same few values of every knob, equally spaced on a logarithmic scale.

    Args:
        ranges: ``{name: (lowest, highest)}``, positive numbers.
        side: values of each knob.
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
    """``number`` combinations, every knob drawn anew for each, uniformly on a logarithmic scale."""
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
        history = train_network(make_network(), images, replace(settings, **values), device)
        trials.append(Trial(values, history.accuracy))
        if on_trial:
            on_trial(trials)
    return trials
