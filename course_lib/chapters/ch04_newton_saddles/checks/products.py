"""Exercises 04-3 and 04-6: products with the Hessian that never form it, nearly and exactly."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.checks.newton import PURE, TOPICS, curved, surface, vector
from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import NOTHING, Wrong, close, numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise
from course_lib.settings.language import tr

NEW_ARRAY = "Make new arrays: theta + h * v instead of theta += h * v."

difference = Exercise("04-3", "Hessian times vector, two gradients", "hessian_vector", topics=TOPICS)
exact = Exercise("04-6", "Hessian times vector, exactly", "exact_hessian_vector", topics=TOPICS)


# --- 04-3: theta, v, gradient, h -> H v -----------------------------------------------------------------------

QUADRATIC = "On a quadratic it is the Hessian times v"
TWO_POINTS = "Two gradients are asked, at theta + h v and at theta - h v"


def _difference_inputs(rng):
    theta, gradient, _, _ = surface(curved(rng, (1, -1, 1)), rng)
    return theta, vector(rng), gradient, rng.uniform(0.05, 0.1)


@difference.check(
    QUADRATIC,
    points=3,
    hint=(
        "How much does the gradient change when you go from theta - h v to theta + h v, a way of 2 h v?",
        "(gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)",
    ),
)
def on_a_quadratic(function, rng):
    matrix = curved(rng, (1, -1, 1))
    theta, gradient, _, _ = surface(matrix, rng)
    v = vector(rng)
    close(function(theta, v, gradient, rng.uniform(0.05, 0.1)), matrix @ v, "the product", rtol=1e-6, atol=1e-7)


@difference.check(
    TWO_POINTS,
    points=2,
    hint=("The two points lie on both sides of theta, a step h * v away.", "theta + h * v, theta - h * v"),
)
def two_gradients_are_asked_at_theta(function, rng):
    for sizes in ((0.2, 2.0), (2.0, 0.3)):  # theta and v shorter and longer than 1
        _two_points(function, rng, *sizes)


def _two_points(function, rng, far, long):
    matrix = curved(rng, (1, -1, 1))
    gradient = Spy(lambda point: matrix @ point + point**3 + 0.3 * point**4 + 0.2 * point**5)
    theta, v, h = far * vector(rng), long * vector(rng), rng.uniform(0.2, 0.3)
    expected = (gradient.function(theta + h * v) - gradient.function(theta - h * v)) / (2 * h)
    got = shaped(function(theta, v, gradient, h), theta.shape, "the product")
    try:
        for point in gradient.asked:
            near = point if np.dot(point - theta, v) < 0 else 2 * theta - point
            close(near, theta - h * v, "a point at which the gradient was asked (or its mirror image)")
        close(got, expected, "the product")
    except Wrong as wrong:
        wrong.told = tuple(map(tr, _asked_wrongly(gradient.asked, theta, v, h)))
        raise


ANOTHER_STEP = (
    "another step than h",
    "Use the h that is given: no point that you ask for is h * v away from theta.",
)


MORE_POINTS = (
    "more points than two",
    "Two gradients are enough, at theta + h * v and at theta - h * v: leave the other points out.",
)


def _asked_wrongly(asked, theta, v, h):
    """``(name, what to do)`` of what is true of all points at which the gradient was asked."""
    ways = np.array([point - theta for point in asked if point.shape == theta.shape])
    if not len(ways):
        return NOTHING
    along = ways @ v / (v @ v)
    if not np.allclose(ways, np.outer(along, v), rtol=1e-7, atol=1e-9):
        return (
            "points off the line along v",
            "The points are theta + h * v and theta - h * v: step along v, as long as it is.",
        )
    if np.min(along) > -1e-9 or np.max(along) < 1e-9:
        return "on one side of theta", "Your points lie on one side of theta: ask on both, h * v away."
    if not np.any(np.isclose(np.abs(along), h, rtol=1e-6)):
        return ANOTHER_STEP
    return NOTHING if len(ways) == 2 else MORE_POINTS


@difference.check(PURE, points=1, hint=NEW_ARRAY, aside=True)
def pure(function, rng):
    """With a theta so small that adding h v and taking it off again does not bring it back."""
    (theta, *one), (_, *other) = _difference_inputs(rng), _difference_inputs(rng)
    leaves_inputs_alone(function, theta / 1e5, *one, other=(theta / 1e5, *other))


@difference.mistake(
    "one-sided difference",
    TWO_POINTS,
    "You compare with the gradient at theta itself: its error is of order h, that of the central difference of h^2.",
)
def one_sided_difference(theta, v, gradient, h):
    return (gradient(theta + h * v) - gradient(theta)) / h


@difference.mistake("backward difference", TWO_POINTS, "You look back only: use one point on each side of theta.")
def backward_difference(theta, v, gradient, h):
    return (gradient(theta) - gradient(theta - h * v)) / h


@difference.mistake(ANOTHER_STEP[0], TWO_POINTS, ANOTHER_STEP[1])
def other_points(theta, v, gradient, h):
    return (gradient(theta + 1e-5 * v) - gradient(theta - 1e-5 * v)) / 2e-5


@difference.mistake(
    "the whole Hessian, column by column",
    TWO_POINTS,
    "You build the Hessian with 2 n gradients. The product needs two: step along v itself.",
)
def whole_hessian_column_by_column(theta, v, gradient, h):
    columns = [(gradient(theta + h * unit) - gradient(theta - h * unit)) / (2 * h) for unit in np.eye(len(theta))]
    return np.stack(columns, axis=-1) @ v


@difference.mistake(
    "v made a unit vector",
    TWO_POINTS,
    "You step along v / |v| and multiply by |v| afterwards. That is sound (the library does so), but here the points "
    "are to be theta + h v and theta - h v.",
)
def v_made_a_unit_vector(theta, v, gradient, h):
    size = np.linalg.norm(v)
    return size * (gradient(theta + h * v / size) - gradient(theta - h * v / size)) / (2 * h)


@difference.mistake("half the step", TWO_POINTS, "The points lie h * v away from theta on both sides, not h * v / 2.")
def half_the_step(theta, v, gradient, h):
    return (gradient(theta + h * v / 2) - gradient(theta - h * v / 2)) / h


@difference.mistake(
    "length of v lost",
    (QUADRATIC, TWO_POINTS, PURE),
    "You step along v / |v|: then the result must be multiplied by |v|.",
)
def length_of_v_lost(theta, v, gradient, h):
    unit = v / np.linalg.norm(v)
    return (gradient(theta + h * unit) - gradient(theta - h * unit)) / (2 * h)


@difference.mistake(
    "divided by h", (QUADRATIC, TWO_POINTS, PURE), "From one point to the other it is 2 h: divide by it."
)
def divided_by_h(theta, v, gradient, h):
    return (gradient(theta + h * v) - gradient(theta - h * v)) / h


@difference.mistake("not divided", (QUADRATIC, TWO_POINTS, PURE), "A difference of gradients: divide it by 2 h.")
def not_divided(theta, v, gradient, h):
    return gradient(theta + h * v) - gradient(theta - h * v)


@difference.mistake("wrong way round", (QUADRATIC, TWO_POINTS, PURE), "The gradient at theta + h v comes first.")
def wrong_way_round(theta, v, gradient, h):
    return (gradient(theta - h * v) - gradient(theta + h * v)) / (2 * h)


@difference.mistake(
    "gradient times v",
    (QUADRATIC, TWO_POINTS, PURE),
    "Entries of the gradient times entries of v know no second derivative: how does the gradient change along v?",
)
def gradient_times_v(theta, v, gradient, h):
    return gradient(theta) * v


# --- 04-6: w, v, x, y -> H v ----------------------------------------------------------------------------------

FITTED = "Where the neuron fits its targets: x^T of slope squared times x v, averaged"
EXACTLY = (1e-12, 1e-13)  # tolerances: a difference of gradients comes to 1e-11 at best, and must not pass
RESIDUAL = "What the residuals add: the slope itself changes along v"
NEARLY = (
    "nearly, but not exactly",
    "So many digits, and no more, has a difference of gradients (exercise 04-3), with an h to choose. Differentiate "
    "the gradient's code along v instead.",
)


def _nearly(got, expected):
    """Whether some digits are right, but not all that its type has."""
    return numbers(got).dtype == float and np.allclose(got, expected, rtol=1e-3, atol=1e-4 * np.max(np.abs(expected)))


def _neuron(rng):
    """Weights, a direction and five samples, the largest sum of which is 2: no tanh is flat."""
    x = rng.normal(size=(5, 3))
    w, v = vector(rng), vector(rng)
    return 2 * w / np.max(np.abs(x @ w)), v, x, rng.uniform(-0.9, 0.9, 5)


@exact.check(
    FITTED,
    points=3,
    hint=(
        "a = tanh(x w) changes along v by da = (1 - a^2) (x v). With a = y only this change is left in the gradient.",
        "x.T @ (da * (1 - a**2)) / len(x)",
    ),
)
def where_the_neuron_fits_its_targets(function, rng):
    w, v, x, _ = _neuron(rng)
    a = np.tanh(x @ w)
    got, expected = function(w, v, x, a), x.T @ ((1 - a**2) ** 2 * (x @ v)) / len(x)
    with telling(lambda: _nearly(got, expected), *NEARLY):
        close(got, expected, "the product", *EXACTLY)


@exact.check(
    RESIDUAL,
    points=2,
    hint=(
        "In (a - y) (1 - a^2) both factors depend on w. What is the derivative of 1 - a^2 along v?",
        "x.T @ ((a - y) * (-2 * a * da)) / len(x)",
    ),
)
def what_the_residuals_add_the_slope(function, rng):
    w, v, x, y = _neuron(rng)
    a = np.tanh(x @ w)
    da = (1 - a**2) * (x @ v)
    without = shaped(function(w, v, x, a), w.shape, "the product")
    for target in (y, a + 9 * (a - y), a - 9 * (a - y)):  # with one of the large ones it bends down along v
        with_ = shaped(function(w, v, x, target), w.shape, "the product")
        if np.all(with_ == with_[0]):
            raise Wrong("The product does not depend on x and v.", got=with_)
        expected = x.T @ ((a - target) * -2 * a * da) / len(x)
        with telling(lambda with_=with_, expected=expected: _nearly(with_ - without, expected), *NEARLY):
            close(with_ - without, expected, "the part that the residuals add", *EXACTLY)


@exact.check(PURE, points=1, hint="Make new arrays; w += v writes into the caller's.", aside=True)
def pure_exact(function, rng):
    leaves_inputs_alone(function, *_neuron(rng), other=_neuron(rng))


def _neuron_mistake(name, fails, says):
    """A wrong answer given by the summands of the tangent of the gradient: ``(a, a - y, x v, number) -> (N,)``."""

    def add(inside):
        def function(w, v, x, y):
            a = np.tanh(x @ w)
            return x.T @ inside(a, a - y, x @ v, len(x))

        exact.mistake(name, fails, says)(function)
        return inside

    return add


@_neuron_mistake(
    "residuals left out",
    RESIDUAL,
    "This is the Gauss-Newton product: it leaves out how the slope 1 - a^2 itself changes. It has no negative "
    "eigenvalues, and so never sees a saddle.",
)
def residuals_left_out(a, r, xv, n):
    return (1 - a**2) ** 2 * xv / n


@_neuron_mistake("factor 2 lost", RESIDUAL, "The derivative of 1 - a^2 is -2 a times the change of a.")
def factor_2_lost(a, r, xv, n):
    da = (1 - a**2) * xv
    return (da * (1 - a**2) - r * a * da) / n


@_neuron_mistake(
    "sign of the second part",
    RESIDUAL,
    "1 - a^2 shrinks as |a| grows: its derivative is -2 a da, and the residual is a - y.",
)
def sign_of_the_second_part(a, r, xv, n):
    da = (1 - a**2) * xv
    return (da * (1 - a**2) + 2 * r * a * da) / n


@_neuron_mistake("a forgotten in the second part", RESIDUAL, "The derivative of a^2 is 2 a da: a is missing.")
def forgotten_in_the_second_part(a, r, xv, n):
    da = (1 - a**2) * xv
    return (da * (1 - a**2) - 2 * r * da) / n


@_neuron_mistake(
    "chain rule stops early",
    RESIDUAL,
    "1 - a^2 changes by -2 a da, and da is (1 - a^2) times x v: the slope is missing in the second part.",
)
def chain_rule_stops_early(a, r, xv, n):
    return ((1 - a**2) ** 2 * xv - 2 * r * a * xv) / n


@_neuron_mistake(
    "slope once instead of twice",
    FITTED,
    "With a = y the product is x^T [(1 - a^2)^2 (x v)]: one slope from a's change, one from the way back.",
)
def slope_once_instead_of_twice(a, r, xv, n):
    return ((1 - a**2) * xv - 2 * r * a * (1 - a**2) * xv) / n


@_neuron_mistake("no mean", (FITTED, RESIDUAL, PURE), "The loss is a mean over the samples: divide by their number.")
def no_mean(a, r, xv, n):
    da = (1 - a**2) * xv
    return da * (1 - a**2) - 2 * r * a * da


@_neuron_mistake("loss without the half", (FITTED, RESIDUAL, PURE), "The loss has a half in front: no 2 is left.")
def loss_without_the_half(a, r, xv, n):
    da = (1 - a**2) * xv
    return 2 * (da * (1 - a**2) - 2 * r * a * da) / n


@_neuron_mistake(
    "divided by the number of weights",
    (FITTED, RESIDUAL, PURE),
    "len(w) is the number of weights. The loss is a mean over the samples: divide by len(x).",
)
def divided_by_the_number_of_weights(a, r, xv, n):
    da = (1 - a**2) * xv
    return (da * (1 - a**2) - 2 * r * a * da) / 3  # weights, against 5 samples


@exact.mistake(NEARLY[0], (FITTED, RESIDUAL, PURE), NEARLY[1])
def difference_of_gradients(w, v, x, y):
    def gradient(w):
        a = np.tanh(x @ w)
        return x.T @ ((a - y) * (1 - a**2)) / len(x)

    return (gradient(w + 1e-5 * v) - gradient(w - 1e-5 * v)) / 2e-5


@difference.mistake(
    "divided by the length of v",
    (QUADRATIC, TWO_POINTS, PURE),
    "The points lie h v away, so that divided by 2 h it is the product: the length of v stays in it.",
)
def divided_by_the_length_of_v(theta, v, gradient, h):
    return (gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h * np.linalg.norm(v))


@difference.mistake(
    "divided by the wrong bracket",
    (QUADRATIC, TWO_POINTS, PURE),
    "/ 2 * h divides by 2 and multiplies by h: write / (2 * h).",
)
def divided_by_the_wrong_bracket(theta, v, gradient, h):
    return (gradient(theta + h * v) - gradient(theta - h * v)) / 2 * h


@difference.mistake(
    "the Hessian formed",
    TWO_POINTS,
    "Two gradients are enough, along v: you ask for two in each coordinate and build the matrix.",
)
def the_hessian_formed(theta, v, gradient, h):
    return np.array([(gradient(theta + h * e) - gradient(theta - h * e)) / (2 * h) for e in np.eye(len(theta))]) @ v


@difference.mistake("v once more", (QUADRATIC, TWO_POINTS, PURE), "The difference is the product H v already.")
def v_once_more(theta, v, gradient, h):
    return (gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h) * v


@exact.mistake(
    "the diagonal of the Hessian",
    (FITTED, RESIDUAL, PURE),
    "x**2 and v entry by entry are the Hessian's diagonal times v: the other entries count, too, by x @ v.",
)
def the_diagonal_of_the_hessian(w, v, x, y):
    a = np.tanh(x @ w)
    slope = 1 - a**2
    return (x**2).T @ (slope**2 - 2 * (a - y) * a * slope) * v / len(x)


@exact.mistake(
    "v made a unit vector",
    (FITTED, RESIDUAL, PURE),
    "The product grows with v: its length stays in it, as it is given.",
)
def v_made_a_unit_vector_exact(w, v, x, y):
    a, unit = np.tanh(x @ w), v / np.linalg.norm(v)
    da = (1 - a**2) * (x @ unit)
    return x.T @ (da * (1 - a**2) + (a - y) * (-2 * a * da)) / len(x)


@exact.mistake("slope without the square", (FITTED, RESIDUAL, PURE), "The slope of tanh is 1 - a^2.")
def slope_without_the_square(w, v, x, y):
    a = np.tanh(x @ w)
    slope = 1 - a
    da = slope * (x @ v)
    return x.T @ (da * slope + (a - y) * (-2 * a * da)) / len(x)


@exact.mistake(
    "divided by the number of weights alone",
    (FITTED, RESIDUAL, PURE),
    "The mean is over the samples: divide by len(x).",
)
def divided_by_the_number_of_weights_alone(w, v, x, y):
    a = np.tanh(x @ w)
    slope = 1 - a**2
    da = slope * (x @ v)
    return x.T @ (da * slope + (a - y) * (-2 * a * da)) / len(w)
