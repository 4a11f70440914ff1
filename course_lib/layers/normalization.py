r"""Batch, layer, group and RMS normalisation: one standardisation over different axes.

.. math:: \hat x = \frac{x - \text{mean}}{\sqrt{\text{var} + \text{eps}}}, \quad y = \gamma \hat x + \beta.

Over which axes mean and variance run is the whole difference: the batch (Ioffe and Szegedy 2015), the
features of one sample (Ba et al. 2016), or a group of channels of one sample (Wu and He 2018).
"""

import numpy as np

from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.validation import count, flag, fraction, number, numbers, positive


def standardize(x, axes, eps):
    """Return ``(x_hat, std)`` over ``axes``; the variance is the biased one."""
    _, var, centred = _moments(x, axes)
    std = np.sqrt(var + eps)
    return centred / std, std  # (7.1)


def _moments(x, axes):
    """Mean, biased variance (both with ``axes`` kept), and x less its mean: each sum is taken once."""
    mean = np.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    return mean, np.mean(centred * centred, axis=axes, keepdims=True), centred


def standardize_backward(d_x_hat, x_hat, std, axes):
    """Return ``d_x``: the part of ``d_x_hat`` that neither shifts nor scales x, over ``std``."""
    shift = np.mean(d_x_hat, axis=axes, keepdims=True)
    scale = np.mean(d_x_hat * x_hat, axis=axes, keepdims=True)
    return (d_x_hat - shift - scale * x_hat) / std  # (7.3)


def _expect_channels(layer, x, channels):
    """Return x as floats ``(batch, channels, ...)``."""
    return as_input(layer, x, "batch", channels, *["size"] * max(0, np.ndim(numbers("x", x)) - 2))


class BatchNorm(Layer):
    """Batch normalisation of channel axis 1, for ``(batch, features)`` and ``(batch, channels, height, width)``.

    A batch of one value per channel has no variance: training on it is refused, as in PyTorch. Leave out a last batch
    of one sample.

    Training uses the batch's own mean and biased variance and moves the running ones:
    running <- running_decay * running + (1 - running_decay) * batch. Otherwise the running ones are used.

    Params: ``gamma``, ``beta``, both ``(num_features,)``. ``running_mean`` and ``running_var`` are
    buffers, not params (E48).

    PyTorch: the same with ``momentum = 1 - running_decay``; its running variance is the unbiased one,
    ours too unless ``unbiased_running_var=False``.
    """

    def __init__(self, num_features, eps=1e-5, running_decay=0.9, unbiased_running_var=True):
        count("num_features", num_features)
        super().__init__(gamma=np.ones(num_features), beta=np.zeros(num_features))
        self.eps = number("eps", eps, positive)
        self.running_decay = number("running_decay", running_decay, fraction)
        self.unbiased_running_var = flag("unbiased_running_var", unbiased_running_var)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x, training=False):
        x = _expect_channels(self, x, len(self.params["gamma"]))
        axes = (0, *range(2, np.ndim(x)))
        channel = (1, -1, *[1] * (np.ndim(x) - 2))
        if flag("training", training):
            mean, var, centred = _moments(x, axes)
            self._update_running(mean.ravel(), var.ravel(), x.size // x.shape[1])
            std = np.sqrt(var + self.eps)
            x_hat = centred / std  # (7.1)
        else:
            std = np.sqrt(self.running_var + self.eps).astype(x.dtype).reshape(channel)
            x_hat = (x - self.running_mean.astype(x.dtype).reshape(channel)) / std  # (7.4)
        self._remember(x_hat, std, axes, channel, training)
        return self.params["gamma"].reshape(channel) * x_hat + self.params["beta"].reshape(channel)  # (7.2)

    def _update_running(self, mean, var, size):
        if size < 2:
            raise ValueError(
                f"BatchNorm cannot train on {size} value{'s' * (size != 1)} per channel: its variance is 0. "
                "Use a larger batch, or leave out a last batch of one."
            )
        bias = size / (size - 1) if self.unbiased_running_var else 1.0
        decay = self.running_decay
        self.running_mean = decay * self.running_mean + (1 - decay) * mean  # (7.5)
        self.running_var = decay * self.running_var + (1 - decay) * bias * var  # (7.6)

    def backward(self, d_y):
        x_hat, std, axes, channel, training = self._recall()
        d_y = as_gradient(self, d_y, x_hat.shape)
        self.grads["gamma"][:] = np.sum(d_y * x_hat, axis=axes)
        self.grads["beta"][:] = np.sum(d_y, axis=axes)
        d_x_hat = d_y * self.params["gamma"].reshape(channel)
        return standardize_backward(d_x_hat, x_hat, std, axes) if training else d_x_hat / std


class LayerNorm(Layer):
    """Normalisation over the last axes, those of ``shape``: a number, or a tuple for several axes.

    For x ``(batch, *shape)`` each sample is normalised over all its features; other axes may come before ``shape``.

    Params: ``gamma``, ``beta`` of this shape. ``torch.nn.LayerNorm(shape)``, the same.
    """

    def __init__(self, shape, eps=1e-5):
        sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
        if not sizes:
            raise ValueError("shape must be the sizes of the last axes, at least one, but it is ().")
        sizes = tuple(count("shape", size) for size in sizes)
        super().__init__(gamma=np.ones(sizes), beta=np.zeros(sizes))
        self.eps = number("eps", eps, positive)

    def forward(self, x, training=False):
        shape = self.params["gamma"].shape
        before = max(np.ndim(numbers("x", x)) - len(shape), 0)
        x = as_input(self, x, *["size"] * before, *shape)
        axes = tuple(range(before, np.ndim(x)))
        x_hat, std = standardize(x, axes, self.eps)
        self._remember(x_hat, std, axes)
        return self.params["gamma"] * x_hat + self.params["beta"]

    def backward(self, d_y):
        x_hat, std, axes = self._recall()
        d_y = as_gradient(self, d_y, x_hat.shape)
        before = tuple(range(axes[0]))
        self.grads["gamma"][:] = np.sum(d_y * x_hat, axis=before)
        self.grads["beta"][:] = np.sum(d_y, axis=before)
        return standardize_backward(d_y * self.params["gamma"], x_hat, std, axes)


class RMSNorm(Layer):
    """x over its root mean square on the last axis: layer normalisation that leaves the mean alone, and has no beta.

    x_hat = x / sqrt(mean(x^2) + eps), y = gamma x_hat. Zhang and Sennrich 2019, (4). The way back takes out what
    scales x, not what shifts it. ``torch.nn.RMSNorm(num_features, eps)``, the same (PyTorch 2.4 on).

    Params: ``gamma (num_features,)``.
    """

    def __init__(self, num_features, eps=1e-5):
        super().__init__(gamma=np.ones(count("num_features", num_features)))
        self.eps = number("eps", eps, positive)

    def forward(self, x, training=False):
        before = max(np.ndim(numbers("x", x)) - 1, 0)
        x = as_input(self, x, *["size"] * before, len(self.params["gamma"]))
        root = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.eps)
        self._remember(x / root, root)
        return self.params["gamma"] * (x / root)

    def backward(self, d_y):
        x_hat, root = self._recall()
        d_y = as_gradient(self, d_y, x_hat.shape)
        self.grads["gamma"][:] = np.sum(d_y * x_hat, axis=tuple(range(d_y.ndim - 1)))
        d_x_hat = d_y * self.params["gamma"]
        return (d_x_hat - np.mean(d_x_hat * x_hat, axis=-1, keepdims=True) * x_hat) / root


