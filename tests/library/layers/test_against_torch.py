"""Layers, losses and all their gradients agree with PyTorch to 1e-10 in float64."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from course_lib import layers  # noqa: E402
from tests.library.layers.helpers import close, same_as_torch, tensor  # noqa: E402


def test_linear(rng):
    same_as_torch(layers.Linear(5, 3, rng), torch.nn.Linear(5, 3), rng.normal(size=(7, 5)), rng.normal(size=(7, 3)))


def test_linear_without_bias(rng):
    same_as_torch(
        layers.Linear(5, 3, rng, bias=False),
        torch.nn.Linear(5, 3, bias=False),
        rng.normal(size=(7, 5)),
        rng.normal(size=(7, 3)),
    )


@pytest.mark.parametrize(
    "layer, module",
    [
        (layers.Identity(), torch.nn.Identity()),
        (layers.Sigmoid(), torch.nn.Sigmoid()),
        (layers.Tanh(), torch.nn.Tanh()),
        (layers.ReLU(), torch.nn.ReLU()),
        (layers.LeakyReLU(0.1), torch.nn.LeakyReLU(0.1)),
        (layers.Softmax(), torch.nn.Softmax(dim=-1)),
        (layers.Flatten(), torch.nn.Flatten()),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_activation(layer, module, rng):
    x = rng.normal(size=(6, 4)) * 30
    x[0, 0] = 0.0
    same_as_torch(layer, module, x, rng.normal(size=(6, 4)))


def test_prelu(rng):
    same_as_torch(
        layers.PReLU(),
        torch.nn.PReLU(),
        rng.normal(size=(6, 4)),
        rng.normal(size=(6, 4)),
        {"slope": "weight"},
    )


def test_sigmoid_and_softmax_do_not_overflow():
    with np.errstate(over="raise", invalid="raise"):
        assert list(layers.Sigmoid().forward(np.array([-1e3, 1e3]))) == [0.0, 1.0]
        np.testing.assert_array_equal(layers.Softmax().forward(np.array([[1e3, -1e3]])), [[1.0, 0.0]])


@pytest.mark.parametrize(
    "loss, theirs",
    [
        (layers.LeastAbsoluteDeviation(), torch.nn.L1Loss(reduction="sum")),
        (layers.LeastSquares(), torch.nn.MSELoss(reduction="sum")),
    ],
)
def test_regression_loss_is_the_sum_over_outputs_and_the_mean_over_samples(loss, theirs, rng):
    prediction, target = rng.normal(size=(2, 5, 3))
    p = tensor(prediction).requires_grad_()
    value = theirs(p, tensor(target)) / 5
    value.backward()
    assert loss.forward(prediction, target) == pytest.approx(value.item(), rel=1e-12)
    close(loss.backward(), p.grad)


def test_hinge_is_pytorchs_margin_loss_of_a_score_against_zero(rng):
    prediction, target = rng.normal(size=(8, 1)), rng.choice([-1.0, 1.0], size=(8, 1))
    p = tensor(prediction).requires_grad_()
    value = torch.nn.functional.margin_ranking_loss(p, torch.zeros_like(p), tensor(target), margin=1.0)
    value.backward()
    loss = layers.Hinge()
    assert loss.forward(prediction, target) == pytest.approx(value.item(), rel=1e-12)
    close(loss.backward(), p.grad)


@pytest.mark.parametrize("kind", ["labels", "distribution", "not normalised"])
@pytest.mark.parametrize("scale", [1, 1000])
def test_cross_entropy(kind, scale, rng):
    scores = rng.normal(size=(6, 4)) * scale
    target = rng.integers(4, size=6) if kind == "labels" else rng.dirichlet(np.ones(4), size=6)
    if kind == "not normalised":
        target = target * 3
    s = tensor(scores).requires_grad_()
    value = torch.nn.functional.cross_entropy(s, torch.tensor(target))
    value.backward()
    loss = layers.CrossEntropy()
    assert loss.forward(scores, target) == pytest.approx(value.item(), rel=1e-12)
    close(loss.backward(), s.grad)


def test_cross_entropy_is_softmax_then_log_loss(rng):
    scores, target = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    by_hand = -np.mean(np.log(layers.Softmax().forward(scores)[np.arange(5), target]))
    assert layers.CrossEntropy().forward(scores, target) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5, 6)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(shape, training, rng):
    layer = layers.BatchNorm(3, running_decay=0.8)
    layer.params["gamma"][:], layer.params["beta"][:] = rng.normal(size=(2, 3))
    module = (torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d)(3, momentum=0.2).double()
    for _ in range(3):  # moves the running statistics of both
        x = rng.normal(2, 3, size=shape)
        layer.forward(x, training=True)
        module(tensor(x))
    module.train(training)
    same_as_torch(layer, module, rng.normal(size=shape), rng.normal(size=shape), {"gamma": "weight", "beta": "bias"})
    close(layer.running_mean, module.running_mean)
    close(layer.running_var, module.running_var)


def test_layer_norm(rng):
    x = rng.normal(size=(4, 3, 5))
    layer = layers.LayerNorm((3, 5))
    layer.params["gamma"][:] = rng.normal(size=(3, 5))
    same_as_torch(
        layer, torch.nn.LayerNorm((3, 5)).double(), x, rng.normal(size=x.shape), {"gamma": "weight", "beta": "bias"}
    )


@pytest.mark.parametrize(
    "groups, shape", [(1, (4, 6)), (2, (4, 6)), (1, (4, 6, 3, 5)), (3, (4, 6, 3, 5)), (6, (4, 6, 3, 5))]
)
def test_group_norm(groups, shape, rng):
    layer = layers.GroupNorm(groups, 6)
    layer.params["gamma"][:] = rng.normal(size=6)
    module = torch.nn.GroupNorm(groups, 6).double()
    same_as_torch(layer, module, rng.normal(size=shape), rng.normal(size=shape), {"gamma": "weight", "beta": "bias"})


@pytest.mark.parametrize(
    "kernel, stride, padding", [(3, 1, 1), (3, 2, 0), ((2, 3), (3, 1), (0, 2)), (1, 1, 0), (5, 3, 4)]
)
def test_convolution(kernel, stride, padding, rng):
    x = rng.normal(size=(2, 3, 8, 9))
    layer = layers.Conv2d(3, 4, kernel, rng, stride=stride, padding=padding)
    module = torch.nn.Conv2d(3, 4, kernel, stride=stride, padding=padding).double()
    d_y = rng.normal(size=layer.forward(x).shape)
    same_as_torch(layer, module, x, d_y)
    close(
        layers.conv2d(x, layer.params["weight"], None, stride, padding), module(tensor(x)) - module.bias[:, None, None]
    )


@pytest.mark.parametrize("kernel, stride", [(2, None), (3, 2), ((2, 3), (1, 2)), (3, 1)])
@pytest.mark.parametrize(
    "ours, theirs", [(layers.MaxPool2d, torch.nn.MaxPool2d), (layers.AvgPool2d, torch.nn.AvgPool2d)]
)
def test_pooling(ours, theirs, kernel, stride, rng):
    x = rng.normal(size=(2, 3, 7, 8))
    layer = ours(kernel, stride)
    same_as_torch(layer, theirs(kernel, stride), x, rng.normal(size=layer.forward(x).shape))


def test_max_pooling_gives_a_tie_to_the_first_entry_as_pytorch_does(rng):
    x = np.zeros((1, 1, 4, 4))
    same_as_torch(layers.MaxPool2d(2), torch.nn.MaxPool2d(2), x, rng.normal(size=(1, 1, 2, 2)))
