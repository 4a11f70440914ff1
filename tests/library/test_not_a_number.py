"""nan and inf: an answer is nan or inf too, or a sentence says what is wrong; never a verdict that looks right."""

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments import ball_variance, expected_path, variance_factor
from course_lib.chapters.ch04_newton_saddles.experiments import (
    basins,
    classify,
    escape_steps,
    hessian_eigenvalues,
    newton_census,
    saddle_index,
)
from course_lib.chapters.ch04_newton_saddles.experiments.basins import KINDS, kinds_of
from course_lib.gradcheck import check_gradient, taylor_slope
from course_lib.objective import Objective
from course_lib.optimizers import (
    OPTIMIZERS,
    SGD,
    Newton,
    SaddleFreeNewton,
    armijo,
    clip_by_norm,
    exact_on_quadratic,
    strong_wolfe,
)
from course_lib.optimizers.conjugate_gradient import solve_linear
from course_lib.run import descend
from course_lib.schedules import cosine_restarts
from course_lib.surfaces import SURFACES

ROSENBROCK = SURFACES["rosenbrock"]
LOST = (np.nan, np.inf, -np.inf)


def naive_cross_entropy(scores):
    e = np.exp(scores)
    return -np.log(e[0] / e.sum())


@pytest.mark.parametrize(
    "function, gradient, theta",
    [
        (lambda t: np.sum(np.log(t)), [12345.0, 0.5], [-1.0, 2.0]),  # nan at theta
        (lambda t: np.sum(np.log(t)), [1e7, 0.5], [1e-7, 2.0]),  # nan a step away
        (lambda t: np.where(t[0] > 1.000009, np.inf, t @ t), [5.0, 2.0], [1.0, 1.0]),  # inf a double step away
        (lambda t: np.inf, [1.0], [2.0]),
        (lambda t: -np.inf, [1.0], [2.0]),
        (lambda t: 1e308 * np.exp(t[0]), [0.0], [1.0]),
        (naive_cross_entropy, [3.0, -4.0], [800.0, 1.0]),
    ],
)
def test_no_gradient_passes_where_the_function_is_not_finite(function, gradient, theta):
    with np.errstate(all="ignore"):
        result = check_gradient(function, np.array(gradient), theta)
    assert not result and result.unknown.any()
    assert "not finite around theta" in repr(result) and "agrees" not in repr(result)


@pytest.mark.parametrize("value", LOST)
def test_a_gradient_that_is_not_finite_is_wrong(value):
    result = check_gradient(lambda t: t @ t, np.array([2.0, value]), [1.0, 1.0])
    assert not result and result.wrong.tolist() == [False, True]


@pytest.mark.parametrize("factor", [-10, -1, 0, 0.99, 1.01, 2, 10])
@pytest.mark.parametrize("theta", [1e-6, 1e-4, 1e-2])
def test_a_wrong_gradient_does_not_hide_behind_a_step_that_is_coarse_beside_theta(factor, theta):
    def cubes(t):
        return np.sum(t**3)

    at = np.array([theta, 2 * theta])
    assert check_gradient(cubes, 3 * at**2, at)
    assert not check_gradient(cubes, factor * 3 * at**2, at)


@pytest.mark.parametrize("size", [1e-12, 1e-200, 1.0, 1e12])
def test_the_taylor_slope_does_not_depend_on_the_size_of_the_function(size):
    theta, along = np.array([0.3, -0.7]), np.array([1.0, 0.5])

    def value(t):
        return size * np.sum(np.exp(t))

    assert taylor_slope(value, lambda t: size * np.exp(t), theta, along) == pytest.approx(2, abs=0.05)
    assert taylor_slope(value, lambda t: 1.01 * size * np.exp(t), theta, along) < 1.9
    assert taylor_slope(lambda t: size * t.sum(), lambda t: size * np.ones(2), theta, along) == np.inf
    assert np.isnan(taylor_slope(lambda t: np.nan, lambda t: t, theta, along))


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("lost", LOST)
def test_nan_is_no_critical_point(name, lost):
    for theta in ([lost, 1.0], [1.0, lost], [lost, lost]):
        with pytest.raises(ValueError, match="theta must be finite numbers"):
            classify(SURFACES[name], theta)


def test_the_end_of_a_diverged_run_is_not_classified():
    end = descend(ROSENBROCK, SGD(0.01), [-1.0, 2.0], 50).thetas[-1]
    with pytest.raises(ValueError, match="theta must be finite"):
        classify(ROSENBROCK, end)


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("part", ["value", "gradient", "hessian"])
def test_an_objective_that_is_lost_is_not_classified(part, lost):
    parts = {
        "value": lambda theta: np.sum(theta**4, axis=-1),
        "gradient": lambda theta: 4 * theta**3,
        "hessian": lambda theta: 12 * theta[..., None] ** 2 * np.eye(2),
    }
    whole = parts[part]
    with pytest.raises(ValueError, match="objective"), np.errstate(invalid="ignore"):  # 0 * inf
        classify(Objective(**(parts | {part: lambda theta: whole(theta) * lost + lost})), [0.0, 0.0])


