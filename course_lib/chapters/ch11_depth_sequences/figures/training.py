"""Pictures of chapter 11 that stand still: the adding task, learned or not, and how often clipping acts."""

import numpy as np
from matplotlib.ticker import LogLocator

from course_lib.chapters.ch11_depth_sequences.experiments.adding import CELLS, LENGTH, learn
from course_lib.chapters.ch11_depth_sequences.experiments.clipping import trained
from course_lib.data import adding_task
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend

SOLVED = 0.01  # where a run ends below, in its third digit, is the processor's choice


def adding_figure(num_steps=600, length=LENGTH):
    """Return ``(figure, alt)``: one sequence of the adding task, and how three cells learn it."""
    figure, (above, below) = new_figure(11, 4.2, ncols=2)
    data = adding_task(1, np.random.default_rng(4), length)
    marked = data.x[0, :, 1] == 1
    steps = np.arange(1, length + 1)
    above.bar(steps, data.x[0, :, 0], color=np.where(marked, "#D55E00", "#B9BEC7"))
    above.set(xlabel="step of time", ylabel="number (orange: marked)", title=f"The answer here: {data.y[0]:.2f}")
    below.axhline(1 / 6, color="black", lw=1.2, ls=":", label="always answering 1")
    ends = []
    for index, cell in enumerate(CELLS):
        style, (at, errors) = line_style(index), learn(cell, num_steps)
        below.plot(at, errors, style.dashes, color=style.color, marker=style.marker, ms=6, label=cell)
        ends.append(f"{cell} {errors[-1]:.2g}" if errors[-1] > SOLVED else f"{cell} below {SOLVED}")
    below.set(yscale="log", xlabel="update", ylabel="mean squared error", title=f"Learning it, {length} steps long")
    outside_legend(figure, below)
    return figure, (
        f"Adding task of {length} steps: add the two marked numbers, here {data.y[0]:.2f}. Mean squared error on fresh "
        f"sequences after {num_steps} updates of Adam: {', '.join(ends)}; always answering 1 has 0.17."
    )


def norms_figure(learning_rate=0.015, thresholds=(1.0, 0.1), num_steps=600):
    """Return ``(figure, alt)``: lengths of the gradients of one training, and how many a threshold would cut."""
    runs = trained(1.0, [learning_rate], range(3), num_steps)
    norms = runs.norms[:, 0, 0]
    figure, (way, share) = new_figure(11, 4.0, ncols=2)
    way.plot(norms, ".", color="#0072B2", ms=5, label="length of the gradient before clipping")
    for index, threshold in enumerate(thresholds, start=1):
        style = line_style(index)
        way.axhline(threshold, color=style.color, ls=style.dashes, lw=2, label=f"threshold {threshold:g}")
    way.set(yscale="log", xlabel="update", ylabel="length", title=f"Adding task, rate {learning_rate:g}, clipped at 1")
    fine = np.geomspace(norms.min(), norms.max(), 200)
    share.plot(fine, [np.mean(norms > value) for value in fine], "-", color="#0072B2", lw=2.6)
    share.set_xscale("log", subs=[])
    share.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    share.xaxis.set_major_formatter("{x:g}")
    share.set(ylim=(0, 1.02), xlabel="threshold", ylabel="share of updates", title="How often it acts")
    outside_legend(figure, way)
    acts = "; ".join(f"clipping at {threshold:g} acts in {np.mean(norms > threshold):.0%}" for threshold in thresholds)
    return figure, (
        f"Lengths of {num_steps} gradients on the adding task, from {norms.min():.2g} to {norms.max():.2g}, median "
        f"{np.median(norms):.2g}: {acts} of the updates."
    )
