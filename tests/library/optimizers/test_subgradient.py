"""The subgradient method: why it is more than descent."""

import numpy as np
import pytest

from course_lib.objective import Objective
from course_lib.optimizers import SGD, Subgradient
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES

KINK = Objective(
    value=lambda theta: np.abs(theta[..., 0]) + 10 * np.abs(theta[..., 1]),
    gradient=lambda theta: np.sign(theta) * [1.0, 10.0],
)


def best_values(method, start, num_steps):
    return np.array([state.best_value for _, state in iterate(KINK, method, start, num_steps)])


def test_steps_are_learning_rate_over_root_t_long():
    step = np.diff(descend(SURFACES["rosenbrock"], Subgradient(0.3), [-1.2, 1.0], 50).thetas, axis=0)
    np.testing.assert_allclose(np.linalg.norm(step, axis=-1), 0.3 / np.sqrt(np.arange(1, 51)), rtol=1e-12)


def test_with_the_same_gradients_it_arrives_where_a_constant_step_swings_for_ever():
    start = [0.93, 0.57]
    constant = descend(KINK, SGD(0.05), start, 4000).values
    assert constant[1000:].min() > 0.1
    assert best_values(Subgradient(0.5), start, 4000)[-1] < 0.02


def test_the_bound_of_nesterov_holds():
    # f_best - f* <= L (R^2 + sum h^2) / (2 sum h), h the step lengths, R the distance to the minimum.
    start, num_steps = np.array([0.93, 0.57]), 2000
    lengths = 0.5 / np.sqrt(np.arange(1, num_steps + 1))
    bound = np.sqrt(101) * (start @ start + np.cumsum(lengths**2)) / (2 * np.cumsum(lengths))
    assert np.all(best_values(Subgradient(0.5), start, num_steps)[1:] <= bound)


def test_the_best_point_is_remembered():
    thetas, states = zip(*iterate(KINK, Subgradient(0.5), [[0.93, 0.57], [-1.0, 0.1]], 60), strict=True)
    values = KINK.value(np.array(thetas))
    np.testing.assert_allclose(states[-1].best_value, values[:-1].min(axis=0))
    np.testing.assert_allclose(KINK.value(states[-1].best_theta), states[-1].best_value)
    assert np.any(np.diff(values, axis=0) > 0)


def test_polyaks_step_uses_the_known_minimum_and_nears_it_at_every_step():
    thetas = descend(KINK, Subgradient(optimal_value=0.0), [0.93, 0.57], 2000).thetas
    assert np.all(np.diff(np.linalg.norm(thetas, axis=-1)) <= 1e-15)
    assert KINK.value(thetas[-1]) < 1e-6


def test_polyaks_step_on_a_cone_arrives_at_once():
    cone = Objective(
        value=lambda theta: np.linalg.norm(theta, axis=-1),
        gradient=lambda theta: theta / np.linalg.norm(theta, axis=-1, keepdims=True),
    )
    np.testing.assert_allclose(descend(cone, Subgradient(optimal_value=0.0), [3.0, -4.0], 1).thetas[1], 0, atol=1e-15)


def test_an_optimal_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="optimal_value must be finite numbers, but it is nan"):
        Subgradient(optimal_value=float("nan"))
