"""Exercises 07-3 and 07-4: the two modes of batch normalisation with its running statistics; group normalisation."""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch07_batchnorm.checks.shared import (
    LARGE,
    PURE,
    PURE_HINT,
    SQUARES,
    TINY,
    TOPICS,
    checkerboard,
    difference_of_squares,
    eps_under_the_root,
    own_standardised,
)
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign

two_modes = Exercise("07-3", "Training and inference", "batch_norm_step", topics=TOPICS)
group_norm = Exercise("07-4", "Group normalisation", "group_norm", topics=TOPICS)


# --- 07-3: x, gamma, beta, running_mean, running_var, running_decay, eps, training -> y, running_mean, running_var

TRAIN_Y = "In training, y is made with the batch's own mean and biased variance"
RUN_MEAN = "In training, running_mean keeps running_decay of itself and takes the rest from the batch"
RUN_VAR = "In training, running_var does the same with the unbiased variance"
INFER_Y = "At inference, y is made with the running statistics"
SWITCH = "The mode decides whom y asks, and whether the running statistics move"
KEPT = "At inference, the running statistics stay as they are"
MODES = ("y", "running_mean", "running_var")


class Step(NamedTuple):
    """The arguments of one call."""

    x: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    running_mean: np.ndarray
    running_var: np.ndarray
    running_decay: float
    eps: float
    training: bool

    def moved(self, running, batch):
        """``running`` after it took its share of what this batch says."""
        return self.running_decay * running + (1 - self.running_decay) * batch  # (7.5), (7.6)

    def y(self, mean, var):
        """The output for these statistics."""
        return _y(self.x, self.gamma, self.beta, mean, var, self.eps)


def _step(rng, training):
    """Seven samples of four features, and running statistics that are far from theirs."""
    x = rng.normal(size=(7, 4)) * rng.uniform(1, 3, 4) + rng.uniform(2, 4, 4)
    gamma, beta = rng.uniform(1.5, 3, 4), rng.uniform(0.5, 2, 4)
    running = rng.normal(size=4), rng.uniform(4, 8, 4)
    return Step(x, gamma, beta, *running, rng.uniform(0.6, 0.8), rng.uniform(0.01, 0.1), training)


def _y(x, gamma, beta, mean, var, eps):
    return gamma * (x - mean) / np.sqrt(var + eps) + beta  # (7.1), (7.2)


def _y_outside(x, gamma, beta, mean, var, eps):
    return gamma * (x - mean) / (np.sqrt(var) + eps) + beta


@two_modes.check(
    TRAIN_Y,
    points=1,
    hint=("This is exercise 07-1.", "mean, var = x.mean(axis=0), x.var(axis=0): for y, of this batch alone."),
)
def in_training_y_is_made(function, rng):
    given = _step(rng, True)
    expected = given.y(given.x.mean(axis=0), given.x.var(axis=0))
    close(several(function(*given), MODES)[0], expected, "y in training")


@two_modes.check(
    RUN_MEAN,
    points=1,
    hint=("running_decay is the weight of the past.", "running_decay * running_mean + (1 - running_decay) * mean"),
)
def in_training_running_mean_keeps_running(function, rng):
    given = _step(rng, True)
    expected = given.moved(given.running_mean, given.x.mean(axis=0))
    close(several(function(*given), MODES)[1], expected, "the new running_mean")


@two_modes.check(
    RUN_VAR,
    points=2,
    hint=(
        "A batch of m underestimates the variance by the factor (m - 1) / m: what is kept makes up for it.",
        "running_decay * running_var + (1 - running_decay) * x.var(axis=0, ddof=1)",
    ),
)
def in_training_running_var_does(function, rng):
    given = _step(rng, True)
    expected = given.moved(given.running_var, given.x.var(axis=0, ddof=1))
    close(several(function(*given), MODES)[2], expected, "the new running_var")


