"""Exercises 08-1 and 08-4: a dropout layer, forward and back, and what many masks together predict.

The random numbers come in from outside, so a right answer is right to the last digit, and a wrong mask is
recognised by what it keeps.
"""

import numpy as np

from course_lib.checks.calls import bounded, leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, several
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign

TOPICS = ("layers", "derivatives", "softmax", "regularisation")
PURE = "The arrays that were given are left as they were"
PURE_HINT = "x * mask makes a new array; x *= mask and x[...] = 0 write into the caller's."

dropout = Exercise("08-1", "Inverted dropout, forward and back", "dropout", topics=TOPICS)
monte_carlo = Exercise("08-4", "Prediction by many masks", "monte_carlo_prediction", topics=TOPICS)


class Draws:
    """``draw(shape)``: uniform numbers, new ones at every call, the same sequence for every function."""

    def __init__(self, rng, size=4000):
        self.numbers, self.used = rng.random(size), 0

    def __call__(self, shape):
        size = bounded(shape)
        self.used += size
        return np.resize(np.roll(self.numbers, size - self.used), size).reshape(shape)


def _again(rng, size=64):
    """The same numbers at every call, for the check that calls twice."""
    numbers = rng.random(size)

    def draw(shape):
        bounded(shape)
        return np.resize(numbers, shape)

    return draw


# --- 08-1: x, d_y, drop_rate, draw, training -> y, d_x ---------------------------------------------------------

FORWARD = "In training what is kept is divided by the probability to keep, and the rest is 0"
BACKWARD = "The gradient goes back through the very same mask"
INFERENCE = "At inference nothing is dropped and nothing is scaled"
OUT = ("y", "d_x")


def _layer(rng, training=True):
    """Arguments; every entry of x and d_y is at least 0.2 away from 0, and some entries are dropped."""
    x, d_y = (either_sign(rng, 0.2, 2.0, (7, 6)) for _ in range(2))
    return x, d_y, rng.uniform(0.25, 0.45), Draws(rng), training


def _asked(draw):
    """Raise ``Wrong`` if the random numbers came from elsewhere."""
    if not draw.used:
        raise Wrong("draw was never called, so the mask is not made of its numbers.")


def _mask(x, drop_rate, draw):
    keep = 1 - drop_rate
    return (draw.numbers[: x.size].reshape(x.shape) < keep) / keep  # (8.1)


@dropout.check(
    FORWARD,
    points=2,
    hint=(
        "Draw one number for every entry of x. The entry is kept where its number is below 1 - drop_rate.",
        "mask = (draw(x.shape) < 1 - drop_rate) / (1 - drop_rate); y = x * mask",
    ),
)
def in_training_what_is_kept(dropout, rng):
    x, d_y, drop_rate, draw, training = _layer(rng)
    y, _ = several(dropout(x, d_y, drop_rate, draw, training), OUT)
    _asked(draw)
    close(y, x * _mask(x, drop_rate, draw), "y")


@dropout.check(
    BACKWARD,
    points=3,
    hint=(
        "y is x times a mask that does not depend on x: what is its derivative by x?",
        "d_x = d_y * mask, with the mask of the forward pass, scale and all.",
    ),
)
def gradient_goes_back_through_the_very(dropout, rng):
    x, d_y, drop_rate, draw, training = _layer(rng)
    _, d_x = several(dropout(x, d_y, drop_rate, draw, training), OUT)
    close(d_x, d_y * _mask(x, drop_rate, draw), "d_x")


@dropout.check(
    INFERENCE,
    points=1,
    hint="With training=False the layer does nothing: y is x and d_x is d_y. That is what the scaling was for.",
    supporting=True,
)
def at_inference_nothing_is_dropped(dropout, rng):
    x, d_y, drop_rate, draw, _ = _layer(rng)
    y, d_x = several(dropout(x, d_y, drop_rate, draw, False), OUT)
    close(y, x, "y at inference")
    close(d_x, d_y, "d_x at inference")


