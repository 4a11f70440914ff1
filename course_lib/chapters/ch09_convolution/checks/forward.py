"""Exercise 09-1: the convolution forward, and what the exercises of the chapter share.

Each check shows one thing alone: with 1 x 1 kernels nothing can be flipped, with a kernel of zeros only the bias is
left, a kernel that is the same from both ends does not show a flip. One check at the end has everything at once.
"""

import numpy as np

from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.kit import Exercise

TOPICS = ("layers", "derivatives", "convolution")
PURE = "The arrays that were given are left as they were"
PURE_HINT = "a = a - b makes a new array; a -= b and a[...] = b write into the caller's."

forward = Exercise("09-1", "Convolution, forward", "conv_forward", topics=TOPICS)

WINDOW = "Each output is the sum of the products in its own window, the kernel as it stands"
CHANNELS = "The input channels are summed, each with its own weights"
BIAS = "Each filter adds its bias once"
STRIDE = "The window moves by the stride"
PADDING = "A border of zeros is put on all four sides"
TOGETHER = "All of it together: the output size is rounded down"


def zeros_around(x, padding):
    """x with a border of ``padding`` zeros."""
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def windows(x, height, width, stride):
    """``(batch, channels, out_height, out_width, height, width)``."""
    view = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def convolved(x, w, b, stride, padding):
    """The right answer, (9.1), as one sum over patches."""
    patches = windows(zeros_around(x, padding), *w.shape[2:], stride)
    return np.einsum("nchwij,ocij->nohw", patches, w) + b[:, None, None]


def same_from_both_ends(w):
    """A kernel that a flip does not change."""
    return w + w[:, :, ::-1, ::-1]


def _check(title, points, hint, make, supporting=False):
    """A check of ``convolved`` on the arguments ``make(rng)``."""

    @forward.check(title, points=points, hint=hint, supporting=supporting)
    def title_forward(function, rng):
        given = make(rng)
        close(function(*given), convolved(*given), "the output")


_check(
    WINDOW,
    2,
    (
        "Put the kernel's top left corner on pixel (i, j): multiply, add up. Nothing is turned round.",
        "y[n, o, i, j] = np.sum(x[n, :, i:i+kh, j:j+kw] * w[o])",
    ),
    lambda rng: (rng.normal(size=(2, 1, 4, 6)), rng.normal(size=(1, 1, 2, 3)), np.zeros(1), 1, 0),
)
_check(
    CHANNELS,
    1,
    (
        "w[o, c] is filter o's kernel for channel c: multiply channel by channel, then add up over c.",
        "np.sum(patch * w[o]) with a patch of shape (channels, kh, kw)",
    ),
    lambda rng: (rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(3, 3, 1, 1)), np.zeros(3), 1, 0),
)
_check(
    BIAS,
    1,
    ("With a kernel of zeros, the whole map of filter o has the value b[o].", "... + b[o], once, after the sum"),
    lambda rng: (rng.normal(size=(2, 3, 4, 6)), np.zeros((3, 3, 2, 3)), rng.uniform(0.5, 2.0, 3), 1, 0),
    supporting=True,
)
_check(
    STRIDE,
    1,
    (
        "Output (i, j) looks at the input from row i * stride and column j * stride on.",
        "x[n, :, i*stride:i*stride+kh, j*stride:j*stride+kw]",
    ),
    lambda rng: (rng.normal(size=(1, 1, 5, 7)), same_from_both_ends(rng.normal(size=(1, 1, 3, 3))), np.zeros(1), 2, 0),
)
_check(
    PADDING,
    1,
    (
        "Padding p makes height and width 2 p larger: p at the start and p at the end.",
        "x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))",
    ),
    lambda rng: (rng.normal(size=(1, 1, 3, 4)), same_from_both_ends(rng.normal(size=(1, 1, 3, 3))), np.zeros(1), 1, 2),
)
_check(
    TOGETHER,
    3,
    (
        "(height + 2 padding - kh) // stride + 1: a window that does not fit any more is left out.",
        "If the checks above pass: is everything that depends on height also there for width?",
    ),
    lambda rng: (rng.normal(size=(2, 3, 6, 8)), rng.normal(size=(2, 3, 3, 2)), np.zeros(2), 2, 1),
)


