"""How ``tests/kit/widgets`` makes the live figures of chapter 7 that take long as they stand."""

from course_lib.chapters.ch07_batchnorm.widgets import loss_ahead, training

LIVE = {"loss_ahead": lambda: loss_ahead(step=8, depth=2)}


def shorten(patch):
    """The same work, fewer steps: what is tested here does not depend on the number."""
    patch.setattr(training, "LANDSCAPE_STEPS", 16)
    patch.setattr(training, "RACE_STEPS", 20)
    patch.setattr(training.LossAhead, "_kept", type(training.LossAhead._kept)())
    patch.setattr(training.BatchSizeRace, "_kept", type(training.BatchSizeRace._kept)())
