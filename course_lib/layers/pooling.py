"""Pooling: one number a window and channel. No parameters."""

import numpy as np

from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.layers.windows import add_windows, crop, pad, pair, windows
from course_lib.validation import flag


class _Pool2d(Layer):
    """Windows of ``kernel``, moved by ``stride`` (the kernel itself if left out), over x with ``padding`` around it.

    All are numbers or ``(height, width)``; padding is half a kernel at most, so that no window sees padding only.
    """

    dilation = (1, 1)

    def __init__(self, kernel, stride=None, padding=0):
        super().__init__()
        self.kernel = pair("kernel", kernel)
        self.stride = self.kernel if stride is None else pair("stride", stride)
        self.padding = pair("padding", padding, minimum=0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel, strict=True)):
            raise ValueError(
                f"padding must be half of the kernel at most, but they are {self.padding} and {self.kernel}."
            )

    def _windows(self, x, value):
        return windows(pad(x, self.padding, value), self.kernel, self.stride, self.dilation)

    def _add(self, contributions, shape):
        """The way back of ``_windows``: into an image of ``shape``, without the padding."""
        n, c, h, w = shape
        padded = (n, c, h + 2 * self.padding[0], w + 2 * self.padding[1])
        return crop(add_windows(contributions, padded, self.stride, self.dilation), self.padding)

    def _positions(self, shape):
        """Number of each position in the kernel, to broadcast against an output of ``shape``."""
        return np.arange(np.prod(self.kernel)).reshape(*self.kernel, *[1] * len(shape))


class MaxPool2d(_Pool2d):
    """The largest entry of each window; its gradient goes to that entry alone, to the first one in a tie.

    Padding counts as -inf: it never wins. ``torch.nn.MaxPool2d(kernel, stride, padding, dilation)``, the same.
    ``torch.amax`` shares among ties.
    """

    def __init__(self, kernel, stride=None, padding=0, dilation=1):
        super().__init__(kernel, stride, padding)
        self.dilation = pair("dilation", dilation)

    def forward(self, x, training=False):
        x = as_input(self, x, "batch", "channels", "height", "width")
        view = self._windows(x, -np.inf)
        flat = view.reshape(*view.shape[:4], -1)
        winner = np.argmax(flat, axis=-1)
        self._remember(winner, x.shape)
        return np.take_along_axis(flat, winner[..., None], axis=-1)[..., 0]

    def backward(self, d_y):
        winner, shape = self._recall()
        d_y = as_gradient(self, d_y, winner.shape)
        return self._add(np.where(winner == self._positions(d_y.shape), d_y, 0), shape)  # (9.5)


class AvgPool2d(_Pool2d):
    """The mean of each window; its gradient is shared equally.

    Padding counts as zeros, or with ``count_include_pad=False`` not at all.
    ``torch.nn.AvgPool2d(kernel, stride, padding, count_include_pad=count_include_pad)``, the same.
    """

    def __init__(self, kernel, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel, stride, padding)
        self.count_include_pad = flag("count_include_pad", count_include_pad)

    def forward(self, x, training=False):
        x = as_input(self, x, "batch", "channels", "height", "width")
        view = self._windows(x, 0.0)
        self._remember(x.shape, view.shape[:4])
        return view.mean(axis=(4, 5)) if self._counts_all() else view.sum(axis=(4, 5)) / self._pixels(x)

    def backward(self, d_y):
        shape, out_shape = self._recall()
        d_y = as_gradient(self, d_y, out_shape)
        shared = d_y / (d_y.dtype.type(np.prod(self.kernel)) if self._counts_all() else self._pixels(np.empty(shape)))
        return self._add(np.broadcast_to(shared.astype(d_y.dtype), (*self.kernel, *d_y.shape)), shape)

    def _counts_all(self):
        return self.count_include_pad or self.padding == (0, 0)

    def _pixels(self, x):
        """How many pixels of x each window holds, ``(1, 1, out_height, out_width)``."""
        return self._windows(np.ones((1, 1, *x.shape[2:]), dtype=x.dtype), 0).sum(axis=(4, 5))
