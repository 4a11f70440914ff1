"""Chapter 9, structure: a sparse tied linear layer, its parameters, what moves with the input, what one output sees."""

import numpy as np

from course_lib.chapters.ch09_convolution.experiments.receptive_field import STACKS, sensitivity
from course_lib.claims.kit import Claim, Effect, Evidence, Line, Measured, Plot, fails, holds, holds_if, log_slope
from course_lib.layers import (
    Conv2d,
    MaxPool2d,
    conv2d,
    conv_parameters,
    convolution_matrix,
    dense_parameters,
    lenet,
    output_size,
    weight_places,
)

# --- C-09-1 -------------------------------------------------------------------------------------------


def settings():
    """Twelve layers: channels in and out, kernel, stride, padding, size of the image."""
    rng = np.random.default_rng(91)
    for _ in range(12):
        channels, kernel = rng.integers(1, 4, 2), rng.integers(1, 4, 2)
        stride, padding, shape = rng.integers(1, 4, 2), rng.integers(0, 3, 2), rng.integers(5, 9, 2)
        yield rng, *(tuple(int(n) for n in pair) for pair in (channels, kernel, stride, padding, shape))


def tied_sums(dense, places, channels, kernel):
    """Gradient of each weight as the sum of the dense layer's gradients over all entries that hold it."""
    in_channels, out_channels = channels
    blocks = dense.reshape(out_channels, len(places), in_channels, places.shape[1]).transpose(0, 2, 1, 3)
    number = kernel[0] * kernel[1]
    sums = [[[block[places == k].sum() for k in range(number)] for block in row] for row in blocks]
    return np.array(sums).reshape(out_channels, in_channels, *kernel)


def _sparse_tied():
    apart, filled, entries, weights = {"forward": 0.0, "d_x": 0.0, "d_w": 0.0}, 0, 0, 0
    for rng, channels, kernel, stride, padding, shape in settings():
        layer = Conv2d(*channels, kernel, rng, stride, padding, bias=False)
        w, x = layer.params["weight"], rng.normal(size=(1, channels[0], *shape))
        matrix = convolution_matrix(w, shape, stride, padding)
        y = layer.forward(x, training=True)
        d_y = rng.normal(size=y.shape)
        d_x = layer.backward(d_y)
        tied = tied_sums(
            np.outer(d_y, x), weight_places(kernel, shape, stride, padding), channels, kernel
        )  # the gradient of a dense layer, pooled over the entries that share a weight
        for name, one, other in (
            ("forward", matrix @ x.ravel(), y.ravel()),
            ("d_x", matrix.T @ d_y.ravel(), d_x.ravel()),
            ("d_w", tied, layer.grads["weight"]),
        ):
            apart[name] = max(apart[name], np.abs(one - other).max())
        filled, entries, weights = filled + np.count_nonzero(matrix), entries + matrix.size, weights + w.size
    sizes = np.arange(5, 33)
    zeros = [1 - 9 * (n - 2) ** 2 / (n * n * (n - 2) ** 2) for n in sizes]
    numbers = {
        "forward": Measured(apart["forward"], label="y = A x: largest difference in 12 layers"),
        "d_x": Measured(apart["d_x"], label="d_x = A^T d_y: largest difference"),
        "d_w": Measured(apart["d_w"], label="d_w = the dense gradient summed over tied entries"),
        "filled": Measured(filled / entries, label="share of A's entries that are not 0", digits=2),
        "times": Measured(filled / weights, label="entries of A that one weight stands in, on average", digits=2),
    }
    return Evidence(
        numbers,
        Plot("side of the image", "share of zeros in A, kernel 3 × 3", (Line("zeros", sizes, np.array(zeros)),)),
    )


def _judge_sparse_tied(n):
    if max(n[name].value for name in ("forward", "d_x", "d_w")) > 1e-10:
        return fails("the matrix gives other numbers")
    if n["filled"].value > 0.9 or n["times"].value < 1.5:
        return fails("the matrix is neither sparse nor tied")
    return holds("to rounding, forward and back: a linear layer, mostly zeros, with tied weights")


SPARSE_TIED = Claim(
    id="C-09-1",
    lecture="L1 l.61, l.72",
    statement="A convolution has the structure of a fully connected layer in which a neuron is joined to very few "
    "others, with shared weights",
    condition="12 random layers (1 to 3 channels, kernels 1 to 3, stride 1 to 3, padding 0 to 2, images 5 to 8) "
    "against their matrix, which is built from indices alone",
    rule="Holds if output, d_x and d_w agree to 1e-10 with the matrix, its transpose, and the dense gradient summed "
    "over tied entries, while less than 90 % of it is filled and a weight stands in 1.5 places or more; else fails.",
    identity=True,
    experiment=_sparse_tied,
    judge=_judge_sparse_tied,
)