@dropout.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left(dropout, rng):
    def given(training):
        x, d_y, drop_rate, _, _ = _layer(rng)
        return x, d_y, drop_rate, _again(rng), training

    leaves_inputs_alone(dropout, *given(True), other=given(True))
    leaves_inputs_alone(dropout, *given(False), other=given(False))


def _dropout_mistake(name, fails, says, mask=None, backward=None, inference=None):
    """A wrong ``mask(shape, keep, draw)``, ``backward(d_y, mask, keep, draw)`` or ``inference(x, d_y, keep, draw)``."""

    def right_mask(shape, keep, draw):
        return (draw(shape) < keep) / keep

    def function(x, d_y, drop_rate, draw, training):
        keep = 1 - drop_rate
        if not training:
            return (inference or (lambda x, d_y, keep, draw: (x.copy(), d_y.copy())))(x, d_y, keep, draw)
        made = (mask or right_mask)(x.shape, keep, draw)
        return x * made, (backward or (lambda d_y, mask, keep, draw: d_y * mask))(d_y, made, keep, draw)

    dropout.mistake(name, fails, says)(function)


BOTH = (FORWARD, BACKWARD, INFERENCE, PURE)  # the last two count only beside one of the first
_dropout_mistake(
    "mask not scaled",
    BOTH,
    "The mask is 0 or 1, so the mean output shrinks by the share that is kept. Divide by 1 - drop_rate in training: "
    "then inference needs nothing.",
    mask=lambda shape, keep, draw: (draw(shape) < keep) * 1.0,
)
_dropout_mistake(
    "scaled at inference instead",
    BOTH,
    "This is dropout as first published: 0 or 1 in training, times 1 - drop_rate at inference. Inverted dropout "
    "divides in training and leaves inference alone.",
    mask=lambda shape, keep, draw: (draw(shape) < keep) * 1.0,
    inference=lambda x, d_y, keep, draw: (x * keep, d_y * keep),
)
_dropout_mistake(
    "scaled at inference as well",
    INFERENCE,
    "Training has divided by 1 - drop_rate already: at inference return x and d_y as they are.",
    inference=lambda x, d_y, keep, draw: (x * keep, d_y * keep),
)
_dropout_mistake(
    "divided at inference as well",
    INFERENCE,
    "Nothing is missing at inference, so nothing is to be made up for: return x and d_y as they are.",
    inference=lambda x, d_y, keep, draw: (x / keep, d_y / keep),
)
_dropout_mistake(
    "drops at inference too",
    INFERENCE,
    "training is ignored: predictions would change from call to call. With training=False nothing is dropped.",
    inference=lambda x, d_y, keep, draw: _masked(x, d_y, (draw(x.shape) < keep) / keep),
)
_dropout_mistake(
    "no gradient at inference",
    INFERENCE,
    "At inference y is x, so d_x is d_y: the gradient goes through unchanged.",
    inference=lambda x, d_y, keep, draw: (x.copy(), 0 * d_y),
)
_dropout_mistake(
    "keep and drop swapped",
    BOTH,
    "drop_rate is the probability to be dropped (PyTorch, Keras). L4 and CS231n write p for the probability to keep "
    "(erratum E50): keep where the number is below 1 - drop_rate, and divide by that.",
    mask=lambda shape, keep, draw: (draw(shape) < 1 - keep) / (1 - keep),
)
_dropout_mistake(
    "keeps too few",
    BOTH,
    "The scale is right, but entries are kept with probability drop_rate: keep where the number is below 1 - "
    "drop_rate.",
    mask=lambda shape, keep, draw: (draw(shape) < 1 - keep) / keep,
)
_dropout_mistake(
    "divided by drop_rate",
    BOTH,
    "The right entries are kept, but divided by drop_rate: divide by the probability to keep, 1 - drop_rate.",
    mask=lambda shape, keep, draw: (draw(shape) < keep) / (1 - keep),
)
_dropout_mistake(
    "multiplied by the probability to keep",
    BOTH,
    "What is kept must make up for what is missing, so it grows: divide by 1 - drop_rate, do not multiply.",
    mask=lambda shape, keep, draw: (draw(shape) < keep) * keep,
)
_dropout_mistake(
    "kept where the number is large",
    BOTH,
    "A mask with the right share, but not the one that was asked for: keep where the number is below 1 - drop_rate "
    "(L4's D < p), so that your answer can be compared.",
    mask=lambda shape, keep, draw: (draw(shape) >= 1 - keep) / keep,
)
for mask in (lambda u, keep: u < keep, lambda u, keep: u >= 1 - keep):
    _dropout_mistake(
        "divided by the share that was kept",
        BOTH,
        "How many are kept by chance does not count: divide by the probability to keep, 1 - drop_rate.",
        mask=lambda shape, keep, draw, mask=mask: (kept := mask(draw(shape), keep)) / max(kept.mean(), 1e-12),
    )
