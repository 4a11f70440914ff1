"""Exercises 01-4 and 01-5: dual numbers, and the numerical gradient."""

import numpy as np

from course_lib.chapters.ch01_backprop.checks.layers import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign, signs

dual = Exercise("01-4", "Dual numbers: product and chain", "dual_of_product", topics=TOPICS)
numerical = Exercise(
    "01-5",
    "A numerical gradient",
    "numerical_gradient",
    topics=TOPICS,
)


# --- 01-4: x, y (each primal and tangent), function, slope -> primal and tangent of function(x * y) -------------

VALUE = "The primal is the function of the product of the primals"
PRODUCT = "The tangent of the product follows the product rule"
CHAIN = "The chain rule multiplies it by the slope at the product"


def _dual_number(rng):
    return either_sign(rng, 0.6, 1.6, 2)


def _cubic(rng):
    """``(function, slope)`` of a cubic, both remembering where they were asked."""
    a, b, c = rng.uniform(0.5, 2, 3)
    return Spy(lambda s: a * s**3 + b * s + c), Spy(lambda s: 3 * a * s**2 + b)


def _identity():
    """``(function, slope)`` of the identity."""
    return Spy(lambda s: s), Spy(lambda s: np.ones(np.shape(s)))


@dual.check(VALUE, points=1, hint=("Forget the tangents: what is the value?", "function(x[0] * y[0])"))
def primal_is_the_function(function, rng):
    x, y = _dual_number(rng), _dual_number(rng)
    f, slope = _cubic(rng)
    got = shaped(function(x, y, f, slope), (2,))
    close(got[0], f.function(x[0] * y[0]), "the primal")


@dual.check(
    PRODUCT,
    points=2,
    hint=("Multiply (a + a' e)(b + b' e) out and leave e * e away.", "x[1] * y[0] + x[0] * y[1]"),
)
def tangent_of_the_product_follows(function, rng):
    x, y = _dual_number(rng), _dual_number(rng)
    got = shaped(function(x, y, *_identity()), (2,))
    close(got[1], x[1] * y[0] + x[0] * y[1], "the tangent")  # (1.10)


@dual.check(
    CHAIN,
    points=2,
    hint=(
        "Let y be a constant, with tangent 0: what is the derivative of f(c x)?",
        "slope(x[0] * y[0]) times the tangent of the product",
    ),
)
def chain_rule_multiplies(function, rng):
    x, y = _dual_number(rng), _dual_number(rng) * [1, 0]
    f, slope = _cubic(rng)
    got = shaped(function(x, y, f, slope), (2,))
    close(got[1], slope.function(x[0] * y[0]) * x[1] * y[0], "the tangent")  # (1.11)
    if not slope.asked:
        raise Wrong("The tangent does not come from slope, which was never asked.", got=got)


@dual.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure(function, rng):
    leaves_inputs_alone(
        function,
        _dual_number(rng),
        _dual_number(rng),
        *_cubic(rng),
        other=(_dual_number(rng), _dual_number(rng), *_cubic(rng)),
    )


def _dual_mistake(name, fails, says, value=None, product=None, chain=None):
    """Right but for ``value(x, y, f)``, ``product(x, y)`` or ``chain(x, y, f, slope, tangent of the product)``."""

    def function(x, y, function, slope):
        primal = value(x, y, function) if value else function(x[0] * y[0])
        tangent = product(x, y) if product else x[1] * y[0] + x[0] * y[1]
        tangent = chain(x, y, function, slope, tangent) if chain else slope(x[0] * y[0]) * tangent
        return np.array([primal, tangent])

    dual.mistake(name, fails, says)(function)


