"""What the ground looks like: curvature, kinds of critical points, Newton's basins, random matrices, slices."""

from course_lib.landscape.critical_points import CriticalPoint, classify
from course_lib.landscape.curvature import hessian_at, hessian_eigenvalues, saddle_index
from course_lib.landscape.newton_census import NewtonCensus, newton_census
from course_lib.landscape.random_matrices import (
    coin_flip_probability,
    goe,
    log_probability_asymptotic,
    probability_all_positive,
    sample_all_positive,
)
from course_lib.landscape.slices import Slice, between, line, plane, random_directions

__all__ = [
    "CriticalPoint",
    "NewtonCensus",
    "Slice",
    "between",
    "classify",
    "coin_flip_probability",
    "goe",
    "hessian_at",
    "hessian_eigenvalues",
    "line",
    "log_probability_asymptotic",
    "newton_census",
    "plane",
    "probability_all_positive",
    "random_directions",
    "saddle_index",
    "sample_all_positive",
]
