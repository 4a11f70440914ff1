"""Sliding windows over images: what convolution and pooling share."""

import numpy as np

from course_lib.validation import count, shown


def pair(name, value, minimum=1):
    """Return ``(height, width)`` from one whole number or two."""
    values = value if isinstance(value, tuple) else (value, value)
    if len(values) != 2:
        raise ValueError(f"{name} must be one whole number or two, (height, width), but it is {shown(value)}.")
    return tuple(count(name, number, minimum) for number in values)


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """floor((size + 2 padding - kernel) / stride) + 1, L1 with the floor put in (E52), as PyTorch has it.

    A dilated kernel counts with its extent, dilation (kernel - 1) + 1.

    Raises ``ValueError`` if the kernel does not fit into the padded input.
    """
    size, kernel, stride = count("size", size), count("kernel", kernel), count("stride", stride)
    padding, dilation = count("padding", padding, minimum=0), count("dilation", dilation)
    room = size + 2 * padding - (dilation * (kernel - 1) + 1)
    if room < 0:
        spread = "" if dilation == 1 else f" with dilation {dilation}"
        pixels = "1 pixel" if size == 1 else f"{size} pixels"
        raise ValueError(f"A kernel of {kernel}{spread} does not fit into {pixels} with padding {padding}.")
    return room // stride + 1  # (9.2)


def pad(x, padding, value=0.0):
    """Return x ``(batch, channels, height, width)`` with ``(height, width)`` of padding on each side."""
    if padding == (0, 0):
        return x
    (p_h, p_w), (n, c, h, w) = padding, x.shape
    padded = np.full((n, c, h + 2 * p_h, w + 2 * p_w), value, dtype=x.dtype)
    padded[:, :, p_h : p_h + h, p_w : p_w + w] = x
    return padded


def windows(padded, kernel, stride, dilation=(1, 1)):
    """View of shape ``(batch, channels, out_height, out_width, kernel_height, kernel_width)``; copies nothing."""
    for size, pixels, apart in zip(padded.shape[2:], kernel, dilation, strict=True):
        output_size(size, pixels, dilation=apart)
    extent = tuple(apart * (pixels - 1) + 1 for pixels, apart in zip(kernel, dilation, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(padded, extent, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def add_windows(contributions, shape, stride, dilation=(1, 1)):
    """Sum overlapping windows back into an image: the transpose of ``windows``.

    Args:
        contributions: ``(kernel_height, kernel_width, batch, channels, out_height, out_width)``.
        shape: of the padded image.
    """
    image = np.zeros(shape, dtype=contributions.dtype)
    out_h, out_w = contributions.shape[-2:]
    for i, j in np.ndindex(contributions.shape[:2]):
        top, left = i * dilation[0], j * dilation[1]
        rows = slice(top, top + stride[0] * out_h, stride[0])
        columns = slice(left, left + stride[1] * out_w, stride[1])
        image[:, :, rows, columns] += contributions[i, j]
    return image


def crop(padded, padding):
    """Undo ``pad``."""
    p_h, p_w = padding
    return padded[:, :, p_h : padded.shape[2] - p_h, p_w : padded.shape[3] - p_w]
