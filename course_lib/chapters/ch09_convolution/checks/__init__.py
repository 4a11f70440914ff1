"""Exercises of chapter 9."""

from course_lib.chapters.ch09_convolution.checks.columns import product
from course_lib.chapters.ch09_convolution.checks.depth import layers
from course_lib.chapters.ch09_convolution.checks.merged import merged
from course_lib.chapters.ch09_convolution.checks.seen import seen
from course_lib.chapters.ch09_convolution.checks.whole import backward, forward, pool, sizes

CHAPTER = (forward, backward, pool, sizes, layers, product, seen, merged)
