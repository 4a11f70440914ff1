"""One look for all figures: Okabe-Ito colours with a line style and marker each, type that carries to the last row.

No pyplot and no global state: widgets redraw on another thread than the notebook's cells run on.
"""

from typing import NamedTuple

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.spines import Spine
from matplotlib.text import Text

from course_lib.settings.course import course


class LineStyle(NamedTuple):
    """How one thing is drawn everywhere: colour, dash pattern and marker all say it."""

    color: str
    dashes: str
    marker: str


# Okabe and Ito 2008, without black (contour lines, text) and yellow (invisible on white); with a dark brown, farther
# from each of them and from black under every colour blindness than they are from each other.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#5B3A1E")
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
    """The style of the ``index``-th thing compared; ``course_lib.figures.methods`` has those of methods.

    Dash and marker alone tell the first 22 apart; of the first 28, those with one colour differ in both. The
    first colour is the accent of ``course.toml``, where that has one.
    """
    turn, color = divmod(index, len(PALETTE))
    first = _colours().get("accent", PALETTE[0]) if color == 0 else PALETTE[color]
    return LineStyle(first, DASHES[(color + turn) % 4], MARKERS[(color + 2 * turn) % 7])


def _colours():
    """The colours of ``course.toml``, by name."""
    return course().colours


class _OwnFigure(Figure):
    """A figure in the colours of ``course.toml``: what would be black has that of text, what would be white is ground.

    Lines keep theirs, but for the first (``line_style``), and so do texts in a colour of their own.
    """

    def draw(self, renderer):
        given = _colours()
        if text := given.get("text"):
            for artist in self.findobj(lambda one: isinstance(one, (Text, Spine, Line2D))):
                _give(artist, "edgecolor" if isinstance(artist, Spine) else "color", text, "#000000")
        if ground := given.get("background"):
            for patch in (self.patch, *(axes.patch for axes in self.axes), *map(Legend.get_frame, self._legends())):
                _give(patch, "facecolor", ground, "#ffffff")
        super().draw(renderer)

    def _legends(self):
        return self.findobj(Legend)


def _give(artist, name, color, instead):
    """Give an artist a colour in place of the usual one."""
    now = getattr(artist, f"get_{name}")()
    if isinstance(now, str) and now in ("none", "auto"):
        return
    if to_hex(now) == instead:
        getattr(artist, f"set_{name}")(color)


def new_figure(width=9.0, height=4.0, **subplots):
    """Return ``(figure, axes)`` on an Agg canvas of its own; ``subplots`` as ``Figure.subplots`` takes it."""
    with rc_context(STYLE):
        figure = (_OwnFigure if _colours() else Figure)(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        return figure, figure.subplots(**subplots)
