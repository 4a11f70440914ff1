"""Live figures of chapter 9."""

from course_lib.chapters.ch09_convolution.widgets.kernel import sliding_kernel
from course_lib.chapters.ch09_convolution.widgets.pooling import pooling
from course_lib.chapters.ch09_convolution.widgets.receptive_field import receptive_field
from course_lib.chapters.ch09_convolution.widgets.sizes import size_calculator

__all__ = ["pooling", "receptive_field", "size_calculator", "sliding_kernel"]