_dropout_mistake(
    "one mask for the whole batch",
    BOTH,
    "All rows lose the same units. Draw a number for every entry, draw(x.shape): each sample has its own mask.",
    mask=lambda shape, keep, draw: np.broadcast_to((draw(shape[1:]) < keep) / keep, shape),
)
_dropout_mistake(
    "a whole sample dropped",
    BOTH,
    "One number a row drops whole samples. Draw a number for every entry, draw(x.shape).",
    mask=lambda shape, keep, draw: np.broadcast_to((draw((shape[0], 1)) < keep) / keep, shape),
)
_dropout_mistake(
    "another mask in the backward pass",
    BACKWARD,
    "draw was called a second time, so the gradient goes through units that were off. Keep the forward mask.",
    backward=lambda d_y, mask, keep, draw: d_y * (draw(d_y.shape) < keep) / keep,
)
_dropout_mistake(
    "gradient not masked",
    BACKWARD,
    "What was dropped had no part in the loss: its gradient is 0. Multiply d_y by the mask.",
    backward=lambda d_y, mask, keep, draw: d_y.copy(),
)
_dropout_mistake(
    "gradient not scaled",
    BACKWARD,
    "The scale is part of the forward pass, so it is part of the derivative: the same mask, divided by 1 - drop_rate.",
    backward=lambda d_y, mask, keep, draw: d_y * (mask > 0),
)
_dropout_mistake(
    "gradient scaled the wrong way",
    BACKWARD,
    "Backward does not undo forward: d_x is d_y times the same mask, not divided by its scale.",
    backward=lambda d_y, mask, keep, draw: d_y * (mask > 0) * keep,
)
_dropout_mistake(
    "gradient divided by drop_rate",
    BACKWARD,
    "The gradient has the factor of the forward pass: divided by 1 - drop_rate, not by drop_rate.",
    backward=lambda d_y, mask, keep, draw: d_y * (mask > 0) / max(1 - keep, 1e-9),
)
_dropout_mistake(
    "gradient of what was dropped",
    BACKWARD,
    "The mask is turned round: the gradient goes through what was kept.",
    backward=lambda d_y, mask, keep, draw: d_y * (mask == 0) / keep,
)


def _masked(x, d_y, mask):
    return x * mask, d_y * mask


# --- 08-4: hidden, weight, bias, drop_rate, uniform -> mean, std ----------------------------------------------

ONE = "One mask gives the probabilities of one thinned net"
MEAN = "The probabilities of all masks are averaged"
SPREAD = "The standard deviation runs over the masks"
LARGE = "Large scores do not overflow"
RESULTS = ("mean", "std")


def _softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _net(rng, num_masks, size=1.0):
    """hidden (B, n), weight (classes, n), bias, drop_rate, uniform (masks, B, n)."""
    batch, n, classes = 4, 6, 3
    hidden = rng.uniform(0.2, 2.0, (batch, n))
    return (
        hidden,
        size * rng.normal(size=(classes, n)),
        size * rng.normal(size=classes),
        rng.uniform(0.2, 0.3),  # far from one half: the other mask is another one
        rng.random((num_masks, batch, n)),
    )


def _scores(hidden, weight, bias, drop_rate, uniform):
    keep = 1 - drop_rate
    return (hidden * (uniform < keep) / keep) @ weight.T + bias


