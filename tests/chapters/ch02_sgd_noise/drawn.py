"""How ``tests/kit/figures`` draws those of chapter 2 that need arguments, or take long by themselves."""

from course_lib.chapters.ch02_sgd_noise.figures.line_search import line_search_figure
from course_lib.surfaces import SURFACES

FIGURES = {
    "line_search": lambda: line_search_figure(SURFACES["rosenbrock"], [-1.2, 1.0], 0.01, 0.5, 0.1),
    "line_search at a minimum": lambda: line_search_figure(SURFACES["global_minimum"], [0.0, 0.0]),
}
