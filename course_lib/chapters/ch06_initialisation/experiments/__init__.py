"""Experiments of chapter 6."""

from course_lib.chapters.ch06_initialisation.experiments.signals import (
    fixed_point,
    mean_square_slope,
    predict,
    weight_variance,
)
from course_lib.chapters.ch06_initialisation.experiments.zigzag import condition, run

__all__ = ["condition", "fixed_point", "mean_square_slope", "predict", "run", "weight_variance"]
