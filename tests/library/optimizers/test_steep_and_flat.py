"""Methods without a learning rate find a function's own scale, however steep or flat it is, or say that they stay."""

import warnings

import numpy as np
import pytest

from course_lib.benchmark_functions import BENCHMARK_FUNCTIONS
from course_lib.objective import Objective
from course_lib.optimizers import (
    BFGS,
    LBFGS,
    ConjugateGradient,
    CoordinateDescent,
    HessianFree,
    KrylovSubspaceDescent,
    armijo,
    clip_by_norm,
    exact_on_quadratic,
    strong_wolfe,
    with_clipping,
)
from course_lib.optimizers.line_search import length, step_downhill
from course_lib.optimizers.quasi_newton import LBFGSState
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES, quadratic

METHODS = {
    "BFGS": BFGS(),
    "L-BFGS": LBFGS(),
    "Polak-Ribiere": ConjugateGradient(),
    "Fletcher-Reeves": ConjugateGradient("fletcher_reeves"),
    "Hessian-free": HessianFree(),
    "Krylov": KrylovSubspaceDescent(),
}
PROBLEMS = {
    "quadratic": (quadratic(np.array([1.0, 2.0])), [1.0, 1.0], 1e-15),
    "rosenbrock": (SURFACES["rosenbrock"], [-1.2, 1.0], 0.2),
    "himmelblau": (SURFACES["himmelblau"], [-1.0, -1.0], 0.1),
    "perm": (BENCHMARK_FUNCTIONS["perm"], [3.5, 3.9, 4.3, 4.6, 5.0], 0.01),
}
FACTORS = [10.0**k for k in (-100, -20, -15, -6, 6, 12, 15, 100)]


def scaled(factor, objective):
    hessian = {"hessian": lambda theta: factor * objective.hessian(theta)} if objective.has_hessian else {}
    return Objective(lambda t: factor * objective.value(t), lambda t: factor * objective.gradient(t), **hessian)


@pytest.mark.filterwarnings("ignore:The line search found no lower point:RuntimeWarning")  # at the lowest point
@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_scale_goes_down_as_far_as_the_ordinary_one(name, problem):
    objective, start, share = PROBLEMS[problem]
    for factor in FACTORS:
        values = objective.value(descend(scaled(factor, objective), METHODS[name], start, 50).thetas)
        assert np.all((np.diff(values[:4]) < 0) | (values[1:4] < 1e-20)), factor  # never idle, nor at the first step
        assert values[-1] < share * values[0] + 1e-12, factor


@pytest.mark.parametrize("name", METHODS)
def test_the_perm_function_at_the_edge_of_its_domain(name):
    perm, start = BENCHMARK_FUNCTIONS["perm"], 50 * np.linspace(0.7, 1, 5)
    assert descend(perm, METHODS[name], start, 30).values[-1] < 1e-6 * perm.value(start)


def test_as_deep_as_scipys_bfgs_on_a_steep_function():
    optimize = pytest.importorskip("scipy.optimize")
    steep, start = scaled(1e12, SURFACES["rosenbrock"]), [-1.2, 1.0]
    theirs = optimize.minimize(steep.value, start, jac=steep.gradient, method="BFGS", options={"gtol": 1e2})
    assert descend(steep, BFGS(), start, 2 * theirs.nit).values[-1] < 1e-12 * steep.value(np.array(start))
    assert theirs.fun < 1e-12 * steep.value(np.array(start))


@pytest.mark.parametrize("factor", [2.0**-60, 2.0**-12, 2.0**40])
@pytest.mark.parametrize("method", [HessianFree(), HessianFree(0.1, line_search=strong_wolfe), KrylovSubspaceDescent()])
def test_hessian_free_and_krylov_walk_the_same_path_at_every_scale(method, factor):
    surface = SURFACES["rosenbrock"]
    plain = descend(surface, method, [-1.2, 1.0], 15).thetas
    np.testing.assert_array_equal(descend(scaled(factor, surface), method, [-1.2, 1.0], 15).thetas, plain)


def test_damping_as_martens_has_it_would_stand_still_on_a_flat_function():
    flat, start = scaled(1e-12, SURFACES["rosenbrock"]), np.array([-1.2, 1.0])
    method = HessianFree()
    state = method.init(start)._replace(curvature=np.ones(2))  # c of (4.16) is 1
    theta, _ = method.step(flat, start, state)
    assert np.linalg.norm(theta - start) < 1e-8
    assert np.linalg.norm(method.step(flat, start, method.init(start))[0] - start) > 1e-2


