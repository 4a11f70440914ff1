"""Figures of chapter 3."""

from course_lib.chapters.ch03_momentum.figures.light_cone import light_cone_figure
from course_lib.chapters.ch03_momentum.figures.momentum import damping_figure, momentum_weights_figure
from course_lib.chapters.ch03_momentum.figures.speed import worst_case_figure
from course_lib.chapters.ch03_momentum.figures.step import step_figure

__all__ = ["damping_figure", "light_cone_figure", "momentum_weights_figure", "step_figure", "worst_case_figure"]
