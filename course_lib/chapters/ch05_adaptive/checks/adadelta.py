"""Exercise 05-3: Adadelta, one update."""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import (
    PURE,
    PURE_HINT,
    TOPICS,
    UNSEEN,
    bowl,
    slope,
    squares,
    vector,
)
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.kit import Exercise

adadelta = Exercise("05-3", "Adadelta", "adadelta_step", points=18, topics=TOPICS)

NAMES = ("theta", "mean_square", "mean_square_update")
OF_GRADIENTS = "The mean of squared gradients keeps rho and takes 1 - rho of the new square"
UPDATE = "theta moves downhill, by the root of the OLD mean of updates over the root of the NEW mean of gradients"
OF_UPDATES = "The mean of squared updates takes in the update that was just made"
START = "From zero means the first update is the one that eps inside both roots gives"


def _inputs(rng):
    return vector(rng), squares(rng), squares(rng) * rng.uniform(0.02, 0.1), bowl(rng), rng.uniform(0.6, 0.9), UNSEEN


def _right(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2  # (5.8)
    update = -np.sqrt(mean_square_update + eps) / np.sqrt(mean_square + eps) * g  # (5.9)
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2  # (5.10)


@adadelta.check(
    OF_GRADIENTS,
    points=1,
    hint=("This line is RMSprop's.", "mean_square = rho * mean_square + (1 - rho) * gradient(theta) ** 2"),
)
def mean_of_squared_gradients_keeps_rho(step, rng):
    given = _inputs(rng)
    close(several(step(*given), NAMES)[1], _right(*given)[1], "the new mean square")


@adadelta.check(
    UPDATE,
    points=4,
    hint=(
        "What stands in place of a learning rate? The size of past updates; the newest one is not known yet.",
        "update = -np.sqrt(mean_square_update + eps) / np.sqrt(mean_square + eps) * g",
    ),
)
def theta_moves_downhill_by_the_root(step, rng):
    given = _inputs(rng)
    close(several(step(*given), NAMES)[0], _right(*given)[0], "the new theta")


@adadelta.check(
    OF_UPDATES,
    points=2,
    hint=(
        "First the update, then its square goes into the mean.",
        "mean_square_update = rho * mean_square_update + (1 - rho) * update ** 2",
    ),
)
def mean_of_squared_updates_takes(step, rng):
    given = _inputs(rng)
    close(several(step(*given), NAMES)[2], _right(*given)[2], "the new mean square of updates")


@adadelta.check(
    START,
    points=1,
    hint=(
        "Both means are 0 at the start: where must eps stand so that the first update has the order of sqrt(eps)?",
        "RMS(E) = np.sqrt(E + eps), above and below the fraction line",
    ),
)
def from_zero_means_the_first_update(step, rng):
    theta, mean_square, *_ = _inputs(rng)
    given = theta, 0 * mean_square, 0 * mean_square, slope(vector(rng)), 0.9, 0.04
    close(several(step(*given), NAMES)[0], _right(*given)[0], "theta after the first update")


@adadelta.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(step, rng):
    leaves_inputs_alone(step, *_inputs(rng), other=_inputs(rng))


def _wrong(name, fails, says):
    return adadelta.mistake(name, fails, says)


EVERY = (OF_GRADIENTS, UPDATE, OF_UPDATES, START, PURE)


@_wrong(
    "as L2 prints it",
    (UPDATE, OF_UPDATES, START),
    "g / (sqrt(E) + eps) is L2's line 5 (erratum E37): it has no minus, so it climbs, and the root mean square of past "
    "updates is missing above the fraction line.",
)
def as_l2_prints(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = g / (np.sqrt(mean_square) + eps)
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "RMSprop with learning rate 1",
    (UPDATE, OF_UPDATES, START),
    "This is RMSprop: above the fraction line the root of mean_square_update + eps is missing.",
)
def rmsprop_with_learning_rate_1(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -g / np.sqrt(mean_square + eps)
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong("uphill", (UPDATE, START), "The update is minus the ratio times the gradient.")
def uphill(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, *rest = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return theta - (new - theta), *rest


@_wrong(
    "eps outside the roots",
    START,
    "sqrt(E) + eps is L2's formula (erratum E36). Zeiler and PyTorch write sqrt(E + eps): here eps starts the method, "
    "and outside the root it is far too small for that.",
)
def eps_outside_the_roots(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -(np.sqrt(mean_square_update) + eps) / (np.sqrt(mean_square) + eps) * g
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "no eps above the fraction line",
    START,
    "Without eps above the line the first update is 0, and so are all others: Adadelta never starts.",
)
def no_eps_above_the_fraction_line(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -np.sqrt(mean_square_update) / np.sqrt(mean_square + eps) * g
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "eps above the fraction line only",
    START,
    "eps belongs into both roots: below the line it keeps a gradient that has always been 0 from dividing by 0.",
)
def eps_above_the_fraction_line_only(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -np.sqrt(mean_square_update + eps) / np.sqrt(mean_square) * g
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "fraction upside down",
    (UPDATE, OF_UPDATES, START),
    "The root of the updates stands above the line, that of the gradients below: so the units are those of theta.",
)
def fraction_upside_down(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -np.sqrt(mean_square + eps) / np.sqrt(mean_square_update + eps) * g
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "roots missing",
    (UPDATE, OF_UPDATES, START),
    "The means hold squares: the update is a ratio of their roots.",
)
def roots_missing(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -(mean_square_update + eps) / (mean_square + eps) * g
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "divides by the old mean of gradients",
    (UPDATE, OF_UPDATES, START),
    "Below the line stands the new mean: this step's gradient counts in it already.",
)
def divides_by_the_old_mean(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    update = -np.sqrt(mean_square_update + eps) / np.sqrt(mean_square + eps) * g
    mean_square = rho * mean_square + (1 - rho) * g**2
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


@_wrong(
    "updates faded before they are used",
    (UPDATE, OF_UPDATES),
    "Above the line stands the old mean as it came in: it fades and takes in the new update only afterwards.",
)
def updates_faded_before_they_are_used(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square, faded = rho * mean_square + (1 - rho) * g**2, rho * mean_square_update
    update = -np.sqrt(faded + eps) / np.sqrt(mean_square + eps) * g
    return theta + update, mean_square, faded + (1 - rho) * update**2


@_wrong(
    "updates averaged first",
    (UPDATE, OF_UPDATES, START),
    "You put the gradient's square into the mean of updates before it is used. The order: mean of gradients, update, "
    "mean of updates.",
)
def updates_averaged_first(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    mean_square_update = rho * mean_square_update + (1 - rho) * g**2
    update = -np.sqrt(mean_square_update + eps) / np.sqrt(mean_square + eps) * g
    return theta + update, mean_square, mean_square_update


@_wrong("mean of updates left as it was", OF_UPDATES, "The third result takes in the square of this step's update.")
def mean_of_updates_left(theta, mean_square, mean_square_update, gradient, rho, eps):
    return *_right(theta, mean_square, mean_square_update, gradient, rho, eps)[:2], mean_square_update


@_wrong("gradient in the mean of updates", OF_UPDATES, "The third result collects squared updates, not gradients.")
def gradient_in_the_mean_of_updates(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, mean, _ = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return new, mean, rho * mean_square_update + (1 - rho) * gradient(theta) ** 2


@_wrong("update not squared", OF_UPDATES, "The mean collects squares: update**2.")
def update_not_squared(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, mean, _ = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return new, mean, rho * mean_square_update + (1 - rho) * np.abs(new - theta)


@_wrong("weights swapped", EVERY, "rho = 0.9 keeps 90 % of the old means.")
def weights_swapped(theta, mean_square, mean_square_update, gradient, rho, eps):
    return _right(theta, mean_square, mean_square_update, gradient, 1 - rho, eps)


@_wrong("returns the old mean of gradients", OF_GRADIENTS, "The second result is the new mean square of gradients.")
def returns_the_old_mean_of_gradients(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, _, updates = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return new, mean_square, updates


@_wrong(
    "the two means in the wrong order",
    (OF_GRADIENTS, OF_UPDATES),
    "Return theta, then the mean of squared gradients, then that of squared updates.",
)
def two_means_in_the_wrong_order(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, mean, updates = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return new, updates, mean


@_wrong(
    "returns the update in place of theta",
    (UPDATE, START),
    "The first result is the place, theta + update, not the update.",
)
def returns_the_update_in_place(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, *rest = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return new - theta, *rest


@_wrong("means not returned", EVERY, "Return three results: theta and both means, which the next step needs.")
def means_not_returned(theta, mean_square, mean_square_update, gradient, rho, eps):
    return _right(theta, mean_square, mean_square_update, gradient, rho, eps)[0]


@_wrong("state changed in place", PURE, "Write a = rho * a + ..., which makes a new array, not a *= rho.")
def state_changed_in_place(theta, mean_square, mean_square_update, gradient, rho, eps):
    new, mean_square[...], mean_square_update[...] = _right(theta, mean_square, mean_square_update, gradient, rho, eps)
    return new, mean_square.copy(), mean_square_update.copy()
