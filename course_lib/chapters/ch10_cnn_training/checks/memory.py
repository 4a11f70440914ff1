"""Exercise 10-5: the memory of a training, foretold."""

import numpy as np

from course_lib.checks.compare import close, several
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, whole

# --- 10-5: shape, layers, batch_size, moments -> (parameter bytes, activation bytes) ---------------------------

memory = Exercise("10-5", "Bytes, foretold", "training_bytes", kind="predict", topics=("training",), profile="torch")

WEIGHTS = "The bytes that do not depend on the batch are right"
MAPS = "The bytes of the activations are right"
NAMES = ("the bytes of the parameters", "the bytes of the activations")


def _shapes(shape, layers, batch_size):
    """``(shapes of the parameters, shapes of the activations)`` of all layers."""
    (channels, height, width), parameters = shape, []
    activations = [(batch_size, *shape)]
    for filters, kernel, pool in layers:
        parameters += [(filters, channels, kernel, kernel), (filters,)]
        activations.append((batch_size, filters, height, width))
        channels, height, width = filters, height // pool, width // pool
        if pool > 1:
            activations.append((batch_size, channels, height, width))
    return parameters, activations


def _by_listing(shape, layers, batch_size, moments):
    """All arrays, listed; each in float32."""
    parameters, activations = _shapes(shape, layers, batch_size)
    kinds = "weights", "gradients", *range(moments)
    return tuple(
        sum(float(np.broadcast_to(np.float32(0), one).nbytes) for one in arrays)
        for arrays in ([one for _ in kinds for one in parameters], activations)
    )


def _network(rng, depth=3, flat=1):
    """``(shape, layers, batch_size, moments)``; sides that pooling does not divide. ``flat``: the place of the one
    layer without it; None: there is none with it.
    """
    channels, height, width, batch_size = different(rng, 4, 2, 12)
    filters = different(rng, depth, 3, 20)
    pools = [1] * depth if flat is None else np.insert(rng.permutation([2, 3]), flat, 1)
    kernels = rng.permutation([1, 3, 5, 7])
    layers = [(n, int(k), int(p)) for n, k, p in zip(filters, kernels, pools, strict=False)]
    return (channels, 13 + height, 17 + width), layers, batch_size, int(rng.integers(1, 3))


def _pair(result):
    """Two results, as an array of two as well."""
    return tuple(result) if isinstance(result, np.ndarray) and result.shape == (2,) else several(result, NAMES)


def _same_bytes(result, expected, given, mine):
    for got, right, name in zip(_pair(result), expected, NAMES, strict=True):
        close(got, right, name)


@memory.check(
    WEIGHTS,
    points=2,
    hint=(
        "For each weight there is its gradient, and what the optimizer keeps: how many numbers?",
        "4 * (2 + moments) * the sum of (kernel * kernel * channels + 1) * filters.",
    ),
)
def bytes_of_the_weights(training_bytes, rng):
    for moments in (0, 1, 2):
        given = *_network(rng, flat=moments)[:3], moments
        close(_pair(training_bytes(*given))[0], _by_listing(*given)[0], NAMES[0])


@memory.check(
    MAPS,
    points=2,
    hint=(
        "Write down the shape after each layer, the batch in front.",
        "The input, each convolution's output before pooling, and each pooled one.",
    ),
)
def bytes_of_the_maps(training_bytes, rng):
    for flat in (0, 2):
        given = _network(rng, flat=flat)
        close(_pair(training_bytes(*given))[1], _by_listing(*given)[1], NAMES[1])


def _networks(rng):
    """Deep and flat networks, none at all, one image, sides that pooling divides and that it does not; layers that are
    equal, and more numbers than float32 counts."""
    deep = (3, 32, 32), [(16, 3, 1), (16, 3, 2), (32, 3, 1), (32, 5, 2), (10, 1, 8)], 128, 2
    large = (3, 223, 227), [(101, 3, 1)] * 3 + [(1021, 5, 3), (2047, 3, 1)], 128, 2
    return [
        _network(rng),
        _network(rng, 2, flat=None),
        deep,
        large,
        ((1, 5, 9), [], 3, 1),
        ((2, 7, 4), [(3, 5, 2)], 1, 0),
    ]


whole(memory, _by_listing, _networks, NAMES, _same_bytes)


def _last(convolved, pooled):
    return (pooled[-1] or convolved[-1]) if convolved else 0