@pytest.mark.parametrize("name", [name for name in METHODS if name != "Krylov"])
def test_a_stack_of_scales_is_run_as_if_each_were_alone(name):
    factors = np.array([1e-15, 1.0, 1e13])
    objective = SURFACES["himmelblau"]
    together = Objective(
        lambda t: factors * objective.value(t),
        lambda t: factors[:, None] * objective.gradient(t),
        lambda t: factors[:, None, None] * objective.hessian(t),
    )
    thetas = descend(together, METHODS[name], np.tile([-1.0, -1.0], (3, 1)), 10).thetas
    for i, factor in enumerate(factors):
        alone = descend(scaled(factor, objective), METHODS[name], [-1.0, -1.0], 10).thetas
        np.testing.assert_allclose(thetas[:, i], alone, rtol=1e-9, atol=1e-9)


SEARCHING = (BFGS(), LBFGS(), ConjugateGradient(), HessianFree())


@pytest.mark.parametrize("method", SEARCHING[:3], ids=lambda m: type(m).__name__)
def test_standing_still_is_said_once_where_the_gradient_is_not_that_of_the_value(method):
    turned = Objective(SURFACES["booth"].value, lambda t: -SURFACES["booth"].gradient(t), SURFACES["booth"].hessian)
    with pytest.warns(RuntimeWarning, match="found no lower point, not along -gradient either") as said:
        thetas = descend(turned, method, [-3.0, 0.0], 1).thetas
    assert len(said) == 1
    np.testing.assert_array_equal(thetas[0], thetas[1])


@pytest.mark.parametrize("method", [BFGS(exact_on_quadratic), CoordinateDescent(line_search=exact_on_quadratic)])
def test_no_lowest_point_along_the_direction_is_said(method):
    hill = quadratic(np.array([-1.0, -2.0]))
    with pytest.warns(RuntimeWarning, match="no lowest point"):
        assert np.array_equal(descend(hill, method, [1.0, 1.0], 2).thetas[-1], [1.0, 1.0])


@pytest.mark.parametrize("method", SEARCHING, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("name", ["himmelblau", "beale", "rosenbrock", "booth", "hills"])
def test_arriving_is_not_standing_still(method, name):
    surface = SURFACES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        descend(surface, method, surface.start, 120)
        descend(surface, method, surface.minima[0], 3)


def test_a_clipped_field_is_still_searched():
    tame = with_clipping(SURFACES["booth"], lambda g: clip_by_norm(g, 1e-3))
    assert descend(tame, BFGS(), [-3.0, 0.0], 30).values[-1] < 1.0


def test_the_state_says_where_nothing_was_found():
    turned = Objective(SURFACES["booth"].value, lambda t: -SURFACES["booth"].gradient(t))
    for method, of in ((BFGS(), lambda s: s.length), (LBFGS(), lambda s: length(s.steps[-1]))):
        with pytest.warns(RuntimeWarning):
            *_, (_, state) = iterate(turned, method, [-3.0, 0.0], 1)
        assert of(state) == 0


def test_after_a_search_that_found_nothing_what_was_learned_is_forgotten():
    steep, theta = scaled(1e16, SURFACES["rosenbrock"]), np.array([-1.2, 1.0])
    method, misled = LBFGS(), (np.array([1e-3, 1e-3]), np.array([1.0, 0.0]))
    new_theta, state = method.step(steep, theta, LBFGSState((misled[0],), (misled[1],)))
    assert steep.value(new_theta) < steep.value(theta)
    np.testing.assert_array_equal((state.steps[0], state.changes[0]), np.zeros((2, 2)))
    one = BFGS().init(theta)._replace(inverse_hessian=np.diag([2.0, 1e-3]), fresh=np.array(False))
    after, state = BFGS().step(steep, theta, one)
    s, y = after - theta, steep.gradient(after) - steep.gradient(theta)
    across = np.array([-y[1], y[0]]) / np.linalg.norm(y)  # what is not known is scaled as from I
    assert across @ state.inverse_hessian @ across == pytest.approx(
        (s @ y) / (y @ y) + (across @ s) ** 2 / (s @ y), rel=1e-9
    )


def test_the_second_search_begins_as_long_as_the_last_step():
    tried = []

    def first_of(objective, theta, search_direction, gradient=None):
        tried.append(search_direction)
        return armijo(objective, theta, search_direction, gradient, max_trials=2)

    steep, theta = scaled(1e20, SURFACES["booth"]), np.array([-3.0, 0.0])
    gradient = steep.gradient(theta)
    step = step_downhill(first_of, steep, theta, -gradient, gradient, last_length=0.25)
    np.testing.assert_allclose(tried[1], -0.25 * gradient / np.linalg.norm(gradient), rtol=1e-12)
    assert step.restarted and step.length == pytest.approx(0.25, rel=1e-12)


def test_a_length_whose_square_overflows_or_vanishes():
    vectors = np.array([[3e200, 4e200], [3e-200, 4e-200], [3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(length(vectors), [5e200, 5e-200, 5.0, 0.0], rtol=1e-15)
    assert np.isinf(length(np.array([np.inf, 1.0]))) and np.isnan(length(np.array([np.nan, 1.0])))
    assert length(np.ones(4, np.float32)).dtype == np.float32
