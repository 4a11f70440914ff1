"""Exercises of chapter 7: batch normalisation forward and backward, its two modes, group normalisation."""

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
from course_lib.checks.compare import Wrong, close, several, shaped, sized
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, either_sign

forward = Exercise("07-1", "Batch normalisation, forward", "batch_norm", topics=TOPICS)
backward = Exercise("07-2", "Batch normalisation, backward", "batch_norm_backward", topics=TOPICS)


# --- 07-1: x, gamma, beta, eps -> y -----------------------------------------------------------------------------

STANDARD = "Over the batch, each feature gets mean 0 and biased variance 1"
AFFINE = "gamma scales the standardised feature, then beta shifts it"
EPS = "eps is added to the variance, under the root"
CONSTANT = "A feature that does not vary becomes beta"
SIZE = 6  # samples, and features: no shape helps


def _x(rng):
    """Features with very different means and spreads."""
    return rng.normal(size=(SIZE, SIZE)) * rng.uniform(0.5, 3, SIZE) + rng.normal(size=SIZE)


def _gamma_beta(rng):
    return rng.uniform(1.5, 3, SIZE), either_sign(rng, 0.5, 2, SIZE)


@forward.check(
    STANDARD,
    points=5,
    hint=(
        "The statistics of a feature run over the samples, axis 0; np.var divides by their number.",
        "x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)",
    ),
)
def over_the_batch_each_feature_gets(function, rng):
    x = LARGE * _x(rng)
    expected = (x - x.mean(axis=0)) / x.std(axis=0)
    close(function(x, np.ones(SIZE), np.zeros(SIZE), TINY), expected, "y for gamma 1, beta 0", atol=1e-10)


@forward.check(
    AFFINE,
    points=1,
    hint=("Both have one entry a feature and act on x_hat.", "y = gamma * x_hat + beta"),
)
def gamma_scales_the_standardised_feature_then(function, rng):
    x, (gamma, beta) = _x(rng), _gamma_beta(rng)
    y = shaped(function(x, np.ones(SIZE), np.zeros(SIZE), TINY), (SIZE, SIZE), "y for gamma 1, beta 0")
    x_hat = own_standardised(y, x)
    close(function(x, gamma, beta, TINY), gamma * x_hat + beta, "y, from your own y for gamma 1, beta 0")


@forward.check(EPS, points=1, hint=("The denominator is one root.", "np.sqrt(x.var(axis=0) + eps)"))
def eps_is_added_to_the_variance(function, rng):
    x = checkerboard(rng, (SIZE, SIZE))
    eps_under_the_root(lambda eps: function(x, np.ones(SIZE), np.zeros(SIZE), eps), x, rng)


@forward.check(
    CONSTANT,
    points=1,
    hint=("Its variance is 0, and 0 / sqrt(0 + eps) is 0.", "Without eps this is 0 / 0: eps belongs under the root."),
    supporting=True,
)
def feature_that_does_not_vary_becomes(function, rng):
    beta = _gamma_beta(rng)[1]
    x = np.full((SIZE, SIZE), rng.integers(1, 9) / 2)
    close(function(x, np.full(SIZE, 2.0), beta, 1e-5), np.tile(beta, (SIZE, 1)), "y of constant features", atol=1e-9)


@forward.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(function, rng):
    leaves_inputs_alone(function, _x(rng), *_gamma_beta(rng), 1e-5, other=(_x(rng), *_gamma_beta(rng), 1e-3))


def _forward_mistake(name, fails, says, centred=None, spread=None, affine=None):
    """Right but for ``centred(x)``, ``spread(x, eps)`` or ``affine(x_hat, gamma, beta)``."""

    def function(x, gamma, beta, eps):
        above = centred(x) if centred else x - x.mean(axis=0)
        x_hat = above / (spread(x, eps) if spread else np.sqrt(x.var(axis=0) + eps))
        return affine(x_hat, gamma, beta) if affine else gamma * x_hat + beta

    forward.mistake(name, fails, says)(function)