def _counted(
    number=lambda k, c, f: (k * k * c + 1) * f,
    copies=lambda moments: 2 + moments,
    maps=lambda batch, given, conv, pooled: batch * (given + sum(conv) + sum(pooled)),
    size=4,
    same=True,
    side=lambda side, pool: side // pool,
    first=False,
    always=False,
    beside=lambda filters, batch, moments, total: 0,
):
    """An answer that counts with its faults as switches; ``maps``: of the numbers of an image, layer by layer."""

    def answer(shape, layers, batch_size, moments):
        (channels, height, width), total, convolved, pooled = shape, 0, [], []
        for filters, kernel, pool in layers:
            total += number(kernel, channels, filters) if number else (kernel**2 * shape[0] + 1) * filters
            if first:
                height, width = side(height, pool), side(width, pool)
            if not same:
                least = 1 if same is False else -9
                height, width = max(height - kernel + 1, least), max(width - kernel + 1, least)
            convolved.append(filters * height * width)
            if not first:
                height, width = side(height, pool), side(width, pool)
            channels = filters
            pooled.append(int(filters * height * width) if pool > 1 or always else 0)
        given = shape[0] * shape[1] * shape[2]
        kept = maps(batch_size, given, convolved, pooled)
        more = beside([filters for filters, _, _ in layers], batch_size, moments, total)
        return float(size * (copies(moments) * total + more)), float(size * kept)

    return answer


