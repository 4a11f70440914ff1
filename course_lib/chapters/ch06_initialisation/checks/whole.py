"""The whole of each exercise of chapter 6: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import fresh, he, xavier
from course_lib.chapters.ch06_initialisation.checks.variance import NAMES, backward, break_symmetry, forward, predict
from course_lib.checks.compare import Wrong, close
from course_lib.checks.facts import telling
from course_lib.checks.statistics import (
    centred,
    has_variance,
    independent,
    is_distributed,
    uses_the_generator,
    weights,
)
from course_lib.checks.whole import as_whole, different, either_sign, whole

NUMBERS = 6600  # of weights in a draw: a standard deviation to 0.9 %
SMALL = (1, 36), (3, 12), (4, 9), (6, 6), (9, 4), (2, 18), (36, 1)  # fans with odd and even sums, all of 36 weights

MEAN_DOWN = (
    "the mean of the fans rounded down",
    "Half of an odd number is no whole one: 2 / (fan_in + fan_out), with / in place of //.",
)
FAN_DOWN = (
    "half of fan_in rounded down",
    "Half of an odd number is no whole one: 2 / ((1 + slope^2) * fan_in), with / in place of //.",
)


def _predict(weight_variances, widths, activation):
    keep = {"linear": 1.0, "relu": 0.5}[activation]
    return forward(weight_variances, widths, keep), backward(weight_variances, widths, keep)


def _layer_cases(rng):
    """Networks of several depths, the shallowest and deep ones, and of layers that are equally wide; both activations.

    The product of all widths of the deepest fits in no whole number of 64 bits. In one layer all weights are 0.
    """
    one, other = (int(n) for n in rng.permutation(np.arange(5, 30))[:2])
    widths = [rng.integers(1, 60, depth + 1) for depth in (*different(rng, 2, 3, 8), 1)]
    widths += [rng.integers(1, 30, 13), np.array([one, one, other, one, one]), np.full(6, other)]
    kinds = [*rng.permutation(["linear", "relu", "relu", "linear"]), "relu", "relu"]
    cases = [(rng.uniform(0.01, 0.5, len(n) - 1), n, str(kind)) for n, kind in zip(widths, kinds, strict=True)]
    deep = rng.integers(480, 560, 17)
    cases.append((rng.uniform(1.5, 2.5, 16) / 512, deep, "relu"))
    cases += [(rng.uniform(0.01, 0.5, 1), rng.integers(2, 60, 2), kind) for kind in ("linear", "relu")]
    return [*cases, (np.array([0.1, 0.3, 0.0, 0.2, 0.1]), rng.integers(5, 30, 6), "linear")]


def _fans(rng):
    """``(fan_in, fan_out)`` of a wide layer and of a tall one, far from square, of a square one, and of ones with two
    inputs and with thousands."""
    long, short = int(rng.integers(220, 260)), int(rng.integers(25, 35))
    return (long, NUMBERS // long), (short, NUMBERS // short), (80, 80), (2, NUMBERS // 2), (NUMBERS // 3, 3)


def _in_proportion(drawn, variances, name, says, others):
    """Raise ``Wrong`` where layers drawn by generators in one state are multiples of each other, but not by the roots
    of their variances.

    In small layers chance hides a wrong variance; but who draws as many numbers from the same state gets the same ones,
    and all that can differ is their size and order. Of a layer that is no multiple of the first nothing is said.
    ``name`` and ``says`` are those of a mistake that leads to the variances ``others``.
    """
    first, *layers = [np.sort(weights, axis=None) for weights in drawn]
    sizes = np.array([layer.std() / first.std() for layer in layers])
    right, mistaken = (np.sqrt(np.array(each[1:]) / each[0]) for each in (variances, others))
    judged = [np.allclose(layer, size * first, atol=0) for layer, size in zip(layers, sizes, strict=True)]
    with telling(np.allclose(sizes, mistaken), name, says):
        close(np.where(judged, sizes, right), right, "the spread in small layers, in units of that in the first,")


def _judge(got, fans, variance, distribution):
    got = weights(got, fans[::-1])
    has_variance(got, variance, distribution)
    is_distributed(got, distribution)
    centred(got)
    independent(got)


def _xavier(fan_in, fan_out, rng, distribution):
    spread = (2 / (fan_in + fan_out)) ** 0.5
    draw = rng.standard_normal if distribution == "normal" else lambda size: (2 * rng.random(size) - 1) * 3**0.5
    return spread * draw((fan_out, fan_in))


@as_whole(xavier, _xavier)
def all_of_xavier(function, rng):
    for fans in _fans(rng):
        for distribution in ("normal", "uniform"):
            _judge(function(*fans, fresh(rng), distribution), fans, 2 / sum(fans), distribution)
    state = int(rng.integers(2**62))
    for distribution in ("normal", "uniform"):
        uses_the_generator(lambda generator, kind=distribution: weights(function(8, 5, generator, kind), (5, 8)))
        weights(function(1, 1, fresh(rng), distribution), (1, 1))
        drawn = [weights(function(*fans, np.random.default_rng(state), distribution), fans[::-1]) for fans in SMALL]
        _in_proportion(drawn, [2 / sum(fans) for fans in SMALL], *MEAN_DOWN, [1 / (sum(fans) // 2) for fans in SMALL])


def _he(fan_in, fan_out, rng, slope):
    return rng.standard_normal((fan_out, fan_in)) / (fan_in * (1 + slope * slope) / 2) ** 0.5


@as_whole(he, _he)
def all_of_he(function, rng):
    slopes = (
        rng.permutation([0.0, rng.uniform(0.65, 0.8)]),
        [rng.uniform(0.8, 1.5), -rng.uniform(0.3, 0.9)],
        [0.0],
        [0.5],
        [0.0],
    )
    for fans, pair in zip(_fans(rng), slopes, strict=True):
        for slope in pair:
            _judge(function(*fans, fresh(rng), float(slope)), fans, 2 / ((1 + slope**2) * fans[0]), "normal")
    state = int(rng.integers(2**62))
    layers = [(fans, float(slope)) for fans, slope in zip(SMALL[1:], (0.0, 1.0, 0.01, 0.1, -0.5, 3.0), strict=True)]
    drawn = [weights(function(*fans, np.random.default_rng(state), slope), fans[::-1]) for fans, slope in layers]
    spreads = [[2 / ((1 + slope**2) * half(fans[0])) for fans, slope in layers] for half in (float, lambda n: n // 2)]
    _in_proportion(drawn, spreads[0], *FAN_DOWN, spreads[1])
    uses_the_generator(lambda generator: weights(function(8, 5, generator, 0.1), (5, 8)))
    weights(function(1, 1, fresh(rng), 0.1), (1, 1))


def _offsets(w_out):
    units = w_out.shape[1]
    return w_out + [k - (units - 1) / 2 for k in range(units)]


@as_whole(break_symmetry, _offsets)
def all_of_the_symmetry(function, rng):
    """Few units and many, weights of all sizes, outputs to which the units say nothing."""
    outputs, units, more = different(rng, 3, 3)
    sizes = (
        ((outputs, units), 1.0),
        ((1, 3), 1e-3),
        ((units, more), 1e3),
        ((2, units), 1.0),
        ((3, 12), 1.0),
        ((2, 70), 1.0),
    )
    for size, scale, silent in (*((*each, 1) for each in sizes), ((4, 4), 1.0, 0)):
        column = scale * either_sign(rng, 0.5, 2.0, (size[0], 1))
        column[silent : silent + 1] = 0.0
        w_out = np.repeat(column, size[1], axis=1)
        new = weights(function(w_out), size)
        apart = np.abs(new[:, :, None] - new[:, None, :]).max(axis=0) + np.eye(size[1]) * scale
        if apart.min() <= 1e-6 * np.abs(new).max():
            raise Wrong("Two units, at least, have the same outgoing weights: they stay tied.", got=new)
        close(new.sum(axis=1) / scale, w_out.sum(axis=1) / scale, "the sum of each row, in units of the weights,")


whole(predict, _predict, _layer_cases, NAMES, again=True)
