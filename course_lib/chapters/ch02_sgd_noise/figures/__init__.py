"""Figures of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.figures.descent import bounds_figure, eigenbasis_figure
from course_lib.chapters.ch02_sgd_noise.figures.loss_curves import loss_curves_figure
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import (
    CURVATURES,
    START,
    centres,
    radius_figure,
    sampling_figure,
)
from course_lib.chapters.ch02_sgd_noise.figures.three_clocks import measured_fixed_cost
from course_lib.chapters.ch02_sgd_noise.figures.variance_reduction import finite_sum_figure, snapshot_figure

__all__ = [
    "CURVATURES",
    "START",
    "bounds_figure",
    "centres",
    "eigenbasis_figure",
    "finite_sum_figure",
    "loss_curves_figure",
    "measured_fixed_cost",
    "radius_figure",
    "sampling_figure",
    "snapshot_figure",
]
