"""BFGS and L-BFGS: secant equation, finite end on quadratics, one equals the other, SciPy agrees."""

from functools import partial

import numpy as np
import pytest

from course_lib.optimizers import BFGS, LBFGS, exact_on_quadratic, strong_wolfe
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES, quadratic


def bowl(seed, n=6, condition_number=100.0):
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return quadratic(q @ np.diag(np.geomspace(1, condition_number, n)) @ q.T, rng.normal(size=n)), rng.normal(size=n)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "method", [BFGS(exact_on_quadratic), LBFGS(10, exact_on_quadratic)], ids=lambda m: type(m).__name__
)
def test_with_exact_steps_a_quadratic_of_n_coordinates_takes_n_steps(method, seed):
    objective, start = bowl(seed)
    gradient = np.linalg.norm(objective.gradient(descend(objective, method, start, 6).thetas), axis=-1)
    assert gradient[6] < 1e-8 * gradient[0] < gradient[5]


def test_after_n_exact_steps_bfgs_knows_the_inverse_hessian():
    objective, start = bowl(0)
    *_, (_, state) = iterate(objective, BFGS(exact_on_quadratic), start, 6)
    np.testing.assert_allclose(state.inverse_hessian, np.linalg.inv(objective.hessian(start)), atol=1e-7)


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "hills"])
def test_the_inverse_hessian_takes_y_back_to_s_and_stays_symmetric_and_positive(name):
    surface, method = SURFACES[name], BFGS()
    theta = np.array(surface.start)
    state = method.init(theta)
    for _ in range(8):
        old = theta
        theta, state = method.step(surface, theta, state)
        s, y = theta - old, surface.gradient(theta) - surface.gradient(old)
        if np.linalg.norm(y) < 1e-6:
            break
        np.testing.assert_allclose(state.inverse_hessian @ y, s, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(state.inverse_hessian, state.inverse_hessian.T, rtol=1e-8, atol=1e-12)
        assert np.all(np.linalg.eigvalsh(state.inverse_hessian) > 0)


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "hills", "plateau", "elliptic_bowl"])
def test_lbfgs_with_a_memory_that_is_never_full_is_bfgs(name):
    surface = SURFACES[name]
    full = descend(surface, BFGS(scale_first=False), surface.start, 10).thetas
    limited = descend(surface, LBFGS(memory=10, scale=False), surface.start, 10).thetas
    np.testing.assert_allclose(limited, full, rtol=1e-6, atol=1e-7)


def test_lbfgs_forgets_beyond_its_memory():
    surface = SURFACES["rosenbrock"]
    short, long = (descend(surface, LBFGS(memory=m), surface.start, 12).thetas for m in (2, 10))
    np.testing.assert_array_equal(short[:3], long[:3])
    assert np.max(np.abs(short - long)) > 1e-3
    *_, (_, state) = iterate(surface, LBFGS(memory=2), surface.start, 12)
    assert len(state.steps) == len(state.changes) == 2


def test_the_first_step_is_steepest_descent_and_the_second_is_scaled():
    objective, start = bowl(1)
    method = BFGS(exact_on_quadratic)
    (_, _), (first, state) = iterate(objective, method, start, 1)
    step, gradient = first - start, objective.gradient(start)
    np.testing.assert_allclose(step / np.linalg.norm(step), -gradient / np.linalg.norm(gradient))
    y = objective.gradient(first) - gradient
    across = np.linalg.svd(np.stack([step, y]))[2][2:]  # orthogonal to s and y: (6.20) is all that is known there
    np.testing.assert_allclose(across @ state.inverse_hessian @ across.T, step @ y / (y @ y) * np.eye(4), atol=1e-12)


def test_lbfgs_scales_what_it_knows_nothing_about_by_the_newest_pair():
    objective, start = bowl(5)
    *_, (_, state) = iterate(objective, LBFGS(memory=2), start, 4)
    unknown = np.linalg.svd(np.stack([*state.steps, *state.changes]))[2][-1]  # orthogonal to all four
    s, y = state.steps[-1], state.changes[-1]
    result = LBFGS()._times_inverse_hessian(unknown, state)
    np.testing.assert_allclose(result, (s @ y) / (y @ y) * unknown, rtol=1e-9, atol=1e-12)


def test_negative_curvature_is_not_learned():
    saddle, theta = SURFACES["classical_saddle"], np.array([0.0, 0.1])  # gradient (0, -0.2): curvature -2 on the way
    method = BFGS(partial(strong_wolfe, max_trials=3))
    theta, state = method.step(saddle, theta, method.init(theta))
    np.testing.assert_array_equal(state.inverse_hessian, np.eye(2))
    assert theta[1] > 0.1


def test_a_search_that_finds_nothing_starts_again_from_steepest_descent():
    surface, method = SURFACES["rosenbrock"], BFGS(partial(strong_wolfe, first_step=1e6, max_trials=1))
    theta = np.array([-1.2, 1.0])
    state = method.init(theta)._replace(inverse_hessian=np.diag([2.0, 3.0]), fresh=np.array(False))
    with pytest.warns(RuntimeWarning, match="The line search found no lower point"):
        same, state = method.step(surface, theta, state)
    np.testing.assert_array_equal(same, theta)
    np.testing.assert_array_equal(state.inverse_hessian, np.eye(2))
    assert state.fresh


@pytest.mark.parametrize("method", [BFGS(), LBFGS()], ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau"])
def test_as_many_steps_as_scipy_give_or_take_and_the_same_depth(method, name):
    optimize = pytest.importorskip("scipy.optimize")
    surface = SURFACES[name]
    theirs = optimize.minimize(surface.value, surface.start, jac=surface.gradient, method="BFGS")
    run = descend(surface, method, surface.start, 2 * theirs.nit + 5)
    assert run.values[-1] < 1e-12


def test_lbfgs_minimises_in_many_dimensions():
    n = 200
    objective, start = bowl(2, n=n, condition_number=300.0)
    run = descend(objective, LBFGS(memory=20), start, 250)
    assert np.linalg.norm(objective.gradient(run.thetas[-1])) < 1e-5
