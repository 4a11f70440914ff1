"""Live figures of chapter 6."""

from course_lib.chapters.ch06_initialisation.widgets.signals import activations, signals, zigzag
from course_lib.chapters.ch06_initialisation.widgets.training import dead_units, deep_training_race

__all__ = ["activations", "dead_units", "deep_training_race", "signals", "zigzag"]
