"""Figures of chapter 10."""

from course_lib.chapters.ch10_cnn_training.figures.training import (
    guesses_figure,
    history_figure,
    range_figure,
    search_figure,
    throughput_figure,
)

__all__ = ["guesses_figure", "history_figure", "range_figure", "search_figure", "throughput_figure"]
