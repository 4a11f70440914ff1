"""Exercises 05-1 to 05-3: Adagrad, RMSprop and Adadelta, one update each."""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import (
    EPS,
    EPS_HINTS,
    PURE,
    PURE_HINT,
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

adagrad = Exercise("05-1", "Adagrad", "adagrad_step", points=14, topics=TOPICS)
rmsprop = Exercise("05-2", "RMSprop", "rmsprop_step", points=16, topics=TOPICS)

# --- 05-1: theta, sum_of_squares, gradient, learning_rate, eps -> theta, sum_of_squares ---------------------------

SUM = "The sum grows by the square of the gradient"
STEP = "theta moves downhill, by learning_rate times the gradient over the root of the new sum"
SUMS = ("theta", "sum_of_squares")


def _adagrad_inputs(rng, eps=UNSEEN):
    return vector(rng), squares(rng), bowl(rng), rng.uniform(0.05, 0.2), eps


@adagrad.check(
    SUM,
    points=2,
    hint=(
        "Every coordinate has a sum of its own, of all its squared gradients so far.",
        "sum_of_squares = sum_of_squares + gradient(theta) ** 2",
    ),
)
def sum_grows_by_the_square(step, rng):
    theta, total, gradient, *rest = _adagrad_inputs(rng)
    _, new = several(step(theta, total, gradient, *rest), SUMS)
    close(new, total + gradient(theta) ** 2, "the new sum of squares")  # (5.2)


@adagrad.check(
    STEP,
    points=3,
    hint=(
        "The gradient of this step counts in the divisor already, and it is divided by a root, not by the sum.",
        "theta - learning_rate * g / (np.sqrt(sum_of_squares) + eps), with the new sum_of_squares",
    ),
)
def theta_moves_downhill_by_learning_rate(step, rng):
    theta, total, gradient, learning_rate, eps = _adagrad_inputs(rng)
    new, _ = several(step(theta, total, gradient, learning_rate, eps), SUMS)
    g = gradient(theta)
    close(new, theta - learning_rate * g / np.sqrt(total + g**2), "the new theta")  # (5.3)


@adagrad.check(EPS, points=1, hint=EPS_HINTS)
def eps_adagrad(step, rng):
    theta, total, _, learning_rate, _ = _adagrad_inputs(rng)
    g = vector(rng)
    eps_outside(step, SUMS, theta, lambda eps: (total, slope(g), learning_rate, eps), np.sqrt(total + g**2))
    stays(step, SUMS, theta, 0 * total, slope(0 * g), learning_rate, 0.01)


@adagrad.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(step, rng):
    leaves_inputs_alone(step, *_adagrad_inputs(rng), other=_adagrad_inputs(rng))


# --- 05-2: theta, mean_square, gradient, learning_rate, rho, eps -> theta, mean_square -----------------------------

AVERAGE = "The mean square keeps rho of the old one and takes 1 - rho of the new square"
STEP_R = "theta moves downhill, by learning_rate times the gradient over the root of the new mean square"
MEANS = ("theta", "mean_square")


def _rmsprop_inputs(rng, eps=UNSEEN):
    return vector(rng), squares(rng), bowl(rng), rng.uniform(0.05, 0.2), rng.uniform(0.6, 0.9), eps


@rmsprop.check(
    AVERAGE,
    points=2,
    hint=(
        "An average: its two weights add up to 1, and rho belongs to what is remembered.",
        "mean_square = rho * mean_square + (1 - rho) * gradient(theta) ** 2",
    ),
)
def mean_square_keeps_rho(step, rng):
    theta, mean, gradient, learning_rate, rho, eps = _rmsprop_inputs(rng)
    _, new = several(step(theta, mean, gradient, learning_rate, rho, eps), MEANS)
    close(new, rho * mean + (1 - rho) * gradient(theta) ** 2, "the new mean square")  # (5.4)


@rmsprop.check(
    STEP_R,
    points=4,
    hint=(
        "The gradient of this step counts in the divisor already, and it is divided by a root.",
        "theta - learning_rate * g / (np.sqrt(mean_square) + eps), with the new mean_square",
    ),
)
def theta_moves_downhill_by_learning_rate_times(step, rng):
    theta, mean, gradient, learning_rate, rho, eps = _rmsprop_inputs(rng)
    new, _ = several(step(theta, mean, gradient, learning_rate, rho, eps), MEANS)
    g = gradient(theta)
    close(new, theta - learning_rate * g / np.sqrt(rho * mean + (1 - rho) * g**2), "the new theta")  # (5.5)


@rmsprop.check(EPS, points=1, hint=EPS_HINTS)
def eps_rmsprop(step, rng):
    theta, mean, _, learning_rate, rho, _ = _rmsprop_inputs(rng)
    g = vector(rng)
    root = np.sqrt(rho * mean + (1 - rho) * g**2)
    eps_outside(step, MEANS, theta, lambda eps: (mean, slope(g), learning_rate, rho, eps), root)
    stays(step, MEANS, theta, 0 * mean, slope(0 * g), learning_rate, rho, 0.01)


@rmsprop.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_rmsprop(step, rng):
    leaves_inputs_alone(step, *_rmsprop_inputs(rng), other=_rmsprop_inputs(rng))


# --- Mistakes that both allow: (theta, a, g, learning_rate, eps, grow) -> theta, a --------------------------------


def both(name, fails, says):
    """A mistake of both exercises; ``grow(a, square)`` is how the right state grows."""

    def add(function):
        def sums(theta, sum_of_squares, gradient, learning_rate, eps):
            g = gradient(theta)
            return function(theta, sum_of_squares, g, learning_rate, eps, lambda a, square: a + square)

        def means(theta, mean_square, gradient, learning_rate, rho, eps):
            g = gradient(theta)
            grow = lambda a, square: rho * a + (1 - rho) * square  # noqa: E731
            return function(theta, mean_square, g, learning_rate, eps, grow)

        swap = {SUM: AVERAGE, STEP: STEP_R}
        adagrad.mistake(name, fails, says)(sums)
        rmsprop.mistake(name, [swap.get(title, title) for title in fails], says)(means)
        return function

    return add


@both("uphill", (STEP,), "theta climbs: subtract the step. (L2's Adadelta has lost this minus, erratum E37.)")
def uphill(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta + learning_rate * g / (np.sqrt(a) + eps), a


@both("learning rate forgotten", (STEP,), "The gradient over the root is to be multiplied by learning_rate.")
def learning_rate_forgotten(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - g / (np.sqrt(a) + eps), a


@both(
    "the sign of the gradient only",
    (STEP, EPS),
    "Every step has the length learning_rate: the divisor is the root of the state, not the gradient's own size.",
)
def sign_of_the_gradient_only(theta, a, g, learning_rate, eps, grow):
    return theta - learning_rate * g / (np.abs(g) + eps), grow(a, g**2)


@both(
    "eps inside the root",
    (EPS,),
    "You divide by sqrt(A + eps), as L1, L2 (Adagrad), L3 and L4 (RMSprop) print it (erratum E32): a published "
    "convention, but here, as in L0 and PyTorch, eps stands outside, sqrt(A) + eps.",
)
def eps_inside_the_root(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * g / np.sqrt(a + eps), a


@both(
    "eps inside the root, squared",
    (EPS,),
    "sqrt(A + eps**2) is smooth and saves the division, but it is not sqrt(A) + eps.",
)
def eps_inside_the_root_squared(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * g / np.sqrt(a + eps**2), a


@both(
    "eps missing",
    (EPS,),
    "Where a gradient has always been 0 this divides 0 by 0 (L2's RMSprop, erratum E35): add eps to the root.",
)
def eps_missing(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * g / np.sqrt(a), a


@both("the larger of root and eps", (EPS,), "eps is added to the root, it is not a floor under it.")
def larger_of_root_and_eps(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * g / np.maximum(np.sqrt(a), eps), a


@both(
    "eps added to the quotient",
    (EPS,),
    "Brackets: g / (np.sqrt(A) + eps). Without them eps is added after the division.",
)
def eps_added_to_the_quotient(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * (g / np.sqrt(a) + eps), a


@both("divides without the root", (STEP, EPS), "The gradient is divided by the root of the state, np.sqrt(A).")
def divides_without_the_root(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * g / (a + eps), a


@both(
    "divides by the old state",
    (STEP, EPS),
    "Update the state first: this step's own gradient counts in its divisor. From a state of 0 you divide by eps.",
)
def divides_by_the_old_state(theta, a, g, learning_rate, eps, grow):
    return theta - learning_rate * g / (np.sqrt(a) + eps), grow(a, g**2)


@both("gradient not squared", (SUM, STEP, EPS, PURE), "The state collects squares: g**2, not g or abs(g).")
def gradient_not_squared(theta, a, g, learning_rate, eps, grow):
    a = grow(a, np.abs(g))
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@both(
    "one state for all coordinates",
    (SUM, STEP, EPS, PURE),
    "np.sum(g**2) is one number: every coordinate then has the same rate. Each one keeps squares of its own.",
)
def one_state_for_all_coordinates(theta, a, g, learning_rate, eps, grow):
    a = grow(a, np.sum(g**2))
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@both("returns the old state", (SUM,), "The second result is the new state: without it the method forgets everything.")
def returns_the_old_state(theta, a, g, learning_rate, eps, grow):
    return theta - learning_rate * g / (np.sqrt(grow(a, g**2)) + eps), a


@both("returns the root as state", (SUM,), "Return the state itself, not its root: the next step adds a square to it.")
def returns_the_root_as_state(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return theta - learning_rate * g / (np.sqrt(a) + eps), np.sqrt(a)


@both("gradient descent", (SUM, STEP, EPS, PURE), "This is plain gradient descent: nothing is divided, nothing kept.")
def gradient_descent(theta, a, g, learning_rate, eps, grow):
    return theta - learning_rate * g, a


@both("results in the wrong order", (SUM, STEP, EPS, PURE), "Return theta first, then the state.")
def results_in_the_wrong_order(theta, a, g, learning_rate, eps, grow):
    a = grow(a, g**2)
    return a, theta - learning_rate * g / (np.sqrt(a) + eps)


@both(
    "state not returned", (SUM, STEP, EPS, PURE), "Return two results, theta and the state: the next step needs both."
)
def state_not_returned(theta, a, g, learning_rate, eps, grow):
    return theta - learning_rate * g / (np.sqrt(grow(a, g**2)) + eps)


@both(
    "state changed in place",
    (PURE,),
    "`a += g**2` writes into the caller's array, whose earlier steps then change behind its back: write a = a + g**2.",
)
def state_changed_in_place(theta, a, g, learning_rate, eps, grow):
    a[...] = grow(a, g**2)
    return theta - learning_rate * g / (np.sqrt(a) + eps), a.copy()


# --- 05-1 only -----------------------------------------------------------------------------------------------------


@adagrad.mistake(
    "RMSprop in place of Adagrad",
    (SUM, STEP, EPS, PURE),
    "This is RMSprop with rho 0.9, the next exercise: Adagrad adds up all squares and forgets none.",
)
def rmsprop_in_place_of_adagrad(theta, sum_of_squares, gradient, learning_rate, eps):
    g = gradient(theta)
    a = 0.9 * sum_of_squares + 0.1 * g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@adagrad.mistake(
    "fourth power",
    (SUM, STEP, EPS, PURE),
    "The square is taken twice: the state holds squares already, only the gradient is squared.",
)
def fourth_power(theta, sum_of_squares, gradient, learning_rate, eps):
    g = gradient(theta)
    a = sum_of_squares**2 + g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


# --- 05-2 only -----------------------------------------------------------------------------------------------------


@rmsprop.mistake(
    "Adagrad in place of RMSprop",
    (AVERAGE, STEP_R, EPS, PURE),
    "This is Adagrad, the exercise before: the sum never forgets. Here rho of the old mean is kept and 1 - rho of the "
    "new square comes in.",
)
def adagrad_in_place_of_rmsprop(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    a = mean_square + g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@rmsprop.mistake(
    "weights swapped",
    (AVERAGE, STEP_R, EPS, PURE),
    "rho = 0.9 keeps 90 % of the old mean square; you keep 10 %.",
)
def weights_swapped(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    a = (1 - rho) * mean_square + rho * g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@rmsprop.mistake(
    "new square with its whole weight",
    (AVERAGE, STEP_R, EPS, PURE),
    "rho * A + g**2 is a fading sum, ten times too large at rho = 0.9: weigh the square by 1 - rho.",
)
def new_square_with_its_whole_weight(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    a = rho * mean_square + g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@rmsprop.mistake(
    "mean squared afterwards",
    (AVERAGE, STEP_R, EPS, PURE),
    "This is the square of a mean: gradients of either sign cancel in it. Square first, then average.",
)
def mean_squared_afterwards(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    a = (rho * np.sqrt(mean_square) + (1 - rho) * g) ** 2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@rmsprop.mistake(
    "bias corrected as in Adam",
    (STEP_R, EPS),
    "Dividing the mean by 1 - rho is Adam's correction for the first step: RMSprop has none.",
)
def bias_corrected_as_in_adam(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    a = rho * mean_square + (1 - rho) * g**2
    return theta - learning_rate * g / (np.sqrt(a / (1 - rho)) + eps), a
