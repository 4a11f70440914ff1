"""Exercises of chapter 6."""

from course_lib.chapters.ch06_initialisation.checks.branches import branches
from course_lib.chapters.ch06_initialisation.checks.reach import reach
from course_lib.chapters.ch06_initialisation.checks.saturation import saturated
from course_lib.chapters.ch06_initialisation.checks.scaled import scaled
from course_lib.chapters.ch06_initialisation.checks.whole import break_symmetry, he, predict, xavier

CHAPTER = (predict, xavier, he, break_symmetry, saturated, reach, scaled, branches)
