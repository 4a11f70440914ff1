"""Figures of chapter 10."""

from course_lib.chapters.ch10_cnn_training.figures.inside import (
    changed_figure,
    evidence_figure,
    filters_figure,
    maps_figure,
)
from course_lib.chapters.ch10_cnn_training.figures.training import (
    guesses_figure,
    history_figure,
    range_figure,
    search_figure,
    throughput_figure,
)

__all__ = [
    "changed_figure",
    "evidence_figure",
    "filters_figure",
    "guesses_figure",
    "history_figure",
    "maps_figure",
    "range_figure",
    "search_figure",
    "throughput_figure",
]
