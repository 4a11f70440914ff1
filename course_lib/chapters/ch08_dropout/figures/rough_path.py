"""The loss that a training sees, step by step, with and without dropout, and how far each update turns."""

import numpy as np

from course_lib.chapters.ch08_dropout.experiments.rough_path import ARMS, NUM_SAMPLES, path
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend


def rough_path_figure(batch_size=None, seed=0):
    """Return ``(figure, alt)``: training loss and cosine of neighbouring updates against the step, for ``ARMS``."""
    figure, (losses, cosines) = new_figure(10.5, 3.8, ncols=2)
    means = []
    for index, arm in enumerate(ARMS):
        style, found = line_style(index), path(arm, batch_size, seed)
        look = {"color": style.color, "marker": style.marker, "markevery": (4 * index, 20), "lw": 1.6}
        losses.plot(found.losses, style.dashes, label=arm, **look)
        cosines.plot(found.cosines, style.dashes, **look)
        means.append(f"{arm} {found.cosines.mean():.2f}")
    losses.set(xlabel="step", ylabel="loss as the training sees it", ylim=(0, None))
    cosines.set(xlabel="step", ylabel="cosine with the next update", ylim=(min(0, np.min(found.cosines)) - 0.05, 1.05))
    outside_legend(figure, losses)
    batch = f"batches of {batch_size}" if batch_size else f"all {NUM_SAMPLES} digits in every step"
    return figure, f"SGD, {batch}: mean cosine of an update with the next one {', '.join(means)}."
