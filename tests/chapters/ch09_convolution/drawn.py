"""How ``tests/kit/figures`` draws those of chapter 9 that need arguments, or take long by themselves."""

import numpy as np

from course_lib.chapters.ch09_convolution.figures.kernel import kernels_figure
from course_lib.chapters.ch09_convolution.figures.pooling import matrix_figure
from course_lib.chapters.ch09_convolution.look import images_figure
from course_lib.layers import weight_places

FIGURES = {
    "kernels": kernels_figure,
    "kernels painted": lambda: kernels_figure("painted landscape"),
    "matrix": lambda: matrix_figure(weight_places((3, 3), (5, 5)), (3, 3), (5, 5), (3, 3)),
    "matrix padded": lambda: matrix_figure(weight_places((2, 2), (6, 6), 2, 1), (2, 2), (6, 6), (4, 4)),
    "images": lambda: images_figure({"a": np.eye(4), "b": -np.eye(4)}, "both have 4 pixels"),
}