@two_modes.check(
    INFER_Y,
    points=3,
    hint=(
        "At inference a sample must not depend on what else is in its batch.",
        "gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta",
    ),
)
def at_inference_y_is_made(function, rng):
    given = _step(rng, False)
    expected = given.y(given.running_mean, given.running_var)  # (7.4)
    close(several(function(*given), MODES)[0], expected, "y at inference")
    same = given._replace(x=np.tile(given.x[:1], (7, 1)))
    close(several(function(*same), MODES)[0], same.y(given.running_mean, given.running_var), "y of seven equal samples")


@two_modes.check(
    SWITCH,
    points=2,
    hint=(
        "In training y must not depend on running_mean and running_var, at inference not on the rest of the batch.",
        "if training: take the batch's mean and var, and move the running ones; else: take the running ones.",
    ),
)
def mode_decides_whom_y_asks(function, rng):
    given = _step(rng, True)
    y, *moved = several(function(*given), MODES)
    past = given._replace(running_mean=given.running_mean + 1, running_var=given.running_var * 2)
    again, *_ = several(function(*past), MODES)
    close(again, shaped(y, given.x.shape, "y in training"), "y in training, after other running statistics,")
    if any(np.allclose(shaped(new, (4,), "a statistic"), old) for new, old in zip(moved, given[3:5], strict=True)):
        raise Wrong("The running statistics did not both move in training.")
    company = np.concatenate([given.x[:1], given.x[1:] + 1])
    (first, *kept), (beside, *_) = (
        several(function(*given._replace(x=x, training=False)), MODES) for x in (given.x, company)
    )
    first, beside = (shaped(part, given.x.shape, "y at inference")[0] for part in (first, beside))
    close(beside, first, "y of the first sample at inference, in other company,")
    for new, old, name in zip(kept, given[3:5], MODES[1:], strict=True):
        close(new, old, f"{name} after inference")


@two_modes.check(
    KEPT,
    points=1,
    hint=("Only training data count: looking must not change.", "if not training: return y, running_mean, running_var"),
    supporting=True,
)
def at_inference_the_running_statistics_stay(function, rng):
    given = _step(rng, False)
    _, mean, var = several(function(*given), MODES)
    close(mean, given.running_mean, "running_mean after inference")
    close(var, given.running_var, "running_var after inference")


@two_modes.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(function, rng):
    for training in (True, False):
        leaves_inputs_alone(function, *_step(rng, training), other=_step(rng, training))


