"""The hand-written derivatives of the teaching surfaces against both modes."""

import numpy as np
import pytest

from course_lib.autodiff import derivative, gradient, hessian, jvp
from course_lib.surfaces import SURFACES


@pytest.mark.parametrize("name", SURFACES)
def test_gradient_and_hessian_equal_autodiff(name):
    surface = SURFACES[name]
    for theta in np.random.default_rng(1).uniform(*np.transpose(surface.window), size=(10, 2)):
        analytic, scale = surface.gradient(theta), 1e-12 * max(1, np.abs(surface.hessian(theta)).max())
        np.testing.assert_allclose(analytic, gradient(surface.value)(theta), atol=scale)
        np.testing.assert_allclose(analytic, [jvp(surface.value)(theta, unit)[1] for unit in np.eye(2)], atol=scale)
        np.testing.assert_allclose(surface.hessian(theta), hessian(surface.value)(theta), atol=10 * scale)
        along = derivative(derivative(lambda t, theta=theta: surface.value(theta + t * np.array([1.0, 2.0]))))(0.0)
        assert along == pytest.approx([1, 2] @ surface.hessian(theta) @ [1, 2], abs=100 * scale)
