"""One update drawn: where the gradient is asked for, what the velocity adds, where the step ends."""

from typing import NamedTuple

import numpy as np
from matplotlib.patheffects import Normal, Stroke

from course_lib.figures.style import STYLE, new_figure
from course_lib.figures.surface import draw_surface, outside_legend
from course_lib.optimizers import Momentum, Nesterov
from course_lib.optimizers.descent import MomentumState

ARROWS = {  # name: colour, width; the step is drawn last
    "carried by the velocity": ("#0072B2", 0.013),
    "gradient step": ("#D55E00", 0.013),
    "whole step": ("#000000", 0.007),
}
MARKS = (("start", "o", 14, "white"), ("gradient asked here", "D", 8, "#E69F00"), ("end", "s", 9, "black"))
HALO = (Stroke(linewidth=3, foreground="white"), Normal())


class StepParts(NamedTuple):
    """The points of one update, each ``(2,)``: start, where the gradient was asked for, its part, the end."""

    theta: np.ndarray
    carried: np.ndarray
    asked_at: np.ndarray
    gradient_part: np.ndarray
    new_theta: np.ndarray


class _Witness:
    """Passes gradients on and remembers where they were asked for."""

    def __init__(self, objective):
        self.objective, self.asked = objective, []

    def gradient(self, theta):
        self.asked.append(np.copy(theta))
        return self.objective.gradient(theta)


def step_parts(objective, optimizer, theta, velocity):
    """Take one step of ``Momentum`` or ``Nesterov`` (learning rate inside the velocity) apart.

    The parts are watched, not computed again: the optimizer itself steps, a witness notes where it
    asks for the gradient. theta + carried + gradient_part = new_theta.
    """
    theta, velocity = np.asarray(theta, dtype=float), np.asarray(velocity, dtype=float)
    witness = _Witness(objective)
    new_theta, _ = optimizer.step(witness, theta, MomentumState(velocity))
    carried = optimizer.momentum * velocity
    return StepParts(theta, carried, witness.asked[0], new_theta - theta - carried, new_theta)


def _arrows(parts):
    tails = np.array([parts.theta, parts.theta + parts.carried, parts.theta])
    return tails, np.array([parts.carried, parts.gradient_part, parts.new_theta - parts.theta])


def draw_step(ax, parts):
    """Draw ``StepParts`` as arrows with halo; returns ``{name: artist}``, each to be moved by ``move_step``."""
    artists = {}
    for name, (color, width) in ARROWS.items():
        artists[name] = ax.quiver(
            [0],
            [0],
            [0],
            [0],
            color=color,
            width=width,
            angles="xy",
            scale_units="xy",
            scale=1,
            zorder=6,
            edgecolor="white",
            linewidth=0.8,
            label=name,
        )
    for name, marker, size, color in MARKS:
        (artists[name],) = ax.plot(
            [],
            [],
            marker,
            color=color,
            markersize=size,
            markeredgecolor="black",
            label=name,
            path_effects=HALO,
            zorder=7,
        )
    move_step(artists, parts)
    return artists


def move_step(artists, parts):
    """Move what ``draw_step`` drew to another update."""
    for name, tail, arrow in zip(ARROWS, *_arrows(parts), strict=True):
        artists[name].set_offsets(tail)
        artists[name].set_UVC(*arrow)
    for name, point in (
        ("start", parts.theta),
        ("gradient asked here", parts.asked_at),
        ("end", parts.new_theta),
    ):
        artists[name].set_data(*point[:, None])


def _zoom(axes, all_parts):
    """The same square window for all, around everything that is drawn."""
    points = np.concatenate([[p.theta, p.theta + p.carried, p.asked_at, p.new_theta] for p in all_parts])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    half = 0.75 * max(np.ptp(points, axis=0).max(), 1e-9)
    for ax in axes:
        ax.set_xlim(middle[0] - half, middle[0] + half)
        ax.set_ylim(middle[1] - half, middle[1] + half)


def step_figure(surface, theta, velocity, learning_rate=0.01, momentum=0.9, zoom=True):
    """Return ``(figure, alt)``: one update by momentum and by Nesterov, side by side."""
    figure, axes = new_figure(ncols=2)
    optimizers = (Momentum(learning_rate, momentum), Nesterov(learning_rate, momentum))
    both = [step_parts(surface, optimizer, theta, velocity) for optimizer in optimizers]
    for ax, title, parts in zip(axes, ("Momentum", "Nesterov"), both, strict=True):
        draw_surface(ax, surface)
        draw_step(ax, parts)
        ax.set_title(f"{title}: f = {surface.value(parts.new_theta):.3g} after it", fontsize=STYLE["axes.titlesize"])
    axes[1].set_ylabel("")
    if zoom:
        _zoom(axes, both)
    outside_legend(figure, *axes)
    return figure, step_alt(surface, *both)


def step_alt(surface, heavy, nesterov):
    """What one update of both methods does, in numbers."""

    def at(point):
        return f"({point[0]:.3g}, {point[1]:.3g})"

    def with_value(point):
        return f"{at(point)}, f = {surface.value(point):.3g}"

    return (
        f"One update on {surface.title} from {with_value(heavy.theta)}. Momentum asks for the gradient there and ends "
        f"at {with_value(heavy.new_theta)}; Nesterov asks at {at(nesterov.asked_at)}, where the velocity leads, and "
        f"ends at {with_value(nesterov.new_theta)}."
    )
