"""An MLP, a small CNN and an RNN, written in NumPy and differentiated: against torch to 1e-10."""

import numpy as np
import pytest

from course_lib.autodiff import gradient, hvp, jvp, log_softmax, relu, value_and_gradient

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(3)


def tensors(arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def compare(loss, torch_loss, arrays):
    value, ours = value_and_gradient(loss)(tuple(arrays))
    theirs = tensors(arrays)
    expected = torch_loss(theirs)
    expected.backward()
    assert float(value) == pytest.approx(expected.item(), rel=1e-12)
    for d, tensor in zip(ours, theirs, strict=True):
        assert np.abs(d).max() > 1e-6  # a gradient of zeros would agree with anything dead
        np.testing.assert_allclose(d, tensor.grad.numpy(), atol=1e-10, rtol=1e-10)


def test_mlp_with_cross_entropy():
    x, labels = RNG.normal(size=(8, 5)), RNG.integers(3, size=8)
    arrays = [RNG.normal(size=shape) for shape in [(5, 7), (7,), (7, 3), (3,)]]

    def loss(parameters):
        w1, b1, w2, b2 = parameters
        return -np.mean(log_softmax(np.tanh(x @ w1 + b1) @ w2 + b2)[np.arange(8), labels])

    def torch_loss(parameters):
        w1, b1, w2, b2 = parameters
        logits = torch.tanh(torch.tensor(x) @ w1 + b1) @ w2 + b2
        return torch.nn.functional.cross_entropy(logits, torch.tensor(labels))

    compare(loss, torch_loss, arrays)


def conv2d(x, w, b, stride=1, padding=0):
    """Cross-correlation by gathering windows: (N, C, H, W), (F, C, KH, KW), (F,) -> (N, F, H', W')."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    _, _, high, wide = x.shape
    _, _, kernel_high, kernel_wide = w.shape
    rows = np.arange(0, high - kernel_high + 1, stride)[:, None] + np.arange(kernel_high)
    columns = np.arange(0, wide - kernel_wide + 1, stride)[:, None] + np.arange(kernel_wide)
    windows = x[:, :, rows[:, None, :, None], columns[None, :, None, :]]  # (N, C, H', W', KH, KW)
    windows = np.transpose(windows, (0, 2, 3, 1, 4, 5)).reshape(len(x), len(rows) * len(columns), -1)
    y = windows @ np.reshape(w, (len(w), -1)).T + b
    return np.transpose(y, (0, 2, 1)).reshape(len(x), len(w), len(rows), len(columns))


def max_pool(x):
    n, c, h, w = x.shape
    return np.max(np.reshape(x, (n, c, h // 2, 2, w // 2, 2)), axis=(3, 5))


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 1), (3, 0)])
def test_cnn(stride, padding):
    x = RNG.normal(size=(2, 2, 12, 12))
    arrays = [RNG.normal(size=shape) for shape in [(4, 2, 3, 3), (4,), (3, 4, 2, 2), (3,)]]

    def loss(parameters):
        w1, b1, w2, b2 = parameters
        hidden = relu(conv2d(x, w1, b1, stride, padding))
        if hidden.shape[-1] % 2 == 0:
            hidden = max_pool(hidden)
        return np.mean(conv2d(hidden, w2, b2) ** 2)

    def torch_loss(parameters):
        w1, b1, w2, b2 = parameters
        functional = torch.nn.functional
        hidden = torch.relu(functional.conv2d(torch.tensor(x), w1, b1, stride, padding))
        if hidden.shape[-1] % 2 == 0:
            hidden = functional.max_pool2d(hidden, 2)
        return torch.mean(functional.conv2d(hidden, w2, b2) ** 2)

    compare(loss, torch_loss, arrays)


def test_rnn():
    x, target = RNG.normal(size=(20, 4, 3)), RNG.normal(size=(4, 2))
    arrays = [RNG.normal(size=shape) * 0.5 for shape in [(3, 6), (6, 6), (6,), (6, 2)]]

    def loss(parameters):
        w_in, w, b, w_out = parameters
        hidden = np.zeros((4, 6))
        for x_t in x:
            hidden = np.tanh(x_t @ w_in + hidden @ w + b)
        return np.mean((hidden @ w_out - target) ** 2)

    def torch_loss(parameters):
        w_in, w, b, w_out = parameters
        hidden = torch.zeros((4, 6), dtype=torch.float64)
        for x_t in torch.tensor(x):
            hidden = torch.tanh(x_t @ w_in + hidden @ w + b)
        return torch.mean((hidden @ w_out - torch.tensor(target)) ** 2)

    compare(loss, torch_loss, arrays)


def test_hessian_vector_product_of_an_mlp():
    x, y = RNG.normal(size=(8, 5)), RNG.normal(size=8)
    theta, v = RNG.normal(size=48), RNG.normal(size=48)

    def loss(theta, np=np, x=x, y=y):
        hidden = np.tanh(x @ theta[:40].reshape(5, 8))
        return ((hidden @ theta[40:] - y) ** 2).mean()

    _, expected = torch.autograd.functional.hvp(
        lambda theta: loss(theta, torch, torch.tensor(x), torch.tensor(y)), torch.tensor(theta), torch.tensor(v)
    )
    np.testing.assert_allclose(hvp(loss)(theta, v), expected.numpy(), atol=1e-10, rtol=1e-10)
    curvature = v @ hvp(loss)(theta, v)
    slope = jvp(lambda theta: jvp(loss)(theta, v)[1])
    assert slope(theta, v)[1] == pytest.approx(curvature, rel=1e-12)
    assert jvp(loss)(theta, v)[1] == pytest.approx(gradient(loss)(theta) @ v, rel=1e-12)
