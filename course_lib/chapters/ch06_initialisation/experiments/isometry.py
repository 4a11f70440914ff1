"""Singular values of a deep linear map, from normal and from orthogonal weights."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.signals import INITIALIZERS, jacobian


def singular_values(initializer, activation, scale, depth, width=60, seed=0):
    """Singular values of the Jacobian, descending, at one input of E[x^2] = 0.01 (a tanh is nearly linear there)."""
    rng = np.random.default_rng(seed)
    weights = [scale * INITIALIZERS[initializer](width, width, rng) for _ in range(depth)]
    return np.linalg.svd(jacobian(weights, activation, 0.1 * rng.normal(size=width)), compute_uv=False)