_dual_mistake(
    "the function left out",
    VALUE,
    "This is the product itself: pass it through the function.",
    value=lambda x, y, f: x[0] * y[0],
)
_dual_mistake(
    "product taken after the function",
    VALUE,
    "f(x) f(y) is not f(x y): multiply first.",
    value=lambda x, y, f: f(x[0]) * f(y[0]),
)
_dual_mistake(
    "only the first factor moves",
    PRODUCT,
    "Both factors move: the term with the tangent of y is missing.",
    product=lambda x, y: x[1] * y[0],
)
_dual_mistake(
    "minus in the product rule",
    PRODUCT,
    "The two terms of the product rule are added (a quotient has the minus).",
    product=lambda x, y: x[1] * y[0] - x[0] * y[1],
)
_dual_mistake(
    "e times e kept",
    PRODUCT,
    "e * e = 0: the product of the two tangents is of second order and drops out.",
    product=lambda x, y: x[1] * y[0] + x[0] * y[1] + x[1] * y[1],
)
_dual_mistake(
    "tangents multiplied",
    (PRODUCT, CHAIN),
    "The derivative of a product is not the product of the derivatives.",
    product=lambda x, y: x[1] * y[1],
)
for _product in (lambda x, y: 2 * x[0] * y[1], lambda x, y: 2 * x[1] * y[0]):
    _dual_mistake(
        "one share of the product rule twice",
        (PRODUCT, CHAIN),
        "Each factor moves once: x' y and x y', not one of them twice.",
        product=_product,
    )
_dual_mistake(
    "the tangents' product added to the primal",
    VALUE,
    "e * e = 0: the product of the two tangents drops out, and never gets into the primal.",
    value=lambda x, y, f: f(x[0] * y[0] + x[1] * y[1]),
    chain=lambda x, y, f, slope, tangent: slope(x[0] * y[0] + x[1] * y[1]) * tangent,
)
_dual_mistake(
    "tangents added",
    (PRODUCT, CHAIN),
    "x' + y' is the tangent of the sum; in a product each is scaled by the other.",
    product=lambda x, y: x[1] + y[1],
)
_dual_mistake(
    "slope forgotten",
    CHAIN,
    "The tangent passes the function too: multiply it by the slope.",
    chain=lambda x, y, f, slope, tangent: tangent,
)
_dual_mistake(
    "slope at the first factor",
    CHAIN,
    "The function is asked at the product, and so is its slope.",
    chain=lambda x, y, f, slope, tangent: slope(x[0]) * tangent,
)
_dual_mistake(
    "slope at the tangent",
    CHAIN,
    "The slope is taken where the value is, not at the tangent.",
    chain=lambda x, y, f, slope, tangent: slope(tangent) * tangent,
)
_dual_mistake(
    "slope without the tangent",
    (PRODUCT, CHAIN),
    "The slope says how f moves when s moves by 1; s moves by its tangent.",
    chain=lambda x, y, f, slope, tangent: slope(x[0] * y[0]),
)


_dual_mistake(
    "the function of the tangent",
    CHAIN,
    "The function is for the primal: the tangent is multiplied by the slope at the product.",
    chain=lambda x, y, f, slope, tangent: f(tangent),
)
_dual_mistake(
    "slope at the second factor",
    CHAIN,
    "The function is asked at the product, and so is its slope.",
    chain=lambda x, y, f, slope, tangent: slope(y[0]) * tangent,
)
_dual_mistake(
    "slope at the value of the function",
    CHAIN,
    "The slope belongs to what goes into the function, the product, not to what comes out.",
    chain=lambda x, y, f, slope, tangent: slope(f(x[0] * y[0])) * tangent,
)
_dual_mistake(
    "a slope for each factor",
    CHAIN,
    "The function gets one number, the product: its slope is asked there, once for both terms.",
    chain=lambda x, y, f, slope, tangent: slope(x[0]) * x[1] * y[0] + slope(y[0]) * x[0] * y[1],
)
_dual_mistake(
    "the slope at the tangent, and nothing else",
    (PRODUCT, CHAIN),
    "The slope is taken where the value is, and multiplied by the tangent.",
    chain=lambda x, y, f, slope, tangent: slope(tangent),
)
_dual_mistake(
    "divided by the slope",
    CHAIN,
    "Where the function is steep its tangent is long: multiply by the slope.",
    chain=lambda x, y, f, slope, tangent: tangent / slope(x[0] * y[0]),
)
_dual_mistake(
    "each factor times its own tangent",
    (PRODUCT, CHAIN),
    "The product rule goes crosswise: the tangent of one factor times the primal of the other.",
    product=lambda x, y: x[0] * x[1] + y[0] * y[1],
)
_dual_mistake(
    "the function of one factor, times the other",
    (VALUE, CHAIN),
    "g(x y) is asked for, not g(x) y: multiply first.",
    value=lambda x, y, f: f(x[0]) * y[0],
    chain=lambda x, y, f, slope, tangent: slope(x[0]) * x[1] * y[0] + f(x[0]) * y[1],
)
_dual_mistake(
    "product taken after the function, in both results",
    (VALUE, CHAIN),
    "g(x) g(y) is not g(x y): multiply first.",
    value=lambda x, y, f: f(x[0]) * f(y[0]),
    chain=lambda x, y, f, slope, tangent: slope(x[0]) * x[1] * f(y[0]) + f(x[0]) * slope(y[0]) * y[1],
)
_dual_mistake(
    "the sum in place of the product",
    (VALUE, PRODUCT, CHAIN, PURE),
    "The function is asked at x y, not at x + y.",
    value=lambda x, y, f: f(x[0] + y[0]),
    chain=lambda x, y, f, slope, tangent: slope(x[0] + y[0]) * (x[1] + y[1]),
)


