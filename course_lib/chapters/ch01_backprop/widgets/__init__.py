"""Live figures of chapter 1."""

from course_lib.chapters.ch01_backprop.widgets.gradient_check import gradient_check
from course_lib.chapters.ch01_backprop.widgets.graph import graph_stepper

__all__ = ["gradient_check", "graph_stepper"]
