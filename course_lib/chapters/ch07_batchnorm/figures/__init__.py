"""Figures of chapter 7."""

from course_lib.chapters.ch07_batchnorm.figures.batchnorm import axes_figure, growth_figure, shift_figure

__all__ = ["axes_figure", "growth_figure", "shift_figure"]