# --- 01-5: theta, function, h -> gradient -----------------------------------------------------------------------

STRAIGHT = "On a plane the slope along every axis is exact"
BOTH_SIDES = "At the bottom of a bowl the slopes are zero"
ONE_BY_ONE = "Only one coordinate moves at a time, by h"
OWN_STEP = "a step of its own", "Use the h that is given; the caller may want to draw the V."
RELATIVE = (
    "step relative to theta",
    "The exercise moves by h itself. A step scaled with theta is a good idea in practice, except at theta = 0.",
)


def _theta(rng):
    """Four numbers of either sign, two of them larger than 1 and two smaller."""
    sizes = np.concatenate([rng.uniform(0.5, 0.8, 2), rng.uniform(1.3, 2.0, 2)])
    return rng.permutation(sizes) * signs(rng, 4)


def _cubic_bowl(rng):
    """A function with mixed terms and a third derivative: a one-sided slope is visibly off."""
    root, cube = rng.normal(size=(4, 4)), rng.uniform(0.5, 1.5, 4)
    hessian = root @ root.T + 4 * np.eye(4)
    return Spy(lambda theta: theta @ hessian @ theta / 2 + cube @ theta**3)


@numerical.check(
    STRAIGHT,
    points=2,
    hint=("The points lie 2 h apart.", "(function(theta + move) - function(theta - move)) / (2 * h)"),
)
def on_a_plane_the_slope_along(function, rng):
    slope = either_sign(rng, 0.5, 2, 4)
    close(function(_theta(rng), Spy(lambda theta: slope @ theta + 1), rng.uniform(0.1, 0.4)), slope, "the gradient")


@numerical.check(
    BOTH_SIDES,
    points=2,
    hint=("A one-sided slope is off by h f'' / 2; from both sides that term cancels.", "theta + move and theta - move"),
    supporting=True,
)
def at_the_bottom_of_a_bowl(function, rng):
    theta, scale = _theta(rng), rng.uniform(0.5, 2, 4)
    bowl = Spy(lambda point: scale @ (point - theta) ** 2 + 1)
    close(function(theta, bowl, rng.uniform(0.1, 0.4)), np.zeros(4), "the gradient at the bottom of a bowl", atol=1e-8)


@numerical.check(
    ONE_BY_ONE,
    points=1,
    hint=("A partial derivative holds all other coordinates still.", "move = np.zeros_like(theta); move[i] = h"),
)
def only_one_coordinate_moves(function, rng):
    theta, f, h = _theta(rng), _cubic_bowl(rng), rng.uniform(0.1, 0.4)
    got = shaped(function(theta, f, h), (4,), "the gradient")
    if np.ptp(got) == 0:
        raise Wrong("All coordinates get the same slope.", got=got)
    moves = [point - theta for point in f.asked]
    if not moves or any(np.shape(move) != (4,) for move in moves):
        raise Wrong("The function was never asked at a point of theta's shape.", got=None)
    far = [move for move in moves if np.count_nonzero(np.abs(move) > 1e-12) > 1]
    if far:
        raise Wrong("The function was asked where more than one coordinate had moved.", got=far[0])
    lengths = np.array([np.abs(move).max() for move in moves if np.any(np.abs(move) > 1e-12)])
    even = len(lengths) and np.ptp(lengths) < 1e-9
    with telling(even, *OWN_STEP), telling(not even, *RELATIVE):
        close(lengths, np.full(len(lengths), h), "how far a coordinate was moved")
    if len({int(np.argmax(np.abs(move))) for move in moves}) < 4:
        raise Wrong("Not every coordinate was moved.", got=f.asked)


