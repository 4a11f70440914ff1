"""Exercises 09-2 and 09-3: the convolution backward, and max pooling backward."""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import (
    PURE,
    PURE_HINT,
    TOPICS,
    convolved,
    windows,
    zeros_around,
)
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise

backward = Exercise("09-2", "Convolution, backward", "conv_backward", topics=TOPICS)
pool = Exercise("09-3", "Max pooling, backward", "max_pool_backward", topics=TOPICS)


# --- 09-2: x, w, d_y, stride, padding -> d_x, d_w, d_b ----------------------------------------------------------

DB = "d_b sums over the batch and all places"
DW = "d_w pairs every output's gradient with the patch that it saw, summed over the batch"
DX = "d_x adds up what comes back through all windows that hold the pixel"
STRIDED = "With a stride the windows lie that far apart, and pixels that none of them saw get nothing"
PADDED = "The padding is put on for d_w and cut off again from d_x"
TOGETHER = "All of it together: d_x and d_w with stride, padding and channels"
NAMES = ("d_x", "d_w", "d_b")


def spread_back(contributions, shape, stride):
    """Add ``(batch, channels, out_height, out_width, kh, kw)`` back into an image of ``shape``: windows overlap."""
    d_x = np.zeros(shape)
    for i, j, p, q in np.ndindex(contributions.shape[2:]):
        d_x[:, :, i * stride + p, j * stride + q] += contributions[:, :, i, j, p, q]
    return d_x


def cut(d_padded, padding):
    """Take the border off again."""
    return d_padded[:, :, padding : d_padded.shape[2] - padding, padding : d_padded.shape[3] - padding]


def d_input(x, w, d_y, stride, padding):
    """The right d_x, (9.4)."""
    back = np.einsum("nohw,ocij->nchwij", d_y, w)
    return cut(spread_back(back, zeros_around(x, padding).shape, stride), padding)


def d_weight(x, w, d_y, stride, padding):
    """The right d_w, (9.3)."""
    patches = windows(zeros_around(x, padding), *w.shape[2:], stride)[:, :, : d_y.shape[2], : d_y.shape[3]]
    return np.einsum("nohw,nchwij->ocij", d_y, patches)


def _given(rng, x, w, stride, padding):
    """x, w of the shapes given, and a d_y that fits."""
    x, w = rng.normal(size=x), rng.normal(size=w)
    out = convolved(x, w, np.zeros(len(w)), stride, padding).shape
    return x, w, rng.normal(size=out), stride, padding


def _compare(function, given, *which):
    results = dict(zip(NAMES, several(function(*given), NAMES), strict=True))
    for name in which:
        close(results[name], {"d_x": d_input, "d_w": d_weight}[name](*given), f"the gradient {name}")


@backward.check(
    DB,
    points=1,
    hint=(
        "b[o] is added at every place of every sample's map o: the chain rule adds all of them up.",
        "d_b = d_y.sum(axis=(0, 2, 3))",
    ),
)
def d_b_sums_over_the_batch(function, rng):
    given = _given(rng, (2, 2, 4, 5), (2, 2, 2, 2), 1, 0)
    close(several(function(*given), NAMES)[2], given[2].sum(axis=(0, 2, 3)), "the gradient d_b")


@backward.check(
    DW,
    points=2,
    hint=(
        "Weight w[o, c, p, q] met pixel (i + p, j + q) when output (i, j) was made: add up d_y times that pixel.",
        "d_w[o] += d_y[n, o, i, j] * x[n, :, i:i+kh, j:j+kw]",
    ),
)
def d_w_pairs_every_outputs_gradient(function, rng):
    _compare(function, _given(rng, (2, 2, 4, 5), (2, 2, 2, 3), 1, 0), "d_w")


@backward.check(
    DX,
    points=2,
    hint=(
        "Go through the outputs: each sends d_y times the kernel back to the window that it saw. Add, do not write.",
        "d_x[n, :, i:i+kh, j:j+kw] += d_y[n, o, i, j] * w[o]",
    ),
)
def d_x_adds_up_what_comes(function, rng):
    _compare(function, _given(rng, (2, 2, 4, 5), (2, 2, 2, 3), 1, 0), "d_x")


