"""Online, mini-batch and full batch side by side in updates, in epochs and in time: a live figure."""

import traitlets

from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import BATCH_SIZES, SIZE
from course_lib.chapters.ch02_sgd_noise.figures.three_clocks import clocks_text, draw_clocks, move_clocks
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import in_range
from course_lib.widgets.controls import Menu, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

LEARNING_RATES = even_positions(0.02, 1.98, 99)
COSTS = (0.0, *log_positions(0.1, 1000, 41, digits=2))


class ThreeClocks(LiveFigure):
    """Three batch sizes against three clocks; make it with ``three_clocks``.

    Attributes:
        learning_rate: of all three, between 0 and 2.
        batch_size: of the mini-batch, 2, 4, 8 or 16.
        fixed_cost: what an update costs before its first sample, in samples.
    """

    learning_rate = traitlets.Float(0.2).tag(sync=True)
    batch_size = traitlets.Int(4).tag(sync=True)
    fixed_cost = traitlets.Float(10.0).tag(sync=True)

    def controls(self):
        return (
            Slider("learning_rate", "Learning rate", LEARNING_RATES),
            Slider("fixed_cost", "Fixed cost of an update, in samples", COSTS),
            Menu("batch_size", "Mini-batch", tuple((size, str(size)) for size in BATCH_SIZES[1:-1])),
        )

    def check(self):
        if self.batch_size not in BATCH_SIZES[1:-1]:
            raise ValueError(f"The mini-batch has 2, 4, 8 or 16 of the {SIZE} samples, not {self.batch_size}.")
        if not 0 < self.learning_rate < 2:
            raise ValueError(
                f"The learning rate is {self.learning_rate}: from 2 on (2 / largest curvature) runs diverge."
            )
        in_range("fixed_cost", self.fixed_cost, 0, 1e9)

    def build(self):
        figure, axes = new_figure(11, 4.2, ncols=3, sharey=True)
        self.lines = draw_clocks(figure, axes)
        outside_legend(figure, axes[0])
        runs, means = zip(*(pair for of_axis in self.lines for pair in of_axis), strict=True)
        return figure, [*runs, *means]  # what is expected lies on top

    def update(self):
        setting = self.batch_size, self.learning_rate, self.fixed_cost
        move_clocks(self.lines, *setting)
        return clocks_text(*setting)


def three_clocks(learning_rate=0.2, batch_size=4, fixed_cost=10.0):
    """Return the live race of batch sizes 1, ``batch_size`` and 32, counted in updates, in epochs and in time.

    With a fixed cost of 0 the third picture is the second (a sample is all that costs), with a large one the first.

    Args:
        learning_rate: the same for all, between 0 and 2 (where runs would diverge).
        batch_size: 2, 4, 8 or 16.
        fixed_cost: of an update, in samples; ``figures.three_clocks.measured_fixed_cost`` measures one.

    Raises:
        ValueError: a value outside of these.
    """
    return ThreeClocks(learning_rate=learning_rate, batch_size=batch_size, fixed_cost=fixed_cost)
