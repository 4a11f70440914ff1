"""Exercises of chapter 1."""

from course_lib.chapters.ch01_backprop.checks.derivatives import dual, numerical
from course_lib.chapters.ch01_backprop.checks.layers import cross_entropy, deltas, linear

CHAPTER = (linear, cross_entropy, deltas, dual, numerical)
