"""Three small exercises with known mistakes, which are marked as those of a chapter are."""

import numpy as np

from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.kit import Exercise

TOPICS = ("optimizers",)
NAMES = ("theta", "velocity")
PULLED = "Where nothing moves yet, the velocity becomes -learning_rate times the gradient"
ASKED = "The gradient is asked for at the right place, and the old velocity is kept in part"
KEPT_APART = "The arrays that were given are left as they were"
APART = "Both come out right where the numbers differ"
EQUAL = "Of two equal numbers the second result is 0"

glide = Exercise("90-1", "Glide", "glide_step", topics=TOPICS)
ahead = Exercise("90-2", "Glide and look ahead", "ahead_step", topics=TOPICS)
pair = Exercise("90-3", "A pair of numbers", "rate_pair", topics=TOPICS)


def given(rng, still=False):
    """theta, velocity, gradient, learning_rate, momentum."""
    pull, velocity = rng.uniform(1, 2, 3), rng.uniform(0.5, 2, 3) * (not still)
    learning_rate, momentum = rng.uniform(0.1, 0.2), rng.uniform(0.5, 0.9)
    return rng.uniform(0.5, 2, 3), velocity, Spy(lambda theta: pull * theta), learning_rate, momentum


def step_checks(exercise, looks_ahead, most):
    """The three checks of a step; ``looks_ahead`` is 1 where the gradient is asked for ahead of theta, else 0."""

    def compared(step, theta, velocity, gradient, learning_rate, momentum):
        there = theta + looks_ahead * momentum * velocity
        expected = momentum * velocity - learning_rate * gradient.function(there)
        new = several(step(theta, velocity, gradient, learning_rate, momentum), NAMES)
        close(new[1], expected, "the new velocity")
        close(new[0], theta + expected, "the new theta")
        for point in gradient.asked:
            close(point, there, "the point at which the gradient was asked")

    @exercise.check(PULLED, 2, "velocity = momentum * velocity - learning_rate * (the gradient)")
    def from_rest(step, rng):
        compared(step, *given(rng, still=True))

    @exercise.check(ASKED, most, ("Where is the gradient wanted?", "momentum * velocity is what is left."))
    def on_the_way(step, rng):
        compared(step, *given(rng))

    @exercise.check(KEPT_APART, 1, "velocity *= momentum writes into the caller's array.", aside=True)
    def left_alone(step, rng):
        leaves_inputs_alone(step, *given(rng), other=given(rng))


step_checks(glide, 0, 3)
step_checks(ahead, 1, 5)


@pair.check(APART, 3, "Begin with the square roots.")
def apart(rate_pair, rng):
    low, high = rng.uniform(1, 2), rng.uniform(10, 20)
    one, other = np.sqrt(low), np.sqrt(high)
    rate, momentum = several(rate_pair(low, high), ("the learning rate", "the momentum"))
    close(rate, 4 / (one + other) ** 2, "the learning rate")
    close(momentum, ((other - one) / (other + one)) ** 2, "the momentum")


@pair.check(EQUAL, 1, "Nothing has to glide in a round bowl.", supporting=True)
def equal(rate_pair, rng):
    number = rng.uniform(1, 2)
    close(several(rate_pair(number, number), ("the learning rate", "the momentum"))[1], 0.0, "the momentum", atol=1e-12)


# --- Mistakes --------------------------------------------------------------------------------------------------


@glide.mistake("uphill", (PULLED, ASKED), "The gradient enters with a plus: the velocity climbs. Subtract it.")
def uphill(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient(theta)
    return theta + velocity, velocity


@glide.mistake("no memory", ASKED, "momentum times the old velocity is missing.")
def no_memory(theta, velocity, gradient, learning_rate, momentum):
    velocity = -learning_rate * gradient(theta)
    return theta + velocity, velocity


@glide.mistake("looks ahead", ASKED, "This is the next exercise: here the gradient is asked for at theta.")
def looks_ahead(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + momentum * velocity)
    return theta + velocity, velocity


@ahead.mistake("gradient at the current point", ASKED, "Look ahead first, then ask for the gradient.")
def stays(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity


@ahead.mistake("looks too far ahead", ASKED, "The place is theta + momentum * velocity.")
def too_far(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + velocity)
    return theta + velocity, velocity


@pair.mistake("the two swapped", (APART, EQUAL), "Return the learning rate first.")
def swapped(smallest, largest):
    low, high = np.sqrt(smallest), np.sqrt(largest)
    return ((high - low) / (high + low)) ** 2, 4 / (low + high) ** 2


CHAPTER = (glide, ahead, pair)