# --- C-09-2 -------------------------------------------------------------------------------------------


def dense_ratio(shape, filters, kernel):
    """Parameters of a dense layer between the same maps over those of the convolution, no padding, stride 1."""
    channels, height, width = shape
    out = output_size(height, kernel) * output_size(width, kernel)
    return dense_parameters(channels * height * width, filters * out) / conv_parameters(channels, filters, kernel)


def _fewer_parameters():
    layers = [layer for _, layer in lenet(np.random.default_rng(0))]
    count = {True: 0, False: 0}
    for layer in layers:
        count[isinstance(layer, Conv2d)] += sum(param.size for param in layer.params.values())
    sides = np.arange(5, 65)
    numbers = {
        "c1": Measured(dense_ratio((1, 32, 32), 6, 5), label="LeNet C1: dense / convolution", digits=5),
        "c3": Measured(dense_ratio((6, 14, 14), 16, 5), label="LeNet C3: dense / convolution", digits=4),
        "c5": Measured(dense_ratio((16, 5, 5), 120, 5), label="a kernel as large as its map (LeNet C5)"),
        "share": Measured(count[True] / sum(count.values()), label="share of LeNet's parameters in convolutions"),
        "all": Measured(sum(count.values()), label="LeNet's parameters", digits=5),
    }
    line = Line("6 kernels 5 × 5, one channel in", sides, np.array([dense_ratio((1, n, n), 6, 5) for n in sides]))
    return Evidence(numbers, Plot("side of the image", "dense / convolution, parameters", (line,), "xy"))


def _judge_fewer_parameters(n):
    if min(n["c1"].value, n["c3"].value) < 10:
        return fails("a convolution has nearly as many parameters")
    if n["c5"].value < 10 or n["share"].value < 0.5:
        return holds_if(
            "the image is much larger than the kernel: where a kernel covers its whole map both layers are the same, "
            "and most parameters of LeNet are in its dense layers"
        )
    return holds("every convolution saves most of the parameters, and so does the whole network")


FEWER_PARAMETERS = Claim(
    id="C-09-2",
    lecture="L1 l.74, l.95",
    statement="The number of parameters is significantly reduced compared with the fully connected case",
    condition="Each convolution of LeNet against a dense layer between the same maps, biases included",
    rule="Fails unless C1 and C3 have at least 10 times fewer parameters. 'Holds if' when a convolution saves less "
    "than 10 times, or when the convolutions hold less than half of LeNet's parameters; else holds.",
    identity=True,
    experiment=_fewer_parameters,
    judge=_judge_fewer_parameters,
)

# --- C-09-4 -------------------------------------------------------------------------------------------


def moved(x, pixels):
    """x moved right and down with zeros coming in."""
    return np.pad(x, ((0, 0), (0, 0), (pixels, 0), (pixels, 0)))[:, :, : x.shape[2], : x.shape[3]]


