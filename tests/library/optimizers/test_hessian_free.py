"""Hessian-free optimisation and Krylov subspace descent: second order from products alone."""

import numpy as np
import pytest

from course_lib.objective import Objective
from course_lib.optimizers import HessianFree, KrylovSubspaceDescent, Newton
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES, quadratic

METHODS = (HessianFree, KrylovSubspaceDescent)


def bowl(seed, n, condition_number):
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return quadratic(q @ np.diag(np.geomspace(1, condition_number, n)) @ q.T, rng.normal(size=n))


def without_hessian(objective):
    return Objective(objective.value, objective.gradient)


def test_without_damping_hessian_free_is_newton_where_the_function_is_convex():
    objective, start = bowl(0, 5, 30.0), np.ones(5)
    newton = descend(objective, Newton(), start, 1).thetas
    free = descend(objective, HessianFree(initial_damping=0.0, tolerance=0.0), start, 1).thetas
    np.testing.assert_allclose(free, newton, rtol=1e-8)


def test_with_damping_it_is_newton_damped_by_so_many_times_the_curvature_along_the_gradient():
    objective, start = bowl(0, 5, 30.0), np.ones(5)
    g = objective.gradient(start)
    curvature = np.linalg.norm(objective.hessian(start) @ g) / np.linalg.norm(g)
    newton = descend(objective, Newton(damping=2.0 * curvature), start, 1).thetas
    np.testing.assert_allclose(descend(objective, HessianFree(2.0, tolerance=0.0), start, 1).thetas, newton, rtol=1e-8)


def damping_after(objective, start, initial=1.0):
    *_, (_, state) = iterate(objective, HessianFree(initial), start, 1)
    return state.damping[0]


def test_damping_falls_where_the_quadratic_is_right_and_rises_where_it_is_wrong():
    assert damping_after(bowl(0, 5, 30.0), np.ones(5), initial=9.0) == 6.0
    flat = Objective(lambda x: np.sum(np.sqrt(1 + x**2), axis=-1), lambda x: x / np.sqrt(1 + x**2))
    assert damping_after(flat, [9.0], initial=1e-6) == 1.5e-6  # Newton overshoots to -x^3
    assert damping_after(SURFACES["classical_saddle"], [0.0, 0.1], initial=1.0) == 1.5  # negative curvature


def test_damping_stays_where_the_quadratic_is_half_right():
    # sqrt(1 + x^2) at x = 0.8: p = -x (1 + x^2) = -1.312, change -.156, predicted -.410, ratio .38.
    rounded = Objective(
        lambda x: np.sum(np.sqrt(1 + x**2), axis=-1),
        lambda x: x / np.sqrt(1 + x**2),
        lambda x: ((1 + x**2) ** -1.5)[..., None],
    )
    assert damping_after(rounded, [0.8], initial=3e-9) == 3e-9


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau"])
def test_products_by_differences_are_as_good_as_the_hessian(method, name):
    surface = SURFACES[name]
    for objective in surface, without_hessian(surface):
        assert descend(objective, method(), surface.start, 60).values[-1] < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_neither_is_held_by_a_saddle_point(method):
    for name in ("himmelblau", "beale", "hills"):
        surface = SURFACES[name]
        for saddle in surface.saddles:
            near = np.add(saddle, [3e-3, -2e-3])
            end = descend(surface, method(), near, 40).thetas[-1]
            assert min(np.linalg.norm(end - minimum) for minimum in surface.minima) < 1e-4 or surface.value(end) < (
                surface.value(np.array(saddle)) - 0.1
            )


def test_hessian_free_takes_no_more_products_than_it_may():
    objective, asked = bowl(1, 50, 1e4), []

    class Counting(Objective):
        def hvp(self, theta, v):
            asked.append(v)
            return super().hvp(theta, v)

    counting = Counting(objective.value, objective.gradient, objective.hessian)
    descend(counting, HessianFree(num_cg_steps=7, tolerance=0.0), np.ones(50), 1)
    assert len(asked) == 7 + 2  # and one each for c of (4.16) and the trust in (4.17)


def test_with_the_whole_space_as_subspace_a_quadratic_takes_one_krylov_step():
    objective = bowl(2, 5, 30.0)
    gradient = objective.gradient(descend(objective, KrylovSubspaceDescent(dimension=5), np.ones(5), 1).thetas)
    assert np.linalg.norm(gradient[1]) < 1e-6 * np.linalg.norm(gradient[0])


def test_the_first_inverse_in_the_subspace_is_that_of_the_absolute_hessian():
    saddle, theta = quadratic(np.array([4.0, -2.0, 1e-9])), np.ones(3)
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    inverse = KrylovSubspaceDescent(floor=1e-3)._first_inverse(saddle, theta, basis)
    np.testing.assert_allclose(basis @ inverse @ basis.T, np.diag([1 / 4, 1 / 2, 1 / 0.004]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dimension", [1, 2, 3, 5])
def test_krylov_steps_stay_in_their_subspace(dimension):
    objective, start = bowl(3, 12, 100.0), np.ones(12)
    hessian = objective.hessian(start)
    thetas = descend(objective, KrylovSubspaceDescent(dimension), start, 4).thetas
    for t, theta in enumerate(thetas[:-1]):
        powers = [np.linalg.matrix_power(hessian, k) @ objective.gradient(theta) for k in range(dimension)]
        last = [theta - thetas[t - 1]] if t else []
        space = np.linalg.qr(np.stack([v / np.linalg.norm(v) for v in (*powers, *last)], axis=1))[0]
        step = thetas[t + 1] - theta
        assert np.linalg.norm(step - space @ (space.T @ step)) < 1e-8 * np.linalg.norm(step)


def test_a_krylov_space_that_the_hessian_does_not_leave_gets_no_arbitrary_direction():
    two_values, start = quadratic(np.repeat([1.0, 7.0], 6)), np.arange(1.0, 13.0)
    method = KrylovSubspaceDescent(dimension=5)
    basis = method._basis(two_values, start, last_step=np.zeros(12))
    g = two_values.gradient(start)
    space = np.linalg.qr(np.stack([g, two_values.hessian(start) @ g], axis=1))[0]
    np.testing.assert_allclose(space @ (space.T @ basis), basis, atol=1e-9)
    assert np.sum(np.linalg.svd(basis)[1] > 1e-9) == 2
    at_the_minimum = method._basis(two_values, np.zeros(12), last_step=np.zeros(12))
    np.testing.assert_array_equal(at_the_minimum, np.zeros((12, 1)))


def test_the_basis_is_orthonormal_and_holds_all_that_it_was_given():
    rng = np.random.default_rng(5)
    objective, theta = bowl(5, 9, 1e3), rng.normal(size=(4, 9))
    last = rng.normal(size=(4, 9))
    basis = KrylovSubspaceDescent(dimension=4)._basis(objective, theta, last)
    np.testing.assert_allclose(np.swapaxes(basis, -1, -2) @ basis, np.broadcast_to(np.eye(5), (4, 5, 5)), atol=1e-12)
    for k in range(4):
        inside = basis[k] @ (basis[k].T @ np.stack([objective.gradient(theta[k]), last[k]], axis=1))
        np.testing.assert_allclose(inside, np.stack([objective.gradient(theta[k]), last[k]], axis=1), atol=1e-9)


def test_krylov_subspace_descent_in_many_dimensions():
    objective = bowl(4, 100, 1e3)
    gradient = np.linalg.norm(
        objective.gradient(descend(objective, KrylovSubspaceDescent(8), np.ones(100), 40).thetas), axis=-1
    )
    assert gradient[-1] < 1e-4 * gradient[0]
