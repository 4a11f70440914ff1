"""Long trainings of chapter 6, stored beside its claims: He's variance against 1/n, each at its own best rate."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.deep_training import run

RATES = (0.0296, 0.0444, 0.0667, 0.1, 0.15, 0.225, 0.338)  # each 1.5 times the one before
DRAWS = {"He": "He", "1/n": "normal, 1/√n (LeCun)"}
CASES = ((2, 6), (8, 6), (8, 20))  # hidden layers, epochs


def own_rates(seeds=range(10), tuning_seeds=range(100, 103), rates=RATES, cases=CASES):
    """Test accuracy from both draws; the rate has the lowest mean training loss on the tuning seeds.

    Returns ``{"8 layers, 6 epochs": {draw: {"rate": ..., "accuracy": [one a seed], "loss": [one a seed]}}}``.
    """
    return {
        f"{depth} layers, {num_epochs} epochs": {
            draw: _at_own_rate(name, depth, num_epochs, seeds, tuning_seeds, rates) for draw, name in DRAWS.items()
        }
        for depth, num_epochs in cases
    }


def _at_own_rate(name, depth, num_epochs, seeds, tuning_seeds, rates):
    def trained(rate, seed):
        return run(name, depth, learning_rate=rate, num_epochs=num_epochs, seed=seed)

    losses = [np.mean([trained(rate, seed).losses[-1] for seed in tuning_seeds]) for rate in rates]
    best = rates[int(np.argmin(losses))]
    runs = [trained(best, seed) for seed in seeds]
    return {
        "rate": best,
        "accuracy": [found.accuracies[-1] for found in runs],
        "loss": [found.losses[-1] for found in runs],
    }


EXPERIMENTS = {"own_rates": own_rates}
