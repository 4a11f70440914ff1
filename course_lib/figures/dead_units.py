"""ReLU units that die while a network learns the digits, and its loss."""

from typing import NamedTuple

import numpy as np

from course_lib.figures.deep_training import BATCH_SIZE, data
from course_lib.figures.style import PALETTE, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.initializers import he_normal
from course_lib.layers import CrossEntropy, LeakyReLU, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import train
from course_lib.signal_propagation import is_dead

WIDTH, NUM_EPOCHS = 40, 12
LAYERS = {"relu": ReLU, "prelu": lambda: LeakyReLU(0.25)}


class Census(NamedTuple):
    """After each epoch, 0 first: ``losses``, and the share of dead units of both hidden layers ``(epochs, 2)``."""

    losses: np.ndarray
    dead: np.ndarray


def census(learning_rate, bias, activation="relu", seed=0, num_epochs=NUM_EPOCHS, tell=None):
    """Train 64-40-40-10 on the digits with plain SGD, count the dead units after each epoch.

    Args:
        bias: of all hidden units before training.
        tell: called with the ``Census`` so far after each epoch.
    """
    digits, rng = data(), np.random.default_rng(seed)
    network = Network(
        Linear(64, WIDTH, rng, he_normal),
        LAYERS[activation](),
        Linear(WIDTH, WIDTH, rng, he_normal),
        LAYERS[activation](),
        Linear(WIDTH, 10, rng, he_normal),
    )
    for layer in (network.layers[0], network.layers[2]):
        layer.params["bias"][:] = bias
    objective = NetworkLoss(network, digits.x, digits.y, CrossEntropy(), batch_size=BATCH_SIZE)
    losses, dead = [], []

    def evaluate(epoch, theta):
        network.theta = theta
        x, shares = digits.x, []
        with np.errstate(over="ignore", invalid="ignore"):
            for first in (0, 2):
                z = network.layers[first].forward(x)
                x = network.layers[first + 1].forward(z)
                shares.append(np.mean(is_dead(z)) if np.isfinite(z).all() else np.nan)
            losses.append(float(CrossEntropy().forward(network.layers[4].forward(x), digits.y)))
        dead.append(shares)
        if tell:
            tell(Census(np.array(losses), np.array(dead)))
        return {"stop": not np.isfinite(losses[-1])}

    train(objective, SGD(learning_rate), network.theta.copy(), num_epochs, rng, evaluate=evaluate)
    return Census(np.array(losses), np.array(dead))


class Picture:
    """The artists of the figure; ``move`` sets them."""

    def __init__(self):
        self.figure, (loss, dead) = new_figure(10.5, 4.2, ncols=2)
        loss.set(xlim=(0, NUM_EPOCHS), ylim=(1e-3, 30), yscale="log", xlabel="epoch", ylabel="loss on the 1 000 digits")
        loss.axhline(np.log(10), color="black", lw=1, ls=":", label="guessing")
        dead.set(xlim=(0, NUM_EPOCHS), ylim=(-3, 103), xlabel="epoch", ylabel="dead units, %")
        for ax in (loss, dead):
            ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        (self.loss,) = loss.plot([], [], "-o", color=PALETTE[0], ms=6, label="loss")
        (first,) = dead.plot([], [], "-s", color=PALETTE[1], ms=6, label="dead in hidden layer 1")
        (second,) = dead.plot([], [], "--^", color=PALETTE[2], ms=7, label="dead in hidden layer 2")
        outside_legend(self.figure, loss, dead)
        self.dead = (first, second)
        self.moving = [self.loss, first, second]

    def move(self, found):
        """Show a ``Census``, or nothing for ``None``."""
        losses, dead = (np.zeros(0), np.zeros((0, 2))) if found is None else found
        epochs = np.arange(len(losses))
        self.loss.set_data(epochs, np.clip(np.nan_to_num(losses, nan=1e3), 1e-3, 30))
        for line, column in zip(self.dead, dead.T, strict=True):
            line.set_data(epochs, 100 * column)


def dead_text(found, learning_rate, bias, activation):
    """The finding: how many units are dead at the end, and the loss."""
    if found is None:
        return "Training has not reported yet."
    before, after = (100 * found.dead[k].mean() for k in (0, -1))
    start = (
        f"{activation}, learning rate {learning_rate:.3g}, first bias {bias:.3g}: {before:.0f} % of the hidden units"
    )
    if not np.isfinite(found.losses[-1]):
        return f"{start} are dead before training, which diverges in epoch {len(found.losses) - 1}."
    return (
        f"{start} are dead before training, {after:.0f} % after {len(found.losses) - 1} epochs; the loss goes from "
        f"{found.losses[0]:.2g} to {found.losses[-1]:.2g} (guessing: 2.3)."
    )