@backward.check(
    STRIDED,
    points=1,
    hint=(
        "Output (i, j) saw the window that begins at (i * stride, j * stride).",
        "The last row was in no window: its gradient is 0, and d_x still has the shape of x.",
    ),
)
def with_a_stride_the_windows_lie(function, rng):
    _compare(function, _given(rng, (1, 1, 6, 5), (1, 1, 1, 1), 2, 0), "d_x", "d_w")


@backward.check(
    PADDED,
    points=1,
    hint=(
        "Work on the padded image for both, and return only its middle as d_x.",
        "d_x = d_padded[:, :, padding:padding+H, padding:padding+W]",
    ),
)
def padding_is_put_on_for_d(function, rng):
    _compare(function, _given(rng, (1, 1, 3, 4), (1, 1, 1, 1), 1, 1), "d_x", "d_w")


@backward.check(
    TOGETHER,
    points=2,
    hint=(
        "If the checks above pass: does anything that should depend on width depend on height?",
        "Compare with a difference quotient of your own conv_forward (chapter 1).",
    ),
)
def all_of_it_together_d_x(function, rng):
    _compare(function, _given(rng, (3, 2, 6, 5), (2, 2, 3, 2), 2, 1), "d_x", "d_w")


@backward.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(function, rng):
    given = [_given(rng, (1, 2, 4, 3), (2, 2, 2, 2), 1, 1) for _ in range(2)]
    leaves_inputs_alone(function, *given[0], other=given[1])


def _mistake(name, fails, says, d_x=d_input, d_w=d_weight, d_b=None):
    """Right but for the results that are given, functions of ``(x, w, d_y, stride, padding)``; d_b of d_y."""

    def function(x, w, d_y, stride, padding):
        bias = d_y.sum(axis=(0, 2, 3)) if d_b is None else d_b(d_y)
        return d_x(x, w, d_y, stride, padding), d_w(x, w, d_y, stride, padding), bias

    backward.mistake(name, fails, says)(function)


def _overwritten(x, w, d_y, stride, padding):
    """The last window that holds a pixel counts alone."""
    back = np.einsum("nohw,ocij->nchwij", d_y, w)
    d_x = np.zeros_like(zeros_around(x, padding))
    for i, j in np.ndindex(d_y.shape[2:]):
        rows, columns = (slice(k * stride, k * stride + size) for k, size in zip((i, j), w.shape[2:], strict=True))
        d_x[:, :, rows, columns] = back[:, :, i, j]
    return cut(d_x, padding)


def _every_filter_overwrites(x, w, d_y, stride, padding):
    return d_input(x, w[-1:], d_y[:, -1:], stride, padding)


def _close_together(wrong):
    """``wrong`` as if the stride were 1."""
    return lambda x, w, d_y, stride, padding: wrong(x, w, d_y, 1, padding)


def _not_cut(x, w, d_y, stride, padding):
    return d_input(zeros_around(x, padding), w, d_y, stride, 0)


def _cut_from_the_end(x, w, d_y, stride, padding):
    d_padded = _not_cut(x, w, d_y, stride, padding)
    return d_padded[:, :, padding:-padding, padding:-padding]


def _cut_at_the_end(x, w, d_y, stride, padding):
    return _not_cut(x, w, d_y, stride, padding)[:, :, : x.shape[2], : x.shape[3]]


def _not_padded(x, w, d_y, stride, padding):
    """Windows that begin at the image's own corner; where they reach beyond it, there is nothing."""
    moved = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return d_weight(moved, w, d_y, stride, 0)


def _swapped_x(x, w, d_y, stride, padding):
    return d_input(x, w.transpose(1, 0, 2, 3), d_y, stride, padding)


