"""Exercise 09-8: two convolutions with nothing between them are one. The check sends single pixels through both."""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import PURE, PURE_HINT, TOPICS, convolved
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, whole, wide

NAMES = ("w", "b", "stride")
KERNELS = "Where every window moves by one pixel, one kernel does what two did"
STRIDED = "With a stride in the first layer the windows of the second lie further apart"
BIAS = "The bias of the first layer goes through the second"
STEPS = "The one layer moves as far as both did"

merged = Exercise("09-8", "One layer in place of two", "merged_layer", topics=TOPICS, kind="derive")


def _single_pixels(w1, b1, stride1, w2, b2, stride2):
    """What comes out of both layers at their first place, from images of one bright pixel each, and from none."""
    sides = [(second - 1) * stride1 + first for first, second in zip(w1.shape[2:], w2.shape[2:], strict=True)]
    shape = w1.shape[1], *sides
    images = np.concatenate([np.zeros((1, *shape)), np.eye(int(np.prod(shape))).reshape(-1, *shape)])
    dark, *bright = convolved(convolved(images, w1, b1, stride1, 0), w2, b2, stride2, 0)[:, :, 0, 0]
    return np.stack(bright, axis=1).reshape(len(w2), *shape) - dark[:, None, None, None], dark, stride1 * stride2


def _layers(rng, channels=2, middle=3, filters=2, first=(2, 3), second=(3, 2), strides=(1, 1)):
    """``(w1, b1, stride1, w2, b2, stride2)``; the biases of the first layer are far from 0."""
    w1, w2 = rng.normal(size=(middle, channels, *first)), rng.normal(size=(filters, middle, *second))
    return w1, rng.uniform(1, 2, middle), strides[0], w2, rng.normal(size=filters), strides[1]


def _compare(merged_layer, given, *places):
    got, right = several(merged_layer(*given), NAMES), _single_pixels(*given)
    for place in places:
        close(got[place], right[place], NAMES[place])


@merged.check(
    KERNELS,
    points=2,
    hint=(
        "One output of the second layer is a sum over its window, and each number in it is such a sum again. Put the "
        "second into the first: which pixel meets which product of weights?",
        "Pixel (p + i, q + j) meets w2[o, m, p, q] * w1[m, c, i, j], and all such products add up.",
    ),
)
def one_kernel(merged_layer, rng):
    _compare(merged_layer, _layers(rng), 0)
    _compare(merged_layer, _layers(rng, 1, 1, 1), 0)


@merged.check(
    STRIDED,
    points=2,
    hint=(
        "Neighbouring numbers between the layers come from windows that lie stride1 pixels apart.",
        "Pixel (stride1 * p + i, stride1 * q + j) meets w2[o, m, p, q] * w1[m, c, i, j].",
    ),
)
def further_apart(merged_layer, rng):
    _compare(merged_layer, _layers(rng, strides=(2, 3)), 0)
    _compare(merged_layer, _layers(rng, 1, 2, 1, strides=(3, 1)), 0)


@merged.check(
    BIAS,
    points=1,
    hint=(
        "What comes out of both layers if the image is all zeros?",
        "b2[o] plus the sum of w2[o, m, p, q] * b1[m] over m, p and q.",
    ),
)
def both_biases(merged_layer, rng):
    _compare(merged_layer, _layers(rng, filters=3), 1)


@merged.check(STEPS, points=1, hint="A step of the second layer is stride2 steps of the first, of stride1 pixels each.")
def both_strides(merged_layer, rng):
    for strides in ((1, 1), (3, 2), (2, 3), (1, 4), (4, 1)):
        _compare(merged_layer, _layers(rng, strides=strides), 2)


@merged.check(PURE, points=1, hint=PURE_HINT, aside=True)
def layers_stay(merged_layer, rng):
    leaves_inputs_alone(merged_layer, *_layers(rng), other=_layers(rng))


def _cases(rng):
    """Sides that all differ, and that are all equal; kernels of one pixel, one channel, one map between, strides from 1
    to 4."""
    c, m, f, kh, kw, lh, lw = different(rng, 7, 1, 8)
    plans = (
        ((min(m, 4), c, min(kh, 4), min(kw, 3)), (f, min(m, 4), min(lh, 3), min(lw, 4)), 2, 1),
        ((2, 3, 3, 2), (3, 2, 2, 3), 1, 2),
        ((3, 1, 1, 1), (c, 3, 2, 4), 3, 2),
        ((1, 2, 3, 2), (2, 1, 1, 1), 2, 3),
        ((2, 4, 1, 3), (1, 2, 3, 1), 1, 4),
        ((4, 2, 2, 2), (3, 4, 2, 3), 4, 1),
        ((3, 3, 3, 3), (3, 3, 3, 3), 2, 2),
        ((2, 1, 3, 3), (2, 2, 2, 2), 1, 1),
    )
    made = [(wide(rng, *one), wide(rng, one[0]), s, wide(rng, *two), wide(rng, two[0]), t) for one, two, s, t in plans]
    made[6][0][:, :, -1], made[6][3][:, :, -1] = 0.0, 0.0  # the sides do not depend on what the weights are
    return made


whole(merged, _single_pixels, _cases, NAMES)