@numerical.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_numerical(function, rng):
    leaves_inputs_alone(function, _theta(rng), _cubic_bowl(rng), 0.2, other=(_theta(rng), _cubic_bowl(rng), 0.3))


def _numerical_mistake(name, fails, says, quotient):
    """A wrong ``quotient(function, theta, move, h)`` for each coordinate."""

    def wrong(theta, function, h):
        return np.array([quotient(function, theta, move, h) for move in h * np.eye(len(theta))])

    numerical.mistake(name, fails, says)(wrong)


_numerical_mistake(
    "one-sided, ahead",
    BOTH_SIDES,
    "A forward difference: its error falls like h, the central one's like h^2.",
    lambda f, theta, move, h: (f(theta + move) - f(theta)) / h,
)
_numerical_mistake(
    "one-sided, behind",
    BOTH_SIDES,
    "This is the backward difference: ask on both sides.",
    lambda f, theta, move, h: (f(theta) - f(theta - move)) / h,
)
_numerical_mistake(
    "divided by h",
    STRAIGHT,
    "The two points lie 2 h apart: divide by that.",
    lambda f, theta, move, h: (f(theta + move) - f(theta - move)) / h,
)
_numerical_mistake(
    "not divided",
    STRAIGHT,
    "A slope is a difference divided by a distance.",
    lambda f, theta, move, h: f(theta + move) - f(theta - move),
)
_numerical_mistake(
    "divided by the wrong bracket",
    STRAIGHT,
    "a / 2 * h multiplies by h: write a / (2 * h).",
    lambda f, theta, move, h: (f(theta + move) - f(theta - move)) / 2 * h,
)
_numerical_mistake(
    "points swapped",
    STRAIGHT,
    "Ahead minus behind; yours has the sign of the opposite direction.",
    lambda f, theta, move, h: (f(theta - move) - f(theta + move)) / (2 * h),
)
_numerical_mistake(
    "half the step",
    ONE_BY_ONE,
    "h is the step to each side, as in (1.14): move by h, not by h / 2.",
    lambda f, theta, move, h: (f(theta + move / 2) - f(theta - move / 2)) / h,
)
_numerical_mistake(
    RELATIVE[0],
    ONE_BY_ONE,
    RELATIVE[1],
    lambda f, theta, move, h: (f(theta + move * abs(theta)) - f(theta - move * abs(theta))) / (2 * abs(theta @ move)),
)
_numerical_mistake(
    OWN_STEP[0],
    ONE_BY_ONE,
    OWN_STEP[1],
    lambda f, theta, move, h: (f(theta + move / h * 1e-3) - f(theta - move / h * 1e-3)) / 2e-3,
)


_numerical_mistake(
    "the second point is where it began",
    (STRAIGHT, BOTH_SIDES),
    "theta + h, and back by h again, is theta: for the point behind go back by 2 h, or begin at theta anew.",
    lambda f, theta, move, h: (f(theta + move) - f(theta)) / (2 * h),
)
_numerical_mistake(
    "the sum of both values",
    (STRAIGHT, BOTH_SIDES),
    "A slope is a difference: ahead minus behind.",
    lambda f, theta, move, h: (f(theta + move) + f(theta - move)) / (2 * h),
)
_numerical_mistake(
    "divided by h squared",
    STRAIGHT,
    "A first derivative has the distance below the line once: 2 h.",
    lambda f, theta, move, h: (f(theta + move) - f(theta - move)) / (2 * h**2),
)
_numerical_mistake(
    "h taken times theta",
    (STRAIGHT, BOTH_SIDES, ONE_BY_ONE, PURE),
    "The coordinate is moved by h, not multiplied by 1 + h.",
    lambda f, theta, move, h: (f(theta * (1 + move)) - f(theta * (1 - move))) / (2 * h),
)
_numerical_mistake(
    "the second derivative",
    (STRAIGHT, BOTH_SIDES),
    "f(ahead) - 2 f + f(behind) says how it bends: the slope is the difference of ahead and behind.",
    lambda f, theta, move, h: (f(theta + move) - 2 * f(theta) + f(theta - move)) / h**2,
)