_mistake(
    "d_b averaged over the batch",
    DB,
    "Everything is summed here: the mean over the samples is in d_y already.",
    d_b=lambda d_y: d_y.sum(axis=(2, 3)).mean(axis=0),
)
_mistake(
    "d_b averaged over all places",
    DB,
    "The bias touches every place of the map: sum, do not average.",
    d_b=lambda d_y: d_y.mean(axis=(0, 2, 3)),
)
_mistake(
    "d_b averaged over all places",
    DB,
    "The bias touches every place of the map: sum, do not average.",
    d_b=lambda d_y: d_y.sum(axis=0).mean(axis=(1, 2)),
)
_mistake(
    "d_b not summed over the batch",
    DB,
    "One bias serves all samples: add them up, axis 0 too.",
    d_b=lambda d_y: d_y.sum(axis=(2, 3)),
)
_mistake(
    "d_b not summed over the places",
    DB,
    "A bias per pixel? One number serves the whole map: sum over axes 2 and 3.",
    d_b=lambda d_y: d_y.sum(axis=0),
)
_mistake(
    "d_b of one sample only",
    DB,
    "Only one sample counts: add up all of them.",
    d_b=lambda d_y: d_y[-1].sum(axis=(1, 2)),
)
_mistake(
    "one number for all filters",
    DB,
    "Each filter has its own bias: keep axis 1.",
    d_b=lambda d_y: d_y.sum(),
)
_mistake(
    "d_w of one sample only",
    (DW, TOGETHER),
    "The batch is not summed: d_w is set anew for each sample. Start from zeros once, then add.",
    d_w=lambda x, w, d_y, stride, padding: d_weight(x[-1:], w, d_y[-1:], stride, padding),
)
_mistake(
    "d_w averaged over the batch",
    (DW, TOGETHER),
    "The mean over the samples belongs to the loss, and d_y has it in it already: sum.",
    d_w=lambda x, w, d_y, stride, padding: d_weight(x, w, d_y, stride, padding) / len(x),
)
_mistake(
    "d_w flipped",
    (DW, TOGETHER),
    "The forward pass does not turn the kernel round, so its gradient is not turned.",
    d_w=lambda x, w, d_y, stride, padding: d_weight(x, w, d_y, stride, padding)[:, :, ::-1, ::-1],
)
_mistake(
    "d_w with its channels swapped",
    (DW, TOGETHER),
    "d_w has the layout of w: (filters, channels, height, width).",
    d_w=lambda x, w, d_y, stride, padding: d_weight(x, w, d_y, stride, padding).transpose(1, 0, 2, 3),
)
_mistake(
    "windows overwritten instead of added",
    (DX, TOGETHER),
    "A pixel lies in several windows, and all of them send something back: += instead of =.",
    d_x=_overwritten,
)
_mistake(
    "filters overwritten instead of added",
    (DX, TOGETHER),
    "Every filter saw the pixel: add up what comes back from all of them.",
    d_x=_every_filter_overwrites,
)
_mistake(
    "kernel flipped in d_x",
    (DX, TOGETHER),
    "Output (i, j) sends d_y[i, j] * w back to its window as it stands. (Only written as a convolution of d_y does the "
    "kernel turn round; here it was turned once too often.)",
    d_x=lambda x, w, d_y, stride, padding: d_input(x, w[:, :, ::-1, ::-1], d_y, stride, padding),
)
_mistake(
    "d_x through swapped channels",
    (DX, TOGETHER),
    "w[o, c] leads from output o back to input c: the transpose is in the sum over o, not in the array.",
    d_x=_swapped_x,
)
_mistake(
    "stride ignored in d_x",
    (STRIDED, TOGETHER),
    "The windows lie stride apart: i * stride, also on the way back.",
    d_x=_close_together(d_input),
)
_mistake(
    "stride ignored in d_w",
    (STRIDED, TOGETHER),
    "Output (i, j) saw the patch at (i * stride, j * stride).",
    d_w=_close_together(d_weight),
)
_mistake(
    "padding not cut off",
    (PADDED, TOGETHER),
    "d_x has the shape of the padded image: the border is no part of x, cut it off.",
    d_x=_not_cut,
)
_mistake(
    "padding cut off at the end only",
    (PADDED, TOGETHER),
    "Cut off padding pixels at the start and at the end.",
    d_x=_cut_at_the_end,
)
_mistake(
    "d_w from the image without its border",
    (PADDED, TOGETHER),
    "The forward pass saw the padded image: d_w pairs d_y with patches of that.",
    d_w=_not_padded,
)


