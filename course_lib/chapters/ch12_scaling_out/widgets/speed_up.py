"""The speed-up curve: what more machines bring, and what waiting and the network take away."""

import traitlets

from course_lib.chapters.ch12_scaling_out.experiments.machines import TAILS, Machines
from course_lib.chapters.ch12_scaling_out.figures.speed_up import (
    compute_speed_ups,
    draw_speed_ups,
    move_speed_ups,
    speed_up_text,
    theory,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import count
from course_lib.widgets.controls import Menu, Slider, even_positions
from course_lib.widgets.live import LiveFigure


class SpeedUpCurve(LiveFigure):
    """Gradients used in a unit of time against the number of machines; make it with ``speed_up_curve``.

    Attributes:
        spread: random share of the time of a gradient, 0 to 1.
        network: time in which a link carries one gradient.
        backups: how many of the machines are not waited for.
        tail: one of ``machines.TAILS``.
    """

    spread = traitlets.Float(0.5).tag(sync=True)
    network = traitlets.Float(0.0).tag(sync=True)
    backups = traitlets.Int(2).tag(sync=True)
    tail = traitlets.Unicode("exponential").tag(sync=True)

    film_positions = 41  # all: what was simulated once is known

    def controls(self):
        return (
            Slider("spread", "Spread of their times", even_positions(0, 1, 21)),
            Slider("network", "Cost of the network", even_positions(0, 1, 41)),
            Slider("backups", "Backup workers", (0, 1, 2, 3, 4, 6, 8)),
            Menu("tail", "Slow ones", tuple((tail, tail) for tail in TAILS)),
        )

    def check(self):
        if not self.network <= 10:
            raise ValueError(f"The cost of the network must lie between 0 and 10, but it is {self.network:g}.")
        if count("backups", self.backups, minimum=0) > 31:
            raise ValueError(f"At most 31 of 32 machines can be backups, but backups is {self.backups}.")
        Machines(1, self.spread, self.tail, self.network)

    def build(self):
        figure, axes = new_figure(9, 4.8)
        self.artists = lines, thin = draw_speed_ups(axes)
        outside_legend(figure, axes)
        return figure, [*lines.values(), *thin]

    def update(self):
        found = compute_speed_ups(self.spread, self.tail, self.network, self.backups)
        expected = theory(self.spread, self.tail, self.network, self.backups)
        move_speed_ups(self.artists, found, expected)
        return speed_up_text(found, expected, self.backups)


def speed_up_curve(**values):
    """Return the live speed-up curve: simulated for 1 to 32 machines, with the theory of the slowest drawn over it.

    Args:
        **values: attributes of ``SpeedUpCurve``.

    Raises:
        ValueError: a value that is not there or out of range.
    """
    return SpeedUpCurve(**values)
