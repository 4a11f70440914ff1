"""How ``tests/kit/widgets`` makes the live figures of chapter 2 that take long as they stand."""

from course_lib.chapters.ch02_sgd_noise.widgets import line_search

LIVE = {"line_search": lambda: line_search(trial=3, sufficient_decrease=0.5)}
