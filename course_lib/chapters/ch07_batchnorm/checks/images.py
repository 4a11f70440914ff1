"""Exercise 07-7: batch normalisation of images with two faults that come together, to be mended."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.checks.shared import (
    FAINT,
    PURE,
    PURE_HINT,
    SQUARES,
    TINY,
    TOPICS,
    difference_of_squares,
)
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import different, whole, wide

CHANNELS = "Every channel is standardised over the batch and all of its pixels"
SCALED = "gamma and beta act on what was standardised, channel by channel"
ALL_FAIL = (CHANNELS, SCALED, NAMED, PURE)

MENU = {
    "each pixel by itself": "that alone would be right for images of one pixel.",
    "beta is scaled": "that alone would be right for a gamma of 1, or a beta of 0.",
    "each pixel by itself, and beta is scaled": "then images of several pixels are wrong, whatever gamma and beta.",
    "each image by itself": "then an image would come out the same, whatever else is in the batch.",
    "all channels together": "then channels would keep different means.",
}
images = Debug(
    "07-7",
    "Images normalised, mended",
    "image_batch_norm",
    topics=TOPICS,
    menu=MENU,
    fault="each pixel by itself, and beta is scaled",
)


def _channel_by_channel(x, gamma, beta, eps):
    y = np.empty(x.shape)
    for c in range(x.shape[1]):
        pixels = x[:, c].ravel()
        squares = np.sum((pixels - pixels.mean()) ** 2) / len(pixels)
        y[:, c] = gamma[c] * (x[:, c] - pixels.mean()) / (squares + eps) ** 0.5 + beta[c]
    return y


def _images(rng, shape=(4, 3, 2, 5)):
    """Channels with means and sizes of their own."""
    channels = shape[1]
    x = rng.normal(size=shape) * rng.uniform(0.5, 3.0, channels)[:, None, None]
    return x + 4 * rng.normal(size=channels)[:, None, None] + rng.normal(size=shape[2:])


@images.check(
    CHANNELS,
    points=3,
    hint=(
        "A convolution takes the same weights everywhere: which numbers belong to one channel?",
        "Mean and variance over the axes 0, 2 and 3: one number for each channel.",
    ),
)
def channel_by_channel(image_batch_norm, rng):
    x, eps = _images(rng), rng.uniform(0.3, 0.8)
    given = x, np.ones(3), np.zeros(3), eps
    close(image_batch_norm(*given), _channel_by_channel(*given), "the result for gamma 1 and beta 0")


@images.check(SCALED, points=1, hint="y = gamma * x_hat + beta, (7.2).")
def scaled(image_batch_norm, rng):
    signs = (-1.0) ** np.sum(np.indices((2, 4, 2, 6)), axis=0)  # mean 0 and variance 1 along all axes
    given = signs, rng.uniform(2, 3, 4), rng.uniform(4, 5, 4), TINY
    close(image_batch_norm(*given), _channel_by_channel(*given), "the result for standardised images")


def _batches(rng):
    """All sides different, and all equal; one image, one channel, one pixel; zeros in gamma and beta; a channel that
    lies a million away from 0, and images that are faint."""
    n, c, h, w = different(rng, 4, 2, 7)
    shapes = (
        (n, c, h, w),
        (1, w, c, h),
        (h, 1, n, w),
        (w, n, 1, 1),
        (c, h, 1, n),
        (3, 3, 3, 3),
        (2, 2, 4, 3),
        (130, 2, 1, 2),
    )
    cases = [(_images(rng, s), wide(rng, s[1]), wide(rng, s[1]), 10.0 ** rng.uniform(-5, -1)) for s in shapes]
    cases[0][0][:, -1] += 1e6
    cases[6][0][:, 0], cases[6][2][0] = 1.5, 0.8  # it does not vary
    cases[0][1][-1] = 2.0  # with a gamma of 0 nobody would see it
    return [*cases, (FAINT * _images(rng), rng.uniform(1, 2, 3), wide(rng, 3), 1e-6)]


whole(images, _channel_by_channel, _batches, rtol=1e-7, atol=1e-7)
images.names_the_fault(points=1)


@images.check(PURE, points=1, hint=PURE_HINT, aside=True)
def images_stay(image_batch_norm, rng):
    ones = np.ones(3)
    leaves_inputs_alone(image_batch_norm, _images(rng), ones, ones, 0.1, other=(_images(rng), ones, ones, 0.1))


@images.handed_out(ALL_FAIL)
def two_faults(x, gamma, beta, eps):
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma[:, None, None] * (x_hat + beta[:, None, None])


def _made(
    axes=(0, 2, 3),
    spread=None,
    hat=lambda away, var, eps: away / np.sqrt(var + eps),
    end=lambda gamma, x_hat, beta: gamma * x_hat + beta,
):
    """An answer with its faults as switches."""

    def answer(x, gamma, beta, eps):
        away = x - x.mean(axis=axes, keepdims=True)
        x_hat = hat(away, spread(x) if spread else x.var(axis=axes, keepdims=True), eps)
        return end(gamma[:, None, None], x_hat, beta[:, None, None])

    return answer


for name, fails, says, switches in (
    (
        "each pixel by itself",
        CHANNELS,
        "These are statistics of the batch alone, others at each pixel: a channel has one mean for all of its pixels.",
        {"axes": (0,)},
    ),
    (
        "each image by itself",
        CHANNELS,
        "This is instance normalisation: take the whole batch together, axis 0 too.",
        {"axes": (2, 3)},
    ),
    (
        "all channels together",
        CHANNELS,
        "Channels mean different things: leave axis 1 out.",
        {"axes": (0, 1, 2, 3)},
    ),
    (
        "over the channels",
        CHANNELS,
        "Each channel is standardised by itself, over the axes 0, 2 and 3.",
        {"axes": (1,)},
    ),
    (
        "each image, all channels",
        CHANNELS,
        "This is layer normalisation: here statistics are those of a channel, over the batch.",
        {"axes": (1, 2, 3)},
    ),
    (
        "rows by themselves",
        CHANNELS,
        "Both axes of the pixels belong to a channel: 2 and 3.",
        {"axes": (0, 3)},
    ),
    ("eps outside the root", CHANNELS, "eps goes under the root.", {"hat": lambda a, var, eps: a / (var**0.5 + eps)}),
    ("eps left out", CHANNELS, "Add eps to the variance.", {"hat": lambda a, var, eps: a / np.sqrt(var + 1e-300)}),
    ("divided by the variance", CHANNELS, "Take the root.", {"hat": lambda a, var, eps: a / (var + eps)}),
    (
        "beta is scaled",
        SCALED,
        "gamma multiplies x_hat alone: beta is added after it.",
        {"end": lambda g, x_hat, b: g * (x_hat + b)},
    ),
    ("beta left out", SCALED, "Add beta, the new mean.", {"end": lambda g, x_hat, b: g * x_hat}),
    ("gamma left out", SCALED, "Multiply by gamma.", {"end": lambda g, x_hat, b: x_hat + b}),
    (
        "the mean of the pixels' variances",
        CHANNELS,
        "Pixels have means of their own, whose spread is lost: one variance over the batch and all pixels.",
        {"spread": lambda x: x.var(axis=0, keepdims=True).mean(axis=(2, 3), keepdims=True)},
    ),
    (
        "the mean of the images' variances",
        CHANNELS,
        "Images have means of their own, whose spread is lost: one variance over the batch and all pixels.",
        {"spread": lambda x: x.var(axis=(2, 3), keepdims=True).mean(axis=0, keepdims=True)},
    ),
    (
        "the variance of each image",
        CHANNELS,
        "The mean is mended, the variance is not: both run over the batch and all pixels.",
        {"spread": lambda x: x.var(axis=(2, 3), keepdims=True)},
    ),
    (
        "the variance of the first image",
        CHANNELS,
        "The mean is mended, the variance is not: both run over the whole batch.",
        {"spread": lambda x: x[:1].var(axis=(0, 2, 3), keepdims=True)},
    ),
    (
        "one variance for all channels",
        CHANNELS,
        "Each channel has a variance of its own: leave axis 1 out.",
        {"spread": lambda x: x.var()},
    ),
    (
        "the mean square in place of the variance",
        CHANNELS,
        "The variance is that around the mean: subtract it first.",
        {"spread": lambda x: (x**2).mean(axis=(0, 2, 3), keepdims=True)},
    ),
    (
        "divided by m - 1",
        ALL_FAIL,
        "In training (7.1) divides by the number of samples, m: leave ddof at 0.",
        {"spread": lambda x: x.var(axis=(0, 2, 3), keepdims=True, ddof=1)},
    ),
    (
        "gamma and beta exchanged",
        ALL_FAIL,
        "gamma multiplies, beta is added.",
        {"end": lambda g, x_hat, b: b * x_hat + g},
    ),
    ("uphill", ALL_FAIL, "x minus mean, not mean minus x.", {"hat": lambda a, var, eps: -a / np.sqrt(var + eps)}),
    (*SQUARES, {"spread": lambda x: difference_of_squares(x, axis=(0, 2, 3), keepdims=True)}),
):
    images.mistake(name, fails, says)(_made(**switches))


@images.mistake(
    "channels known by their number",
    WHOLE,
    "Other axes may be as long as that of the channels: know it by its place, axis 1.",
)
def channels_known_by_their_number(x, gamma, beta, eps):
    shape = np.ones(4, dtype=int)
    shape[x.shape.index(len(gamma))] = len(gamma)
    x_hat = _made()(x, np.ones(x.shape[1]), np.zeros(x.shape[1]), eps)
    return gamma.reshape(shape) * x_hat + beta.reshape(shape)


@images.mistake("the columns left out", CHANNELS, "All pixels of a channel count, in both directions.")
def the_columns_left_out(x, gamma, beta, eps):
    mean, var = (x.mean(axis=(0, 2), keepdims=True), x.var(axis=(0, 2), keepdims=True))
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]


@images.mistake(
    "the variance of each pixel",
    CHANNELS,
    "The mean is mended, the variance is not: both run over the batch and all pixels.",
)
def the_variance_of_each_pixel(x, gamma, beta, eps):
    mean, var = (x.mean(axis=(0, 2, 3), keepdims=True), x.var(axis=0, keepdims=True))
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]