for name, fails, says, switches in (
    ("biases left out", WEIGHTS, "Each filter has a bias, too.", {"number": lambda k, c, f: k * k * c * f}),
    (
        "one channel",
        WEIGHTS,
        "A filter reaches through all channels of its input: kernel * kernel * channels weights.",
        {"number": lambda k, c, f: (k * k + 1) * f},
    ),
    (
        "gradients left out",
        WEIGHTS,
        "Each number that is learned has a gradient of the same size.",
        {"copies": lambda moments: 1 + moments},
    ),
    (
        "the optimizer left out",
        WEIGHTS,
        "The optimizer keeps `moments` numbers for each parameter.",
        {"copies": lambda moments: 2},
    ),
    (
        "the weights alone",
        WEIGHTS,
        "Training needs their gradients and what the optimizer keeps, too.",
        {"copies": lambda moments: 1},
    ),
    (
        "one image",
        MAPS,
        "Activations are kept for every image of the batch.",
        {"maps": lambda m, x, conv, pooled: x + sum(conv) + sum(pooled)},
    ),
    (
        "the input left out",
        MAPS,
        "The gradient of the first layer's weights needs the input: it is kept, too.",
        {"maps": lambda m, x, conv, pooled: m * (sum(conv) + sum(pooled))},
    ),
    (
        "pooled maps left out",
        MAPS,
        "What comes out of pooling goes into the next layer, and is kept, too.",
        {"maps": lambda m, x, conv, pooled: m * (x + sum(conv))},
    ),
    (
        "only what is pooled",
        MAPS,
        "Where there is pooling, the output of the convolution is kept as well: pooling's gradient needs it.",
        {"maps": lambda m, x, conv, pooled: m * (x + sum(p or c for c, p in zip(conv, pooled, strict=True)))},
    ),
    (
        "ReLU counted as well",
        MAPS,
        "The ReLU writes over the convolution's output: count that once.",
        {"maps": lambda m, x, conv, pooled: m * (x + 2 * sum(conv) + sum(pooled))},
    ),
    (
        "no padding",
        MAPS,
        "With padding kernel // 2 a convolution leaves height and width as they are.",
        {"same": None},
    ),
    (
        "pooling before the convolution",
        MAPS,
        "Pooling comes after the convolution, whose output has the size of its input.",
        {"first": True},
    ),
    (
        "pooling in every layer",
        MAPS,
        "Where pool is 1 there is no pooling, and no second output.",
        {"always": True},
    ),
    (
        "rounded at the wrong place",
        MAPS,
        "What does not fill a window is dropped in each direction: height // pool times width // pool.",
        {"side": lambda side, pool: side / pool},
    ),
    (
        "the last output left out",
        MAPS,
        "The last output is kept, too: the loss goes back through it.",
        {"maps": lambda m, x, conv, pooled: m * (x + sum(conv) + sum(pooled) - _last(conv, pooled))},
    ),
    (
        "gradients of the activations as well",
        MAPS,
        "Only what forward leaves for backward was asked for: count each activation once.",
        {"maps": lambda m, x, conv, pooled: 2 * m * (x + sum(conv) + sum(pooled))},
    ),
    (
        "one bias a layer",
        WEIGHTS,
        "Each filter has a bias: as many as there are filters.",
        {"number": lambda k, c, f: k * k * c * f + 1},
    ),
    (
        "a bias for each channel of the input",
        WEIGHTS,
        "A bias belongs to a filter, whatever the channels of its input.",
        {"number": lambda k, c, f: (k * k + 1) * c * f},
    ),
    (
        "a row of the kernel",
        WEIGHTS,
        "A kernel has kernel * kernel places.",
        {"number": lambda k, c, f: (k * c + 1) * f},
    ),
    (
        "the channels of the image in every layer",
        WEIGHTS,
        "The input of a layer has as many channels as the layer before has filters.",
        {"number": None},
    ),
    (
        "gradients of each image",
        WEIGHTS,
        "The gradients of all images are added up: one number for each parameter, whatever the batch.",
        {"copies": lambda moments: 1 + moments, "beside": lambda filters, batch, moments, total: batch * total},
    ),
    (
        "moments of the weights alone",
        WEIGHTS,
        "The optimizer keeps its moments for biases as well.",
        {"beside": lambda filters, batch, moments, total: -moments * sum(filters)},
    ),
    (
        "gradients of the weights alone",
        WEIGHTS,
        "Biases have gradients as well.",
        {"beside": lambda filters, batch, moments, total: -sum(filters)},
    ),
    (
        "gradients only where the optimizer keeps nothing",
        WEIGHTS,
        "Weights, gradients and moments are there at once: 2 + moments numbers for each parameter.",
        {"copies": lambda moments: 1 + moments if moments else 2},
    ),
    (
        "the largest layer",
        MAPS,
        "All activations are kept until backward comes to them: add them up.",
        {"maps": lambda m, x, conv, pooled: m * max([x, *conv])},
    ),
    (
        "no padding",
        MAPS,
        "With padding kernel // 2 a convolution leaves height and width as they are.",
        {"same": False},
    ),
    (
        "rounded up",
        MAPS,
        "What does not fill a window of pooling is dropped: divide with //.",
        {"side": lambda side, pool: -(-side // pool)},
    ),
    (
        "as many moments whatever the optimizer",
        WEIGHTS,
        "The optimizer keeps `moments` numbers for each parameter: none, one or two.",
        {"copies": lambda moments: 4},
    ),
    (
        "as many moments whatever the optimizer",
        WEIGHTS,
        "The optimizer keeps `moments` numbers for each parameter: none, one or two.",
        {"copies": lambda moments: 3},
    ),
    ("8 bytes a number", (WEIGHTS, MAPS), "A float32 has 32 bits, which are 4 bytes.", {"size": 8}),
    ("numbers, not bytes", (WEIGHTS, MAPS), "Each number takes 4 bytes.", {"size": 1}),
    ("bits", (WEIGHTS, MAPS), "These are bits: a byte has 8 of them.", {"size": 32}),
):
    memory.mistake(name, fails, says)(_counted(**switches))


PADDED = "What is kept is the output of a convolution, without the zeros that padding adds for its kernel."


def _kept(kept):
    """An answer that counts the activations as ``kept(shape, layers)``, of one image."""

    def answer(shape, layers, batch_size, moments):
        parameters = _by_listing(shape, layers, batch_size, moments)[0]
        return parameters, float(4 * batch_size * kept(shape, layers))

    return answer


def _with_padding(shape, layers):
    (channels, height, width), total = shape, 0
    for filters, kernel, pool in layers:
        total += channels * (height + kernel - 1) * (width + kernel - 1) + filters * height * width * (pool > 1)
        channels, height, width = filters, height // pool, width // pool
    return total + channels * height * width


def _area_divided(shape, layers):
    channels, area = shape[0], shape[1] * shape[2]
    total = channels * area
    for filters, _, pool in layers:
        total, channels, area = total + filters * area, filters, area // pool**2
        total += channels * area * (pool > 1)
    return total


def _height_alone(shape, layers):
    channels, height, width = shape
    total = channels * height * width
    for filters, _, pool in layers:
        total += filters * height * width
        height = height // pool
        total += filters * height * width * (pool > 1)
    return total


for name, says, kept in (
    ("padding is kept as well", PADDED, _with_padding),
    (
        "rounded at the wrong place",
        "What does not fill a window is dropped in each direction: height // pool times width // pool.",
        _area_divided,
    ),
    ("pooled in one direction", "Windows are pool x pool: height and width are both divided.", _height_alone),
):
    memory.mistake(name, MAPS, says)(_kept(kept))
