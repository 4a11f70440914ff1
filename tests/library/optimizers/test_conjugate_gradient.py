"""Conjugate gradients, for equations and for minimising."""

from functools import partial

import numpy as np
import pytest

from course_lib.optimizers import SGD, ConjugateGradient, exact_on_quadratic, strong_wolfe
from course_lib.optimizers.conjugate_gradient import solve_linear
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES, quadratic

RULES = ("polak_ribiere", "fletcher_reeves")


def positive_definite(seed, n=6, condition_number=50.0):
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return q @ np.diag(np.geomspace(1, condition_number, n)) @ q.T, rng.normal(size=n)


def times(matrix):
    return lambda v: v @ matrix


@pytest.mark.parametrize("seed", range(5))
def test_n_equations_take_n_steps_and_not_fewer(seed):
    matrix, b = positive_definite(seed)
    exact = np.linalg.solve(matrix, b)
    np.testing.assert_allclose(solve_linear(times(matrix), b, 6).solution, exact, rtol=1e-9)
    assert np.linalg.norm(solve_linear(times(matrix), b, 5).solution - exact) > 1e-6


def test_as_many_steps_as_there_are_different_eigenvalues():
    matrix = np.diag([2.0, 2.0, 2.0, 7.0, 7.0, 7.0])
    b = np.arange(1.0, 7.0)
    np.testing.assert_allclose(solve_linear(times(matrix), b, 2).solution, b / np.diag(matrix), rtol=1e-13)


def test_the_tolerance_is_relative_and_ends_the_work():
    matrix, b = positive_definite(1, n=40, condition_number=1e3)
    asked = []

    def product(v):
        asked.append(v)
        return v @ matrix

    solution = solve_linear(product, 1e6 * b, 200, tolerance=1e-3).solution
    assert np.linalg.norm(solution @ matrix - 1e6 * b) <= 1e-3 * np.linalg.norm(1e6 * b)
    assert len(asked) < 60


def test_each_member_of_a_stack_is_solved_as_if_alone():
    matrices, b = (np.stack(part) for part in zip(*(positive_definite(seed) for seed in range(4)), strict=True))
    b[2] = 0
    matrices[3] *= -1
    together = solve_linear(lambda v: np.einsum("kij,kj->ki", matrices, v), b, 6, tolerance=1e-6)
    for i in range(4):
        alone = solve_linear(times(matrices[i]), b[i], 6, tolerance=1e-6)
        np.testing.assert_allclose(together.solution[i], alone.solution, rtol=1e-10, atol=1e-12)
        assert together.negative_curvature[i] == alone.negative_curvature
    assert list(together.negative_curvature) == [False, False, False, True]
    np.testing.assert_array_equal(together.solution[2], 0)


def test_before_negative_curvature_it_stops_and_at_once_it_answers_b():
    b = np.array([1.0, 1.0])
    at_once = solve_linear(times(np.diag([1.0, -3.0])), b, 5)
    np.testing.assert_array_equal(at_once.solution, b)
    later = solve_linear(times(np.diag([3.0, -1.0])), b, 5)  # b^T A b = 2 > 0: one good step first
    np.testing.assert_allclose(later.solution, b * 2 / 2)
    assert at_once.negative_curvature and later.negative_curvature


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(5))
def test_on_a_quadratic_of_n_coordinates_exact_steps_end_after_n(rule, seed):
    matrix, b = positive_definite(seed)
    objective = quadratic(matrix, b)
    method = ConjugateGradient(rule, exact_on_quadratic)
    gradient = np.linalg.norm(objective.gradient(descend(objective, method, np.ones(6), 6).thetas), axis=-1)
    assert gradient[6] < 1e-9 * gradient[0] < gradient[5]


def test_its_points_are_those_of_the_linear_solver():
    matrix, b = positive_definite(3)
    thetas = descend(quadratic(matrix, b), ConjugateGradient(line_search=exact_on_quadratic), np.zeros(6), 5).thetas
    for k in range(1, 6):
        np.testing.assert_allclose(thetas[k], solve_linear(times(matrix), b, k).solution, rtol=1e-9, atol=1e-12)


def test_directions_are_conjugate_and_gradients_orthogonal():
    matrix, b = positive_definite(4)
    steps = iterate(quadratic(matrix, b), ConjugateGradient(line_search=exact_on_quadratic), np.ones(6), 5)
    states = [state for _, state in steps][1:]
    d, g = (np.stack([getattr(s, name) for s in states]) for name in ("search_direction", "gradient"))
    for products in (d @ matrix @ d.T, g @ g.T):
        scale = np.sqrt(np.outer(np.diag(products), np.diag(products)))
        np.testing.assert_allclose(products / scale, np.eye(5), atol=1e-10)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau"])
def test_it_finds_the_minimum_of_a_curved_valley_long_before_steepest_descent(rule, name):
    surface = SURFACES[name]
    conjugate = descend(surface, ConjugateGradient(rule), surface.start, 120).values[-1]
    steepest = descend(surface, ConjugateGradient(rule, restart_every=1), surface.start, 120).values[-1]
    assert conjugate < 1e-8
    assert conjugate < 1e-3 * steepest or steepest < 1e-15


def test_restarting_at_every_step_is_steepest_descent():
    def fixed(objective, theta, search_direction, gradient=None):
        return exact_on_quadratic(objective, theta, search_direction)._replace(step_size=np.asarray(0.001))

    surface = SURFACES["rosenbrock"]
    ours = descend(surface, ConjugateGradient(line_search=fixed, restart_every=1), surface.start, 20).thetas
    np.testing.assert_allclose(ours, descend(surface, SGD(0.001), surface.start, 20).thetas, rtol=1e-14)


def test_the_two_rules_part_where_the_function_is_not_quadratic():
    surface = SURFACES["rosenbrock"]
    one, other = (descend(surface, ConjugateGradient(rule), surface.start, 5).thetas for rule in RULES)
    np.testing.assert_array_equal(one[:2], other[:2])
    assert np.max(np.abs(one - other)) > 1e-3


@pytest.mark.parametrize("rule", RULES)
def test_every_direction_leads_downhill_even_after_a_careless_search(rule):
    careless = ConjugateGradient(rule, partial(strong_wolfe, curvature=0.99))
    for name in ("rosenbrock", "himmelblau", "plateau"):
        for _, state in iterate(SURFACES[name], careless, SURFACES[name].start, 30):
            if np.linalg.norm(state.gradient) > 1e-8:
                assert state.search_direction @ state.gradient < 0


def test_polak_ribiere_with_a_negative_beta_starts_again_from_steepest_descent():
    surface, theta = SURFACES["ravine"], np.array([1.0, 0.1])
    gradient = surface.gradient(theta)
    method = ConjugateGradient(line_search=exact_on_quadratic)
    state = method.init(theta)._replace(t=1, gradient=2 * gradient, search_direction=np.array([-1.0, 0.3]))
    np.testing.assert_array_equal(method.step(surface, theta, state)[1].search_direction, -gradient)
    state = state._replace(gradient=gradient / 2)  # beta = g^T (g - g/2) / (g/2)^T (g/2) = 2
    direction = method.step(surface, theta, state)[1].search_direction
    np.testing.assert_allclose(direction, -gradient + 2 * np.array([-1.0, 0.3]), rtol=1e-13)


def test_a_rule_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(ValueError, match=r"no rule 'hestenes'. Choose one of: polak_ribiere, fletcher_reeves"):
        ConjugateGradient("hestenes")
