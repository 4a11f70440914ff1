"""How ``tests/kit/widgets`` makes the live figures of chapter 8 that take long as they stand."""

from course_lib.chapters.ch08_dropout.widgets import OverfittingExplorer, early_stopping_scrubber, overfitting_explorer

LIVE = {
    "early_stopping_scrubber": lambda: early_stopping_scrubber(num_samples=40),
    "overfitting_explorer": lambda: overfitting_explorer(width=8, num_samples=40),
}


def shorten(patch):
    """The explorer with 12 epochs instead of 200."""
    defaults = OverfittingExplorer.settings
    patch.setattr(OverfittingExplorer, "settings", lambda self: defaults(self)._replace(num_epochs=12))
