"""Exercises of chapter 4."""

from course_lib.chapters.ch04_newton_saddles.checks.runs import run
from course_lib.chapters.ch04_newton_saddles.checks.thinking import escape, flat, question
from course_lib.chapters.ch04_newton_saddles.checks.whole import (
    bfgs,
    difference,
    directions,
    exact,
    newton,
    saddle_free,
)

CHAPTER = (newton, directions, difference, saddle_free, bfgs, exact, flat, run, escape, question)
