"""The activation explorer of chapter 7: one unit before and after batch normalisation."""

import traitlets

from course_lib.chapters.ch07_batchnorm.figures.unit_histograms import (
    ACTIVATIONS,
    KINDS,
    MODES,
    compute_unit,
    draw_unit,
    move_unit,
    unit_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.widgets.controls import Menu, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

BATCH_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 1024, 4096)


class ActivationExplorer(LiveFigure):
    """4 096 inputs of one unit; make it with ``activation_explorer``.

    Attributes:
        mean, spread: mean and standard deviation of the inputs.
        batch_size: of the batches over which training standardises.
        gamma, beta: the learned scale and shift.
        mode: one of ``MODES``.
        kind: the inputs' distribution, one of ``KINDS``.
        activation: one of ``ACTIVATIONS``.
    """

    mean = traitlets.Float(4.0).tag(sync=True)
    spread = traitlets.Float(2.5).tag(sync=True)
    batch_size = traitlets.Int(32).tag(sync=True)
    gamma = traitlets.Float(1.0).tag(sync=True)
    beta = traitlets.Float(0.0).tag(sync=True)
    mode = traitlets.Unicode("training").tag(sync=True)
    kind = traitlets.Unicode("normal").tag(sync=True)
    activation = traitlets.Unicode("sigmoid").tag(sync=True)

    rebuild_on = ("activation",)

    def controls(self):
        return (
            Slider("mean", "Mean of the input", even_positions(-8, 8, 65)),
            Slider("spread", "Spread of the input", log_positions(0.05, 6, 61)),
            Slider("batch_size", "Batch size", BATCH_SIZES),
            Slider("gamma", "gamma", even_positions(-3, 3, 61)),
            Slider("beta", "beta", even_positions(-4, 4, 65)),
            Menu("mode", "Mode", tuple((name, name.removeprefix("inference, ")) for name in MODES)),
            Menu("kind", "Inputs", tuple((name, name) for name in KINDS)),
            Menu("activation", "Activation", tuple((name, name) for name in ACTIVATIONS)),
        )

    def check(self):
        if not 1 <= self.batch_size <= 4096:
            raise ValueError(f"A batch has 1 to 4096 inputs, but the batch size is {self.batch_size}.")
        if not 0 < self.spread <= 100:
            raise ValueError(f"The spread must lie between 0 and 100, but it is {self.spread:g}.")
        if not (abs(self.mean) <= 1000 and abs(self.gamma) <= 1000 and abs(self.beta) <= 1000):
            raise ValueError("Mean, gamma and beta must lie between -1000 and 1000.")
        for name, value, known in (
            ("mode", self.mode, MODES),
            ("kind of inputs", self.kind, KINDS),
            ("activation", self.activation, tuple(ACTIVATIONS)),
        ):
            if value not in known:
                raise ValueError(f"There is no {name} {value!r}: choose one of {', '.join(known)}.")

    def build(self):
        figure, axes = new_figure(11, 4.0, ncols=3)
        self.artists = draw_unit(axes, self.activation)
        outside_legend(figure, *axes)
        return figure, self.artists

    def update(self):
        scale = self.gamma, self.beta
        unit = compute_unit(self.mean, self.spread, self.batch_size, *scale, self.mode, self.kind, self.activation)
        move_unit(self.artists, unit, *scale, self.activation)
        return unit_text(unit, self.batch_size, *scale, self.mode, self.activation)


def activation_explorer(**values):
    """Return the live histograms: input of a unit, what batch normalisation makes of it, what its activation makes.

    Args:
        **values: attributes of ``ActivationExplorer``.

    Raises:
        ValueError: a value that is not there or out of range.
    """
    return ActivationExplorer(**values)