_forward_mistake(
    *SQUARES,
    spread=lambda x, eps: np.sqrt(np.maximum(difference_of_squares(x, axis=0), 0) + eps),
)
_forward_mistake(
    "variance in place of its root",
    (STANDARD, EPS),
    "Divide by the standard deviation, the root of the variance, or the feature's unit does not cancel.",
    spread=lambda x, eps: x.var(axis=0) + eps,
)
_forward_mistake(
    "unbiased variance",
    STANDARD,
    "In the forward pass everybody divides by the number of samples, np.var as it is. The unbiased variance, ddof=1, "
    "is only what is kept for inference (E48).",
    spread=lambda x, eps: np.sqrt(x.var(axis=0, ddof=1) + eps),
)
_forward_mistake(
    "statistics of each sample",
    STANDARD,
    "axis=1 runs over the features of one sample: that is layer normalisation. The batch is axis 0.",
    centred=lambda x: x - x.mean(axis=1, keepdims=True),
    spread=lambda x, eps: np.sqrt(x.var(axis=1, keepdims=True) + eps),
)
_forward_mistake(
    "one mean and variance for all features",
    STANDARD,
    "Without an axis, mean and variance run over the whole array; every feature has its own: axis=0.",
    centred=lambda x: x - x.mean(),
    spread=lambda x, eps: np.sqrt(x.var() + eps),
)
_forward_mistake(
    "one variance for all features",
    STANDARD,
    "Each feature has a variance of its own, over the batch: axis=0, as in the mean.",
    spread=lambda x, eps: np.sqrt(((x - x.mean(axis=0)) ** 2).mean() + eps),
)
_forward_mistake(
    "one variance for all features",
    STANDARD,
    "Each feature has a variance of its own, over the batch: axis=0, as in the mean.",
    spread=lambda x, eps: np.sqrt(x.var() + eps),
)
_forward_mistake(
    "mean subtracted twice",
    (STANDARD, CONSTANT),
    "Subtract the batch's mean of the feature once.",
    centred=lambda x: x - 2 * x.mean(axis=0),
)
_forward_mistake(
    "mean not subtracted",
    (STANDARD, CONSTANT),
    "Centre first: subtract the batch's mean of the feature.",
    centred=lambda x: x,
)
_forward_mistake(
    "statistics of each sample, subtracted from the features",
    STANDARD,
    "axis=1 gives one number a sample, and without keepdims NumPy lays it along the features. The batch is axis 0.",
    centred=lambda x: x - x.mean(axis=1),
    spread=lambda x, eps: np.sqrt(x.var(axis=1) + eps),
)
_forward_mistake(
    "squares summed, not averaged",
    STANDARD,
    "The variance is the MEAN of the squared deviations: divide their sum by the number of samples.",
    spread=lambda x, eps: np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=0) + eps),
)
_forward_mistake(
    "mean of the squares in place of the variance",
    STANDARD,
    "The squares of x itself hold the mean, too: subtract it before you square.",
    spread=lambda x, eps: np.sqrt((x**2).mean(axis=0) + eps),
)
_forward_mistake(
    "divided by nothing",
    (STANDARD, EPS),
    "x is centred, but not divided by sqrt(var + eps).",
    spread=lambda x, eps: np.ones(x.shape[1]),
)
_forward_mistake(
    "eps squared",
    EPS,
    "eps stands beside the variance as it is: var + eps.",
    spread=lambda x, eps: np.sqrt(x.var(axis=0) + eps**2),
)
_forward_mistake(
    "eps fixed at 0.00001",
    EPS,
    "eps is an argument: use what was given, not a number of your own.",
    spread=lambda x, eps: np.sqrt(x.var(axis=0) + 1e-5),
)
_forward_mistake(
    "absolute deviation in place of the standard deviation",
    STANDARD,
    "The spread is the root of the mean SQUARE of the deviations.",
    spread=lambda x, eps: np.sqrt(np.abs(x - x.mean(axis=0)).mean(axis=0) ** 2 + eps),
)
_forward_mistake(
    "divided by the range",
    (STANDARD, EPS),
    "Largest minus smallest depends on two samples only; divide by the standard deviation.",
    spread=lambda x, eps: np.ptp(x, axis=0) + eps,
)
_forward_mistake(
    "eps outside the root",
    EPS,
    "L4 and PyTorch add eps to the variance: sqrt(var + eps), not sqrt(var) + eps. At var = 0 the two differ by a "
    "factor of hundreds.",
    spread=lambda x, eps: np.sqrt(x.var(axis=0)) + eps,
)
_forward_mistake(
    "root of eps added to the standard deviation",
    EPS,
    "sqrt(a + b) is not sqrt(a) + sqrt(b): add eps first, then take the root.",
    spread=lambda x, eps: np.sqrt(x.var(axis=0)) + np.sqrt(eps),
)
_forward_mistake(
    "variance clamped at eps",
    EPS,
    "eps is always added, not used only where the variance is smaller.",
    spread=lambda x, eps: np.sqrt(np.maximum(x.var(axis=0), eps)),
)
_forward_mistake(
    "eps missing",
    (EPS, CONSTANT),
    "Without eps, as L1 prints it (E47), a feature that does not vary is 0 / 0. Add eps to the variance.",
    spread=lambda x, eps: np.sqrt(x.var(axis=0)),
)
_forward_mistake(
    "gamma missing",
    AFFINE,
    "x_hat is multiplied by gamma before beta is added.",
    affine=lambda x_hat, gamma, beta: x_hat + beta,
)
_forward_mistake(
    "beta missing",
    (AFFINE, CONSTANT),
    "Add beta at the end: y = gamma * x_hat + beta.",
    affine=lambda x_hat, gamma, beta: gamma * x_hat,
)
_forward_mistake(
    "gamma and beta swapped",
    (STANDARD, AFFINE, EPS, CONSTANT, PURE),
    "gamma is the scale, beta the shift: gamma * x_hat + beta.",
    affine=lambda x_hat, gamma, beta: beta * x_hat + gamma,
)
_forward_mistake(
    "shifted before it is scaled",
    (AFFINE, CONSTANT),
    "First times gamma, then plus beta: no brackets.",
    affine=lambda x_hat, gamma, beta: gamma * (x_hat + beta),
)
_forward_mistake(
    "nothing scaled, nothing shifted",
    (AFFINE, CONSTANT),
    "This is x_hat: y = gamma * x_hat + beta. (Before x is standardised gamma and beta cancel.)",
    affine=lambda x_hat, gamma, beta: x_hat,
)
_forward_mistake(
    "beta subtracted", (AFFINE, CONSTANT), "beta is added.", affine=lambda x_hat, gamma, beta: gamma * x_hat - beta
)
_forward_mistake(
    "one gamma and beta for all features",
    (AFFINE, CONSTANT),
    "Each feature has its own pair: use the whole arrays.",
    affine=lambda x_hat, gamma, beta: gamma[0] * x_hat + beta[0],
)
_forward_mistake(
    "divided by gamma", AFFINE, "gamma multiplies.", affine=lambda x_hat, gamma, beta: x_hat / gamma + beta
)


