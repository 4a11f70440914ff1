"""Experiments of chapter 8."""

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import (
    dropout_moments,
    exact_average,
    geometric_average,
    small_net,
    weight_scaling,
)
from course_lib.chapters.ch08_dropout.experiments.overfitting import Settings, accuracy, learn, stops_at
from course_lib.chapters.ch08_dropout.experiments.shrinkage import (
    bowl,
    dropout_penalty,
    l2_factor,
    noise_penalty,
    penalised_solution,
)

__all__ = [
    "Settings",
    "accuracy",
    "bowl",
    "dropout_moments",
    "dropout_penalty",
    "exact_average",
    "geometric_average",
    "l2_factor",
    "learn",
    "noise_penalty",
    "penalised_solution",
    "small_net",
    "stops_at",
    "weight_scaling",
]
