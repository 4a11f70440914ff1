"""Exercises of chapter 5, one update each."""

from course_lib.chapters.ch05_adaptive.checks.whole import adadelta, adagrad, adam, adamw, rmsprop

CHAPTER = (adagrad, rmsprop, adadelta, adam, adamw)
