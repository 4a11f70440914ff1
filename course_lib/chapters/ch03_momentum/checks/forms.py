"""Exercises 03-3 and 03-4: one form of momentum carried into the other, and the best pair for a quadratic."""

import numpy as np

from course_lib.chapters.ch03_momentum.checks.steps import (
    AT_HINTS,
    AT_THETA,
    MOVE_HINTS,
    MOVES,
    NAMES,
    PURE,
    PURE_HINT,
    TOPICS,
    asks_at,
    bowl,
    flat,
    from_rest,
    moves,
    vector,
)
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.kit import Exercise

same_path = Exercise("03-3", "One form into the other", "same_path_step", topics=TOPICS)
best_pair = Exercise("03-4", "The best pair for a quadratic", "best_pair", topics=TOPICS)


# --- 03-3: theta, velocity, gradient, learning_rate, previous_learning_rate, momentum -> theta, velocity -------

PULLED = "The gradient enters with the new learning rate"
RESCALED = "The old velocity is carried over to the new learning rate"


def _inputs(rng):
    learning_rate = rng.uniform(0.05, 0.2)
    previous = learning_rate * rng.uniform(1.5, 3.0) ** rng.choice([-1, 1])
    return vector(rng), vector(rng), bowl(rng), learning_rate, previous, rng.uniform(0.55, 0.9)


@same_path.check(
    PULLED,
    points=1,
    hint=(
        "With a velocity of zero both forms take one step of gradient descent.",
        "velocity = ... - learning_rate * gradient(theta)",
    ),
)
def gradient_enters_with_the_new_learning(step, rng):
    from_rest(step, _inputs(rng), _inputs(rng))


@same_path.check(
    RESCALED,
    points=2,
    hint=(
        "velocity_inside = -learning_rate * velocity_outside. Which of the three changes when the schedule moves on?",
        "Before anything else: velocity * learning_rate / previous_learning_rate",
    ),
)
def old_velocity_is_carried_over(step, rng):
    theta, velocity, _, learning_rate, previous, momentum = _inputs(rng)
    pairs = (learning_rate, previous), (previous, learning_rate)  # a rate that falls, and one that rises
    new = [several(step(theta, velocity, flat(), *pair, momentum), NAMES)[1] for pair in pairs]
    for velocity_after, (now, before) in zip(new, pairs, strict=True):
        close(velocity_after, momentum * (now / before) * velocity, "the new velocity")


@same_path.check(AT_THETA, points=1, hint=AT_HINTS, supporting=True)
def at_theta(step, rng):
    theta, *rest = _inputs(rng)
    asks_at(step, theta, theta, *rest)


@same_path.check(MOVES, points=1, hint=MOVE_HINTS, supporting=True)
def moves_same_path(step, rng):
    moves(step, *_inputs(rng))


@same_path.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(step, rng):
    leaves_inputs_alone(step, *_inputs(rng), other=_inputs(rng))


def _moved(theta, velocity):
    return theta + velocity, velocity


