"""Exercises of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.checks.whole import armijo, averaging, batches, restarts, sgd

CHAPTER = (batches, sgd, armijo, restarts, averaging)
