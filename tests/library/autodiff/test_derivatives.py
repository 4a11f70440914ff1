"""Forward mode = reverse mode = central difference, for every rule, and second derivatives through both."""

import numpy as np
import pytest

from course_lib.autodiff import (
    derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    log_softmax,
    logsumexp,
    objective,
    relu,
    sigmoid,
    softmax,
    softplus,
    stop_gradient,
    value_and_gradient,
)
from course_lib.autodiff.cones import root, tip
from course_lib.autodiff.elementary import PARTIALS
from course_lib.autodiff.forward import RULES as FORWARD_RULES
from course_lib.autodiff.pulls import RULES as REVERSE_RULES
from course_lib.autodiff.traced import COMPOSITE, scatter, take_entries

W = np.random.default_rng(7).normal(size=(4, 3))
V = np.random.default_rng(8).normal(size=(2, 4, 3))
INDEX = np.array([0, 2, 0])

# One or more cases for every rule: name -> (the functions it is there for, function of x, shape of x, range)
CASES = {
    "negative": ([np.negative, np.positive], lambda x: -x + (+x) * 3, (3,), (-2, 2)),
    "exp": ([np.exp, np.expm1], lambda x: np.exp(x) + np.expm1(2 * x), (3,), (-2, 2)),
    "log": ([np.log, np.log1p], lambda x: np.log(x) * np.log1p(x), (3,), (0.2, 2)),
    "sqrt": ([np.sqrt], lambda x: np.sqrt(x), (3,), (0.2, 2)),
    "square": ([np.square, np.reciprocal], lambda x: np.square(x) + np.reciprocal(x), (3,), (0.2, 2)),
    "trigonometry": ([np.sin, np.cos, np.tan], lambda x: np.sin(x) * np.cos(2 * x) + np.tan(x), (3,), (-1, 1)),
    "arctan": ([np.arctan], np.arctan, (3,), (-2, 2)),
    "hyperbolic": ([np.sinh, np.cosh, np.tanh], lambda x: np.sinh(x) * np.tanh(x) + np.cosh(x), (3,), (-2, 2)),
    "abs": ([np.absolute, np.sign], lambda x: abs(x) * np.sign(x) + np.abs(x), (5,), (-2, 2)),
    "sinc": ([np.sinc], np.sinc, (5,), (-2, 2)),
    "sinc near 0": ([np.sinc], lambda x: np.sinc(1e-3 * x), (5,), (-2, 2)),
    "add broadcast": ([np.add], lambda x: W + x, (3,), (-2, 2)),
    "add broadcast of a stretched axis": ([np.add], lambda x: W + x, (4, 1), (-2, 2)),
    "subtract": ([np.subtract], lambda x: (1 - x) - W * x - x, (3,), (-2, 2)),
    "multiply": ([np.multiply], lambda x: x * W * x, (1, 3), (-2, 2)),
    "divide": ([np.divide], lambda x: W / x + x / (1 + x * x), (3,), (0.3, 2)),
    "power": ([np.power], lambda x: x**3 + x**0.5 + 2.0**x + x**x, (3,), (0.3, 2)),
    "power of negatives": ([np.power], lambda x: x**3 + x**0 + x**-2, (3,), (-2, -0.3)),
    "maximum": ([np.maximum, np.minimum], lambda x: np.maximum(x, W) * np.minimum(x, 0.3), (4, 3), (-2, 2)),
    "logaddexp": ([np.logaddexp], lambda x: np.logaddexp(x, 3 * x + 1), (3,), (-2, 2)),
    "remainder": ([np.remainder], lambda x: (x % 0.7) ** 2 + 7.3 % (x + 5), (5,), (-2, 2)),
    "root and tip": ([root, tip], lambda x: root(x) + tip(x), (5,), (0.2, 2)),
    "hypot": ([np.hypot], lambda x: np.hypot(x, x[::-1] + 1), (3,), (-2, 2)),
    "sigmoid": ([sigmoid], lambda x: sigmoid(3 * x), (5,), (-9, 9)),
    "relu": ([relu], lambda x: relu(x) ** 2 + relu(x), (5,), (-2, 2)),
    "stop_gradient": ([stop_gradient], lambda x: stop_gradient(np.sign(x)) * x, (5,), (-2, 2)),
    "softplus": ([], lambda x: softplus(x), (5,), (-2, 2)),
    "sum": ([np.sum], lambda x: np.sum(x * x) * np.sum(x, axis=0), (4, 3), (-2, 2)),
    "sum over two axes": ([np.sum], lambda x: np.sum(x * V, axis=(0, -1)), (2, 4, 3), (-2, 2)),
    "sum keepdims": ([np.sum], lambda x: x / x.sum(axis=1, keepdims=True), (4, 3), (0.2, 2)),
    "mean": ([np.mean], lambda x: x.mean() * np.mean(x**2, axis=-1), (4, 3), (-2, 2)),
    "mean keepdims": ([np.mean], lambda x: x - np.mean(x, axis=0, keepdims=True), (4, 3), (-2, 2)),
    "max": ([np.max], lambda x: x.max() + np.max(x * W, axis=1), (4, 3), (-2, 2)),
    "min": ([np.min], lambda x: np.min(x * W, axis=0, keepdims=True), (4, 3), (-2, 2)),
    "prod": ([np.prod], lambda x: np.prod(x, axis=0) + np.prod(x), (4, 3), (-2, 2)),
    "prod keepdims": ([np.prod], lambda x: x * np.prod(x, axis=-2, keepdims=True), (4, 3), (-2, 2)),
    "cumsum": ([np.cumsum], lambda x: np.cumsum(x * x, axis=1) + np.cumsum(x)[5], (4, 3), (-2, 2)),
    "var": ([np.var, np.std], lambda x: np.var(x, axis=0) + np.std(x, axis=0), (4, 3), (-2, 2)),
    "norm": ([np.linalg.norm], lambda x: np.linalg.norm(x) + np.linalg.norm(x, axis=1)[0], (4, 3), (-2, 2)),
    "clip": ([np.clip], lambda x: np.clip(x, -0.5, 0.5) * x, (5,), (-2, 2)),
    "matrix @ matrix": ([np.matmul], lambda x: (W @ x) @ x, (3, 3), (-2, 2)),
    "matrix @ vector": ([np.matmul, np.dot], lambda x: W @ x + np.dot(W, x), (3,), (-2, 2)),
    "vector @ matrix": ([np.matmul], lambda x: x @ W, (4,), (-2, 2)),
    "vector @ vector": ([np.matmul], lambda x: x @ x, (4,), (-2, 2)),
    "vector @ stack": ([np.matmul], lambda x: x @ V, (4,), (-2, 2)),
    "stack @ vector": ([np.matmul], lambda x: V @ x, (3,), (-2, 2)),
    "stack @ matrix": ([np.matmul], lambda x: V @ x, (3, 5), (-2, 2)),
    "stack @ stack of one": ([np.matmul], lambda x: V @ x, (1, 3, 2), (-2, 2)),
    "x x^T": ([np.matmul], lambda x: x @ x.T, (3, 2), (-2, 2)),
    "where": ([np.where], lambda x: np.where(x > 0, x**2, W), (4, 3), (-2, 2)),
    "where broadcast": ([np.where], lambda x: np.where(W > 0, np.exp(x), x), (3,), (-2, 2)),
    "reshape": ([np.reshape, np.ravel], lambda x: x.reshape(3, 4) @ W * np.sum(np.ravel(x)[:2]), (4, 3), (-2, 2)),
    "reshape with -1": ([np.reshape], lambda x: np.reshape(x, (2, -1)) ** 2, (4, 3), (-2, 2)),
    "transpose": ([np.transpose], lambda x: np.transpose(x, (2, 0, 1)) ** 2, (2, 4, 3), (-2, 2)),
    "swapaxes": ([np.swapaxes], lambda x: np.swapaxes(x, 0, -1) ** 2, (2, 4, 3), (-2, 2)),
    "expand and squeeze": (
        [np.expand_dims, np.squeeze],
        lambda x: np.squeeze(np.expand_dims(x, 0) * V[:, :, :1], -1) ** 2,
        (4, 1),
        (-2, 2),
    ),
    "broadcast_to": ([np.broadcast_to], lambda x: np.broadcast_to(x, (2, 4, 3)) * V, (4, 1), (-2, 2)),
    "roll": ([np.roll], lambda x: np.roll(x, 1) * x, (5,), (-2, 2)),
    "roll along an axis": ([np.roll], lambda x: np.roll(x, 2, axis=1) * x, (4, 3), (-2, 2)),
    "index": ([take_entries, scatter], lambda x: x[1] * x[:, 2].sum() + x[-1, ::-1], (4, 3), (-2, 2)),
    "index named twice": ([take_entries], lambda x: x[INDEX] ** 2, (4, 3), (-2, 2)),
    "index by two arrays": ([take_entries], lambda x: x[INDEX, INDEX] ** 2, (4, 3), (-2, 2)),
    "index by mask": ([take_entries], lambda x: x[W > 0] ** 2, (4, 3), (-2, 2)),
    "new axis": ([take_entries], lambda x: x[:, None] * x[None, :], (4,), (-2, 2)),
    "unpacking": ([take_entries], lambda x: np.stack([a * b for a, b in [tuple(x)]]), (2,), (-2, 2)),
    "scatter": ([scatter], lambda x: scatter(x**2, INDEX, (4,)) ** 2, (3,), (-2, 2)),
    "pad": ([np.pad], lambda x: np.pad(x, ((1, 2), (0, 1)))[1:, 1:] ** 2, (4, 3), (-2, 2)),
    "concatenate": ([np.concatenate], lambda x: np.concatenate([x, W, x**2], axis=-1), (4, 2), (-2, 2)),
    "stack": ([np.stack], lambda x: np.stack([x, W, x**2], axis=1) ** 2, (4, 3), (-2, 2)),
    "logsumexp": ([], lambda x: logsumexp(x, axis=0) + logsumexp(x), (4, 3), (-2, 2)),
    "softmax": ([], lambda x: softmax(x) * log_softmax(x, axis=0), (4, 3), (-2, 2)),
}


