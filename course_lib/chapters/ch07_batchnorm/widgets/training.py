"""Chapter 7's figures that train nets: the loss ahead of a step, and normalisers against the batch size."""

import numpy as np
import traitlets

from course_lib.chapters.ch07_batchnorm.experiments import accuracy, deep_net, descent, digits_loss, landscape_run
from course_lib.chapters.ch07_batchnorm.figures.batch_size import RACED, draw_race, move_race, race_text
from course_lib.chapters.ch07_batchnorm.figures.loss_ahead import (
    PAIR,
    ahead_text,
    draw_ahead,
    draw_training,
    move_ahead,
    move_training,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.controls import Menu, Progress, Slider

LANDSCAPE_STEPS, EVERY = 100, 4
RACE_STEPS = 240
LEARNING_RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def _choice(name, value, known):
    if value not in known:
        raise ValueError(f"There is no {name} {value!r}: choose one of {', '.join(map(str, known))}.")


class LossAhead(BackgroundFigure):
    """Two nets trained side by side, and what lies ahead of each step; make it with ``loss_ahead``.

    Attributes:
        step: the step whose way ahead is shown, 0 to 96.
        learning_rate: of both nets, one of ``LEARNING_RATES``.
        depth: number of hidden layers, 2, 4, 6 or 10.
    """

    step = traitlets.Int(40).tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)
    depth = traitlets.Int(10).tag(sync=True)

    def controls(self):
        return (
            Slider("step", "Step", tuple(range(0, LANDSCAPE_STEPS, EVERY))),
            Menu("learning_rate", "Learning rate", tuple((rate, f"{rate:g}") for rate in LEARNING_RATES)),
            Menu("depth", "Hidden layers", tuple((depth, str(depth)) for depth in (2, 4, 6, 10))),
            Progress(label="Training both nets"),
        )

    def check(self):
        if not 0 <= self.step < LANDSCAPE_STEPS:
            raise ValueError(f"The runs have steps 0 to {LANDSCAPE_STEPS - 1}, but step is {self.step}.")
        _choice("learning rate", self.learning_rate, LEARNING_RATES)
        _choice("depth", self.depth, (2, 4, 6, 10))

    def settings(self):
        return self.learning_rate, self.depth

    def work(self, settings, report, stopped):
        learning_rate, depth = settings
        runs = {}
        for number, norm in enumerate(PAIR):
            runs[norm] = landscape_run(
                norm, learning_rate, depth, LANDSCAPE_STEPS, EVERY, report=_share(report, runs, number)
            )
        return runs

    def build(self):
        figure, (training, *ahead) = new_figure(11, 4.2, ncols=3, width_ratios=(1.4, 1, 1))
        self.training, self.ahead = draw_training(training, LANDSCAPE_STEPS), draw_ahead(ahead)
        training.set_title("Line: loss. Band: losses ahead", fontsize=14)
        outside_legend(figure, training)
        lines, cursor = self.training
        moving = [artist for pair in lines.values() for artist in pair]
        return figure, [*moving, cursor, *(line for pair in self.ahead.values() for line in pair)]

    def update(self):
        runs = self.payload
        if not runs or len(runs) < len(PAIR):
            return f"{self.depth} hidden layers, learning rate {self.learning_rate:g}: both nets are being trained."
        move_training(self.training, runs, self.step)
        move_ahead(self.ahead, runs, self.step // EVERY)
        return ahead_text(runs, self.step // EVERY, self.learning_rate, self.depth)


def _share(report, runs, number):
    """Progress of run ``number`` as progress of the whole."""
    return lambda done: report(dict(runs), (number + done) / len(PAIR))


def loss_ahead(**values):
    """Return the live landscape: the loss along each step of training, with and without batch normalisation.

    Both nets have the same weights at the start and see the same batches of 64 digits. The band shows the
    smallest and largest loss from no step to four learning rates ahead.

    Args:
        **values: attributes of ``LossAhead``.

    Raises:
        ValueError: a value that is not there.
    """
    return LossAhead(**values)


class BatchSizeRace(BackgroundFigure):
    """Batch, group and layer normalisation at one batch size; make it with ``batch_size_race``.

    Attributes:
        batch_size: one of 1, 2, 4, 8, 16, 32, 64.
        learning_rate: one of ``LEARNING_RATES``.
        seed: of weights and batches.
    """

    batch_size = traitlets.Int(64).tag(sync=True)
    learning_rate = traitlets.Float(0.05).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)

    def controls(self):
        return (
            Slider("batch_size", "Batch size", (1, 2, 4, 8, 16, 32, 64)),
            Menu("learning_rate", "Learning rate", tuple((rate, f"{rate:g}") for rate in LEARNING_RATES)),
            Slider("seed", "Seed", tuple(range(5))),
            Progress(label="Training three nets"),
        )

    def check(self):
        if not 1 <= self.batch_size <= 1400:
            raise ValueError(f"There are 1400 training digits, but the batch size is {self.batch_size}.")
        if not 0 <= self.seed <= 10**6:
            raise ValueError(f"The seed must be a whole number from 0 to a million, but it is {self.seed}.")
        _choice("learning rate", self.learning_rate, LEARNING_RATES)

    def settings(self):
        return self.batch_size, self.learning_rate, self.seed

    def work(self, settings, report, stopped):
        batch_size, learning_rate, seed = settings
        losses = {norm: digits_loss(deep_net(norm, depth=3, seed=seed), batch_size) for norm in RACED}
        runs = {norm: descent(loss, learning_rate, RACE_STEPS, seed) for norm, loss in losses.items()}
        curves = {norm: ([], [], []) for norm in RACED}
        for t in range(1, RACE_STEPS + 1):
            for norm, run in runs.items():
                theta, _, value, _ = next(run)
                curves[norm][0].append(value)
                if t % 20 == 0:
                    curves[norm][1].append(t)
                    curves[norm][2].append(accuracy(losses[norm].network, theta))
            report(_frozen(curves), t / RACE_STEPS)
        return _frozen(curves)

    def build(self):
        figure, axes = new_figure(10.5, 4.2, ncols=2)
        self.lines = draw_race(axes, RACE_STEPS)
        outside_legend(figure, axes[0])
        return figure, [line for pair in self.lines.values() for line in pair]

    def update(self):
        curves = self.payload or {}
        move_race(self.lines, curves)
        return race_text(curves, self.batch_size, self.learning_rate)


def _frozen(curves):
    """Arrays that the thread of the run does not write into any more."""
    return {norm: tuple(np.array(part) for part in curve) for norm, curve in curves.items()}


def batch_size_race(**values):
    """Return the live race: three normalisers, the same net, 240 steps with the chosen batch size.

    Args:
        **values: attributes of ``BatchSizeRace``.

    Raises:
        ValueError: a value that is not there or out of range.
    """
    return BatchSizeRace(**values)
