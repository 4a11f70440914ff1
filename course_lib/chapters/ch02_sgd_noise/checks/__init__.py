"""Exercises of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.checks.noise import arrival, limit
from course_lib.chapters.ch02_sgd_noise.checks.pieces import pieces
from course_lib.chapters.ch02_sgd_noise.checks.tuning import question, tuning
from course_lib.chapters.ch02_sgd_noise.checks.whole import armijo, averaging, batches, restarts, sgd

CHAPTER = (batches, sgd, armijo, restarts, averaging, limit, arrival, pieces, tuning, question)
