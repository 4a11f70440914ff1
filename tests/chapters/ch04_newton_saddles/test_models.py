"""What a step assumes: the tangent, the chord, and the Hessian that BFGS has learned."""

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.experiments.models import (
    BOWL,
    learned_hessians,
    newton_points,
    newtons_example,
    secant_step,
)
from course_lib.chapters.ch04_newton_saddles.figures.models import root_finding_figure, secant_figure
from course_lib.finite_differences import central_difference

ROOT = 2.0945514815423265  # of x^3 - 2 x - 5; Wallis 1685 printed its digits


def test_newtons_example_is_one_function():
    function, x = newtons_example(), np.array([2.7])
    np.testing.assert_allclose(function.gradient(x), central_difference(function.value, x), rtol=1e-6)
    np.testing.assert_allclose(function.hessian(x)[0], central_difference(lambda x: function.gradient(x)[0], x))


def test_newton_squares_the_error_and_the_secant_is_in_between():
    errors = np.abs(newton_points(2.5, 5) - ROOT)
    assert np.all(errors[2:4] < errors[1:3] ** 2) and errors[-1] < 1e-14
    slope, points = newtons_example().gradient, [3.0, 2.5]
    for _ in range(4):
        points.append(secant_step(slope, *map(np.asarray, points[-2:])))
    assert errors[4] < abs(points[-1] - ROOT) < 1e-4


def test_the_secant_of_a_parabola_is_newtons_step():
    assert secant_step(lambda x: 3.0 * (x - 7.0), 1.0, 2.0) == pytest.approx(7.0)


def test_bfgs_knows_a_bowl_of_two_coordinates_after_two_steps_and_not_after_one():
    thetas, hessians = learned_hessians()
    true = BOWL.hessian(np.zeros(2))
    np.testing.assert_allclose(hessians[2], true, rtol=1e-9)
    np.testing.assert_allclose(thetas[2], 0, atol=1e-9)
    assert np.abs(hessians[1] - true).max() > 0.5
    step = thetas[1] - thetas[0]
    np.testing.assert_allclose(hessians[1] @ step, true @ step, rtol=1e-9)  # what it has learned: this step


def test_the_captions_say_the_points():
    assert "Newton from 4: 4, 2.891, 2.311." in root_finding_figure()[1]
    assert root_finding_figure(start=3.5, num_steps=1)[1].startswith("Newton from 3.5: 3.5, 2.612.")
    assert secant_figure()[1].endswith("2.62, 1.75, 0.00.")
