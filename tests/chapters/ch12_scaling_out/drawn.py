"""How ``tests/kit/figures`` draws those of chapter 12 that need what was measured."""

from course_lib.chapters.ch12_scaling_out.claims.measured import measured
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines
from course_lib.chapters.ch12_scaling_out.experiments.speed_up import Measured, predicted, predicted_served
from course_lib.chapters.ch12_scaling_out.figures.batches import critical_figure, scaling_figure
from course_lib.chapters.ch12_scaling_out.figures.teams import teams_figure


def _teams():
    served = [{"seconds": seconds} for seconds in (0.04, 0.02, 0.014)]
    real = Measured([0.04, 0.05, 0.06, 0.07], [0.04, 0.04, 0.08], served)
    machines = Machines(spread=0.5, network=0.05)
    return teams_figure(real, predicted(machines), predicted_served(machines))


FIGURES = {
    "teams": _teams,
    "critical": lambda: critical_figure(measured("batch_sizes")),
    "scaling": lambda: scaling_figure(measured("linear_scaling"), measured("batch_sizes")),
}
