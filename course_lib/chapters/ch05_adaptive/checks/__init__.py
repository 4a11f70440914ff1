"""Exercises of chapter 5: one update each, then what to make of it."""

from course_lib.chapters.ch05_adaptive.checks.corrected import run
from course_lib.chapters.ch05_adaptive.checks.memory import lone, spike
from course_lib.chapters.ch05_adaptive.checks.trials import pair, question
from course_lib.chapters.ch05_adaptive.checks.whole import adagrad, adam, adamw

CHAPTER = (adagrad, adam, adamw, lone, spike, run, pair, question)
