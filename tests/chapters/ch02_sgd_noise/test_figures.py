"""Chapter 2's figures: drawn without a warning, alt text with the finding, nothing cut off."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import ellipse


def test_the_ellipse_has_the_covariance_that_it_is_drawn_for():
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    points = ellipse(np.array([1.0, -1.0]), covariance, deviations=2.0) - [1.0, -1.0]
    np.testing.assert_allclose(np.einsum("pi,ij,pj->p", points, np.linalg.inv(covariance), points), 4.0)
    np.testing.assert_allclose(ellipse(np.zeros(2), np.zeros((2, 2))), 0.0)