@forward.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left(function, rng):
    def given():
        return rng.normal(size=(1, 2, 4, 3)), rng.normal(size=(2, 2, 2, 2)), rng.normal(size=2), 1, 1

    leaves_inputs_alone(function, *given(), other=given())


def _mistake(name, fails, says, wrong):
    """A known wrong answer, ``wrong(x, w, b, stride, padding)``."""

    def function(x, w, b, stride, padding):
        return wrong(x, w, b, stride, padding)

    forward.mistake(name, fails, says)(function)


def _with_bias(value):
    """Right but for what is added: ``value(x, w, b)``, broadcast against ``(batch, filters, height, width)``."""
    return lambda x, w, b, stride, padding: convolved(x, w, 0 * b, stride, padding) + value(x, w, b)


def _padded_by(pads, **how):
    """Right but for the border: ``pads(padding)`` for rows and columns."""

    def wrong(x, w, b, stride, padding):
        border = pads(padding)
        return convolved(np.pad(x, ((0, 0), (0, 0), border, border), **how), w, b, stride, 0)

    return wrong


def _rounded_up(x, w, b, stride, padding):
    """As many outputs as ceil gives; the last window hangs over the border and meets zeros there."""
    x = zeros_around(x, padding)
    short = [-(size - kernel) % stride for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True)]
    return convolved(np.pad(x, ((0, 0), (0, 0), (0, short[0]), (0, short[1]))), w, b, stride, 0)


def _swapped(x, w, b, stride, padding):
    """Input and output channels of w the wrong way round; an error where their numbers differ."""
    patches = windows(zeros_around(x, padding), *w.shape[2:], stride)
    return np.einsum("nchwij,coij->nohw", patches, w) + b[:, None, None]


def _per_channel(x, w, b, stride, padding):
    """Only the first channel's products."""
    return convolved(x[:, :1], w[:, :1], b, stride, padding)


