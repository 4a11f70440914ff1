"""Pooling: one number a window and channel. No parameters."""

import numpy as np

from course_lib.layers.base import Layer, expect_shape
from course_lib.layers.windows import add_windows, pair, windows


class _Pool2d(Layer):
    """Windows of ``kernel``, moved by ``stride`` (the kernel itself if left out); no padding."""

    def __init__(self, kernel, stride=None):
        super().__init__()
        self.kernel = pair("kernel", kernel)
        self.stride = self.kernel if stride is None else pair("stride", stride)

    def _windows(self, x):
        expect_shape(self, x, "batch", "channels", "height", "width")
        return windows(x, self.kernel, self.stride)

    def _positions(self, shape):
        """Number of each position in the kernel, to broadcast against an output of ``shape``."""
        return np.arange(np.prod(self.kernel)).reshape(*self.kernel, *[1] * len(shape))


class MaxPool2d(_Pool2d):
    """The largest entry of each window; its gradient goes to that entry alone, to the first one in a tie.

    ``torch.nn.MaxPool2d(kernel, stride)``, the same; it can pad as well. ``torch.amax`` shares among ties.
    """

    def forward(self, x, training=False):
        view = self._windows(x)
        flat = view.reshape(*view.shape[:4], -1)
        winner = np.argmax(flat, axis=-1)
        self._remember(winner, x.shape)
        return np.take_along_axis(flat, winner[..., None], axis=-1)[..., 0]

    def backward(self, d_y):
        winner, shape = self._recall()
        return add_windows(np.where(winner == self._positions(d_y.shape), d_y, 0), shape, self.stride)  # (9.5)


class AvgPool2d(_Pool2d):
    """The mean of each window; its gradient is shared equally. ``torch.nn.AvgPool2d(kernel, stride)``, the same."""

    def forward(self, x, training=False):
        self._remember(x.shape)
        return self._windows(x).mean(axis=(4, 5))

    def backward(self, d_y):
        (shape,) = self._recall()
        shared = d_y / d_y.dtype.type(np.prod(self.kernel))
        return add_windows(np.broadcast_to(shared, (*self.kernel, *d_y.shape)), shape, self.stride)
