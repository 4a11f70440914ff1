"""Exercises 03-1 and 03-2: the momentum step and the Nesterov step.

Each check isolates one part of the update (the gradient's, the old velocity's, the place where the gradient
is asked, the move of theta), so that one mistake trips one check. The parts are told apart by giving the
function a velocity of zero, or a gradient that is zero everywhere.
"""

import numpy as np

from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import Wrong, alike, close, several, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign
from course_lib.settings.language import tr

TOPICS = ("optimizers",)
NAMES = ("theta", "velocity")
DOWNHILL = "From rest, the velocity becomes -learning_rate times the gradient"
KEPT = "Where the gradient is zero, momentum times the old velocity is left"
AT_THETA = "The gradient is taken at theta, and its part is added"
LOOK_AHEAD = "The gradient is taken at the look-ahead point, and its part is added"
MOVES = "theta moves by the new velocity"
PURE = "The arrays that were given are left as they were"
STEP = (DOWNHILL, KEPT, MOVES, PURE)
MOVE_HINTS = ("The second line of the update uses the velocity of the first line.", "theta = theta + velocity")
AT_HINTS = ("Momentum asks for the gradient where it stands.", "gradient(theta)")
PURE_HINT = "velocity = momentum * velocity makes a new array; velocity *= momentum writes into the caller's."

momentum = Exercise("03-1", "Momentum", "momentum_step", topics=TOPICS)
nesterov = Exercise("03-2", "Nesterov momentum", "nesterov_step", topics=TOPICS)


# --- What the step exercises share: theta, velocity, gradient, learning_rate, momentum -> theta, velocity -----


def vector(rng):
    """Three numbers of either sign, none near zero."""
    return either_sign(rng, 0.5, 2.0, 3)


def bowl(rng):
    """The gradient of a bowl whose axes are tilted, as a function that remembers where it was asked."""
    root = rng.normal(size=(3, 3))
    hessian, minimum = root @ root.T + np.eye(3), rng.normal(size=3)
    return Spy(lambda theta: hessian @ (theta - minimum))


def _inputs(rng):
    return vector(rng), vector(rng), bowl(rng), rng.uniform(0.05, 0.2), rng.uniform(0.55, 0.9)


def flat():
    """The gradient of a plain, as a function: zero."""
    return Spy(lambda theta: np.zeros(theta.shape))


def from_rest(step, *draws):
    """Raise ``Wrong`` unless from rest the velocity becomes minus the rate times the gradient, in all draws."""
    for theta, velocity, gradient, learning_rate, *rest in draws:
        expected = -learning_rate * gradient.function(theta)
        _, new = several(step(theta, 0 * velocity, gradient, learning_rate, *rest), NAMES)
        close(new, expected, "the new velocity")


def _on_flat_ground(step, rng):
    for theta, velocity, _, learning_rate, coefficient in (_inputs(rng), _inputs(rng)):
        _, new = several(step(theta, velocity, flat(), learning_rate, coefficient), NAMES)
        close(new, coefficient * velocity, "the new velocity")


def moves(step, *given):
    """Raise ``Wrong`` unless the new theta is the old one plus the new velocity."""
    new_theta, new_velocity = several(step(*given), NAMES)
    close(new_theta, given[0] + shaped(new_velocity, given[0].shape, "the new velocity"), "the new theta")


def asks_at(step, place, theta, velocity, gradient, *rest):
    """Raise ``Wrong`` unless the gradient is asked at ``place`` only, and both parts of the velocity add up."""
    there = gradient.function(place)
    _, kept = several(step(theta, velocity, flat(), *rest), NAMES)
    _, pulled = several(step(theta, 0 * velocity, lambda _: there.copy(), *rest), NAMES)
    _, new = several(step(theta, velocity, gradient, *rest), NAMES)
    if not gradient.asked:
        raise Wrong(tr("The gradient was never asked for."))
    kept, pulled = (shaped(part, theta.shape, "the new velocity") for part in (kept, pulled))
    _asked_at(gradient.asked, place, alike(new, kept + pulled))
    if np.all(pulled == 0):
        raise Wrong(tr("The gradient has no effect on the new velocity."), got=new)
    close(new, kept + pulled, "the new velocity")


