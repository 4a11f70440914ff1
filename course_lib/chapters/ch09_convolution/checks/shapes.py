"""Exercises of chapter 9: convolution forward and backward, max pooling backward, shapes and counts."""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import TOPICS
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise

sizes = Exercise("09-4", "Shapes and counts", "layer_sizes", topics=TOPICS)

HEIGHT = "The output's height and width, rounded down"
NUMBER = "The number of parameters, biases included"
SHARE = "The share of what a dense layer between the same maps would have"
NAMES = ("out_height", "out_width", "parameters", "share")
UPSIDE_DOWN = "the share upside down", "parameters / dense, a small number."
PERCENT = "in percent", "The share is a part of 1: leave out the factor 100."


def _given(rng, left=1, stride=None):
    """shape, filters, kernel, stride, padding; height and width differ, and ``left`` pixels are seen by no window."""
    stride, kernel = stride or int(rng.integers(2, 4)), int(rng.integers(6, 9))
    padding = stride + 2  # counted once, it is two windows that are missing and not one
    others = np.setdiff1d(np.arange(2, 9), kernel)  # a filter is no cube
    channels, filters = (int(value) for value in rng.choice(others, 2, replace=False))
    steps = rng.choice(np.arange(5, 10), 2, replace=False)
    sides = [int(k) * stride + left + kernel - 2 * padding for k in steps]
    return (channels, *sides), filters, kernel, stride, padding


