"""Chapter 11: the length of a gradient on its way back, through time and through depth, beside its theory."""

from functools import lru_cache

import numpy as np
import traitlets

from course_lib.chapters.ch11_depth_sequences.experiments.signals import (
    BRANCHES,
    MATRICES,
    NUM_STEPS,
    growth,
    lengths_of,
    rate_through_time,
)
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import in_range, non_negative, number, one_of
from course_lib.widgets.controls import Menu, Slider, even_positions
from course_lib.widgets.live import LiveFigure

RADII = even_positions(0.4, 1.6, 25, 2)
SHOWN = ("RNN", "feed-forward", "residual", "GRU")
LIMITS = (1e-10, 1e10)
SWEPT: set = set()  # settings of which the factors at all radii are known

theory_of = lru_cache(maxsize=64)(rate_through_time)


def sweep(*setting):
    """Compute the factors at all radii."""
    for net in SHOWN:
        lengths_of(net, RADII, *setting)
    SWEPT.add(setting)


class GradientThroughTime(LiveFigure):
    """Lengths of gradients; see ``gradient_through_time``.

    Attributes:
        radius: spectral radius of every recurrent matrix, and of every layer's.
        drive: standard deviation of what the inputs add to each unit.
        gate_bias: of the GRU's update gates.
        matrix: one of ``MATRICES``.
        branch: factor of the branch beside the residual path, one of ``BRANCHES``.
    """

    radius = traitlets.Float(0.9).tag(sync=True)
    drive = traitlets.Float(0.0).tag(sync=True)
    gate_bias = traitlets.Float(2.0).tag(sync=True)
    matrix = traitlets.Unicode("rotation").tag(sync=True)
    branch = traitlets.Unicode("1/√L").tag(sync=True)

    def controls(self):
        return (
            Slider("radius", "Spectral radius", RADII),
            Slider("drive", "Inputs (standard deviation)", even_positions(0, 2, 9, 2)),
            Slider("gate_bias", "Bias of the GRU's update gate", even_positions(-2, 6, 9, 1)),
            Menu("matrix", "Matrices", tuple((name, name) for name in MATRICES)),
            Menu("branch", "Factor of the residual branch", tuple((name, name) for name in BRANCHES)),
        )

    def check(self):
        number("radius", self.radius, lambda name, value: in_range(name, value, 0.01, 3))
        number("drive", self.drive, non_negative)
        number("gate_bias", self.gate_bias)
        one_of("matrix", self.matrix, MATRICES)
        one_of("branch", self.branch, BRANCHES)

    def _setting(self):
        return self.drive, self.gate_bias, self.matrix, self.branch

    def build(self):
        sweep(*self._setting())
        figure, (way, rates) = new_figure(11, 4.8, ncols=2, width_ratios=(1.25, 1))
        way.set(yscale="log", xlim=(0, NUM_STEPS), ylim=LIMITS, xlabel="steps back, or layers back")
        way.set(ylabel="length of the gradient", title="On its way back")
        way.axhline(1, color="#999999", lw=0.8)
        rates.set(xlim=(RADII[0], RADII[-1]), ylim=(0.2, 1.8), xlabel="spectral radius")
        rates.set(ylabel="factor a step", title="Vanishing below 1, exploding above")
        rates.axhline(1, color="#999999", lw=0.8)
        self.ways, self.points = [], []
        for index, (net, style) in enumerate(styles_of(SHOWN).items()):
            about = {"color": style.color, "lw": 2.8, "marker": style.marker, "ms": 7, "markevery": (index, 8)}
            self.ways += way.plot([], [], style.dashes, label=net, **about)
            self.points += rates.plot([], [], style.marker, color=style.color, ms=6, mec="black", mew=0.5)
        (self.linear,) = way.plot([], [], "-", color="black", lw=1.2, label="radius to the power of the steps")
        (self.theory,) = way.plot([], [], ":", color="black", lw=2.2, label="theory of the RNN, tanh included")
        rates.plot([0, 2], [0, 2], "-", color="black", lw=1.2)
        (self.curve,) = rates.plot([], [], ":", color="black", lw=2.2)
        self.here = rates.axvline(self.radius, color="black", lw=1, ls="--")
        outside_legend(figure, way)
        return figure, [*self.ways, self.linear, self.theory, *self.points, self.curve, self.here]

    def update(self):
        """The ways at once; the factors at other radii a moment later, if they are new."""
        setting, steps = self._setting(), np.arange(NUM_STEPS + 1)
        if setting not in SWEPT:
            self.later(lambda: sweep(*setting))
        every = tuple(sorted({*RADII, self.radius}))
        radii, factors = every if setting in SWEPT else (self.radius,), []
        for line, points, net in zip(self.ways, self.points, SHOWN, strict=True):
            lengths = lengths_of(net, radii, *setting)
            rates = growth(lengths)
            line.set_data(steps, np.clip(lengths[:, radii.index(self.radius)], LIMITS[0] / 10, LIMITS[1] * 10))
            points.set_data(radii, rates)
            factors.append(rates[radii.index(self.radius)])
        theory = theory_of(every, self.drive)
        here = theory[every.index(self.radius)]
        self.linear.set_data(steps, self.radius**steps)
        self.theory.set_data(steps, here**steps)
        self.curve.set_data(every, theory)
        self.here.set_xdata([self.radius, self.radius])
        return self._caption(factors, here)

    def _caption(self, factors, theory):
        measured = ", ".join(f"{net} {factor:.3g}" for net, factor in zip(SHOWN, factors, strict=True))
        return (
            f"Spectral radius {self.radius:g}, inputs {self.drive:g}: a step back multiplies the gradient's length by "
            f"(measured) {measured}. Theory for the RNN: {theory:.3g}; without the tanh {self.radius:g}. In "
            f"{NUM_STEPS} "
            f"steps the RNN makes {factors[0] ** NUM_STEPS:.2g} of it, the GRU {factors[3] ** NUM_STEPS:.2g}."
        )


def gradient_through_time(radius=0.9, drive=0.0, gate_bias=2.0, matrix="rotation", branch="1/√L"):
    """Return the live figure of a gradient's length, step by step back, in four nets with matrices of one radius.

    On the right the factor a step against the radius: points are measured, lines are theory.

    Args:
        radius: 0.01 to 3.
        drive: standard deviation of the inputs; 0: no unit saturates, the nets are linear.
        gate_bias: of the GRU's update gates.
        matrix: "rotation" or "random" (independent normal entries).
        branch: "1/√L" or "1", what multiplies the branch of the residual net.

    Raises:
        ValueError: a value outside of these.
    """
    return GradientThroughTime(radius=radius, drive=drive, gate_bias=gate_bias, matrix=matrix, branch=branch)