_mistake(
    "a kernel transposed where it is square",
    WHOLE,
    "Rows of the kernel go back to rows of the image, in square kernels, too: do not transpose it.",
    d_x=lambda x, w, d_y, stride, padding: d_input(
        x, w.swapaxes(2, 3) if w.shape[2] == w.shape[3] else w, d_y, stride, padding
    ),
)
_mistake(
    "border cut with -padding",
    (DX, STRIDED),
    "The slice padding:-padding is empty when padding is 0: write padding:padding + height, and so for the width.",
    d_x=_cut_from_the_end,
)
_mistake(
    "d_w averaged over all places",
    (DW, STRIDED, PADDED, TOGETHER),
    "The weight served every place: sum.",
    d_w=lambda x, w, d_y, stride, padding: d_weight(x, w, d_y, stride, padding) / np.prod(d_y.shape[2:]),
)
_mistake(
    "d_x averaged over the batch",
    (DX, TOGETHER),
    "Each sample has its own d_x: nothing is averaged over them.",
    d_x=lambda x, w, d_y, stride, padding: d_input(x, w, d_y, stride, padding) / len(x),
)
_mistake(
    "d_x with the wrong sign",
    (DX, STRIDED, PADDED, TOGETHER),
    "Each output sends d_y times w back, without a minus.",
    d_x=lambda x, w, d_y, stride, padding: -d_input(x, w, d_y, stride, padding),
)


@backward.mistake("d_x and d_w zero", (DW, DX, STRIDED, PADDED, TOGETHER), "Nothing was added into d_x and d_w.")
def d_x_and_d_w_zero(x, w, d_y, stride, padding):
    return np.zeros(x.shape), np.zeros(w.shape), d_y.sum(axis=(0, 2, 3))


@backward.mistake("results in another order", (DB, DW, DX, STRIDED, PADDED, TOGETHER, PURE), "Return d_x, d_w, d_b.")
def results_in_another_order(x, w, d_y, stride, padding):
    return (
        d_weight(x, w, d_y, stride, padding),
        d_y.sum(axis=(0, 2, 3)),
        d_input(x, w, d_y, stride, padding),
    )


# --- 09-3: x, d_y, size, stride -> d_x --------------------------------------------------------------------------

ROUTED = "Each window's gradient goes to its largest entry alone"
OVERLAP = "Where windows overlap, an entry that wins twice gets both gradients"
TIES = "In a tie the first entry, row by row, gets all of it"
NEGATIVE = "It works where every entry is negative"


def routed(x, d_y, size, stride):
    """The right answer, (9.5): argmax takes the first of equals."""
    return _shared(x, d_y, size, stride, lambda window: np.arange(window.size) == np.argmax(window))


def _shared(x, d_y, size, stride, share, add=True):
    """``share(window)`` says which part of its gradient each entry gets."""
    d_x = np.zeros_like(x)
    for n, c, i, j in np.ndindex(d_y.shape):
        part = (n, c, slice(i * stride, i * stride + size), slice(j * stride, j * stride + size))
        shares = 1.0 * share(x[part].ravel()).reshape(size, size)
        given = d_y[n, c, i, j] * shares
        d_x[part] = d_x[part] + given if add else np.where(shares != 0, given, d_x[part])
    return d_x


def _distinct(rng, shape, low=1.0):
    """Positive numbers, all different."""
    return low + rng.permutation(np.prod(shape)).reshape(shape) / 7.0


@pool.check(
    ROUTED,
    points=2,
    hint=(
        "Moving any other entry a little does not move the maximum: its derivative is 0.",
        "k = np.argmax(window); then add d_y[n, c, i, j] at that place.",
    ),
)
def each_windows_gradient_goes(function, rng):
    x, d_y = _distinct(rng, (2, 2, 5, 4)), rng.normal(size=(2, 2, 2, 2))
    close(function(x, d_y, 2, 2), routed(x, d_y, 2, 2), "d_x")


@pool.check(
    OVERLAP,
    points=2,
    hint=(
        "Windows of 3 that move by 2 share a row: the same entry can be the largest of two.",
        "d_x[...] += ..., not d_x[...] = ...",
    ),
)
def where_windows_overlap_an_entry(function, rng):
    x = _distinct(rng, (1, 2, 5, 7))
    x[0, 0, 2, 2] += 40.0  # wins all four windows around it
    x[0, 1, 2, 3] += 40.0
    d_y = rng.normal(size=(1, 2, 2, 3))
    close(function(x, d_y, 3, 2), routed(x, d_y, 3, 2), "d_x")


