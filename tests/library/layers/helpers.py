"""Compare a layer of ours with a PyTorch module: output, d_x and every gradient."""

import numpy as np
import torch

TOLERANCE = 1e-10


def tensor(array):
    return torch.tensor(np.asarray(array), dtype=torch.float64)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=TOLERANCE, atol=TOLERANCE)


def same_as_torch(layer, module, x, d_y, names=None):
    """``names`` maps our parameter names to the module's, if they differ; parameters are copied over."""
    names = names or {name: name for name in layer.params}
    for ours, theirs in names.items():
        getattr(module, theirs).data = tensor(layer.params[ours])
    x_torch = tensor(x).requires_grad_()
    y_torch = module(x_torch)
    y_torch.backward(tensor(d_y))
    close(layer.forward(x, training=module.training), y_torch)
    close(layer.backward(d_y), x_torch.grad)
    for ours, theirs in names.items():
        close(layer.grads[ours], getattr(module, theirs).grad)


def numeric_gradient(function, theta, h=1e-6):
    flat = theta.reshape(-1)
    gradient = np.empty_like(flat)
    for i in range(flat.size):
        kept = flat[i]
        flat[i] = kept + h
        above = function()
        flat[i] = kept - h
        gradient[i] = (above - function()) / (2 * h)
        flat[i] = kept
    return gradient.reshape(theta.shape)


def derivatives_are_right(layer, x, rng, training=True):
    """d_x and all gradients against central differences of sum(weights * y)."""
    weights = rng.normal(size=layer.forward(x, training=training).shape)
    d_x = layer.backward(weights)
    grads = {name: grad.copy() for name, grad in layer.grads.items()}

    def loss():
        return np.sum(weights * layer.forward(x, training=training))

    np.testing.assert_allclose(d_x, numeric_gradient(loss, x), atol=1e-6)
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, numeric_gradient(loss, layer.params[name]), atol=1e-6)