@numerical.mistake(
    "moves that add up",
    (STRAIGHT, BOTH_SIDES, ONE_BY_ONE, PURE),
    "The coordinates before are still moved when the next one is: begin at theta each time, with zeros but for one h.",
)
def moves_that_add_up(theta, function, h):
    moves = np.cumsum(h * np.eye(len(theta)), axis=0)
    return np.array([(function(theta + move) - function(theta - move)) / (2 * h) for move in moves])


@numerical.mistake(
    "all coordinates moved at once",
    (STRAIGHT, BOTH_SIDES, ONE_BY_ONE, PURE),
    "theta + h moves every coordinate: that is the slope along the diagonal. Move one at a time.",
)
def all_coordinates_moved_at_once(theta, function, h):
    return np.full(len(theta), (function(theta + h) - function(theta - h)) / (2 * h))


@numerical.mistake(
    "the move is never taken back",
    ONE_BY_ONE,
    "The move of the first coordinate is still in when the second is moved: start from theta each time.",
)
def move_is_never_taken_back(theta, function, h):
    return _kept_moves(theta, function, h)


def _kept_moves(theta, function, h):
    """On a plane the slope is right all the same; elsewhere it is taken at the wrong place."""
    point, slopes = theta.copy(), []
    for i in range(len(theta)):
        point[i] += h
        ahead = function(point)
        point[i] -= 2 * h
        slopes.append((ahead - function(point)) / (2 * h))
    return np.array(slopes)


@dual.mistake(
    "one term of the product rule", (PRODUCT, CHAIN), "The product rule has two terms: what x' brings is missing."
)
def one_term_of_the_product_rule(x, y, function, slope):
    product = x[0] * y[0]
    tangent = x[0] * y[1]
    return np.array([function(product), slope(product) * tangent])


@dual.mistake(
    "primal and tangent swapped", (VALUE, PRODUCT, CHAIN, PURE), "The primal comes first, the tangent second."
)
def primal_and_tangent_swapped(x, y, function, slope):
    product = x[0] * y[0]
    tangent = x[1] * y[0] + x[0] * y[1]
    return np.array([slope(product) * tangent, function(product)])


@dual.mistake(
    "function in place of its slope",
    (PRODUCT, CHAIN),
    "The chain rule multiplies by the slope at the product, not by the function.",
)
def function_in_place_of_its_slope(x, y, function, slope):
    product = x[0] * y[0]
    tangent = x[1] * y[0] + x[0] * y[1]
    return np.array([function(product), function(product) * tangent])


@numerical.mistake(
    "half of the step",
    (STRAIGHT, BOTH_SIDES, ONE_BY_ONE, PURE),
    "The points lie h to each side, so that they are 2 h apart: you move by h / 2.",
)
def half_of_the_step(theta, function, h):
    gradient = np.zeros(len(theta))
    for i in range(len(theta)):
        move = np.zeros(len(theta))
        move[i] = h / 2
        gradient[i] = (function(theta + move) - function(theta - move)) / (2 * h)
    return gradient


@numerical.mistake(
    "the last coordinate left out",
    (STRAIGHT, BOTH_SIDES, ONE_BY_ONE, PURE),
    "Every coordinate has a slope, the last one too: range(len(theta)).",
)
def the_last_coordinate_left_out(theta, function, h):
    gradient = np.zeros(len(theta))
    for i in range(len(theta) - 1):
        move = np.zeros(len(theta))
        move[i] = h
        gradient[i] = (function(theta + move) - function(theta - move)) / (2 * h)
    return gradient


@numerical.mistake(
    "a step in proportion to theta",
    (STRAIGHT, BOTH_SIDES, ONE_BY_ONE, PURE),
    "h is the step in every coordinate, whatever the size of theta.",
)
def a_step_in_proportion_to_theta(theta, function, h):
    gradient = np.zeros(len(theta))
    for i in range(len(theta)):
        move = np.zeros(len(theta))
        move[i] = h * max(1, abs(theta[i]))
        gradient[i] = (function(theta + move) - function(theta - move)) / (2 * h)
    return gradient
