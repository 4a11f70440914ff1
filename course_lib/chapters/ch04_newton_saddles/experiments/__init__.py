"""What the ground looks like: curvature, kinds of critical points, Newton's basins, random matrices, slices."""

from course_lib.chapters.ch04_newton_saddles.experiments.basins import Basins, basins
from course_lib.chapters.ch04_newton_saddles.experiments.critical_points import CriticalPoint, classify
from course_lib.chapters.ch04_newton_saddles.experiments.curvature import (
    hessian_at,
    hessian_eigenvalues,
    saddle_index,
)
from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import deep_linear, saxe_product, saxe_time
from course_lib.chapters.ch04_newton_saddles.experiments.escape import escape_steps, median_escape, unstable_deviation
from course_lib.chapters.ch04_newton_saddles.experiments.newton_census import NewtonCensus, newton_census
from course_lib.chapters.ch04_newton_saddles.experiments.random_matrices import (
    coin_flip_probability,
    goe,
    log_probability_asymptotic,
    probability_all_positive,
    sample_all_positive,
)
from course_lib.chapters.ch04_newton_saddles.experiments.slices import Slice, between, line, plane, random_directions
from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import critical_points, index_of_loss

__all__ = [
    "Basins",
    "CriticalPoint",
    "NewtonCensus",
    "Slice",
    "basins",
    "between",
    "classify",
    "coin_flip_probability",
    "critical_points",
    "deep_linear",
    "escape_steps",
    "goe",
    "hessian_at",
    "hessian_eigenvalues",
    "index_of_loss",
    "line",
    "log_probability_asymptotic",
    "median_escape",
    "newton_census",
    "plane",
    "probability_all_positive",
    "random_directions",
    "saddle_index",
    "sample_all_positive",
    "saxe_product",
    "saxe_time",
    "unstable_deviation",
]