def test_a_value_that_is_nan_around_theta_decides_nothing():
    def value(theta):
        return np.where(theta[..., 0] > 0.05, np.nan, np.sum(theta**4, axis=-1))

    hole = Objective(value, lambda theta: 4 * theta**3, lambda theta: 0.0 * np.eye(2))
    with pytest.raises(ValueError, match=r"nan at .* within radius"):
        classify(hole, [0.0, 0.0])


@pytest.mark.parametrize("lost", LOST)
def test_eigenvalues_and_index_are_nan_for_the_member_that_is_lost_and_right_for_the_others(lost):
    stack = np.array([[1.0, 1.0], [1.0, lost], [lost, 1.0], [0.0, 5.0]])
    with np.errstate(all="ignore"):
        eigenvalues, index = hessian_eigenvalues(ROSENBROCK, stack), saddle_index(ROSENBROCK, stack)
    np.testing.assert_array_equal(eigenvalues[[0, 3]], hessian_eigenvalues(ROSENBROCK, stack[[0, 3]]))
    assert np.isnan(eigenvalues[[1, 2]]).all() and np.isnan(index[[1, 2]]).all()
    assert index[0] == 0 and index[3] == 1
    assert saddle_index(ROSENBROCK, stack[[0, 3]]).dtype.kind == "i"


@pytest.mark.parametrize("method", [Newton(), SaddleFreeNewton()])
def test_newton_does_not_stand_still_where_the_hessian_is_nan(method):
    lost = Objective(ROSENBROCK.value, ROSENBROCK.gradient, lambda theta: np.full((2, 2), np.nan))
    assert np.isnan(descend(lost, method, [0.5, 0.5], 3).thetas[-1]).all()


def test_kinds_and_basins_call_nan_none():
    class Lost:
        window = ((-2.0, 2.0), (-2.0, 2.0))

        def gradient(self, theta):
            return 0.0 * theta

        def hessian(self, theta):
            return np.where(theta[..., :1, None] > 0.5, np.nan, np.eye(2))

    ends = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert [KINDS[k] for k in kinds_of(ROSENBROCK, np.array([[1.0, 1.0], [np.nan, 1.0]]))][1] == "none"
    assert basins(ROSENBROCK, "gradient descent", [[np.nan, 0.0]]).shares()["none"] == 1
    census = newton_census(Objective(np.sum, Lost().gradient, Lost().hessian), ends)
    assert census.kinds.tolist() == ["minimum", "none"]


def test_a_linear_equation_with_nan_has_no_finite_solution():
    assert np.isnan(solve_linear(lambda v: v, np.array([np.nan, 1.0]), 2).solution).any()
    lost = solve_linear(lambda v: v * np.nan, np.ones(2), 2)
    assert np.isnan(lost.solution).all() and not lost.negative_curvature


@pytest.mark.parametrize("search", [armijo, strong_wolfe, exact_on_quadratic])
@pytest.mark.parametrize("lost", LOST)
def test_a_line_search_finds_nothing_where_everything_is_lost(search, lost):
    theta = np.array([lost, 1.0])
    with np.errstate(all="ignore"):
        found = search(SURFACES["booth"], theta, np.array([-1.0, -1.0]), np.array([1.0, 1.0]))
    assert not found.found or np.isnan(found.step_size)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_gradient_of_nan_does_not_leave_a_run_at_a_finite_point_that_looks_converged(optimizer):
    lost = Objective(lambda t: np.sum(t, axis=-1) * np.nan, lambda t: t * np.nan, lambda t: np.full((2, 2), np.nan))
    run = descend(lost, optimizer(), [1.0, 2.0], 4)
    assert np.isnan(run.values).all()


def test_variances_are_never_negative():
    assert ball_variance(0.1, curvature=-1) == np.inf and np.isnan(ball_variance(0.1, np.nan))
    assert np.isnan(ball_variance(0.1, np.array([1.0, np.nan]))).tolist() == [False, True]
    for refused in (
        lambda: variance_factor(10, 11, "without replacement"),
        lambda: variance_factor(10, 11, "epochs"),
        lambda: expected_path([1.0], [[1.0]], [1.0], [0.1], size=5, batch_size=2, sampling="epochs"),
        lambda: ball_variance(0.1, 1.0, noise=-1.0),
        lambda: escape_steps(np.nan, 0.1, np.random.default_rng(0)),
    ):
        with pytest.raises(ValueError, match=r"batch_size|noise"):
            refused()


@pytest.mark.parametrize("t", [np.inf, np.nan, [1.0, np.inf]])
def test_a_schedule_has_no_value_at_infinity(t):
    with pytest.raises(ValueError, match="t = 1"):
        cosine_restarts(0.1, 0.01, 3, 2)(t)


def test_clipping_keeps_nan_and_does_not_overflow():
    assert np.isnan(clip_by_norm(np.array([np.nan, 30.0]), 1.0)).all()
    for dtype, size in ((np.float32, 1e30), (float, 1e200)):
        clipped = clip_by_norm(np.array([3 * size, 4 * size], dtype), 1.0)
        np.testing.assert_allclose(clipped, [0.6, 0.8], rtol=1e-6)
        assert clipped.dtype == dtype
