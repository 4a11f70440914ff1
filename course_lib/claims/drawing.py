"""The figure of a claim, drawn from the plain data of its plot."""

import numpy as np

from course_lib.figures.style import line_style, new_figure


def draw_plot(ax, plot):
    """Draw the lines of ``plot``: measured ones coloured with their interval, theory thin and black."""
    measured = 0
    for line in plot.lines:
        if line.theory:
            ax.plot(line.x, line.y, color="black", linewidth=1.2, linestyle=":", label=line.label, zorder=1)
            continue
        style = line_style(measured)
        measured += 1
        marker = style.marker if len(line.x) <= 30 else None
        ax.plot(line.x, line.y, color=style.color, linestyle=style.dashes, marker=marker, label=line.label)
        if line.low is not None:
            ax.fill_between(line.x, line.low, line.high, color=style.color, alpha=0.2, linewidth=0)
    ax.set(xlabel=plot.x_label, ylabel=plot.y_label)
    if "x" in plot.log:
        ax.set_xscale("log")
    if "y" in plot.log:
        ax.set_yscale("log", nonpositive="mask")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def claim_figure(result):
    """Return ``(figure, alt)`` for the ``Result`` of a claim; the alt text says verdict and finding."""
    figure, ax = new_figure()
    draw_plot(ax, result.plot)
    ax.set_title(f"{result.claim.id}: {result.verdict.kind}", loc="left")
    lines = "; ".join(f"{line.label}, from {line.y[0]:.3g} to {line.y[-1]:.3g}" for line in _finite(result.plot.lines))
    alt = (
        f"{result.plot.y_label} against {result.plot.x_label}: {lines}. "
        f'The claim "{result.claim.statement}" {result.verdict}'
    )
    return figure, alt


def _finite(lines):
    return [line for line in lines if np.isfinite(line.y[0]) and np.isfinite(line.y[-1])]
