"""Exercise 06-7: the weights of a network with two faults that come together, to be mended."""

from itertools import pairwise

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import different, whole

HIDDEN = "Layers with a ReLU keep the mean square of what comes in"
LAST = "The last layer, which has no ReLU, keeps it, too"
PURE = "The arrays that were given are left as they were"
ALL_FAIL = (HIDDEN, LAST, NAMED, PURE)

MENU = {
    "fan_out in place of fan_in": "that alone would be right where layers are as wide as what comes in.",
    "a ReLU's 2 in the last layer": "that alone would leave all layers but the last one right.",
    "fan_out, and a ReLU's 2 in the last layer": "then only layers that are square and have a ReLU are right.",
    "variance in place of deviation": "then weights would be far too small in wide layers, square ones too.",
    "a mean that is not 0": "then outputs would drift, whatever the variance.",
}
scaled = Debug(
    "06-7",
    "Weights, mended",
    "scaled_weights",
    topics=TOPICS,
    menu=MENU,
    fault="fan_out, and a ReLU's 2 in the last layer",
)


def _noise(rng, *widths):
    """Standard normal numbers for a network of these widths: ``[(n_1, n_0), (n_2, n_1), ...]``."""
    return [rng.normal(size=(after, before)) for before, after in pairwise(widths)]


def _unit_by_unit(noise):
    """Each row scaled so that inputs of mean square 1 give 2 before a ReLU, and 1 where none follows."""
    weights = []
    for number, layer in enumerate(noise, start=1):
        wanted = 1.0 if number == len(noise) else 2.0
        weights.append(np.array([row * (wanted / len(row)) ** 0.5 for row in layer]))
    return weights


def _listed(result, count):
    """The layers of a result, one for each of them."""
    return several(result, [f"layer {number + 1}" for number in range(count)])


def _compare(result, noise, layers):
    got, right = _listed(result, len(noise)), _unit_by_unit(noise)
    for number in layers:
        close(got[number], right[number], f"the weights of layer {number + 1}")


@scaled.check(
    HIDDEN,
    points=2,
    hint=(
        "A unit sums over what comes in: n_in terms. Which axis of the weights is that?",
        "Row i holds the weights into unit i: fan_in is layer.shape[1], (6.6).",
    ),
)
def hidden(scaled_weights, rng):
    a, b, c, d = sorted(different(rng, 4, 3, 9))  # of 2 / 2 the root is 1, too
    noise = _noise(rng, b, d, a, c)  # wider, then narrower
    _compare(scaled_weights([layer.copy() for layer in noise]), noise, (0, 1))


@scaled.check(LAST, points=1, hint="What stands behind the last layer, and what does that let through? (6.4)")
def last(scaled_weights, rng):
    width = int(rng.integers(4, 9))
    noise = _noise(rng, 3, width, width)
    _compare(scaled_weights([layer.copy() for layer in noise]), noise, (1,))


def _networks(rng):
    """Deep ones and a single layer, all widths different, one unit, one input; layers of the same shape."""
    a, b, c, d = different(rng, 4, 3, 9)
    widths = (a, b, c, d), (d, a), (1, b, 1), (c, 1, a, b, d, c), (a, b, a, b), (c, c, c, c)
    return [(_noise(rng, *each),) for each in widths]


def _same(result, expected, given, mine):
    got = _listed(result, len(expected))
    for number, right in enumerate(expected):
        close(got[number], right, f"the weights of layer {number + 1}")


whole(scaled, _unit_by_unit, _networks, agree=_same, again=True)
scaled.names_the_fault(points=1)


@scaled.check(PURE, points=1, hint="layer *= ... writes into the array that was given.", aside=True)
def noise_stays(scaled_weights, rng):
    leaves_inputs_alone(scaled_weights, _noise(rng, 3, 5, 2), other=(_noise(rng, 3, 5, 2),))


@scaled.handed_out(ALL_FAIL)
def two_faults(noise):
    weights = []
    for layer in noise:
        fan_in = len(layer)
        weights.append(layer * np.sqrt(2 / fan_in))
    return weights


def _made(hidden=lambda n_in, n_out: (2 / n_in) ** 0.5, last=lambda n_in, n_out: (1 / n_in) ** 0.5):
    """An answer that multiplies layers by ``hidden``, and the last one by ``last``, of fan_in and fan_out."""

    def answer(noise):
        *others, end = noise
        factors = [hidden(*layer.shape[::-1]) for layer in others] + [last(*end.shape[::-1])]
        return [factor * layer for factor, layer in zip(factors, noise, strict=True)]

    return answer


