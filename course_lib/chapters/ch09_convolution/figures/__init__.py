"""Figures of chapter 9."""

from course_lib.chapters.ch09_convolution.figures.kernel import KERNELS, flip_figure, kernels_figure
from course_lib.chapters.ch09_convolution.figures.pooling import matrix_figure

__all__ = ["KERNELS", "flip_figure", "kernels_figure", "matrix_figure"]
