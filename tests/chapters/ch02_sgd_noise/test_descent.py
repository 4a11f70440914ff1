"""Eigenvectors at their own rates, functions between two parabolas, and bounds that hold."""

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments.descent import (
    HIGH,
    LOW,
    between,
    eigen_components,
    flat_bottom,
    gaps,
    tilted_run,
)
from course_lib.chapters.ch02_sgd_noise.figures.descent import eigenbasis_figure
from course_lib.finite_differences import central_difference


@pytest.mark.parametrize("learning_rate", [0.3, 1.0, 1.7, 2.3])
def test_every_eigenvector_goes_its_own_way(learning_rate):
    hessian, thetas = tilted_run(learning_rate=learning_rate)
    eigenvalues, parts = eigen_components(hessian, thetas)
    steps = np.arange(len(thetas))[:, None]
    np.testing.assert_allclose(parts, parts[0] * (1 - learning_rate * eigenvalues) ** steps, rtol=1e-6, atol=1e-9)
    assert not np.allclose(hessian, np.diag(np.diag(hessian)))  # it is tilted


def test_the_parts_are_the_whole():
    hessian, thetas = tilted_run()
    _, parts = eigen_components(hessian, thetas)
    np.testing.assert_allclose(np.linalg.norm(parts, axis=1), np.linalg.norm(thetas, axis=1))


@pytest.mark.parametrize("point", [-2.0, 0.3, 1.5])
def test_the_function_lies_between_its_parabolas_and_above_its_tangent(point):
    function, x = between(), np.linspace(-4, 4, 161)
    at = np.array([point])
    height, slope = function.value(at), function.gradient(at)[0]
    low, tangent, high = (height + slope * (x - point) + c * (x - point) ** 2 / 2 for c in (LOW, 0.0, HIGH))
    values = function.value(x[:, None])
    assert np.all(low <= values + 1e-12) and np.all(values <= high + 1e-12) and np.all(tangent <= low + 1e-12)


def test_its_derivatives_are_those_of_one_function_and_its_curvature_reaches_both_bounds():
    function, x = between(), np.array([0.7])
    np.testing.assert_allclose(function.gradient(x), central_difference(function.value, x), rtol=1e-6)
    np.testing.assert_allclose(
        function.hessian(x)[0], central_difference(lambda x: function.gradient(x)[0], x), rtol=1e-6
    )
    assert function.hessian(np.zeros(1))[0, 0] == LOW and function.hessian(np.array([9.0]))[0, 0] > HIGH - 1e-6
    flat = flat_bottom()
    np.testing.assert_allclose(flat.gradient(-x), central_difference(flat.value, -x), rtol=1e-6)


def test_both_bounds_hold_and_only_one_gap_is_linear():
    found = gaps()
    for measured, bound in found.values():
        assert np.all(measured[1:] <= bound[1:] + 1e-15)
    slopes = np.diff(np.log(found["convex"][0][[50, 100, 200]])) / np.log(2)
    assert np.all(np.abs(slopes + 1.25) < 0.1)  # a power of k, near -1: |x|^10 gives -10/8
    strong = found["strongly convex"][0]
    assert strong[20] / strong[10] == pytest.approx(strong[30] / strong[20], rel=0.1)


def test_the_caption_says_both_factors():
    assert "0.83 per step" in eigenbasis_figure()[1] and "0.70 per step" in eigenbasis_figure()[1]
    assert "of 1 shrinks by 0.50" in eigenbasis_figure(learning_rate=0.5)[1]
