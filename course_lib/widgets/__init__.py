"""Live figures: controls around a picture. ``live.py`` says how to build one, ``reel.py`` how to make it quick."""

from course_lib.widgets.live import LiveFigure
from course_lib.widgets.predict import predict
from course_lib.widgets.quiz import quiz
from course_lib.widgets.reel import Reel
from course_lib.widgets.visualiser import visualiser

__all__ = ["LiveFigure", "Reel", "predict", "quiz", "visualiser"]