@forward.mistake(
    "nothing standardised",
    (STANDARD, AFFINE, EPS, CONSTANT, PURE),
    "x is scaled and shifted as it came in: standardise it over the batch first.",
)
def nothing_standardised(x, gamma, beta, eps):
    return gamma * x + beta


# --- 07-2: d_y, x_hat, std, gamma -> d_x, d_gamma, d_beta --------------------------------------------------------

DBETA = "d_beta sums d_y over the batch"
DGAMMA = "d_gamma sums d_y times x_hat over the batch"
DIRECT = "The direct path: d_y times gamma over std"
BY_MEAN = "The path through the mean: what all samples of a feature share cancels"
BY_VARIANCE = "The path through the variance: what goes along x_hat cancels"
BACK = ("d_x", "d_gamma", "d_beta")


def _back(rng, eps=0.4):
    """``(d_y, x_hat, std, gamma)`` as a forward pass leaves them; eps is large, so that x_hat has no variance of 1."""
    x, gamma = _x(rng), either_sign(rng, 1.5, 3, SIZE)
    std = np.sqrt(x.var(axis=0) + eps)
    return rng.normal(size=(SIZE, SIZE)), (x - x.mean(axis=0)) / std, std, gamma


def _free(rng):
    """The same with a d_y that has no part shared by the batch and none along x_hat."""
    d_y, x_hat, std, gamma = _back(rng)
    d_y = d_y - d_y.mean(axis=0)
    d_y = d_y - x_hat * np.sum(d_y * x_hat, axis=0) / np.sum(x_hat * x_hat, axis=0)
    return d_y, x_hat, std, gamma


