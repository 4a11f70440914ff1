"""Exercises of chapter 3."""

from course_lib.chapters.ch03_momentum.checks.whole import best_pair, momentum, nesterov, same_path

CHAPTER = (momentum, nesterov, same_path, best_pair)
