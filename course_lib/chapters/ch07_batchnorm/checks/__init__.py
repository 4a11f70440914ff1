"""Exercises of chapter 7."""

from course_lib.chapters.ch07_batchnorm.checks.inference import pieces
from course_lib.chapters.ch07_batchnorm.checks.whole import backward, forward, group_norm, two_modes

CHAPTER = (forward, backward, two_modes, group_norm, pieces)
