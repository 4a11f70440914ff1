"""Exercises of chapter 8."""

from course_lib.chapters.ch08_dropout.checks.best_penalty import penalty
from course_lib.chapters.ch08_dropout.checks.ensembles import ensemble
from course_lib.chapters.ch08_dropout.checks.selection import selection
from course_lib.chapters.ch08_dropout.checks.steps import steps
from course_lib.chapters.ch08_dropout.checks.whole import dropout, monte_carlo, penalties, stopping

CHAPTER = (dropout, stopping, penalties, monte_carlo, selection, ensemble, steps, penalty)
