"""Figures of chapter 4."""

from course_lib.chapters.ch04_newton_saddles.figures.basins import basins_figure
from course_lib.chapters.ch04_newton_saddles.figures.landscape import index_figure, kinds_figure
from course_lib.chapters.ch04_newton_saddles.figures.models import root_finding_figure, secant_figure
from course_lib.chapters.ch04_newton_saddles.figures.second_order import cost_figure, second_order_race_figure

__all__ = [
    "basins_figure",
    "cost_figure",
    "index_figure",
    "kinds_figure",
    "root_finding_figure",
    "secant_figure",
    "second_order_race_figure",
]
