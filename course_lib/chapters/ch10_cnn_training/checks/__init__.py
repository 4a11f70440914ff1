"""Exercises of chapter 10."""

from course_lib.chapters.ch10_cnn_training.checks.block import block
from course_lib.chapters.ch10_cnn_training.checks.budget import budget, question
from course_lib.chapters.ch10_cnn_training.checks.epochs import loop
from course_lib.chapters.ch10_cnn_training.checks.memory import memory
from course_lib.chapters.ch10_cnn_training.checks.whole import evaluation, range_test, step

CHAPTER = (step, evaluation, range_test, loop, memory, budget, question, block)
