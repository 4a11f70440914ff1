"""Figures of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import (
    CURVATURES,
    START,
    centres,
    radius_figure,
    sampling_figure,
)
from course_lib.chapters.ch02_sgd_noise.figures.three_clocks import measured_fixed_cost

__all__ = ["CURVATURES", "START", "centres", "measured_fixed_cost", "radius_figure", "sampling_figure"]
