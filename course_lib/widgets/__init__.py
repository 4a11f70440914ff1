"""Live figures: controls around a picture. ``live.py`` says how to build one, ``reel.py`` how to make it quick."""

from course_lib.widgets.ch01 import graph_stepper
from course_lib.widgets.ch02 import noise_ball, schedule_explorer
from course_lib.widgets.ch02_line_search import line_search
from course_lib.widgets.ch03 import visualiser
from course_lib.widgets.ch10 import training_dashboard
from course_lib.widgets.gradient_check import gradient_check
from course_lib.widgets.live import LiveFigure
from course_lib.widgets.phase_map import phase_map
from course_lib.widgets.predict import predict
from course_lib.widgets.progress_strip import progress_strip
from course_lib.widgets.quiz import quiz
from course_lib.widgets.reel import Reel

__all__ = [
    "LiveFigure",
    "Reel",
    "gradient_check",
    "graph_stepper",
    "line_search",
    "noise_ball",
    "phase_map",
    "predict",
    "progress_strip",
    "quiz",
    "schedule_explorer",
    "training_dashboard",
    "visualiser",
]