def _modes_mistake(name, fails, says, y=None, run_mean=None, run_var=None, infer=None, kept=None):
    """Right but for the functions that are given.

    ``y(x, gamma, beta, old, new, eps)`` with ``old`` and ``new`` running ``(mean, var)``; ``run_mean`` and ``run_var``
    of ``(x, running, decay)``; ``infer(x, gamma, beta, mean, var, eps)``; ``kept(x, mean, var, decay)``.
    """

    def function(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
        old = running_mean, running_var
        if not training:
            make = infer or _y
            return make(x, gamma, beta, *old, eps), *(kept(x, *old, running_decay) if kept else old)
        new = (
            (run_mean or _keep_mean)(x, running_mean, running_decay),
            (run_var or _keep_var)(x, running_var, running_decay),
        )
        own = y(x, gamma, beta, old, new, eps) if y else _y(x, gamma, beta, x.mean(axis=0), x.var(axis=0), eps)
        return own, *new

    two_modes.mistake(name, fails, says)(function)


def _keep_mean(x, mean, decay):
    return decay * mean + (1 - decay) * x.mean(axis=0)


def _keep_var(x, var, decay):
    return decay * var + (1 - decay) * x.var(axis=0, ddof=1)


_modes_mistake(
    "decay swapped",
    (RUN_MEAN, RUN_VAR),
    "running_decay is the weight of the PAST here. PyTorch's momentum is the weight of the present: 1 - running_decay.",
    run_mean=lambda x, mean, decay: _keep_mean(x, mean, 1 - decay),
    run_var=lambda x, var, decay: _keep_var(x, var, 1 - decay),
)
_modes_mistake(
    "biased variance kept",
    RUN_VAR,
    "For y the variance is biased, but what is kept for inference is the unbiased one, ddof=1 (E48).",
    run_var=lambda x, var, decay: decay * var + (1 - decay) * x.var(axis=0),
)
_modes_mistake(
    "standard deviation kept",
    RUN_VAR,
    "Keep the variance, not its root (L4 speaks of the standard deviation, E48): the mean of roots is not the root of "
    "the mean.",
    run_var=lambda x, var, decay: decay * var + (1 - decay) * x.std(axis=0, ddof=1),
)
_modes_mistake(
    "only the last batch's variance kept",
    RUN_VAR,
    "The variance is kept as the mean is: running_decay of what was known, and the rest of this batch.",
    run_var=lambda x, var, decay: x.var(axis=0, ddof=1),
)
_modes_mistake(
    "only the mean of the past at inference",
    (INFER_Y, SWITCH),
    "At inference the variance is a running one, too: a sample's answer must not depend on its neighbours.",
    infer=lambda x, gamma, beta, mean, var, eps: _y(x, gamma, beta, mean, ((x - mean) ** 2).mean(axis=0), eps),
)
_modes_mistake(
    "only the mean of the past at inference",
    (INFER_Y, SWITCH),
    "At inference the variance is a running one, too: a sample's answer must not depend on its neighbours.",
    infer=lambda x, gamma, beta, mean, var, eps: _y(x, gamma, beta, mean, x.var(axis=0), eps),
)
_modes_mistake(
    "corrected in the wrong direction",
    RUN_VAR,
    "A batch underestimates the variance: make it larger, m / (m - 1), not smaller.",
    run_var=lambda x, var, decay: decay * var + (1 - decay) * x.var(axis=0) * (len(x) - 1) / len(x),
)
_modes_mistake(
    "mean square kept",
    RUN_VAR,
    "The mean of the squares is no variance: subtract the batch's mean first.",
    run_var=lambda x, var, decay: decay * var + (1 - decay) * np.mean(x**2, axis=0),
)
_modes_mistake(
    "only the last batch kept",
    (RUN_MEAN, RUN_VAR),
    "One batch is noisy: keep running_decay of what was known and add the rest of this batch.",
    run_mean=lambda x, mean, decay: x.mean(axis=0),
    run_var=lambda x, var, decay: x.var(axis=0, ddof=1),
)
_modes_mistake(
    "batch added whole",
    (RUN_MEAN, RUN_VAR),
    "The weights add up to 1: the batch counts 1 - running_decay.",
    run_mean=lambda x, mean, decay: decay * mean + x.mean(axis=0),
    run_var=lambda x, var, decay: decay * var + x.var(axis=0, ddof=1),
)
_modes_mistake(
    "running statistics never moved",
    (RUN_MEAN, RUN_VAR, SWITCH),
    "In training both move towards the batch's.",
    run_mean=lambda x, mean, decay: mean,
    run_var=lambda x, var, decay: var,
)
_modes_mistake(
    "running statistics in training",
    (TRAIN_Y, SWITCH),
    "In training y uses the batch's own mean and variance: only those have a gradient.",
    y=lambda x, gamma, beta, old, new, eps: _y(x, gamma, beta, old[0], old[1], eps),
)
_modes_mistake(
    "the new running statistics in training",
    (TRAIN_Y, SWITCH),
    "In training y uses the batch's own statistics; the running ones are only kept for later.",
    y=lambda x, gamma, beta, old, new, eps: _y(x, gamma, beta, new[0], new[1], eps),
)
_modes_mistake(
    "unbiased variance in y",
    TRAIN_Y,
    "In y the variance is biased, np.var as it is; ddof=1 is for running_var only.",
    y=lambda x, gamma, beta, old, new, eps: _y(x, gamma, beta, x.mean(axis=0), x.var(axis=0, ddof=1), eps),
)
_modes_mistake(
    "the batch's statistics at inference",
    (INFER_Y, SWITCH),
    "At inference the running statistics are used: the answer for a sample must not depend on its neighbours.",
    infer=lambda x, gamma, beta, mean, var, eps: _y(x, gamma, beta, x.mean(axis=0), x.var(axis=0), eps),
)
_modes_mistake(
    "eps missing at inference",
    INFER_Y,
    "The same formula in both modes: sqrt(running_var + eps).",
    infer=lambda x, gamma, beta, mean, var, eps: gamma * (x - mean) / np.sqrt(var) + beta,
)
_modes_mistake(
    "gamma and beta left out at inference",
    INFER_Y,
    "They are learned for this: y = gamma * x_hat + beta, always.",
    infer=lambda x, gamma, beta, mean, var, eps: (x - mean) / np.sqrt(var + eps),
)
_modes_mistake(
    "running_var used as a standard deviation",
    INFER_Y,
    "running_var is a variance: divide by sqrt(running_var + eps).",
    infer=lambda x, gamma, beta, mean, var, eps: gamma * (x - mean) / (var + eps) + beta,
)
_modes_mistake(
    "eps outside the root at inference",
    INFER_Y,
    "The same formula in both modes: sqrt(running_var + eps).",
    infer=_y_outside,
)
_modes_mistake(
    "running statistics moved at inference",
    (KEPT, SWITCH),
    "At inference they stay: otherwise test data leak into the model, and its answers depend on their order.",
    kept=lambda x, mean, var, decay: (_keep_mean(x, mean, decay), decay * var + (1 - decay) * x.var(axis=0)),
)


def _one_mode(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    """The right answer, for the mode that is given."""
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = _keep_mean(x, running_mean, running_decay)
        running_var = _keep_var(x, running_var, running_decay)
    return _y(x, gamma, beta, mean, var, eps), running_mean, running_var


@two_modes.mistake(
    "always in training",
    (INFER_Y, SWITCH, KEPT),
    "The argument `training` is not looked at, or always taken for True: at inference use the running statistics.",
)
def always_in_training(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    return _one_mode(x, gamma, beta, running_mean, running_var, running_decay, eps, True)


@two_modes.mistake(
    "always at inference",
    (TRAIN_Y, RUN_MEAN, RUN_VAR, SWITCH),
    "The argument `training` is not looked at: in training use the batch's statistics, and move the running ones.",
)
def always_at_inference(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    return _one_mode(x, gamma, beta, running_mean, running_var, running_decay, eps, False)


@two_modes.mistake(
    "modes swapped",
    (TRAIN_Y, RUN_MEAN, RUN_VAR, INFER_Y, SWITCH, KEPT, PURE),
    "`training` is taken the wrong way round: the batch's statistics belong to training=True.",
)
def modes_swapped(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    return _one_mode(x, gamma, beta, running_mean, running_var, running_decay, eps, not training)


# --- 07-4: x, num_groups, gamma, beta, eps -> y ------------------------------------------------------------------

GROUPS = "Each group of neighbouring channels is standardised, in each sample"
EXTREMES = "One group is the whole sample, as many groups as channels are the single channels"
CHANNELS = "gamma and beta act on whole channels"
UNDER = "eps is added to the variance, under the root"
ALONE = "A sample does not see the rest of its batch"
SIDE = 6  # of images, and number of channels: no shape helps


def _images(rng, num=3):
    """Every sample, channel and pixel has a mean of its own, so that no two ways to group them agree."""
    x = rng.normal(size=(num, SIDE, SIDE, SIDE)) * rng.uniform(0.5, 2, (num, SIDE, 1, 1))
    return x + rng.normal(size=(num, SIDE, 1, 1)) + rng.normal(size=(SIDE, SIDE))


def _scales(rng):
    return rng.uniform(1.5, 3, SIDE), either_sign(rng, 0.5, 2, SIDE)


def _standardised(groups, eps, axes, ddof=0):
    spread = np.sqrt(groups.var(axis=axes, keepdims=True, ddof=ddof) + eps)
    return (groups - groups.mean(axis=axes, keepdims=True)) / spread


def _grouped(x, num_groups, eps):
    return _standardised(x.reshape(len(x), num_groups, -1), eps, 2).reshape(x.shape)


def _bare(function, x, num_groups, eps=TINY):
    """What the function makes of x with gamma 1 and beta 0."""
    return shaped(function(x, num_groups, np.ones(SIDE), np.zeros(SIDE), eps), x.shape, "y for gamma 1, beta 0")


@group_norm.check(
    GROUPS,
    points=4,
    hint=(
        "6 channels in 2 groups: channels 0, 1, 2 and channels 3, 4, 5. Statistics run over a group and its pixels.",
        "x.reshape(len(x), num_groups, -1), standardise over the last axis, and reshape back.",
    ),
)
def each_group_of_neighbouring_channels(function, rng):
    for num_groups in (2, 3):
        x = LARGE * _images(rng)
        close(_bare(function, x, num_groups), _grouped(x, num_groups, 0.0), "y for gamma 1, beta 0", atol=1e-9)


@group_norm.check(
    EXTREMES,
    points=1,
    hint=("num_groups is the number of groups, not their size.", "A group has channels // num_groups channels."),
)
def one_group_is_the_whole_sample(function, rng):
    for num_groups in (1, SIDE):
        x = LARGE * _images(rng)
        close(_bare(function, x, num_groups), _grouped(x, num_groups, 0.0), "y for gamma 1, beta 0", atol=1e-9)


@group_norm.check(
    CHANNELS,
    points=2,
    hint=("Channels are axis 1 of x.", "gamma.reshape(1, -1, 1, 1) * x_hat + beta.reshape(1, -1, 1, 1)"),
)
def gamma_and_beta_act_on_whole(function, rng):
    x, (gamma, beta) = _images(rng), _scales(rng)
    x_hat = own_standardised(_bare(function, x, 2), x)
    expected = gamma[:, None, None] * x_hat + beta[:, None, None]
    close(function(x, 2, gamma, beta, TINY), expected, "y, from your own y for gamma 1, beta 0")


@group_norm.check(UNDER, points=1, hint=("The denominator is one root.", "np.sqrt(var + eps)"))
def eps_is_added_to_the_variance(function, rng):
    x = checkerboard(rng, (3, SIDE, SIDE, SIDE))
    eps_under_the_root(lambda eps: _bare(function, x, 3, eps), x, rng)


@group_norm.check(
    ALONE,
    points=1,
    hint=("Nothing is averaged over axis 0.", "Compare your y for x[:1] with your y for x."),
    supporting=True,
)
def sample_does_not_see_the_rest(function, rng):
    x, scales = _images(rng), _scales(rng)
    company = np.concatenate([x[:1], _images(rng)[1:]])
    first, again = (shaped(function(images, 2, *scales, 1e-5), x.shape, "y")[0] for images in (x, company))
    close(again, first, "y of the first sample, beside two others,")


@group_norm.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_group_norm(function, rng):
    leaves_inputs_alone(function, _images(rng), 2, *_scales(rng), 1e-5, other=(_images(rng), 3, *_scales(rng), 1e-3))


def _group_mistake(name, fails, says, bare=None, affine=None):
    """Right but for ``bare(x, num_groups, eps)`` or ``affine(x_hat, gamma, beta)``, gamma and beta of (C, 1, 1)."""

    def function(x, num_groups, gamma, beta, eps):
        x_hat = bare(x, num_groups, eps) if bare else _grouped(x, num_groups, eps)
        return (affine or _scale)(x_hat, gamma[:, None, None], beta[:, None, None])

    group_norm.mistake(name, fails, says)(function)


def _scale(x_hat, gamma, beta):
    return gamma * x_hat + beta


def _split(x, *shape):
    return x.reshape(len(x), *shape, *x.shape[2:])


_group_mistake(
    "every second channel in one group",
    GROUPS,
    "Reshape to (batch, num_groups, channels // num_groups, ...), in this order: neighbours belong together. The other "
    "order puts channels 0, 2, 4 into one group.",
    bare=lambda x, n, eps: _standardised(_split(x, x.shape[1] // n, n), eps, (1, 3, 4)).reshape(x.shape),
)
_group_mistake(
    "num_groups taken for the size of a group",
    (GROUPS, EXTREMES),
    "num_groups says how MANY groups there are; a group has channels // num_groups channels.",
    bare=lambda x, n, eps: _grouped(x, x.shape[1] // n, eps),
)
_group_mistake(
    "statistics over the batch, too",
    (GROUPS, EXTREMES, ALONE),
    "Each sample has its own statistics, that is the point of it: leave axis 0 out.",
    bare=lambda x, n, eps: _standardised(x.reshape(len(x), n, -1), eps, (0, 2)).reshape(x.shape),
)
_group_mistake(
    "each pixel by itself",
    (GROUPS, EXTREMES, UNDER),
    "Mean and variance run over the channels AND the pixels of a group: over all axes behind that of the groups.",
    bare=lambda x, n, eps: _standardised(_split(x, n, x.shape[1] // n), eps, 2).reshape(x.shape),
)
_group_mistake(
    "the mean of the whole sample",
    (GROUPS, EXTREMES),
    "Each group has a mean of its own, as it has a variance.",
    bare=lambda x, n, eps: (x - x.mean(axis=(1, 2, 3), keepdims=True)) / np.sqrt(_variance(x, n) + eps),
)
_group_mistake(
    "mean of the squares in place of the variance",
    (GROUPS, EXTREMES),
    "The squares of x itself hold the mean, too: subtract it before you square.",
    bare=lambda x, n, eps: _centred(x, n) / np.sqrt(_variance(x, n) + (x - _centred(x, n)) ** 2 + eps),
)
_group_mistake(
    "batch normalisation",
    (GROUPS, EXTREMES, ALONE),
    "This standardises each channel over batch and pixels: batch normalisation. Here a sample is standardised alone.",
    bare=lambda x, n, eps: _standardised(x, eps, (0, 2, 3)),
)
_group_mistake(
    "num_groups ignored: one group",
    (GROUPS, EXTREMES),
    "This is layer normalisation, num_groups = 1.",
    bare=lambda x, n, eps: _grouped(x, 1, eps),
)
_group_mistake(
    "num_groups ignored: every channel for itself",
    (GROUPS, EXTREMES),
    "This is instance normalisation, num_groups = channels.",
    bare=lambda x, n, eps: _grouped(x, x.shape[1], eps),
)
_group_mistake(
    "unbiased variance",
    (GROUPS, EXTREMES),
    "np.var as it is: divide by the number of entries, not by one less.",
    bare=lambda x, n, eps: _standardised(x.reshape(len(x), n, -1), eps, 2, ddof=1).reshape(x.shape),
)
_group_mistake(
    "unbiased variance",
    (GROUPS, EXTREMES, UNDER),
    "np.var as it is: divide by the number of entries, not by one less.",
    bare=lambda x, n, eps: _centred(x, n) / (np.sqrt(_variance(x, n, ddof=1)) + eps),
)
_group_mistake(
    "variance in place of its root",
    (GROUPS, EXTREMES, UNDER),
    "Divide by sqrt(var + eps).",
    bare=lambda x, n, eps: _grouped(x, n, 0.0) / np.sqrt(_variance(x, n) + eps),
)
_group_mistake(
    "one mean and variance for all images",
    (GROUPS, EXTREMES, ALONE),
    "Without an axis, mean and variance run over the whole batch: each group of each sample has its own.",
    bare=lambda x, n, eps: _standardised(x, eps, (0, 1, 2, 3)),
)
_group_mistake(
    "mean not subtracted",
    (GROUPS, EXTREMES),
    "Centre first: subtract the group's mean.",
    bare=lambda x, n, eps: _grouped(x, n, eps) + (x - _centred(x, n)) / np.sqrt(_variance(x, n) + eps),
)
_group_mistake(
    "divided by nothing",
    (GROUPS, EXTREMES, UNDER),
    "x is centred, but not divided by sqrt(var + eps).",
    bare=lambda x, n, eps: _centred(x, n),
)
_group_mistake(
    "eps fixed at 0.00001",
    UNDER,
    "eps is an argument: use what was given, not a number of your own.",
    bare=lambda x, n, eps: _grouped(x, n, 1e-5),
)
_group_mistake(
    "root of eps added to the standard deviation",
    UNDER,
    "sqrt(a + b) is not sqrt(a) + sqrt(b): add eps first, then take the root.",
    bare=lambda x, n, eps: _centred(x, n) / (np.sqrt(_variance(x, n)) + np.sqrt(eps)),
)
_group_mistake(
    "eps outside the root",
    UNDER,
    "Add eps to the variance: sqrt(var + eps), not sqrt(var) + eps.",
    bare=lambda x, n, eps: _outside(x, n, eps),
)
_group_mistake(
    "eps missing",
    UNDER,
    "A group that does not vary would be 0 / 0: sqrt(var + eps).",
    bare=lambda x, n, eps: _outside(x, n, 0.0),
)
_group_mistake(
    "gamma and beta along the width",
    CHANNELS,
    "NumPy lines shapes up from the right, so (channels,) meets the width. Reshape both to (1, channels, 1, 1).",
    affine=lambda x_hat, gamma, beta: gamma[:, 0, 0] * x_hat + beta[:, 0, 0],
)
_group_mistake(
    "gamma and beta along the height",
    CHANNELS,
    "One new axis too few: gamma needs two behind it, (channels, 1, 1).",
    affine=lambda x_hat, gamma, beta: gamma[:, 0] * x_hat + beta[:, 0],
)
_group_mistake(
    "gamma missing", CHANNELS, "Times gamma, then plus beta.", affine=lambda x_hat, gamma, beta: x_hat + beta
)
_group_mistake(
    "gamma and beta left out",
    CHANNELS,
    "This is x_hat: y = gamma * x_hat + beta.",
    affine=lambda x_hat, gamma, beta: x_hat,
)
_group_mistake("beta missing", CHANNELS, "Add beta at the end.", affine=lambda x_hat, gamma, beta: gamma * x_hat)
_group_mistake(
    "shifted before it is scaled",
    CHANNELS,
    "First times gamma, then plus beta: no brackets.",
    affine=lambda x_hat, gamma, beta: gamma * (x_hat + beta),
)


def _centred(x, n):
    groups = x.reshape(len(x), n, -1)
    return (groups - groups.mean(axis=2, keepdims=True)).reshape(x.shape)


def _variance(x, n, ddof=0):
    """The variance of each entry's group, in the shape of x."""
    groups = x.reshape(len(x), n, -1)
    return np.broadcast_to(groups.var(axis=2, keepdims=True, ddof=ddof), groups.shape).reshape(x.shape)


def _outside(x, n, eps):
    return _centred(x, n) / (np.sqrt(_variance(x, n)) + eps)


_group_mistake(
    "nothing standardised",
    (GROUPS, EXTREMES, CHANNELS, UNDER, ALONE, PURE),
    "x is scaled and shifted as it came in: standardise each group first.",
    bare=lambda x, n, eps: x,
)
_modes_mistake(
    "eps outside the root",
    (TRAIN_Y, INFER_Y),
    "eps is added to the variance, under the root, in both modes.",
    y=lambda x, gamma, beta, old, new, eps: _y_outside(x, gamma, beta, x.mean(axis=0), x.var(axis=0), eps),
    infer=_y_outside,
)
_modes_mistake(
    "decay swapped in the mean",
    RUN_MEAN,
    "running_decay is the weight of the past, for the mean as for the variance.",
    run_mean=lambda x, mean, decay: _keep_mean(x, mean, 1 - decay),
)
_modes_mistake(
    "the batch's mean with its whole weight",
    RUN_MEAN,
    "The batch gets the rest of the weight, 1 - running_decay.",
    run_mean=lambda x, mean, decay: decay * mean + x.mean(axis=0),
)


@two_modes.mistake("eps kept, too", RUN_VAR, "eps belongs under the root of y: what is kept is the variance itself.")
def eps_kept_too(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    y, mean, var = _one_mode(x, gamma, beta, running_mean, running_var, running_decay, eps, training)
    return y, mean, var + (1 - running_decay) * eps if training else var


@two_modes.mistake(
    "variance around the running mean", RUN_VAR, "The variance of the batch is that around its own mean, with ddof=1."
)
def variance_around_the_running_mean(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    y, mean, var = _one_mode(x, gamma, beta, running_mean, running_var, running_decay, eps, training)
    around = ((x - mean) ** 2).mean(axis=0)
    return y, mean, running_decay * running_var + (1 - running_decay) * around if training else var


_group_mistake(
    "every num_groups-th channel",
    GROUPS,
    "Neighbouring channels make a group: channels 0 to c / num_groups - 1 the first one.",
    bare=lambda x, n, eps: _grouped(_split(x, x.shape[1] // n, n).swapaxes(1, 2).reshape(x.shape), n, eps),
)


def _of_the_first(each, num_groups):
    """For each channel the number of the first one of its group, (C, 1, 1)."""
    return np.repeat(each.reshape(num_groups, -1)[:, 0], len(each) // num_groups)[:, None, None]


@group_norm.mistake(
    "gamma of the group's first channel", CHANNELS, "gamma has one number for each channel, not for each group."
)
def gamma_of_the_group_s_first_channel(x, num_groups, gamma, beta, eps):
    return _scale(_grouped(x, num_groups, eps), _of_the_first(gamma, num_groups), beta[:, None, None])


@group_norm.mistake(
    "channels known by their number",
    WHOLE,
    "Other axes may be as long as that of the channels: know it by its place, axis 1.",
)
def channels_known_by_their_number(x, num_groups, gamma, beta, eps):
    shape = np.ones(4, dtype=int)
    shape[x.shape.index(len(gamma))] = len(gamma)
    return gamma.reshape(shape) * _grouped(x, num_groups, eps) + beta.reshape(shape)


@group_norm.mistake(
    "gamma and beta of the group's first channel",
    CHANNELS,
    "gamma and beta have one number for each channel, not for each group.",
)
def gamma_and_beta_of_the_group_s_first_channel(x, num_groups, gamma, beta, eps):
    return _scale(_grouped(x, num_groups, eps), *(_of_the_first(each, num_groups) for each in (gamma, beta)))


_group_mistake(
    "the variance in place of its root",
    (GROUPS, EXTREMES, UNDER),
    "Divide by the root of the variance.",
    bare=lambda x, n, eps: _centred(x, n) / (_variance(x, n) + eps),
)
_group_mistake(
    "the first sample's statistics for all",
    (GROUPS, EXTREMES),
    "Each sample has statistics of its own.",
    bare=lambda x, n, eps: (x - (x - _centred(x, n))[:1]) / np.sqrt(_variance(x, n)[:1] + eps),
)
_group_mistake(
    "gamma and beta swapped",
    (GROUPS, EXTREMES, CHANNELS, UNDER, ALONE, PURE),
    "gamma scales, beta shifts.",
    affine=lambda x_hat, gamma, beta: beta * x_hat + gamma,
)
_modes_mistake(
    *SQUARES,
    y=lambda x, gamma, beta, old, new, eps: _y(x, gamma, beta, x.mean(axis=0), difference_of_squares(x, axis=0), eps),
    run_var=lambda x, var, decay: decay * var + (1 - decay) * difference_of_squares(x, axis=0) * len(x) / (len(x) - 1),
)


@two_modes.mistake(
    "the first batch in place of an average",
    WHOLE,
    "Statistics that begin at 0 and 1 are averaged with the first batch's as all others are: (7.5) and (7.6) have no "
    "exception.",
)
def first_batch_in_place_of_an_average(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    if not training:
        return _y(x, gamma, beta, running_mean, running_var, eps), running_mean, running_var
    fresh = not np.any(running_mean) and np.all(running_var == 1)
    decay = 0.0 if fresh else running_decay
    y = _y(x, gamma, beta, x.mean(axis=0), x.var(axis=0), eps)
    return y, _keep_mean(x, running_mean, decay), _keep_var(x, running_var, decay)


def _with_difference_of_squares(x, n, eps):
    groups = x.reshape(len(x), n, -1)
    spread = np.sqrt(difference_of_squares(groups, axis=2, keepdims=True) + eps)
    return ((groups - groups.mean(axis=2, keepdims=True)) / spread).reshape(x.shape)


_group_mistake(*SQUARES, bare=_with_difference_of_squares)
_group_mistake(
    "a single number left as it is",
    WHOLE,
    "A group of one number is its own mean: 0 is left of it, and beta comes out.",
    bare=lambda x, n, eps: _grouped(x, n, eps) if x[0].size > n else x,
)
