"""Exercises of chapter 4."""

from course_lib.chapters.ch04_newton_saddles.checks.whole import (
    bfgs,
    difference,
    directions,
    exact,
    newton,
    saddle_free,
)

CHAPTER = (newton, directions, difference, saddle_free, bfgs, exact)
