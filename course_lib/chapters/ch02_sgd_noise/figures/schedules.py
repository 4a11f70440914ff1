"""Schedules drawn, and what each does with gradient noise on the unit example f = theta^2 / 2."""

import numpy as np

from course_lib.figures.style import line_style
from course_lib.schedules import (
    constant,
    cosine,
    cosine_restarts,
    inverse_square_root,
    inverse_time,
    linear_blend,
)

KINDS = ("constant", "1/k", "1/√k", "linear blend", "cosine", "cosine with restarts")
FIRST_DISTANCE = 3.0
OFFSET = 4.0  # 1/k and 1/√k start at the first learning rate and have lost half after about this many steps


def explored(kinds, highest, lowest, num_steps, period=20, period_factor=2):
    """``{kind: learning rates (num_steps,)}`` of the schedules named in ``kinds``, all starting at ``highest``."""
    made = {
        "constant": lambda: constant(highest),
        "1/k": lambda: inverse_time(highest * OFFSET, OFFSET - 1),
        "1/√k": lambda: inverse_square_root(highest * np.sqrt(OFFSET), OFFSET - 1),
        "linear blend": lambda: linear_blend(highest, min(lowest, highest), num_steps),
        "cosine": lambda: cosine(highest, min(lowest, highest), max(num_steps, 2)),
        "cosine with restarts": lambda: cosine_restarts(highest, min(lowest, highest), period, period_factor),
    }
    t = np.arange(1, num_steps + 1)
    return {kind: made[kind]()(t) * np.ones(num_steps) for kind in kinds}


def expected_distances(rates, noise):
    """``{kind: E theta_t^2 (num_steps + 1,)}`` of SGD on theta^2 / 2 with gradient noise, by (2.4)."""
    if not rates:
        return {}
    steps = np.array(list(rates.values()))
    distances = np.empty((len(steps), steps.shape[1] + 1))
    distances[:, 0] = FIRST_DISTANCE**2
    for t in range(steps.shape[1]):
        distances[:, t + 1] = (1 - steps[:, t]) ** 2 * distances[:, t] + steps[:, t] ** 2 * noise**2  # (2.4)
    return dict(zip(rates, distances, strict=True))


def lowest_decade(curves, choices):
    """Where an axis begins: the highest power of ten in ``choices`` below all ``curves``, or the last of them."""
    lowest = min((np.min(curve) for curve in curves), default=1.0)
    return next((choice for choice in choices if 10.0**choice <= lowest), choices[-1])


def draw_schedules(axes, kinds, num_steps, decades):
    """Prepare both axes, which begin at ``10^decades``, and empty lines: ``{kind: (rate line, distance line)}``."""
    left, right = axes
    both = {"xlim": (0, num_steps), "yscale": "log", "xlabel": "update t"}
    left.set(ylim=(10.0 ** decades[0], 3), title="Learning rate", **both)
    right.set(ylim=(10.0 ** decades[1], 1e2), title="Expected squared distance", **both)
    for ax in axes:
        ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
    lines = {}
    for index, kind in enumerate(kinds):
        style = line_style(KINDS.index(kind))
        look = {"color": style.color, "linestyle": style.dashes, "lw": 2.4, "marker": style.marker}
        look |= {"markevery": (index / len(kinds) * 0.1, 0.1), "ms": 7}  # side by side where curves meet
        lines[kind] = (left.plot([], [], label=kind, **look)[0], right.plot([], [], **look)[0])
    return lines


def schedules_text(rates, distances, noise):
    """Which schedule ends where: the finding in words."""
    if not rates:
        return "No schedule is ticked."
    ends = "; ".join(f"{kind} {distances[kind][-1]:.3g}" for kind in sorted(rates, key=lambda k: distances[k][-1]))
    steps = len(next(iter(rates.values())))
    return f"Expected squared distance from the minimum after {steps} updates with gradient noise {noise:.3g}: {ends}."