def _own_factor(function, d_y, *rest):
    """``(d_x, factor)``: what the function makes of a free d_y, and d_x / d_y of each feature."""
    d_x = sized(several(function(d_y, *rest), BACK)[0], (SIZE, SIZE), "d_x")
    factor = np.sum(d_x * d_y, axis=0) / np.sum(d_y * d_y, axis=0)
    if np.any(np.abs(factor) < 1e-6):
        raise Wrong("d_x does not follow d_y.", got=d_x)
    return d_x, factor


@backward.check(DBETA, points=1, hint=("beta is added to every sample.", "d_beta = d_y.sum(axis=0)"))
def d_beta_sums_d_y_over(function, rng):
    given = _back(rng)
    close(several(function(*given), BACK)[2], given[0].sum(axis=0), "d_beta")


@backward.check(DGAMMA, points=1, hint=("gamma multiplies x_hat.", "d_gamma = (d_y * x_hat).sum(axis=0)"))
def d_gamma_sums_d_y_times(function, rng):
    given = _back(rng)
    close(several(function(*given), BACK)[1], (given[0] * given[1]).sum(axis=0), "d_gamma")


@backward.check(
    DIRECT,
    points=2,
    hint=(
        "Here d_y has no part that mean or variance could answer: only x -> (x - mean) / std -> gamma * x_hat is left.",
        "d_x_hat = d_y * gamma, and the bracket of (7.3) is divided by std.",
    ),
)
def direct_path_d_y_times_gamma(function, rng):
    given = _free(rng)
    d_x = several(function(*given), BACK)[0]
    close(d_x, given[0] * given[3] / given[2], "d_x", atol=1e-10)


@backward.check(
    BY_MEAN,
    points=3,
    hint=(
        "Raise a feature of every sample by the same amount: y stays. So d_x must not see what they share.",
        "Subtract d_x_hat.mean(axis=0).",
    ),
)
def path_through_the_mean_what_all(function, rng):
    d_y, *rest = _free(rng)
    d_x, _ = _own_factor(function, d_y, *rest)
    shared = d_y + rng.uniform(1, 2, SIZE)
    close(several(function(shared, *rest), BACK)[0], d_x, "d_x, with a shared part added to d_y,", atol=1e-10)


@backward.check(
    BY_VARIANCE,
    points=3,
    hint=(
        "Stretch a feature about its mean: y hardly changes. So d_x must not see what goes along x_hat.",
        "Subtract x_hat * (d_x_hat * x_hat).mean(axis=0).",
    ),
)
def path_through_the_variance_what_goes(function, rng):
    d_y, x_hat, std, gamma = _free(rng)
    d_x, factor = _own_factor(function, d_y, x_hat, std, gamma)
    along = rng.uniform(1, 2, SIZE) * x_hat
    left = factor * along * (1 - np.mean(x_hat * x_hat, axis=0))  # nothing, but for eps
    got = several(function(d_y + along, x_hat, std, gamma), BACK)[0]
    close(got, d_x + left, "d_x, with a part along x_hat added to d_y,", atol=1e-10)