@pool.check(
    TIES,
    points=2,
    hint=(
        "Flat regions, and zeros after a ReLU, are full of ties. PyTorch, and we, take the first.",
        "np.argmax returns the first of equal entries; window == window.max() marks all of them.",
    ),
)
def in_a_tie_the_first_entry(function, rng):
    x = rng.integers(1, 3, size=(2, 1, 6, 6)).astype(float)
    x[0, 0, :2, :2] = 2.0  # all four alike, whatever was drawn
    x[1, 0, 2:4, 2:4] = [[1.0, 2.0], [2.0, 2.0]]
    d_y = rng.normal(size=(2, 1, 3, 3))
    close(function(x, d_y, 2, 2), routed(x, d_y, 2, 2), "d_x")


@pool.check(
    NEGATIVE,
    points=1,
    hint=("The maximum of -3 and -1 is -1, not 0.", "Start a search with -np.inf or with the first entry."),
)
def it_works_where_every_entry(function, rng):
    x, d_y = -_distinct(rng, (1, 2, 4, 4)), rng.normal(size=(1, 2, 2, 2))
    close(function(x, d_y, 2, 2), routed(x, d_y, 2, 2), "d_x")


@pool.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_pool(function, rng):
    given = [(_distinct(rng, (1, 1, 5, 5)), rng.normal(size=(1, 1, 2, 2)), 3, 2) for _ in range(2)]
    leaves_inputs_alone(function, *given[0], other=given[1])


def _pool_mistake(name, fails, says, share, **how):
    def function(x, d_y, size, stride):
        return _shared(x, d_y, size, stride, share, **how)

    pool.mistake(name, fails, says)(function)


def _first(window):
    return np.arange(window.size) == np.argmax(window)


def _by_columns(window):
    side = int(np.sqrt(window.size))
    winner = np.zeros(window.size)
    column, row = divmod(int(np.argmax(window.reshape(side, side).T)), side)
    winner[row * side + column] = 1
    return winner


_pool_mistake(
    "shared evenly",
    (ROUTED, OVERLAP, TIES, NEGATIVE, PURE),
    "This is average pooling: with a maximum one entry gets everything, the others nothing.",
    lambda window: np.full(window.size, 1 / window.size),
)
_pool_mistake(
    "copied to the whole window",
    (ROUTED, OVERLAP, TIES, NEGATIVE, PURE),
    "Every entry of the window gets the gradient: only the largest one made the output.",
    lambda window: np.ones(window.size),
)
_pool_mistake(
    "to the smallest entry",
    (ROUTED, OVERLAP, TIES, NEGATIVE, PURE),
    "argmin in place of argmax.",
    lambda window: np.arange(window.size) == np.argmin(window),
)
_pool_mistake(
    "to the first entry, whoever wins",
    (ROUTED, OVERLAP, TIES, NEGATIVE, PURE),
    "Look for the largest entry of x's window.",
    lambda window: np.arange(window.size) == 0,
)
_pool_mistake(
    "times the entry itself",
    (ROUTED, OVERLAP, TIES, NEGATIVE, PURE),
    "The slope of the maximum by its winner is 1: the gradient is handed on as it is.",
    lambda window: window * _first(window),
)
_pool_mistake(
    "zeros everywhere",
    (ROUTED, OVERLAP, TIES, NEGATIVE, PURE),
    "No window's gradient was handed on.",
    lambda window: np.zeros(window.size),
)
_pool_mistake(
    "the largest absolute value wins",
    NEGATIVE,
    "Max pooling hands on the largest entry, sign included: -1, not -3.",
    lambda window: np.arange(window.size) == np.argmax(np.abs(window)),
)
_pool_mistake(
    "overwritten where windows overlap",
    OVERLAP,
    "An entry that is the largest of two windows gets both gradients: += instead of =.",
    _first,
    add=False,
)
_pool_mistake(
    "all of a tie get it",
    TIES,
    "window == window.max() marks every one of equals, and the gradient is counted several times.",
    lambda window: window == window.max(),
)
_pool_mistake(
    "shared among a tie",
    TIES,
    "This is also a subgradient (torch.amax has it), but max pooling here and in PyTorch gives all to the first.",
    lambda window: (window == window.max()) / np.sum(window == window.max()),
)
_pool_mistake(
    "to the last of a tie",
    TIES,
    "With >= a later equal entry takes the place of the first: use >, or argmax.",
    lambda window: np.arange(window.size) == window.size - 1 - np.argmax(window[::-1]),
)
_pool_mistake(
    "to the first of a tie, column by column",
    TIES,
    "Row by row: the first of [[1, 2], [2, 2]] is in the top row. A transposed window was searched.",
    _by_columns,
)
_pool_mistake(
    "the search starts at 0",
    NEGATIVE,
    "A window of negative numbers has no winner then: start with -np.inf or with its first entry.",
    lambda window: (window > 0) & _first(window),
)


