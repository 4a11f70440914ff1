"""Tied hidden units: how far apart they are while a network trains, with every optimizer."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.symmetry import STARTS, UNITS, problem, spread, start
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.optimizers import Adam
from course_lib.run import descend


def symmetry_figure(num_steps=1000):
    """Return ``(figure, alt)``: the loss and the spread of the hidden units from each of ``STARTS``, with Adam."""
    figure, (losses, apart) = new_figure(10, 4.0, ncols=2)
    ends = []
    for index, (kind, style) in enumerate(styles_of(STARTS).items()):
        objective = problem()
        run = descend(objective, Adam(0.03), start(objective, kind), num_steps)
        found = np.array([spread(objective, theta) for theta in run.thetas])
        look = {"color": style.color, "marker": style.marker, "markevery": (10 * index, num_steps // 8), "label": kind}
        losses.plot(run.values, style.dashes, **look)
        apart.plot(np.maximum(found, 1e-17), style.dashes, **look)
        kept = "stay tied" if found[-1] < 1e-6 else f"are {found[-1]:.1g} apart"
        ends.append(f"{kind}: loss {run.values[-1]:.2f}, units {kept}")
    losses.set(xlabel="step", ylabel="loss", ylim=(0, 1.25))
    apart.set(xlabel="step", ylabel="largest difference of two units", yscale="log", ylim=(1e-18, 10))
    outside_legend(figure, losses)
    return figure, f"Two moons, {UNITS} hidden units, {num_steps} steps of Adam. {'; '.join(ends)}."