@backward.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_backward(function, rng):
    leaves_inputs_alone(function, *_back(rng), other=_back(rng))


def _backward_mistake(name, fails, says, d_x=None, d_gamma=None, d_beta=None):
    """Right but for ``d_x(d_y, x_hat, std, gamma)``, ``d_gamma(d_y, x_hat, std, gamma)`` or ``d_beta(d_y)``."""

    def function(d_y, x_hat, std, gamma):
        right = _d_x(d_y * gamma, x_hat, std)
        return (
            d_x(d_y, x_hat, std, gamma) if d_x else right,
            d_gamma(d_y, x_hat, std, gamma) if d_gamma else (d_y * x_hat).sum(axis=0),
            d_beta(d_y) if d_beta else d_y.sum(axis=0),
        )

    backward.mistake(name, fails, says)(function)


def _by_row(a):
    return a.mean(axis=1, keepdims=True)


def _d_x(d, x_hat, std, by_mean=1.0, by_variance=1.0):
    return (d - by_mean * d.mean(axis=0) - by_variance * x_hat * (d * x_hat).mean(axis=0)) / std  # (7.3)


_backward_mistake(
    "mean and variance treated as constants",
    (BY_MEAN, BY_VARIANCE),
    "Mean and variance are made from x: each sample also moves all others through them. Subtract both means of (7.3).",
    d_x=lambda d_y, x_hat, std, gamma: d_y * gamma / std,
)
_backward_mistake(
    "variance treated as a constant",
    BY_VARIANCE,
    "The variance is made from x too: subtract x_hat times the mean of d_x_hat * x_hat.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=0),
)
_backward_mistake(
    "mean treated as a constant",
    BY_MEAN,
    "The mean is made from x too: subtract the mean of d_x_hat.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_mean=0),
)
_backward_mistake(
    "sums in place of means",
    (BY_MEAN, BY_VARIANCE),
    "Both terms are means over the batch: divide the sums by its size.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, len(d_y), len(d_y)),
)
_backward_mistake(
    "sum in place of the mean of d_x_hat",
    BY_MEAN,
    "The path through the mean averages: divide by the batch's size.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_mean=len(d_y)),
)
_backward_mistake(
    "sum in place of the mean of d_x_hat * x_hat",
    BY_VARIANCE,
    "The path through the variance averages: divide by the batch's size.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=len(d_y)),
)
_backward_mistake(
    "means over the features",
    (DIRECT, BY_MEAN, BY_VARIANCE),
    "Both means run over the batch: axis 0.",
    d_x=lambda d_y, x_hat, std, gamma: (
        (d_y * gamma - _by_row(d_y * gamma) - x_hat * _by_row(d_y * gamma * x_hat)) / std
    ),
)
_backward_mistake(
    "means over everything",
    (BY_MEAN, BY_VARIANCE),
    "Each feature has its own mean: axis=0 in both.",
    d_x=lambda d_y, x_hat, std, gamma: (
        (d_y * gamma - (d_y * gamma).mean() - x_hat * (d_y * gamma * x_hat).mean()) / std
    ),
)
_backward_mistake(
    "only the direct path divided by std",
    (BY_MEAN, BY_VARIANCE),
    "std divides all three terms: put the bracket of (7.3) before you divide.",
    d_x=lambda d_y, x_hat, std, gamma: d_y * gamma / std - d_y * gamma + _d_x(d_y * gamma, x_hat, 1.0),
)
_backward_mistake(
    "path through the mean added",
    BY_MEAN,
    "A larger mean makes x_hat smaller: this term is subtracted.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_mean=-1),
)
_backward_mistake(
    "x_hat missing inside the second mean",
    (BY_MEAN, BY_VARIANCE),
    "The second mean is that of d_x_hat * x_hat, not of d_x_hat.",
    d_x=lambda d_y, x_hat, std, gamma: (d_y * gamma - (1 + x_hat) * (d_y * gamma).mean(axis=0)) / std,
)
_backward_mistake(
    "d_x with the wrong sign",
    DIRECT,
    "Where y grows with x, d_x has the sign of d_y: no minus in front.",
    d_x=lambda d_y, x_hat, std, gamma: -_d_x(d_y * gamma, x_hat, std),
)
_backward_mistake(
    "unbiased factor in the path through the variance",
    BY_VARIANCE,
    "The forward pass divides by the number of samples, and so does its derivative: not by one less.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=len(d_y) / (len(d_y) - 1)),
)
_backward_mistake(
    "factor 2 of the square",
    BY_VARIANCE,
    "The derivative of the square brings 2, that of the root 1/2: together 1.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=2),
)
_backward_mistake(
    "factor 1/2 of the root",
    BY_VARIANCE,
    "The derivative of the root brings 1/2, that of the square 2: together 1.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=0.5),
)
_backward_mistake(
    "path through the variance added",
    BY_VARIANCE,
    "A larger variance makes x_hat smaller: this term is subtracted.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=-1),
)
_backward_mistake(
    "x_hat missing behind the second mean",
    BY_VARIANCE,
    "How far a sample moves the variance depends on where it lies: the mean of d_x_hat * x_hat is multiplied by x_hat.",
    d_x=lambda d_y, x_hat, std, gamma: (d_y * gamma - (d_y * gamma).mean(0) - (d_y * gamma * x_hat).mean(0)) / std,
)
_backward_mistake(
    "gamma missing in d_x",
    DIRECT,
    "The way back passes y = gamma * x_hat + beta: d_x_hat = d_y * gamma.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y, x_hat, std),
)
_backward_mistake(
    "gamma on the direct path only",
    (BY_MEAN, BY_VARIANCE),
    "Both means run over d_x_hat = d_y * gamma, not over d_y.",
    d_x=lambda d_y, x_hat, std, gamma: d_y * gamma / std - (d_y - std * _d_x(d_y, x_hat, std)) / std,
)
_backward_mistake(
    "gamma missing in the path through the mean",
    BY_MEAN,
    "Both means run over d_x_hat = d_y * gamma, not over d_y.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, 0) - d_y.mean(axis=0) / std,
)
_backward_mistake(
    "gamma missing in the path through the variance",
    BY_VARIANCE,
    "Both means run over d_x_hat = d_y * gamma, not over d_y.",
    d_x=lambda d_y, x_hat, std, gamma: (
        _d_x(d_y * gamma, x_hat, std, by_variance=0) - x_hat * (d_y * x_hat).mean(axis=0) / std
    ),
)
_backward_mistake(
    "x_hat divided by its variance",
    BY_VARIANCE,
    "(7.3) has x_hat as it is: with eps its variance is a little below 1, and so something of the stretch is left.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std, by_variance=1 / (x_hat**2).mean(axis=0)),
)
_backward_mistake(
    "not divided by std",
    DIRECT,
    "x_hat is x over std, and so is its slope: divide the bracket by std.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, 1.0),
)
_backward_mistake(
    "divided by the variance",
    DIRECT,
    "std is the root already: divide by it once.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, std**2),
)
_backward_mistake(
    "multiplied by std",
    DIRECT,
    "The forward pass divides by std; its derivative does, too.",
    d_x=lambda d_y, x_hat, std, gamma: _d_x(d_y * gamma, x_hat, 1 / std),
)
_backward_mistake(
    "d_gamma without x_hat",
    DGAMMA,
    "gamma multiplies x_hat: so does its gradient. What you return is d_beta.",
    d_gamma=lambda d_y, x_hat, std, gamma: d_y.sum(axis=0),
)
_backward_mistake(
    "d_gamma averaged",
    DGAMMA,
    "One gamma serves all samples: the chain rule adds up, it does not average.",
    d_gamma=lambda d_y, x_hat, std, gamma: (d_y * x_hat).mean(axis=0),
)
_backward_mistake(
    "d_gamma with the input before it was standardised",
    DGAMMA,
    "gamma meets x_hat in the forward pass, not x_hat * std.",
    d_gamma=lambda d_y, x_hat, std, gamma: (d_y * x_hat * std).sum(axis=0),
)
_backward_mistake(
    "gamma in its own gradient",
    DGAMMA,
    "The derivative of gamma * x_hat by gamma is x_hat, without gamma.",
    d_gamma=lambda d_y, x_hat, std, gamma: (d_y * gamma * x_hat).sum(axis=0),
)
_backward_mistake(
    "d_beta averaged", DBETA, "One beta serves all samples: sum over the batch.", d_beta=lambda d_y: d_y.mean(axis=0)
)
_backward_mistake(
    "d_beta summed over the features",
    DBETA,
    "There is one beta for each feature: sum over the samples, axis 0.",
    d_beta=lambda d_y: d_y.sum(axis=1),
)