def central(function, x, h=6e-6):
    columns = [(function(x + h * unit) - function(x - h * unit)) / (2 * h) for unit in units(x)]
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)


def units(x):
    return np.eye(x.size).reshape(x.size, *x.shape)


def point(name):
    _, _, shape, (low, high) = CASES[name]
    return np.random.default_rng(sum(map(ord, name))).uniform(low, high, size=shape)


@pytest.mark.parametrize("name", CASES)
def test_forward_equals_reverse_equals_central_difference(name):
    function, x = CASES[name][1], point(name)
    forward, reverse = jacobian(function, mode="forward")(x), jacobian(function)(x)
    scale = max(1.0, np.abs(forward).max())
    np.testing.assert_allclose(forward, reverse, atol=1e-12 * scale, rtol=0)
    np.testing.assert_allclose(reverse, central(function, x), atol=1e-6 * scale, rtol=0)


@pytest.mark.parametrize("name", CASES)
def test_the_hessian_vector_product_is_the_derivative_of_the_gradient(name):
    function, x = CASES[name][1], point(name)
    weights = np.random.default_rng(1).normal(size=np.shape(function(x)))

    def scalar(x):
        return np.sum(weights * function(x))

    v = np.random.default_rng(2).normal(size=x.shape)
    h = 1e-6
    expected = (gradient(scalar)(x + h * v) - gradient(scalar)(x - h * v)) / (2 * h)
    actual = hvp(scalar)(x, v)
    np.testing.assert_allclose(actual, expected, atol=2e-6 * max(1, np.abs(expected).max()), rtol=0)
    # Reverse over forward asks in the other order.
    other = gradient(lambda x: jvp(scalar)(x, v)[1])(x)
    np.testing.assert_allclose(actual, other, atol=1e-11 * max(1, np.abs(expected).max()), rtol=0)


