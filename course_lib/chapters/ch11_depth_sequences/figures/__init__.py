"""Figures of chapter 11."""

from course_lib.chapters.ch11_depth_sequences.figures.training import adding_figure, norms_figure

__all__ = ["adding_figure", "norms_figure"]
