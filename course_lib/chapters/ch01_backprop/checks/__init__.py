"""Exercises of chapter 1."""

from course_lib.chapters.ch01_backprop.checks.differences import plan
from course_lib.chapters.ch01_backprop.checks.mended import backward
from course_lib.chapters.ch01_backprop.checks.normalised import normalised
from course_lib.chapters.ch01_backprop.checks.whole import cross_entropy, deltas, dual, linear, numerical

CHAPTER = (linear, cross_entropy, deltas, dual, numerical, normalised, backward, plan)