@same_path.mistake(
    "the learning rate's change ignored",
    RESCALED,
    "This is exercise 03-1: while the learning rate is "
    "constant it walks PyTorch's path, and leaves it when a schedule moves on (erratum E20).",
)
def learning_rates_change_ignored(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    return _moved(theta, momentum * velocity - learning_rate * gradient(theta))


@same_path.mistake(
    "ratio upside down",
    RESCALED,
    "A smaller learning rate must shrink the old velocity: the new one stands above the fraction line.",
)
def ratio_upside_down(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * previous_learning_rate / learning_rate
    return _moved(theta, momentum * carried - learning_rate * gradient(theta))


@same_path.mistake(
    "velocity taken for the outside one",
    RESCALED,
    "The velocity that comes in is the inside one, with "
    "its learning rate and sign in it already: divide the old rate out.",
)
def velocity_taken_for_the_outside_one(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    return _moved(theta, -learning_rate * momentum * velocity - learning_rate * gradient(theta))


@same_path.mistake(
    "old rate not divided out",
    RESCALED,
    "velocity * learning_rate still has the previous learning rate in it: divide by that one.",
)
def old_rate_not_divided_out(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    return _moved(theta, learning_rate * momentum * velocity - learning_rate * gradient(theta))


@same_path.mistake(
    "carried over only where the rate falls",
    RESCALED,
    "A learning rate may rise, too (warm-up): the old velocity follows it both ways, without min(1, ...).",
)
def carried_over_only_where_the_rate(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * min(1, learning_rate / previous_learning_rate)
    return _moved(theta, momentum * carried - learning_rate * gradient(theta))


@same_path.mistake(
    "carried over only where the rate rises",
    RESCALED,
    "A learning rate that falls shrinks the old velocity, too: leave out max(1, ...).",
)
def carried_over_only_where_the_rate_rises(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * max(1, learning_rate / previous_learning_rate)
    return _moved(theta, momentum * carried - learning_rate * gradient(theta))


@same_path.mistake(
    "the sign lost on the way",
    RESCALED,
    "velocity_inside is minus learning_rate times velocity_outside: the minus is there on the way out and on the way "
    "back, and cancels.",
)
def sign_lost_on_the_way(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = -velocity * learning_rate / previous_learning_rate
    return _moved(theta, momentum * carried - learning_rate * gradient(theta))


@same_path.mistake("momentum forgotten", RESCALED, "The velocity is carried over and then fades by momentum.")
def momentum_forgotten(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    return _moved(theta, carried - learning_rate * gradient(theta))


@same_path.mistake(
    "gradient with the previous learning rate",
    PULLED,
    "The new gradient belongs to the new learning rate; the previous one is needed for the old velocity only.",
)
def gradient_with_the_previous_learning_rate(
    theta, velocity, gradient, learning_rate, previous_learning_rate, momentum
):
    carried = velocity * learning_rate / previous_learning_rate
    return _moved(theta, momentum * carried - previous_learning_rate * gradient(theta))


@same_path.mistake(
    "gradient rescaled too",
    PULLED,
    "Only the old velocity is carried over: the new gradient has the new learning rate already.",
)
def gradient_rescaled_too(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    ratio = learning_rate / previous_learning_rate
    return _moved(theta, ratio * (momentum * velocity - learning_rate * gradient(theta)))


@same_path.mistake(
    "gradient at the look-ahead point",
    AT_THETA,
    "The path of (3.4) and (3.5) is momentum's, not Nesterov's: ask for the gradient at theta.",
)
def gradient_at_the_look_ahead_point(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = momentum * velocity * learning_rate / previous_learning_rate
    return _moved(theta, carried - learning_rate * gradient(theta + carried))


@same_path.mistake("uphill", PULLED, "The inside velocity points downhill: the gradient enters with a minus.")
def uphill(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    return _moved(theta, momentum * carried + learning_rate * gradient(theta))


@same_path.mistake(
    "returns the outside form",
    (PULLED, RESCALED, AT_THETA, MOVES, PURE),
    "This is the outside form itself, (3.4) "
    "and (3.5): the velocity that comes in and goes out is to be the inside one.",
)
def returns_the_outside_form(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    velocity = momentum * velocity + gradient(theta)
    return theta - learning_rate * velocity, velocity


@same_path.mistake(
    "carried over in theta only",
    (RESCALED, MOVES),
    "theta goes the right way, but the velocity that you return was not carried over, so the next step goes astray.",
)
def carried_over_in_theta_only(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    g = gradient(theta)
    return theta + momentum * carried - learning_rate * g, momentum * velocity - learning_rate * g


@same_path.mistake("theta moves by the old velocity", MOVES, "Update the velocity first; then theta moves by it.")
def theta_moves_by_the_old_velocity(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    return theta + carried, momentum * carried - learning_rate * gradient(theta)


# --- 03-4: smallest, largest -> learning_rate, momentum ---------------------------------------------------------

RATE = "The learning rate suits the smallest and the largest eigenvalue"
COEFFICIENT = "The momentum suits the condition number"
PAIR = ("learning_rate", "momentum")


def _spectrum(rng):
    smallest = rng.uniform(0.1, 0.7)
    return smallest, smallest * rng.uniform(5, 300)


@best_pair.check(
    RATE,
    points=2,
    hint=(
        "On the best pair the smallest and the largest eigenvalue converge equally fast; the roots in (3.15) matter.",
        "learning_rate = (2 / (sqrt(largest) + sqrt(smallest))) ** 2",
    ),
)
def learning_rate_suits_the_smallest(best_pair, rng):
    smallest, largest = _spectrum(rng)
    learning_rate, _ = several(best_pair(smallest, largest), PAIR)
    close(learning_rate, (2 / (np.sqrt(largest) + np.sqrt(smallest))) ** 2, "the learning rate")  # (3.15)


@best_pair.check(
    COEFFICIENT,
    points=2,
    hint=(
        "The rate is sqrt(momentum); solve rate = (sqrt(kappa) - 1) / (sqrt(kappa) + 1) for momentum.",
        "momentum = ((sqrt(kappa) - 1) / (sqrt(kappa) + 1)) ** 2 with kappa = largest / smallest",
    ),
)
def momentum_suits_the_condition_number(best_pair, rng):
    smallest, largest = _spectrum(rng)
    _, momentum = several(best_pair(smallest, largest), PAIR)
    root = np.sqrt(largest / smallest)
    close(momentum, ((root - 1) / (root + 1)) ** 2, "the momentum")  # (3.15)


def _pair_mistake(name, fails, says, learning_rate=None, momentum=None):
    """A wrong ``learning_rate(smallest, largest)`` or ``momentum(kappa)`` beside the right other half."""

    def right_rate(smallest, largest):
        return (2 / (np.sqrt(largest) + np.sqrt(smallest))) ** 2

    def right_momentum(kappa):
        return ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2

    def function(smallest, largest):
        rate = (learning_rate or right_rate)(smallest, largest)
        return rate, (momentum or right_momentum)(largest / smallest)

    best_pair.mistake(name, fails, says)(function)


_pair_mistake(
    "gradient descent's learning rate",
    RATE,
    "2 / (largest + smallest) is best without momentum; with momentum a step may be larger.",
    learning_rate=lambda small, large: 2 / (large + small),
)
_pair_mistake(
    "learning rate not squared",
    RATE,
    "2 / (sqrt(largest) + sqrt(smallest)) is still to be squared.",
    learning_rate=lambda small, large: 2 / (np.sqrt(large) + np.sqrt(small)),
)
_pair_mistake(
    "roots missing in the learning rate",
    RATE,
    "The roots of the eigenvalues are added, not the eigenvalues.",
    learning_rate=lambda small, large: (2 / (large + small)) ** 2,
)
_pair_mistake(
    "learning rate from the condition number",
    RATE,
    "The learning rate has a scale: make the function twice "
    "as steep and it halves. Use the eigenvalues, not their ratio.",
    learning_rate=lambda small, large: (2 / (np.sqrt(large / small) + 1)) ** 2,
)
_pair_mistake(
    "root of the sum",
    RATE,
    "sqrt(largest + smallest) is not sqrt(largest) + sqrt(smallest).",
    learning_rate=lambda small, large: 4 / (large + small),
)
_pair_mistake(
    "one over the largest eigenvalue",
    RATE,
    "1 / largest is safe, but slow in the flat direction.",
    learning_rate=lambda small, large: 1 / large,
)
_pair_mistake(
    "Nesterov's learning rate",
    RATE,
    "4 / (3 largest + smallest) is best for Nesterov's method, (3.16).",
    learning_rate=lambda small, large: 4 / (3 * large + small),
)
_pair_mistake(
    "momentum not squared",
    COEFFICIENT,
    "(sqrt(kappa) - 1) / (sqrt(kappa) + 1) is the rate; momentum is its square.",
    momentum=lambda kappa: (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1),
)
_pair_mistake(
    "root missing in the momentum",
    COEFFICIENT,
    "It is the root of the condition number that counts: that is what momentum gains.",
    momentum=lambda kappa: ((kappa - 1) / (kappa + 1)) ** 2,
)
_pair_mistake(
    "the condition number rounded down",
    COEFFICIENT,
    "// gives whole numbers only: the condition number is largest / smallest.",
    momentum=lambda kappa: ((np.sqrt(kappa // 1) - 1) / (np.sqrt(kappa // 1) + 1)) ** 2,
)
_pair_mistake(
    "gradient descent's rate as momentum",
    COEFFICIENT,
    "(kappa - 1) / (kappa + 1) is how fast gradient descent converges: two roots and a square are missing.",
    momentum=lambda kappa: (kappa - 1) / (kappa + 1),
)
_pair_mistake(
    "Nesterov's momentum",
    COEFFICIENT,
    "This is the best momentum for Nesterov's method, (3.16).",
    momentum=lambda kappa: (np.sqrt(3 * kappa + 1) - 2) / (np.sqrt(3 * kappa + 1) + 2),
)
_pair_mistake(
    "one minus the momentum",
    COEFFICIENT,
    "A worse condition number needs more memory, not less.",
    momentum=lambda kappa: 1 - ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2,
)


@best_pair.mistake("results in the wrong order", (RATE, COEFFICIENT), "Return the learning rate first, then momentum.")
def results_in_the_wrong_order(smallest, largest):
    root_small, root_large = np.sqrt(smallest), np.sqrt(largest)
    rate = (root_large - root_small) / (root_large + root_small)
    return rate**2, (2 / (root_large + root_small)) ** 2


@same_path.mistake(
    "only divided by the old rate", RESCALED, "That is the outside velocity: multiply by the new learning rate as well."
)
def only_divided_by_the_old_rate(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return (theta + velocity, velocity)


@same_path.mistake("momentum twice on the old velocity", RESCALED, "momentum is applied once, in the new velocity.")
def momentum_twice_on_the_old_velocity(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = momentum * velocity * learning_rate / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return (theta + velocity, velocity)


@same_path.mistake(
    "the carried velocity returned",
    (PULLED, RESCALED, AT_THETA, MOVES, PURE),
    "Return the new velocity, with the gradient in it.",
)
def the_carried_velocity_returned(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return (theta + velocity, carried)


@same_path.mistake(
    "the outside velocity returned",
    (PULLED, RESCALED, AT_THETA, MOVES, PURE),
    "The velocity that you keep is the inside one, of the size of a step.",
)
def the_outside_velocity_returned(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return (theta + velocity, velocity / learning_rate)


@same_path.mistake(
    "the outside velocity returned",
    (PULLED, RESCALED, AT_THETA, MOVES, PURE),
    "The velocity that you keep is the inside one, of the size of a step.",
)
def the_outside_velocity_returned_uphill(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    outside = gradient(theta) - momentum * velocity / previous_learning_rate
    return theta - learning_rate * outside, outside


@best_pair.mistake(
    "the limit of a large condition number, in the momentum",
    COEFFICIENT,
    "That is near for a large condition number only: square (sqrt(L) - sqrt(l)) / (sqrt(L) + sqrt(l)).",
)
def the_limit_of_a_large_condition_number_in_the_momentum(smallest, largest):
    root_small, root_large = (np.sqrt(smallest), np.sqrt(largest))
    learning_rate = (2 / (root_large + root_small)) ** 2
    return (learning_rate, 1 - 2 * np.sqrt(smallest / largest))


@best_pair.mistake(
    "four over the largest eigenvalue",
    RATE,
    "4 / L is the limit for a large condition number: the smallest eigenvalue counts, too.",
)
def four_over_the_largest_eigenvalue(smallest, largest):
    root_small, root_large = (np.sqrt(smallest), np.sqrt(largest))
    learning_rate = 4 / largest
    return (learning_rate, ((root_large - root_small) / (root_large + root_small)) ** 2)
