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


def test_with_damping_it_is_damped_newton():
    objective, start = bowl(0, 5, 30.0), np.ones(5)
    newton = descend(objective, Newton(damping=2.0), start, 1).thetas
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
    descend(counting, HessianFree(num_cg_steps=7), np.ones(50), 1)
    assert len(asked) == 7 + 1  # and one for the trust in (4.17)


def test_with_the_whole_space_as_subspace_a_quadratic_takes_one_krylov_step():
    objective = bowl(2, 5, 30.0)
    gradient = objective.gradient(descend(objective, KrylovSubspaceDescent(dimension=5), np.ones(5), 1).thetas)
    assert np.linalg.norm(gradient[1]) < 1e-6 * np.linalg.norm(gradient[0])


def test_the_first_inverse_in_the_subspace_is_that_of_the_absolute_hessian():
    saddle, theta = quadratic(np.array([4.0, -2.0, 1e-9])), np.ones(3)
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    inverse = KrylovSubspaceDescent(floor=1e-3)._first_inverse(saddle, theta, basis)
    np.testing.assert_allclose(basis @ inverse @ basis.T, np.diag([1 / 4, 1 / 2, 1 / 0.004]), rtol=1e-9, atol=1e-9)


def test_krylov_steps_stay_in_their_subspace():
    objective, start = bowl(3, 12, 100.0), np.ones(12)
    g, hessian = objective.gradient(start), objective.hessian(start)
    space = np.linalg.qr(np.stack([g, hessian @ g, hessian @ hessian @ g], axis=1))[0]
    step = descend(objective, KrylovSubspaceDescent(dimension=3), start, 1).thetas[1] - start
    # An empty last step adds one arbitrary direction to the basis at the first step, no more.
    outside = step - space @ (space.T @ step)
    assert np.linalg.norm(outside) < 0.2 * np.linalg.norm(step)


def test_krylov_subspace_descent_in_many_dimensions():
    objective = bowl(4, 100, 1e3)
    gradient = np.linalg.norm(
        objective.gradient(descend(objective, KrylovSubspaceDescent(8), np.ones(100), 40).thetas), axis=-1
    )
    assert gradient[-1] < 1e-4 * gradient[0]
