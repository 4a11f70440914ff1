r"""Convolution as networks use it: a cross-correlation, summed over the input channels (L1 with E51 put right).

.. math:: y_{noij} = b_o + \sum_{c} \sum_{p=0}^{F_H - 1} \sum_{q=0}^{F_W - 1}
          w_{ocpq} \, x_{nc,\, i s + p d,\, j s + q d}   \tag{9.1}

with stride s and dilation d (1 unless told otherwise). Back from d_y = dL/dy, with the sums over all places (i, j) at
which the indices exist,

.. math:: d_{w_{ocpq}} = \sum_{nij} d_{y_{noij}} \, x_{nc,\, i s + p d,\, j s + q d}   \tag{9.3}
.. math:: d_{x_{nc,\, i s + p d,\, j s + q d}} \mathrel{+}= \sum_{o} w_{ocpq} \, d_{y_{noij}}   \tag{9.4}
.. math:: d_{b_o} = \sum_{nij} d_{y_{noij}}   \tag{9.12}

Images are ``(batch, channels, height, width)``. Every patch becomes a column, and the convolution one
matrix product (im2col, Chellapilla et al. 2006). With ``groups`` the channels are split into as many parts, in and
out alike, and each part of y sees its part of x only. A transposed convolution is (9.4) used forward.
"""

from typing import NamedTuple

import numpy as np

from course_lib.layers.windows import add_windows, crop, pad, pair, windows
from course_lib.validation import count, numbers


class Moves(NamedTuple):
    """How the kernel moves: ``stride``, ``padding`` and ``dilation`` as ``(height, width)``, and ``groups``."""

    stride: tuple
    padding: tuple
    dilation: tuple
    groups: int

    @classmethod
    def of(cls, stride, padding, dilation, groups):
        """From numbers or pairs, checked."""
        padding = pair("padding", padding, minimum=0)
        return cls(pair("stride", stride), padding, pair("dilation", dilation), count("groups", groups))


