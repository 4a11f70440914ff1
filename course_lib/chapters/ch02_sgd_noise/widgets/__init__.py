"""Live figures of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.widgets.line_search import line_search
from course_lib.chapters.ch02_sgd_noise.widgets.noise import noise_ball, schedule_explorer
from course_lib.chapters.ch02_sgd_noise.widgets.three_clocks import three_clocks

__all__ = ["line_search", "noise_ball", "schedule_explorer", "three_clocks"]
