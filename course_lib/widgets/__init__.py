"""Live figures: controls around a picture. ``live.py`` says how to build one, ``reel.py`` how to make it quick."""

from course_lib.widgets.live import LiveFigure

__all__ = ["LiveFigure"]
