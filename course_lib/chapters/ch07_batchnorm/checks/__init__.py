"""Exercises of chapter 7."""

from course_lib.chapters.ch07_batchnorm.checks.batch_norm import backward, forward
from course_lib.chapters.ch07_batchnorm.checks.modes import group_norm, two_modes

CHAPTER = (forward, backward, two_modes, group_norm)
