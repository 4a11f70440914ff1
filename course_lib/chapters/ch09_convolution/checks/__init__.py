"""Exercises of chapter 9."""

from course_lib.chapters.ch09_convolution.checks.backward import backward, pool
from course_lib.chapters.ch09_convolution.checks.forward import forward
from course_lib.chapters.ch09_convolution.checks.shapes import sizes

CHAPTER = (forward, backward, pool, sizes)
