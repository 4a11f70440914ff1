"""Exercise 09-7: how large the output is, and which pixels one place of it depends on, foretold with padding.

The oracle marks pixels, layer by layer.
"""

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, several_numbers, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

SIZE = "The size of the output is right"
INSIDE = "Far from the border it is the right pixels"
BORDER = "At the border padding counts for nothing, in every layer"
LIST = "The list that was given is left as it was"
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


def _same(result, given, places=(0, 1, 2)):
    expected = _by_marking(*given)
    got = [shaped(several_numbers(result, NAMES)[at], (), NAMES[at]) for at in places]
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
    growing = [(2, 1, 1), (3, 1, 2), (4, 1, 3)]
    settings = [(layers, int(rng.integers(60, 90))) for layers in (*(_drawn(rng, 3) for _ in range(3)), growing)]
    settings.append(([(4, 3, 1), (3, 1, 1)], 3 * int(rng.integers(20, 30)) + 1))  # two of three columns are left over
    for layers, size in settings:
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
    """Settings whose last window ends in the padding of a layer, whose last real pixel is not the image's last, and is
    another where the layers are taken for smaller than they are."""
    while True:
        layers, size = _drawn(rng, 3), int(rng.integers(40, 70))
        last = _sizes(layers, size)[-1] - 1
        seen_last = _by_marking(layers, size, last)[2]
        narrower = (_made(grow=grow, own=True)(layers, size, last)[2] for _, _, grow in SIZES[:2])
        if _unclipped(layers, size, last)[2] >= size > seen_last + 1 and all(one != seen_last for one in narrower):
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
    wrong = []
    for _ in range(2):
        layers, size, last = _bordering(rng)
        for place in (0, last):
            try:
                _same(pixels_seen(layers, size, place), (layers, size, place), (1, 2))
            except Wrong as error:
                error.call = len(pixels_seen.calls) - 1
                wrong.append(error)
    if wrong:
        raise wrong[0]


def _settings(rng):
    """No layer, one and several, equal ones among them; places at both ends and between them; kernels as wide as the
    image."""
    three, two = _drawn(rng, 3), _drawn(rng, 2, padded=False)
    size = int(rng.integers(50, 80))
    places = [(three, size, place) for place in (0, 1, _sizes(three, size)[-1] - 1)]
    alone = [([], 7, int(rng.integers(7))), ([(5, 1, 0)], 5, 0), ([(3, 3, 1)], 10, 3), ([(1, 2, 0)], 9, 4)]
    alike = [(3, 2, 0), *[(4, 3, 1)] * 3], int(rng.integers(39, 47))  # the last layers cut off, each at its own size
    equal = [(*alike, _sizes(*alike)[-1] - 1), ([(3, 1, 1)] * 30, 25, int(rng.integers(10, 15)))]
    equal += [([(2, 1, 1)] * 3, 10, 5), ([(5, 1, 4), (3, 2, 2)], 3, 4)]  # maps larger than the image
    deep = [(3, 1, 1)] * 40, 100, int(rng.integers(45, 55))  # one way in 3^40 leads to the ends
    return [*places, (two, size, 3), *alone, *equal, deep, _bordering(rng)]


whole(seen, _by_marking, _settings, NAMES, lambda result, expected, given, mine: _same(result, mine))


@seen.check(LIST, points=1, hint="layers.pop() takes a layer out of the caller's list: go through a copy.", aside=True)
def layers_stay(pixels_seen, rng):
    leaves_inputs_alone(pixels_seen, _drawn(rng, 3), 60, 3, other=(_drawn(rng, 2), 50, 2))


def _made(
    grow=lambda width, kernel, stride, padding: (width + 2 * padding - kernel) // stride + 1,
    first=lambda low, kernel, stride, padding: low * stride - padding,
    last=lambda high, kernel, stride, padding: high * stride - padding + kernel - 1,
    clip=lambda low, high, width, deepest: (max(low, 0), min(high, width - 1)),
    back=lambda pairs: pairs[::-1],
    told=lambda low, high: (low, high),
    own=False,
):
    """An answer with its faults as switches.

    ``clip(low, high, width of that layer, whether it is the image)``; ``back``: ``(number, layer)`` as they are gone
    through on the way back; ``own``: whether that goes by the sizes that ``grow`` gives.
    """

    def answer(layers, size, place):
        sizes = _sizes(layers, size)
        if own:
            sizes = [size]
            for layer in layers:
                sizes.append(grow(sizes[-1], *layer))
        low = high = place
        for number, layer in back(list(enumerate(layers))):
            low, high = first(low, *layer), last(high, *layer)
            low, high = clip(low, high, sizes[number], number == 0)
        low, high = told(low, high)
        width = size
        for layer in layers:
            width = grow(width, *layer)
        return float(width), float(low), float(high)

    return answer


