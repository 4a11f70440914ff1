"""Basins, two linear layers, the escape, the random loss and the race: against the library and against theory."""

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.experiments import (
    basins,
    critical_points,
    deep_linear,
    escape_steps,
    hessian_eigenvalues,
    index_of_loss,
    median_escape,
    newton_census,
    saxe_product,
    saxe_time,
    unstable_deviation,
)
from course_lib.chapters.ch04_newton_saddles.experiments.basins import (
    KINDS,
    METHODS,
    grid,
    kinds_of,
    optimizer_for,
    quick_step,
    rescaled_2d,
)
from course_lib.chapters.ch04_newton_saddles.experiments.second_order_race import METHODS as RACED
from course_lib.chapters.ch04_newton_saddles.experiments.second_order_race import (
    Logistic,
    problem,
    race,
    solve_seconds,
)
from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import couplings, derivatives
from course_lib.gradcheck import check_gradient
from course_lib.optimizers import SGD
from course_lib.optimizers.second_order import rescaled
from course_lib.run import descend
from course_lib.surfaces import SURFACES

HIMMELBLAU = SURFACES["himmelblau"]


def test_a_function_of_a_2_x_2_matrix_needs_no_eigenvectors():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(50, 2, 2))
    matrix, vector = a + np.swapaxes(a, -1, -2), rng.normal(size=(50, 2))
    for function in (np.exp, np.abs, lambda x: 1 / x):
        quick = rescaled_2d(matrix, vector, lambda one, other, f=function: (f(one), f(other)))  # (4.25)
        np.testing.assert_allclose(quick, rescaled(matrix, vector, function), rtol=1e-9, atol=1e-9)


def test_a_multiple_of_the_identity_has_no_direction():
    quick = rescaled_2d(3 * np.eye(2), np.array([1.0, -2.0]), lambda one, other: (1 / one, 1 / other))
    np.testing.assert_allclose(quick, [1 / 3, -2 / 3])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("damping", [0.0, 12.0])
def test_the_quick_step_is_the_optimizers_step(method, damping):
    theta = np.random.default_rng(1).uniform(-4, 4, (40, 2))
    optimizer = optimizer_for(method, damping, 0.003)
    expected, _ = optimizer.step(HIMMELBLAU, theta, optimizer.init(theta))
    new, _ = quick_step(method, damping, 0.003)(HIMMELBLAU, theta, HIMMELBLAU.gradient(theta), None)
    np.testing.assert_allclose(new, expected, rtol=1e-9, atol=1e-9)


def test_basins_agree_with_the_census_of_newton():
    axis = np.linspace(-5, 5, 41)
    starts = np.stack(np.meshgrid(axis, axis), axis=-1)
    found, census = basins(HIMMELBLAU, "Newton", starts), newton_census(HIMMELBLAU, starts)
    assert np.mean(np.array(KINDS)[found.kinds] == census.kinds) > 0.999
    assert np.sum(found.kinds != 0) == pytest.approx(703, abs=2)


def test_ends_are_critical_points_and_kinds_are_the_signs_of_the_eigenvalues():
    found = basins(HIMMELBLAU, "Newton", grid(HIMMELBLAU, 40))
    arrived = found.kinds < 4
    assert np.abs(HIMMELBLAU.gradient(found.ends[arrived])).max() < 1e-5
    negative = np.sum(hessian_eigenvalues(HIMMELBLAU, found.ends[arrived]) < 0, axis=-1)
    np.testing.assert_array_equal(negative, found.kinds[arrived])  # minimum 0, saddle 1, maximum 2
    assert sum(found.shares().values()) == pytest.approx(1)


@pytest.mark.parametrize("method", ["saddle-free Newton", "gradient descent", "BFGS"])
def test_methods_that_go_downhill_end_at_minima(method):
    assert basins(HIMMELBLAU, method, grid(HIMMELBLAU, 25)).shares()["minimum"] > 0.99


def test_a_saddle_without_minima_holds_newton_and_loses_descent():
    saddle = SURFACES["classical_saddle"]
    assert basins(saddle, "Newton", grid(saddle, 10)).shares()["saddle"] == 1
    assert basins(saddle, "gradient descent", grid(saddle, 10)).shares()["none"] == 1


def test_the_monkey_saddle_and_the_valley_of_two_layers_are_degenerate():
    monkey = SURFACES["monkey_saddle"]
    assert basins(monkey, "Newton", grid(monkey, 20)).shares()["degenerate"] == 1
    layers = deep_linear()
    assert kinds_of(layers, np.array([[1.0, 1.0], [2.0, 0.5], [0.0, 0.0]])).tolist() == [3, 3, 1]


def test_a_run_can_be_stopped_and_misuse_gets_a_sentence():
    assert basins(HIMMELBLAU, "Newton", grid(HIMMELBLAU, 5), stop=lambda: True) is None
    with pytest.raises(ValueError, match="Choose one of: Newton"):
        basins(HIMMELBLAU, "Adam", grid(HIMMELBLAU, 5))
    with pytest.raises(ValueError, match="damping"):
        basins(HIMMELBLAU, "Newton", grid(HIMMELBLAU, 5), damping=-1.0)


def test_the_grid_fills_the_window_evenly():
    starts = grid(SURFACES["rosenbrock"], 4)
    np.testing.assert_allclose(starts[0, :, 0], [-1.5, -0.5, 0.5, 1.5])
    np.testing.assert_allclose(starts[:, 0, 1], [-0.5, 0.5, 1.5, 2.5])


# --- Two linear layers ----------------------------------------------------------------------------------------


