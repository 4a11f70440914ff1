"""Newton, saddle-free Newton, natural gradient: what a matrix in front of the gradient changes."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.objective import Objective
from course_lib.optimizers import SGD, NaturalGradient, Newton, SaddleFreeNewton
from course_lib.optimizers.second_order import reciprocal, rescaled
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic


def random_symmetric(rng, eigenvalues):
    q, _ = np.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2))
    return q @ np.diag(eigenvalues) @ q.T


def transformed(objective, matrix):
    """The same function in coordinates z with theta = matrix z."""
    return Objective(
        value=lambda z: objective.value(z @ matrix.T),
        gradient=lambda z: objective.gradient(z @ matrix.T) @ matrix,
        hessian=lambda z: matrix.T @ objective.hessian(z @ matrix.T) @ matrix,
    )


@pytest.mark.parametrize("seed", range(5))
def test_newton_ends_on_a_quadratic_in_one_step_from_anywhere(seed):
    rng = np.random.default_rng(seed)
    bowl = quadratic(random_symmetric(rng, np.geomspace(1, 1e4, 6)), rng.normal(size=6))
    gradient = bowl.gradient(descend(bowl, Newton(), rng.normal(size=(7, 6)), 1).thetas)
    np.testing.assert_allclose(gradient[1], 0, atol=1e-13 * np.max(np.abs(gradient[0])))


@pytest.mark.parametrize("method", [Newton, SaddleFreeNewton])
def test_on_a_convex_function_both_take_the_step_that_solves_the_equations(method):
    surface, theta = SURFACES["beale"], np.array([2.9, 0.45])
    hessian, gradient = surface.hessian(theta), surface.gradient(theta)
    assert np.all(np.linalg.eigvalsh(hessian) > 0)
    run = descend(surface, method(learning_rate=0.3, damping=0.7), theta, 1)
    step = -0.3 * np.linalg.solve(hessian + 0.7 * np.eye(2), gradient)
    np.testing.assert_allclose(run.thetas[1] - theta, step, rtol=1e-10)


def test_newtons_path_does_not_depend_on_the_coordinates():
    matrix = np.array([[2.0, 1.0], [-1.0, 30.0]])
    surface, start = SURFACES["rosenbrock"], np.array([-1.2, 1.0])
    plain = descend(surface, Newton(), start, 6).thetas
    other = descend(transformed(surface, matrix), Newton(), np.linalg.solve(matrix, start), 6).thetas
    np.testing.assert_allclose(other @ matrix.T, plain, rtol=1e-7, atol=1e-9)


def test_gradient_descents_path_does():
    matrix = np.array([[2.0, 1.0], [-1.0, 3.0]])
    surface, start = SURFACES["booth"], np.array([-3.0, 0.0])
    plain = descend(surface, SGD(0.001), start, 6).thetas
    other = descend(transformed(surface, matrix), SGD(0.001), np.linalg.solve(matrix, start), 6).thetas
    assert np.max(np.abs(other @ matrix.T - plain)) > 0.1


@pytest.mark.parametrize("name", ["himmelblau", "beale", "hills", "local_minimum"])
def test_newton_is_attracted_to_every_critical_point_and_saddle_free_newton_to_minima_only(name):
    surface = SURFACES[name]
    for point in (*surface.saddles, *surface.maxima):
        near = np.add(point, [3e-3, -2e-3])
        assert np.linalg.norm(descend(surface, Newton(), near, 4).thetas[-1] - point) < 1e-7
        run = descend(surface, SaddleFreeNewton(), near, 3)
        assert np.linalg.norm(run.thetas[-1] - point) > np.linalg.norm(near - point)
        assert run.values[-1] < surface.value(near)
    for point in surface.minima:
        near = np.add(point, [3e-3, -2e-3])
        for method in Newton(), SaddleFreeNewton():
            assert np.linalg.norm(descend(surface, method, near, 4).thetas[-1] - point) < 1e-7


def test_newton_converges_quadratically():
    error = np.linalg.norm(descend(SURFACES["beale"], Newton(), [3.05, 0.52], 4).thetas - [3.0, 0.5], axis=-1)
    assert np.all(error[1:] <= 100 * error[:-1] ** 2 + 1e-15)
    assert error[4] < 1e-11 < 1e-2 < error[1]


def test_saddle_free_newton_leads_downhill_wherever_there_is_a_slope():
    rng = np.random.default_rng(3)
    for surface in SURFACES.values():
        theta = rng.uniform(-2, 2, size=(200, 2))
        step = descend(surface, SaddleFreeNewton(), theta, 1).thetas[1] - theta
        gradient = surface.gradient(theta)
        assert np.all(np.sum(step * gradient, axis=-1)[np.linalg.norm(gradient, axis=-1) > 1e-6] < 0)


def test_saddle_free_newton_adds_its_damping_to_the_size_of_the_curvature():
    run = descend(SURFACES["classical_saddle"], SaddleFreeNewton(damping=3.0), [1.0, 0.1], 1)
    np.testing.assert_allclose(run.thetas[1], [1.0 - 2 / 5, 0.1 + 0.2 / 5], rtol=1e-14)


def test_damping_larger_than_the_negative_curvature_turns_newton_downhill():
    saddle, theta = SURFACES["classical_saddle"], np.array([0.0, 0.1])
    up, down = (descend(saddle, Newton(damping=damping), theta, 1) for damping in (0.0, 3.0))
    assert up.values[1] > up.values[0] and down.values[1] < down.values[0]


def test_along_a_flat_direction_newton_does_not_move():
    gutter = quadratic(np.array([2.0, 0.0]), np.array([2.0, 1.0]))
    np.testing.assert_allclose(descend(gutter, Newton(), [5.0, 7.0], 1).thetas[1], [1.0, 7.0], rtol=1e-14)


def test_rescaled_by_the_reciprocal_is_the_inverse_and_of_a_singular_matrix_the_pseudo_inverse():
    rng = np.random.default_rng(0)
    regular, singular = random_symmetric(rng, [3.0, -1.0, 0.1]), random_symmetric(rng, [3.0, -1.0, 0.0])
    vector = rng.normal(size=3)
    np.testing.assert_allclose(rescaled(regular, vector, reciprocal), np.linalg.solve(regular, vector), rtol=1e-12)
    pseudo_inverse = np.linalg.pinv(singular, rcond=1e-12)
    np.testing.assert_allclose(rescaled(singular, vector, reciprocal), pseudo_inverse @ vector, rtol=1e-12)


# --- Natural gradient: coin with probability p, k heads in n throws -----------------------------------

HEADS, THROWS = 7, 10


def coin_by_probability():
    def nll(p):
        return -(HEADS * np.log(p) + (THROWS - HEADS) * np.log(1 - p))[..., 0]

    def slope(p):
        return -(HEADS / p - (THROWS - HEADS) / (1 - p))

    return SimpleNamespace(value=nll, gradient=slope, fisher=lambda p: (THROWS / (p * (1 - p)))[..., None])


def coin_by_logit():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    coin = coin_by_probability()
    return SimpleNamespace(
        value=lambda z: coin.value(sigmoid(z)),
        gradient=lambda z: THROWS * sigmoid(z) - HEADS,
        fisher=lambda z: (THROWS * sigmoid(z) * (1 - sigmoid(z)))[..., None],
    )


def test_the_natural_path_forgets_the_parametrisation_as_steps_get_small():
    gaps = []
    for num_steps in (50, 100, 200):
        natural = NaturalGradient(learning_rate=1 / num_steps)
        p = descend(coin_by_probability(), natural, [0.2], num_steps).thetas[-1, 0]
        z = descend(coin_by_logit(), natural, [np.log(0.2 / 0.8)], num_steps).thetas[-1, 0]
        gaps.append(abs(p - 1 / (1 + np.exp(-z))))
    assert gaps[0] < 0.01
    np.testing.assert_allclose([gaps[0] / gaps[1], gaps[1] / gaps[2]], 2, rtol=0.1)  # first order in the step


def test_the_plain_path_does_not_forget_it():
    p = descend(coin_by_probability(), SGD(1e-4), [0.2], 500).thetas[-1, 0]
    z = descend(coin_by_logit(), SGD(1e-4), [np.log(0.2 / 0.8)], 500).thetas[-1, 0]
    assert abs(p - 1 / (1 + np.exp(-z))) > 0.1


def test_for_a_probability_one_natural_step_of_rate_1_finds_the_frequency():
    run = descend(coin_by_probability(), NaturalGradient(learning_rate=1.0), [[0.2], [0.9]], 1)
    np.testing.assert_allclose(run.thetas[1], 0.7, rtol=1e-14)


def test_natural_gradient_without_fisher_says_what_is_missing():
    with pytest.raises(TypeError, match=r"needs the Fisher information.*fisher"):
        descend(SURFACES["booth"], NaturalGradient(), [0.0, 0.0], 1)
