"""Figures of chapter 6."""

from course_lib.chapters.ch06_initialisation.figures.activations import share_saturated, zone
from course_lib.chapters.ch06_initialisation.figures.after_training import after_training_figure
from course_lib.chapters.ch06_initialisation.figures.isometry import isometry_figure
from course_lib.chapters.ch06_initialisation.figures.signals import three_draws_figure
from course_lib.chapters.ch06_initialisation.figures.symmetry import symmetry_figure

__all__ = [
    "after_training_figure",
    "isometry_figure",
    "share_saturated",
    "symmetry_figure",
    "three_draws_figure",
    "zone",
]