class GroupNorm(Layer):
    """Normalisation of each sample over groups of channels (Wu and He 2018; E49). One group per channel is
    instance normalisation, one group in all is layer normalisation with parameters per channel.

    Params: ``gamma``, ``beta``, both ``(num_channels,)``. ``torch.nn.GroupNorm(num_groups, num_channels)``.
    """

    def __init__(self, num_groups, num_channels, eps=1e-5):
        if count("num_channels", num_channels) % count("num_groups", num_groups):
            raise ValueError(
                f"num_channels = {num_channels} channels cannot be split into {num_groups} groups of one size."
            )
        super().__init__(gamma=np.ones(num_channels), beta=np.zeros(num_channels))
        self.num_groups, self.eps = num_groups, number("eps", eps, positive)

    def _grouped(self, x):
        return x.reshape(len(x), self.num_groups, -1)

    def forward(self, x, training=False):
        x = _expect_channels(self, x, len(self.params["gamma"]))
        channel = (1, -1, *[1] * (np.ndim(x) - 2))
        x_hat, std = standardize(self._grouped(x), 2, self.eps)
        x_hat = x_hat.reshape(x.shape)
        self._remember(x_hat, std, channel)
        return self.params["gamma"].reshape(channel) * x_hat + self.params["beta"].reshape(channel)

    def backward(self, d_y):
        x_hat, std, channel = self._recall()
        d_y = as_gradient(self, d_y, x_hat.shape)
        axes = (0, *range(2, np.ndim(d_y)))
        self.grads["gamma"][:] = np.sum(d_y * x_hat, axis=axes)
        self.grads["beta"][:] = np.sum(d_y, axis=axes)
        d_x_hat = d_y * self.params["gamma"].reshape(channel)
        return standardize_backward(self._grouped(d_x_hat), self._grouped(x_hat), std, 2).reshape(d_y.shape)
