r"""Convolution as networks use it: a cross-correlation, summed over the input channels (L1 with E51 put right).

.. math:: y_{noij} = b_o + \sum_{c} \sum_{p=0}^{F_H - 1} \sum_{q=0}^{F_W - 1}
          w_{ocpq} \, x_{nc,\, i s + p,\, j s + q}   \tag{9.1}

Back from d_y = dL/dy, with the sums over all places (i, j) at which the indices exist,

.. math:: d_{w_{ocpq}} = \sum_{nij} d_{y_{noij}} \, x_{nc,\, i s + p,\, j s + q}   \tag{9.3}
.. math:: d_{x_{nc,\, i s + p,\, j s + q}} \mathrel{+}= \sum_{o} w_{ocpq} \, d_{y_{noij}}   \tag{9.4}
.. math:: d_{b_o} = \sum_{nij} d_{y_{noij}}   \tag{9.12}

Images are ``(batch, channels, height, width)``. Every patch becomes a column, and the convolution one
matrix product (im2col, Chellapilla et al. 2006).
"""

import numpy as np

from course_lib.initializers import he_normal
from course_lib.layers.base import Layer, expect_shape
from course_lib.layers.windows import add_windows, crop, pad, pair, windows


def columns(x, kernel, stride, padding):
    """Patches of x as columns, ``(batch, channels * kernel_height * kernel_width, out_height * out_width)``."""
    patches = windows(pad(x, padding), kernel, stride)
    n, c, out_h, out_w, k_h, k_w = patches.shape
    return patches.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * k_h * k_w, out_h * out_w), (out_h, out_w)


def conv2d(x, w, b=None, stride=1, padding=0):
    """Cross-correlate x ``(batch, in, height, width)`` with w ``(out, in, kernel_height, kernel_width)``.

    ``b`` is ``(out,)`` or left out; ``stride`` and ``padding`` are numbers or ``(height, width)``.
    Returns ``(batch, out, out_height, out_width)``, the same as ``torch.nn.functional.conv2d``.
    """
    if np.ndim(x) != 4 or np.ndim(w) != 4 or x.shape[1] != w.shape[1]:
        raise ValueError(
            "conv2d expects x (batch, in, height, width) and w (out, in, kernel_height, kernel_width) with the same "
            f"number of input channels, but they are {np.shape(x)} and {np.shape(w)}."
        )
    y, _ = _forward(x, w, b, pair("stride", stride), pair("padding", padding, minimum=0))
    return y


def _forward(x, w, b, stride, padding):
    patches, out_shape = columns(x, w.shape[2:], stride, padding)
    y = np.matmul(w.reshape(len(w), -1), patches)  # (9.1)
    if b is not None:
        y += b[:, None]
    return y.reshape(len(x), len(w), *out_shape), patches


class Conv2d(Layer):
    """A layer of ``conv2d``. Params: ``weight (out, in, kernel_height, kernel_width)``, ``bias (out,)``.

    ``torch.nn.Conv2d`` computes the same, but draws weights and biases uniform within 1 / sqrt(fan_in).
    """

    def __init__(self, in_channels, out_channels, kernel, rng, stride=1, padding=0, initializer=he_normal, bias=True):
        k_h, k_w = pair("kernel", kernel)
        self.stride, self.padding = pair("stride", stride), pair("padding", padding, minimum=0)
        weight = initializer(
            in_channels * k_h * k_w, out_channels * k_h * k_w, rng, shape=(out_channels, in_channels, k_h, k_w)
        )
        super().__init__(weight=weight, **({"bias": np.zeros(out_channels)} if bias else {}))

    def forward(self, x, training=False):
        weight = self.params["weight"]
        expect_shape(self, x, "batch", weight.shape[1], "height", "width")
        y, patches = _forward(x, weight, self.params.get("bias"), self.stride, self.padding)
        self._remember(patches, x.shape)
        return y

    def backward(self, d_y):
        patches, (n, c, h, w) = self._recall()
        weight, (p_h, p_w) = self.params["weight"], self.padding
        out_c, _, k_h, k_w = weight.shape
        flat = d_y.reshape(n, out_c, -1)
        self.grads["weight"][:] = np.matmul(flat, patches.transpose(0, 2, 1)).sum(axis=0).reshape(weight.shape)  # (9.3)
        if "bias" in self.grads:
            self.grads["bias"][:] = flat.sum(axis=(0, 2))  # (9.12)
        d_patches = np.matmul(weight.reshape(out_c, -1).T, flat)  # (9.4)
        d_patches = d_patches.reshape(n, c, k_h, k_w, *d_y.shape[2:]).transpose(2, 3, 0, 1, 4, 5)
        return crop(add_windows(d_patches, (n, c, h + 2 * p_h, w + 2 * p_w), self.stride), self.padding)
