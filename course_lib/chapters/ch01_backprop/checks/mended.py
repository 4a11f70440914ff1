"""Exercise 01-7: back through a layer and the way around it, with two faults that come together, to be mended."""

import numpy as np

from course_lib.chapters.ch01_backprop.checks.layers import PURE, PURE_HINT, TOPICS, driven
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import different, either_sign, whole, wide

MERGED = "At x = 0 both paths bring their share of d_x"
WEIGHTS = "The gradients of both weights are right away from 0"
ALL_FAIL = (MERGED, WEIGHTS, NAMED, PURE)
NAMES = ("d_x", "d_weight1", "d_weight2")

MENU = {
    "a path is lost": "that alone would leave the gradients of the weights right.",
    "slope at the wrong place": "that alone would be right at x = 0.",
    "a path is lost, and slope at the wrong place": "then d_x is wrong everywhere, and d_weight1 away from 0.",
    "weights are exchanged": "then nothing would fit together, with layers of different widths.",
    "a mean in place of a sum": "then everything would be too small by the size of the batch.",
}
backward = Debug(
    "01-7",
    "Back around a layer, mended",
    "residual_backward",
    topics=TOPICS,
    menu=MENU,
    fault="a path is lost, and slope at the wrong place",
)


def _paths(x, weight1, weight2, d_y):
    """``(f, what comes back to s1 before the slope)``."""
    return np.tanh(x @ weight1.T), d_y @ weight2


def _sample_by_sample(x, weight1, weight2, d_y):
    """All Jacobians of y = x + weight2 tanh(weight1 x), formed for each sample."""
    d_x, d_weight1, d_weight2 = np.zeros(x.shape), np.zeros(weight1.shape), np.zeros(weight2.shape)
    for k, (row, d) in enumerate(zip(x, d_y, strict=True)):
        f = np.tanh(weight1 @ row)
        inner = weight2 @ np.diag(1 - f**2)
        d_x[k] = d @ (np.eye(len(row)) + inner @ weight1)
        d_weight1 += np.outer(d @ inner, row)
        d_weight2 += np.outer(d, f)
    return d_x, d_weight1, d_weight2


def _net(rng, batch=4, n=3, hidden=5):
    """``(x, weight1, weight2, d_y)``."""
    return tuple(rng.normal(size=shape) for shape in ((batch, n), (hidden, n), (n, hidden), (batch, n)))


@backward.check(
    MERGED,
    points=1,
    hint=(
        "x goes two ways: through the layer, and around it. What does (1.12) do with the two deltas?",
        "d_x = d_y + delta1 @ weight1",
    ),
)
def both_paths(residual_backward, rng):
    x, *rest = _net(rng)
    close(several(residual_backward(0 * x, *rest), NAMES)[0], _sample_by_sample(0 * x, *rest)[0], "d_x")


@backward.check(
    WEIGHTS,
    points=2,
    hint=(
        "tanh'(s) = 1 - tanh(s)^2: which of the two does the code square?",
        "delta1 = (d_y @ weight2) * (1 - f1**2)",
    ),
)
def both_weights(residual_backward, rng):
    x, weight1, *rest = _net(rng)
    for given in ((x, weight1, *rest), (driven(x, weight1, 6.0), weight1, *rest)):
        got, right = several(residual_backward(*given), NAMES), _sample_by_sample(*given)
        for place in (2, 1):
            close(got[place], right[place], NAMES[place])


def _nets(rng):
    """All widths different, and as many units as numbers; one sample and many, one number a sample, one unit; zeros
    among the numbers; units that are saturated in part and wholly; a second weight of 0."""
    batch, n, hidden, more = different(rng, 4, 2, 8)
    sizes = (batch, n, hidden), (1, more, n), (more, 1, hidden), (batch, hidden, 1), (batch, n, n), (n, batch, hidden)
    shapes = [((b, n), (h, n), (n, h), (b, n)) for b, n, h in sizes]
    nets = [tuple(wide(rng, *shape) / 2 for shape in one) for one in shapes]
    for most in (7.0, 1000.0):
        x, *rest = (either_sign(rng, 0.2, 2.0, shape) for shape in shapes[0])
        nets.append((driven(x, rest[0], most), *rest))
    x, weight1, weight2, d_y = nets[0]
    return [*nets, (x, weight1, 0 * weight2, d_y)]


whole(backward, _sample_by_sample, _nets, NAMES, again=True)
backward.names_the_fault(points=1)


@backward.check(PURE, points=1, hint=PURE_HINT, aside=True)
def net_stays(residual_backward, rng):
    leaves_inputs_alone(residual_backward, *_net(rng), other=_net(rng))


@backward.handed_out(ALL_FAIL)
def two_faults(x, weight1, weight2, d_y):
    s1 = x @ weight1.T
    f1 = np.tanh(s1)
    d_weight2 = d_y.T @ f1
    d_x = d_y
    delta1 = (d_y @ weight2) * (1 - s1**2)
    d_weight1 = delta1.T @ x
    d_x = delta1 @ weight1
    return d_x, d_weight1, d_weight2


