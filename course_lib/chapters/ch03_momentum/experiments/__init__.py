"""Experiments of chapter 3."""

from course_lib.chapters.ch03_momentum.experiments.rates import (
    halving,
    larger_root,
    momentum_rate,
    nesterov_rate,
    optimal_gradient_descent,
    optimal_momentum,
    optimal_nesterov,
    slowest_rate,
)

__all__ = [
    "halving",
    "larger_root",
    "momentum_rate",
    "nesterov_rate",
    "optimal_gradient_descent",
    "optimal_momentum",
    "optimal_nesterov",
    "slowest_rate",
]