def _expected(*given):
    p = _softmax(_scores(*given))
    return p.mean(axis=0), p.std(axis=0)


@monte_carlo.check(
    ONE,
    points=1,
    hint=(
        "Mask hidden as in exercise 08-1, then scores = masked @ weight.T + bias, then softmax over the classes.",
        "masked = hidden * (uniform[0] < 1 - drop_rate) / (1 - drop_rate)",
    ),
)
def one_mask_gives_the_probabilities(predict, rng):
    given = _net(rng, 1)
    mean, _ = several(predict(*given), RESULTS)
    close(mean, _expected(*given)[0], "the mean")


@monte_carlo.check(
    MEAN,
    points=3,
    hint=(
        "Each mask is one member of the ensemble, and each member votes with its probabilities.",
        "Softmax first, for every mask; then the mean over the first axis.",
    ),
)
def probabilities_of_all_masks_are_averaged(predict, rng):
    given = _net(rng, 5)
    mean, _ = several(predict(*given), RESULTS)
    close(mean, _expected(*given)[0], "the mean")


@monte_carlo.check(
    SPREAD,
    points=2,
    hint=(
        "How far the masks' probabilities lie apart, for each sample and class.",
        "np.std over the axis of the masks: the root of the mean squared distance from the mean.",
    ),
)
def standard_deviation_runs_over_the_masks(predict, rng):
    given = _net(rng, 5)
    _, std = several(predict(*given), RESULTS)
    # the root of (mean of squares - square of mean) is right to half the digits
    close(std, _expected(*given)[1], "the standard deviation", rtol=1e-6, atol=1e-7)


@monte_carlo.check(
    LARGE,
    points=1,
    hint="exp(1000) is too large for a computer. Subtract each row's largest score first: softmax stays the same.",
)
def large_scores_do_not_overflow(predict, rng):
    given = _net(rng, 4)
    given[0][0] *= 2000.0  # the first sample only
    mean, _ = several(predict(*given), RESULTS)
    close(mean, _expected(*given)[0], "the mean")
    given = _net(rng, 4)
    given[2][...] += 1000.0  # clipped scores would be all the same
    mean, _ = several(predict(*given), RESULTS)
    close(mean, _expected(*given)[0], "the mean")


@monte_carlo.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left_as_they_were(predict, rng):
    leaves_inputs_alone(predict, *_net(rng, 3), other=_net(rng, 3))


def _mc_mistake(name, fails, says, scores=_scores, softmax=_softmax, mean=None, std=None):
    def function(hidden, weight, bias, drop_rate, uniform):
        s = scores(hidden, weight, bias, drop_rate, uniform)
        p = softmax(s)
        return (mean or (lambda p, s: p.mean(axis=0)))(p, s), (std or (lambda p, s: p.std(axis=0)))(p, s)

    monte_carlo.mistake(name, fails, says)(function)
    if scores is not _scores and not std:  # wrong scores are wrong whatever is made of them
        _mc_mistake(name, fails, says, scores, softmax, mean, lambda p, s: p.var(axis=0))


def _with_mask(mask):
    """Scores of a net whose mask is ``mask(uniform, keep)``."""
    return lambda hidden, weight, bias, drop_rate, uniform: (hidden * mask(uniform, 1 - drop_rate)) @ weight.T + bias


def _unstable(scores):
    e = np.exp(scores)
    return e / e.sum(axis=-1, keepdims=True)


