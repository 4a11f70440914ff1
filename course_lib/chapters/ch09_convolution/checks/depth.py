"""Exercise 09-5: how many layers until an output sees the whole image, foretold. The check goes layer by layer."""

from itertools import islice

import numpy as np

from course_lib.chapters.ch09_convolution.checks.forward import TOPICS
from course_lib.checks.compare import Wrong, shaped
from course_lib.checks.facts import telling
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import ROUNDED, as_whole

STRIDE_ONE = "With stride 1 every layer adds as many pixels"
STRIDED = "With a stride the steps grow from layer to layer"
EXACT = "A field as wide as the image is wide enough"
EVERYTHING = (STRIDE_ONE, STRIDED, EXACT)

layers = Exercise("09-5", "How many layers see it all", "layers_needed", topics=TOPICS, kind="predict")


def _last(kernel, stride):
    """The last pixel that output 0 touches, for no layer, one, two, ...: the end of the last window, layer by layer."""
    last = 0
    while True:
        yield last
        last = last * stride + kernel - 1


def _field(kernel, stride, number):
    """How many pixels an output of ``number`` layers sees."""
    return next(islice(_last(kernel, stride), number, None)) + 1


def _needed(kernel, stride, size):
    return next(number for number, last in enumerate(_last(kernel, stride)) if last + 1 >= size)


def _compare(layers_needed, given):
    got, expected = shaped(layers_needed(*given), (), "the number of layers"), _needed(*given)
    if got != expected:
        raise Wrong("The number of layers is not what was expected.", got=got, expected=expected)


LIMIT = (
    "wrong where it takes very many layers",
    "For smaller images the number is right: does the search end too early, or lose digits?",
)


def _sizes(rng, kernel, stride, most=60):
    """A size that is met exactly, one pixel more, and one drawn."""
    met = _field(kernel, stride, int(rng.integers(2, 4)))
    return [met, met + 1, int(rng.integers(kernel + 1, most))]


@as_whole(layers, _needed)
def all_of_the_layers(layers_needed, rng):
    cases = [(3, 1, 1), (5, 2, 3), (3, 3, 81), (2, 1, 30), (9, 4, 2), (3, 2, 100_000)]
    for kernel, stride in ((3, 1), (3, 2), (5, 2), (4, 3), (2, 2), (7, 1)):
        cases += [(kernel, stride, size) for size in _sizes(rng, kernel, stride)]
    for given in cases + [(kernel, kernel, kernel**n + more) for kernel, n in ROUNDED for more in (0, 1)]:
        _compare(layers_needed, given)
    with telling(True, *LIMIT):
        _compare(layers_needed, (2, 1, 1300))


@layers.check(
    STRIDE_ONE,
    points=2,
    hint=(
        "One layer of 3 sees 3 pixels. The second one sees 3 of those outputs: how many pixels?",
        "The field grows by kernel - 1 in each layer, from 1.",
    ),
)
def stride_one(layers_needed, rng):
    for kernel in (3, 5, 7):
        field = _field(kernel, 1, int(rng.integers(3, 6)))
        _compare(layers_needed, (kernel, 1, field - 1))
        _compare(layers_needed, (kernel, 1, field + 1))


@layers.check(
    STRIDED,
    points=2,
    hint=(
        "Neighbouring outputs of layer l lie stride^l pixels apart.",
        "Layer l adds (kernel - 1) stride^(l - 1) pixels.",
    ),
)
def with_a_stride(layers_needed, rng):
    for kernel, stride in ((3, 2), (5, 2), (3, 3)):
        field = _field(kernel, stride, int(rng.integers(3, 5)))
        _compare(layers_needed, (kernel, stride, field - 1))
        _compare(layers_needed, (kernel, stride, field + 1))


@layers.check(EXACT, points=1, hint="Field >= size is enough; and an image of one pixel needs no layer.")
def as_wide_as_the_image(layers_needed, rng):
    for kernel in (3, 5):
        _compare(layers_needed, (kernel, 1, _field(kernel, 1, int(rng.integers(3, 6)))))
        _compare(layers_needed, (kernel, 1, 1))