def test_two_layers_have_the_derivatives_of_their_value():
    layers, theta = deep_linear(1.5), np.array([0.7, -1.3])
    assert check_gradient(layers.value, layers.gradient, theta).passed
    h = 1e-6
    columns = [(layers.gradient(theta + h * e) - layers.gradient(theta - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(layers.hessian(theta), np.array(columns), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("start", [0.01, 0.4, 2.5])
def test_saxes_curve_solves_its_equation_and_descent_follows_it(start):
    t = np.linspace(0, 4, 4001)
    u = saxe_product(t, start, target=1.5)  # (4.23)
    np.testing.assert_allclose(np.gradient(u, t)[1:-1], (2 * u * (1.5 - u))[1:-1], atol=2e-4)
    run = descend(deep_linear(1.5), SGD(0.001), np.sqrt([start, start]), 4000)
    assert np.abs(run.thetas.prod(axis=-1) - u).max() < 5e-3


def test_the_time_to_learn_grows_like_the_logarithm_of_a_small_start():
    assert saxe_product(saxe_time(1e-4), 1e-4) == pytest.approx(0.5)
    assert saxe_time(1e-8) - saxe_time(1e-4) == pytest.approx(np.log(1e4) / 2, rel=1e-3)


# --- Escape ---------------------------------------------------------------------------------------------------


def test_the_spread_along_the_unstable_direction_is_the_formula():
    rng, y = np.random.default_rng(5), np.zeros(20_000)
    for _ in range(30):
        y = 1.2 * y + 0.2 * 0.01 * rng.normal(size=len(y))
    assert y.std() == pytest.approx(unstable_deviation(30, 0.01, 0.2), rel=4 / np.sqrt(2 * len(y)))  # (4.24)


@pytest.mark.parametrize("learning_rate", [0.05, 0.3])
def test_measured_times_to_escape_meet_theory(learning_rate):
    rng = np.random.default_rng(6)
    for noise in (1e-6, 1e-3):
        steps = escape_steps(noise, learning_rate, rng, 2000)
        assert np.median(steps) == pytest.approx(median_escape(noise, learning_rate), abs=1.5)


def test_no_noise_no_escape_and_a_thousandth_of_the_noise_is_a_few_steps():
    assert (escape_steps(0.0, 0.1, np.random.default_rng(0), 10, limit=200) == 201).all()
    later = median_escape(1e-6, 0.1) - median_escape(1e-3, 0.1)
    assert later == pytest.approx(np.log(1000) / np.log(1.1), rel=1e-3)


# --- The random loss ------------------------------------------------------------------------------------------


def test_the_derivatives_on_the_sphere_are_those_of_the_loss_along_it():
    rng = np.random.default_rng(7)
    j, n = couplings(6, rng), 6
    x = rng.normal(size=(1, n))
    x *= np.sqrt(n) / np.linalg.norm(x)
    along = rng.normal(size=n)
    along -= (along @ x[0]) * x[0] / n
    along *= np.sqrt(n) / np.linalg.norm(along)

    def loss(angle):
        return n * derivatives(j, np.cos(angle) * x + np.sin(angle) * along)[0][0]

    _, gradient, hessian = derivatives(j, x)
    h = 1e-4
    assert (loss(h) - loss(-h)) / (2 * h) == pytest.approx(gradient[0] @ along, rel=1e-6)
    assert (loss(h) - 2 * loss(0) + loss(-h)) / h**2 == pytest.approx(along @ hessian[0] @ along, rel=1e-4)


def test_critical_points_come_in_pairs_of_opposite_loss_and_index():
    found = critical_points(4, np.random.default_rng(8), 2000)
    np.testing.assert_allclose(np.sort(found.losses), np.sort(-found.losses), atol=1e-6)
    assert found.indices[np.argmin(found.losses)] == 0
    assert found.indices[np.argmax(found.losses)] == 1


def test_the_index_goes_from_none_to_all_as_the_half_circle_says():
    np.testing.assert_allclose(
        index_of_loss([-2.0, -2 * np.sqrt(2 / 3), 0.0, 2.0]), [0, 0, 0.5, 1], atol=1e-12
    )  # (4.26)
    x = np.linspace(-1.6, 1.6, 50)
    np.testing.assert_allclose(index_of_loss(x) + index_of_loss(-x), 1)


# --- The race -------------------------------------------------------------------------------------------------


def test_the_logistic_loss_has_its_derivatives_and_counts_what_it_is_asked():
    x, y = problem(5)
    loss, theta = Logistic(x, y), np.random.default_rng(9).normal(size=5)
    assert check_gradient(loss.value, loss.gradient, theta).passed
    v = np.ones(5)
    np.testing.assert_allclose(loss.hessian(theta) @ v, loss.hvp(theta, v), rtol=1e-12)
    fresh = Logistic(x, y)
    fresh.value(theta), fresh.gradient(theta), fresh.hvp(theta, v), fresh.hessian(theta)
    assert fresh.cost == 0.5 + 1 + 2 + 5 / 2  # a Hessian of a linear model is a product of its features


def test_everyone_reaches_the_same_minimum_and_natural_gradient_is_newton_here():
    runs = race(10)
    assert list(runs) == list(RACED)
    assert all(run.gaps[-1] < 1e-5 for run in runs.values())
    np.testing.assert_allclose(runs["natural gradient"].gaps, runs["Newton"].gaps, atol=1e-13)
    assert runs["Newton"].steps_needed() < 10 < runs["gradient descent"].steps_needed()
    assert runs["Newton"].gradients_needed() == runs["Newton"].steps_needed() * (1 + 10 / 2)


def test_solving_gets_dearer_with_the_number_of_parameters():
    small, large = solve_seconds((50, 800))
    assert large > 5 * small
