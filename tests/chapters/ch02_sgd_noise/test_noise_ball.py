"""The noise ball's formulas against runs of the library's own SGD, and against brute force over all orders."""

import itertools

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments import (
    SAMPLING,
    ball_variance,
    bowls,
    diminishing_bound,
    expected_path,
    variance_factor,
)
from course_lib.optimizers import SGD
from course_lib.run import descend

CENTRES = np.array([[1.0, 0.5], [-1.0, 0.2], [0.5, -1.5], [-0.5, 0.8]])
CURVATURES = np.array([1.0, 0.3])
MINIMUM, COVARIANCE = CENTRES.mean(axis=0), np.cov(CENTRES.T, bias=True)


def test_the_gradient_of_the_sum_vanishes_at_the_mean_and_single_ones_do_not():
    whole = bowls(CENTRES, CURVATURES)
    np.testing.assert_allclose(whole.gradient(MINIMUM), 0, atol=1e-15)
    assert np.abs(whole.on([0]).gradient(MINIMUM)).min() > 0.05
    h = 1e-6 * np.eye(2)
    slopes = [(whole.value(CENTRES[0] + step) - whole.value(CENTRES[0] - step)) / 2e-6 for step in h]
    np.testing.assert_allclose(slopes, whole.gradient(CENTRES[0]), rtol=1e-7)


@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_the_variance_of_a_batch_mean_is_that_of_all_batches_there_are(batch_size):
    pairs = {
        "with replacement": itertools.product(range(4), repeat=batch_size),
        "without replacement": itertools.combinations(range(4), batch_size),
    }
    for sampling, batches in pairs.items():
        means = np.array([CENTRES[list(batch)].mean(axis=0) for batch in batches])
        expected = variance_factor(4, batch_size, sampling) * COVARIANCE
        np.testing.assert_allclose(np.cov(means.T, bias=True), expected, atol=1e-14)


def test_ball_variance_is_where_the_recursion_stays():
    for rate in (0.1, 0.5, 1.9):
        variance = ball_variance(rate, 0.7, 2.0)
        assert (1 - 0.7 * rate) ** 2 * variance + (0.7 * rate) ** 2 * 2.0 == pytest.approx(variance)
    assert ball_variance(1.0) == 1.0
    assert np.isinf(ball_variance(2.0)) and np.isinf(ball_variance(3.0))
    with pytest.raises(ValueError, match="learning_rate"):
        ball_variance(0.0)


@pytest.mark.parametrize("sampling", ["with replacement", "without replacement"])
def test_the_covariance_of_many_runs_is_the_one_that_is_predicted(sampling):
    rates = 0.8 / np.sqrt(np.arange(1, 13))
    objective = bowls(CENTRES, CURVATURES, 2, sampling == "with replacement", runs=20_000)
    start = np.tile([2.0, -1.0], (20_000, 1))
    schedule = lambda t: rates[t - 1]  # noqa: E731
    end = descend(objective, SGD(0.1), start, 12, schedule, np.random.default_rng(5)).thetas[-1]
    means, covariances = expected_path([2.0, -1.0] - MINIMUM, COVARIANCE, CURVATURES, rates, 4, 2, sampling)
    np.testing.assert_allclose(end.mean(axis=0) - MINIMUM, means[-1], atol=0.02)
    np.testing.assert_allclose(np.cov(end.T, bias=True), covariances[-1], atol=0.012)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_epochs_are_predicted_as_all_orders_there_are(batch_size):
    rates = np.array([0.9, 0.4, 0.7, 0.2, 0.5, 0.3, 0.8, 0.6])[: 8 // batch_size]
    orders = [np.array(order).reshape(-1, batch_size) for order in itertools.permutations(range(4))]
    ends = []
    for first, second in itertools.product(orders, orders):
        theta = np.array([2.0, -1.0])
        for rate, batch in zip(rates, np.concatenate([first, second]), strict=True):
            theta = theta - rate * CURVATURES * (theta - CENTRES[batch].mean(axis=0))
        ends.append(theta - MINIMUM)
    means, covariances = expected_path([2.0, -1.0] - MINIMUM, COVARIANCE, CURVATURES, rates, 4, batch_size, "epochs")
    np.testing.assert_allclose(np.mean(ends, axis=0), means[-1], atol=1e-13)
    np.testing.assert_allclose(np.cov(np.transpose(ends), bias=True), covariances[-1], atol=1e-13)


def test_a_full_batch_without_replacement_has_no_noise_in_any_sampling_but_one():
    noise = [variance_factor(4, 4, sampling) for sampling in SAMPLING]
    assert noise == [0.25, 0.0, 0.0]
    with pytest.raises(ValueError, match="no sampling 'twice'"):
        variance_factor(4, 1, "twice")


def test_l1s_bound_stands_above_its_exact_example_and_needs_beta():
    distance = np.ones(60)
    for t in range(1, 60):  # unit example, learning rate 1 / (t + 1): E Delta^2 = 1 / t
        rate = 1 / (t + 1)
        distance[t] = (1 - rate) ** 2 * distance[t - 1] + rate**2
    t = np.arange(1, 61)
    np.testing.assert_allclose(distance, 1 / t, rtol=1e-12)
    assert np.all(distance <= diminishing_bound(t, 1.0, 1.0, 1.0, 2.0, 1.0) + 1e-15)
    with pytest.raises(ValueError, match="beta"):
        diminishing_bound(1, 0.5, 1.0, 1.0, 2.0, 1.0)
