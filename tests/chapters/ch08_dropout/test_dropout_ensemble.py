"""Masks counted out: their probabilities, moments and averages, and when the whole net is the average."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import (
    all_masks,
    dropout_moments,
    exact_average,
    geometric_average,
    mask_probabilities,
    monte_carlo_average,
    small_net,
    softmax,
    thinned,
    weight_scaling,
)
from course_lib.layers import Dropout


def rng(seed=0):
    return np.random.default_rng(seed)


def test_all_masks_are_different_and_their_probabilities_add_up_to_1():
    masks = all_masks(6)
    assert masks.shape == (64, 6) and len(np.unique(masks, axis=0)) == 64
    for rate in (0.0, 0.3, 0.9):
        assert mask_probabilities(masks, rate).sum() == pytest.approx(1, abs=1e-12)
    assert mask_probabilities(masks, 0.0)[-1] == 1


def test_too_many_masks_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="2\\^17 masks"):
        all_masks(17)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_mean_and_variance_over_all_masks_are_those_of_the_formula(rate):
    x, masks = rng().uniform(0.1, 2, 7), all_masks(7)
    p, outputs = mask_probabilities(masks, rate), x * masks / (1 - rate)
    mean, variance = dropout_moments(x, rate)
    np.testing.assert_allclose(p @ outputs, mean, rtol=1e-12)
    np.testing.assert_allclose(p @ (outputs - mean) ** 2, variance, rtol=1e-11, atol=1e-15)


def test_the_layers_outputs_have_these_moments():
    x = np.array([0.5, 1.0, 2.0])
    y = Dropout(0.3, rng(1)).forward(np.tile(x, (50_000, 1)), training=True)
    mean, variance = dropout_moments(x, 0.3)
    np.testing.assert_allclose(y.mean(axis=0), mean, atol=5 * np.sqrt(variance.max() / 50_000))
    np.testing.assert_allclose(y.var(axis=0), variance, rtol=0.05)


def test_the_whole_net_is_the_average_where_the_output_is_linear():
    net, x = small_net((9, 4), rng(2)), rng(3).normal(size=9)
    np.testing.assert_allclose(exact_average(net, x, 0.4), weight_scaling(net, x), rtol=1e-12)


def test_the_whole_net_is_the_geometric_mean_of_one_softmax_layer_and_not_the_mean():
    net, x = small_net((9, 4), rng(4), "softmax"), rng(5).uniform(0.2, 1, 9)
    np.testing.assert_allclose(geometric_average(net, x, 0.5), weight_scaling(net, x), rtol=1e-10)
    assert np.abs(exact_average(net, x, 0.5) - weight_scaling(net, x)).max() > 1e-3


def test_with_a_relu_between_the_whole_net_is_neither():
    net, x = small_net((9, 20, 4), rng(6), "softmax"), rng(7).uniform(0.2, 1, 9)
    assert np.abs(exact_average(net, x, 0.5) - weight_scaling(net, x)).max() > 1e-3
    assert np.abs(geometric_average(net, x, 0.5) - weight_scaling(net, x)).max() > 1e-4


def test_without_dropout_all_averages_are_the_net_itself():
    net, x = small_net((5, 8, 3), rng(8), "softmax"), rng(9).normal(size=(4, 5))
    for average in (exact_average(net, x, 0.0), monte_carlo_average(net, x, 0.0, 3, rng())):
        np.testing.assert_allclose(average, net(x), rtol=1e-12)


def test_monte_carlo_closes_in_on_the_exact_average_like_one_over_the_root():
    net, x = small_net((8, 12, 3), rng(10), "softmax"), rng(11).uniform(0.2, 1, 8)
    exact, draws = exact_average(net, x, 0.5), rng(12)
    error = [
        np.sqrt(np.mean([(monte_carlo_average(net, x, 0.5, size, draws) - exact) ** 2 for _ in range(300)]))
        for size in (10, 160)
    ]
    assert error[0] / error[1] == pytest.approx(4, rel=0.2)


def test_a_batch_is_averaged_row_by_row():
    net, x = small_net((6, 3), rng(13), "softmax"), rng(14).normal(size=(5, 6))
    rows = [exact_average(net, row, 0.3) for row in x]
    np.testing.assert_allclose(exact_average(net, x, 0.3), rows, rtol=1e-12)
    assert thinned(net, x, all_masks(6), 0.3).shape == (64, 5, 3)


def test_softmax_survives_large_scores():
    np.testing.assert_allclose(softmax(np.array([1000.0, 1000.0, -1000.0])), [0.5, 0.5, 0.0])