def shift_error(layer, x, pixels, stride, border=0):
    """How far ``layer(moved x)`` is from ``layer(x)`` moved as far, relative; ``border`` outputs are left out.

    Where the stride does not divide the shift, the best whole shift of the output counts.
    """
    before, after = layer(x), layer(moved(x, pixels))
    errors = []
    for steps in (pixels // stride, -(-pixels // stride)):
        inside = np.s_[:, :, border + steps : before.shape[2] - border, border + steps : before.shape[3] - border]
        shifted = moved(before, steps)[inside]
        errors.append(np.linalg.norm(after[inside] - shifted) / np.linalg.norm(shifted))
    return min(errors)


def _moves_along():
    rng = np.random.default_rng(94)
    x, w = rng.normal(size=(8, 2, 20, 20)), rng.normal(size=(3, 2, 3, 3))
    layers = {
        "interior": (lambda x: conv2d(x, w), 1, 1, 0),
        "border": (lambda x: conv2d(x, w, padding=1), 1, 1, 0),
        "padded_interior": (lambda x: conv2d(x, w, padding=1), 1, 1, 1),
        "stride_two": (lambda x: conv2d(x, w, stride=2), 2, 2, 0),
        "stride_one": (lambda x: conv2d(x, w, stride=2), 1, 2, 1),
        "pool_one": (MaxPool2d(2).forward, 1, 2, 1),
        "pool_two": (MaxPool2d(2).forward, 2, 2, 0),
    }
    labels = {
        "interior": "stride 1, no padding, shift 1: relative difference",
        "border": "the same with padding 1, all outputs",
        "padded_interior": "the same with padding 1, without the outermost outputs",
        "stride_two": "stride 2, shift 2",
        "stride_one": "stride 2, shift 1",
        "pool_two": "max pooling 2 × 2, shift 2",
        "pool_one": "max pooling 2 × 2, shift 1",
    }
    values = {
        name: shift_error(layer, x, pixels, stride, border) for name, (layer, pixels, stride, border) in layers.items()
    }
    numbers = {name: Measured(values[name], label=label, digits=2) for name, label in labels.items()}
    shifts = np.arange(1, 9)
    curves = tuple(
        Line(
            f"stride {s}",
            shifts,
            np.array([shift_error(lambda x, s=s: conv2d(x, w, stride=s), x, k, s, 0) for k in shifts]),
        )
        for s in (1, 2, 4)
    )
    return Evidence(numbers, Plot("shift in pixels", "relative difference from the shifted output", curves))


def _judge_moves_along(n):
    if n["interior"].value > 1e-10:
        return fails("even a plain convolution does not move with its input")
    broken = [name for name in ("border", "stride_one", "pool_one") if n[name].value > 1e-3]
    if broken:
        return holds_if("the stride divides the shift and no padding is in sight; by one pixel at stride 2 it breaks")
    return holds("it moves with its input, whatever stride and padding are")


MOVES_ALONG = Claim(
    id="C-09-4",
    lecture="L1 l.72",
    statement="The same kernel applies to all pixels, so a shifted input gives a shifted output",
    condition="Images of white noise, 2 channels, 20 × 20, three kernels 3 × 3; shifts with zeros coming in; where the "
    "stride does not divide the shift the better of the two neighbouring output shifts counts",
    rule="Fails unless a convolution with stride 1 and no padding commutes with a shift to 1e-10. 'Holds if' when "
    "padding, stride 2 or pooling leave a relative difference above 0.001; else holds.",
    effects=(Effect("border"), Effect("stride_one"), Effect("pool_one")),
    experiment=_moves_along,
    judge=_judge_moves_along,
)

# --- C-09-7 -------------------------------------------------------------------------------------------


def _local():
    deep = "ten 3 × 3"
    result = sensitivity(deep)
    layers = np.arange(1, len(result.maps) + 1)
    fields = np.array([size for size, _ in result.theory[1:]])
    extents, widths = (np.array([function(k) for k in layers]) for function in (result.extent, result.width))
    others = [
        abs(sensitivity(name).extent(len(stack)) - sensitivity(name).theory[-1][0]) for name, stack in STACKS.items()
    ]
    numbers = {
        "size": Measured(
            max(np.abs(extents - fields).max(), max(others)), label="measured minus formula, pixels, largest"
        ),
        "width": Measured(
            np.abs(widths / result.widths[1:] - 1).max(), label="spread of the gradient: largest deviation", digits=1
        ),
        "one": Measured(fields[0], label="pixels across, one layer 3 × 3"),
        "ten": Measured(fields[-1], label="pixels across, ten layers 3 × 3"),
        "lenet": Measured(sensitivity("LeNet's").theory[-1][0], label="pixels across, all of LeNet's (image: 32)"),
        "growth": Measured(log_slope(layers, fields - 1.0), label="field - 1 ~ layers^p: p"),
        "bell": Measured(log_slope(layers, widths), label="spread of the gradient ~ layers^p: p", digits=1),
    }
    lines = (
        Line("any gradient", layers, extents),
        Line("four standard deviations of it", layers, 4 * widths),
        Line("receptive field, formula", layers, fields, theory=True),
        Line("four standard deviations, formula", layers, 4 * result.widths[1:], theory=True),
    )
    return Evidence(numbers, Plot("layers 3 × 3", "pixels across", lines))


def _judge_local(n):
    if n["size"].value > 0 or n["width"].value > 0.15:
        return fails("outputs depend on other pixels than the formula says")
    if n["lenet"].value >= 32:
        return holds_if(
            "one layer is meant: the field grows with every layer and in LeNet ends with the whole image, while the "
            "weight of its pixels spreads with the square root of the depth only"
        )
    return holds("every output of the network sees a small region only")


LOCAL = Claim(
    id="C-09-7",
    lecture="L1 l.65",
    statement="Local receptive fields: connections are made in small, localised regions of the input only",
    condition="Five stacks of layers with random weights, 72 draws each, gradient of the middle output by the input, "
    "no activation",
    rule="Fails if a measured field differs from the formula by a pixel, or the spread of the squared gradient by more "
    "than 15 %. 'Holds if' when LeNet's last convolution sees all 32 pixels; else holds.",
    effects=(Effect("lenet", 3.0),),
    experiment=_local,
    judge=_judge_local,
)

STRUCTURE_CLAIMS = (SPARSE_TIED, FEWER_PARAMETERS, MOVES_ALONG, LOCAL)