def _counting(grow, start=1, enough=lambda field, size: field >= size):
    """An answer that grows a field layer by layer; ``grow(kernel, stride, layer)``, the first layer is 0."""

    def answer(kernel, stride, size):
        field, number = start, 0
        while not enough(field, size) and number < 10_000:
            field, number = field + grow(kernel, stride, number), number + 1
        return number

    return answer


def _right(kernel, stride, layer):
    return (kernel - 1) * stride**layer


def _from_a_logarithm(kernel, stride, size):
    if stride == 1:
        return _needed(kernel, stride, size)
    return int(np.ceil(np.log(1 + (size - 1) * (stride - 1) / (kernel - 1)) / np.log(stride)))


for name, fails, says, answer in (
    (
        "the stride left out",
        STRIDED,
        "This is right for stride 1. With a stride the windows of later layers lie further apart.",
        _counting(lambda k, s, layer: k - 1),
    ),
    (
        "the whole kernel added",
        EVERYTHING,
        "Each layer adds kernel - 1 pixels: one of its pixels is already in the field.",
        _counting(lambda k, s, layer: k * s**layer),
    ),
    (
        "the whole kernel added",
        EVERYTHING,
        "Each layer adds kernel - 1 pixels: one of its pixels is already in the field.",
        _counting(lambda k, s, layer: k * s**layer, start=0),
    ),
    (
        "the stride added in every layer",
        STRIDED,
        "Distances are multiplied by the stride in every layer: stride^l, not l times something.",
        _counting(lambda k, s, layer: (k - 1) * (1 + layer * (s - 1))),
    ),
    (
        "the stride left out, and rounded down",
        (STRIDE_ONE, STRIDED),
        "With a stride the windows of later layers lie further apart; and if a part is still unseen, one layer more is "
        "needed.",
        lambda kernel, stride, size: (size - 1) // (kernel - 1),
    ),
    (
        "as if kernels were odd",
        WHOLE,
        "A kernel adds kernel - 1 pixels, an even one too: it has no middle.",
        _counting(lambda k, s, layer: 2 * ((k - 1) // 2 or 1) * s**layer),
    ),
    (
        "as if kernels were odd",
        WHOLE,
        "A kernel adds kernel - 1 pixels, an even one too: it has no middle.",
        _counting(lambda k, s, layer: 2 * (k // 2) * s**layer),
    ),
    (
        "the stride multiplied once",
        STRIDED,
        "The distance of neighbouring outputs is multiplied by the stride in every layer: stride^l.",
        _counting(lambda k, s, layer: (k - 1) * (s if layer else 1)),
    ),
    (
        "the stride a layer too early",
        STRIDED,
        "The first layer sees kernel pixels side by side, whatever its stride: its windows move by it afterwards.",
        _counting(lambda k, s, layer: (k - 1) * s ** (layer + 1)),
    ),
    (
        "wider than the image",
        EXACT,
        "A field as wide as the image is enough: stop at field >= size.",
        _counting(_right, enough=lambda field, size: field > size),
    ),
    (
        "wider than the image",
        EXACT,
        "A field as wide as the image is enough: stop at field >= size.",
        _counting(_right, enough=lambda field, size: field > size or size == 1),
    ),
    (
        "the number of layers from a logarithm",
        WHOLE,
        "Logarithms are rounded: where a field fits exactly, np.ceil may find one layer too many. Count in a loop.",
        _from_a_logarithm,
    ),
    (
        "one layer too many",
        EVERYTHING,
        "Count again: with no layer the output is its pixel, a field of 1.",
        lambda kernel, stride, size: _counting(_right)(kernel, stride, size) + 1,
    ),
    (
        "rounded down",
        (STRIDE_ONE, STRIDED),
        "With so many layers a part of the image is still unseen: one more is needed.",
        lambda kernel, stride, size: _counting(_right)(kernel, stride, size + 1) - 1,
    ),
    (
        "one layer at least",
        EXACT,
        "An image of one pixel is seen without any layer.",
        lambda kernel, stride, size: max(1, _counting(_right)(kernel, stride, size)),
    ),
    (
        "the kernels multiplied",
        (STRIDE_ONE, STRIDED, EXACT),
        "Fields overlap, so they add up and do not multiply.",
        lambda kernel, stride, size: int(np.ceil(np.log(max(size, 1)) / np.log(kernel) - 1e-9)),
    ),
):
    layers.mistake(name, fails, says)(answer)
