"""Right gradients pass; each planted mistake is complained about, and named."""

import numpy as np
import pytest

from course_lib.gradcheck import check_gradient, taylor_remainders, taylor_slope
from course_lib.objective import Objective, with_l2_penalty
from course_lib.surfaces import SURFACES

RNG = np.random.default_rng(11)
MATRIX = RNG.normal(size=(3, 3))
THETA = RNG.normal(size=(3, 3))


def value(w):
    return np.sum(np.tanh(MATRIX @ w) ** 2) / 2


def right(w):
    t = np.tanh(MATRIX @ w)
    return MATRIX.T @ (t * (1 - t**2))


def partly(w):
    d = right(w)
    d[1] = 0
    return d


def shifted(w):
    return right(w) + 0.25


def swapped(w):
    d = right(w).copy()
    d[0, 0], d[2, 1] = d[2, 1], d[0, 0]
    return d


def one_wrong(w):
    d = right(w).copy()
    d[2, 0] *= 1.37
    return d


PLANTED = {
    "sign": (lambda w: -right(w), "sign"),
    "factor 2": (lambda w: 2 * right(w), "factor 2"),
    "factor one half": (lambda w: right(w) / 2, "factor 1/2"),
    "sum instead of mean": (lambda w: 8 * right(w), "over 8 samples"),
    "mean instead of sum": (lambda w: right(w) / 8, "1/8 times"),
    "transposed": (lambda w: right(w).T, "transposed"),
    "reversed": (lambda w: right(w)[::-1, ::-1], "reversed"),
    "two exchanged": (swapped, "wrong places"),
    "penalty left out": (lambda w: right(w) - 0.3 * w, "L2 penalty"),
    "constant added": (shifted, "same number, -0.25"),
    "a row not filled in": (partly, "are 0"),
    "one coordinate": (one_wrong, "Only 1 of 9"),
    "zeros": (np.zeros_like, "0 everywhere"),
    "nan": (lambda w: right(w) * np.nan, "no finite numbers"),
    "wrong formula": (lambda w: MATRIX.T @ np.tanh(MATRIX @ w), "No simple pattern"),
    "slightly": (lambda w: right(w) * (1 + 1e-4 * np.arange(9).reshape(3, 3)), ""),
}


def test_a_right_gradient_passes():
    check = check_gradient(value, right, THETA)
    assert check and check.passed and not check.wrong.any() and not check.suspicion
    assert check.relative_error.max() < 1e-7
    assert "agrees in all 9 coordinates" in str(check)


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_planted_mistake_is_complained_about_and_named(mistake):
    gradient, words = PLANTED[mistake]
    check = check_gradient(value, gradient, THETA)
    assert not check
    assert words in check.suspicion
    assert "wrong in" in str(check) and f"theta[{check.worst[0]}, {check.worst[1]}]" in str(check)


def test_the_worst_coordinate_is_the_wrong_one():
    check = check_gradient(value, one_wrong, THETA)
    assert check.worst == (2, 0)
    assert check.wrong.sum() == 1 and check.wrong[2, 0]
    assert check.relative_error[2, 0] == pytest.approx(0.37 / 1.37, rel=1e-5)


@pytest.mark.parametrize("name", SURFACES)
def test_a_gradient_that_vanishes_passes_where_numbers_are_crooked(name):
    surface = SURFACES[name]
    for theta in (*surface.minima, *surface.saddles, *surface.maxima):
        for scale in (1.0, 1e4, 1e-4):
            scaled = Objective(lambda t, c=scale: c * surface.value(t), lambda t, c=scale: c * surface.gradient(t))
            check = check_gradient(scaled, theta)
            assert check, str(check)


@pytest.mark.parametrize("name", SURFACES)
def test_the_gradients_of_all_surfaces_pass(name):
    surface = SURFACES[name]
    for theta in np.random.default_rng(0).uniform(*np.transpose(surface.window), size=(10, 2)):
        assert check_gradient(surface, theta), str(check_gradient(surface, theta))


