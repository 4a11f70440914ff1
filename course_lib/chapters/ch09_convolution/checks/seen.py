"""Exercise 09-7: how large the output is, and which pixels one place of it depends on, foretold with padding.

The oracle marks pixels, layer by layer.
"""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import TOPICS
from course_lib.checks.compare import Wrong, several, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

SIZE = "The size of the output is right"
INSIDE = "Far from the border it is the right pixels"
BORDER = "At the border padding counts for nothing, in every layer"
NAMES = ("the size", "the first pixel", "the last pixel")

seen = Exercise("09-7", "What an output sees", "pixels_seen", kind="predict", topics=TOPICS)


def _sizes(layers, size):
    """The sizes of the input and of each layer's output, by sliding windows."""
    sizes = [size]
    for kernel, stride, padding in layers:
        first, number = -padding, 0
        while first + kernel <= sizes[-1] + padding:
            first, number = first + stride, number + 1
        sizes.append(number)
    return sizes


def _by_marking(layers, size, place):
    sizes, marked = _sizes(layers, size), {place}
    for (kernel, stride, padding), width in zip(layers[::-1], sizes[-2::-1], strict=True):
        touched = {at * stride - padding + offset for at in marked for offset in range(kernel)}
        marked = {at for at in touched if 0 <= at < width}
    return float(sizes[-1]), float(min(marked)), float(max(marked))


def _parts(result):
    return tuple(result) if isinstance(result, np.ndarray) and result.shape == (3,) else several(result, NAMES)


def _same(result, given, places=(0, 1, 2)):
    expected = _by_marking(*given)
    got = [shaped(_parts(result)[at], (), NAMES[at]) for at in places]
    right = [expected[at] for at in places]
    if got != right:
        sentence = f"Of {', '.join(NAMES[at] for at in places)} not everything is right."
        raise Wrong(sentence, got=np.array(got), expected=np.array(right))


def _drawn(rng, depth, padded=True, most_stride=3):
    """Some layers, no two kernels the same, one stride at least larger than 1 where strides may be."""
    kernels = rng.permutation([2, 3, 4, 5])[:depth]
    strides = rng.permutation([1, most_stride, 2 if most_stride > 1 else 1])[:depth]
    return [
        (int(k), int(min(s, k)), int(rng.integers(1, k)) if padded else 0)
        for k, s in zip(kernels, strides, strict=True)
    ]


@seen.check(
    SIZE,
    points=2,
    hint="(9.2), layer after layer: each one gets what the layer before it gives.",
)
def size_of_the_output(pixels_seen, rng):
    for _ in range(3):
        layers, size = _drawn(rng, 3), int(rng.integers(60, 90))
        given = layers, size, 1
        _same(pixels_seen(*given), given, (0,))


@seen.check(
    INSIDE,
    points=2,
    hint=(
        "Go back from the output: which places of the layer before it does one place see?",
        "Place i of a layer sees i * stride - padding up to i * stride - padding + kernel - 1.",
    ),
)
def inside(pixels_seen, rng):
    for padded in (False, True):
        layers, size = _drawn(rng, 3, padded), int(rng.integers(150, 200))
        given = layers, size, _sizes(layers, size)[-1] // 2
        _same(pixels_seen(*given), given, (1, 2))


def _bordering(rng):
    """Settings whose last window ends in the padding of a layer, whose last real pixel is not the image's last."""
    while True:
        layers, size = _drawn(rng, 3), int(rng.integers(40, 70))
        last = _sizes(layers, size)[-1] - 1
        if _unclipped(layers, size, last)[2] >= size > _by_marking(layers, size, last)[2] + 1:
            return layers, size, last


def _unclipped(layers, size, place):
    low = high = place
    for kernel, stride, padding in layers[::-1]:
        low, high = low * stride - padding, high * stride - padding + kernel - 1
    return float(_sizes(layers, size)[-1]), float(low), float(high)


@seen.check(
    BORDER,
    points=1,
    hint=(
        "A place in the padding is 0, whatever the image: it sees nothing.",
        "Cut off at 0 and at the layer's own size - 1, in every layer on the way back.",
    ),
)
def at_the_border(pixels_seen, rng):
    layers, size, last = _bordering(rng)
    for place in (0, last):
        _same(pixels_seen(layers, size, place), (layers, size, place), (1, 2))


