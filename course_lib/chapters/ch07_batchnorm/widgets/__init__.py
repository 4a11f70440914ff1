"""Live figures of chapter 7."""

from course_lib.chapters.ch07_batchnorm.widgets.activations import activation_explorer
from course_lib.chapters.ch07_batchnorm.widgets.training import batch_size_race, loss_ahead

__all__ = ["activation_explorer", "batch_size_race", "loss_ahead"]
