"""Exercises of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.checks.batches import batches, sgd
from course_lib.chapters.ch02_sgd_noise.checks.rules import armijo, averaging, restarts

CHAPTER = (batches, sgd, armijo, restarts, averaging)
