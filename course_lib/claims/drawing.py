"""The figure of a claim, drawn from the plain data of its plot."""

from textwrap import fill

import numpy as np

from course_lib.figures.show import png
from course_lib.figures.style import line_style, new_figure

THEORY_DASHES = (":", (0, (6, 2)), (0, (1, 3)))


def draw_plot(ax, plot):
    """Draw the lines of ``plot``: measured ones coloured with their interval, theory thin and black."""
    theories = (line for line in plot.lines if line.theory)
    for line, dashes in zip(theories, THEORY_DASHES, strict=False):
        ax.plot(line.x, line.y, color="black", linewidth=1.2, linestyle=dashes, label=line.label, zorder=1)
    for index, line in enumerate(line for line in plot.lines if not line.theory):
        style = line_style(index)
        marker = style.marker if len(line.x) <= 30 else None
        ax.plot(line.x, line.y, color=style.color, linestyle=style.dashes, marker=marker, label=line.label)
        if line.low is not None:
            ax.fill_between(line.x, line.low, line.high, color=style.color, alpha=0.2, linewidth=0)
    ax.set_xlabel(plot.x_label)
    ax.set_ylabel(fill(plot.y_label, 32))
    if "x" in plot.log:
        ax.set_xscale("log")
        x = plot.lines[0].x
        if len(x) <= 8:  # label the points that were measured, not powers of ten between them
            ax.set_xticks(x, labels=[f"{value:.5g}" for value in x])
            ax.minorticks_off()
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


def show_claim(result):
    """Display the figure of a ``Result``, then its sentence with the table folded; both have plain texts."""
    from IPython.display import display

    figure, alt = claim_figure(result)
    display({"image/png": png(figure), "text/plain": alt}, metadata={"image/png": {"alt": alt}}, raw=True)
    display({"text/html": result._repr_html_(), "text/plain": str(result)}, raw=True)


def _finite(lines):
    return [line for line in lines if np.isfinite(line.y[0]) and np.isfinite(line.y[-1])]
