"""Exercise 09-6: a convolution as one matrix product, with two faults that come together, to be mended."""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import different, whole, wide

WINDOW = "Each number of a window meets its own weight"
PLACES = "Each product comes to its own place in its own map"
ALL_FAIL = (WINDOW, PLACES, NAMED, PURE)

MENU = {
    "columns in another order than weights": "that alone would be right for images with one channel.",
    "maps are mixed up": "that alone would be right for a single filter, or a single output pixel.",
    "columns in another order, and maps mixed up": "then images of one window are wrong, too.",
    "the kernel is flipped": "then a kernel of one pixel would be right, in every place.",
    "the stride is left out": "then there would be more output pixels than asked for.",
}
product = Debug(
    "09-6",
    "A convolution as one product, mended",
    "conv_by_columns",
    topics=TOPICS,
    menu=MENU,
    fault="columns in another order, and maps mixed up",
)


def _window_by_window(x, w, b, stride):
    """(9.1) without padding, one sum at a time."""
    n, _, height, width = x.shape
    filters, _, kh, kw = w.shape
    y = np.zeros((n, filters, (height - kh) // stride + 1, (width - kw) // stride + 1))
    for k, o, i, j in np.ndindex(y.shape):
        window = x[k, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
        y[k, o, i, j] = np.sum(window * w[o]) + b[o]
    return y


def _one_window(rng):
    """Images that are no larger than the kernel."""
    x, w = rng.normal(size=(4, 3, 2, 5)), rng.normal(size=(6, 3, 2, 5))
    return x, w, rng.normal(size=6) + 3, int(rng.integers(1, 4))


def _one_pixel(rng, stride=2):
    """Kernels of one pixel and one channel, no bias."""
    return rng.normal(size=(3, 1, 5, 7)), rng.normal(size=(4, 1, 1, 1)), np.zeros(4), stride


@product.check(
    WINDOW,
    points=2,
    hint=(
        "Write the indices of one row of columns down, and those of one row of w.reshape(...). Are they in one order?",
        "w has the channel first; so must every window have it.",
    ),
)
def own_weight(conv_by_columns, rng):
    given = _one_window(rng)
    close(conv_by_columns(*given), _window_by_window(*given), "the result for images of one window")


@product.check(
    PLACES,
    points=1,
    hint=(
        "The product has a row for each image and place, and a column for each filter. And the result?",
        "reshape(batch, height, width, filters) first, and then the axes in another order.",
    ),
)
def own_place(conv_by_columns, rng):
    for stride in (1, 2):
        given = _one_pixel(rng, stride)
        close(conv_by_columns(*given), _window_by_window(*given), "the result for kernels of one pixel")


def _layers(rng):
    """All sides different, and all equal; strides that divide and that do not, one image, one channel, one filter, one
    window; images whose channels lie next to each other in memory."""
    n, c, f, kh, kw = different(rng, 5, 2, 7)
    shapes = (
        ((n, c, kh + 4, kw + 7), (f, c, kh, kw), 2),
        ((1, f, kw + 3, kh + 2), (n, f, kw, kh), 1),
        ((c, 1, 9, kw + 6), (n, 1, 1, kw), 3),
        ((kh, n, 5, 4), (1, n, 3, 2), 1),
        ((2, 3, kh, kw), (4, 3, kh, kw), 5),
        ((3, 3, 5, 5), (3, 3, 3, 3), 1),
        ((2, 1, 6, 4), (2, 1, 2, 2), 2),
        ((2, 3, 4, 4), (4, 3, 3, 3), 1),
        ((2, 1, 11, 11), (2, 1, 2, 2), 1),
    )
    cases = [(wide(rng, *x), wide(rng, *w), wide(rng, w[0]), stride) for x, w, stride in shapes]
    images, *others = cases[0]
    return [*cases, (np.ascontiguousarray(images.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2), *others)]


whole(product, _window_by_window, _layers)
product.names_the_fault(points=1)


@product.check(PURE, points=1, hint=PURE_HINT, aside=True)
def images_stay(conv_by_columns, rng):
    leaves_inputs_alone(conv_by_columns, *_one_pixel(rng), other=_one_pixel(rng))


@product.handed_out(ALL_FAIL)
def two_faults(x, w, b, stride):
    filters, _, kh, kw = w.shape
    height, width = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    columns = []
    for i in range(0, height * stride, stride):
        for j in range(0, width * stride, stride):
            window = x[:, :, i : i + kh, j : j + kw].transpose(0, 2, 3, 1)
            columns.append(window.reshape(len(x), -1))
    products = np.stack(columns, axis=1) @ w.reshape(filters, -1).T + b
    return products.reshape(len(x), filters, height, width)


def _seen(w, window=lambda window: window, weights=lambda w: w, bias=1.0):
    """``(window of all images) -> products with every filter``."""
    return lambda part, b: np.einsum("ncpq,ocpq->no", window(part), weights(w)) + bias * b


def _made(place=lambda y: y, **switches):
    """An answer with its faults as switches: of what meets what, and of where it goes, ``place(y)``."""

    def answer(x, w, b, stride):
        kh, kw = w.shape[2:]
        height, width = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
        multiply, y = _seen(w, **switches), np.empty((len(x), len(w), height, width))
        for i, j in np.ndindex(height, width):
            y[:, :, i, j] = multiply(x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw], b)
        return place(y)

    return answer


def _reordered(window):
    """The numbers of a window in the order row, column, channel, written where channel, row, column is meant."""
    return window.transpose(0, 2, 3, 1).reshape(window.shape)


for name, fails, says, switches in (
    (
        "columns in another order than weights",
        WINDOW,
        "The window's numbers come row by row with the channel last, the weights' with the channel first.",
        {"window": _reordered},
    ),
    ("the kernel flipped", WINDOW, "(9.1) does not flip the kernel.", {"weights": lambda w: w[:, :, ::-1, ::-1]}),
    (
        "channels in reverse order",
        WINDOW,
        "Each channel has its own weights: leave their order.",
        {"weights": lambda w: w[:, ::-1]},
    ),
    (
        "columns before rows",
        WINDOW,
        "Within a channel numbers go row by row, in the window as in the weights.",
        {"window": lambda part: part.transpose(0, 1, 3, 2).reshape(part.shape)},
    ),
    (
        "columns in another order",
        WINDOW,
        "In a window, as in the weights, the channel comes first, then the row, then the column.",
        {"window": lambda part: part.transpose(0, 2, 1, 3).reshape(part.shape)},
    ),
    (
        "columns in another order",
        WINDOW,
        "In a window, as in the weights, the channel comes first, then the row, then the column.",
        {"window": lambda part: part.transpose(0, 3, 2, 1).reshape(part.shape)},
    ),
    (
        "columns in another order",
        WINDOW,
        "In a window, as in the weights, the channel comes first, then the row, then the column.",
        {"window": lambda part: part.transpose(0, 3, 1, 2).reshape(part.shape)},
    ),
    (
        "rows and columns of the kernel exchanged",
        WINDOW,
        "The weights' rows belong to the window's rows: exchange neither.",
        {
            "window": lambda part: part.transpose(0, 2, 3, 1),
            "weights": lambda w: w.transpose(0, 3, 2, 1).reshape(len(w), *w.shape[2:], w.shape[1]),
        },
    ),
    (
        "weights cut up anew",
        WINDOW,
        "reshape does not turn an array: w.reshape(filters, -1).T has a filter in each column.",
        {"weights": lambda w: w.reshape(-1, len(w)).T.reshape(w.shape)},
    ),
    ("the bias left out", WINDOW, "Add the bias of each filter.", {"bias": 0.0}),
    ("the bias subtracted", WINDOW, "The bias is added.", {"bias": -1.0}),
    (
        "the mean of a window",
        WINDOW,
        "Products are added up, not averaged.",
        {"weights": lambda w: w / w[0].size},
    ),
    (
        "the first channel alone",
        WINDOW,
        "Products of all channels are added up.",
        {"weights": lambda w: w * (np.arange(w.shape[1]) == 0)[:, None, None]},
    ),
    (
        "maps are mixed up",
        PLACES,
        "Filters are the last axis of the product: reshape to (batch, height, width, filters), then move that axis.",
        {"place": lambda y: y.transpose(0, 2, 3, 1).reshape(y.shape)},
    ),
    (
        "places column by column",
        PLACES,
        "The loops go row by row: so must the reshape.",
        {"place": lambda y: y.transpose(0, 1, 3, 2).reshape(y.shape)},
    ),
    (
        "places column by column",
        PLACES,
        "The loops go row by row: so must the reshape.",
        {"place": lambda y: y.reshape(*y.shape[:2], y.shape[3], y.shape[2]).transpose(0, 1, 3, 2)},
    ),
    (
        "maps are mixed up",
        PLACES,
        "Filters are the last axis of the product: reshape to (batch, height, width, filters), then move that axis.",
        {"place": lambda y: y.transpose(2, 3, 0, 1).reshape(y.shape)},
    ),
    ("mirror images", PLACES, "Each product stays where its window was.", {"place": lambda y: y[:, :, :, ::-1]}),
    ("upside down", PLACES, "Each product stays where its window was.", {"place": lambda y: y[:, :, ::-1]}),
    ("uphill", ALL_FAIL, "Nothing is subtracted here.", {"place": lambda y: -y}),
    ("filters in reverse order", ALL_FAIL, "Map number o belongs to filter o.", {"place": lambda y: y[:, ::-1]}),
):
    product.mistake(name, fails, says)(_made(**switches))


@product.mistake(
    "a kernel transposed where it is square",
    WHOLE,
    "Rows of the kernel meet rows of the window, in square kernels, too: do not transpose it.",
)
def transposed_where_square(x, w, b, stride):
    return _made(weights=lambda w: w.swapaxes(2, 3) if w.shape[2] == w.shape[3] else w)(x, w, b, stride)


@product.mistake(
    "the stride left out",
    PLACES,
    "Windows begin at every stride-th row and column: the loops step by it.",
)
def stride_left_out(x, w, b, stride):
    full = _made()(x, w, b, 1)
    return full[:, :, : (x.shape[2] - w.shape[2]) // stride + 1, : (x.shape[3] - w.shape[3]) // stride + 1]


@product.mistake(
    "images and places mixed up",
    ALL_FAIL,
    "The rows of the product go image by image, within an image place by place: stack windows along axis 1.",
)
def images_and_places_mixed_up(x, w, b, stride):
    y = _made()(x, w, b, stride)
    return y.transpose(2, 3, 0, 1).reshape(-1, *y.shape[:2]).transpose(0, 2, 1).reshape(y.shape)
