"""Exercise 08-3: the L1 and L2 penalties."""

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import PURE, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, alike, close, numbers, several, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign

penalties = Exercise("08-3", "L1 and L2 penalty", "penalty", topics=TOPICS)

VALUE_L2 = "The L2 part is half of l2_penalty times the sum of the squared weights"
VALUE_L1 = "The L1 part is l1_penalty times the sum of the absolute weights"
SLOPE_L2 = "The L2 part pulls every weight back in proportion to it"
SLOPE_L1 = "The L1 part pulls every weight back by the same amount"
ZERO = "At a weight of exactly 0 the L1 part has slope 0"
BOTH = "With both penalties their values and gradients add up"
BIAS = "The bias is not penalised"
OUT = ("value", "d_weight", "d_bias")


IN_THE_VALUE = (
    "bias in the value only",
    "Its gradient is 0, and yet the value changes with the bias: leave it out of the value.",
)


def _layer(rng):
    """weight (3, 4) with entries at least 0.2 away from 0 and from 1, and a bias of zeros."""
    weight = either_sign(rng, 0.2, 0.8, (3, 4))
    weight.flat[::5] *= 2.5
    return weight, np.zeros(3)


def _strengths(rng):
    return rng.uniform(0.1, 0.3), rng.uniform(0.4, 0.7)


@penalties.check(
    VALUE_L2,
    points=2,
    hint=(
        "With a factor 1/2 in front, the gradient is l2_penalty * weight, without a 2: weight decay.",
        "l2_penalty / 2 * np.sum(weight**2)",
    ),
)
def l2_part_is_half_of_l2(penalty, rng):
    (weight, bias), (_, l2) = _layer(rng), _strengths(rng)
    value, _, _ = several(penalty(weight, bias, 0.0, l2), OUT)
    close(value, l2 / 2 * np.sum(weight**2), "the value")  # (8.2)


@penalties.check(VALUE_L1, points=2, hint="l1_penalty * np.sum(np.abs(weight)): no factor 1/2, no mean.")
def l1_part_is_l1_penalty_times(penalty, rng):
    (weight, bias), (l1, _) = _layer(rng), _strengths(rng)
    value, _, _ = several(penalty(weight, bias, l1, 0.0), OUT)
    close(value, l1 * np.sum(np.abs(weight)), "the value")  # (8.2)


@penalties.check(
    SLOPE_L2,
    points=2,
    hint=("Differentiate l2_penalty / 2 * w^2 by w.", "d_weight = l2_penalty * weight"),
)
def l2_part_pulls_every_weight_back(penalty, rng):
    (weight, bias), (_, l2) = _layer(rng), _strengths(rng)
    _, d_weight, _ = several(penalty(weight, bias, 0.0, l2), OUT)
    close(d_weight, l2 * weight, "d_weight")


@penalties.check(
    SLOPE_L1,
    points=2,
    hint=("The slope of |w| is 1 on the right of 0 and -1 on the left.", "d_weight = l1_penalty * np.sign(weight)"),
)
def l1_part_pulls_every_weight_back(penalty, rng):
    (weight, bias), (l1, _) = _layer(rng), _strengths(rng)
    _, d_weight, _ = several(penalty(weight, bias, l1, 0.0), OUT)
    close(d_weight, l1 * np.sign(weight), "d_weight")


@penalties.check(
    ZERO,
    points=1,
    hint="|w| has a kink at 0: any slope from -1 to 1 is a subgradient, and the statement takes 0, as np.sign does.",
    supporting=True,
)
def at_a_weight_of_exactly_0(penalty, rng):
    (weight, bias), (l1, _) = _layer(rng), _strengths(rng)
    weight[:, 1] = 0.0
    _, d_weight, _ = several(penalty(weight, bias, l1, 0.0), OUT)
    d_weight = shaped(d_weight, weight.shape, "d_weight")
    close(d_weight[:, 1], np.zeros(3), "the slope at weights of 0")
    if not d_weight.any():
        raise Wrong("The L1 part has slope 0 everywhere, not only at weights of 0.", got=d_weight)


@penalties.check(
    BOTH,
    points=1,
    hint="Neither part asks whether the other one is there: add them, in the value and in d_weight.",
    supporting=True,
)
def with_both_penalties_their_values(penalty, rng):
    (weight, bias), (l1, l2) = _layer(rng), _strengths(rng)
    pairs = (l1, 0.0), (0.0, l2), (l1, l2)
    for part, (what, shape) in enumerate((("the value", ()), ("d_weight", weight.shape))):
        results = (several(penalty(weight, bias, *pair), OUT)[part] for pair in pairs)
        first, second, whole = (shaped(result, shape, what) for result in results)
        if alike(first, 0 * first) or alike(second, 0 * second):
            raise Wrong(f"One of the penalties alone leaves {what} at 0.", got=first if first.any() else second)
        close(whole, first + second, f"{what} with both penalties")


