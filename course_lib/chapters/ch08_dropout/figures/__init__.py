"""Figures of chapter 8."""

from course_lib.chapters.ch08_dropout.figures.overfitting import scrubbed
from course_lib.chapters.ch08_dropout.figures.regularisation import averages_figure, shrinkage_figure, zeros_figure
from course_lib.chapters.ch08_dropout.figures.rough_path import rough_path_figure

__all__ = ["averages_figure", "rough_path_figure", "scrubbed", "shrinkage_figure", "zeros_figure"]
