"""Training deep networks on the digits from different first weights: the runs, and their pictures."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.deep_training import Run
from course_lib.chapters.ch06_initialisation.experiments.signals import INITIALIZERS, in_words
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend

NUM_SEEDS = 2
CHANCE = np.log(10)  # the loss of guessing among ten classes


class Picture:
    """The artists of the figure; ``move`` sets them."""

    def __init__(self, initializers, num_epochs):
        self.figure, (loss, right) = new_figure(10.5, 4.3, ncols=2)
        loss.set(
            xlim=(0, num_epochs), ylim=(0, 3), xlabel="epoch", ylabel="training loss", title="Thin lines: another seed"
        )
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
        f"{depth} hidden layer{'s' * (depth > 1)} of 32 {in_words(activation)} units, learning rate "
        f"{learning_rate:.3g}: right on the test digits after {num_epochs} epochs: {', '.join(ends)} (guessing: 10 %)."
    )