def test_no_rule_is_without_a_case():
    tried = {function for functions, *_ in CASES.values() for function in functions}
    assert set(PARTIALS) | set(FORWARD_RULES) | set(REVERSE_RULES) | set(COMPOSITE) == tried
    assert set(FORWARD_RULES) == set(REVERSE_RULES)


def test_a_planted_wrong_derivative_is_found(monkeypatch):
    monkeypatch.setitem(PARTIALS, np.sin, (lambda x, y: np.cos(x) * 1.00001,))
    with pytest.raises(AssertionError):
        test_forward_equals_reverse_equals_central_difference("trigonometry")


def test_what_is_stopped_is_a_constant_in_both_modes_and_nested():
    x = np.array([1.0, -3.0])
    np.testing.assert_array_equal(stop_gradient(x), x)
    np.testing.assert_array_equal(gradient(lambda x: np.sum(stop_gradient(x) * x))(x), x)  # and not 2 x
    np.testing.assert_array_equal(jacobian(lambda x: stop_gradient(x) * x, "forward")(x), np.diag(x))
    np.testing.assert_array_equal(hessian(lambda x: np.sum(stop_gradient(x) * x))(x), 0.0)


def test_derivatives_nest_without_confusing_their_variables():
    # d/dx [x * d/dy (x + y)] = 1; one that confuses the two perturbations says 2.
    assert derivative(lambda x: x * derivative(lambda y: x + y)(1.0))(1.0) == 1.0
    assert derivative(lambda x: x * gradient(lambda y: x * y)(1.0))(3.0) == 6.0
    assert gradient(lambda x: x * derivative(lambda y: x * y)(1.0))(3.0) == 6.0
    assert gradient(lambda x: x * gradient(lambda y: x * x * y)(1.0))(3.0) == 27.0


