"""Trainings of chapter 9, stored beside its claims: pooling, average and stride on digits that are moved.

Every arm trains at its own best learning rate, chosen on validation digits in place and on other seeds than those that
are reported.
"""

from typing import NamedTuple

import numpy as np

from course_lib.data import digits
from course_lib.layers import AvgPool2d, Conv2d, CrossEntropy, Flatten, Linear, MaxPool2d, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import Adam
from course_lib.run import train

ARMS = ("max", "average", "stride 2", "max, shifted training")
SHIFTS = (0, 1, 2)
SEEDS, TUNING_SEEDS = range(10), range(100, 105)
EXAMPLES, EPOCHS = 600, 8
FACTOR = 1.5  # between the rates of the grid
RATES = tuple(float(f"{0.001 * FACTOR**k:.3g}") for k in range(12))  # 0.001 to 0.0865


def canvas():
    """The digits in the middle of 12 x 12 pixels, their labels: ``(1797, 1, 12, 12)``, ``(1797,)``."""
    data = digits()
    return np.pad(data.x, ((0, 0), (0, 0), (2, 2), (2, 2))), data.y


def small_network(arm, rng):
    """Eight kernels 3 x 3, then pooling to 5 x 5 (or stride 2 in its place), then one dense layer."""
    if arm == "stride 2":
        body = [Conv2d(1, 8, 3, rng, stride=2), ReLU()]
    else:
        body = [Conv2d(1, 8, 3, rng), ReLU(), AvgPool2d(2) if arm == "average" else MaxPool2d(2)]
    return Network(*body, Flatten(), Linear(200, 10, rng))


def shifted(x, pixels):
    """x moved by ``pixels`` to the four sides, one after the other: ``(4, ...)``; the border is empty enough."""
    return np.stack([np.roll(x, (down, right), axis=(2, 3)) for down, right in _sides(pixels)])


def _sides(pixels):
    return (0, pixels), (0, -pixels), (pixels, 0), (-pixels, 0)


class Trained(NamedTuple):
    """A trained network and the digits that it has not seen: ``EXAMPLES`` to test on, the others to choose on."""

    network: Network
    x: np.ndarray
    labels: np.ndarray

    def accuracy(self, pixels=0):
        """Share of the test digits that are read right when they are moved, mean over four sides."""
        return self._share(shifted(self.x[:EXAMPLES], pixels), self.labels[:EXAMPLES])

    def chosen_by(self):
        """Share of the validation digits, in place."""
        return self._share(self.x[None, EXAMPLES:], self.labels[EXAMPLES:])

    def _share(self, moved, labels):
        return float(np.mean([self.network.forward(x).argmax(axis=1) == labels for x in moved]))


def trained(arm, rate, seed, num_epochs=EPOCHS):
    """One run of Adam; split, initial weights and order come from ``seed``, whatever the arm and rate."""
    rng = np.random.default_rng([seed, 93])
    x, labels = canvas()
    order = rng.permutation(len(x))
    known, new = order[:EXAMPLES], order[EXAMPLES:]
    x_train = _moved_at_random(x[known], rng) if arm == "max, shifted training" else x[known]
    network = small_network(arm, rng)
    loss = NetworkLoss(network, x_train, np.eye(10)[labels[known]], CrossEntropy(), batch_size=50)
    network.theta = train(loss, Adam(rate), network.theta.copy(), num_epochs, rng).theta
    return Trained(network, x[new], labels[new])


def _moved_at_random(x, rng):
    turns = rng.integers(-1, 2, size=(len(x), 2)).tolist()
    return np.stack([np.roll(one, tuple(turn), axis=(1, 2)) for one, turn in zip(x, turns, strict=True)])


def moved_digits(seeds=SEEDS, tuning_seeds=TUNING_SEEDS, rates=RATES, arms=ARMS, num_epochs=EPOCHS):
    """``{arm: {"rate": chosen on tuning_seeds, "accuracy": [[one for each of SHIFTS] a seed]}}``."""
    return {arm: _at_own_rate(arm, seeds, tuning_seeds, rates, num_epochs) for arm in arms}


def _at_own_rate(arm, seeds, tuning_seeds, rates, num_epochs):
    best = max(rates, key=lambda rate: np.mean([trained(arm, rate, s, num_epochs).chosen_by() for s in tuning_seeds]))
    runs = [trained(arm, best, seed, num_epochs) for seed in seeds]
    return {"rate": best, "accuracy": [[run.accuracy(pixels) for pixels in SHIFTS] for run in runs]}


EXPERIMENTS = {"moved_digits": moved_digits}
