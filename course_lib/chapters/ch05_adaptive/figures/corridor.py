"""Rates for each coordinate help where the corridor runs along an axis: the loss against the angle of the ravine."""

from functools import partial

import numpy as np

from course_lib.chapters.ch05_adaptive.experiments.corridor import ANGLES, FLOOR, tuned_losses
from course_lib.optimizers import SGD, Adagrad, Adam, Momentum, Nesterov, RMSprop

METHODS = {
    "gradient descent": SGD,
    "Momentum": Momentum,
    "Nesterov": Nesterov,
    "Adagrad": Adagrad,
    "RMSprop": RMSprop,
    "Adam": Adam,
    "Adam, beta1 = 0": partial(Adam, beta1=0.0),
}


def corridor_figure(condition_number=100.0, num_steps=150):
    """Return ``(figure, alt)``: loss after ``num_steps`` with the best learning rate, for every angle of the ravine."""
    from course_lib.figures.methods import styles_of  # claims use the runs and draw nothing
    from course_lib.figures.style import new_figure
    from course_lib.figures.surface import outside_legend

    figure, ax = new_figure(8.5, 4.0)
    said = []
    styles = styles_of(METHODS)
    for name, cls in METHODS.items():
        style, losses = styles[name], tuned_losses(cls, condition_number, num_steps=num_steps)
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
