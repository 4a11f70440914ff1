r"""A convolution written out as the linear layer that it is: one row an output, one column an input.

.. math:: \mathrm{vec}(y) = A \, \mathrm{vec}(x), \qquad \mathrm{vec}(d_x) = A^T \mathrm{vec}(d_y)   \tag{9.11}

Most of A is zero (an output sees its window only), and the same few weights stand in every row (sharing).
Source: L1 section 1.2, "similar structure as the full connection layer"; Dumoulin and Visin 2016, section 4.1.
"""

import numpy as np

from course_lib.layers.windows import output_size, pair
from course_lib.validation import numbers, shown


def _sizes(name, value):
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"{name} must be two whole numbers, (height, width), but it is {shown(value)}.")
    return pair(name, tuple(value))


def weight_places(kernel, shape, stride=1, padding=0):
    """Which weight joins which input to which output of one channel.

    Args:
        kernel: ``(height, width)`` of the kernel.
        shape: ``(height, width)`` of the image.
        stride, padding: numbers or ``(height, width)``.

    Returns:
        int ``(out_height * out_width, height * width)``: the number of the weight, row by row in the kernel; -1: none.

    PyTorch: none.
    """
    stride, padding = pair("stride", stride), pair("padding", padding, minimum=0)
    kernel, shape = _sizes("kernel", kernel), _sizes("shape", shape)
    out = [output_size(*sizes) for sizes in zip(shape, kernel, stride, padding, strict=True)]
    places = np.full((*out, *shape), -1)
    for i, j, p, q in np.ndindex(*out, *kernel):
        row, column = i * stride[0] + p - padding[0], j * stride[1] + q - padding[1]
        if 0 <= row < shape[0] and 0 <= column < shape[1]:
            places[i, j, row, column] = p * kernel[1] + q
    return places.reshape(out[0] * out[1], -1)


def convolution_matrix(w, shape, stride=1, padding=0):
    """The matrix A of ``conv2d`` for images of ``shape (height, width)``, (9.11).

    w is ``(out, in, kernel_height, kernel_width)``. Returns ``(out * out_height * out_width, in * height * width)``,
    dense: for small images, to look at. PyTorch: none; ``torch.nn.functional.unfold`` gives the patches instead.
    """
    w = numbers("w", w, "out", "in", "height", "width")
    out_channels, in_channels, *kernel = w.shape
    places = weight_places(tuple(kernel), shape, stride, padding)
    flat = np.concatenate([w.reshape(out_channels, in_channels, -1), np.zeros((out_channels, in_channels, 1))], axis=2)
    matrix = flat[:, :, places]  # (9.11); -1, the last entry, is 0
    return matrix.transpose(0, 2, 1, 3).reshape(out_channels * len(places), in_channels * places.shape[1])
