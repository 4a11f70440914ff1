"""Exercises of chapter 4."""

from course_lib.chapters.ch04_newton_saddles.checks.bfgs import bfgs
from course_lib.chapters.ch04_newton_saddles.checks.directions import directions
from course_lib.chapters.ch04_newton_saddles.checks.newton import newton, saddle_free
from course_lib.chapters.ch04_newton_saddles.checks.products import difference, exact

CHAPTER = (newton, directions, difference, saddle_free, bfgs, exact)