@penalties.check(
    BIAS,
    points=1,
    hint="Only weights are penalised: the bias does not enter the value, and its gradient is an array of zeros.",
    supporting=True,
)
def bias_is_not_penalised(penalty, rng):
    (weight, _), (_, l2) = _layer(rng), _strengths(rng)
    value, _, d_bias = several(penalty(weight, rng.uniform(0.5, 1.0, 3), 0.0, l2), OUT)
    again, _, _ = several(penalty(weight, np.zeros(3), 0.0, l2), OUT)
    close(d_bias, np.zeros(3), "d_bias")
    with telling(True, *IN_THE_VALUE):
        close(value, numbers(again, "the value"), "the value with a bias")


@penalties.check(
    PURE,
    points=1,
    hint="weight * l2_penalty makes a new array; weight *= l2_penalty writes into the caller's.",
    aside=True,
)
def pure(penalty, rng):
    def given():
        weight, _ = _layer(rng)
        return weight, rng.normal(size=3), *_strengths(rng)

    leaves_inputs_alone(penalty, *given(), other=given())


def _mistake(name, fails, says, value=None, slope=None, bias=None):
    """A wrong ``value(w, l1, l2)``, ``slope(w, l1, l2)`` or ``bias(b, l1, l2) -> (value, slope)``."""

    def right_value(w, l1, l2):
        return l1 * np.sum(np.abs(w)) + l2 / 2 * np.sum(w**2)

    def right_slope(w, l1, l2):
        return l1 * np.sign(w) + l2 * w

    def function(weight, bias_, l1_penalty, l2_penalty):
        more, d_bias = (bias or (lambda b, l1, l2: (0.0, np.zeros_like(b))))(bias_, l1_penalty, l2_penalty)
        total = (value or right_value)(weight, l1_penalty, l2_penalty) + more
        return total, (slope or right_slope)(weight, l1_penalty, l2_penalty), d_bias

    def named(weight, bias, l1_penalty, l2_penalty):
        return function(weight, bias, l1_penalty, l2_penalty)

    penalties.mistake(name, fails, says)(named)


_mistake(
    "the other convention: no factor 1/2",
    (VALUE_L2, SLOPE_L2),
    "This is lambda * sum of squares with the gradient 2 * lambda * w, as L1's formula (2) and Keras have it: right "
    "there, but here l2_penalty stands with a factor 1/2, so that it is the rate of weight decay (as in PyTorch).",
    value=lambda w, l1, l2: l1 * np.abs(w).sum() + l2 * np.sum(w**2),
    slope=lambda w, l1, l2: l1 * np.sign(w) + 2 * l2 * w,
)
_mistake(
    "1/2 missing in the value",
    VALUE_L2,
    "The gradient belongs to half the squares, the value to all of them: check with a central difference.",
    value=lambda w, l1, l2: l1 * np.abs(w).sum() + l2 * np.sum(w**2),
)
_mistake(
    "2 left in the gradient",
    SLOPE_L2,
    "The 2 from the square and the 1/2 in front cancel: l2_penalty * weight.",
    slope=lambda w, l1, l2: l1 * np.sign(w) + 2 * l2 * w,
)
_mistake(
    "1/2 left in the gradient",
    SLOPE_L2,
    "The 1/2 is used up when the square is differentiated: l2_penalty * weight.",
    slope=lambda w, l1, l2: l1 * np.sign(w) + l2 / 2 * w,
)
_mistake(
    "mean instead of sum",
    (VALUE_L2, VALUE_L1),
    "The penalty adds over the weights. A mean would make it weaker the larger the layer is.",
    value=lambda w, l1, l2: l1 * np.mean(np.abs(w)) + l2 / 2 * np.mean(w**2),
)
_mistake(
    "norm not squared",
    VALUE_L2,
    "np.linalg.norm is the root of the sum of squares: square it.",
    value=lambda w, l1, l2: l1 * np.abs(w).sum() + l2 / 2 * np.linalg.norm(w),
)
_mistake(
    "1/2 on the L1 part too",
    VALUE_L1,
    "The factor 1/2 belongs to the square: the L1 part has none.",
    value=lambda w, l1, l2: l1 / 2 * np.abs(w).sum() + l2 / 2 * np.sum(w**2),
)
_mistake(
    "absolute value forgotten",
    VALUE_L1,
    "Positive and negative weights cancel in the plain sum: take their absolute values.",
    value=lambda w, l1, l2: l1 * np.sum(w) + l2 / 2 * np.sum(w**2),
)
_mistake(
    "matrix norm",
    VALUE_L1,
    "np.linalg.norm(weight, 1) of a matrix is the largest column sum: use np.sum(np.abs(weight)).",
    value=lambda w, l1, l2: l1 * np.linalg.norm(w, 1) + l2 / 2 * np.sum(w**2),
)
_mistake(
    "sign forgotten",
    SLOPE_L1,
    "The L1 part pulls towards 0 from both sides: +l1_penalty for positive weights, -l1_penalty for negative ones.",
    slope=lambda w, l1, l2: l1 * (w != 0) + l2 * w,
)
_mistake(
    "absolute value as the L1 gradient",
    SLOPE_L1,
    "|w| is the penalty, not its slope: that is the sign of w, the same size for all weights.",
    slope=lambda w, l1, l2: l1 * np.abs(w) + l2 * w,
)
_mistake(
    "L1 gradient in proportion to the weight",
    SLOPE_L1,
    "That is how the L2 part pulls. The L1 part pulls small weights as hard as large ones: the sign only.",
    slope=lambda w, l1, l2: l1 * w + l2 * w,
)
_mistake(
    "slope 1 at 0",
    ZERO,
    "np.where(w >= 0, 1, -1) pushes weights of exactly 0 away. np.sign(0) is 0.",
    slope=lambda w, l1, l2: l1 * np.where(w >= 0, 1.0, -1.0) + l2 * w,
)
_mistake(
    "slope -1 at 0",
    ZERO,
    "np.where(w > 0, 1, -1) pushes weights of exactly 0 away. np.sign(0) is 0.",
    slope=lambda w, l1, l2: l1 * np.where(w > 0, 1.0, -1.0) + l2 * w,
)
_mistake(
    "bias penalised",
    BIAS,
    "A bias moves the output as a whole and overfits little; shrinking it only shifts the predictions. Leave it out, "
    "of value and gradient.",
    bias=lambda b, l1, l2: (l1 * np.abs(b).sum() + l2 / 2 * np.sum(b**2), l1 * np.sign(b) + l2 * b),
)
for name, says, bias in (
    (*IN_THE_VALUE, lambda b, l1, l2: (l1 * np.abs(b).sum() + l2 / 2 * np.sum(b**2), np.zeros_like(b))),
    (*IN_THE_VALUE, lambda b, l1, l2: (l2 / 2 * np.sum(b**2), np.zeros_like(b))),
    (
        "L2 on the bias",
        "The L2 part counts the bias, in value and gradient. Only weights are penalised.",
        lambda b, l1, l2: (l2 / 2 * np.sum(b**2), l2 * b),
    ),
    (
        "L2 on the bias, in the gradient only",
        "d_bias is an array of zeros: the value does not hold the bias, so its gradient cannot.",
        lambda b, l1, l2: (0.0, l2 * b),
    ),
):
    _mistake(name, BIAS, says, bias=bias)
