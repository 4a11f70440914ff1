"""Exercises of chapter 3."""

from course_lib.chapters.ch03_momentum.checks.thinking import coasting, steps_needed, training
from course_lib.chapters.ch03_momentum.checks.whole import best_pair, momentum, nesterov, same_path

CHAPTER = (momentum, nesterov, same_path, best_pair, coasting, training, steps_needed)
