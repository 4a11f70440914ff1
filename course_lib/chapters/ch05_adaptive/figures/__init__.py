"""Figures of chapter 5."""

from course_lib.chapters.ch05_adaptive.figures.corridor import corridor_figure
from course_lib.chapters.ch05_adaptive.figures.sparse import sparse_figure

__all__ = ["corridor_figure", "sparse_figure"]
