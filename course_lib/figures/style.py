"""One look for all figures: Okabe-Ito colours with a line style and marker each, type that carries to the last row.

No pyplot and no global state: widgets redraw on another thread than the notebook's cells run on.
"""

from typing import NamedTuple

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class LineStyle(NamedTuple):
    """How one thing is drawn everywhere: colour, dash pattern and marker all say it."""

    color: str
    dashes: str
    marker: str


# Okabe and Ito 2008, without black (contour lines, text) and yellow (invisible on white).
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

STYLE = {
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.labelsize": 13,
    "legend.fontsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "lines.linewidth": 2.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "figure.dpi": 100,
}


def line_style(index):
    """The style of the ``index``-th thing compared; dash and marker alone tell the first 28 apart."""
    return LineStyle(PALETTE[index % 6], DASHES[index % 4], MARKERS[index % 7])


def new_figure(width=9.0, height=4.0, **subplots):
    """Return ``(figure, axes)`` on an Agg canvas of its own; ``subplots`` as ``Figure.subplots`` takes it."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        return figure, figure.subplots(**subplots)
