"""Exercises of chapter 7."""

from course_lib.chapters.ch07_batchnorm.checks.deviation import absolute
from course_lib.chapters.ch07_batchnorm.checks.images import images
from course_lib.chapters.ch07_batchnorm.checks.inference import pieces
from course_lib.chapters.ch07_batchnorm.checks.settled import settled
from course_lib.chapters.ch07_batchnorm.checks.whole import backward, forward, group_norm, two_modes

CHAPTER = (forward, backward, two_modes, group_norm, pieces, absolute, images, settled)
