"""The noise ball and the schedule explorer of chapter 2: live figures that a hand can steer."""

from functools import lru_cache

import numpy as np
import traitlets

from course_lib.chapters.ch02_sgd_noise.experiments import SAMPLING
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import (
    BATCH_SIZES,
    NUM_STEPS,
    SCHEDULES,
    cloud_text,
    compute_cloud,
    draw_cloud,
    draw_distance,
    draw_plane,
    move_cloud,
    move_distance,
)
from course_lib.chapters.ch02_sgd_noise.figures.schedules import (
    KINDS,
    draw_schedules,
    expected_distances,
    explored,
    lowest_decade,
    schedules_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.widgets.controls import Menu, Slider, Ticks, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

LEARNING_RATES = even_positions(0.02, 1.98, 99)

cached_cloud = lru_cache(maxsize=16)(compute_cloud)


class NoiseBall(LiveFigure):
    """600 runs of SGD around the minimum, and theory's ellipse; make it with ``noise_ball``.

    Attributes:
        learning_rate: between 0 and 2.
        batch_size: one of 1, 2, 4, 8, 16, 32.
        sampling: how batches are drawn, one of ``noise_ball.SAMPLING``.
        schedule: one of ``figures.noise_ball.SCHEDULES``; ``learning_rate`` is its first value.
        step: which step is shown, 0 to 160.
    """

    learning_rate = traitlets.Float(0.5).tag(sync=True)
    batch_size = traitlets.Int(1).tag(sync=True)
    sampling = traitlets.Unicode("with replacement").tag(sync=True)
    schedule = traitlets.Unicode("constant").tag(sync=True)
    step = traitlets.Int(NUM_STEPS).tag(sync=True)

    def controls(self):
        return (
            Slider("learning_rate", "Learning rate", LEARNING_RATES),
            Menu("batch_size", "Batch size", tuple((size, str(size)) for size in BATCH_SIZES)),
            Menu("sampling", "Batches", tuple(zip(SAMPLING, ("put back", "not put back", "epochs"), strict=True))),
            Menu("schedule", "Schedule", tuple((name, name) for name in SCHEDULES)),
            Slider("step", "Step", tuple(range(NUM_STEPS + 1)), plays=True),
        )

    def _cloud(self):
        return cached_cloud(self.learning_rate, self.batch_size, self.sampling, self.schedule)

    def check(self):
        if not 0 <= self.step <= NUM_STEPS:
            raise ValueError(f"The runs have steps 0 to {NUM_STEPS}, but step is {self.step}.")
        self._cloud()

    def build(self):
        figure, (plane, distance) = new_figure(10.5, 4.9, ncols=2, width_ratios=(1.35, 1))
        draw_plane(plane)
        self.cloud, self.distance = draw_cloud(plane), draw_distance(distance)
        distance.set_title("Line: 600 runs. Dashed: theory", fontsize=14)
        outside_legend(figure, plane)
        return figure, [*self.cloud, *self.distance]

    def update(self):
        cloud = self._cloud()
        move_cloud(self.cloud, cloud, self.step)
        move_distance(self.distance, cloud, self.step)
        return cloud_text(cloud, self.learning_rate, self.batch_size, self.sampling, self.schedule, self.step)


def noise_ball(learning_rate=0.5, batch_size=1, sampling="with replacement", schedule="constant", step=NUM_STEPS):
    """Return the live noise ball: 600 runs at once, with the ellipse that theory predicts for exactly this setting.

    The same batches are used wherever the sliders stand, so the cloud moves and does not flicker.

    Args:
        learning_rate: the first one of the schedule, between 0 and 2 (where runs would diverge).
        batch_size: 1, 2, 4, 8, 16 or 32, of 32 samples.
        sampling: "with replacement", "without replacement" (each batch for itself) or "epochs".
        schedule: "constant", "1/k", "1/√k", "linear blend", "cosine" or "cosine with restarts".
        step: which step is shown, 0 to 160.

    Raises:
        ValueError: a value outside of these.
    """
    return NoiseBall(
        learning_rate=learning_rate, batch_size=batch_size, sampling=sampling, schedule=schedule, step=step
    )


class ScheduleExplorer(LiveFigure):
    """Schedules, and what each makes of noise; make it with ``schedule_explorer``.

    Attributes:
        kinds: which schedules are shown.
        highest, lowest: the first learning rate, and the last one (of those that have one).
        num_steps: length of the run, and of linear blend and cosine.
        period, period_factor: of the restarts.
        noise: standard deviation of the gradient.
    """

    kinds = traitlets.List(traitlets.Unicode(), default_value=list(KINDS)).tag(sync=True)
    highest = traitlets.Float(0.5).tag(sync=True)
    lowest = traitlets.Float(0.005).tag(sync=True)
    num_steps = traitlets.Int(300).tag(sync=True)
    period = traitlets.Int(20).tag(sync=True)
    period_factor = traitlets.Int(2).tag(sync=True)
    noise = traitlets.Float(1.0).tag(sync=True)

    decades: traitlets.Tuple = traitlets.Tuple((-3, -3))  # where the two axes begin

    rebuild_on = ("kinds", "num_steps", "decades")

    def controls(self):
        return (
            Ticks("kinds", "Schedules", tuple((name, name) for name in KINDS)),
            Slider("highest", "First learning rate", log_positions(0.01, 1.9)),
            Slider("lowest", "Last learning rate", log_positions(0.0001, 0.01)),
            Slider("num_steps", "Steps", tuple(range(50, 1001, 50))),
            Slider("period", "First period of the restarts", tuple(range(5, 101, 5))),
            Slider("period_factor", "Period factor", (1, 2, 3, 4)),
            Slider("noise", "Gradient noise", log_positions(0.01, 10)),
        )

    def _values(self):
        return self.highest, self.lowest, self.num_steps, self.period, self.period_factor

    def check(self):
        unknown = [name for name in self.kinds if name not in KINDS]
        if unknown:
            raise ValueError(f"There is no schedule {unknown[0]!r}. Choose from: {', '.join(KINDS)}.")
        if not 1 <= self.num_steps <= 5000:
            raise ValueError(f"Steps must be 1 to 5000, but it is {self.num_steps}.")
        if not (0 <= self.noise <= 1e6 and 0 < self.highest < 2):
            raise ValueError("The first learning rate must lie between 0 and 2, the noise between 0 and a million.")
        explored(self.kinds or [KINDS[0]], *self._values())

    def follow(self, changed):
        self.check()
        self.rates = explored(self.kinds, *self._values())
        self.distances = expected_distances(self.rates, self.noise)
        decades = lowest_decade(self.rates.values(), (-3, -4)), lowest_decade(self.distances.values(), (-3, -6))
        if decades == self.decades:
            return ()
        self.decades = decades
        return ("decades",)

    def build(self):
        figure, axes = new_figure(10.5, 4.6, ncols=2)
        self.lines = draw_schedules(axes, self.kinds, self.num_steps, self.decades)
        outside_legend(figure, axes[0])
        return figure, [line for pair in self.lines.values() for line in pair]

    def update(self):
        rates, distances = self.rates, self.distances
        t = np.arange(self.num_steps + 1)
        for name, (rate_line, distance_line) in self.lines.items():
            rate_line.set_data(t[1:], np.maximum(rates[name], 1e-9))
            distance_line.set_data(t, np.clip(distances[name], 1e-12, 1e12))
        return schedules_text(rates, distances, self.noise)


def schedule_explorer(**values):
    """Return the live schedules: learning rates on the left, the expected squared distance that follows on the right.

    Right-hand curves are exact: f = theta^2 / 2 from a distance of 3, gradient noise of the chosen size.

    Args:
        **values: attributes of ``ScheduleExplorer``.

    Raises:
        ValueError: a schedule that is not there, or a value out of range.
    """
    return ScheduleExplorer(**values)
