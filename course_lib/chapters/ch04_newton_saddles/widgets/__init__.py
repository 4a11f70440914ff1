"""Live figures of chapter 4."""

from course_lib.chapters.ch04_newton_saddles.widgets.basins import basin_map
from course_lib.chapters.ch04_newton_saddles.widgets.curvature import eigenvalue_explorer, saddle_escape, two_layers

__all__ = ["basin_map", "eigenvalue_explorer", "saddle_escape", "two_layers"]
