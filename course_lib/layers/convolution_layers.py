"""Layers of the convolutions in ``convolution.py``: parameters, a memory of x, and the way back."""

import numpy as np

from course_lib.initializers import he_normal
from course_lib.layers.base import Layer, expect_shape
from course_lib.layers.convolution import (
    Moves,
    correlate,
    larger_size,
    output_padding_of,
    plus_bias,
    transposed,
    weight_gradient,
)
from course_lib.layers.windows import pair
from course_lib.validation import count


class Conv2d(Layer):
    """A layer of ``conv2d``. Params: ``weight (out, in / groups, kernel_height, kernel_width)``, ``bias (out,)``.

    ``torch.nn.Conv2d`` computes the same, but draws weights and biases uniform within 1 / sqrt(fan_in).
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel,
        rng,
        stride=1,
        padding=0,
        initializer=he_normal,
        bias=True,
        dilation=1,
        groups=1,
    ):
        self.moves = Moves.of(stride, padding, dilation, groups)
        super().__init__(**_params(in_channels, out_channels, out_channels, kernel, rng, initializer, bias, groups))

    def _weight(self):
        return self.params["weight"]

    def forward(self, x, training=False):
        weight = self._weight()
        expect_shape(self, x, "batch", weight.shape[1] * self.moves.groups, "height", "width")
        y, columns = correlate(x, weight, self.moves)  # (9.1)
        self._remember(columns, x.shape[2:])
        return plus_bias(y, self.params.get("bias"))

    def backward(self, d_y):
        columns, size = self._recall()
        grad = self.grads["weight"]
        grad[:] = weight_gradient(d_y, columns, self._weight().shape).reshape(grad.shape)  # (9.3)
        if "bias" in self.grads:
            self.grads["bias"][:] = d_y.sum(axis=(0, 2, 3))  # (9.12)
        return transposed(d_y, self._weight(), size, self.moves)  # (9.4)


class Conv1d(Conv2d):
    """A layer of ``conv1d``. Params: ``weight (out, in / groups, kernel)``, ``bias (out,)``; numbers, not pairs.

    ``torch.nn.Conv1d`` computes the same; its first weights as in ``Conv2d``.
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel,
        rng,
        stride=1,
        padding=0,
        initializer=he_normal,
        bias=True,
        dilation=1,
        groups=1,
    ):
        flat = (1, stride), (0, padding), initializer, bias, (1, dilation), groups
        super().__init__(in_channels, out_channels, (1, kernel), rng, *flat)
        for arrays in (self.params, self.grads):
            arrays["weight"] = arrays["weight"][:, :, 0]

    def _weight(self):
        return self.params["weight"][:, :, None]

    def forward(self, x, training=False):
        expect_shape(self, x, "batch", self.params["weight"].shape[1] * self.moves.groups, "length")
        return super().forward(x[:, :, None], training)[:, :, 0]

    def backward(self, d_y):
        return super().backward(d_y[:, :, None])[:, :, 0]


class ConvTranspose2d(Layer):
    """A layer of ``conv_transpose2d``.

    Params: ``weight (in, out / groups, kernel_height, kernel_width)``, ``bias (out,)``.
    Forward is the way back of a ``Conv2d`` from ``out_channels`` to ``in_channels``, and the way back is its forward.
    ``torch.nn.ConvTranspose2d`` computes the same; its first weights are uniform within
    1 / sqrt(out / groups * kernel size).
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel,
        rng,
        stride=1,
        padding=0,
        initializer=he_normal,
        bias=True,
        dilation=1,
        groups=1,
        output_padding=0,
    ):
        self.moves = Moves.of(stride, padding, dilation, groups)
        self.output_padding = output_padding_of(output_padding, self.moves)
        super().__init__(**_params(out_channels, in_channels, out_channels, kernel, rng, initializer, bias, groups))

    def forward(self, x, training=False):
        weight, moves = self.params["weight"], self.moves
        expect_shape(self, x, "batch", len(weight), "height", "width")
        self._remember(x)
        size = larger_size(x.shape[2:], weight.shape[2:], moves, self.output_padding)
        return plus_bias(transposed(x, weight, size, moves), self.params.get("bias"))  # (9.4)

    def backward(self, d_y):
        (x,) = self._recall()
        d_x, columns = correlate(d_y, self.params["weight"], self.moves)
        self.grads["weight"][:] = weight_gradient(x, columns, self.params["weight"].shape)
        if "bias" in self.grads:
            self.grads["bias"][:] = d_y.sum(axis=(0, 2, 3))  # (9.12)
        return d_x


def _params(columns_of, rows_of, biases, kernel, rng, initializer, bias, groups):
    """``weight (rows_of, columns_of / groups, *kernel)`` and ``bias (biases,)``."""
    columns_of, rows_of = count("in_channels", columns_of), count("out_channels", rows_of)
    if columns_of % groups or rows_of % groups:
        raise ValueError(f"{columns_of} and {rows_of} channels cannot be split into {groups} groups of one size.")
    shape = (rows_of, columns_of // groups, *pair("kernel", kernel))
    size = shape[2] * shape[3]
    weight = initializer(shape[1] * size, rows_of * size, rng, shape=shape)
    return {"weight": weight, **({"bias": np.zeros(biases)} if bias else {})}