WHOLE = (ONE, MEAN, SPREAD, LARGE, PURE)
_mc_mistake(
    "scores averaged instead of probabilities",
    (MEAN, LARGE),
    "The mean of the scores (or of the masks), and softmax at the end, is the renormalised geometric mean of the "
    "members. Here the members vote with probabilities: softmax for each mask, then the mean.",
    mean=lambda p, s: _softmax(s.mean(axis=0)),
)
_mc_mistake(
    "the geometric mean",
    (MEAN, LARGE),
    "The mean of logarithms belongs to products: here the probabilities themselves are averaged.",
    mean=lambda p, s: np.exp(np.log(p + 1e-300).mean(axis=0)),
)
_mc_mistake(
    "votes counted",
    (ONE, MEAN, LARGE),
    "Each mask's largest class was counted. Average the probabilities themselves: they say how sure each member is.",
    mean=lambda p, s: np.eye(p.shape[-1])[p.argmax(axis=-1)].mean(axis=0),
)
_mc_mistake(
    "only the last mask",
    (MEAN, LARGE),
    "The result of the last mask comes back: keep all of them and average.",
    mean=lambda p, s: p[-1],
)
_mc_mistake(
    "summed, not averaged",
    (MEAN, LARGE),
    "The probabilities add up to the number of masks: divide by it.",
    mean=lambda p, s: p.sum(axis=0),
)
_mc_mistake(
    "mask not scaled",
    WHOLE,
    "What is kept is to be divided by 1 - drop_rate, as in exercise 08-1.",
    scores=_with_mask(lambda uniform, keep: uniform < keep),
)
_mc_mistake(
    "keep and drop swapped",
    WHOLE,
    "drop_rate is the probability to be dropped: keep where the number is below 1 - drop_rate, and divide by that.",
    scores=_with_mask(lambda uniform, keep: (uniform < 1 - keep) / (1 - keep)),
)
_mc_mistake(
    "one mask for the whole batch",
    WHOLE,
    "uniform[k] has a number for every entry of hidden: each sample has its own mask.",
    scores=_with_mask(lambda uniform, keep: (uniform[:, :1] < keep) / keep),
)
_mc_mistake(
    "weight scaling",
    WHOLE,
    "Nothing is dropped: this is the prediction of the whole net, which stands in for the average. Here the average "
    "itself is asked for, mask by mask.",
    scores=_with_mask(lambda uniform, keep: np.ones(uniform.shape)),
)
_mc_mistake(
    "softmax over the samples",
    WHOLE,
    "The probabilities of one sample add up to 1: sum over the last axis, the classes.",
    softmax=lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum(axis=1, keepdims=True),
)
_mc_mistake(
    "overflow",
    LARGE,
    "Subtract the largest score of each row before exp: exp(1000) is infinite.",
    softmax=_unstable,
)
_mc_mistake(
    "divided by one less than the number of masks",
    SPREAD,
    "ddof=1 divides by the number of masks less one. The statement asks for the mean squared distance, np.std as it "
    "is.",
    std=lambda p, s: p.std(axis=0, ddof=1) if len(p) > 1 else 0 * p[0],
)
_mc_mistake("variance", SPREAD, "This is the variance: take its root.", std=lambda p, s: p.var(axis=0))
_mc_mistake(
    "mean distance",
    SPREAD,
    "The standard deviation is the root of the mean SQUARED distance from the mean.",
    std=lambda p, s: np.abs(p - p.mean(axis=0)).mean(axis=0),
)
_mc_mistake(
    "standard error",
    SPREAD,
    "Divided by the root of the number of masks it says how well the mean is known; asked for is how far the masks "
    "lie apart.",
    std=lambda p, s: p.std(axis=0) / np.sqrt(len(p)),
)
_mc_mistake(
    "spread over the classes",
    SPREAD,
    "The masks lie on the first axis: the standard deviation runs over them, for each sample and class.",
    std=lambda p, s: np.broadcast_to(p.mean(axis=0).std(axis=-1, keepdims=True), p.shape[1:]),
)
_mc_mistake(
    "spread of the scores",
    SPREAD,
    "The standard deviation is that of the probabilities, not of the scores.",
    std=lambda p, s: s.std(axis=0),
)
_mc_mistake(
    "scores clipped",
    LARGE,
    "Scores of 1000 and 1001 become the same when they are clipped. Subtract each row's largest score instead.",
    softmax=lambda s: _softmax(np.clip(s, -500, 500)),
)
_mc_mistake(
    "bias forgotten",
    WHOLE,
    "The scores lack the bias: masked @ weight.T + bias.",
    scores=lambda hidden, weight, bias, drop_rate, uniform: _scores(hidden, weight, 0 * bias, drop_rate, uniform),
)
_mc_mistake(
    "kept where the number is large",
    WHOLE,
    "A mask with the right share, but not the one that was asked for: keep where the number is below 1 - drop_rate.",
    scores=_with_mask(lambda uniform, keep: (uniform >= 1 - keep) / keep),
)
_mc_mistake(
    "kept where the number is below drop_rate",
    WHOLE,
    "drop_rate is the probability to be DROPPED: keep where the number is below 1 - drop_rate.",
    scores=_with_mask(lambda uniform, keep: (uniform < 1 - keep) / keep),
)