def test_derivatives_of_higher_order():
    for order, expected in enumerate([16.0, 32.0, 48.0, 48.0, 24.0, 0.0]):
        function = lambda x: x**4  # noqa: E731
        for _ in range(order):
            function = derivative(function)
        assert function(2.0) == pytest.approx(expected)
    assert gradient(gradient(gradient(lambda x: x**4)))(2.0) == pytest.approx(48.0)


def test_the_hessian_of_rosenbrock():
    def rosenbrock(theta):
        x, y = theta
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    theta = np.array([-1.2, 1.0])
    expected = np.array([[1330.0, 480.0], [480.0, 200.0]])
    np.testing.assert_allclose(hessian(rosenbrock)(theta), expected, rtol=1e-13)
    np.testing.assert_allclose(hvp(rosenbrock)(theta, np.array([1.0, -2.0])), expected @ [1, -2], rtol=1e-12)


def test_an_objective_from_a_value_handles_stacks():
    def value(theta):
        return np.sum(np.exp(theta[..., :-1] * theta[..., 1:]), axis=-1)

    made = objective(value)
    thetas = np.random.default_rng(0).normal(size=(3, 2, 4))
    v = np.random.default_rng(1).normal(size=thetas.shape)
    assert made.gradient(thetas).shape == (3, 2, 4)
    assert made.hessian(thetas).shape == (3, 2, 4, 4)
    np.testing.assert_allclose(made.gradient(thetas)[1, 0], gradient(value)(thetas[1, 0]), rtol=1e-13)
    np.testing.assert_allclose(made.hessian(thetas)[2, 1], hessian(value)(thetas[2, 1]), rtol=1e-13)
    np.testing.assert_allclose(made.hvp(thetas, v)[2, 1], hvp(value)(thetas[2, 1], v[2, 1]), rtol=1e-12)


def test_the_gradient_has_the_form_of_theta():
    def value(parameters, scale):
        return scale * (np.sum(parameters["w"] ** 2) + parameters["b"] ** 3)

    total, d = value_and_gradient(value)({"w": np.array([1.0, 2.0]), "b": 2.0, "unused": np.ones(2)}, 10.0)
    assert total == 130.0
    np.testing.assert_array_equal(d["w"], [20.0, 40.0])
    assert d["b"] == 120.0
    np.testing.assert_array_equal(d["unused"], [0.0, 0.0])
    first, second = gradient(lambda pair: np.sum(pair[0] @ pair[1]))((np.ones((2, 3)), np.ones(3)))
    assert first.shape == (2, 3) and second.shape == (3,)
    listed = gradient(lambda layers: np.sum(layers[0]) * np.sum(layers[1]))([np.ones(2), np.ones((1, 3))])
    assert isinstance(listed, list) and np.all(listed[0] == 3) and np.all(listed[1] == 2)


def test_a_nested_list_of_numbers_is_a_matrix():
    d = gradient(lambda w: np.sum(w @ np.array([1.0, 2.0])))([[1, 2], [3, 4]])
    np.testing.assert_array_equal(d, [[1.0, 2.0], [1.0, 2.0]])


def test_a_list_of_nodes_is_no_result():
    with pytest.raises(TypeError, match=r"np\.stack"):
        jacobian(lambda x: [x[0] * x[1], x[0]])([1.0, 2.0])


