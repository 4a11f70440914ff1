"""The whole of each exercise of chapter 1: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch01_backprop.checks.derivatives import dual, numerical
from course_lib.chapters.ch01_backprop.checks.layers import (
    DELTAS,
    ENTROPY,
    LINEAR,
    cross_entropy,
    deltas,
    driven,
    linear,
)
from course_lib.checks.calls import Spy
from course_lib.checks.compare import Wrong, close
from course_lib.checks.whole import different, either_sign, signs, whole, wide


def _linear(x, weight, bias, d_y):
    y = np.einsum("bi,oi->bo", x, weight) + bias
    return y, np.einsum("bo,oi->bi", d_y, weight), np.einsum("bo,bi->oi", d_y, x), np.einsum("bo->o", d_y)


def _linear_cases(rng):
    batch, fan_in, fan_out, *others = different(rng, 5)
    sizes = (batch, fan_in, fan_out), (1, *others), (others[0], 1, batch), (fan_out, others[1], 1)
    sizes += (batch, fan_in, batch), (fan_in, fan_in, fan_in), (75, 2, 3)
    return [(wide(rng, b, i), wide(rng, o, i), wide(rng, o), wide(rng, b, o)) for b, i, o in sizes]


def _cross_entropy(scores, target):
    """Row by row, through the largest score of the row."""
    losses, slopes = [], []
    for s, t in zip(scores, target, strict=True):
        log_p = s - s.max() - np.log(np.sum(np.exp(s - s.max())))
        losses.append(-t @ log_p)
        slopes.append((np.exp(log_p) - t) / len(scores))
    return np.mean(losses), np.array(slopes)


def _scores_cases(rng):
    """Soft targets and hard ones, ties, rows that lie two thousand apart from each other, confident mistakes, one class
    alone, and scores that are all far below 0."""
    batch, classes, other = different(rng, 3, 3)
    soft = rng.dirichlet(np.ones(classes), batch)
    hard = np.eye(other)[rng.integers(other, size=classes)]
    far = wide(rng, classes, other) + np.linspace(-1000, 1000, classes)[:, None]
    tied = np.tile(wide(rng, 1, 1), (1, batch))
    sure = np.array([[-800.0, 0, 900]]) + wide(rng, 2, 3), np.array([[1.0, 0, 0], [0, 0.5, 0.5]])
    many = wide(rng, 75, other), np.eye(other)[rng.integers(other, size=75)]
    square = wide(rng, other, other), rng.dirichlet(np.ones(other), other)
    tie = tied, rng.dirichlet(np.ones(batch), 1)
    alone = wide(rng, other, 1), np.ones((other, 1))
    return [
        (wide(rng, batch, classes), soft),
        (far, hard),
        tie,
        sure,
        alone,
        many,
        square,
        (wide(rng, *soft.shape) - 1500, soft),
    ]


def _deltas(x, weight1, weight2, target):
    """Sample by sample, unit by unit."""
    delta1, delta2 = [], []
    for sample, wanted in zip(x, target, strict=True):
        f1 = np.tanh(weight1 @ sample)
        f2 = np.tanh(weight2 @ f1)
        delta2.append([(f - t) * (1 - f * f) for f, t in zip(f2, wanted, strict=True)])
        delta1.append([weight2[:, i] @ delta2[-1] * (1 - f1[i] ** 2) for i in range(len(f1))])
    delta1, delta2 = np.array(delta1), np.array(delta2)
    return delta1, delta2, np.einsum("bj,bi->ji", delta1, x), np.einsum("bj,bi->ji", delta2, np.tanh(x @ weight1.T))


def _beyond(x, weight1, weight2, target):
    """The same with targets that no tanh reaches."""
    return x, weight1, weight2, 3 * target + np.sign(target)


def _saturated(rng, batch, fan_in, hidden, fan_out, most):
    """A net with units, hidden ones and at the top, that are driven as far as ``most``."""
    shapes = (batch, fan_in), (hidden, fan_in), (fan_out, hidden)
    x, weight1, weight2 = (either_sign(rng, 0.2, 2.0, shape) for shape in shapes)
    x = driven(x, weight1, most)
    return x, weight1, driven(weight2, np.tanh(x @ weight1.T), most), rng.uniform(-1, 1, (batch, fan_out))


def _network_cases(rng):
    b, i, _, o = different(rng, 4)
    sizes = different(rng, 4), (1, *different(rng, 3)), (b, i, 1, o), (i, o, b, 1), (i, i, i, i), (75, 2, 3, 2)
    nets = [
        (wide(rng, b, i) / 3, wide(rng, h, i) / 3, wide(rng, o, h) / 3, rng.uniform(-1, 1, (b, o)))
        for b, i, h, o in sizes
    ]
    return [*nets, _beyond(*nets[0]), *(_saturated(rng, *sizes[0], most) for most in (7.0, 1000.0))]


def _dual(x, y, function, slope):
    value = x[0] * y[0]
    return np.array([function(value), (x[0] * y[1] + y[0] * x[1]) * slope(value)])


def _dual_cases(rng):
    """A function that falls in places; primals and tangents that are 0; two arguments that are the same."""
    cases = []
    for x, y in (((1, 1), (1, 1)), ((1, 1), (1, 1)), ((0, 1), (1, 1)), ((1, 0), (1, 0)), ((1, 0), (1, 1))):
        a, b, c = rng.uniform(0.5, 2, 3)
        function = Spy(lambda s, a=a, b=b, c=c: a * np.cos(s) - b * s + c)
        slope = Spy(lambda s, a=a, b=b: -a * np.sin(s) - b)
        numbers = either_sign(rng, 0.3, 3, (2, 2))
        cases.append((numbers[0] * x, numbers[1] * y, function, slope))
    x, _, *curve = cases[0]
    return [*cases, (x, x.copy(), *curve)]


def _by_its_slope(result, expected, given, mine):
    close(result, expected, "the dual number")
    if any(point.size > 1 for curve in given[2:] for point in curve.asked):
        raise Wrong("function and slope are asked for one number at a time.", got=result)
    if not given[3].asked:
        raise Wrong("The tangent does not come from slope, which was never asked.", got=result)


def _numerical(theta, function, h):
    def ahead(i, way):
        point = np.array(theta)
        point[i] += way * h
        return function(point)

    return np.array([(ahead(i, 1) - ahead(i, -1)) / 2 / h for i in range(theta.size)])


def _curve_cases(rng):
    """Surfaces with third derivatives and mixed terms, a coordinate that is 0; steps from a thousandth to one half, of
    a ten-millionth beside a kink, and far smaller ones where nothing but the third derivative is left."""
    cases = []
    for n, h in zip((1, *different(rng, 2)), (rng.uniform(0.3, 0.5), 1e-3, rng.uniform(0.05, 0.2)), strict=True):
        mixed, cube = rng.normal(size=(n, n)), wide(rng, n) + 0.1
        function = Spy(lambda theta, mixed=mixed, cube=cube: theta @ mixed @ theta + cube @ theta**3)
        theta = either_sign(rng, 0.05, 2.5, n)
        theta[1:2] = 0.0
        theta[0] = rng.uniform(1.5, 3.0) * rng.choice([-1, 1])  # a step must not grow with theta
        cases.append((rng.permutation(theta), function, h))
    slope = np.array([0.0, *either_sign(rng, 1, 2, 2)])  # no difference in the first coordinate
    steep = 1e18 * either_sign(rng, 1, 2, 2)
    cases.append((np.zeros(2), Spy(lambda theta: steep @ theta**3), 1e-9))
    flat = 5e-7 * either_sign(rng, 1, 2, 3)
    cases.append((either_sign(rng, 0.5, 2.0, 3), Spy(lambda theta: flat @ theta), 0.1))
    return [*cases, (3e-7 * signs(rng, 3), Spy(lambda theta: slope @ np.abs(theta)), 1e-7)]


whole(linear, _linear, _linear_cases, LINEAR)
whole(cross_entropy, _cross_entropy, _scores_cases, ENTROPY)
whole(deltas, _deltas, _network_cases, DELTAS)
whole(dual, _dual, _dual_cases, agree=_by_its_slope, again=True)
whole(numerical, _numerical, _curve_cases, ("the gradient",), rtol=1e-7, atol=1e-8)
