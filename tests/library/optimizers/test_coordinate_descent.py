"""Coordinate descent: which coordinate, and how far."""

import numpy as np
import pytest

from course_lib.optimizers import SGD, CoordinateDescent, exact_on_quadratic
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic

ORDERS = ("cyclic", "random", "greedy")
MATRIX = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]])
BOWL = quadratic(MATRIX, np.array([1.0, -2.0, 3.0]))


def moved(thetas):
    """Which coordinate changed in each step."""
    changed = np.diff(thetas, axis=0) != 0
    assert np.all(changed.sum(axis=-1) == 1)
    return np.argmax(changed, axis=-1)


def test_cyclic_order_goes_round():
    np.testing.assert_array_equal(moved(descend(BOWL, CoordinateDescent(), np.ones(3), 7).thetas), np.arange(7) % 3)


def test_greedy_takes_the_largest_gradient():
    thetas = descend(BOWL, CoordinateDescent(order="greedy"), np.ones(3), 20).thetas
    np.testing.assert_array_equal(moved(thetas), np.argmax(np.abs(BOWL.gradient(thetas[:-1])), axis=-1))


def test_random_order_is_even_and_belongs_to_its_seed():
    first, again, other = (
        moved(descend(BOWL, CoordinateDescent(0.001, "random", seed=seed), np.ones(3), 600).thetas)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)
    counts = np.bincount(first, minlength=3)
    assert np.all(np.abs(counts - 200) < 5 * np.sqrt(600 * 2 / 9))


@pytest.mark.parametrize("order", ORDERS)
def test_a_step_is_gradient_descent_in_that_coordinate(order):
    start = np.array([1.0, 0.3, -0.7])
    step = descend(BOWL, CoordinateDescent(0.1, order), start, 1).thetas[1] - start
    plain = descend(BOWL, SGD(0.1), start, 1).thetas[1] - start
    chosen = step != 0
    np.testing.assert_allclose(step[chosen], plain[chosen], rtol=1e-12)


def test_exact_cyclic_sweeps_are_gauss_seidel():
    sweeps = descend(BOWL, CoordinateDescent(line_search=exact_on_quadratic), np.zeros(3), 9).thetas[3::3]
    lower, upper, x = np.tril(MATRIX), np.triu(MATRIX, 1), np.zeros(3)
    for sweep in sweeps:
        x = np.linalg.solve(lower, np.array([1.0, -2.0, 3.0]) - upper @ x)
        np.testing.assert_allclose(sweep, x, rtol=1e-13)


@pytest.mark.parametrize("order", ORDERS)
def test_exact_steps_converge_on_a_convex_quadratic(order):
    run = descend(BOWL, CoordinateDescent(order=order, line_search=exact_on_quadratic), np.ones(3), 300)
    np.testing.assert_allclose(run.thetas[-1], np.linalg.solve(MATRIX, [1.0, -2.0, 3.0]), rtol=1e-9)


def test_along_the_axes_of_a_quadratic_n_exact_steps_are_enough():
    run = descend(SURFACES["ravine"], CoordinateDescent(line_search=exact_on_quadratic), [-1.8, 1.0], 2)
    np.testing.assert_allclose(run.thetas[2], 0, atol=1e-15)


def test_an_order_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(ValueError, match=r"no order 'best'. Choose one of: cyclic, random, greedy"):
        CoordinateDescent(order="best")
