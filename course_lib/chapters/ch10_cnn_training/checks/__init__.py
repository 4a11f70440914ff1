"""Exercises of chapter 10."""

from course_lib.chapters.ch10_cnn_training.checks.evaluate import evaluation
from course_lib.chapters.ch10_cnn_training.checks.range_test import range_test
from course_lib.chapters.ch10_cnn_training.checks.step import step

CHAPTER = (step, evaluation, range_test)
