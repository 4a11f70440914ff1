"""A few named curves in one picture: a student's beside the library's."""

import numpy as np

from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend


def curves_figure(curves, title, x_label, y_label, log="", finding=""):
    """Return ``(figure, alt)`` of ``curves``, ``{label: (x, y)}``.

    ``log`` names the logarithmic axes: "", "x", "y" or "xy". ``finding`` ends the alt text; left out, it is where
    every curve begins and ends. Every curve has a width of its own, so that one that lies on another is seen.
    """
    figure, ax = new_figure(8.5, 3.8)
    ends = []
    for index, ((label, (x, y)), style) in enumerate(zip(curves.items(), styles_of(curves).values(), strict=True)):
        finite = np.asarray(y, dtype=float)
        ax.plot(x, finite, style.dashes, color=style.color, lw=6.0 / (1 + 1.5 * index), label=label)
        ends.append(f"{label} goes from {finite[0]:.3g} to {finite[-1]:.3g}")
    ax.set(title=title, xlabel=x_label, ylabel=y_label)
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    outside_legend(figure, ax)
    return figure, f"{title}, {y_label} against {x_label}: {finding or '; '.join(ends)}."