def _settings(rng):
    """No layer, one and several; places at both ends and between them; kernels as wide as the image."""
    three, two = _drawn(rng, 3), _drawn(rng, 2, padded=False)
    size = int(rng.integers(50, 80))
    places = [(three, size, place) for place in (0, 1, _sizes(three, size)[-1] - 1)]
    alone = [([], 7, int(rng.integers(7))), ([(5, 1, 0)], 5, 0), ([(3, 3, 1)], 10, 3), ([(1, 2, 0)], 9, 4)]
    return [*places, (two, size, 3), *alone, _bordering(rng)]


whole(seen, _by_marking, _settings, NAMES, lambda result, expected, given, mine: _same(result, mine))


def _made(
    grow=lambda width, kernel, stride, padding: (width + 2 * padding - kernel) // stride + 1,
    first=lambda low, kernel, stride, padding: low * stride - padding,
    last=lambda high, kernel, stride, padding: high * stride - padding + kernel - 1,
    clip=lambda low, high, width, deepest: (max(low, 0), min(high, width - 1)),
):
    """An answer with its faults as switches; ``clip(low, high, width of that layer, whether it is the image)``."""

    def answer(layers, size, place):
        sizes = _sizes(layers, size)
        low = high = place
        for number in range(len(layers) - 1, -1, -1):
            low, high = first(low, *layers[number]), last(high, *layers[number])
            low, high = clip(low, high, sizes[number], number == 0)
        width = size
        for layer in layers:
            width = grow(width, *layer)
        return float(width), float(low), float(high)

    return answer


for name, fails, says, switches in (
    (
        "padding on one side",
        SIZE,
        "Padding stands on both sides of the image: 2 * padding.",
        {"grow": lambda n, k, s, p: (n + p - k) // s + 1},
    ),
    (
        "the last window forgotten",
        SIZE,
        "n - kernel steps make one window more: + 1.",
        {"grow": lambda n, k, s, p: (n + 2 * p - k) // s},
    ),
    (
        "rounded up",
        SIZE,
        "A window that does not fit is left out: round down.",
        {"grow": lambda n, k, s, p: -(-(n + 2 * p - k + 1) // s) + 1},
    ),
    ("size without padding", SIZE, "Padding makes room for windows.", {"grow": lambda n, k, s, p: (n - k) // s + 1}),
    ("size without the stride", SIZE, "Windows move by the stride.", {"grow": lambda n, k, s, p: n + 2 * p - k + 1}),
    (
        "padding left out on the way back",
        (INSIDE, BORDER),
        "Place 0 begins in the padding: subtract it.",
        {"first": lambda i, k, s, p: i * s, "last": lambda i, k, s, p: i * s + k - 1},
    ),
    (
        "padding added on the way back",
        (INSIDE, BORDER),
        "Place 0 begins in the padding, at -padding: subtract it.",
        {"first": lambda i, k, s, p: i * s + p, "last": lambda i, k, s, p: i * s + p + k - 1},
    ),
    (
        "one pixel too many",
        (INSIDE, BORDER),
        "A window of kernel pixels ends kernel - 1 after its first one.",
        {"last": lambda i, k, s, p: i * s - p + k},
    ),
    (
        "the stride left out on the way back",
        (INSIDE, BORDER),
        "Place i begins at i * stride.",
        {"first": lambda i, k, s, p: i - p, "last": lambda i, k, s, p: i - p + k - 1},
    ),
    (
        "not cut off",
        BORDER,
        "What lies in the padding is no pixel of the image: cut it off.",
        {"clip": lambda low, high, width, image: (low, high)},
    ),
    (
        "cut off in the image only",
        BORDER,
        "A layer between has padding, too, which sees nothing: cut off in every layer.",
        {"clip": lambda low, high, width, image: (max(low, 0), min(high, width - 1)) if image else (low, high)},
    ),
    (
        "cut off on the left only",
        BORDER,
        "There is padding on the right as well.",
        {"clip": lambda low, high, width, image: (max(low, 0), high)},
    ),
    (
        "cut off at the size",
        BORDER,
        "Pixels are counted from 0: the last one is size - 1.",
        {"clip": lambda low, high, width, image: (max(low, 0), min(high, width))},
    ),
):
    seen.mistake(name, fails, says)(_made(**switches))
