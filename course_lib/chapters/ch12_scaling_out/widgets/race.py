"""Chapter 12's question of the day: four ways to train on the same machines, in simulated time."""

import traitlets

from course_lib.chapters.ch12_scaling_out.experiments.machines import TAILS, Machines
from course_lib.chapters.ch12_scaling_out.experiments.race import MODES, cached_race
from course_lib.chapters.ch12_scaling_out.figures.race import (
    draw_losses,
    draw_timeline,
    move_losses,
    move_timeline,
    race_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import count, one_of
from course_lib.widgets.controls import Menu, Slider, even_positions
from course_lib.widgets.live import LiveFigure

HORIZON = 60.0  # units of simulated time
MOST = 64  # workers


class ClusterRace(LiveFigure):
    """A timeline of the workers and the loss of four modes; make it with ``cluster_race``.

    Attributes:
        num_workers: 1 to 64.
        spread: random share of the time of a gradient, 0 to 1.
        network: time in which a link carries one gradient; 1 is the mean time of computing it.
        backups: how many workers the second mode does not wait for, fewer than there are.
        tail: one of ``machines.TAILS``.
        mode: whose timeline is shown, one of ``race.MODES``.
    """

    num_workers = traitlets.Int(8).tag(sync=True)
    spread = traitlets.Float(0.5).tag(sync=True)
    network = traitlets.Float(0.05).tag(sync=True)
    backups = traitlets.Int(2).tag(sync=True)
    tail = traitlets.Unicode("exponential").tag(sync=True)
    mode = traitlets.Unicode("synchronous").tag(sync=True)

    rebuild_on = ("num_workers",)

    def controls(self):
        return (
            Slider("num_workers", "Workers", (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)),
            Slider("spread", "Spread of their times", even_positions(0, 1, 21)),
            Slider("network", "Cost of the network", even_positions(0, 1, 21)),
            Slider("backups", "Backup workers", (0, 1, 2, 3, 4)),
            Menu("tail", "Slow ones", tuple((tail, tail) for tail in TAILS)),
            Menu("mode", "Timeline of", tuple((mode, mode) for mode in MODES)),
        )

    def check(self):
        if not 1 <= self.num_workers <= MOST:
            raise ValueError(f"There are 1 to {MOST} workers, but num_workers is {self.num_workers}.")
        if not self.network <= 10:
            raise ValueError(f"The cost of the network must lie between 0 and 10, but it is {self.network:g}.")
        count("backups", self.backups, minimum=0)
        one_of("mode", self.mode, MODES)
        self._machines()

    def _machines(self):
        return Machines(self.num_workers, self.spread, self.tail, self.network)

    def build(self):
        figure, (timeline, losses) = new_figure(11, 4.6, ncols=2)
        self.timeline = draw_timeline(timeline, self.num_workers)
        self.lines = draw_losses(losses, HORIZON)
        outside_legend(figure, timeline, losses)
        return figure, [*reversed(self.timeline), *self.lines.values()]

    def update(self):
        machines, backups = self._machines(), min(self.backups, self.num_workers - 1)
        racers = cached_race(machines, HORIZON, backups)
        move_timeline(self.timeline, racers[self.mode].log, self.num_workers)
        move_losses(self.lines, racers)
        return race_text(racers, machines, backups)


def cluster_race(**values):
    """Return the live race: synchronous, with backups, asynchronous and local SGD on the same machines.

    Each mode has the best of 14 learning rates; the loss is that of a noisy bowl in ten dimensions.

    Args:
        **values: attributes of ``ClusterRace``.

    Raises:
        ValueError: a value that is not there or out of range.
    """
    return ClusterRace(**values)
