"""ReLU units that die while a network learns the digits, and its loss."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.dead_units import NUM_EPOCHS
from course_lib.chapters.ch06_initialisation.experiments.signals import in_words
from course_lib.figures.style import PALETTE, new_figure
from course_lib.figures.surface import outside_legend


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
        f"{in_words(activation)}, learning rate {learning_rate:.3g}, first bias {bias:.3g}: {before:.0f} % of the "
        "hidden units"
    )
    if not np.isfinite(found.losses[-1]):
        return f"{start} are dead before training, which diverges in epoch {len(found.losses) - 1}."
    return (
        f"{start} are dead before training, {after:.0f} % after {len(found.losses) - 1} epochs; the loss goes from "
        f"{found.losses[0]:.2g} to {found.losses[-1]:.2g} (guessing: 2.3)."
    )