def correlate(x, w, moves):
    """(9.1) without b, and the patches of x ``(batch, groups, in / groups * kernel size, places)`` for (9.3)."""
    patches = windows(pad(x, moves.padding), w.shape[2:], moves.stride, moves.dilation)
    n, _, *out, _, _ = patches.shape
    size, groups = int(np.prod(w.shape[1:])), moves.groups
    columns = patches.transpose(0, 1, 4, 5, 2, 3).reshape(n, groups, size, out[0] * out[1])
    y = np.matmul(w.reshape(groups, len(w) // groups, size), columns)  # (9.1)
    return y.reshape(n, len(w), *out), columns


def weight_gradient(d_y, columns, shape):
    """(9.3), for weights of ``shape``."""
    n, groups, _, places = columns.shape
    flat = d_y.reshape(n, groups, shape[0] // groups, places)
    return np.matmul(flat, columns.transpose(0, 1, 3, 2)).sum(axis=0).reshape(shape)  # (9.3)


def transposed(d_y, w, size, moves):
    """(9.4): spread d_y ``(batch, out, ...)`` over images of ``size (height, width)``, ``(batch, in, *size)``."""
    (n, out, *places), (_, group_in, *kernel) = d_y.shape, w.shape
    groups, channels = moves.groups, group_in * moves.groups
    flat = d_y.reshape(n, groups, out // groups, places[0] * places[1])
    columns = np.matmul(w.reshape(groups, out // groups, -1).transpose(0, 2, 1), flat)  # (9.4)
    columns = columns.reshape(n, channels, *kernel, *places).transpose(2, 3, 0, 1, 4, 5)
    padded = (n, channels, *(s + 2 * p for s, p in zip(size, moves.padding, strict=True)))
    return crop(add_windows(columns, padded, moves.stride, moves.dilation), moves.padding)


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlate x ``(batch, in, height, width)`` with w ``(out, in / groups, kernel_height, kernel_width)``.

    ``b`` is ``(out,)`` or left out; ``stride``, ``padding`` and ``dilation`` are numbers or ``(height, width)``.
    Returns ``(batch, out, out_height, out_width)``, the same as ``torch.nn.functional.conv2d``.
    """
    moves, x, w = Moves.of(stride, padding, dilation, groups), numbers("x", x), numbers("w", w)
    if np.ndim(x) != 4 or np.ndim(w) != 4 or x.shape[1] != w.shape[1] * groups or len(w) % groups:
        raise ValueError(
            "conv2d expects x (batch, in, height, width) and w (out, in / groups, kernel_height, kernel_width) with "
            "the same number of input channels and out a multiple of groups, but they are "
            f"{np.shape(x)} and {np.shape(w)} with groups = {groups}."
        )
    return plus_bias(correlate(x, w, moves)[0], b)


def conv1d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlate x ``(batch, in, length)`` with w ``(out, in / groups, kernel)``: ``conv2d`` of height 1.

    Returns ``(batch, out, out_length)``, the same as ``torch.nn.functional.conv1d``.
    """
    x, w = numbers("x", x), numbers("w", w)
    if np.ndim(x) != 3 or np.ndim(w) != 3:
        raise ValueError(
            "conv1d expects x (batch, in, length) and w (out, in / groups, kernel), "
            f"but they are {np.shape(x)} and {np.shape(w)}."
        )
    return conv2d(x[:, :, None], w[:, :, None], b, (1, stride), (0, padding), (1, dilation), groups)[:, :, 0]


def conv_transpose2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1, output_padding=0):
    """Transposed convolution: x ``(batch, in, height, width)``, w ``(in, out / groups, kernel_height, kernel_width)``.

    The derivative by its input of the ``conv2d`` that leads back, (9.4): each entry of x lays its multiple of w into y.
    y has (height - 1) stride - 2 padding + dilation (kernel - 1) + 1 + output_padding rows; ``output_padding`` chooses
    among the sizes that the convolution would all bring to this height, so it is less than the stride.
    The same as ``torch.nn.functional.conv_transpose2d``, which also takes one that is less than the dilation only.
    """
    moves, x, w = Moves.of(stride, padding, dilation, groups), numbers("x", x), numbers("w", w)
    if np.ndim(x) != 4 or np.ndim(w) != 4 or x.shape[1] != len(w) or len(w) % groups:
        raise ValueError(
            "conv_transpose2d expects x (batch, in, height, width) and w (in, out / groups, kernel_height, "
            f"kernel_width) with in a multiple of groups, but they are {np.shape(x)} and {np.shape(w)} with groups = "
            f"{groups}."
        )
    size = larger_size(x.shape[2:], w.shape[2:], moves, output_padding_of(output_padding, moves))
    return plus_bias(transposed(x, w, size, moves), b)


def larger_size(size, kernel, moves, more):
    """What a transposed convolution makes of ``size``: (9.2) solved for it."""
    sides = zip(size, kernel, moves.stride, moves.padding, moves.dilation, more, strict=True)
    sizes = [(n - 1) * s - 2 * p + d * (k - 1) + 1 + m for n, k, s, p, d, m in sides]
    if min(sizes) < 1:
        raise ValueError(f"With padding {moves.padding} nothing is left of y: its height and width would be {sizes}.")
    return sizes


def output_padding_of(value, moves):
    """``value`` as ``(height, width)``, each less than the stride."""
    more = pair("output_padding", value, minimum=0)
    if any(m >= s for m, s in zip(more, moves.stride, strict=True)):
        raise ValueError(f"output_padding must be less than the stride, but they are {more} and {moves.stride}.")
    return more


def plus_bias(y, b):
    """y with ``b (channels,)`` added to every pixel of its channel; b may be ``None``."""
    return y if b is None else y + numbers("b", b, y.shape[1])[:, None, None]