def test_the_gradient_is_the_callers_own_array():
    theta = np.ones(3)
    d = gradient(np.sum)(theta)
    d *= 2  # a read-only view of the graph's would refuse
    np.testing.assert_array_equal(gradient(np.sum)(theta), 1.0)
    np.testing.assert_array_equal(theta, 1.0)


def test_a_function_that_does_not_move_has_derivative_zero():
    np.testing.assert_array_equal(gradient(lambda theta: 3.0)(np.ones(2)), [0.0, 0.0])
    assert derivative(lambda x: 3.0)(1.0) == 0.0
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(3))(np.ones(2)), np.zeros((3, 2)))


def test_kinks_have_the_slopes_that_the_docstring_promises():
    assert gradient(np.abs)(0.0) == 0.0
    assert gradient(relu)(0.0) == 0.0
    np.testing.assert_array_equal(gradient(np.linalg.norm)(np.zeros(3)), 0.0)
    np.testing.assert_array_equal(gradient(lambda x: np.std(x))(np.ones(3)), 0.0)
    np.testing.assert_array_equal(jvp(np.linalg.norm)(np.zeros(2), np.ones(2))[1], 0.0)
    np.testing.assert_array_equal(gradient(lambda x: np.maximum(x[0], x[1]))([1.0, 1.0]), [0.5, 0.5])
    np.testing.assert_allclose(gradient(np.max)([1.0, 3.0, 3.0, 3.0]), [0, 1 / 3, 1 / 3, 1 / 3])


def test_powers_at_zero():
    assert gradient(lambda x: x**2)(0.0) == 0.0
    assert gradient(lambda x: x**1)(0.0) == 1.0
    assert gradient(lambda x: x**0)(0.0) == 0.0
    assert gradient(lambda b: 0.0**b)(2.0) == 0.0
    np.testing.assert_array_equal(gradient(np.prod)([0.0, 2.0, 3.0]), [6.0, 0.0, 0.0])
    np.testing.assert_array_equal(gradient(np.prod)([0.0, 0.0, 3.0]), [0.0, 0.0, 0.0])


def test_extreme_arguments_stay_finite():
    with np.errstate(all="raise", under="ignore"):
        for x in (-1e4, -40.0, 0.0, 40.0, 1e4):
            assert np.isfinite(sigmoid(x)) and np.isfinite(gradient(sigmoid)(x))
            assert gradient(softplus)(x) == pytest.approx(sigmoid(x), abs=1e-15)
        x = np.array([1e4, -1e4, 0.0])
        np.testing.assert_allclose(gradient(logsumexp)(x), [1, 0, 0])
        np.testing.assert_allclose(softmax(x), [1, 0, 0])


def test_logsumexp_of_nothing_likely():
    assert np.isneginf(logsumexp(np.array([-np.inf, -np.inf])))


def test_float32_stays_float32():
    x = np.ones((2, 3), dtype=np.float32)
    assert gradient(lambda x: np.mean(np.tanh(2.0 * x) ** 2))(x).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gradient(lambda x: x * 2)(np.ones(3)), ValueError, "one number, but its shape is (3,)"),
        (lambda: gradient(lambda x: None)(1.0), TypeError, "return statement"),
        (lambda: gradient(np.sum)(np.array([1 + 2j])), TypeError, "real numbers"),
        (lambda: gradient(np.sum)(["a"]), TypeError, "real numbers"),
        (lambda: gradient(np.sum)(np.array([True])), TypeError, "real numbers"),
        (lambda: gradient(np.sum)([[1.0, 2.0], [3.0]]), TypeError, "different lengths"),
        (
            lambda: hvp(np.sum)(np.ones(3), np.ones(2)),
            ValueError,
            "theta and v must have one shape, but they have (3,) and (2,)",
        ),
        (lambda: jacobian(np.sum, mode="sideways"), ValueError, "sideways"),
    ],
)
def test_wrong_questions_get_a_sentence(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_integers_become_floats():
    np.testing.assert_array_equal(gradient(lambda x: np.sum(x / 2))([1, 2]), [0.5, 0.5])
    assert gradient(lambda x: x**3)(2) == 12.0
    assert derivative(lambda x: x**3)(2) == 12.0
