"""The fully connected layer (L1 "BP in matrix form", with E2 and E3 put right), and the flattening before it."""

import numpy as np

from course_lib.initializers import xavier_uniform
from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.validation import count, flag, function_of


class Linear(Layer):
    r"""y = x W^T + b, one sample a row.

    .. math:: d_W = d_y^T x, \quad d_b = \textstyle\sum d_y, \quad d_x = d_y W.

    Params: ``weight (fan_out, fan_in)``, ``bias (fan_out,)``, the layout of ``torch.nn.Linear``,
    which draws weights and biases uniform within 1 / sqrt(fan_in) (``kaiming_uniform_`` with a = sqrt(5)).

    Args:
        fan_in, fan_out: sizes of x and y.
        rng: NumPy ``Generator`` for the weights; the bias starts at 0.
        initializer: ``(fan_in, fan_out, rng) -> (fan_out, fan_in)``.
        bias: without it, ``params`` has no ``bias``.
    """

    def __init__(self, fan_in, fan_out, rng, initializer=xavier_uniform, bias=True):
        fan_in, fan_out = count("fan_in", fan_in), count("fan_out", fan_out)
        function_of("initializer", initializer, "xavier_uniform")
        params = {"weight": initializer(fan_in, fan_out, rng)}
        super().__init__(**params, **({"bias": np.zeros(fan_out)} if flag("bias", bias) else {}))

    def forward(self, x, training=False):
        weight = self.params["weight"]
        x = as_input(self, x, "batch", weight.shape[1])
        self._remember(x)
        return x @ weight.T + self.params.get("bias", 0)  # (1.1)

    def backward(self, d_y):
        (x,) = self._recall()
        d_y = as_gradient(self, d_y, (len(x), len(self.params["weight"])))
        np.matmul(d_y.T, x, out=self.grads["weight"])  # (1.2)
        if "bias" in self.grads:
            np.sum(d_y, axis=0, out=self.grads["bias"])  # (1.3)
        return d_y @ self.params["weight"]  # (1.4)


class Flatten(Layer):
    """(batch, ...) -> (batch, features). ``torch.nn.Flatten()``, the same."""

    def forward(self, x, training=False):
        x = as_input(self, x)
        if x.ndim == 0:
            raise ValueError("Flatten expects x of shape (batch, ...), but it got a single number.")
        self._remember(x.shape)
        return x.reshape(len(x), int(np.prod(x.shape[1:])))

    def backward(self, d_y):
        (shape,) = self._recall()
        return as_gradient(self, d_y, (shape[0], int(np.prod(shape[1:])))).reshape(shape)
