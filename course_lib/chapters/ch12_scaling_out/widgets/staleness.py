"""How old gradients get with more workers, and which steps they still allow."""

import traitlets

from course_lib.chapters.ch12_scaling_out.experiments.cluster import asynchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import TAILS, Machines
from course_lib.chapters.ch12_scaling_out.experiments.training import delayed, delayed_along, largest_stable
from course_lib.chapters.ch12_scaling_out.figures.staleness import (
    PATH,
    draw_histogram,
    draw_paths,
    move_histogram,
    move_paths,
    shares_of,
    staleness_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import number, positive
from course_lib.widgets.controls import Menu, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

UPDATES, SETTLED = 2500, 500  # of which the first ones, when all gradients are young, do not count
MOST = 64


class StalenessExplorer(LiveFigure):
    """The histogram of staleness and two paths; make it with ``staleness_explorer``.

    Attributes:
        num_workers: 1 to 64.
        spread: random share of the time of a gradient, 0 to 1.
        step: learning rate times curvature.
        tail: one of ``machines.TAILS``.
    """

    num_workers = traitlets.Int(8).tag(sync=True)
    spread = traitlets.Float(0.5).tag(sync=True)
    step = traitlets.Float(0.15).tag(sync=True)
    tail = traitlets.Unicode("exponential").tag(sync=True)

    def controls(self):
        return (
            Slider("num_workers", "Workers", (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)),
            Slider("spread", "Spread of their times", even_positions(0, 1, 21)),
            Slider("step", "Learning rate × curvature", log_positions(0.02, 2, 41)),
            Menu("tail", "Slow ones", tuple((tail, tail) for tail in TAILS)),
        )

    def check(self):
        if not 1 <= self.num_workers <= MOST:
            raise ValueError(f"There are 1 to {MOST} workers, but num_workers is {self.num_workers}.")
        if number("step", self.step, positive) > 10:
            raise ValueError(f"The step must lie between 0 and 10, but it is {self.step:g}.")
        Machines(self.num_workers, self.spread, self.tail)

    def build(self):
        figure, (left, right) = new_figure(11, 4.4, ncols=2)
        bars, mean = self.histogram = draw_histogram(left)
        self.lines = draw_paths(right)
        outside_legend(figure, left, right)
        return figure, [*bars, mean, *self.lines]

    def update(self):
        staleness = asynchronous(Machines(self.num_workers, self.spread, self.tail), UPDATES).staleness[SETTLED:]
        delay = self.num_workers - 1
        paths = delayed_along(staleness[:PATH], self.step), delayed(delay, self.step, PATH)
        move_histogram(self.histogram, shares_of(staleness), self.num_workers)
        move_paths(self.lines, paths)
        return staleness_text(staleness, self.num_workers, self.step, float(largest_stable(delay)), paths)


def staleness_explorer(**values):
    """Return the live histogram of how old gradients are, beside descent with gradients of that age.

    Args:
        **values: attributes of ``StalenessExplorer``.

    Raises:
        ValueError: a value that is not there or out of range.
    """
    return StalenessExplorer(**values)
