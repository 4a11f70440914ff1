"""Figures of chapter 1."""

from course_lib.chapters.ch01_backprop.figures.gradient_check import v_figure
from course_lib.figures.graph import graph_figure

__all__ = ["graph_figure", "v_figure"]
