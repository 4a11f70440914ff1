"""How ``tests/kit/figures`` draws those of chapter 3 that need arguments, or take long by themselves."""

from course_lib.chapters.ch03_momentum.figures.phase_map import phase_map_figure
from course_lib.chapters.ch03_momentum.figures.step import step_figure
from course_lib.surfaces import ravine

FIGURES = {
    "phase_map momentum": lambda: phase_map_figure("momentum", 30.0, size=60),
    "phase_map nesterov": lambda: phase_map_figure("Nesterov", 100.0, size=60),
    "step": lambda: step_figure(ravine(10.0), [-1.2, 0.9], [0.9, -0.6], 0.05, 0.9),
}
