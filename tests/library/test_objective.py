"""Objectives: products with the Hessian, the penalty, and what they say when a derivative is missing."""

import numpy as np
import pytest

from course_lib.objective import Objective, with_l1_penalty, with_l2_penalty
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.stochastic import least_squares, with_gradient_noise
from course_lib.surfaces import SURFACES


def gradients_only(objective):
    return Objective(objective.value, objective.gradient)


@pytest.mark.parametrize("name", SURFACES)
def test_hvp_without_a_hessian_agrees_with_the_hessian(name):
    surface = SURFACES[name]
    rng = np.random.default_rng(0)
    theta, v = rng.normal(size=(2, 5, 2))
    exact = surface.hvp(theta, v)
    approximate = gradients_only(surface).hvp(theta, v)
    assert np.allclose(approximate, exact, rtol=1e-6, atol=1e-6 * np.abs(exact).max())


def test_hvp_along_the_zero_vector_is_zero():
    theta = np.array([0.3, -0.7])
    assert np.array_equal(gradients_only(SURFACES["beale"]).hvp(theta, np.zeros(2)), np.zeros(2))


def test_hvp_is_linear_in_the_direction():
    objective = gradients_only(SURFACES["himmelblau"])
    theta, v = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    assert np.allclose(objective.hvp(theta, -1000 * v), -1000 * objective.hvp(theta, v), rtol=1e-7)


def test_a_missing_hessian_says_what_to_do():
    objective = gradients_only(SURFACES["beale"])
    assert not objective.has_hessian
    with pytest.raises(NotImplementedError, match="needs gradients only"):
        objective.hessian(np.zeros(2))


def test_l2_penalty_adds_half_the_squared_norm_and_its_derivatives():
    surface, penalty = SURFACES["rosenbrock"], 0.3
    penalised = with_l2_penalty(surface, penalty)
    theta = np.random.default_rng(1).normal(size=(4, 3, 2))
    assert np.allclose(penalised.value(theta) - surface.value(theta), 0.15 * (theta**2).sum(axis=-1))
    assert np.allclose(penalised.gradient(theta) - surface.gradient(theta), 0.3 * theta)
    assert np.allclose(penalised.hessian(theta) - surface.hessian(theta), 0.3 * np.eye(2))


def test_l2_penalty_takes_a_list_as_every_objective_does():
    assert np.array_equal(with_l2_penalty(SURFACES["booth"], 0.5).gradient([1.0, 3.0]), [0.5, 1.5])


def test_l2_penalty_does_not_invent_a_hessian():
    assert not with_l2_penalty(gradients_only(SURFACES["beale"]), 0.1).has_hessian


def test_a_penalised_noisy_objective_keeps_its_noise():
    noisy = with_gradient_noise(SURFACES["booth"], 0.5)
    theta = np.array([1.0, 2.0])
    seen = with_l2_penalty(noisy, 0.1).sample(np.random.default_rng(3)).gradient(theta)
    assert np.array_equal(seen, noisy.sample(np.random.default_rng(3)).gradient(theta) + 0.1 * theta)


def test_a_penalised_objective_without_noise_has_none_to_sample():
    assert not hasattr(with_l2_penalty(SURFACES["booth"], 0.1), "sample")


@pytest.mark.parametrize("change", [lambda o: with_l2_penalty(o, 0.7), lambda o: with_l1_penalty(o, 0.7)])
def test_a_penalty_goes_along_with_mini_batches_and_noise(change):
    rng = np.random.default_rng(0)
    data = least_squares(rng.normal(size=(12, 3)), rng.normal(size=12))
    theta = rng.normal(size=3)
    penalty = change(data).gradient(theta) - data.gradient(theta)
    assert np.linalg.norm(penalty) > 0.1
    batch = np.array([1, 4])
    np.testing.assert_allclose(change(data).on(batch).gradient(theta), data.on(batch).gradient(theta) + penalty)
    seen = change(data).sample(np.random.default_rng(5)).gradient(theta)
    np.testing.assert_allclose(seen, data.sample(np.random.default_rng(5)).gradient(theta) + penalty)


def test_a_penalised_objective_without_noise_has_none_to_draw():
    with pytest.raises(ValueError, match="no noise to draw"):
        descend(with_l1_penalty(SURFACES["beale"], 0.1), SGD(0.01), [0.0, 0.0], 1, rng=np.random.default_rng(0))


def test_a_penalised_objective_can_be_copied():
    import copy

    copied = copy.deepcopy(with_l2_penalty(SURFACES["booth"], 0.1))
    assert copied.value(np.zeros(2)) == SURFACES["booth"].value(np.zeros(2))
