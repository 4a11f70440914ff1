"""Armijo's rule one trial at a time: a live figure."""

import traitlets

from course_lib.chapters.ch02_sgd_noise.figures.line_search import (
    draw_search,
    move_search,
    search_along_gradient,
    search_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.surfaces import SURFACES
from course_lib.validation import in_range
from course_lib.widgets.controls import Menu, Point, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

MOST = 60


class LineSearch(LiveFigure):
    """Backtracking along minus the gradient; make it with ``line_search``.

    Attributes:
        surface: a name in ``SURFACES``.
        start: where the search begins; a click on the contours sets it.
        first_step, shrink, sufficient_decrease: of Armijo's rule.
        trial: how many of the steps that were tried are shown.
    """

    surface = traitlets.Unicode("rosenbrock").tag(sync=True)
    start = traitlets.List(traitlets.Float(), default_value=[-1.2, 1.0], minlen=2, maxlen=2).tag(sync=True)
    first_step = traitlets.Float(0.01).tag(sync=True)
    shrink = traitlets.Float(0.5).tag(sync=True)
    sufficient_decrease = traitlets.Float(0.1).tag(sync=True)
    trial = traitlets.Int(1).tag(sync=True)

    rebuild_on = ("surface",)

    def controls(self):
        return (
            Menu("surface", "Surface", tuple((name, s.title.split(",")[0]) for name, s in SURFACES.items())),
            Slider("trial", "Steps tried", tuple(range(1, 21))),
            Slider("first_step", "First step", log_positions(1e-4, 10)),
            Slider("shrink", "Shrink by", even_positions(0.1, 0.9, 17)),
            Slider("sufficient_decrease", "Sufficient decrease", even_positions(0.05, 0.95, 19)),
            Point("start", "Start", (0,)),
        )

    def follow(self, changed):
        """A new surface brings its start."""
        if "surface" in changed and "start" not in changed and self.stage is not None:
            self.start = [float(x) for x in SURFACES[self.surface].start]

    def check(self):
        if not 1 <= self.trial <= MOST:
            raise ValueError(f"Steps tried must be 1 to {MOST}, but it is {self.trial}.")
        in_range("start", self.start, -1e6, 1e6)
        self._search()

    def _search(self):
        return search_along_gradient(
            SURFACES[self.surface], self.start, self.first_step, self.shrink, self.sufficient_decrease
        )

    def build(self):
        figure, axes = new_figure(10.5, 4.9, ncols=2)
        self.artists = draw_search(axes, SURFACES[self.surface])
        axes[1].set_ylim(-2, 2)
        outside_legend(figure, *axes)
        return figure, list(self.artists.values())

    def update(self):
        surface, found = SURFACES[self.surface], self._search()
        move_search(self.artists, surface, self.start, found, self.sufficient_decrease, self.trial)
        return search_text(surface, self.start, found, self.trial)


def line_search(surface="rosenbrock", **values):
    """Return the live line search: raise "steps tried" one by one, and see why each is refused.

    Left the surface with the steps, right the objective along the search direction: a step is good enough where
    the curve is below Armijo's line. Step sizes are drawn in units of the first one.

    Args:
        surface: a name in ``SURFACES``.
        **values: attributes of ``LineSearch``.

    Raises:
        KeyError: a surface that is not there.
        ValueError: a value out of range.

    Source: L1 section 3.2.
    """
    start = [float(x) for x in SURFACES[surface].start]
    return LineSearch(surface=surface, **{"start": start, **values})