WIDE = (INSIDE, BORDER)
SIZES = (  # what is said, and the size that it gives: once for the size alone, once for the way back as well
    (
        "padding on one side",
        "Padding stands on both sides of the image: 2 * padding.",
        lambda n, k, s, p: (n + p - k) // s + 1,
    ),
    (
        "the last window forgotten",
        "n - kernel steps make one window more: + 1.",
        lambda n, k, s, p: (n + 2 * p - k) // s,
    ),
    (
        "rounded up",
        "A window that does not fit is left out: round down.",
        lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1,
    ),
    ("size without padding", "Padding makes room for windows.", lambda n, k, s, p: (n - k) // s + 1),
    ("size without the stride", "Windows move by the stride.", lambda n, k, s, p: n + 2 * p - k + 1),
)
for name, says, grow in SIZES:
    seen.mistake(name, SIZE, says)(_made(grow=grow))

for name, fails, says, switches in (
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
        "as if kernels were odd",
        WIDE,
        "A window of kernel pixels ends kernel - 1 after its first one, also if kernel is even.",
        {"last": lambda i, k, s, p: i * s - p + 2 * (k // 2)},
    ),
    (
        "the layers from the first to the last",
        WIDE,
        "On the way back the last layer comes first: go through the layers in reverse.",
        {"back": lambda pairs: pairs},
    ),
    (
        "the layers from the first to the last",
        WIDE,
        "On the way back the last layer comes first: go through the layers in reverse.",
        {"back": lambda pairs: [(at, layer) for (at, _), (_, layer) in zip(pairs[::-1], pairs, strict=True)]},
    ),
    (
        "the end of a range",
        WIDE,
        "The last pixel itself is asked for, not the place behind it, where range(first, end) ends.",
        {"told": lambda low, high: (low, high + 1)},
    ),
    (
        "pixels counted from 1",
        WIDE,
        "Pixels are counted from 0.",
        {"told": lambda low, high: (low + 1, high + 1)},
    ),
    (
        "the stride left out on the way back",
        WIDE,
        "Place i begins at i * stride.",
        {"last": lambda i, k, s, p: i - p + k - 1},
    ),
    (
        "padding left out on the way back",
        WIDE,
        "Place 0 begins in the padding: subtract it.",
        {"last": lambda i, k, s, p: i * s + k - 1},
    ),
    (
        "one pixel alone",
        WIDE,
        "A place sees a window of kernel pixels, not its first one alone.",
        {"last": lambda i, k, s, p: i * s - p},
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
        "cut off in the image only",
        BORDER,
        "A layer between has padding, too, which sees nothing: cut off in every layer.",
        {"clip": lambda low, high, width, image: (max(low, 0), min(high, width - 1) if image else high)},
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


for name, says, grow in SIZES:
    fails = (SIZE, BORDER)
    seen.mistake(name, fails, says)(_made(grow=grow, own=True))


def _by_jumps(step):
    """The width that is seen and where it begins, from the first layer to the last; ``step(jump, stride)``."""

    def answer(layers, size, place):
        width, jump, first = 1, 1, 0
        for kernel, stride, padding in layers:
            at = step(jump, stride)
            first, width, jump = first - padding * at, width + (kernel - 1) * at, jump * stride
        first += place * jump
        return float(_sizes(layers, size)[-1]), float(max(first, 0)), float(min(first + width - 1, size - 1))

    return answer


seen.mistake(
    "the stride one layer too early",
    WIDE,
    "A layer's stride spreads the windows of later layers, not its own: multiply by it after the kernel has counted.",
)(_by_jumps(lambda jump, stride: jump * stride))
seen.mistake(
    "the strides of earlier layers left out",
    WIDE,
    "A pixel of a later layer stands for several of the image: multiply by the strides of the layers before.",
)(_by_jumps(lambda jump, stride: 1))


@seen.mistake(
    "equal layers taken for one",
    WHOLE,
    "Equal layers have inputs of different sizes: know a layer by its place; layers.index finds the first alike.",
)
def equal_layers_taken_for_one(layers, size, place):
    sizes, low, high = _sizes(layers, size), place, place
    for kernel, stride, padding in layers[::-1]:
        width = sizes[layers.index((kernel, stride, padding))]
        low, high = max(low * stride - padding, 0), min(high * stride - padding + kernel - 1, width - 1)
    return float(sizes[-1]), float(low), float(high)


@seen.mistake(
    "the list is emptied", LIST, "pop() takes layers out of the list that was given: go through layers[::-1]."
)
def emptied(layers, size, place):
    result = _by_marking(layers, size, place)
    layers.clear()
    return result
