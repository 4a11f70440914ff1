"""Live figures: controls around a picture. ``live.py`` says how to build one, ``reel.py`` how to make it quick."""

from course_lib.widgets.ch01 import graph_stepper
from course_lib.widgets.ch02 import noise_ball, schedule_explorer
from course_lib.widgets.ch02_line_search import line_search
from course_lib.widgets.ch02_three_clocks import three_clocks
from course_lib.widgets.ch03 import visualiser
from course_lib.widgets.ch04 import eigenvalue_explorer, saddle_escape, two_layers
from course_lib.widgets.ch04_basins import basin_map
from course_lib.widgets.ch05 import adaptive_race
from course_lib.widgets.ch05_adam import bias_correction, eps_place, weight_decay
from course_lib.widgets.ch05_reddi import counter_example
from course_lib.widgets.ch06 import activations, signals, zigzag
from course_lib.widgets.ch06_training import dead_units, deep_training_race
from course_lib.widgets.ch07 import activation_explorer
from course_lib.widgets.ch07_training import batch_size_race, loss_ahead
from course_lib.widgets.ch08 import early_stopping_scrubber, mask_viewer, overfitting_explorer
from course_lib.widgets.ch09 import sliding_kernel
from course_lib.widgets.ch09_pooling import pooling
from course_lib.widgets.ch09_receptive_field import receptive_field
from course_lib.widgets.ch09_sizes import size_calculator
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
    "activation_explorer",
    "activations",
    "adaptive_race",
    "basin_map",
    "batch_size_race",
    "bias_correction",
    "counter_example",
    "dead_units",
    "deep_training_race",
    "early_stopping_scrubber",
    "eigenvalue_explorer",
    "eps_place",
    "gradient_check",
    "graph_stepper",
    "line_search",
    "loss_ahead",
    "mask_viewer",
    "noise_ball",
    "overfitting_explorer",
    "phase_map",
    "pooling",
    "predict",
    "progress_strip",
    "quiz",
    "receptive_field",
    "saddle_escape",
    "schedule_explorer",
    "signals",
    "size_calculator",
    "sliding_kernel",
    "three_clocks",
    "training_dashboard",
    "two_layers",
    "visualiser",
    "weight_decay",
    "zigzag",
]