@dropout.mistake(
    "the modes swapped",
    (FORWARD, BACKWARD, INFERENCE, PURE),
    "In training entries are dropped, at inference nothing happens.",
)
def the_modes_swapped(x, d_y, drop_rate, draw, training):
    if training:
        return (x.copy(), d_y.copy())
    keep = 1 - drop_rate
    scaled_mask = (draw(x.shape) < keep) / keep
    return (x * scaled_mask, d_y * scaled_mask)


@dropout.mistake(
    "half dropped, whatever the rate", (FORWARD, BACKWARD, INFERENCE, PURE), "drop_rate says how many are dropped."
)
def half_dropped_whatever_the_rate(x, d_y, drop_rate, draw, training):
    if not training:
        return (x.copy(), d_y.copy())
    keep = 0.5
    scaled_mask = (draw(x.shape) < keep) / keep
    return (x * scaled_mask, d_y * scaled_mask)


@dropout.mistake("divided twice on the way back", BACKWARD, "The scaled mask holds 1 / keep already.")
def divided_twice_on_the_way_back(x, d_y, drop_rate, draw, training):
    if not training:
        return (x.copy(), d_y.copy())
    keep = 1 - drop_rate
    scaled_mask = (draw(x.shape) < keep) / keep
    return (x * scaled_mask, d_y * scaled_mask / keep)


@dropout.mistake(
    "the mask read off y",
    "All of it together, on inputs of every size and kind",
    "Where x is 0, as after a ReLU, y is 0 though it was kept: keep the mask itself.",
)
def the_mask_read_off_y(x, d_y, drop_rate, draw, training):
    if not training:
        return (x.copy(), d_y.copy())
    keep = 1 - drop_rate
    scaled_mask = (draw(x.shape) < keep) / keep
    y = x * scaled_mask
    return (y, d_y * (y != 0) / keep)


_mc_mistake(
    "divided after the bias",
    WHOLE,
    "What is kept of hidden is divided by 1 - drop_rate; the bias is not.",
    scores=lambda hidden, weight, bias, drop_rate, uniform: (
        (hidden * (uniform < 1 - drop_rate) @ weight.T + bias) / (1 - drop_rate)
    ),
)


@monte_carlo.mistake("the first mask only", (MEAN, LARGE), "All masks vote: average over the first axis.")
def the_first_mask_only(hidden, weight, bias, drop_rate, uniform):
    keep = 1 - drop_rate
    scores = hidden * (uniform < keep) / keep @ weight.T + bias
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return (probabilities[0], probabilities.std(axis=0))


@monte_carlo.mistake(
    "softmax over the batch",
    (ONE, MEAN, SPREAD, LARGE, PURE),
    "The probabilities of one sample add up to 1: sum over the classes, the last axis.",
)
def softmax_over_the_batch(hidden, weight, bias, drop_rate, uniform):
    keep = 1 - drop_rate
    scores = hidden * (uniform < keep) / keep @ weight.T + bias
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return (probabilities.mean(axis=0), probabilities.std(axis=0))


@monte_carlo.mistake(
    "spread over the batch", SPREAD, "The masks lie on the first axis: the standard deviation runs over them."
)
def spread_over_the_batch(hidden, weight, bias, drop_rate, uniform):
    keep = 1 - drop_rate
    scores = hidden * (uniform < keep) / keep @ weight.T + bias
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return (
        probabilities.mean(axis=0),
        np.broadcast_to(probabilities.std(axis=1).mean(axis=0), probabilities.shape[1:]),
    )