@backward.mistake(
    "d_w of the last window only", (DW, STRIDED, PADDED, TOGETHER), "d_w is the sum over all windows: += in place of =."
)
def d_w_of_the_last_window_only(x, w, d_y, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    d_padded, d_w = (np.zeros_like(padded), np.zeros_like(w))
    for i, j in np.ndindex(d_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        d_w = np.einsum("no,ncpq->ocpq", d_y[:, :, i, j], padded[window])
        d_padded[window] += np.einsum("no,ocpq->ncpq", d_y[:, :, i, j], w)
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return (d_x, d_w, d_y.sum(axis=(0, 2, 3)))


@backward.mistake("d_b of the first sample", DB, "All samples count in d_b.")
def d_b_of_the_first_sample(x, w, d_y, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    d_padded, d_w = (np.zeros_like(padded), np.zeros_like(w))
    for i, j in np.ndindex(d_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        d_w += np.einsum("no,ncpq->ocpq", d_y[:, :, i, j], padded[window])
        d_padded[window] += np.einsum("no,ocpq->ncpq", d_y[:, :, i, j], w)
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return (d_x, d_w, d_y[0].sum(axis=(1, 2)))


@backward.mistake("d_b of the first place", DB, "The bias acts at all places of the output: sum over them.")
def d_b_of_the_first_place(x, w, d_y, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    d_padded, d_w = (np.zeros_like(padded), np.zeros_like(w))
    for i, j in np.ndindex(d_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        d_w += np.einsum("no,ncpq->ocpq", d_y[:, :, i, j], padded[window])
        d_padded[window] += np.einsum("no,ocpq->ncpq", d_y[:, :, i, j], w)
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return (d_x, d_w, d_y.sum(axis=0)[:, 0, 0])


@backward.mistake("d_w of the first sample", (DW, TOGETHER), "All samples count in d_w.")
def d_w_of_the_first_sample(x, w, d_y, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    d_padded, d_w = (np.zeros_like(padded), np.zeros_like(w))
    for i, j in np.ndindex(d_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        d_w += np.einsum("no,ncpq->ocpq", d_y[:1, :, i, j], padded[window][:1])
        d_padded[window] += np.einsum("no,ocpq->ncpq", d_y[:, :, i, j], w)
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return (d_x, d_w, d_y.sum(axis=(0, 2, 3)))


@backward.mistake(
    "kernel flipped in both",
    (DW, DX, TOGETHER),
    "In the forward pass the kernel stands as it is, so it does on the way back: no flip in d_x, none in d_w.",
)
def kernel_flipped_in_both(x, w, d_y, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    d_padded, d_w = (np.zeros_like(padded), np.zeros_like(w))
    for i, j in np.ndindex(d_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        d_w += np.einsum("no,ncpq->ocpq", d_y[:, :, i, j], padded[window][:, :, ::-1, ::-1])
        d_padded[window] += np.einsum("no,ocpq->ncpq", d_y[:, :, i, j], w[:, :, ::-1, ::-1])
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return (d_x, d_w, d_y.sum(axis=(0, 2, 3)))


@pool.mistake("windows that touch, whatever the stride", OVERLAP, "Window (i, j) begins at (i * stride, j * stride).")
def windows_that_touch_whatever_the_stride(x, d_y, size, stride):
    d_x = np.zeros_like(x)
    for n, c, i, j in np.ndindex(d_y.shape):
        top, left = (min(i * size, x.shape[2] - size), min(j * size, x.shape[3] - size))
        window = x[n, c, top : top + size, left : left + size]
        row, column = np.unravel_index(np.argmax(window), window.shape)
        d_x[n, c, top + row, left + column] += d_y[n, c, i, j]
    return d_x
