"""Shrinkage, exactly: closed forms against runs, against solved systems, and against masks that are counted out."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.claims.masks import masked_solution
from course_lib.chapters.ch08_dropout.experiments.shrinkage import (
    bowl,
    dropout_penalty,
    early_stopping_factor,
    l2_factor,
    matching_l2_penalty,
    noise_penalty,
    penalised_solution,
    proximal_descent,
)
from course_lib.finite_differences import central_difference
from course_lib.objective import with_l1_penalty, with_l2_penalty
from course_lib.optimizers import SGD, soft_threshold
from course_lib.run import descend

EIGENVALUES = np.geomspace(0.01, 9, 7)


def test_the_l2_factor_is_where_gradient_descent_on_the_penalised_bowl_ends():
    end = descend(with_l2_penalty(bowl(EIGENVALUES, np.ones(7)), 0.5), SGD(0.1), np.zeros(7), 2000).thetas[-1]
    np.testing.assert_allclose(end, l2_factor(EIGENVALUES, 0.5), rtol=1e-10)


def test_without_a_penalty_nothing_is_shrunk_and_flat_directions_are_shrunk_most():
    np.testing.assert_array_equal(l2_factor(EIGENVALUES, 0.0), 1.0)
    assert np.all(np.diff(l2_factor(EIGENVALUES, 0.3)) > 0)


def test_a_bowls_gradient_is_its_central_difference():
    objective = bowl(EIGENVALUES, np.arange(7.0))
    theta = np.random.default_rng(0).normal(size=7)
    np.testing.assert_allclose(objective.gradient(theta), central_difference(objective.value, theta), rtol=1e-6)
    np.testing.assert_array_equal(objective.hessian(theta), np.diag(EIGENVALUES))


def test_early_stopping_is_where_gradient_descent_from_0_stands():
    thetas = descend(bowl(EIGENVALUES, np.ones(7)), SGD(0.1), np.zeros(7), 40).thetas
    for t in (0, 1, 7, 40):
        np.testing.assert_allclose(thetas[t], early_stopping_factor(EIGENVALUES, 0.1, t), rtol=1e-12, atol=1e-15)


def test_the_matching_penalty_makes_both_factors_the_same():
    penalty = matching_l2_penalty(EIGENVALUES, 0.1, 25)
    np.testing.assert_allclose(l2_factor(EIGENVALUES, penalty), early_stopping_factor(EIGENVALUES, 0.1, 25), rtol=1e-12)


def test_in_flat_directions_the_matching_penalty_is_one_over_rate_times_steps():
    assert matching_l2_penalty(1e-6, 0.1, 50) == pytest.approx(1 / (0.1 * 50), rel=1e-4)
    assert matching_l2_penalty(1.0, 0.1, 50) < 0.1 / (0.1 * 50)


def test_proximal_descent_reaches_the_l1_minimum_with_exact_zeros_and_subgradient_steps_do_not():
    minimum, curvature = np.array([2.0, -1.0, 0.2, -0.1]), np.array([1.0, 0.5, 1.2, 0.8])
    exact = soft_threshold(minimum, 0.3 / curvature)
    proximal = proximal_descent(bowl(curvature, minimum), 0.3, 0.2, np.ones(4), 400)[-1]
    np.testing.assert_allclose(proximal, exact, atol=1e-12)
    assert np.array_equal(proximal == 0, exact == 0) and np.any(exact == 0)
    end = descend(with_l1_penalty(bowl(curvature, minimum), 0.3), SGD(0.2), np.ones(4), 401).thetas[-1]
    assert not np.any(end == 0)
    assert np.abs(end - exact).max() <= 2 * 0.2 * 0.3


def test_dropout_on_a_linear_model_is_the_weighted_penalty_over_all_masks():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 5)) * [0.1, 0.5, 1, 2, 5] @ rng.normal(size=(5, 5))
    y = rng.normal(size=30)
    for rate in (0.1, 0.5, 0.8):
        np.testing.assert_allclose(
            masked_solution(x, y, rate), penalised_solution(x, y, dropout_penalty(x, rate)), rtol=1e-9
        )


def test_without_dropout_or_noise_there_is_no_penalty():
    x = np.random.default_rng(2).normal(size=(20, 3))
    np.testing.assert_array_equal(dropout_penalty(x, 0.0), 0.0)
    np.testing.assert_allclose(penalised_solution(x, x @ [1, 2, 3], noise_penalty(0.0)), [1, 2, 3], rtol=1e-12)


def test_noise_on_the_inputs_is_the_plain_penalty_exactly_when_it_is_counted_out():
    # Noise +s or -s on each coordinate, all sign patterns: mean 0, variance s^2, independent.
    rng, s = np.random.default_rng(3), 0.7
    x, y = rng.normal(size=(12, 3)), rng.normal(size=12)
    signs = np.array(np.meshgrid(*[[-s, s]] * 3)).reshape(3, -1).T
    noisy = np.concatenate([x + sign for sign in signs])
    measured = np.linalg.lstsq(noisy, np.tile(y, len(signs)), rcond=None)[0]
    # The same signs for all rows: cross terms of the mean of x vanish since the signs' mean is 0.
    np.testing.assert_allclose(measured, penalised_solution(x, y, noise_penalty(s)), rtol=1e-9)


@pytest.mark.parametrize("wrong", [-0.1, np.nan, np.inf])
def test_penalties_and_noise_must_be_finite_and_not_negative(wrong):
    with pytest.raises(ValueError, match="0 or larger"):
        l2_factor(1.0, wrong)
    with pytest.raises(ValueError, match="0 or larger"):
        noise_penalty(wrong)