def _made(
    apart=lambda stride1, stride2: stride1,
    first=lambda w1: w1,
    second=lambda w2: w2,
    add=lambda kernel, place, part: kernel.__setitem__(place, kernel[place] + part),
    bias=lambda w2, b1, b2: b2 + np.einsum("ompq,m->o", w2, b1),
    steps=lambda stride1, stride2: stride1 * stride2,
    pair="om,mcij->ocij",
):
    """An answer with its faults as switches."""

    def answer(w1, b1, stride1, w2, b2, stride2):
        step, (kh, kw), (lh, lw) = apart(stride1, stride2), w1.shape[2:], w2.shape[2:]
        kernel = np.zeros((len(w2), w1.shape[1], (lh - 1) * step + kh, (lw - 1) * step + kw))
        for p, q in np.ndindex(lh, lw):
            place = np.s_[:, :, p * step : p * step + kh, q * step : q * step + kw]
            add(kernel, place, np.einsum(pair, second(w2)[:, :, p, q], first(w1)))
        return kernel, bias(w2, b1, b2), steps(stride1, stride2)

    return answer


def _flipped(w):
    return w[:, :, ::-1, ::-1]


for name, fails, says, switches in (
    (
        "windows one pixel apart",
        STRIDED,
        "This is right for stride 1. Neighbours between the layers come from windows that lie stride1 pixels apart.",
        {"apart": lambda stride1, stride2: 1},
    ),
    (
        "the strides exchanged",
        STRIDED,
        "What lies between the layers was made with stride1: that is how far its windows are apart.",
        {"apart": lambda stride1, stride2: stride2},
    ),
    (
        "the product of the strides between the copies",
        STRIDED,
        "stride2 says which outputs are computed, not what one of them is.",
        {"apart": lambda stride1, stride2: stride1 * stride2},
    ),
    (
        "the second kernel flipped",
        (KERNELS, STRIDED),
        "Nothing is turned round: number (p, q) between the layers meets w2[:, :, p, q].",
        {"second": _flipped},
    ),
    (
        "the first kernel flipped",
        (KERNELS, STRIDED),
        "Nothing is turned round: within a copy pixel (i, j) meets w1[:, :, i, j].",
        {"first": _flipped},
    ),
    (
        "both kernels flipped",
        (KERNELS, STRIDED),
        "Nothing is turned round: neither layer flips its kernels, and the one in their place does not.",
        {"first": _flipped, "second": _flipped},
    ),
    (
        "a kernel transposed where it is square",
        WHOLE,
        "Rows of a kernel meet rows of what comes in, in square kernels, too: do not transpose them.",
        {"second": lambda w: w.swapaxes(2, 3) if w.shape[2] == w.shape[3] else w},
    ),
    (
        "a kernel transposed where it is square",
        WHOLE,
        "Rows of a kernel meet rows of what comes in, in square kernels, too: do not transpose them.",
        {"first": lambda w: w.swapaxes(2, 3) if w.shape[2] == w.shape[3] else w},
    ),
    (
        "overwritten, not added",
        (KERNELS, STRIDED),
        "Windows between the layers overlap, and a pixel in several of them meets several products: +=, not =.",
        {"add": lambda kernel, place, part: kernel.__setitem__(place, part)},
    ),
    (
        "maps between not paired",
        (KERNELS, STRIDED),
        "Map m of the first layer meets the weights of channel m in the second, and no others.",
        {"pair": "on,mcij->ocij"},
    ),
    (
        "the mean over the maps between",
        (KERNELS, STRIDED),
        "The second layer adds up over its channels: no mean.",
        {"second": lambda w2: w2 / w2.shape[1]},
    ),
    (
        "the second bias alone",
        BIAS,
        "Send an image of zeros through both: the first bias comes out, too, weighted by the second layer.",
        {"bias": lambda w2, b1, b2: b2 + 0},
    ),
    (
        "the first bias through one weight",
        BIAS,
        "The first bias is at every place of the second layer's window: all of its weights meet it.",
        {"bias": lambda w2, b1, b2: b2 + w2[:, :, 0, 0] @ b1},
    ),
    (
        "the biases added",
        BIAS,
        "The first bias is multiplied by the weights of the second layer before it comes out.",
        {"bias": lambda w2, b1, b2: b2 + b1.sum()},
    ),
    (
        "the mean of the weights before the first bias",
        BIAS,
        "The first bias is at every place of the second layer's window: the weights that meet it are added up.",
        {"bias": lambda w2, b1, b2: b2 + w2.mean(axis=(2, 3)) @ b1},
    ),
    (
        "the second bias left out",
        BIAS,
        "The second layer adds its own bias, once.",
        {"bias": lambda w2, b1, b2: np.einsum("ompq,m->o", w2, b1)},
    ),
    (
        "strides added",
        STEPS,
        "A step of the second layer is stride2 steps of the first: they multiply.",
        {"steps": lambda stride1, stride2: stride1 + stride2 - 1},
    ),
    (
        "the sum of the strides",
        STEPS,
        "A step of the second layer is stride2 steps of the first: they multiply.",
        {"steps": lambda stride1, stride2: stride1 + stride2},
    ),
    (
        "the first stride alone",
        STEPS,
        "Neighbouring outputs lie stride2 numbers of the first layer apart: that counts, too.",
        {"steps": lambda stride1, stride2: stride1},
    ),
    (
        "the second stride alone",
        STEPS,
        "Neighbouring outputs lie stride2 numbers of the first layer apart. How many pixels is that?",
        {"steps": lambda stride1, stride2: stride2},
    ),
    (
        "the larger stride",
        STEPS,
        "Neighbouring outputs lie stride2 numbers of the first layer apart. How many pixels is that?",
        {"steps": lambda stride1, stride2: max(stride1, stride2)},
    ),
):
    merged.mistake(name, fails, says)(_made(**switches))
