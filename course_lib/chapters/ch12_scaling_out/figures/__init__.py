"""Figures of chapter 12."""

from course_lib.chapters.ch12_scaling_out.figures.batches import critical_figure, scaling_figure
from course_lib.chapters.ch12_scaling_out.figures.teams import teams_figure

__all__ = ["critical_figure", "scaling_figure", "teams_figure"]
