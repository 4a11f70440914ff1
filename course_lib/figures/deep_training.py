"""Training deep networks on the digits from different first weights: the runs, and their pictures."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.data import digits
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.layers import CrossEntropy
from course_lib.network import NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import train
from course_lib.signal_propagation import INITIALIZERS, deep_network

BATCH_SIZE = 64
NUM_TRAINING = 1000
NUM_SEEDS = 2
CHANCE = np.log(10)  # the loss of guessing among ten classes


class Data(NamedTuple):
    """Digits with E[x^2] = 1 over all pixels, and mean 0: what theory assumes of the input."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@lru_cache(maxsize=1)
def data():
    """1 000 digits to train on, 797 to test."""
    dataset = digits(flat=True)
    order = np.random.default_rng(0).permutation(len(dataset.x))
    x, y = np.asarray(dataset.x, dtype=float)[order], np.asarray(dataset.y)[order]
    x = x - x[:NUM_TRAINING].mean(axis=0)
    x = x / np.sqrt(np.mean(x[:NUM_TRAINING] ** 2))
    return Data(x[:NUM_TRAINING], y[:NUM_TRAINING], x[NUM_TRAINING:], y[NUM_TRAINING:])


class Run(NamedTuple):
    """Training loss and test accuracy after each epoch, ``(num_epochs + 1,)``, epoch 0 first."""

    losses: np.ndarray
    accuracies: np.ndarray


def run(initializer, depth, activation="relu", width=32, learning_rate=0.1, num_epochs=8, seed=0, tell=None):
    """Train a network of ``depth`` hidden layers with plain SGD and return its ``Run``.

    Args:
        initializer: a name in ``INITIALIZERS``, or ``(fan_in, fan_out, rng) -> weights``.
        depth, width: hidden layers, and units of each.
        seed: of the first weights and of the order of the samples.
        tell: called with the ``Run`` so far after each epoch.
    """
    digits_, rng, loss = data(), np.random.default_rng(seed), CrossEntropy()
    draw = INITIALIZERS.get(initializer, initializer)
    network = deep_network([64, *[width] * depth, 10], activation, rng, draw)
    objective = NetworkLoss(network, digits_.x, digits_.y, loss, batch_size=BATCH_SIZE)
    losses, accuracies = [], []

    def evaluate(epoch, theta):
        with np.errstate(over="ignore", invalid="ignore"):
            losses.append(float(objective.value(theta)))
            scores = network.forward(digits_.x_test)
        right = np.mean(np.argmax(scores, axis=1) == digits_.y_test) if np.isfinite(scores).all() else 0.1
        accuracies.append(float(right))
        if tell:
            tell(Run(np.array(losses), np.array(accuracies)))
        return {"stop": not np.isfinite(losses[-1])}

    train(objective, SGD(learning_rate), network.theta.copy(), num_epochs, rng, evaluate=evaluate)
    missing = num_epochs + 1 - len(losses)  # a run that diverged stays where it is
    return Run(np.array(losses + [np.inf] * missing), np.array(accuracies + [0.1] * missing))


class Picture:
    """The artists of the figure; ``move`` sets them."""

    def __init__(self, initializers, num_epochs):
        self.figure, (loss, right) = new_figure(10.5, 4.3, ncols=2)
        loss.set(xlim=(0, num_epochs), ylim=(0, 3), xlabel="epoch", ylabel="training loss")
        loss.axhline(CHANCE, color="black", lw=1, ls=":", label="guessing")
        right.set(xlim=(0, num_epochs), ylim=(0, 100), xlabel="epoch", ylabel="right on the test digits, %")
        right.axhline(10, color="black", lw=1, ls=":")
        self.lines = {}
        for name in initializers:
            style = line_style(list(INITIALIZERS).index(name))
            look = {"color": style.color, "ls": style.dashes, "marker": style.marker, "ms": 5}
            self.lines[name] = [(loss.plot([], [], label=name, **look)[0], right.plot([], [], **look)[0])]
            self.lines[name] += [
                (loss.plot([], [], lw=1, alpha=0.6, **look)[0], right.plot([], [], lw=1, alpha=0.6, **look)[0])
                for _ in range(NUM_SEEDS - 1)
            ]
        outside_legend(self.figure, loss)
        self.moving = [line for pairs in self.lines.values() for pair in pairs for line in pair]

    def move(self, found):
        """Show ``{name: [Run, ...]}``."""
        for name, pairs in self.lines.items():
            runs = found.get(name, [])
            for index, (loss, right) in enumerate(pairs):
                one = runs[index] if index < len(runs) else Run(np.zeros(0), np.zeros(0))
                epochs = np.arange(len(one.losses))
                loss.set_data(epochs, np.minimum(np.nan_to_num(one.losses, nan=9.0, posinf=9.0), 9.0))
                right.set_data(epochs, 100 * one.accuracies)


def training_text(found, activation, depth, learning_rate):
    """The finding: the accuracy that each initialiser reaches, mean over the seeds that have run."""
    ends = [
        f"{name} {100 * np.mean([one.accuracies[-1] for one in runs]):.0f} %" for name, runs in found.items() if runs
    ]
    if not ends:
        return "Training has not reported yet."
    num_epochs = max(len(one.losses) for runs in found.values() for one in runs) - 1
    return (
        f"{depth} hidden layer{'s' * (depth > 1)} of 32 {activation} units, learning rate {learning_rate:.3g}: right "
        f"on the test digits after {num_epochs} epochs: {', '.join(ends)} (guessing: 10 %)."
    )