def test_a_left_out_penalty_is_found_through_an_objective():
    base = SURFACES["himmelblau"]
    full = with_l2_penalty(base, 0.7)
    check = check_gradient(Objective(full.value, base.gradient), np.array([1.0, 2.0]))
    assert not check and "0.7 * theta" in check.suspicion


def test_a_kink_is_not_called_a_mistake():
    check = check_gradient(lambda t: np.sum(np.abs(t)), np.sign, np.array([0.0, 1.0, -1e-7]))
    assert check.passed
    np.testing.assert_array_equal(check.kinks, [False, False, True])
    assert "1 at a kink, not decided" in str(check)


def test_kinks_everywhere_decide_nothing():
    check = check_gradient(lambda t: np.sum(np.abs(t)), np.sign, np.array([1e-7, -1e-7]))
    assert not check and "Nothing is decided" in str(check)


def test_a_mistake_beside_a_kink_is_still_found():
    check = check_gradient(lambda t: np.sum(np.abs(t)), lambda t: -np.sign(t), np.array([1e-7, 1.0]))
    assert not check and check.wrong.tolist() == [False, True]


def test_strong_curvature_is_no_kink():
    assert not check_gradient(lambda t: 1e4 * np.sum(t**2), lambda t: 1e4 * t, np.array([1e-3, 1.0])).kinks.any()


def test_coordinates_below_rounding_do_not_fail():
    # The value is 1e8, so differences of 1e-8 are lost; the gradient by theta[1] is 1e-9.
    check = check_gradient(lambda t: 1e8 + t[0] + 1e-9 * t[1], lambda t: np.array([1.0, 1e-9]), np.ones(2))
    assert check.passed


def test_a_gradient_of_zero_at_a_minimum_passes():
    assert check_gradient(lambda t: np.sum(t**2), lambda t: 2 * t, np.zeros(3))


def test_scalars_and_arrays_as_gradient():
    assert check_gradient(lambda t: t**3, lambda t: 3 * t**2, 2.0)
    assert check_gradient(lambda t: np.sum(t**3), np.array([3.0, 12.0]), [1.0, 2.0])
    assert not check_gradient(lambda t: t**3, lambda t: -3 * t**2, 2.0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: check_gradient(value, lambda w: right(w)[0], THETA), ValueError, "theta's shape, (3, 3)"),
        (lambda: check_gradient(lambda w: w, right, THETA), ValueError, "one number"),
        (lambda: check_gradient(value, THETA), TypeError, "check_gradient(objective, theta)"),
        (lambda: check_gradient(value, lambda w: np.multiply(w, 2, out=w), THETA), ValueError, "in place"),
        (lambda: check_gradient(value, right, THETA, tolerance=0), ValueError, "tolerance"),
    ],
)
def test_misuse_gets_a_sentence(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_taylor_slope_is_2_for_a_right_gradient_and_1_for_a_wrong_one():
    direction = RNG.normal(size=(3, 3)) / 10
    assert taylor_slope(value, right, THETA, direction) == pytest.approx(2, abs=0.1)
    for mistake in ("sign", "factor 2", "transposed", "constant added", "one coordinate"):
        assert taylor_slope(value, PLANTED[mistake][0], THETA, direction) == pytest.approx(1, abs=0.2)
    assert taylor_slope(np.sum, np.ones_like, THETA, direction) == np.inf


def test_taylor_remainders_are_those_of_the_formula():
    # f = x^3 at 1 along 2: |(1 + 2h)^3 - 1 - 6h| = 12 h^2 + 8 h^3.
    steps = np.array([0.5, 0.1])
    _, remainders = taylor_remainders(lambda x: x[0] ** 3, lambda x: 3 * x**2, np.array([1.0]), np.array([2.0]), steps)
    np.testing.assert_allclose(remainders, 12 * steps**2 + 8 * steps**3)
