"""Exercises 05-4 and 05-5: Adam and AdamW, one update each.

The mistakes of Adam are written with ``_step``, which has one switch for every part of the update.
"""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import (
    DIGITS,
    EPS,
    EPS_HINTS,
    PURE,
    PURE_HINT,
    SEEN,
    TOPICS,
    UNSEEN,
    bowl,
    eps_outside,
    slope,
    squares,
    stays,
    vector,
)
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.kit import Exercise

adam = Exercise("05-4", "Adam", "adam_step", topics=TOPICS)
adamw = Exercise("05-5", "AdamW", "adamw_step", topics=TOPICS)
NAMES = ("theta", "first_moment", "second_moment")


def _rest(rng, eps=UNSEEN):
    """learning_rate, beta1, beta2, eps."""
    return rng.uniform(0.05, 0.2), rng.uniform(0.6, 0.85), rng.uniform(0.9, 0.97), eps


def _inputs(rng):
    """theta, both moments, t, gradient and the rest, somewhere in the middle of a run."""
    return vector(rng), vector(rng), squares(rng), int(rng.integers(3, 7)), bowl(rng), *_rest(rng)


def _falling(given, rng):
    """The same inputs with gradients so small that the second moment falls: a maximum would not."""
    return *given[:4], slope(0.1 * vector(rng)), *given[5:]


def _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    """The right update with the gradient ``g``."""
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2  # (5.12), (5.13)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)  # (5.14)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v  # (5.15)


# --- 05-4: theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps ----------------------

FIRST = "The first moment averages gradients with beta1"
SECOND = "The second moment averages squared gradients with beta2"
START = "At t = 1, from zero moments, every coordinate moves by learning_rate"
LATER = "Later, theta moves by the corrected first moment over the root of the corrected second"


@adam.check(
    FIRST,
    points=1,
    hint=("An average: its weights add up to 1.", "first_moment = beta1 * first_moment + (1 - beta1) * g"),
)
def first_moment_averages_gradients_with_beta1(step, rng):
    given = _inputs(rng)
    close(several(step(*given), NAMES)[1], _step(*given[:4], given[4](given[0]), *given[5:])[1], "the first moment")


@adam.check(
    SECOND,
    points=1,
    hint=("This line is RMSprop's.", "second_moment = beta2 * second_moment + (1 - beta2) * g**2"),
)
def second_moment_averages_squared_gradients(step, rng):
    usual = _inputs(rng)
    for given in (usual, _falling(usual, rng)):
        right = _step(*given[:4], given[4](given[0]), *given[5:])
        close(several(step(*given), NAMES)[2], right[2], "the second moment")


@adam.check(
    START,
    points=1,
    hint=(
        "After one gradient the moments hold only (1 - beta1) and (1 - beta2) of it: both are to be corrected.",
        "m_hat = first_moment / (1 - beta1**t) and v_hat = second_moment / (1 - beta2**t), with t = 1 here",
    ),
)
def at_t_1_from_zero_moments(step, rng):
    theta, zero, g, rest = vector(rng), np.zeros(4), vector(rng), _rest(rng)
    new = several(step(theta, zero, zero.copy(), 1, slope(g), *rest), NAMES)[0]
    close(new, theta - rest[0] * np.sign(g), "theta after the first update", DIGITS)


@adam.check(
    LATER,
    points=5,
    hint=(
        "Both corrections depend on t, and what is divided is the corrected first moment, not the gradient.",
        "theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps)",
    ),
)
def later_theta_moves_by_the_corrected(step, rng):
    usual = _inputs(rng)
    late = *usual[:3], int(rng.integers(40, 60)), *usual[4:]
    for given in (_falling(usual, rng), usual, late):
        right = _step(*given[:4], given[4](given[0]), *given[5:])
        close(several(step(*given), NAMES)[0], right[0], "the new theta", DIGITS)