_mistake(
    "bias in the gradient only",
    BIAS,
    "d_bias is an array of zeros: the value does not hold the bias, so its gradient cannot.",
    bias=lambda b, l1, l2: (0.0, l1 * np.sign(b) + l2 * b),
)
_mistake(
    "penalties swapped",
    (VALUE_L2, VALUE_L1, SLOPE_L2, SLOPE_L1, ZERO, BOTH, BIAS, PURE),
    "l1_penalty belongs to the absolute values, l2_penalty to the squares; it comes last.",
    value=lambda w, l1, l2: l2 * np.abs(w).sum() + l1 / 2 * np.sum(w**2),
    slope=lambda w, l1, l2: l2 * np.sign(w) + l1 * w,
)
_mistake(
    "pushes weights away from 0",
    (SLOPE_L2, SLOPE_L1),
    "The gradient points uphill, to larger weights; the optimizer's minus makes it a pull towards 0.",
    slope=lambda w, l1, l2: -l1 * np.sign(w) - l2 * w,
)
_mistake(
    "1/2 in front of everything",
    (VALUE_L2, VALUE_L1, SLOPE_L2, SLOPE_L1, ZERO, BOTH, BIAS, PURE),
    "Everything is half of what it should be: the factor 1/2 stands in front of the sum of squares only, and is used "
    "up in the gradient.",
    value=lambda w, l1, l2: (l1 * np.abs(w).sum() + l2 / 2 * np.sum(w**2)) / 2,
    slope=lambda w, l1, l2: (l1 * np.sign(w) + l2 * w) / 2,
)
_mistake(
    "strengths left out of the gradient",
    (SLOPE_L2, SLOPE_L1, BOTH),
    "l1_penalty and l2_penalty are factors of the value, so they are factors of its gradient, too.",
    slope=lambda w, l1, l2: np.sign(w) + w,
)
_mistake(
    "one penalty instead of both",
    BOTH,
    "With an L1 penalty the L2 part is left out of the gradient: the two are added, whatever their strengths.",
    slope=lambda w, l1, l2: l1 * np.sign(w) if l1 else l2 * w,
)


@penalties.mistake(
    "penalties swapped in the value",
    (VALUE_L2, VALUE_L1),
    "l1_penalty belongs to the absolute values, l2_penalty to the squares.",
)
def penalties_swapped_in_the_value(weight, bias, l1_penalty, l2_penalty):
    value = l2_penalty * np.sum(np.abs(weight)) + l1_penalty / 2 * np.sum(weight**2)
    return (value, l1_penalty * np.sign(weight) + l2_penalty * weight, np.zeros_like(bias))


@penalties.mistake("the largest row sum", VALUE_L1, "The L1 part is the sum over all weights: no norm of a matrix.")
def the_largest_row_sum(weight, bias, l1_penalty, l2_penalty):
    value = l1_penalty * np.abs(weight).sum(axis=1).max() + l2_penalty / 2 * np.sum(weight**2)
    return (value, l1_penalty * np.sign(weight) + l2_penalty * weight, np.zeros_like(bias))
