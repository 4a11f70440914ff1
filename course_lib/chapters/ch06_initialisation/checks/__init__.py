"""Exercises of chapter 6."""

from course_lib.chapters.ch06_initialisation.checks.initialisers import he, xavier
from course_lib.chapters.ch06_initialisation.checks.variance import break_symmetry, predict

CHAPTER = (predict, xavier, he, break_symmetry)
