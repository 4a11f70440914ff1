"""An activation, its slope, and the zone in which it saturates."""

from functools import partial
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.signals import ACTIVATIONS, in_words, normal_mean
from course_lib.figures.style import PALETTE, new_figure

SHOWN = ("sigmoid", "tanh", "relu", "prelu")
REACH = 6.0
SATURATED = 0.1  # a slope below this share of the largest one
Z = np.linspace(-REACH, REACH, 601)


def _prelu(slope, z):
    return np.where(z > 0, z, slope * z)


def _prelu_slope(slope, z):
    return np.where(z > 0, 1.0, slope)


def functions(activation, slope):
    """``(f, f')`` of an activation; ``slope`` is PReLU's on the negative side."""
    if activation == "prelu":
        return partial(_prelu, slope), partial(_prelu_slope, slope)
    return ACTIVATIONS[activation].function, ACTIVATIONS[activation].slope


class Zone(NamedTuple):
    """Where an activation saturates: z below ``low`` and z above ``high`` (-inf and inf: nowhere)."""

    low: float
    high: float
    steepest: float


def zone(activation, slope):
    """The ``Zone`` of slopes below a tenth of the largest one."""
    if activation in ("relu", "prelu"):
        small = activation == "relu" or abs(slope) < SATURATED * max(1.0, abs(slope))
        return Zone(0.0 if small else -np.inf, np.inf, 1.0)
    steepest = float(functions(activation, slope)[1](np.array(0.0)))
    z = np.linspace(0, 20, 200001)
    edge = float(z[np.argmax(functions(activation, slope)[1](z) < SATURATED * steepest)])
    return Zone(-edge, edge, steepest)


def share_saturated(activation, spread, slope):
    """Share of z from N(0, spread^2) that lie in the zone, and the mean of f'(z)^2 over all of them."""
    found = zone(activation, slope)
    inside = normal_mean(lambda z: (z <= found.low) | (z >= found.high), spread**2) if np.isfinite(found.low) else 0.0
    return float(inside), float(normal_mean(lambda z: functions(activation, slope)[1](z) ** 2, spread**2))


class Picture:
    """The artists of the figure; ``move`` sets them."""

    def __init__(self, activation):
        self.activation = activation
        self.figure, axes = new_figure(10.5, 4.2, ncols=2)
        flat = activation in ("sigmoid", "tanh")
        tops = ((-1.15, 1.15), (-0.05, 1.1)) if flat else ((-3, REACH), (-0.55, 1.3))
        self.zones, self.lines = [], []
        for ax, limits, title, colour in zip(
            axes,
            tops,
            (f"{in_words(activation)}: f(z), shaded where it is flat", "slope f′(z), and where z lies (grey)"),
            PALETTE[:2],
            strict=True,
        ):
            ax.set(xlim=(-REACH, REACH), ylim=limits, xlabel="z")
            ax.set_title(title, fontsize=14)
            ax.axhline(0, color="#BBBBBB", lw=0.8)
            for _ in range(2):
                self.zones.append(ax.axvspan(0, 0, color=PALETTE[5], alpha=0.28, lw=0))
            self.lines += ax.plot([], [], color=colour, lw=3)
        self.cloud = axes[1].fill_between(Z, 0, 0, color="black", alpha=0.22, lw=0)
        self.moving = [*self.zones, self.cloud, *self.lines]

    def move(self, spread, slope):
        """Show z from N(0, spread^2) and, for PReLU, this slope."""
        function, derivative = functions(self.activation, slope)
        found = zone(self.activation, slope)
        low, high = np.clip((found.low, found.high), -REACH, REACH)
        for left, right in zip(self.zones[::2], self.zones[1::2], strict=True):
            left.set_bounds(-REACH, 0, low + REACH, 1)
            right.set_bounds(high, 0, REACH - high, 1)
        self.lines[0].set_data(Z, function(Z))
        self.lines[1].set_data(Z, derivative(Z))
        density = np.exp(-((Z / spread) ** 2) / 2)
        self.cloud.set_verts([np.column_stack([np.r_[Z, Z[::-1]], np.r_[density, 0 * Z]])])


def activation_text(activation, spread, slope):
    """The finding: the largest slope, where it saturates, and how many of the inputs lie there."""
    found, (share, square) = zone(activation, slope), share_saturated(activation, spread, slope)
    name = in_words(activation) + (f" with slope {slope:g}" if activation == "prelu" else "")
    where = {
        True: f"{100 * share:.0f} % of z from N(0, {spread:.2g}²) are where the slope is under a tenth of that",
        False: "it saturates nowhere",
    }[bool(np.isfinite(found.low))]
    passes = f"on average f′² = {square:.2g} of a squared gradient gets through"
    return f"{name}: the slope is {found.steepest:g} at most; {where}; {passes}."
