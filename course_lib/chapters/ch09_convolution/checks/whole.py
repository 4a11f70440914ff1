"""The whole of each exercise of chapter 9: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.backward import NAMES, backward, pool, routed
from course_lib.chapters.ch09_convolution.checks.forward import convolved, forward
from course_lib.chapters.ch09_convolution.checks.shapes import NAMES as SIZES
from course_lib.chapters.ch09_convolution.checks.shapes import dense, out_sizes, parameters, sizes
from course_lib.checks.compare import close, several, shaped
from course_lib.checks.whole import different, whole, wide


def _layers(rng):
    """``(x, w, stride, padding)``: no two sizes the same, and as many the same as may be; strides of 1 to 3 that divide
    and that do not, with a border and without, a border wider than the stride, kernels that are smaller than the
    stride, of one pixel, square, as large as the image and larger."""
    batch, channels, filters = different(rng, 3, 1, 5)
    high, wide_ = different(rng, 2, 2, 5)
    rows, columns = different(rng, 2, 5, 9)
    plans = (
        ((batch, channels, rows, columns), (filters, high, wide_), int(rng.integers(2, 4)), int(rng.integers(1, 3))),
        ((filters, batch, columns, rows), (channels, wide_, high), 1, 0),
        ((1, filters, rows, columns), (batch, 2, 1), 3, 2),
        ((channels, 1, 4, 7), (filters, 4, 7), 2, 0),
        ((2, 3, rows, rows + 1), (1, 1, 1), 2, 1),
        ((1, 2, rows, columns), (3, 3, 3), 1, 2),
        ((3, 3, 4, 5), (3, 3, 3), 1, 1),
        ((2, 3, 5, 4), (3, 2, 2), 1, 0),
        ((2, 1, 7, 7), (2, 3, 2), 3, 0),
        ((2, 1, 7, 7), (2, 3, 3), 2, 1),
        ((1, 2, 3, 2), (2, 5, 4), 1, 2),
        ((2, 2, 6, 5), (1, 3, 2), 1, 1),
        ((1, 1, 13, 8), (1, 1, 1), 3, 0),  # 13/3 - 1/3 is less than 4 in floats
        ((1, 2, 8, 11), (2, 5, 5), 3, 0),
        ((2, 2, 4, 3), (1, 3, 2), 1, 2),  # as large with its border as the one before
    )
    layers = [
        (wide(rng, *shape), wide(rng, filters, shape[1], *sides), stride, padding)
        for shape, (filters, *sides), stride, padding in plans
    ]
    layers[1][0][..., :4, :4] = 0.0  # windows of nothing but zeros
    return layers


def _forward_cases(rng):
    return [(x, w, wide(rng, len(w)), stride, padding) for x, w, stride, padding in _layers(rng)]


def _backward(x, w, d_y, stride, padding):
    """Every product of the forward pass by itself: w[o, c, p, q] meets x[n, c, i s + p - pad, j s + q - pad]."""
    d_x, d_w = np.zeros(x.shape), np.zeros(w.shape)
    for i, j, p, q in np.ndindex(*d_y.shape[2:], *w.shape[2:]):
        row, column = i * stride + p - padding, j * stride + q - padding
        if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
            d_x[:, :, row, column] += d_y[:, :, i, j] @ w[:, :, p, q]
            d_w[:, :, p, q] += d_y[:, :, i, j].T @ x[:, :, row, column]
    return d_x, d_w, np.einsum("nohw->o", d_y)


def _backward_cases(rng):
    cases = []
    for x, w, stride, padding in _layers(rng):
        sides = (
            out_sizes(x.shape[1:], w.shape[2], stride, padding)[0],
            out_sizes(x.shape[1:], w.shape[3], stride, padding)[1],
        )
        cases.append((x, w, wide(rng, len(x), len(w), *sides), stride, padding))
    return cases


def _pool_cases(rng):
    """Windows that touch, overlap and leave gaps or a rest; entries below 0, flat regions, zeros as after a ReLU."""
    sides = different(rng, 2, 2, 5)
    plans = (2, 2), (3, 2), (2, 3), (3, 1), (1, 2), (2, 1)
    cases = []
    for k, (size, stride) in enumerate(plans):
        rows, columns = different(rng, 2, 5, 9)
        batch, channels = (1, 1) if k == 5 else sides
        x = rng.normal(size=(batch, channels, rows, columns)) - 10 * (k == 1)
        x = np.maximum(x, 0) if k == 0 else np.round(x) if k == 3 else x
        if size > 1:
            x[:, :, :2, :2] = x.max() + np.array([[0.0, 1.0], [1.0, 0.5]])  # a tie, the first by rows is not by columns
        out = (rows - size) // stride + 1, (columns - size) // stride + 1
        cases.append((x, wide(rng, batch, channels, *out), size, stride))
    return [*cases, (_nearly_tied(rng), rng.uniform(1, 2, (1, 2, 2, 3)), 2, 2)]


def _nearly_tied(rng):
    """Images of 5 by 7 whose numbers are all larger than those before them, in the last digits only."""
    return rng.uniform(1, 2) + 1e-12 * np.arange(70.0).reshape(1, 2, 5, 7)


def _layer_sizes(shape, filters, kernel, stride, padding):
    out, own = out_sizes(shape, kernel, stride, padding), parameters(shape, filters, kernel)
    return *out, own, own / dense(shape, filters, out)


def _by_number(result, expected, given, mine):
    for got, right, name in zip(several(result, SIZES), expected, SIZES, strict=True):
        close(float(shaped(got, (), name)), right, name)


def _size_cases(rng):
    """Every remainder of strides from 1 to 4, padding that is less and more than the stride, one output only."""
    cases = []
    for stride in (1, 2, 3, 4):
        for rest in range(stride):
            channels, filters, kernel, high, wide_ = different(rng, 5, 1, 9)
            padding = int(rng.integers(0, 4))
            sides = (k * stride + rest + kernel - 2 * padding for k in (high + 2 * padding, wide_ + 2 * padding))
            cases.append(((channels, *map(int, sides)), filters, kernel, stride, padding))
    return [
        *cases,
        ((2, 5, 7), 3, 7, 2, 1),
        ((1, 4, 4), 1, 4, 3, 0),
        ((3, 3, 3), 3, 1, 1, 0),
        ((2, 19, 22), 3, 5, 3, 2),
        ((2, 9, 10), 3, 3, 3, 1),
        ((2, 6, 7), 3, 4, 1, 2),
        ((3, 224, 200), 64, 7, 2, 3),  # the dense layer has more parameters than 32 bits count
    ]


whole(forward, convolved, _forward_cases, ("the output",))
whole(backward, _backward, _backward_cases, NAMES)
whole(pool, routed, _pool_cases, ("d_x",))
whole(sizes, _layer_sizes, _size_cases, SIZES, _by_number)
