"""A ring all-reduce that one can step through."""

import traitlets

from course_lib.chapters.ch12_scaling_out.figures.ring import compute_ring, draw_ring, move_ring, ring_text
from course_lib.figures.style import new_figure
from course_lib.widgets.controls import Slider
from course_lib.widgets.live import LiveFigure


class RingStepper(LiveFigure):
    """What every worker holds after each step; make it with ``ring_stepper``.

    Attributes:
        num_workers: 2 to 8.
        step: 0 to 2 (num_workers - 1); a larger one is ``last_step``, the last.
    """

    num_workers = traitlets.Int(5).tag(sync=True)
    step = traitlets.Int(3).tag(sync=True)
    last_step = traitlets.Int(8).tag(sync=True)

    rebuild_on = ("num_workers",)

    def controls(self):
        return (
            Slider("num_workers", "Workers", (2, 3, 4, 5, 6, 7, 8)),
            Slider("step", "Step", tuple(range(15)), plays="last_step"),
        )

    def check(self):
        if not 2 <= self.num_workers <= 8:
            raise ValueError(f"The ring has 2 to 8 workers here, but num_workers is {self.num_workers}.")
        if self.step < 0:
            raise ValueError(f"Steps are counted from 0, but step is {self.step}.")

    def build(self):
        self.ring = compute_ring(self.num_workers)
        figure, axes = new_figure(6.4, 4.8)
        self.artists = mesh, texts = draw_ring(axes, self.num_workers)
        return figure, [mesh, *(text for row in texts for text in row)]

    def update(self):
        self.last_step = len(self.ring.holds) - 1
        step = min(self.step, self.last_step)
        move_ring(self.artists, self.ring, step)
        return ring_text(self.ring, step)


def ring_stepper(**values):
    """Return the live ring: how many gradients are summed in each chunk of each worker, step by step.

    Args:
        **values: attributes of ``RingStepper``.

    Raises:
        ValueError: a value that is not there or out of range.
    """
    return RingStepper(**values)
