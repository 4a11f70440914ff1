"""At the tip of a cone: the first derivative is the subgradient 0, the second is right or nan, never a wrong number."""

import math

import numpy as np
import pytest

from course_lib.autodiff import Dual, Node, derivative, gradient, hessian, hvp, jacobian, relu

norm, hypot = np.linalg.norm, np.hypot
FLAT = np.diag([2.0, 2.0])
# function of two numbers -> its Hessian at (0, 0), worked out by hand
AT_THE_TIP = {
    "norm ** 2": (lambda x: norm(x) ** 2, FLAT),
    "norm * norm": (lambda x: norm(x) * norm(x), FLAT),
    "square of norm": (lambda x: np.square(norm(x)), FLAT),
    "norms of rows": (lambda x: np.sum(norm(x[:, None], axis=1) ** 2), FLAT),
    "norm ** 4": (lambda x: norm(x) ** 4, 0 * FLAT),
    "hypot ** 2": (lambda x: hypot(x[0], x[1]) ** 2, FLAT),
    "hypot with a constant": (lambda x: hypot(x[0], 0.0) ** 2 + x[1] ** 2, FLAT),
    "abs ** 2": (lambda x: np.sum(np.abs(x) ** 2), FLAT),
    "abs * abs": (lambda x: np.sum(abs(x) * abs(x)), FLAT),
    "std ** 2": (lambda x: 4 * np.std(x) ** 2, np.array([[2.0, -2.0], [-2.0, 2.0]])),
    "root of a sum": (lambda x: np.sqrt(np.sum(x**2)) ** 2, FLAT),
    "power one half": (lambda x: (np.sum(x**2) ** 0.5) ** 2, FLAT),
    "sinc of hypot": (lambda x: np.sinc(hypot(x[0], x[1])), -(np.pi**2) / 6 * FLAT),
    "sinc of norm": (lambda x: np.sinc(norm(x)), -(np.pi**2) / 6 * FLAT),
    "cos of norm": (lambda x: np.cos(norm(x)), -FLAT / 2),
    "exp of -norm ** 2": (lambda x: np.exp(-(norm(x) ** 2)), -FLAT),
}
SMOOTH = {
    "sinc": (lambda x: np.sum(np.sinc(x)), -(np.pi**2) / 6 * FLAT),
    "sum of squares": (lambda x: np.sum(x * x), FLAT),
    "var": (lambda x: 4 * np.var(x), np.array([[2.0, -2.0], [-2.0, 2.0]])),
}
ORDERS = {
    "forward over reverse": hessian,
    "reverse over reverse": lambda f: jacobian(gradient(f)),
    "products": lambda f: lambda x: np.stack([hvp(f)(x, unit) for unit in np.eye(2)], axis=-1),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", AT_THE_TIP)
def test_a_second_derivative_at_the_tip_is_right_or_nan(name, order):
    function, right = AT_THE_TIP[name]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = ORDERS[order](function)(np.zeros(2))
    assert np.all(np.isnan(found) | np.isclose(found, right, atol=1e-12))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", SMOOTH)
def test_where_there_is_no_cone_it_is_right(name, order):
    function, right = SMOOTH[name]
    np.testing.assert_allclose(ORDERS[order](function)(np.zeros(2)), right, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in AT_THE_TIP if name not in ("root of a sum", "power one half")])
def test_the_first_derivative_at_the_tip_is_0_in_both_modes(name):
    function = AT_THE_TIP[name][0]
    np.testing.assert_array_equal(gradient(function)(np.zeros(2)), [0, 0])
    np.testing.assert_array_equal(jacobian(function, mode="forward")(np.zeros(2)), [0, 0])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", AT_THE_TIP)
def test_away_from_the_tip_nothing_is_nan(name, order):
    function, x, h = AT_THE_TIP[name][0], np.array([0.3, -0.4]), 1e-5
    wanted = [(gradient(function)(x + h * u) - gradient(function)(x - h * u)) / (2 * h) for u in np.eye(2)]
    np.testing.assert_allclose(ORDERS[order](function)(x), wanted, atol=1e-7)


def test_one_entry_at_its_tip_spoils_no_other():
    found = hessian(lambda x: np.sum(np.abs(x) ** 2))(np.array([0.0, 3.0]))
    assert np.isnan(found[0, 0]) and found[1, 1] == 2.0


def test_a_derivative_of_a_derivative_of_abs_is_nan_at_0_and_0_elsewhere():
    assert np.isnan(derivative(derivative(np.abs))(0.0))
    assert derivative(derivative(np.abs))(-2.0) == 0 == derivative(np.abs)(0.0)


def test_at_the_kink_of_relu_and_maximum_the_slope_counts_as_constant():
    for function in (relu, lambda x: np.maximum(x, 0.0)):
        assert derivative(derivative(function))(0.0) == 0


def test_float32_stays_float32():
    x = np.array([0.0, 3.0, 4.0], np.float32)
    for function in (norm, np.std, lambda x: np.sum(np.abs(x)), lambda x: np.sum(hypot(x, x))):
        assert gradient(function)(x).dtype == np.float32


@pytest.mark.parametrize("kind", [lambda: Node(5.0), lambda: Dual(5.0, 1.0)])
@pytest.mark.parametrize(
    "use",
    [
        lambda x: x // 2,
        lambda x: 7 // x,
        lambda x: divmod(x, 2),
        lambda x: divmod(2, x),
        lambda x: x & 1,
        lambda x: 1 | x,
        lambda x: x ^ 1,
        lambda x: ~x,
        lambda x: x << 1,
        lambda x: 1 >> x,
        round,
        lambda x: round(x, 1),
        math.floor,
        math.ceil,
        math.trunc,
        lambda x: np.fmod(x, 2),
        np.floor,
        np.rint,
    ],
)
def test_an_operator_without_a_derivative_says_so(use, kind):
    with pytest.raises(NotImplementedError, match=r"There is no derivative rule for \w+: write it with"):
        use(kind())


def test_the_remainder_moves_as_fast_as_what_is_divided():
    assert derivative(lambda x: x % 1.5)(-0.4) == 1.0
    assert derivative(lambda x: 7.3 % x)(2.0) == pytest.approx(-3.0, rel=1e-15)
    assert float((Node(7.0) % 4).value) == 3.0 == float((7 % Node(4.0)).value)