@backward.mistake("d_gamma and d_beta swapped", (DBETA, DGAMMA), "Return d_x, d_gamma, d_beta, in this order.")
def d_gamma_and_d_beta_swapped(d_y, x_hat, std, gamma):
    return _d_x(d_y * gamma, x_hat, std), d_y.sum(axis=0), (d_y * x_hat).sum(axis=0)


@forward.mistake(
    "divided by the number of features",
    WHOLE,
    "The mean is over the batch: divide by len(x), not by the number of features.",
)
def divided_by_the_number_of_features(x, gamma, beta, eps):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=0) / x.shape[1] + eps)
    return gamma * x_hat + beta


@forward.mistake("one mean for all features", STANDARD, "Every feature has its own mean, over the batch.")
def one_mean_for_all_features(x, gamma, beta, eps):
    x_hat = (x - x.mean()) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta


@forward.mistake(
    "beta divided by the deviation",
    (AFFINE, CONSTANT),
    "beta is added at the end, to the feature that has been standardised and scaled.",
)
def beta_divided_by_the_deviation(x, gamma, beta, eps):
    return gamma * (x - x.mean(axis=0) + beta) / np.sqrt(x.var(axis=0) + eps)


@forward.mistake("the median in place of the mean", STANDARD, "Batch normalisation subtracts the mean.")
def the_median_in_place_of_the_mean(x, gamma, beta, eps):
    x_hat = (x - np.median(x, axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta


@backward.mistake(
    "divided by the number of features",
    WHOLE,
    "Both means are over the batch: divide by its size, not by the number of features.",
)
def means_divided_by_the_number_of_features(d_y, x_hat, std, gamma):
    d_x_hat = d_y * gamma
    by_mean = d_x_hat.sum(axis=0) / d_y.shape[1]
    by_variance = x_hat * (d_x_hat * x_hat).sum(axis=0) / d_y.shape[1]
    return ((d_x_hat - by_mean - by_variance) / std, (d_y * x_hat).sum(axis=0), d_y.sum(axis=0))


@backward.mistake("gamma in the gradient of beta", DBETA, "beta is added after gamma: d_beta sums d_y alone.")
def gamma_in_the_gradient_of_beta(d_y, x_hat, std, gamma):
    d_x_hat = d_y * gamma
    by_mean = d_x_hat.mean(axis=0)
    by_variance = x_hat * (d_x_hat * x_hat).mean(axis=0)
    return ((d_x_hat - by_mean - by_variance) / std, (d_y * x_hat).sum(axis=0), d_x_hat.sum(axis=0))


@backward.mistake("the mean's path not divided by std", BY_MEAN, "All three parts are divided by std.")
def the_mean_s_path_not_divided_by_std(d_y, x_hat, std, gamma):
    d_x_hat = d_y * gamma
    by_mean = d_x_hat.mean(axis=0)
    by_variance = x_hat * (d_x_hat * x_hat).mean(axis=0)
    return (d_x_hat / std - by_mean - by_variance / std, (d_y * x_hat).sum(axis=0), d_y.sum(axis=0))
