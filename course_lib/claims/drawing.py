"""The figure of a claim, drawn from the plain data of its plot."""

from textwrap import fill

import numpy as np

from course_lib.claims.verdicts import heading
from course_lib.figures.methods import styles_of
from course_lib.figures.show import picture
from course_lib.figures.style import new_figure

MOST_MARKERS = 30
THEORY_DASHES = (":", (0, (6, 2)), (0, (1, 3)))


def draw_plot(ax, plot):
    """Draw ``plot``, and say what its axes are."""
    (draw_words if plot.words else draw_lines)(ax, plot)
    ax.set_xlabel(plot.x_label)
    ax.set_ylabel(fill(plot.y_label, 32))
    if "y" in plot.log:
        ax.set_yscale("log", nonpositive="mask")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def draw_words(ax, plot):
    """Above each word a dot a line, side by side, with its interval; theory is a black dash across."""
    measured = [line for line in plot.lines if not line.theory]
    places = np.arange(len(plot.words))
    for index, (line, style) in enumerate(zip(measured, _styles(measured), strict=True)):
        x = places + 0.14 * (index - (len(measured) - 1) / 2)
        ax.plot(x, line.y, linestyle="none", marker=style.marker, markersize=9, color=style.color, label=line.label)
        if line.low is not None:
            ax.vlines(x, line.low, line.high, color=style.color, linewidth=2)
    for line in plot.lines:
        if line.theory:
            ax.hlines(line.y, places - 0.35, places + 0.35, color="black", linewidth=1.2, label=line.label)
    ax.set_xticks(places, labels=[fill(word, 14) for word in plot.words])
    ax.set_xlim(-0.5, len(places) - 0.5)


def _styles(lines):
    return styles_of(line.label for line in lines).values()


def draw_lines(ax, plot):
    """Measured lines coloured with their interval, theory thin and black."""
    theories = (line for line in plot.lines if line.theory)
    for line, dashes in zip(theories, THEORY_DASHES, strict=False):
        ax.plot(line.x, line.y, color="black", linewidth=1.2, linestyle=dashes, label=line.label, zorder=1)
    measured = [line for line in plot.lines if not line.theory]
    for line, style in zip(measured, _styles(measured), strict=True):
        drawn = {"color": style.color, "marker": style.marker, "linestyle": "none"}
        if plot.joined:
            drawn |= {"linestyle": style.dashes, "markevery": -(-len(line.x) // MOST_MARKERS)}
        ax.plot(line.x, line.y, label=line.label, **drawn)
        if line.low is not None:
            ax.fill_between(line.x, line.low, line.high, color=style.color, alpha=0.2, linewidth=0)
    if "x" in plot.log:
        ax.set_xscale("log")
        x = plot.lines[0].x
        if len(x) <= 8:  # label the points that were measured, not powers of ten between them
            ax.set_xticks(x, labels=[f"{value:.5g}" for value in x])
            ax.minorticks_off()


def claim_figure(result, title=True):
    """Return ``(figure, alt)`` for the ``Result`` of a claim; the alt text says verdict and finding.

    With ``title=False`` id and verdict are left out of the picture: they stand above it.
    """
    figure, ax = new_figure()
    draw_plot(ax, result.plot)
    if title:
        ax.set_title(f"{result.claim.id}: {result.verdict.kind}", loc="left")
    alt = f'{_in_words(result.plot)}. The claim "{result.claim.statement}" {result.verdict}'
    return figure, alt


def show_claim(result):
    """Display the verdict with its statement, the figure, and the numbers, folded; all have plain texts."""
    from IPython.display import display

    first = {
        "text/html": heading(result.claim, result.verdict),
        "text/plain": f"{result.claim.id} {result.verdict.verb}",
    }
    data, metadata = picture(*claim_figure(result, title=False))
    numbers = {"text/html": result.numbers_html(), "text/plain": str(result)}
    display(first, raw=True)
    display(data, metadata=metadata, raw=True)
    display(numbers, raw=True)


def _in_words(plot):
    """What is drawn, as one sentence without its full stop."""
    if plot.words:
        said = [f"{line.label} " + ", ".join(f"{y:.3g}" for y in line.y) for line in plot.lines]
        return f"{plot.y_label} for {', '.join(plot.words)}: {'; '.join(said)}"
    finite = [line for line in plot.lines if np.isfinite(line.y[0]) and np.isfinite(line.y[-1])]
    said = [f"{line.label}, from {line.y[0]:.3g} to {line.y[-1]:.3g}" for line in finite]
    return f"{plot.y_label} against {plot.x_label}: {'; '.join(said)}"
