"""Exercise 05-1: Adagrad, one update."""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import (
    DIGITS,
    EPS,
    EPS_HINTS,
    KEPT,
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

adagrad = Exercise("05-1", "Adagrad", "adagrad_step", topics=TOPICS)

# --- theta, sum_of_squares, gradient, learning_rate, eps -> theta, sum_of_squares ---------------------------

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
    close(new, theta - learning_rate * g / np.sqrt(total + g**2), "the new theta", DIGITS)  # (5.3)


@adagrad.check(EPS, points=1, hint=EPS_HINTS)
def eps_adagrad(step, rng):
    theta, total, _, learning_rate, _ = _adagrad_inputs(rng)
    g = vector(rng)
    eps_outside(step, SUMS, theta, lambda eps: (total, slope(g), learning_rate, eps), np.sqrt(total + g**2))
    stays(step, SUMS, theta, 0 * total, slope(0 * g), learning_rate, 0.01)


@adagrad.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(step, rng):
    leaves_inputs_alone(step, *_adagrad_inputs(rng), other=_adagrad_inputs(rng))


# --- Mistakes: (theta, a, g, learning_rate, eps) -> theta, a ------------------------------------------------------


def mistake(name, fails, says):
    """A mistake that is given the gradient ``g`` at theta, and the sum so far as ``a``."""

    def add(function):
        def step(theta, sum_of_squares, gradient, learning_rate, eps):
            return function(theta, sum_of_squares, gradient(theta), learning_rate, eps)

        adagrad.mistake(name, fails, says)(step)
        return function

    return add


ONE_STATE = (
    "A sum or a mean over the coordinates is one number: every coordinate then has the same rate. Each one keeps "
    "squares of its own."
)


@mistake("uphill", (STEP,), "theta climbs: subtract the step. (L2's Adadelta has lost this minus, erratum E37.)")
def uphill(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta + learning_rate * g / (np.sqrt(a) + eps), a


@mistake("learning rate forgotten", (STEP,), "The gradient over the root is to be multiplied by learning_rate.")
def learning_rate_forgotten(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - g / (np.sqrt(a) + eps), a


@mistake(
    "the sign of the gradient only",
    (STEP, EPS),
    "Every step has the length learning_rate: the divisor is the root of the state, not the gradient's own size.",
)
def sign_of_the_gradient_only(theta, a, g, learning_rate, eps):
    return theta - learning_rate * g / (np.abs(g) + eps), a + g**2


@mistake(
    "eps inside the root",
    (EPS,),
    "You divide by sqrt(A + eps), as L1, L2 (Adagrad), L3 and L4 (RMSprop) print it (erratum E32): a published "
    "convention, but here, as in L0 and PyTorch, eps stands outside, sqrt(A) + eps.",
)
def eps_inside_the_root(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * g / np.sqrt(a + eps), a


@mistake(
    "eps inside the root, squared",
    (EPS,),
    "sqrt(A + eps**2) is smooth and saves the division, but it is not sqrt(A) + eps.",
)
def eps_inside_the_root_squared(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * g / np.sqrt(a + eps**2), a


@mistake(
    "eps missing",
    (EPS,),
    "Where a gradient has always been 0 this divides 0 by 0 (L2's RMSprop, erratum E35): add eps to the root.",
)
def eps_missing(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * g / np.sqrt(a), a


@mistake("the larger of root and eps", (EPS,), "eps is added to the root, it is not a floor under it.")
def larger_of_root_and_eps(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * g / np.maximum(np.sqrt(a), eps), a


@mistake(
    "eps added to the quotient",
    (EPS,),
    "Brackets: g / (np.sqrt(A) + eps). Without them eps is added after the division.",
)
def eps_added_to_the_quotient(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * (g / np.sqrt(a) + eps), a


@mistake("divides without the root", (STEP, EPS), "The gradient is divided by the root of the state, np.sqrt(A).")
def divides_without_the_root(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * g / (a + eps), a


@mistake(
    "divides by the old state",
    (STEP, EPS),
    "Update the state first: this step's own gradient counts in its divisor. From a state of 0 you divide by eps.",
)
def divides_by_the_old_state(theta, a, g, learning_rate, eps):
    return theta - learning_rate * g / (np.sqrt(a) + eps), a + g**2


@mistake("gradient not squared", (SUM, STEP, EPS, PURE), "The state collects squares: g**2, not g or abs(g).")
def gradient_not_squared(theta, a, g, learning_rate, eps):
    a = a + np.abs(g)
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@mistake(
    "one state for all coordinates",
    (SUM, STEP, EPS, PURE),
    ONE_STATE,
)
def one_state_for_all_coordinates(theta, a, g, learning_rate, eps):
    a = a + np.sum(g**2)
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@mistake(
    "one state for all coordinates",
    (SUM, STEP, EPS, PURE),
    ONE_STATE,
)
def one_mean_for_all_coordinates(theta, a, g, learning_rate, eps):
    a = a + np.mean(g**2)
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@mistake(
    "returns the old state", (SUM,), "The second result is the new state: without it the method forgets everything."
)
def returns_the_old_state(theta, a, g, learning_rate, eps):
    return theta - learning_rate * g / (np.sqrt(a + g**2) + eps), a


@mistake(
    "returns the root as state", (SUM,), "Return the state itself, not its root: the next step adds a square to it."
)
def returns_the_root_as_state(theta, a, g, learning_rate, eps):
    a = a + g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), np.sqrt(a)


@mistake(
    "gradient descent", (SUM, STEP, EPS, PURE), "This is plain gradient descent: nothing is divided, nothing kept."
)
def gradient_descent(theta, a, g, learning_rate, eps):
    return theta - learning_rate * g, a


@mistake("results in the wrong order", (SUM, STEP, EPS, PURE), "Return theta first, then the state.")
def results_in_the_wrong_order(theta, a, g, learning_rate, eps):
    a = a + g**2
    return a, theta - learning_rate * g / (np.sqrt(a) + eps)


@mistake(
    "state not returned", (SUM, STEP, EPS, PURE), "Return two results, theta and the state: the next step needs both."
)
def state_not_returned(theta, a, g, learning_rate, eps):
    return theta - learning_rate * g / (np.sqrt(a + g**2) + eps)


@mistake(
    "state changed in place",
    (PURE,),
    "`a += g**2` writes into the caller's array, whose earlier steps then change behind its back: write a = a + g**2.",
)
def state_changed_in_place(theta, a, g, learning_rate, eps):
    a[...] = a + g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a.copy()


@mistake(
    "RMSprop in place of Adagrad",
    (SUM, STEP, EPS, PURE),
    "This is RMSprop with rho 0.9: Adagrad adds up all squares and forgets none.",
)
def rmsprop_in_place_of_adagrad(theta, a, g, learning_rate, eps):
    a = 0.9 * a + 0.1 * g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@mistake(
    "fourth power",
    (SUM, STEP, EPS, PURE),
    "The square is taken twice: the state holds squares already, only the gradient is squared.",
)
def fourth_power(theta, a, g, learning_rate, eps):
    a = a**2 + g**2
    return theta - learning_rate * g / (np.sqrt(a) + eps), a


@mistake(
    "sizes in place of squares",
    (SUM, STEP, EPS, PURE),
    "The sum is one of sizes, np.abs(g): it holds squares, g**2, and its root divides.",
)
def sizes_in_place_of_squares(theta, a, g, learning_rate, eps):
    a = a + np.abs(g)
    return theta - learning_rate * g / (a + eps), a


@mistake(KEPT[0], EPS, KEPT[1])
def root_and_eps_kept(theta, a, g, learning_rate, eps):
    root = np.sqrt(a + g**2) + eps
    return theta - learning_rate * g / root, root**2


@adagrad.mistake(KEPT[0], EPS, KEPT[1])
def eps_kept_in_the_sum(theta, sum_of_squares, gradient, learning_rate, eps):
    g = gradient(theta)
    total = sum_of_squares + g**2 + eps
    return theta - learning_rate * g / (np.sqrt(total) + eps), total
