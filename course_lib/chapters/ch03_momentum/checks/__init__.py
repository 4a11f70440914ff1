"""Exercises of chapter 3."""

from course_lib.chapters.ch03_momentum.checks.forms import best_pair, same_path
from course_lib.chapters.ch03_momentum.checks.steps import momentum, nesterov

CHAPTER = (momentum, nesterov, same_path, best_pair)
