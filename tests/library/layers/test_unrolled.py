"""The matrix of a convolution: the layer itself, its transpose, its zeros; and LeNet's rows."""

import numpy as np
import pytest

from course_lib.layers import Conv2d, convolution_matrix, lenet, passages, weight_places

CASES = [
    ((1, 1), (3, 3), 1, 0, (5, 5)),
    ((2, 3), (2, 3), (2, 1), (1, 0), (6, 7)),
    ((3, 2), (3, 2), 3, 2, (5, 4)),
    ((1, 2), (1, 1), 2, 0, (4, 5)),
    ((2, 1), (5, 4), 1, 0, (5, 4)),
]


@pytest.mark.parametrize(("channels", "kernel", "stride", "padding", "shape"), CASES)
def test_the_matrix_is_the_layer_and_its_transpose_the_way_back(rng, channels, kernel, stride, padding, shape):
    layer = Conv2d(*channels, kernel, rng, stride, padding, bias=False)
    matrix = convolution_matrix(layer.params["weight"], shape, stride, padding)
    x = rng.normal(size=(4, channels[0], *shape))
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(x.reshape(4, -1) @ matrix.T, y.reshape(4, -1), atol=1e-12)
    d_y = rng.normal(size=y.shape)
    np.testing.assert_allclose(d_y.reshape(4, -1) @ matrix, layer.backward(d_y).reshape(4, -1), atol=1e-12)


def test_the_bias_gradient_is_the_sum_over_batch_and_places(rng):
    layer = Conv2d(2, 3, 3, rng)
    d_y = rng.normal(size=layer.forward(rng.normal(size=(2, 2, 5, 6)), training=True).shape)
    layer.backward(d_y)
    np.testing.assert_allclose(layer.grads["bias"], d_y.sum(axis=(0, 2, 3)))  # (9.12)


def test_a_kernel_of_the_images_size_fills_its_row():
    places = weight_places((3, 4), (3, 4))
    np.testing.assert_array_equal(places, np.arange(12)[None])


def test_every_weight_stands_once_in_each_row_without_padding_and_the_rest_is_empty():
    places = weight_places((2, 3), (5, 6), stride=(2, 1))
    assert places.shape == (2 * 4, 30)
    for row in places:
        assert sorted(row[row >= 0]) == list(range(6)) and np.sum(row == -1) == 24


def test_pixels_that_no_window_saw_have_an_empty_column_and_no_gradient(rng):
    w = rng.normal(size=(1, 1, 2, 2))
    matrix = convolution_matrix(w, (5, 5), stride=3)
    empty = ~matrix.any(axis=0).reshape(5, 5)
    assert empty[2].all() and empty[:, 2].all() and not empty[0, 0]


def test_a_kernel_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="does not fit"):
        weight_places((4, 4), (3, 3))


def test_lenet_has_its_shapes_and_parameters(rng):
    rows = passages(lenet(rng), rng.normal(size=(2, 1, 32, 32)))
    assert [row.shape for row in rows if row.parameters] == [(6, 28, 28), (16, 10, 10), (120,), (84,), (10,)]
    assert [row.parameters for row in rows if row.parameters] == [156, 2416, 48120, 10164, 850]
    assert sum(row.parameters for row in rows) == 61706


def test_lenet_has_as_many_parameters_in_pytorch(rng):
    nn = pytest.importorskip("torch").nn
    layers = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 7)
    theirs = sum(param.numel() for layer in layers for param in layer.parameters())
    assert sum(row.parameters for row in passages(lenet(rng, 7), np.zeros((1, 1, 32, 32)))) == theirs
