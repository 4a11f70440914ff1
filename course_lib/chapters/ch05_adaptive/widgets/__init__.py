"""Live figures of chapter 5."""

from course_lib.chapters.ch05_adaptive.widgets.adam import bias_correction, eps_place, weight_decay
from course_lib.chapters.ch05_adaptive.widgets.race import adaptive_race
from course_lib.chapters.ch05_adaptive.widgets.reddi import counter_example

__all__ = ["adaptive_race", "bias_correction", "counter_example", "eps_place", "weight_decay"]
