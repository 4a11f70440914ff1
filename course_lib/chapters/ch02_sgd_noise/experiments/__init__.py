"""Experiments of chapter 2."""

from course_lib.chapters.ch02_sgd_noise.experiments.noise_ball import (
    SAMPLING,
    ball_variance,
    bowls,
    diminishing_bound,
    expected_path,
    expected_square,
    variance_factor,
)

__all__ = [
    "SAMPLING",
    "ball_variance",
    "bowls",
    "diminishing_bound",
    "expected_path",
    "expected_square",
    "variance_factor",
]
