r"""Sizes, counts and receptive fields: what can be said of a convolutional network before it is run.

.. math:: (F_H F_W C + 1) F_N   \tag{9.6}

parameters of a convolution, against those of a dense layer (L1 with E52 put right),

.. math:: (n_{l-1} + 1) \, n_l.   \tag{9.7}

One output of layer l sees r_l pixels of the input in a row; neighbouring outputs see windows j_l pixels apart:

.. math:: j_l = s_l \, j_{l-1}   \tag{9.8}
.. math:: r_l = r_{l-1} + d_l (F_l - 1) \, j_{l-1}   \tag{9.9}

with stride s, dilation d and r_0 = j_0 = 1. Source: L1 section 1.2; Dumoulin and Visin 2016, Araujo et al. 2019.
"""

from typing import NamedTuple

import numpy as np

from course_lib.layers.windows import output_size, pair
from course_lib.validation import count, flag, shown


class Window(NamedTuple):
    """What a convolution or pooling layer looks at: ``kernel`` pixels in a row, ``dilation`` apart.

    The arguments of ``torch.nn.Conv2d`` of the same names.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    def checked(self):
        """Return the window; ``ValueError`` unless all of it are whole numbers that make sense."""
        count("kernel", self.kernel), count("stride", self.stride), count("dilation", self.dilation)
        count("padding", self.padding, minimum=0)
        return self

    @property
    def extent(self):
        """Pixels from the first to the last that it touches, d (F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    def output_size(self, size):
        """Outputs in a row of ``size`` pixels, (9.2); ``ValueError`` where the window does not fit."""
        self.checked()
        return output_size(size, self.extent, self.stride, self.padding)

    def unseen(self, size):
        """Pixels at the end of the padded row that no window reaches."""
        outputs = self.output_size(size)
        return size + 2 * self.padding - self.extent - (outputs - 1) * self.stride


def conv_parameters(in_channels, out_channels, kernel, bias=True, groups=1):
    """Number of parameters of a convolution, (9.6); ``kernel`` is one number or ``(height, width)``.

    With ``groups`` each kernel sees in_channels / groups channels only.

    What ``sum(p.numel() for p in layer.parameters())`` gives for a ``torch.nn.Conv2d``.
    """
    k_h, k_w = pair("kernel", kernel)
    if count("in_channels", in_channels) % count("groups", groups) or count("out_channels", out_channels) % groups:
        raise ValueError(
            f"in_channels and out_channels, {in_channels} and {out_channels} channels, cannot be split into "
            f"{groups} groups."
        )
    weights = in_channels // groups * k_h * k_w
    return (weights + flag("bias", bias)) * out_channels  # (9.6)


def dense_parameters(inputs, units, bias=True):
    """Number of parameters of a fully connected layer, (9.7): each UNIT has a bias, not each input (E52).

    What ``sum(p.numel() for p in layer.parameters())`` gives for a ``torch.nn.Linear``.
    """
    return (count("inputs", inputs) + flag("bias", bias)) * count("units", units)  # (9.7)


def _checked(windows):
    if not isinstance(windows, tuple | list) or not all(isinstance(window, Window) for window in windows):
        raise TypeError(f"windows must be a list of Window(kernel, stride), but it is {shown(windows)}.")
    for window in windows:
        window.checked()
    return windows


def receptive_fields(windows):
    """``[(size, jump), ...]`` in pixels of the input, for the input itself and after each of ``windows``.

    PyTorch has no such function.
    """
    fields, size, jump = [(1, 1)], 1, 1
    for window in _checked(windows):
        size += window.dilation * (window.kernel - 1) * jump  # (9.9)
        jump *= window.stride  # (9.8)
        fields.append((size, jump))
    return fields


def effective_widths(windows):
    r"""Standard deviation, in pixels, of the squared gradient of one output by the input, after each of ``windows``.

    With independent weights of mean 0 and no activation the mean squared gradient at a pixel counts the paths to
    it: boxes of F entries, d j apart, convolved. Variances of boxes add up,

    .. math:: \sigma_l^2 = \sigma_{l-1}^2 + \frac{F_l^2 - 1}{12} \, (d_l \, j_{l-1})^2   \tag{9.10}

    so n layers reach n (F - 1) + 1 pixels, but weigh them by a bell of width ~ sqrt(n). Source: Luo et al. 2016.

    PyTorch: none.
    """
    variances, jump = [0.0], 1
    for window in _checked(windows):
        spread = (window.kernel**2 - 1) / 12 * (window.dilation * jump) ** 2
        variances.append(variances[-1] + spread)  # (9.10)
        jump *= window.stride
    return np.sqrt(variances)