for name, fails, says, switches in (
    (
        "fan_out in place of fan_in",
        HIDDEN,
        "len(layer) counts its units. Each of them sums over layer.shape[1] inputs.",
        {"hidden": lambda n, m: (2 / m) ** 0.5, "last": lambda n, m: (1 / m) ** 0.5},
    ),
    (
        "the 2 left out",
        HIDDEN,
        "Behind a ReLU half of the square is left: 2 / fan_in.",
        {"hidden": lambda n, m: (1 / n) ** 0.5},
    ),
    (
        "the larger of both fans",
        HIDDEN,
        "A unit sums over what comes in, fan_in, also where its layer is wider than that.",
        {"hidden": lambda n, m: (2 / max(n, m)) ** 0.5, "last": lambda n, m: (1 / max(n, m)) ** 0.5},
    ),
    (
        "the mean of both fans",
        HIDDEN,
        "That is Xavier's compromise. Here the signal forward is to be kept.",
        {"hidden": lambda n, m: (4 / (n + m)) ** 0.5},
    ),
    (
        "the variance in hidden layers",
        HIDDEN,
        "Noise is multiplied by the deviation, the root of the variance.",
        {"hidden": lambda n, m: 2 / n},
    ),
    ("a gain of 2", HIDDEN, "The gain of a ReLU is the root of 2.", {"hidden": lambda n, m: 2 / n**0.5}),
    (
        "a ReLU's 2 in the last layer",
        LAST,
        "No ReLU follows the last layer, which halves nothing: 1 / fan_in.",
        {"last": lambda n, m: (2 / n) ** 0.5},
    ),
    (
        "the last layer as it was drawn",
        LAST,
        "The last layer sums over fan_in inputs, too.",
        {"last": lambda n, m: 1.0},
    ),
    (
        "half in the last layer",
        LAST,
        "Nothing is doubled behind the last layer: 1 / fan_in.",
        {"last": lambda n, m: (0.5 / n) ** 0.5},
    ),
    ("the variance in the last layer", LAST, "Take the root: the deviation.", {"last": lambda n, m: 1 / n}),
    (
        "variances in place of deviations",
        ALL_FAIL,
        "Noise is multiplied by the deviation, the root of the variance.",
        {"hidden": lambda n, m: 2 / n, "last": lambda n, m: 1 / n},
    ),
    (
        "divided by the deviation",
        ALL_FAIL,
        "Wide layers need small weights: multiply by the root of 2 / fan_in.",
        {"hidden": lambda n, m: (n / 2) ** 0.5, "last": lambda n, m: n**0.5},
    ),
):
    scaled.mistake(name, fails, says)(_made(**switches))


def _other_factors(factors):
    def answer(noise):
        gains = [2] * (len(noise) - 1) + [1]
        return [factor * layer for factor, layer in zip(factors(noise, gains), noise, strict=True)]

    return answer


for name, fails, says, factors in (
    (
        "divided by the number of weights",
        ALL_FAIL,
        "layer.size counts all weights of the layer. Each unit sums over layer.shape[1] inputs.",
        lambda noise, gains: [(gain / layer.size) ** 0.5 for layer, gain in zip(noise, gains, strict=True)],
    ),
    (
        "fan_in of the first layer for all",
        ALL_FAIL,
        "Each layer has a fan_in of its own, layer.shape[1].",
        lambda noise, gains: [(gain / noise[0].shape[1]) ** 0.5 for gain in gains],
    ),
    (
        "no 2 in the last two layers",
        HIDDEN,
        "A ReLU stands behind all layers but the last: the last but one has the 2.",
        lambda noise, gains: [
            ((gain if k < len(noise) - 2 else 1) / layer.shape[1]) ** 0.5
            for k, (layer, gain) in enumerate(zip(noise, gains, strict=True))
        ],
    ),
    (
        "Xavier's in the last layer",
        WHOLE,
        "2 / (fan_in + fan_out) is Xavier's compromise: here the signal forward is to be kept, by 1 / fan_in.",
        lambda noise, gains: [
            ((2 / sum(layer.shape)) if k == len(noise) - 1 else gain / layer.shape[1]) ** 0.5
            for k, (layer, gain) in enumerate(zip(noise, gains, strict=True))
        ],
    ),
    (
        "a single layer taken for a hidden one",
        WHOLE,
        "A network of one layer has no ReLU: its only layer is the last one.",
        lambda noise, gains: [
            ((gain if len(noise) > 1 else 2) / layer.shape[1]) ** 0.5 for layer, gain in zip(noise, gains, strict=True)
        ],
    ),
    (
        "the last layer known by its shape",
        WHOLE,
        "Layers before the last may have its shape, and a ReLU behind them: know the last one by its place.",
        lambda noise, gains: [
            ((1 if layer.shape == noise[-1].shape else 2) / layer.shape[1]) ** 0.5 for layer in noise
        ],
    ),
    (
        "the sum of both fans",
        ALL_FAIL,
        "fan_in alone stands below the line: fan_in + fan_out is Xavier's.",
        lambda noise, gains: [(gain / sum(layer.shape)) ** 0.5 for layer, gain in zip(noise, gains, strict=True)],
    ),
    (
        "the 2 in the last layer only",
        ALL_FAIL,
        "It is the other way round: a ReLU, and so a 2, belongs to all layers but the last.",
        lambda noise, gains: [
            ((2 if k == len(noise) - 1 else 1) / layer.shape[1]) ** 0.5 for k, layer in enumerate(noise)
        ],
    ),
):
    scaled.mistake(name, fails, says)(_other_factors(factors))


@scaled.mistake(
    "scaled by the measured deviation",
    ALL_FAIL,
    "The noise has the deviation 1, but for chance: divided by what was measured it would not be random any more.",
)
def scaled_by_the_measured_deviation(noise):
    return [scaled / layer.std() for scaled, layer in zip(_made()(noise), noise, strict=True)]


@scaled.mistake(
    "the last layer but one taken for the last",
    (HIDDEN, LAST, NAMED, PURE),
    "Counted from 1, the last layer has the number len(noise).",
)
def the_last_layer_but_one_taken_for_the_last(noise):
    weights = []
    for number, layer in enumerate(noise, start=1):
        gain = 1 if number == len(noise) - 1 else 2
        weights.append(layer * np.sqrt(gain / layer.shape[1]))
    return weights