@adam.check(EPS, points=1, hint=EPS_HINTS)
def eps_adam(step, rng):
    theta, m, v, t, _, learning_rate, beta1, beta2, _ = _inputs(rng)
    g = 0.2 * np.abs(vector(rng)) * np.sign(m)
    root = np.sqrt((beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t))
    eps_outside(step, NAMES, theta, lambda eps: (m, v, t, slope(g), learning_rate, beta1, beta2, eps), root)
    stays(step, NAMES, theta, 0 * m, 0 * v, 1, slope(0 * g), learning_rate, beta1, beta2, 0.01)


@adam.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(step, rng):
    leaves_inputs_alone(step, *_inputs(rng), other=_inputs(rng))


MOVES = (START, LATER)
EVERY = (FIRST, SECOND, *MOVES, EPS, PURE)


def _wrong(name, fails, says):
    """A mistake of Adam from a function of numbers: the gradient comes in as an array ``g``."""

    def add(function):
        def step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
            g = gradient(theta)
            return function(theta, first_moment, second_moment, t, g, learning_rate, beta1, beta2, eps)

        return adam.mistake(name, fails, says)(step)

    return add


def _averages(m, v, g, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


@_wrong(
    "second moment not corrected",
    (*MOVES, EPS),
    "You divide by the second moment itself, as L1 prints it (erratum E40): at beta2 = 0.999 the first step is 31.6 "
    "learning rates long. Divide by the root of second_moment / (1 - beta2**t).",
)
def second_moment_not_corrected(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v) + eps), m, v


