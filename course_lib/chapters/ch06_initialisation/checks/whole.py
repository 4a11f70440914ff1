"""The whole of each exercise of chapter 6: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import fresh, he, xavier
from course_lib.chapters.ch06_initialisation.checks.variance import NAMES, backward, break_symmetry, forward, predict
from course_lib.checks.compare import Wrong, close
from course_lib.checks.statistics import (
    centred,
    has_variance,
    independent,
    is_distributed,
    uses_the_generator,
    weights,
)
from course_lib.checks.whole import as_whole, different, whole

NUMBERS = 6600  # of weights in a draw: a standard deviation to 0.9 %


def _predict(weight_variances, widths, activation):
    keep = {"linear": 1.0, "relu": 0.5}[activation]
    return forward(weight_variances, widths, keep), backward(weight_variances, widths, keep)


def _layer_cases(rng):
    """Networks of several depths, the shallowest and deep ones, with both activations."""
    depths = *different(rng, 2, 3, 8), 1, 12
    kinds = rng.permutation(["linear", "relu", "relu", "linear"])
    return [
        (rng.uniform(0.01, 0.5, depth), rng.integers(1, 60, depth + 1), str(kind))
        for depth, kind in zip(depths, kinds, strict=True)
    ]


def _fans(rng):
    """``(fan_in, fan_out)`` of a wide layer and of a tall one, far from square."""
    long, short = int(rng.integers(220, 260)), int(rng.integers(25, 35))
    return (long, NUMBERS // long), (short, NUMBERS // short)


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
    for distribution in ("normal", "uniform"):
        uses_the_generator(lambda generator, kind=distribution: weights(function(8, 5, generator, kind), (5, 8)))
        weights(function(1, 1, fresh(rng), distribution), (1, 1))


def _he(fan_in, fan_out, rng, slope):
    return rng.standard_normal((fan_out, fan_in)) / (fan_in * (1 + slope * slope) / 2) ** 0.5


@as_whole(he, _he)
def all_of_he(function, rng):
    slopes = rng.permutation([0.0, rng.uniform(0.2, 0.6)]), [rng.uniform(0.8, 1.5), -rng.uniform(0.3, 0.9)]
    for fans, pair in zip(_fans(rng), slopes, strict=True):
        for slope in pair:
            _judge(function(*fans, fresh(rng), float(slope)), fans, 2 / ((1 + slope**2) * fans[0]), "normal")
    uses_the_generator(lambda generator: weights(function(8, 5, generator, 0.1), (5, 8)))
    weights(function(1, 1, fresh(rng), 0.1), (1, 1))


def _shares(w_out):
    shares = 2.0 ** np.arange(w_out.shape[1])
    return w_out * (shares / np.mean(shares))


@as_whole(break_symmetry, _shares)
def all_of_the_symmetry(function, rng):
    outputs, units, more = different(rng, 3, 3)
    for size, scale in (((outputs, units), 1.0), ((1, 3), 1e-3), ((units, more), 1e3), ((2, units), 1.0)):
        column = scale * rng.uniform(0.5, 2.0, (size[0], 1)) * rng.choice([-1, 1], (size[0], 1))
        column[1:2] = 0.0  # an output that these units say nothing to
        w_out = np.repeat(column, size[1], axis=1)
        new = weights(function(w_out), size)
        apart = np.abs(new[:, :, None] - new[:, None, :]).max(axis=0) + np.eye(size[1]) * scale
        if apart.min() < 1e-6 * np.abs(new).max():
            raise Wrong("Two units, at least, have the same outgoing weights: they stay tied.", got=new)
        close(new.sum(axis=1) / scale, w_out.sum(axis=1) / scale, "the sum of each row, in units of the weights,")


whole(predict, _predict, _layer_cases, NAMES, again=True)