def _made(
    slope=lambda f, s: 1 - f**2,
    merge=lambda around, through: around + through,
    first=lambda delta, x: delta.T @ x,
    second=lambda d_y, f, s: d_y.T @ f,
):
    """An answer with its faults as switches."""

    def answer(x, weight1, weight2, d_y):
        s = x @ weight1.T
        f = np.tanh(s)
        delta = (d_y @ weight2) * slope(f, s)
        return merge(d_y, delta @ weight1), first(delta, x), second(d_y, f, s)

    return answer


for name, fails, says, switches in (
    (
        "the path around is lost",
        MERGED,
        "d_x is assigned twice, and the second one wipes out the first: add the two.",
        {"merge": lambda around, through: through},
    ),
    (
        "the path through is lost",
        MERGED,
        "x goes through the layer as well: add what comes back there.",
        {"merge": lambda around, through: around + 0 * through},
    ),
    (
        "the path around counted twice",
        MERGED,
        "x goes around the layer once.",
        {"merge": lambda around, through: 2 * around + through},
    ),
    (
        "the paths subtracted",
        MERGED,
        "Where paths meet their deltas are added.",
        {"merge": lambda around, through: around - through},
    ),
    (
        "the mean of the paths",
        MERGED,
        "Where paths meet their deltas are added, not averaged.",
        {"merge": lambda around, through: (around + through) / 2},
    ),
    (
        "the slope of s",
        WEIGHTS,
        "1 - s^2 is no slope of tanh: it is 1 - tanh(s)^2, made of what came out.",
        {"slope": lambda f, s: 1 - s**2},
    ),
    (
        "tanh of what tanh gave",
        WEIGHTS,
        "1 - tanh(s)^2 with s from before the tanh: f1 has been through it already.",
        {"slope": lambda f, s: 1 - np.tanh(f) ** 2},
    ),
    (
        "the slope left out",
        WEIGHTS,
        "On the way back through tanh multiply by its slope.",
        {"slope": lambda f, s: np.ones(f.shape)},
    ),
    (
        "the square forgotten",
        WEIGHTS,
        "tanh' = 1 - tanh^2: you have 1 - tanh.",
        {"slope": lambda f, s: 1 - f},
    ),
    (
        "the slope of the sigmoid",
        ALL_FAIL,
        "tanh' = 1 - tanh^2: a product f (1 - f) is the sigmoid's.",
        {"slope": lambda f, s: f * (1 - f)},
    ),
    (
        "the square of 1 - tanh",
        WEIGHTS,
        "tanh' = 1 - tanh^2: the square goes over tanh alone.",
        {"slope": lambda f, s: (1 - f) ** 2},
    ),
    (
        "the square of the slope",
        WEIGHTS,
        "The slope of tanh, 1 - tanh^2, is multiplied by once.",
        {"slope": lambda f, s: (1 - f**2) ** 2},
    ),
    (
        "plus in the slope",
        WEIGHTS,
        "tanh' = 1 - tanh^2, with a minus: far out tanh is flat.",
        {"slope": lambda f, s: 1 + f**2},
    ),
    (
        "divided by the slope",
        WEIGHTS,
        "On the way back through tanh multiply by its slope.",
        {"slope": lambda f, s: 1 / (1 - f**2)},
    ),
    (
        "the value of tanh for its slope",
        ALL_FAIL,
        "On the way back deltas are multiplied by the slope of tanh, 1 - f1**2, not by what came out of it.",
        {"slope": lambda f, s: f},
    ),
    (
        "the paths multiplied",
        MERGED,
        "Where paths meet their deltas are added.",
        {"merge": lambda around, through: around * (1 + through)},
    ),
    (
        "the product of the paths",
        MERGED,
        "Where paths meet their deltas are added, not multiplied.",
        {"merge": lambda around, through: around * through},
    ),
    (
        "weight2 sees what went into tanh",
        WEIGHTS,
        "d_weight2 pairs d_y with the input of that weight, f1.",
        {"second": lambda d_y, f, s: d_y.T @ s},
    ),
    (
        "means over the batch",
        WEIGHTS,
        "Samples add up: no division by the batch.",
        {"first": lambda delta, x: delta.T @ x / len(x), "second": lambda d_y, f, s: d_y.T @ f / len(f)},
    ),
):
    backward.mistake(name, fails, says)(_made(**switches))


@backward.mistake(
    "x goes around in place of its delta",
    MERGED,
    "Forward x goes around the layer; what comes back that way is d_y.",
)
def x_goes_around(x, weight1, weight2, d_y):
    d_x, d_weight1, d_weight2 = _made(merge=lambda around, through: through)(x, weight1, weight2, d_y)
    return x + d_x, d_weight1, d_weight2


@backward.mistake("everything negative", ALL_FAIL, "Deltas go back with their sign: nothing is subtracted here.")
def negative(x, weight1, weight2, d_y):
    return _made()(x, weight1, weight2, -d_y)


@backward.mistake("everything twice", ALL_FAIL, "d_y is the loss's own gradient already: no 2 is needed.")
def twice(x, weight1, weight2, d_y):
    return _made()(x, weight1, weight2, 2 * d_y)


@backward.mistake(
    "a slope on the path around",
    WHOLE,
    "What goes around the layer passes no tanh: its delta comes back as it is.",
)
def slope_on_the_path_around(x, weight1, weight2, d_y):
    return _made(merge=lambda around, through: around * (1 - np.tanh(x) ** 2) + through)(x, weight1, weight2, d_y)
