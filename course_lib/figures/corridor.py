"""Rates for each coordinate help where the corridor runs along an axis: the loss against the angle of the ravine."""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adagrad, Adam, RMSprop
from course_lib.run import descend

METHODS = {"SGD": SGD, "Adagrad": Adagrad, "RMSprop": RMSprop, "Adam": Adam}
RATES = np.geomspace(1e-3, 3, 29)
ANGLES = np.arange(0.0, 91.0, 5.0)
FLOOR = 1e-6  # what is lower is drawn here: how much lower is luck with the last learning rate


def turned_corridors(condition_number, angles):
    """Ravines turned by ``angles`` (degrees) as one objective: theta ``(..., len(angles), 2)``."""
    a = np.deg2rad(angles)
    turn = np.stack([np.stack([np.cos(a), np.sin(a)], -1), np.stack([-np.sin(a), np.cos(a)], -1)], -1)  # columns
    hessian = turn @ np.diag([1.0, condition_number]) @ np.swapaxes(turn, -1, -2)
    return Objective(
        lambda theta: np.einsum("...i,...ij,...j->...", theta, hessian, theta) / 2,
        lambda theta: np.einsum("...ij,...j->...i", hessian, theta),
    ), turn


def tuned_losses(cls, condition_number=100.0, angles=ANGLES, num_steps=150, rates=RATES, start=(-1.8, 1.0)):
    """Lowest loss over the learning rates after ``num_steps`` for each angle, ``(angles,)``; the start turns, too."""
    objective, turn = turned_corridors(condition_number, np.asarray(angles, dtype=float))
    starts = turn @ np.asarray(start, dtype=float)
    rates = np.asarray(rates, dtype=float)[:, None, None]
    run = descend(objective, cls(learning_rate=rates), np.broadcast_to(starts, (len(rates), *starts.shape)), num_steps)
    with np.errstate(all="ignore"):
        last = np.mean(run.values[-10:], axis=0)  # no swing decides
    return np.min(np.nan_to_num(last, nan=np.inf, posinf=np.inf), axis=0)


def corridor_figure(condition_number=100.0, num_steps=150):
    """Return ``(figure, alt)``: loss after ``num_steps`` with the best learning rate, for every angle of the ravine."""
    from course_lib.figures.style import line_style, new_figure  # claims use the runs and draw nothing
    from course_lib.figures.surface import outside_legend

    figure, ax = new_figure(8.5, 4.0)
    said = []
    for index, (name, cls) in enumerate(METHODS.items()):
        style, losses = line_style(index), tuned_losses(cls, condition_number, num_steps=num_steps)
        ax.plot(
            ANGLES,
            np.maximum(losses, FLOOR),
            style.dashes,
            color=style.color,
            marker=style.marker,
            mec="black",
            ms=6,
            label=name,
        )
        along = f"{losses[0]:.1e}" if losses[0] >= FLOOR else f"under {FLOOR:.0e}"
        said.append(f"{name} {along} along the axis, {losses[9]:.1e} at 45°")
    ax.set(
        yscale="log", ylim=(FLOOR / 3, 3), xlabel="angle of the corridor (degrees)", ylabel=f"f after {num_steps} steps"
    )
    ax.set(title=f"Condition number {condition_number:g}, learning rates tuned for each angle")
    outside_legend(figure, ax)
    return figure, f"f after {num_steps} steps in a corridor: {'; '.join(said)}."
