"""The noise ball that shrinks at a constant learning rate, and why that does not help networks."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.experiments.variance_reduction import (
    AGES,
    WIDTHS,
    finite_sum_runs,
    snapshot_ratios,
)
from course_lib.figures.methods import styles_of
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend


def finite_sum_figure(seed=0):
    """Return ``(figure, alt)``: loss above its minimum against passes, each method at its best constant rate."""
    figure, ax = new_figure(9, 4.2)
    said = []
    runs = finite_sum_runs(seed)
    styles = styles_of(runs)
    for name, (rate, passes, gaps) in runs.items():
        style = styles[name]
        label = f"{name}, learning rate {rate:.2g}"
        ax.semilogy(passes, gaps, style.dashes, marker=style.marker, markevery=4, color=style.color, label=label)
        said.append(f"{name} {gaps[-1]:.0e}")
    ax.set(xlabel="passes through the data", ylabel="loss above its minimum")
    outside_legend(figure, ax)
    return figure, f"Loss above its minimum after {passes[-1]:.0f} passes: {', '.join(said)}."


def snapshot_figure(num_seeds=3):
    """Return ``(figure, alt)``: how much of the variance a snapshot leaves as it ages, for three models."""
    figure, ax = new_figure(9, 4.2)
    said = []
    for index, name in enumerate(WIDTHS):
        style = line_style(index)
        ratios = np.array([snapshot_ratios(name, seed) for seed in range(num_seeds)])
        ax.semilogy(AGES, ratios.mean(axis=0), style.dashes, marker=style.marker, color=style.color, label=name)
        ax.semilogy(AGES, ratios.T, ".", color=style.color, ms=5)
        said.append(f"{name} {ratios[:, 0].mean():.2g} after 1 update, {ratios[:, -1].mean():.2g} after {AGES[-1]}")
    ax.axhline(1, color="black", lw=1, label="no use at all")
    ax.axhline(1 / 3, color="#888888", ls=":", lw=1.5, label="1/3: what three passes must buy")
    ax.set(xlabel="age of the snapshot, in updates (15 are an epoch)", ylabel="variance left")
    outside_legend(figure, ax)
    return figure, f"Share of the variance that a snapshot leaves: {'; '.join(said)}."
