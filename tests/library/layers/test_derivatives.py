"""Every backward pass is the derivative of its forward pass, by central differences and without PyTorch."""

import numpy as np
import pytest

from course_lib import layers
from tests.library.layers.helpers import derivatives_are_right, numeric_gradient

CASES = {
    "Linear": (lambda rng: layers.Linear(4, 3, rng), (5, 4)),
    "Sigmoid": (lambda rng: layers.Sigmoid(), (5, 4)),
    "Tanh": (lambda rng: layers.Tanh(), (5, 4)),
    "ReLU": (lambda rng: layers.ReLU(), (5, 4)),
    "LeakyReLU": (lambda rng: layers.LeakyReLU(0.2), (5, 4)),
    "PReLU": (lambda rng: layers.PReLU(), (5, 4)),
    "Softmax": (lambda rng: layers.Softmax(), (5, 4)),
    "BatchNorm": (lambda rng: layers.BatchNorm(4), (5, 4)),
    "BatchNorm of images": (lambda rng: layers.BatchNorm(2), (3, 2, 3, 2)),
    "LayerNorm": (lambda rng: layers.LayerNorm(4), (5, 4)),
    "GroupNorm": (lambda rng: layers.GroupNorm(2, 4), (3, 4, 2, 2)),
    "Conv2d": (lambda rng: layers.Conv2d(2, 3, (2, 3), rng, stride=(1, 2), padding=(1, 0)), (2, 2, 4, 5)),
    "MaxPool2d": (lambda rng: layers.MaxPool2d(2, 1), (2, 2, 4, 3)),
    "AvgPool2d": (lambda rng: layers.AvgPool2d((2, 1)), (2, 2, 5, 3)),
    "RNN": (lambda rng: layers.RNN(3, 2, rng), (2, 5, 3)),
    "LSTM": (lambda rng: layers.LSTM(3, 2, rng), (2, 5, 3)),
    "GRU": (lambda rng: layers.GRU(3, 2, rng), (2, 5, 3)),
    "LastStep": (lambda rng: layers.LastStep(), (2, 5, 3)),
}


@pytest.mark.parametrize("name", CASES)
def test_backward_is_the_derivative_of_forward(name, rng):
    make, shape = CASES[name]
    derivatives_are_right(make(rng), rng.normal(size=shape), rng)


@pytest.mark.parametrize("training", [True, False])
def test_dropout_backward_uses_the_mask_of_its_forward(training, rng):
    layer = layers.Dropout(0.4, rng)
    x = rng.normal(size=(50, 4))
    y = layer.forward(x, training=training)
    np.testing.assert_allclose(layer.backward(np.ones_like(x)), y / x)


@pytest.mark.parametrize(
    "loss", [layers.LeastAbsoluteDeviation, layers.LeastSquares, layers.Hinge, layers.CrossEntropy]
)
def test_a_losss_backward_is_its_derivative(loss, rng):
    prediction, target = rng.normal(size=(4, 3)), np.sign(rng.normal(size=(4, 3)))
    loss = loss()
    loss.forward(prediction, target)
    slope = loss.backward()
    np.testing.assert_allclose(slope, numeric_gradient(lambda: loss.forward(prediction, target), prediction), atol=1e-6)


def test_the_gradients_of_a_shared_bias_add_up_over_the_batch(rng):
    layer = layers.Linear(2, 3, rng)
    layer.forward(rng.normal(size=(7, 2)))
    layer.backward(np.ones((7, 3)))
    np.testing.assert_array_equal(layer.grads["bias"], [7, 7, 7])