def _asked_at(points, place, right):
    """Raise ``Wrong`` if a point is not ``place``; ``right``: whether the result is right all the same."""
    if right and any(alike(point, place) for point in points) and not all(alike(point, place) for point in points):
        raise Wrong(tr("The gradient is asked for at another point, too."), "AsksMore")
    for point in points:
        close(point, place, "the point at which the gradient was asked")


def _pure(step, rng):
    theta, velocity, *rest = _inputs(rng)  # a theta that is moved so far and back is no longer the same
    leaves_inputs_alone(step, theta, 1e5 * velocity, *rest, other=_inputs(rng))


def _add_step_checks(exercise, ask_title, place, ask_hints, gradient_points, place_points):
    """The five checks of an exercise whose update differs in ``place`` only; what is new in it weighs most."""
    rest = "With a velocity of zero only the gradient's part is left: what sign, what factor?"
    level = "With a gradient of zero the velocity only fades: by which factor?"
    line = "velocity = momentum * velocity - learning_rate * (gradient)"
    exercise.check(DOWNHILL, gradient_points, (rest, line))(
        lambda step, rng: from_rest(step, _inputs(rng), _inputs(rng))
    )
    exercise.check(KEPT, 1, (level, line))(_on_flat_ground)

    @exercise.check(ask_title, place_points, ask_hints, supporting=True)  # gradient(place) alone would pass it
    def ask_title_exercise(step, rng):
        theta, velocity, gradient, learning_rate, coefficient = _inputs(rng)
        asks_at(step, place(theta, velocity, coefficient), theta, velocity, gradient, learning_rate, coefficient)

    exercise.check(MOVES, 1, MOVE_HINTS, supporting=True)(lambda step, rng: moves(step, *_inputs(rng)))
    exercise.check(PURE, 1, PURE_HINT, aside=True)(_pure)


_add_step_checks(
    momentum,
    AT_THETA,
    lambda theta, velocity, momentum: theta,
    AT_HINTS,
    gradient_points=2,
    place_points=1,
)
_add_step_checks(
    nesterov,
    LOOK_AHEAD,
    lambda theta, velocity, momentum: theta + momentum * velocity,
    ("Where would the old velocity alone carry theta?", "gradient(theta + momentum * velocity)"),
    gradient_points=1,
    place_points=4,
)


def both(name, fails, says):
    """A mistake that can be made in both step exercises: ``ahead`` is 0 for momentum and 1 for Nesterov."""

    def add(function):
        def plain(theta, velocity, gradient, learning_rate, momentum):
            return function(theta, velocity, gradient(theta), learning_rate, momentum)

        def looking(theta, velocity, gradient, learning_rate, momentum):
            return function(theta, velocity, gradient(theta + momentum * velocity), learning_rate, momentum)

        for exercise, wrong, asks in ((momentum, plain, AT_THETA), (nesterov, looking, LOOK_AHEAD)):
            titles = [asks if title is AT_THETA else title for title in ((fails,) if isinstance(fails, str) else fails)]
            exercise.mistake(name, titles, says)(wrong)
        return function

    return add


