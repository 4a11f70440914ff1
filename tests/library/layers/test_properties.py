"""What layers are for, and what they say when they are used wrongly."""

import numpy as np
import pytest

from course_lib import layers


def test_layers_without_an_activation_collapse_to_one_linear_map(rng):
    first, second = layers.Linear(4, 6, rng), layers.Linear(6, 2, rng)
    x = rng.normal(size=(5, 4))
    one = x @ (second.params["weight"] @ first.params["weight"]).T
    np.testing.assert_allclose(second.forward(layers.Identity().forward(first.forward(x))), one)


def test_convolution_with_a_delta_kernel_returns_the_image(rng):
    x, w = rng.normal(size=(2, 1, 5, 5)), np.zeros((1, 1, 3, 3))
    w[0, 0, 1, 1] = 1
    np.testing.assert_array_equal(layers.conv2d(x, w, padding=1), x)


def test_convolution_is_a_cross_correlation_it_does_not_flip_the_kernel():
    x, w = np.zeros((1, 1, 3, 3)), np.arange(9.0).reshape(1, 1, 3, 3)
    x[0, 0, 1, 1] = 1
    np.testing.assert_array_equal(layers.conv2d(x, w, padding=1)[0, 0], w[0, 0, ::-1, ::-1])


def test_convolution_moves_with_its_input(rng):
    x, w = rng.normal(size=(1, 2, 8, 8)), rng.normal(size=(3, 2, 3, 3))
    moved = np.roll(x, (1, 2), axis=(2, 3))
    np.testing.assert_allclose(layers.conv2d(moved, w)[:, :, 1:, 2:], layers.conv2d(x, w)[:, :, :-1, :-2])


@pytest.mark.parametrize(
    "size, kernel, stride, padding, expected", [(28, 5, 1, 0, 24), (28, 2, 2, 0, 14), (7, 3, 2, 1, 4), (8, 3, 2, 0, 3)]
)
def test_output_size_rounds_down(size, kernel, stride, padding, expected):
    assert layers.output_size(size, kernel, stride, padding) == expected


def test_batch_norm_standardises_each_channel_in_training(rng):
    y = layers.BatchNorm(3).forward(rng.normal(5, 7, size=(40, 3, 4, 4)), training=True)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1, rtol=1e-6)


def test_a_bias_before_batch_norm_changes_nothing(rng):
    x = rng.normal(size=(10, 3))
    norm = layers.BatchNorm(3)
    np.testing.assert_allclose(
        norm.forward(x + np.array([5, -2, 9]), training=True), norm.forward(x, training=True), atol=1e-12
    )


def test_batch_norm_running_variance_is_unbiased_unless_told_otherwise(rng):
    x = rng.normal(size=(5, 1))
    for unbiased in (True, False):
        norm = layers.BatchNorm(1, running_decay=0.0, unbiased_running_var=unbiased)
        norm.forward(x, training=True)
        assert norm.running_var == pytest.approx(x.var(ddof=int(unbiased)))


def test_evaluation_does_not_move_running_statistics(rng):
    norm = layers.BatchNorm(2)
    norm.forward(rng.normal(3, 1, size=(9, 2)))
    np.testing.assert_array_equal(norm.running_mean, 0)


def test_group_norm_does_not_see_the_rest_of_the_batch(rng):
    x, norm = rng.normal(size=(6, 4, 3, 3)), layers.GroupNorm(2, 4)
    np.testing.assert_allclose(norm.forward(x)[:1], norm.forward(x[:1]), rtol=1e-12)


def test_dropout_keeps_the_expected_output(rng):
    x = np.ones((200_000, 1))
    y = layers.Dropout(0.3, rng).forward(x, training=True)
    standard_error = np.sqrt(0.3 / 0.7 / len(x))
    assert abs(y.mean() - 1) < 5 * standard_error
    assert abs(np.mean(y == 0) - 0.3) < 5 * np.sqrt(0.21 / len(x))


def test_dropout_does_nothing_in_evaluation(rng):
    x = rng.normal(size=(4, 3))
    np.testing.assert_array_equal(layers.Dropout(0.9, rng).forward(x), x)


@pytest.mark.parametrize(
    "name",
    [
        "Linear",
        "Conv2d",
        "BatchNorm",
        "LayerNorm",
        "GroupNorm",
        "MaxPool2d",
        "AvgPool2d",
        "ReLU",
        "Tanh",
        "Sigmoid",
        "PReLU",
        "Dropout",
    ],
)
def test_float32_stays_float32(name, rng):
    from course_lib.network import Network
    from tests.library.layers.test_derivatives import CASES

    cases = {**CASES, "Dropout": (lambda rng: layers.Dropout(0.5, rng), (5, 4))}
    make, shape = cases[name]
    layer = make(rng)
    Network(layer, dtype=np.float32)
    y = layer.forward(rng.normal(size=shape).astype(np.float32), training=True)
    assert y.dtype == np.float32
    assert layer.backward(np.ones_like(y)).dtype == np.float32


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        (
            lambda rng: layers.Linear(3, 2, rng).forward(np.ones((5, 4))),
            r"Linear expects x of shape \(batch, 3\), but it got \(5, 4\)",
        ),
        (lambda rng: layers.Linear(3, 2, rng).backward(np.ones((5, 2))), "forward.* before backward"),
        (lambda rng: layers.Conv2d(2, 1, 3, rng).forward(np.ones((1, 3, 5, 5))), r"\(batch, 2, height, width\)"),
        (
            lambda rng: layers.conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3))),
            "kernel of 3 does not fit into 2 pixels",
        ),
        (lambda rng: layers.conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 2, 1, 1))), "same number of input channels"),
        (lambda rng: layers.Dropout(1.0, rng), "drop_rate must be at least 0 and less than 1"),
        (lambda rng: layers.Dropout(float("nan"), rng), "drop_rate"),
        (lambda rng: layers.GroupNorm(3, 4), "4 channels cannot be split into 3 groups"),
        (lambda rng: layers.BatchNorm(2).forward(np.ones((1, 2)), training=True), "larger batch"),
        (lambda rng: layers.LeastSquares().forward(np.ones((3, 1)), np.ones(3)), "one shape"),
        (lambda rng: layers.CrossEntropy().forward(np.ones((2, 3)), np.array([0, 3])), "class numbers from 0 to 2"),
        (lambda rng: layers.CrossEntropy().forward(np.ones((2, 3)), np.array([0.0, 1.0])), "as integers"),
        (lambda rng: layers.Conv2d(1, 1, 0, rng), "kernel must be a whole number, at least 1"),
    ],
)
def test_a_mistake_gets_a_sentence(wrong, sentence, rng):
    with pytest.raises((ValueError, RuntimeError), match=sentence):
        wrong(rng)
