"""How ``tests/kit/widgets`` makes the live figures of chapter 6 that take long as they stand."""

from course_lib.chapters.ch06_initialisation.widgets import deep_training_race
from course_lib.chapters.ch06_initialisation.widgets.training import TrainingFigure

LIVE = {"deep_training_race": lambda: deep_training_race(("normal, 0.01", "He"), depth=2)}


def shorten(patch):
    """Two epochs in the place of many."""
    patch.setattr(TrainingFigure, "num_epochs", 2)
    patch.setattr(TrainingFigure, "_kept", type(TrainingFigure._kept)())
