"""Exercises of chapter 5, one update each."""

from course_lib.chapters.ch05_adaptive.checks.adadelta import adadelta
from course_lib.chapters.ch05_adaptive.checks.adam import adam, adamw
from course_lib.chapters.ch05_adaptive.checks.rates import adagrad, rmsprop

CHAPTER = (adagrad, rmsprop, adadelta, adam, adamw)
