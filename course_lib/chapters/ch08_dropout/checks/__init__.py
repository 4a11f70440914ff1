"""Exercises of chapter 8."""

from course_lib.chapters.ch08_dropout.checks.dropout import dropout, monte_carlo
from course_lib.chapters.ch08_dropout.checks.penalties import penalties
from course_lib.chapters.ch08_dropout.checks.stopping import stopping

CHAPTER = (dropout, stopping, penalties, monte_carlo)
