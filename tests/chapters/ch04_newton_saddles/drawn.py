"""How ``tests/kit/figures`` draws those of chapter 4 that need arguments, or take long by themselves."""

from course_lib.chapters.ch04_newton_saddles.figures.basins import basins_figure
from course_lib.chapters.ch04_newton_saddles.figures.landscape import index_figure, shares_figure

FIGURES = {
    "basins": lambda: basins_figure(size=30),
    "index": lambda: index_figure(dimensions=(6,), num_starts=150),
    "shares": lambda: shares_figure({"here": (0.5, 0.0, 0.5), "there": (1.0, 0.0, 0.0)}),
}
