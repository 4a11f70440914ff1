"""What lies ahead of a step, with and without batch normalisation: the measurements of Santurkar et al. (2018)."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.experiments import DISTANCES
from course_lib.figures.style import line_style

PAIR = ("none", "batch norm")
NAMES = {"none": "without", "batch norm": "with batch norm"}
TOP = 8.0  # of the axis of losses


def draw_training(ax, num_steps):
    """Axes and empty artists for loss and spread over the run: a line and a band for each net, and a cursor."""
    ax.set(xlim=(0, num_steps), ylim=(0.0, TOP), xlabel="step", ylabel="loss")
    artists = {}
    for index, norm in enumerate(PAIR):
        style = line_style(index)
        band = ax.fill_between([0, 1], [0, 0], [0, 0], color=style.color, alpha=0.28, lw=0)
        (line,) = ax.plot([], [], style.dashes, color=style.color, lw=2.4, label=NAMES[norm])
        artists[norm] = band, line
    (cursor,) = ax.plot([], [], "-", color="black", lw=1.4)
    return artists, cursor


def draw_ahead(axes):
    """Axes and empty artists for one step: the loss along it, and how far the gradient has turned."""
    loss_ax, change_ax = axes
    loss_ax.set(xlim=(0, DISTANCES[-1]), ylim=(0.0, TOP), xlabel="distance / learning rate", ylabel="loss ahead")
    change_ax.set(xlim=(0, DISTANCES[-1]), ylim=(0, 8), xlabel="distance / learning rate", ylabel="change of gradient")
    change_ax.axhline(1, color="#777777", lw=1, ls=":")
    for ax in axes:
        ax.axvline(1, color="#BBBBBB", lw=1)
    artists = {}
    for index, norm in enumerate(PAIR):
        style = line_style(index)
        look = {"color": style.color, "marker": style.marker, "ms": 6, "mec": "black", "mew": 0.6}
        artists[norm] = tuple(ax.plot([], [], style.dashes, **look)[0] for ax in axes)
    return artists


def move_training(artists, runs, step):
    """Show the runs ``{norm: Landscape}`` and the cursor at ``step``."""
    lines, cursor = artists
    for norm, (band, line) in lines.items():
        run = runs[norm]
        line.set_data(np.arange(len(run.losses)), np.minimum(np.nan_to_num(run.losses, nan=99.0), 99.0))
        edges = [np.minimum(np.nan_to_num(part, nan=99.0), 99.0) for part in (run.ahead.min(1), run.ahead.max(1))]
        outline = np.concatenate(
            [[*zip(run.steps, edges[0], strict=True)], [*zip(run.steps, edges[1], strict=True)][::-1]]
        )
        band.set_verts([outline])
    cursor.set_data([step, step], [0, TOP])


def move_ahead(artists, runs, probe):
    """Show probe number ``probe`` of the runs."""
    for norm, (loss_line, change_line) in artists.items():
        run = runs[norm]
        index = min(probe, len(run.steps) - 1)
        loss_line.set_data(DISTANCES, np.minimum(np.nan_to_num(run.ahead[index], nan=99.0), 99.0))
        change_line.set_data(DISTANCES, np.minimum(np.nan_to_num(run.changes[index], nan=99.0), 99.0))


def ahead_text(runs, probe, learning_rate, depth):
    """The finding in words, for one step and for the whole run."""
    index = min(probe, len(runs[PAIR[0]].steps) - 1)
    parts = []
    for norm in PAIR:
        run, late = runs[norm], slice(3, None)  # the first steps are about the output layer
        here = f"spans {_told(run.spread[index])} and the gradient changes by {_told(run.changes[index, -1])} times"
        whole = f"{_told(_median(run.spread[late]))} and {_told(_median(run.changes[late, -1]))}"
        parts.append(f"{NAMES[norm]}, the loss ahead {here} its length (median over the run {whole})")
    return (
        f"{depth} hidden layers, learning rate {learning_rate:g}, at step {runs[PAIR[0]].steps[index]}, looking up to "
        f"{DISTANCES[-1]:g} learning rates ahead: {'; '.join(parts)}."
    )


def _median(values):
    return np.median(values) if np.all(np.isfinite(values)) else np.nan


def _told(value):
    return f"{value:.2g}" if np.isfinite(value) and value < 1e4 else "no end (it diverged)"
