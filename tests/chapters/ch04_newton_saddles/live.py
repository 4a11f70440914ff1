"""How ``tests/kit/widgets`` makes the live figures of chapter 4 that take long as they stand."""

from course_lib.chapters.ch04_newton_saddles.widgets import basin_map

LIVE = {"basin_map": lambda: basin_map(detail="coarse")}
LATER = {"detail"}  # the map is refined when nobody moves anything