@_wrong(
    "second moment not corrected, eps inside",
    (*MOVES, EPS),
    "This is Adam as L1 prints it, sqrt(v + eps) with v not corrected (erratum E40): correct v, put eps outside.",
)
def second_moment_not_corrected_eps_inside(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (1 - beta1**t) / np.sqrt(v + eps), m, v


@_wrong(
    "first moment not corrected",
    MOVES,
    "The first moment starts at 0 too: divide it by 1 - beta1**t, or the first steps are too short.",
)
def first_moment_not_corrected(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong(
    "no bias correction",
    (*MOVES, EPS),
    "This is L0's first idea, Adam without bias correction: at the default betas its first step is 3.2 learning "
    "rates long. Divide the moments by 1 - beta1**t and 1 - beta2**t.",
)
def no_bias_correction(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (np.sqrt(v) + eps), m, v


@_wrong(
    "t counted from 0",
    (*MOVES, EPS),
    "beta**(t + 1) is right where t is 0 at the first update. Here t is 1 there: write beta**t.",
)
def t_counted_from_0(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, *_ = _step(theta, m, v, t + 1, g, learning_rate, beta1, beta2, eps)
    return new, *_averages(m, v, g, beta1, beta2)


@_wrong(
    "beta1 in both corrections",
    (*MOVES, EPS),
    "You correct the second moment by 1 - beta1**t: it is an average with beta2, so divide it by 1 - beta2**t.",
)
def beta1_in_both_corrections(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta1**t)) + eps), m, v


@_wrong(
    "correction outside the root",
    (*MOVES, EPS),
    "sqrt(v) / (1 - beta2**t) corrects too much: correct v first, then take the root of v_hat.",
)
def correction_outside_the_root(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v) / (1 - beta2**t) + eps), m, v


@_wrong(
    "multiplied by the corrections",
    (*MOVES, EPS),
    "The moments are too small at the start: they are divided by 1 - beta**t, not multiplied by it.",
)
def multiplied_by_the_corrections(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m * (1 - beta1**t) / (np.sqrt(v * (1 - beta2**t)) + eps), m, v


@_wrong(
    "a step with the old moments",
    (*MOVES, EPS),
    "Update the moments first: this step's gradient counts in both of them already.",
)
def step_with_the_old_moments(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new = theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return new, *_averages(m, v, g, beta1, beta2)


@_wrong(
    "AMSGrad in place of Adam",
    (SECOND, LATER, EPS),
    "This is AMSGrad's maximum: Adam's second moment falls again when gradients become small.",
)
def amsgrad_in_place_of_adam(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, new = _averages(m, v, g, beta1, beta2)
    v = np.maximum(v, new)
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong(
    "one update behind",
    (*MOVES, EPS),
    "beta**(t - 1) divides by 0 at the first update: t is 1 there, write beta**t.",
)
def one_update_behind(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, *_ = _step(theta, m, v, t - 1, g, learning_rate, beta1, beta2, eps)
    return new, *_averages(m, v, g, beta1, beta2)


@_wrong(
    "correction without the power",
    (LATER, EPS),
    "1 - beta is right at t = 1 only: the correction is 1 - beta**t and fades away.",
)
def correction_without_the_power(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, *_ = _step(theta, m, v, 1, g, learning_rate, beta1, beta2, eps)
    return new, *_averages(m, v, g, beta1, beta2)


@_wrong(
    "t times beta",
    (LATER, EPS),
    "1 - beta * t is not 1 - beta**t: the two agree at t = 1 only.",
)
def t_times_beta(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    m_hat, v_hat = m / (1 - beta1 * t), v / (1 - beta2 * t)
    return theta - learning_rate * m_hat / (np.sqrt(np.abs(v_hat)) + eps), m, v


for guard in (1.0, np.inf):  # a correction of 1 at most, or of any size

    @_wrong(
        "corrections that grow with t",
        (LATER, EPS),
        "t (1 - beta) is not 1 - beta**t: the correction is a power, and comes to 1 by and by.",
    )
    def corrections_that_grow_with_t(theta, m, v, t, g, learning_rate, beta1, beta2, eps, guard=guard):
        m, v = _averages(m, v, g, beta1, beta2)
        m_hat, v_hat = m / min(t * (1 - beta1), guard), v / min(t * (1 - beta2), guard)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v


@_wrong(
    "AdaBelief in place of Adam",
    (SECOND, *MOVES, EPS),
    "You average (g - m)**2, how far the gradient is from its average, as AdaBelief does: Adam's second moment "
    "averages g**2.",
)
def adabelief_in_place_of_adam(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g - m) ** 2
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong(
    "corrected moments returned",
    (FIRST, SECOND),
    "Return the moments themselves: the corrected ones serve this step only, the next one would correct them again.",
)
def corrected_moments_returned(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, m, v = _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps)
    return new, m / (1 - beta1**t), v / (1 - beta2**t)


@_wrong(
    "eps inside the root",
    EPS,
    "You divide by sqrt(v_hat + eps): L1's place for it (erratum E32). Here, as in L0, L2, L3, Kingma and Ba and "
    "PyTorch, it stands outside, sqrt(v_hat) + eps.",
)
def eps_inside_the_root(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps), m, v


@_wrong(
    "eps on the uncorrected root",
    EPS,
    "This is the reordered form that Keras and TensorFlow use: eps beside sqrt(v), before the correction, which is a "
    "larger eps while t is small. Here eps is added to sqrt(v_hat).",
)
def eps_on_the_uncorrected_root(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    rate = learning_rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps), m, v


@_wrong("eps missing", EPS, "Where a gradient has always been 0 this divides 0 by 0: add eps to the root.")
def eps_missing(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    return _step(theta, m, v, t, g, learning_rate, beta1, beta2, 0.0)


@_wrong("uphill", MOVES, "theta climbs: subtract the step.")
def uphill(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    return _step(theta, m, v, t, g, -learning_rate, beta1, beta2, eps)


@_wrong("learning rate forgotten", MOVES, "The quotient is to be multiplied by learning_rate.")
def learning_rate_forgotten(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    return _step(theta, m, v, t, g, 1.0, beta1, beta2, eps)


@_wrong(
    "the gradient in place of the first moment",
    LATER,
    "This is RMSprop with a bias correction: above the fraction line stands the corrected first moment.",
)
def gradient_in_place_of_the_first(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * g / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong(
    "RMSprop in place of Adam",
    (FIRST, *MOVES, EPS),
    "This is RMSprop: Adam also averages the gradient itself, and corrects both averages.",
)
def rmsprop_in_place_of_adam(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    v = beta2 * v + (1 - beta2) * g**2
    return theta - learning_rate * g / (np.sqrt(v) + eps), m, v


@_wrong(
    "momentum in place of Adam",
    (FIRST, SECOND, *MOVES, EPS, PURE),
    "This is momentum, exercise 03-1: nothing is divided by the size of the gradients.",
)
def momentum_in_place_of_adam(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m = beta1 * m - learning_rate * g
    return theta + m, m, v


@_wrong(
    "first and second moment swapped",
    (FIRST, SECOND, LATER, EPS),
    "beta1 belongs to the average of gradients, beta2 to that of their squares.",
)
def first_and_second_moment_swapped(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    return _step(theta, m, v, t, g, learning_rate, beta2, beta1, eps)


@_wrong(
    "moments returned in the wrong order",
    (FIRST, SECOND),
    "Return theta, then the first moment, then the second.",
)
def moments_returned_in_the_wrong_order(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, m, v = _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps)
    return new, v, m


@_wrong(
    "divides the second moment by the root of the first",
    (*MOVES, EPS),
    "Above the fraction line stands the first moment, below it the root of the second.",
)
def divides_the_second_moment(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * (v / (1 - beta2**t)) / (np.sqrt(np.abs(m / (1 - beta1**t))) + eps), m, v


@_wrong("root missing", (*MOVES, EPS), "The second moment holds squares: divide by its root.")
def root_missing(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = _averages(m, v, g, beta1, beta2)
    return theta - learning_rate * m / (1 - beta1**t) / (v / (1 - beta2**t) + eps), m, v


@_wrong("gradient not squared", (SECOND, *MOVES, EPS), "The second moment collects squares: g**2.")
def gradient_not_squared(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * np.abs(g)
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong(
    "second moment of the first moment",
    (SECOND, LATER, EPS),
    "The second moment averages the squares of gradients, not of the first moment.",
)
def second_moment_of_the_first_moment(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (m / (1 - beta1**t)) ** 2
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong(
    "a sum in place of an average",
    (FIRST, *MOVES),
    "beta1 * m + g is momentum's sum; Adam's first moment is an average, its gradient has the weight 1 - beta1.",
)
def sum_in_place_of_an_average(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    m, v = beta1 * m + g, beta2 * v + (1 - beta2) * g**2
    return theta - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@_wrong("returns the old first moment", FIRST, "The second result is the new first moment: the next step needs it.")
def returns_the_old_first_moment(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, _, v = _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps)
    return new, m, v


@_wrong("returns the old second moment", SECOND, "The third result is the new second moment: the next step needs it.")
def returns_the_old_second_moment(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, m, _ = _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps)
    return new, m, v


@_wrong("moments not returned", EVERY, "Return three results: theta and both moments, which the next step needs.")
def moments_not_returned(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    return _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps)[0]


@_wrong(
    "state changed in place",
    PURE,
    "`first_moment *= beta1` writes into the caller's array: write first_moment = beta1 * first_moment + ...",
)
def state_changed_in_place(theta, m, v, t, g, learning_rate, beta1, beta2, eps):
    new, m[...], v[...] = _step(theta, m, v, t, g, learning_rate, beta1, beta2, eps)
    return new, m.copy(), v.copy()


# --- 05-5: the same with weight_decay at the end ------------------------------------------------------------------

APART = "The moments see the gradient alone, nothing of the decay"
SHRINKS = "Where no gradient pulls, theta shrinks by the factor 1 - learning_rate * weight_decay"
WHOLE = "Adam's step and the decay of the old theta stand side by side"


def _decay(rng):
    return rng.uniform(0.2, 0.6)


def _right(theta, m, v, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    new, m, v = _step(theta, m, v, t, gradient(theta), learning_rate, beta1, beta2, eps)
    return new - learning_rate * weight_decay * theta, m, v  # (5.16)


@adamw.check(
    APART,
    points=1,
    hint=("What would become of the decay if it went through the second moment?", "g = gradient(theta), and no more"),
)
def moments_see_the_gradient_alone_nothing(step, rng):
    given = *_inputs(rng), _decay(rng)
    _, m, v = several(step(*given), NAMES)
    right = _right(*given)
    close(m, right[1], "the first moment")
    close(v, right[2], "the second moment")


@adamw.check(
    SHRINKS,
    points=3,
    hint=(
        "All coordinates lose the same share of themselves, large and small, steep and flat.",
        "theta - learning_rate * weight_decay * theta - (Adam's step)",
    ),
)
def where_no_gradient_pulls_theta_shrinks(step, rng):
    theta, zero, rest = vector(rng), np.zeros(4), _rest(rng, eps=1e-3)
    weight_decay = _decay(rng)
    given = zero, zero.copy(), int(rng.integers(1, 9)), slope(zero), *rest, weight_decay
    close(several(step(theta, *given), NAMES)[0], theta * (1 - rest[0] * weight_decay), "the new theta")


@adamw.check(
    WHOLE,
    points=4,
    hint=(
        "Both parts start from the theta that came in; write down 05-4 and take the decay off beside it.",
        "theta - learning_rate * weight_decay * theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps)",
    ),
)
def adams_step_and_the_decay(step, rng):
    given = *_inputs(rng), _decay(rng)
    close(several(step(*given), NAMES)[0], _right(*given)[0], "the new theta", DIGITS)


@adamw.check(EPS, points=1, hint=EPS_HINTS)
def eps_adamw(step, rng):
    *given, _ = _inputs(rng)
    given = *given, SEEN, _decay(rng)
    close(several(step(*given), NAMES)[0], _right(*given)[0], "the new theta")


@adamw.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_adamw(step, rng):
    leaves_inputs_alone(step, *_inputs(rng), _decay(rng), other=(*_inputs(rng), _decay(rng)))


ALL_W = (APART, SHRINKS, WHOLE, EPS, PURE)


def _wrong_w(name, fails, says):
    return adamw.mistake(name, fails, says)


@_wrong_w(
    "Adam in place of AdamW",
    (SHRINKS, WHOLE, EPS),
    "This is Adam, exercise 05-4: the decay is missing.",
)
def adam_in_place_of_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    return _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)


@_wrong_w(
    "L2 penalty in place of decay",
    (APART, SHRINKS, WHOLE, EPS, PURE),
    "You add weight_decay * theta to the gradient: that is Adam with an L2 penalty (L4's words, erratum E43; PyTorch's "
    "Adam(weight_decay=...)). Adam divides it away again. Take the decay off theta directly.",
)
def l2_penalty_in_place_of_decay(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    g = gradient(theta) + weight_decay * theta
    return _step(theta, first_moment, second_moment, t, g, learning_rate, beta1, beta2, eps)


@_wrong_w(
    "penalty above the fraction line only",
    (SHRINKS, WHOLE, EPS),
    "weight_decay * theta is added to m_hat and divided by the root with it: steep coordinates then decay less. "
    "Take the decay off beside the quotient.",
)
def penalty_above_the_fraction_line_only(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    m, v = _averages(first_moment, second_moment, gradient(theta), beta1, beta2)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - learning_rate * (m_hat + weight_decay * theta) / (np.sqrt(v_hat) + eps), m, v


@_wrong_w(
    "decay without the learning rate",
    (SHRINKS, WHOLE, EPS),
    "theta shrinks by weight_decay itself: so Loshchilov and Hutter write it, with a schedule that scales both. Here, "
    "as in PyTorch, the decay is learning_rate * weight_decay.",
)
def decay_without_the_learning_rate(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *moments = _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)
    return new - weight_decay * theta, *moments


@_wrong_w("theta grows", (SHRINKS, WHOLE, EPS), "Decay is subtracted: theta goes towards 0.")
def theta_grows(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    return _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, -weight_decay)


@_wrong_w(
    "half the decay",
    (SHRINKS, WHOLE, EPS),
    "The half belongs to a penalty l2_penalty / 2 * ||theta||**2. A decay takes learning_rate * weight_decay * theta.",
)
def half_the_decay(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    return _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay / 2)


@_wrong_w(
    "twice the decay",
    (SHRINKS, WHOLE, EPS),
    "The derivative of ||theta||**2 has a factor 2; a decay has none: learning_rate * weight_decay * theta.",
)
def twice_the_decay(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    return _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, 2 * weight_decay)


@_wrong_w(
    "L1 in place of decay",
    (SHRINKS, WHOLE, EPS),
    "sign(theta) takes the same length off every coordinate; decay takes the same share: weight_decay * theta.",
)
def l1_in_place_of_decay(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *moments = _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)
    return new - learning_rate * weight_decay * np.sign(theta), *moments


@_wrong_w(
    "the decay of the squares",
    (SHRINKS, WHOLE, EPS),
    "All coordinates lose the same share of themselves: weight_decay times theta, not times its square.",
)
def the_decay_of_the_squares(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *moments = _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)
    return new - learning_rate * weight_decay * theta**2, *moments


@_wrong_w(
    "the decay as an exponential",
    (SHRINKS, WHOLE, EPS),
    "exp(-learning_rate * weight_decay) is nearly 1 - learning_rate * weight_decay, which is what is asked for.",
)
def the_decay_as_an_exponential(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *moments = _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)
    return new + (np.exp(-learning_rate * weight_decay) - 1) * theta, *moments


@_wrong_w(
    "decay after Adam's step",
    (WHOLE, EPS),
    "You shrink the theta that Adam's step has reached, and so its step, too: the decay is that of the old theta.",
)
def decay_after_adams_step(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *moments = _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)
    return (1 - learning_rate * weight_decay) * new, *moments


@_wrong_w(
    "gradient after the decay",
    (APART, WHOLE, EPS),
    "Ask for the gradient at the theta that came in, before anything is taken off.",
)
def gradient_after_the_decay(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    theta = (1 - learning_rate * weight_decay) * theta
    return _step(theta, first_moment, second_moment, t, gradient(theta), learning_rate, beta1, beta2, eps)


@_wrong_w(
    "second moment not corrected",
    (WHOLE, EPS),
    "The decay is right, but Adam's part divides by the second moment itself (E40): correct it by 1 - beta2**t.",
)
def second_moment_not_corrected_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    m, v = _averages(first_moment, second_moment, gradient(theta), beta1, beta2)
    step = learning_rate * (m / (1 - beta1**t) / (np.sqrt(v) + eps) + weight_decay * theta)
    return theta - step, m, v


@_wrong_w(
    "no bias correction",
    (WHOLE, EPS),
    "The decay is right, but Adam's part lacks the bias correction: divide the moments by 1 - beta**t.",
)
def no_bias_correction_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    m, v = _averages(first_moment, second_moment, gradient(theta), beta1, beta2)
    return theta - learning_rate * (m / (np.sqrt(v) + eps) + weight_decay * theta), m, v


@_wrong_w(
    "eps inside the root",
    EPS,
    "The decay is right, but eps stands inside the root, as in L1 (erratum E32): here it is sqrt(v_hat) + eps.",
)
def eps_inside_the_root_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    m, v = _averages(first_moment, second_moment, gradient(theta), beta1, beta2)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - learning_rate * (m_hat / np.sqrt(v_hat + eps) + weight_decay * theta), m, v


@_wrong_w(
    "eps on the uncorrected root",
    EPS,
    "The decay is right, but eps stands beside sqrt(v), as in Keras: here it is added to sqrt(v_hat).",
)
def eps_on_the_uncorrected_root_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    m, v = _averages(first_moment, second_moment, gradient(theta), beta1, beta2)
    rate = learning_rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps) - learning_rate * weight_decay * theta, m, v


@_wrong_w("old moments returned", APART, "Return the new moments, those that this step's gradient went into.")
def old_moments_returned(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *_ = _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay)
    return new, first_moment, second_moment


@_wrong_w("moments returned in the wrong order", APART, "Return theta, then the first moment, then the second.")
def moments_returned_in_the_wrong_order_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, m, v = _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay)
    return new, v, m


@_wrong_w(
    "first moment not corrected",
    (WHOLE, EPS),
    "The decay is right, but the first moment starts at 0, too: divide it by 1 - beta1**t.",
)
def first_moment_not_corrected_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    m, v = _averages(first_moment, second_moment, gradient(theta), beta1, beta2)
    step = learning_rate * (m / (np.sqrt(v / (1 - beta2**t)) + eps) + weight_decay * theta)
    return theta - step, m, v


@_wrong_w(
    "t counted from 0", (WHOLE, EPS), "The decay is right, but t is 1 at the first update: correct by 1 - beta**t."
)
def t_counted_from_0_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, *_ = _right(
        theta, first_moment, second_moment, t + 1, gradient, learning_rate, beta1, beta2, eps, weight_decay
    )
    return new, *_averages(first_moment, second_moment, gradient(theta), beta1, beta2)


@_wrong_w(
    "uphill",
    (WHOLE, EPS),
    "The decay is right, but Adam's part climbs: both are subtracted from theta.",
)
def uphill_adamw(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    new, *moments = _step(theta, first_moment, second_moment, t, gradient(theta), -learning_rate, beta1, beta2, eps)
    return new - learning_rate * weight_decay * theta, *moments


@_wrong_w(
    "corrected moments returned",
    (APART,),
    "Return the moments themselves: the next step would correct the corrected ones again.",
)
def corrected_moments_returned_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, m, v = _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay)
    return new, m / (1 - beta1**t), v / (1 - beta2**t)


@_wrong_w("moments not returned", ALL_W, "Return three results: theta and both moments, which the next step needs.")
def moments_not_returned_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    return _right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay)[0]


@_wrong_w(
    "state changed in place",
    PURE,
    "`first_moment *= beta1` writes into the caller's array: write first_moment = beta1 * first_moment + ...",
)
def state_changed_in_place_adamw(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    new, first_moment[...], second_moment[...] = _right(
        theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
    )
    return new, first_moment.copy(), second_moment.copy()


@adam.mistake("beta1 in the second moment", (SECOND, START, LATER, EPS), "The second moment is averaged with beta2.")
def beta1_in_the_second_moment(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = gradient(theta)
    first_moment = beta1 * first_moment + (1 - beta1) * g
    second_moment = beta1 * second_moment + (1 - beta1) * g**2
    m_hat, v_hat = (first_moment / (1 - beta1**t), second_moment / (1 - beta2**t))
    return (theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), first_moment, second_moment)


@adam.mistake("Nadam", (START, LATER), "That looks ahead as Nadam does: Adam uses m_hat itself.")
def nadam(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = gradient(theta)
    first_moment = beta1 * first_moment + (1 - beta1) * g
    second_moment = beta2 * second_moment + (1 - beta2) * g**2
    m_hat, v_hat = (first_moment / (1 - beta1**t), second_moment / (1 - beta2**t))
    return (
        theta - learning_rate * (beta1 * m_hat + (1 - beta1) * g / (1 - beta1**t)) / (np.sqrt(v_hat) + eps),
        first_moment,
        second_moment,
    )


@adamw.mistake(
    "decay and L2 penalty both",
    (APART, SHRINKS, WHOLE, EPS, PURE),
    "The decay acts once, beside Adam's step: the gradient stays as it is.",
)
def decay_and_l2_penalty_both(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    g = gradient(theta) + weight_decay * theta
    first_moment = beta1 * first_moment + (1 - beta1) * g
    second_moment = beta2 * second_moment + (1 - beta2) * g**2
    m_hat, v_hat = (first_moment / (1 - beta1**t), second_moment / (1 - beta2**t))
    step = learning_rate * m_hat / (np.sqrt(v_hat) + eps)
    return (theta - learning_rate * weight_decay * theta - step, first_moment, second_moment)


@adamw.mistake(
    "L2 penalty in the first moment",
    (APART, SHRINKS, WHOLE, EPS, PURE),
    "The first moment averages the gradient alone; the decay stands beside the step.",
)
def l2_penalty_in_the_first_moment(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    g = gradient(theta)
    first_moment = beta1 * first_moment + (1 - beta1) * (g + weight_decay * theta)
    second_moment = beta2 * second_moment + (1 - beta2) * g**2
    m_hat, v_hat = (first_moment / (1 - beta1**t), second_moment / (1 - beta2**t))
    step = learning_rate * m_hat / (np.sqrt(v_hat) + eps)
    return (theta - step, first_moment, second_moment)