def out_sizes(shape, kernel, stride, padding):
    """The right height and width, (9.2)."""
    return tuple((side + 2 * padding - kernel) // stride + 1 for side in shape[1:])


def parameters(shape, filters, kernel):
    """The right number, (9.6)."""
    return (shape[0] * kernel * kernel + 1) * filters


def dense(shape, filters, out):
    """Parameters of a dense layer from all inputs to all outputs, (9.7)."""
    return (np.prod(shape) + 1) * filters * np.prod(out)


def _one_number(value, what):
    """One finite number; as a float, so that a count that is off by one does not look like rounding."""
    return float(shaped(value, (), what))


@sizes.check(
    HEIGHT,
    points=2,
    hint=(
        "How many places does a window of the kernel's size have in a row of height + 2 padding pixels?",
        "(height + 2 * padding - kernel) // stride + 1",
    ),
)
def outputs_height_and_width_rounded_down(function, rng):
    # every remainder: (size + 1) // stride, say, or round() is right for some of them
    layers = [_given(rng, left, stride) for stride, left in ((3, 2), (2, 1), (3, 1), (2, 0), (3, 0))]
    answers = [several(function(*given), NAMES)[:2] for given in layers]
    for (height, width), (shape, _, kernel, stride, padding) in zip(answers, layers, strict=True):
        right = out_sizes(shape, kernel, stride, padding)
        close(_one_number(height, NAMES[0]), right[0], "the output's height")
        close(_one_number(width, NAMES[1]), right[1], "the output's width")


@sizes.check(
    NUMBER,
    points=2,
    hint=(
        "Each filter has a kernel for every input channel, and one bias.",
        "(channels * kernel * kernel + 1) * filters: neither the image's size nor the stride comes in.",
    ),
)
def number_of_parameters_biases_included(function, rng):
    shape, filters, kernel, *_ = given = _given(rng)
    own = _one_number(several(function(*given), NAMES)[2], NAMES[2])
    close(own, parameters(shape, filters, kernel), "the number of parameters")


@sizes.check(
    SHARE,
    points=2,
    hint=(
        "The dense layer has channels * height * width inputs and filters * out_height * out_width units.",
        "dense = (inputs + 1) * units, and share = parameters / dense",
    ),
)
def share_of_what_a_dense_layer(function, rng):
    for given in (_given(rng), _given(rng)):  # a layer may have as many inputs as outputs, two have not
        _share_is_right(several(function(*given), NAMES), *given[:2])


def _share_is_right(answer, shape, filters):
    height, width, own, share = answer
    out, own = (_one_number(height, NAMES[0]), _one_number(width, NAMES[1])), _one_number(own, NAMES[2])
    if min(*out, own) <= 0:
        raise Wrong("The sizes and the number of parameters must be positive before a share can be formed.")
    right, got = own / dense(shape, filters, out), _one_number(share, NAMES[3])
    with telling(np.isclose(got * right, 1), *UPSIDE_DOWN), telling(np.isclose(got, 100 * right), *PERCENT):
        close(share, right, "the share")  # of the student's own numbers: no mistake counts twice


def _mistake(name, fails, says, out=out_sizes, number=parameters, whole=dense):
    """Right but for the sizes, the number of parameters, or the dense count; ``number`` may ask for the sizes."""

    def function(shape, filters, kernel, stride, padding):
        height, width = out(shape, kernel, stride, padding)
        own = number(shape, filters, kernel)
        return height, width, own, own / whole(shape, filters, (height, width))

    sizes.mistake(name, fails, says)(function)


def _sides(rule):
    """The same wrong ``rule(side, kernel, stride, padding)`` for height and width."""
    return lambda shape, kernel, stride, padding: tuple(rule(side, kernel, stride, padding) for side in shape[1:])


_mistake(
    "rounded up",
    HEIGHT,
    "A window that does not fit any more gives no output: round down (//).",
    out=_sides(lambda side, k, s, p: -(-(side + 2 * p - k) // s) + 1),
)
_mistake(
    "not rounded at all",
    HEIGHT,
    "This is L1's formula as printed (erratum E52): half an output does not exist, round down (//).",
    out=_sides(lambda side, k, s, p: (side + 2 * p - k) / s + 1),
)
_mistake(
    "padding counted once",
    HEIGHT,
    "The border is on both sides: 2 * padding.",
    out=_sides(lambda side, k, s, p: (side + p - k) // s + 1),
)
_mistake(
    "padding forgotten",
    HEIGHT,
    "The window also moves over the border: size + 2 * padding.",
    out=_sides(lambda side, k, s, p: (side - k) // s + 1),
)
_mistake(
    "as many columns as rows",
    HEIGHT,
    "The image is not square: the width has a size of its own.",
    out=lambda shape, *rest: out_sizes((shape[0], shape[1], shape[1]), *rest),
)
_mistake(
    "rounded twice",
    HEIGHT,
    "Image and padding are one row of pixels: add them up before you divide by stride.",
    out=_sides(lambda side, k, s, p: (side - k) // s + 2 * p // s + 1),
)
_mistake(
    "the 1 added before the division",
    HEIGHT,
    "The 1 is the window at the very start: it is added after the division by stride.",
    out=_sides(lambda side, k, s, p: (side + 2 * p - k + 1) // s),
)
_mistake(
    "rounded to the nearest",
    HEIGHT,
    "A window that does not fit any more gives no output: round down (//).",
    out=_sides(lambda side, k, s, p: round((side + 2 * p - k) / s) + 1),
)
_mistake(
    "stride forgotten",
    HEIGHT,
    "The window moves by stride: divide by it.",
    out=_sides(lambda side, k, s, p: side + 2 * p - k + 1),
)
_mistake(
    "the last 1 forgotten",
    HEIGHT,
    "The window at the very start counts, too: + 1 after the division.",
    out=_sides(lambda side, k, s, p: (side + 2 * p - k) // s),
)
_mistake(
    "height and width swapped",
    HEIGHT,
    "shape is (channels, height, width): height comes first.",
    out=lambda shape, *rest: out_sizes((shape[0], shape[2], shape[1]), *rest),
)
_mistake(
    "no biases",
    NUMBER,
    "Each filter has one bias: + filters.",
    number=lambda shape, filters, kernel: shape[0] * kernel**2 * filters,
)
_mistake(
    "one bias in all",
    NUMBER,
    "Each filter has its own bias: filters of them.",
    number=lambda shape, filters, kernel: shape[0] * kernel**2 * filters + 1,
)
_mistake(
    "a bias for every channel",
    NUMBER,
    "One bias for each output channel, whatever comes in.",
    number=lambda shape, filters, kernel: shape[0] * (kernel**2 + 1) * filters,
)
_mistake(
    "channels forgotten",
    NUMBER,
    "A filter has a kernel for EVERY input channel: channels * kernel * kernel weights.",
    number=lambda shape, filters, kernel: (kernel**2 + 1) * filters,
)
_mistake(
    "kernel is the side of a cube",
    NUMBER,
    "A filter is as deep as there are channels: channels * kernel * kernel weights.",
    number=lambda shape, filters, kernel: (kernel**3 + 1) * filters,
)
_mistake(
    "kernel is one side only",
    NUMBER,
    "kernel is the side of a square: kernel * kernel weights.",
    number=lambda shape, filters, kernel: (shape[0] * kernel + 1) * filters,
)
_mistake(
    "input and output channels swapped",
    NUMBER,
    "The bias belongs to the outputs: (channels * kernel**2 + 1) * filters.",
    number=lambda shape, filters, kernel: (filters * kernel**2 + 1) * shape[0],
)
_mistake(
    "L1's dense count",
    SHARE,
    "(n_l + 1) n_(l-1) has the bias on the wrong side (erratum E52): each OUTPUT has one, (inputs + 1) * units.",
    whole=lambda shape, filters, out: (filters * np.prod(out) + 1) * np.prod(shape),
)
_mistake(
    "dense layer without biases",
    SHARE,
    "The dense layer has a bias for each unit, too.",
    whole=lambda shape, filters, out: np.prod(shape) * filters * np.prod(out),
)
_mistake(
    "one bias for the dense layer",
    SHARE,
    "Each unit of the dense layer has a bias of its own: (inputs + 1) * units.",
    whole=lambda shape, filters, out: np.prod(shape) * filters * np.prod(out) + 1,
)
_mistake(
    "dense layer of one map",
    SHARE,
    "Its units are all outputs: filters * out_height * out_width.",
    whole=lambda shape, filters, out: (np.prod(shape) + 1) * np.prod(out),
)
_mistake(
    "dense layer of the input's size",
    SHARE,
    "Its outputs are as many as the convolution's, not as the input's.",
    whole=lambda shape, filters, out: (np.prod(shape) + 1) * filters * np.prod(shape[1:]),
)


@sizes.mistake(UPSIDE_DOWN[0], SHARE, UPSIDE_DOWN[1])
def share_upside_down(shape, filters, kernel, stride, padding):
    out, own = out_sizes(shape, kernel, stride, padding), parameters(shape, filters, kernel)
    return *out, own, dense(shape, filters, out) / own


@sizes.mistake(PERCENT[0], SHARE, PERCENT[1])
def in_percent(shape, filters, kernel, stride, padding):
    out, own = out_sizes(shape, kernel, stride, padding), parameters(shape, filters, kernel)
    return *out, own, 100 * own / dense(shape, filters, out)


@sizes.mistake("what is saved, not what is left", SHARE, "parameters / dense, not 1 minus it.")
def what_is_saved_not_what(shape, filters, kernel, stride, padding):
    out, own = out_sizes(shape, kernel, stride, padding), parameters(shape, filters, kernel)
    return *out, own, 1 - own / dense(shape, filters, out)


@sizes.mistake("weights counted at every place", NUMBER, "The weights are shared: the map's size does not come in.")
def weights_counted_at_every_place(shape, filters, kernel, stride, padding):
    out = out_sizes(shape, kernel, stride, padding)
    own = parameters(shape, filters, kernel) * out[0] * out[1]
    return *out, own, own / dense(shape, filters, out)


@sizes.mistake("biases at every output", NUMBER, "A filter has one bias, whatever the size of its output.")
def biases_at_every_output(shape, filters, kernel, stride, padding):
    channels, height, width = shape
    out_height = (height + 2 * padding - kernel) // stride + 1
    out_width = (width + 2 * padding - kernel) // stride + 1
    parameters = kernel * kernel * channels * filters + filters * out_height * out_width
    dense = (channels * height * width + 1) * filters * out_height * out_width
    return (out_height, out_width, parameters, parameters / dense)


@sizes.mistake("the share of the weights alone", SHARE, "Both numbers count the biases.")
def the_share_of_the_weights_alone(shape, filters, kernel, stride, padding):
    channels, height, width = shape
    out_height = (height + 2 * padding - kernel) // stride + 1
    out_width = (width + 2 * padding - kernel) // stride + 1
    parameters = (kernel * kernel * channels + 1) * filters
    dense = (channels * height * width + 1) * filters * out_height * out_width
    return (out_height, out_width, parameters, (parameters - filters) / (dense - filters * out_height * out_width))


@sizes.mistake(
    "a dense layer to one number a filter",
    SHARE,
    "A dense layer between the same maps has one output for each pixel of each filter.",
)
def a_dense_layer_to_one_number_a_filter(shape, filters, kernel, stride, padding):
    channels, height, width = shape
    out_height = (height + 2 * padding - kernel) // stride + 1
    out_width = (width + 2 * padding - kernel) // stride + 1
    parameters = (kernel * kernel * channels + 1) * filters
    dense = (channels * height * width + 1) * filters
    return (out_height, out_width, parameters, parameters / dense)


@sizes.mistake("dense on the padded image", SHARE, "Padding is no input: a dense layer sees the image alone.")
def dense_on_the_padded_image(shape, filters, kernel, stride, padding):
    channels, height, width = shape
    out_height = (height + 2 * padding - kernel) // stride + 1
    out_width = (width + 2 * padding - kernel) // stride + 1
    parameters = (kernel * kernel * channels + 1) * filters
    dense = (channels * (height + 2 * padding) * (width + 2 * padding) + 1) * filters * out_height * out_width
    return (out_height, out_width, parameters, parameters / dense)
