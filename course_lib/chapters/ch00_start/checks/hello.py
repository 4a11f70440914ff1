"""The exercise of notebook 00: one step of gradient descent."""

import numpy as np

from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, either_sign, signs, whole, wide

LENGTH = "The step is learning_rate times the gradient long"
DOWNHILL = "The step goes straight downhill"
PURE = "theta itself is left as it was"

hello = Exercise("00-1", "Hello, gradient", "gradient_step", topics=("optimizers",))
CHAPTER = (hello,)


def _inputs(rng):
    tilt, minimum = rng.normal(size=(6, 6)), rng.normal(size=6)
    hessian = tilt @ tilt.T / 6 + np.eye(6)  # tilted: one coordinate after the other is another method
    away = either_sign(rng, 0.5, 2.0, 6)
    return minimum + away, Spy(lambda theta: hessian @ (theta - minimum)), rng.uniform(0.1, 0.3)


def _step(gradient_step, rng):
    """``(theta, new theta, how far it moved, gradient at theta, learning_rate)`` of one call."""
    theta, gradient, learning_rate = _inputs(rng)
    new = shaped(gradient_step(theta, gradient, learning_rate), theta.shape, "the new theta")
    length = np.linalg.norm(new - theta)
    if length == 0:
        raise Wrong("theta does not move.", got=new)
    return theta, new, length, gradient.function(theta), learning_rate


@hello.check(LENGTH, points=1, hint="gradient is a function: gradient(theta) is the gradient at theta.")
def step_is_learning_rate_times(gradient_step, rng):
    theta, new, length, gradient, learning_rate = _step(gradient_step, rng)
    wanted = learning_rate * np.linalg.norm(gradient)
    close(new, theta + wanted * (new - theta) / length, "the new theta, seen in the direction in which it moved,")


@hello.check(DOWNHILL, points=2, hint="The gradient points straight uphill; we want to go down.")
def step_goes_straight_downhill(gradient_step, rng):
    theta, new, length, gradient, _ = _step(gradient_step, rng)
    close(new, theta - length * gradient / np.linalg.norm(gradient), "the new theta, seen at the length of its step,")


@hello.check(
    PURE, points=1, hint="theta = theta - ... makes a new array, theta -= ... changes the one given.", aside=True
)
def theta_itself_is_left(gradient_step, rng):
    leaves_inputs_alone(gradient_step, *_inputs(rng), other=_inputs(rng))


def _cases(rng):
    """Steps in spaces of several sizes, one of them a line, on a surface that is no bowl; once the gradient is 0,
    once it is so in one coordinate, once theta and gradient are of the size of a millionth, once the step alone is."""
    cases = []
    for n, rate in zip((1, *different(rng, 2)), (rng.uniform(1, 2), rng.uniform(0.3, 0.6), 1e-3), strict=True):
        slope = wide(rng, n)
        cases.append((wide(rng, n), Spy(lambda theta, slope=slope: slope + np.sin(theta[::-1])), rate))
    slight = 1e-6 * signs(rng, 4)
    tiny = 1e-6 * wide(rng, 4), Spy(lambda theta: slight + np.sin(theta[::-1])), 0.5
    flat = rng.permutation([0.0, *(wide(rng, 3) + 0.05)])
    still = either_sign(rng, 0.1, 10, 4), Spy(lambda theta: flat), 0.5
    slow = either_sign(rng, 1, 2, 4), Spy(lambda theta: slight + 1e-7 * np.cos(theta)), 0.5
    return [*cases, (wide(rng, 3), Spy(np.zeros_like), 0.5), tiny, still, slow]


def _reference(theta, gradient, learning_rate):
    return np.array([t + learning_rate * -g for t, g in zip(theta, gradient(theta), strict=True)])


whole(hello, _reference, _cases, ("the new theta",))


@hello.mistake("uphill", fails=DOWNHILL, says="You add the gradient: that climbs. Subtract it.")
def uphill(theta, gradient, learning_rate):
    return theta + learning_rate * gradient(theta)


@hello.mistake("learning rate forgotten", fails=LENGTH, says="You subtract the whole gradient: multiply it first.")
def learning_rate_forgotten(theta, gradient, learning_rate):
    return theta - gradient(theta)


@hello.mistake("divides by the learning rate", fails=LENGTH, says="A smaller learning rate must make a smaller step.")
def divides_by_the_learning_rate(theta, gradient, learning_rate):
    return theta - gradient(theta) / learning_rate


@hello.mistake(
    "only the sign of the gradient",
    fails=(LENGTH, DOWNHILL, PURE),
    says="Steep places get longer steps: keep its size.",
)
def only_the_sign_of_the_gradient(theta, gradient, learning_rate):
    return theta - learning_rate * np.sign(gradient(theta))


@hello.mistake("gradient of length one", fails=LENGTH, says="You divide the gradient by its norm: leave it as it is.")
def gradient_of_length_one(theta, gradient, learning_rate):
    g = gradient(theta)
    return theta - learning_rate * g / np.linalg.norm(g)


@hello.mistake("returns the step", fails=(LENGTH, DOWNHILL, PURE), says="Return the new theta, not the step to it.")
def returns_the_step(theta, gradient, learning_rate):
    return -learning_rate * gradient(theta)


@hello.mistake(
    "gradient not called",
    fails=(LENGTH, DOWNHILL, PURE),
    says="gradient is a function: write gradient(theta), not gradient.",
)
def gradient_not_called(theta, gradient, learning_rate):
    return theta - learning_rate * gradient


@hello.mistake("averaged over the coordinates", LENGTH, "The gradient is no average: do not divide by len(theta).")
def averaged_over_the_coordinates(theta, gradient, learning_rate):
    return theta - learning_rate * gradient(theta) / len(theta)


@hello.mistake(
    "one coordinate after the other",
    fails=(LENGTH, DOWNHILL, PURE),
    says="Each coordinate gets the gradient of a place that the others have left: ask for the gradient once, at theta.",
)
def one_coordinate_after_the_other(theta, gradient, learning_rate):
    theta = theta.copy()
    for i in range(len(theta)):
        theta[i] -= learning_rate * gradient(theta)[i]
    return theta


@hello.mistake("two steps", (LENGTH, DOWNHILL, PURE), "You take two steps: one gradient, one step.")
def two_steps(theta, gradient, learning_rate):
    theta = theta - learning_rate * gradient(theta)
    return theta - learning_rate * gradient(theta)


@hello.mistake(
    "the gradient of the place ahead",
    (LENGTH, DOWNHILL, PURE),
    "Ask for the gradient where you stand, at theta, and not where a first step has led.",
)
def gradient_of_the_place_ahead(theta, gradient, learning_rate):
    return theta - learning_rate * gradient(theta - learning_rate * gradient(theta))


@hello.mistake(
    "the learning rate on both parts",
    (LENGTH, DOWNHILL, PURE),
    "learning_rate multiplies the gradient only: mind the brackets.",
)
def learning_rate_on_both_parts(theta, gradient, learning_rate):
    return learning_rate * (theta - gradient(theta))
