"""Exercises of chapter 1."""

from course_lib.chapters.ch01_backprop.checks.whole import cross_entropy, deltas, dual, linear, numerical

CHAPTER = (linear, cross_entropy, deltas, dual, numerical)
