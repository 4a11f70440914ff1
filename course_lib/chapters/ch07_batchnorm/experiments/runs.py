"""Long trainings of chapter 7, stored beside its claims: landscapes, shifts, rates that learn, and placement."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.experiments.nets import (
    DISTANCES,
    accuracy,
    landscape_run,
    shift_run,
    train_digits,
)

PLAIN, NORMED, NOISY = "none", "batch norm", "noisy batch norm"
FACTOR = 1.5  # between the rates of a grid
RATES = tuple(float(f"{0.0444 * FACTOR**k:.3g}") for k in range(14))  # 0.0444 to 8.64
OWN_RATES = RATES[:8]  # up to 0.759
SEEDS, TUNING_SEEDS = range(10), range(100, 103)


def landscapes(seeds=SEEDS):
    """Medians over a run: spread of the losses ahead, change of the gradient 4 rates away, and 0.005 away.

    Returns ``{norm: {"spread": [one a seed], "change": ..., "local": ..., "curve": [one a distance]}}``; without the
    first steps, which are about the output layer.
    """
    found, quarter = {}, DISTANCES.index(0.25)
    for norm in (PLAIN, NORMED):
        runs = [landscape_run(norm, 0.1, seed=seed) for seed in seeds]
        near = [landscape_run(norm, 0.02, num_steps=40, seed=seed) for seed in seeds]
        found[norm] = {
            "spread": [np.median(run.spread[3:]) for run in runs],
            "change": [np.median(run.changes[3:, -1]) for run in runs],
            "local": [np.median(run.changes[3:, quarter]) for run in near],
            "curve": np.mean([np.median(run.changes[3:], axis=0) for run in runs], axis=0),
        }
    return found


def shifts(seeds=SEEDS, tuning_seeds=range(100, 105), rates=RATES[:11]):
    """Shift a step at the rate 0.1, and the loss of each net at its own best rate, chosen on the tuning seeds.

    Returns ``{norm: {"shift": [one a seed], "curve": [one a probed step], "rate": ..., "loss": [one a seed]}}``.
    """
    found = {}
    for norm in (PLAIN, NORMED, NOISY):
        moved = [shift_run(norm, seed=seed)[1] for seed in seeds]
        found[norm] = {
            "shift": [np.median(steps) for steps in moved],
            "curve": np.mean(moved, axis=0),
            **_at_own_rate(norm, seeds, tuning_seeds, rates),
        }
    return found


def large_steps(seeds=SEEDS, rates=RATES):
    """Loss of the last 40 of 120 steps in ten layers: ``{"rates": ..., "none": [[one a rate] a seed], ...}``."""
    return {
        "rates": list(rates),
        **{
            norm: [[train_digits(norm, rate, 120, seed=seed).final for rate in rates] for seed in seeds]
            for norm in (PLAIN, NORMED)
        },
    }


def placement(seeds=SEEDS, tuning_seeds=TUNING_SEEDS, rates=RATES[2:9], depths=(4, 10)):
    """Batch normalisation before and behind the activation, each at its own best rate.

    Returns ``{"4 layers": {"before": {"rate": ..., "loss": [one a seed], "accuracy": ...}, "behind": ...}, ...}``.
    """
    return {
        f"{depth} layers": {
            place: _at_own_rate(NORMED, seeds, tuning_seeds, rates, depth=depth, before=before)
            for place, before in (("before", True), ("behind", False))
        }
        for depth in depths
    }


def _at_own_rate(norm, seeds, tuning_seeds, rates, **net):
    """Loss and test accuracy after 120 steps at the rate with the lowest mean training loss on the tuning seeds."""

    def trained(rate, seed):
        return train_digits(norm, rate, 120, seed=seed, **net)

    best = min(rates, key=lambda rate: np.mean([trained(rate, seed).final for seed in tuning_seeds]))
    runs = [trained(best, seed) for seed in seeds]
    return {
        "rate": best,
        "loss": [run.final for run in runs],
        "accuracy": [accuracy(run.network, run.theta) for run in runs],
    }


EXPERIMENTS = {"landscapes": landscapes, "shifts": shifts, "large_steps": large_steps, "placement": placement}
