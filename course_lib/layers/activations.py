"""Activations: y = f(x) entry by entry (softmax: row by row), d_x = f'(x) d_y beneath it."""

import math

import numpy as np

from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.validation import number


class Identity(Layer):
    """y = x: layers with nothing else between them collapse to one linear map (L4). ``torch.nn.Identity()``."""

    def forward(self, x, training=False):
        x = as_input(self, x)
        self._remember(x.shape)
        return x

    def backward(self, d_y):
        (shape,) = self._recall()
        return as_gradient(self, d_y, shape)


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)), y' = y (1 - y) <= 1/4 (L3, L4; E10). Written with exp(-|x|), which cannot overflow.

    ``torch.nn.Sigmoid()``, the same.
    """

    def forward(self, x, training=False):
        x = as_input(self, x)
        small = np.exp(-np.abs(x))
        y = np.where(x >= 0, 1, small) / (1 + small)  # (1.5); exp(x) / (1 + exp(x)) on the left
        self._remember(y)
        return y

    def backward(self, d_y):
        (y,) = self._recall()
        d_y = as_gradient(self, d_y, y.shape)
        return y * (1 - y) * d_y


class Tanh(Layer):
    """Hyperbolic tangent (E8), y' = 1 - y^2 <= 1. ``torch.nn.Tanh()``, the same."""

    def forward(self, x, training=False):
        x = as_input(self, x)
        y = np.tanh(x)
        self._remember(y)
        return y

    def backward(self, d_y):
        (y,) = self._recall()
        d_y = as_gradient(self, d_y, y.shape)
        return (1 - y * y) * d_y


class ReLU(Layer):
    """y = max(x, 0). At 0 the derivative is taken as 0, as ``torch.nn.ReLU()`` does (``torch.clamp`` has 1 there)."""

    def forward(self, x, training=False):
        x = as_input(self, x)
        self._remember(x > 0)
        return np.maximum(x, 0)

    def backward(self, d_y):
        (positive,) = self._recall()
        d_y = as_gradient(self, d_y, positive.shape)
        return positive * d_y


class LeakyReLU(Layer):
    """y = x for x > 0, slope * x otherwise; the slope is fixed. ``torch.nn.LeakyReLU(slope)``, the same."""

    def __init__(self, slope=0.01):
        super().__init__()
        self.slope = number("slope", slope)

    def forward(self, x, training=False):
        x = as_input(self, x)
        self._remember(x > 0)
        return np.where(x > 0, x, self.slope * x)

    def backward(self, d_y):
        (positive,) = self._recall()
        d_y = as_gradient(self, d_y, positive.shape)
        return np.where(positive, d_y, self.slope * d_y)


class SELU(Layer):
    """y = scale * x for x > 0, scale * alpha * (exp(x) - 1) otherwise: keeps mean 0 and variance 1 from layer to layer.

    With weights of variance 1 / fan_in (LeCun). Klambauer et al. 2017, (2), (14). ``torch.nn.SELU()``, the same.
    """

    alpha, scale = 1.6732632423543772, 1.0507009873554805

    def forward(self, x, training=False):
        x = as_input(self, x)
        y = self.scale * np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))
        self._remember(x > 0, y)
        return y

    def backward(self, d_y):
        positive, y = self._recall()
        d_y = as_gradient(self, d_y, y.shape)
        return np.where(positive, self.scale, y + self.scale * self.alpha) * d_y


class PReLU(Layer):
    """Leaky ReLU with a learned slope (He et al. 2015, (1)). Params: ``slope (1,)``, 0.25 at the start.

    ``torch.nn.PReLU()``, the same; it can also learn one slope a channel.
    """

    def __init__(self, slope=0.25):
        super().__init__(slope=np.array([number("slope", slope)]))

    def forward(self, x, training=False):
        x = as_input(self, x)
        self._remember(x)
        return np.where(x > 0, x, self.params["slope"] * x)

    def backward(self, d_y):
        (x,) = self._recall()
        d_y = as_gradient(self, d_y, x.shape)
        self.grads["slope"][:] = np.sum(np.where(x > 0, 0, x * d_y))
        return np.where(x > 0, d_y, self.params["slope"] * d_y)


class SiLU(Layer):
    """y = x sigmoid(x), also called Swish: smooth, and a little below 0 for small negative x.

    y' = s + y (1 - s), s = sigmoid(x). Elfwing, Uchibe and Doya 2018, (1); Ramachandran, Zoph and Le 2017.
    ``torch.nn.SiLU()``, the same.
    """

    def forward(self, x, training=False):
        x = as_input(self, x)
        s = Sigmoid().forward(x)
        self._remember(s, x * s)
        return x * s

    def backward(self, d_y):
        s, y = self._recall()
        d_y = as_gradient(self, d_y, y.shape)
        return (s + y * (1 - s)) * d_y


class GELU(Layer):
    """y = x P(Z <= x) for a normal Z: an input is kept by how large it is among normal ones.

    y' = Phi(x) + x phi(x), distribution and density of the normal. Hendrycks and Gimpel 2016.
    ``torch.nn.GELU()``, the same; ``torch.nn.GELU(approximate="tanh")`` differs in the fourth digit.
    """

    def forward(self, x, training=False):
        x = as_input(self, x)
        below = normal_distribution(x)
        self._remember(x, below)
        return x * below

    def backward(self, d_y):
        x, below = self._recall()
        d_y = as_gradient(self, d_y, x.shape)
        density = np.exp(-0.5 * np.minimum(np.abs(x), 40) ** 2) / math.sqrt(2 * math.pi)  # beyond 40 it is 0
        return (below + x * density) * d_y


def normal_distribution(x):
    """P(Z <= x) of a normal Z, entry by entry; ``math.erfc`` one number after the other, since NumPy has none."""
    x = np.asarray(x)
    values = [0.5 * math.erfc(-value) for value in (x.ravel() / math.sqrt(2)).tolist()]
    return np.array(values, dtype=x.dtype).reshape(x.shape)


class Softmax(Layer):
    """y_i = exp(x_i) / sum_j exp(x_j) on the last axis; d_x = y (d_y - sum_j d_y_j y_j).

    For classification end the network with scores and use ``CrossEntropy``, which joins both stably.
    ``torch.nn.Softmax(dim=-1)``, the same.
    """

    def forward(self, x, training=False):
        x = as_input(self, x)
        if x.ndim == 0 or x.shape[-1] == 0:
            raise ValueError(f"Softmax expects x of shape (..., classes), but it got {x.shape}.")
        shifted = np.exp(x - np.max(x, axis=-1, keepdims=True))
        y = shifted / np.sum(shifted, axis=-1, keepdims=True)
        self._remember(y)
        return y

    def backward(self, d_y):
        (y,) = self._recall()
        d_y = as_gradient(self, d_y, y.shape)
        return y * (d_y - np.sum(d_y * y, axis=-1, keepdims=True))
