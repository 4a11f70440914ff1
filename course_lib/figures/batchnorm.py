"""Still pictures of chapter 7: features before and after, the axes over which the normalisers run."""

import numpy as np

from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend


def features_figure(x, y):
    """Return ``(figure, alt)``: histograms of the features ``x (batch, features)`` before and ``y`` after."""
    figure, axes = new_figure(9.5, 3.4, ncols=2)
    for ax, values, title in zip(axes, (x, y), ("before", "after"), strict=True):
        edges = np.linspace(np.min(values), np.max(values) + 1e-9, 61)
        for index, feature in enumerate(np.transpose(values)):
            style = line_style(index)
            counts, _ = np.histogram(feature, edges)
            ax.stairs(counts, edges, color=style.color, ls=style.dashes, lw=2, fill=False, label=f"feature {index + 1}")
        ax.set(title=title, xlabel="value", yticks=[])
    outside_legend(figure, axes[0])
    said = "; ".join(
        f"feature {index + 1} from mean {before.mean():.2f}, standard deviation {before.std():.2f} "
        f"to {_signed(after.mean())}, {after.std():.2f}"
        for index, (before, after) in enumerate(zip(x.T, y.T, strict=True))
    )
    return figure, f"Histograms before and after: {said}."


def _signed(value):
    return f"{value + 0.0:.2f}" if abs(value) >= 0.005 else "0.00"