@both("uphill", DOWNHILL, "The gradient enters with a plus: the velocity climbs. Subtract it.")
def uphill(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * g
    return theta + velocity, velocity


@both(
    "learning rate outside the velocity",
    (DOWNHILL, MOVES),
    "This is the form of L3 and PyTorch, (3.4) and (3.5): the same path while the learning rate is constant. "
    "Here the learning rate stands inside the velocity.",
)
def learning_rate_outside_the_velocity(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity + g
    return theta - learning_rate * velocity, velocity


@both("learning rate forgotten", DOWNHILL, "The gradient enters the velocity times learning_rate.")
def learning_rate_forgotten(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity - g
    return theta + velocity, velocity


@both(
    "an average in place of a sum",
    DOWNHILL,
    "You weigh the gradient by (1 - momentum), which makes an average. Momentum adds up: with 0.9 it moves up "
    "to ten times as far as one gradient alone (erratum E22).",
)
def average_in_place_of_a_sum(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity - (1 - momentum) * learning_rate * g
    return theta + velocity, velocity


@both("momentum on both parts", DOWNHILL, "momentum multiplies the old velocity only, not the gradient.")
def momentum_on_both_parts(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * (velocity - learning_rate * g)
    return theta + velocity, velocity


@both("no memory", KEPT, "This is gradient descent: momentum times the old velocity is missing.")
def no_memory(theta, velocity, g, learning_rate, momentum):
    velocity = -learning_rate * g
    return theta + velocity, velocity


@both("velocity never fades", KEPT, "The old velocity is kept whole: multiply it by momentum.")
def velocity_never_fades(theta, velocity, g, learning_rate, momentum):
    velocity = velocity - learning_rate * g
    return theta + velocity, velocity


@both("velocity fades with 1 - momentum", KEPT, "momentum = 0.9 keeps 90 % of the old velocity, not 10 %.")
def velocity_fades_with_1_momentum(theta, velocity, g, learning_rate, momentum):
    velocity = (1 - momentum) * velocity - learning_rate * g
    return theta + velocity, velocity


@both("theta moves by the old velocity", MOVES, "Update the velocity first; then theta moves by the new one.")
def theta_moves_by_the_old_velocity(theta, velocity, g, learning_rate, momentum):
    return theta + velocity, momentum * velocity - learning_rate * g


@both("theta moves against the velocity", MOVES, "The velocity already points downhill: add it.")
def theta_moves_against_the_velocity(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * g
    return theta - velocity, velocity


@both("theta moves by the gradient's part only", MOVES, "theta moves by the whole new velocity.")
def theta_moves_by_the_gradients_part(theta, velocity, g, learning_rate, momentum):
    return theta - learning_rate * g, momentum * velocity - learning_rate * g


@both(
    "velocity fades once more before theta moves",
    MOVES,
    "theta moves by the new velocity as it is: momentum has been at work in it already.",
)
def velocity_fades_once_more(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * g
    return theta + momentum * velocity, velocity


@both(
    "the gradient's part missing in the velocity",
    (DOWNHILL, AT_THETA, MOVES),
    "theta goes the right way, but the velocity that you return lacks the gradient's part: the next step needs it.",
)
def gradients_part_missing_in_the_velocity(theta, velocity, g, learning_rate, momentum):
    return theta + momentum * velocity - learning_rate * g, momentum * velocity


@both("learning rate twice", MOVES, "The learning rate is in the velocity already: theta moves by the velocity.")
def learning_rate_twice(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * g
    return theta + learning_rate * velocity, velocity


@both("returns the old velocity", (*STEP, AT_THETA), "The second result is the new velocity: the next step needs it.")
def returns_the_old_velocity(theta, velocity, g, learning_rate, momentum):
    return theta + momentum * velocity - learning_rate * g, velocity


@both("results in the wrong order", (*STEP, AT_THETA), "Return theta first, then the velocity.")
def results_in_the_wrong_order(theta, velocity, g, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * g
    return velocity, theta + velocity


@both("velocity not returned", (*STEP, AT_THETA), "Return two results, theta and velocity: the next step needs both.")
def velocity_not_returned(theta, velocity, g, learning_rate, momentum):
    return theta + momentum * velocity - learning_rate * g


# --- 03-1 only ------------------------------------------------------------------------------------------------


@momentum.mistake(
    "the other sign, as in L2",
    fails=(DOWNHILL, MOVES),
    says="theta goes the right way, but your velocity points uphill and is subtracted, as L2 writes it. "
    "Here the velocity points downhill and is added.",
)
def other_sign_as_in_l2(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient(theta)
    return theta - velocity, velocity


@momentum.mistake(
    "a product of gradients",
    fails=(*STEP, AT_THETA),
    says="L4 prints the old step times the gradient (erratum E21): the two add up.",
)
def product_of_gradients(theta, velocity, gradient, learning_rate, momentum):
    velocity = -momentum * velocity * learning_rate * gradient(theta)
    return theta + velocity, velocity


@momentum.mistake(
    "gradient at the look-ahead point",
    fails=AT_THETA,
    says="This is Nesterov's method, which is the next exercise: momentum asks at theta.",
)
def gradient_at_the_look_ahead_point(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + momentum * velocity)
    return theta + velocity, velocity


# --- 03-2 only ------------------------------------------------------------------------------------------------


@nesterov.mistake(
    "gradient at the current point",
    fails=LOOK_AHEAD,
    says="This is plain momentum: Nesterov looks ahead first, then asks for the gradient.",
)
def gradient_at_the_current_point(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity


@nesterov.mistake(
    "PyTorch's form, around the point ahead",
    (LOOK_AHEAD, MOVES),
    "In that form theta stands for the point ahead, and the gradient is taken there. Here theta is the point itself.",
)
def pytorchs_form_around_the_point_ahead(theta, velocity, gradient, learning_rate, momentum):
    g = gradient(theta)
    velocity = momentum * velocity - learning_rate * g
    return theta + momentum * velocity - learning_rate * g, velocity


@nesterov.mistake(
    "looks back instead of ahead",
    fails=LOOK_AHEAD,
    says="theta - momentum * velocity lies behind. (L2 has a minus there because its velocity points "
    "uphill.) Here the look-ahead point is theta + momentum * velocity.",
)
def looks_back_instead_of_ahead(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta - momentum * velocity)
    return theta + velocity, velocity


@nesterov.mistake(
    "looks too far ahead",
    fails=LOOK_AHEAD,
    says="The look-ahead point is theta + momentum * velocity: you left out momentum.",
)
def looks_too_far_ahead(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + velocity)
    return theta + velocity, velocity


@nesterov.mistake(
    "gradient at the velocity",
    fails=(DOWNHILL, LOOK_AHEAD),
    says="A velocity is no place: the look-ahead point is theta + momentum * velocity.",
)
def gradient_at_the_velocity(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(momentum * velocity)
    return theta + velocity, velocity


@nesterov.mistake(
    "starts from the look-ahead point",
    fails=MOVES,
    says="The new theta is theta + velocity. From the look-ahead point it counts twice.",
)
def starts_from_the_look_ahead_point(theta, velocity, gradient, learning_rate, momentum):
    look_ahead = theta + momentum * velocity
    velocity = momentum * velocity - learning_rate * gradient(look_ahead)
    return look_ahead + velocity, velocity


@nesterov.mistake(
    "the other sign, as in L2",
    fails=(DOWNHILL, LOOK_AHEAD, MOVES),
    says="In L2 the velocity points uphill and every sign is turned. Here it points downhill: "
    "look ahead with a plus, subtract the gradient, add the velocity.",
)
def other_sign_as_in_l2_nesterov(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient(theta - momentum * velocity)
    return theta - velocity, velocity


@nesterov.mistake(
    "PyTorch's form",
    fails=(DOWNHILL, LOOK_AHEAD, MOVES),
    says="In PyTorch's form (3.10), (3.11) theta is the look-ahead point itself and the learning rate "
    "stands outside. Write (3.6) and (3.7).",
)
def pytorchs_form(theta, velocity, gradient, learning_rate, momentum):
    g = gradient(theta)
    velocity = momentum * velocity + g
    return theta - learning_rate * (g + momentum * velocity), velocity


@nesterov.mistake(
    "the look-ahead point returned", MOVES, "look_ahead is where you ask; the new theta is theta + velocity."
)
def the_look_ahead_point_returned(theta, velocity, gradient, learning_rate, momentum):
    look_ahead = theta + momentum * velocity
    velocity = momentum * velocity - learning_rate * gradient(look_ahead)
    return (look_ahead, velocity)


@nesterov.mistake("the mean of both gradients", LOOK_AHEAD, "One gradient is enough, that at the look-ahead point.")
def the_mean_of_both_gradients(theta, velocity, gradient, learning_rate, momentum):
    look_ahead = theta + momentum * velocity
    velocity = momentum * velocity - learning_rate * (gradient(look_ahead) + gradient(theta)) / 2
    return (theta + velocity, velocity)


@nesterov.mistake(
    "looks ahead by the learning rate", LOOK_AHEAD, "The look-ahead point is momentum times the velocity away."
)
def looks_ahead_by_the_learning_rate(theta, velocity, gradient, learning_rate, momentum):
    look_ahead = theta + learning_rate * velocity
    velocity = momentum * velocity - learning_rate * gradient(look_ahead)
    return (theta + velocity, velocity)
