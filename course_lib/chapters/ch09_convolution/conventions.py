"""Conventions of chapter 9: what is called convolution, sizes that do not divide, ties in max pooling."""

import numpy as np

from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch
from course_lib.layers import MaxPool2d, conv2d, output_size

SIGNAL = np.array([1.0, 2.0, 4.0, 8.0])
EDGE, SYMMETRIC = np.array([1.0, 0.0, -1.0]), np.array([1.0, 2.0, 1.0])
SIZES = ((7, 3, 2, 0), (8, 3, 2, 0), (224, 7, 2, 3))  # (size, kernel, stride, padding)


def _image(line):
    return line.reshape(1, 1, 1, -1)


@by_pytorch
def _torch_conv2d(torch):
    x = torch.tensor(_image(SIGNAL))
    return [torch.conv2d(x, torch.tensor(_image(kernel)))[0, 0, 0, 0].item() for kernel in (EDGE, SYMMETRIC)]


def _flipped_or_not():
    return tuple(
        Row(name, conv2d(_image(SIGNAL), _image(kernel))[0, 0, 0, 0], np.convolve(SIGNAL, kernel, mode="valid")[0])
        for name, kernel in (("kernel (1, 0, -1)", EDGE), ("kernel (1, 2, 1)", SYMMETRIC))
    )


def size_without_floor(size, kernel, stride, padding):
    """L1's formula as printed."""
    return (size - kernel + 2 * padding) / stride + 1


@by_pytorch
def _torch_sizes(torch):
    for size, kernel, stride, padding in SIZES:
        yield torch.nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, size, size)).shape[-1]


def _floor():
    return tuple(
        Row(
            f"size {n}, kernel {k}, stride {s}, padding {p}", output_size(n, k, s, p), size_without_floor(n, k, s, p), 4
        )
        for n, k, s, p in SIZES
    )


@by_pytorch
def _torch_max_pool(torch):
    return _torch_tie(torch, torch.nn.MaxPool2d(2))


@by_pytorch
def _torch_amax(torch):
    return _torch_tie(torch, lambda x: torch.amax(x, dim=(2, 3)))


def _torch_tie(torch, function):
    x = torch.ones(1, 1, 2, 2, requires_grad=True)
    function(x).sum().backward()
    return [*x.grad.ravel().tolist()[:2], x.grad.sum().item()]


def _ties():
    layer = MaxPool2d(2)
    d_x = layer.backward(np.ones_like(layer.forward(np.ones((1, 1, 2, 2)))))
    names = "gradient of the first entry", "gradient of the second entry", "sum of the gradients"
    return tuple(map(Row, names, (d_x[0, 0, 0, 0], d_x[0, 0, 0, 1], d_x.sum()), _torch_amax()))


CONVENTIONS = (
    Convention(
        id="V-09-1",
        topic="Convolution or cross-correlation (E51)",
        ours="the kernel as it is: L1, PyTorch; `conv2d`",
        theirs="the kernel flipped: mathematics, `numpy.convolve`",
        why="First output for the signal (1, 2, 4, 8). A learned kernel comes out flipped, and nothing else changes; a "
        "kernel that one writes down oneself must be flipped.",
        compare=_flipped_or_not,
        agree=("kernel (1, 2, 1)",),
        confirmed=_torch_conv2d,
    ),
    Convention(
        id="V-09-2",
        topic="Output size when the stride does not divide (E52)",
        ours="rounded down: PyTorch; `output_size`, `Conv2d`",
        theirs="(size - kernel + 2 padding) / stride + 1 as it is: L1",
        why="Half an output does not exist: the last columns of the input are not seen.",
        compare=_floor,
        agree=("size 7, kernel 3, stride 2, padding 0",),
        confirmed=_torch_sizes,
    ),
    Convention(
        id="V-09-3",
        topic="Who gets the gradient when all entries of a window are the largest",
        ours="the first: PyTorch's `MaxPool2d`; `MaxPool2d`",
        theirs="all alike: PyTorch's `amax`",
        why="A window of four equal entries, as flat image regions and zeros after ReLU give them. Both are "
        "subgradients.",
        compare=_ties,
        agree=("sum of the gradients",),
        confirmed=_torch_max_pool,
    ),
)
