"""Live figures of chapter 6 that train in the background: dying ReLUs, and deep networks from different weights."""

import traitlets

from course_lib.chapters.ch06_initialisation.experiments import dead_units as dead_figures_runs
from course_lib.chapters.ch06_initialisation.experiments import deep_training as deep_training_runs
from course_lib.chapters.ch06_initialisation.experiments.signals import ACTIVATIONS, INITIALIZERS, in_words
from course_lib.chapters.ch06_initialisation.figures import dead_units as dead_figures
from course_lib.chapters.ch06_initialisation.figures import deep_training
from course_lib.chapters.ch06_initialisation.widgets.signals import choice
from course_lib.validation import in_range
from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.controls import Menu, Progress, Slider, Ticks, even_positions, log_positions


class DeadFigure(BackgroundFigure):
    """The share of dead units while a network learns; make it with ``dead_units``.

    Attributes:
        learning_rate: of plain SGD.
        bias: of all hidden units before training.
        activation: "relu" or "prelu" (slope 0.25, for comparison).
    """

    learning_rate = traitlets.Float(1.0).tag(sync=True)
    bias = traitlets.Float(0.0).tag(sync=True)
    activation = traitlets.Unicode("relu").tag(sync=True)

    def controls(self):
        return (
            Slider("learning_rate", "Learning rate", log_positions(0.03, 3, 41)),
            Slider("bias", "First bias", even_positions(-3, 1, 41)),
            Menu("activation", "Activation", tuple((name, in_words(name)) for name in ("relu", "prelu"))),
            Progress(label="Training"),
        )

    def settings(self):
        return self.learning_rate, self.bias, self.activation

    def check(self):
        choice("activation", self.activation, dead_figures_runs.LAYERS)
        in_range("learning_rate", self.learning_rate, 0, 100)
        in_range("bias", self.bias, -100, 100)

    def work(self, settings, report, stopped):
        epochs = dead_figures_runs.NUM_EPOCHS
        return dead_figures_runs.census(*settings, tell=lambda found: report(found, (len(found.losses) - 1) / epochs))

    def build(self):
        self.drawing = dead_figures.Picture()
        return self.drawing.figure, self.drawing.moving

    def update(self):
        self.drawing.move(self.payload)
        return dead_figures.dead_text(self.payload, self.learning_rate, self.bias, self.activation)


def dead_units(learning_rate=1.0, bias=0.0, activation="relu"):
    """Return the live count of dead units: 64-40-40-10 on the digits, 12 epochs of plain SGD.

    A unit counts as dead if it is negative for all 1 000 samples (6.12).

    Raises:
        ValueError: an activation other than "relu" and "prelu", a negative learning rate.

    Source: L4 l.183.
    """
    return DeadFigure(learning_rate=learning_rate, bias=bias, activation=activation)


class TrainingFigure(BackgroundFigure):
    """Deep networks on the digits from different first weights; make it with ``deep_training``.

    Attributes:
        initializers: names in ``INITIALIZERS``.
        activation: a name in ``ACTIVATIONS``.
        depth: hidden layers of 32 units, 1 to 16.
        learning_rate: of plain SGD.
    """

    initializers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    activation = traitlets.Unicode("relu").tag(sync=True)
    depth = traitlets.Int(6).tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)

    rebuild_on = ("initializers",)
    num_epochs = 8

    def controls(self):
        return (
            Ticks("initializers", "Weights", tuple((name, name) for name in INITIALIZERS)),
            Menu("activation", "Activation", tuple((name, in_words(name)) for name in ACTIVATIONS)),
            Slider("depth", "Hidden layers", tuple(range(1, 17))),
            Slider("learning_rate", "Learning rate", log_positions(0.003, 1, 31)),
            Progress(label="Training"),
        )

    def settings(self):
        return tuple(self.initializers), self.activation, self.depth, self.learning_rate

    def check(self):
        for name in self.initializers:
            choice("initialiser", name, INITIALIZERS)
        choice("activation", self.activation, ACTIVATIONS)
        in_range("depth", self.depth, 1, 16)
        in_range("learning_rate", self.learning_rate, 0, 100)

    def work(self, settings, report, stopped):
        names, activation, depth, learning_rate = settings
        found, pairs = {}, [(name, seed) for seed in range(deep_training.NUM_SEEDS) for name in names]
        for done, (name, seed) in enumerate(pairs):
            before = found.get(name, ())

            def tell(run, done=done, name=name, before=before, found=found):
                share = (done + (len(run.losses) - 1) / self.num_epochs) / len(pairs)
                report({**found, name: (*before, run)}, share)

            run = deep_training_runs.run(
                name, depth, activation, learning_rate=learning_rate, num_epochs=self.num_epochs, seed=seed, tell=tell
            )
            found = {**found, name: (*before, run)}
        return found

    def build(self):
        self.drawing = deep_training.Picture(self.initializers, self.num_epochs)
        return self.drawing.figure, self.drawing.moving

    def update(self):
        self.drawing.move(self.payload or {})
        if not self.initializers:
            return "No initialisation is ticked."
        return deep_training.training_text(self.payload or {}, self.activation, self.depth, self.learning_rate)


def deep_training_race(initializers=("normal, 0.01", "Xavier", "He"), **values):
    """Return the live race: deep networks on the digits, two seeds for each initialiser, the same order of samples.

    Args:
        initializers: names in ``INITIALIZERS``.
        **values: ``activation``, ``depth``, ``learning_rate``, see ``TrainingFigure``.

    Raises:
        ValueError: a name that is not there, or a number out of range.
    """
    return TrainingFigure(initializers=list(initializers), **values)
