"""Exercises of chapter 10."""

from course_lib.chapters.ch10_cnn_training.checks.whole import evaluation, range_test, step

CHAPTER = (step, evaluation, range_test)