_mistake(
    "kernel flipped",
    (WINDOW, TOGETHER),
    "This is the convolution of mathematics, which turns the kernel round. Networks use cross-correlation: the kernel "
    "as it stands (erratum E51).",
    lambda x, w, b, stride, padding: convolved(x, w[:, :, ::-1, ::-1], b, stride, padding),
)
_mistake(
    "kernel transposed",
    (WINDOW, BIAS, STRIDE, PADDING, TOGETHER),
    "Rows and columns of the kernel are swapped: w[o, c, p, q] meets row i * stride + p, column j * stride + q.",
    lambda x, w, b, stride, padding: convolved(x, w.swapaxes(2, 3), b, stride, padding),
)
_mistake(
    "zeros everywhere",
    (WINDOW, CHANNELS, BIAS, STRIDE, PADDING, TOGETHER, PURE),
    "The output has the right shape, but nothing was added into it.",
    lambda x, w, b, stride, padding: 0 * convolved(x, w, b, stride, padding),
)
_mistake(
    "only the bias",
    (WINDOW, CHANNELS, STRIDE, PADDING, TOGETHER, BIAS, PURE),
    "The output holds the biases, but no products of pixels and weights.",
    lambda x, w, b, stride, padding: convolved(x, 0 * w, b, stride, padding),
)
_mistake(
    "channels in reverse order",
    (CHANNELS, TOGETHER),
    "w[o, c] belongs to channel c of x: the same c in both.",
    lambda x, w, b, stride, padding: convolved(x, w[:, ::-1], b, stride, padding),
)
_mistake(
    "only the first channel",
    (CHANNELS, TOGETHER),
    "The sum over the input channels is missing, as in L1's formula (erratum E51): add up c = 0, 1, ...",
    _per_channel,
)
_mistake(
    "one kernel for all channels",
    (CHANNELS, TOGETHER),
    "Every channel is multiplied by the weights of the first one: w[o, c] differs from channel to channel.",
    lambda x, w, b, stride, padding: convolved(x.sum(axis=1, keepdims=True), w[:, :1], b, stride, padding),
)
_mistake(
    "mean over the channels",
    (CHANNELS, TOGETHER),
    "The channels are added up, not averaged.",
    lambda x, w, b, stride, padding: convolved(x, w / x.shape[1], b, stride, padding),
)
_mistake(
    "input and output channels swapped",
    (CHANNELS, TOGETHER),
    "w is (filters, channels, height, width): the first index is the output's.",
    _swapped,
)
_mistake(
    "mean over the window",
    (WINDOW, STRIDE, PADDING, TOGETHER),
    "The products of a window are summed, not averaged.",
    lambda x, w, b, stride, padding: convolved(x, w / (w.shape[2] * w.shape[3]), b, stride, padding),
)
_mistake("bias forgotten", BIAS, "The sum lacks the bias.", _with_bias(lambda x, w, b: 0.0))
_mistake(
    "bias added for every weight",
    BIAS,
    "The bias stands inside the sum over the window: add it once, after the sum.",
    _with_bias(lambda x, w, b: b[:, None, None] * np.prod(w.shape[1:])),
)
_mistake(
    "bias added for every channel",
    BIAS,
    "The bias stands inside the loop over the channels: add it once, after it.",
    _with_bias(lambda x, w, b: b[:, None, None] * w.shape[1]),
)
_mistake("one bias for all filters", BIAS, "Each filter has its own bias, b[o].", _with_bias(lambda x, w, b: b[0]))
_mistake("bias subtracted", BIAS, "The bias is added.", _with_bias(lambda x, w, b: -b[:, None, None]))
_mistake(
    "stride ignored",
    (STRIDE, TOGETHER),
    "The window moves by one pixel whatever the stride is.",
    lambda x, w, b, stride, padding: convolved(x, w, b, 1, padding),
)
_mistake(
    "stride changes the size only",
    (STRIDE, TOGETHER),
    "The output has the right size, but its windows lie side by side: window i begins at row i * stride.",
    lambda x, w, b, stride, padding: convolved(x, w, b, 1, padding)[
        :,
        :,
        : -(-(x.shape[2] + 2 * padding - w.shape[2] + 1) // stride),
        : -(-(x.shape[3] + 2 * padding - w.shape[3] + 1) // stride),
    ],
)
_mistake(
    "padding ignored",
    (PADDING, TOGETHER),
    "No border is put around x.",
    lambda x, w, b, stride, padding: convolved(x, w, b, stride, 0),
)
_mistake(
    "padding on one side",
    (PADDING, TOGETHER),
    "The border is on top and on the left only: it belongs on all sides.",
    _padded_by(lambda padding: (padding, 0)),
)
_mistake(
    "padding at the end only",
    (PADDING, TOGETHER),
    "The border is at the bottom and on the right only.",
    _padded_by(lambda padding: (0, padding)),
)
_mistake(
    "all of the padding at the end",
    (PADDING, TOGETHER),
    "Twice the border stands at the bottom and on the right, none on top and on the left: half of it belongs there.",
    _padded_by(lambda padding: (0, 2 * padding)),
)
_mistake(
    "all of the padding at the start",
    (PADDING, TOGETHER),
    "Twice the border stands on top and on the left, none at the bottom and on the right: half of it belongs there.",
    _padded_by(lambda padding: (2 * padding, 0)),
)
_mistake(
    "padding with the border's values",
    (PADDING, TOGETHER),
    "The border is made of zeros, not of the nearest pixel.",
    _padded_by(lambda padding: (padding, padding), mode="edge"),
)
for mode in ("symmetric", "wrap"):
    _mistake(
        "padding with the image's own pixels",
        (PADDING, TOGETHER),
        "The border is made of zeros, not of pixels of the image.",
        _padded_by(lambda padding: (padding, padding), mode=mode),
    )
_mistake(
    "padding with ones",
    (PADDING, TOGETHER),
    "The border is made of zeros.",
    _padded_by(lambda padding: (padding, padding), constant_values=1.0),
)
_mistake(
    "half the padding on each side",
    (PADDING, TOGETHER),
    "padding is the width of the border on EACH side; the size grows by twice that.",
    _padded_by(lambda padding: (padding // 2, padding - padding // 2)),
)
_mistake(
    "size rounded up",
    TOGETHER,
    "Half a window gives no output: the size is rounded down (erratum E52, L1 has no rounding at all).",
    _rounded_up,
)
_mistake(
    "as many columns as rows",
    (WINDOW, BIAS, CHANNELS, STRIDE, PADDING, TOGETHER, PURE),
    "The output's width was computed from the height: the image is not square.",
    lambda x, w, b, stride, padding: convolved(x, w, b, stride, padding)[
        :, :, :, : convolved(x, w, b, stride, padding).shape[2] - 1
    ],
)


@forward.mistake(
    "a stride of two, whatever was asked", (WINDOW, CHANNELS, PADDING), "The window moves by the stride that is given."
)
def a_stride_of_two_whatever_was_asked(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = ((x.shape[k] - w.shape[k]) // stride + 1 for k in (2, 3))
    y = np.zeros((len(x), len(w), height, width))
    for i, j in np.ndindex(height, width):
        top, left = (min(2 * i, x.shape[2] - w.shape[2]), min(2 * j, x.shape[3] - w.shape[3]))
        patch = x[:, :, top : top + w.shape[2], left : left + w.shape[3]]
        y[:, :, i, j] = np.einsum("ncpq,ocpq->no", patch, w) + b
    return y


@forward.mistake(
    "flipped from left to right", (WINDOW, STRIDE, PADDING, TOGETHER), "The kernel is used as it stands, not mirrored."
)
def flipped_from_left_to_right(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = ((x.shape[k] - w.shape[k]) // stride + 1 for k in (2, 3))
    y = np.zeros((len(x), len(w), height, width))
    for i, j in np.ndindex(height, width):
        top, left = (i * stride, j * stride)
        patch = x[:, :, top : top + w.shape[2], left : left + w.shape[3]]
        y[:, :, i, j] = np.einsum("ncpq,ocpq->no", patch, w[:, :, :, ::-1]) + b
    return y


@forward.mistake("the bias for every weight", BIAS, "Each filter adds its bias once to an output.")
def the_bias_for_every_weight(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = ((x.shape[k] - w.shape[k]) // stride + 1 for k in (2, 3))
    y = np.zeros((len(x), len(w), height, width))
    for i, j in np.ndindex(height, width):
        top, left = (i * stride, j * stride)
        patch = x[:, :, top : top + w.shape[2], left : left + w.shape[3]]
        y[:, :, i, j] = np.einsum("ncpq,ocpq->no", patch, w + b[:, None, None, None])
    return y


@forward.mistake("the stride downwards only", (STRIDE, TOGETHER), "The window moves by the stride in both directions.")
def the_stride_downwards_only(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = ((x.shape[k] - w.shape[k]) // stride + 1 for k in (2, 3))
    y = np.zeros((len(x), len(w), height, width))
    for i, j in np.ndindex(height, width):
        top, left = (i * stride, j)
        patch = x[:, :, top : top + w.shape[2], left : left + w.shape[3]]
        y[:, :, i, j] = np.einsum("ncpq,ocpq->no", patch, w) + b
    return y


@forward.mistake(
    "a kernel transposed where it is square",
    (STRIDE, PADDING),
    "Rows of the kernel meet rows of the image: do not transpose it.",
)
def a_kernel_transposed_where_it_is_square(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = ((x.shape[k] - w.shape[k]) // stride + 1 for k in (2, 3))
    y = np.zeros((len(x), len(w), height, width))
    for i, j in np.ndindex(height, width):
        top, left = (i * stride, j * stride)
        patch = x[:, :, top : top + w.shape[2], left : left + w.shape[3]]
        y[:, :, i, j] = (
            np.einsum("ncpq,ocpq->no", patch, w.transpose(0, 1, 3, 2) if w.shape[2] == w.shape[3] else w) + b
        )
    return y
