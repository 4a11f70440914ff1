"""Signals and weights of a net, layer by layer, before and after training."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.after_training import DEPTH, at_own_rate, signals
from course_lib.chapters.ch06_initialisation.experiments.signals import in_words
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.layers import Linear


def after_training_figure(activation="tanh", seed=0):
    """Return ``(figure, alt)``: histograms of what each layer gives (top) and of its weights (below), twice."""
    run = at_own_rate(activation, seed)
    figure, axes = new_figure(11, 4.8, nrows=2, ncols=DEPTH, sharey="row")
    for index, (label, network) in enumerate((("before", run.start), ("after training", run.network))):
        weights = [layer.params["weight"] for layer in network.layers if isinstance(layer, Linear)][:DEPTH]
        for row, values in zip(axes, (signals(network), weights), strict=True):
            for ax, found in zip(row, values, strict=True):
                _outline(ax, found, line_style(index), label)
    for number, (top, bottom) in enumerate(axes.T, 1):
        top.set_title(f"layer {number}")
        top.set_xlabel("what it gives")
        bottom.set_xlabel("its weights")
    for ax in axes[:, 0]:
        ax.set_ylabel("density")
    outside_legend(figure, axes[0][0])
    first, grown = (np.std(network.layers[0].params["weight"]) for network in (run.start, run.network))
    return figure, (
        f"{in_words(activation)}, {DEPTH} hidden layers, before and after training: signals of each layer (top) and "
        f"its weights (below); the first layer's weights spread by {100 * (grown / first - 1):.0f} % more "
        "than at the start."
    )


def _outline(ax, values, style, label):
    """The outline of a histogram: a line, so that two of them can be seen at once."""
    low, high = np.quantile(values, (0.002, 0.998))
    heights, edges = np.histogram(values, bins=24, range=(low, max(high, low + 1e-9)), density=True)
    middle = (edges[1:] + edges[:-1]) / 2
    ax.plot(middle, heights, style.dashes, color=style.color, marker=style.marker, ms=4, markevery=4, label=label)
