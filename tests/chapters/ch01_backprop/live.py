"""How ``tests/kit/widgets`` makes the live figures of chapter 1 of which little is seen as they stand."""

from course_lib.chapters.ch01_backprop.widgets import graph_stepper

LIVE = {"graph_stepper": lambda: graph_stepper(step=3)}  # at step 0 all modes look alike
