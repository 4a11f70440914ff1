import numpy as np
import pytest

from course_lib.finite_differences import (
    BEST_STEP,
    central_difference,
    complex_step,
    forward_difference,
    predicted_best_step,
    predicted_error,
    step_curve,
)


def wave(theta):
    return np.sum(np.exp(theta) * np.sin(3 * theta))


def wave_gradient(theta):
    return np.exp(theta) * (np.sin(3 * theta) + 3 * np.cos(3 * theta))


THETA = np.array([[0.3, -1.2], [2.0, 0.7]])


@pytest.mark.parametrize(
    ("method", "tolerance"), [(forward_difference, 1e-6), (central_difference, 1e-9), (complex_step, 1e-15)]
)
def test_gradients_have_the_digits_that_the_table_promises(method, tolerance):
    exact = wave_gradient(THETA)
    numeric = method(wave, THETA)
    assert numeric.shape == THETA.shape
    assert np.linalg.norm(numeric - exact) / np.linalg.norm(exact) < tolerance


@pytest.mark.parametrize("method", [forward_difference, central_difference, complex_step])
def test_jacobians_have_the_values_axes_first(method):
    matrix = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(method(lambda x: matrix @ x, np.ones(3)), matrix, atol=1e-6)
    np.testing.assert_allclose(method(lambda x: 3 * x, np.array(2.0)), 3.0, atol=1e-6)


def test_central_differences_are_exact_on_quadratics_up_to_rounding_at_any_step():
    for h in (1.0, 1e-2):
        np.testing.assert_allclose(central_difference(lambda x: np.sum(x**2), THETA, h), 2 * THETA, atol=1e-11)


def test_central_difference_of_a_gradient_is_the_hessian():
    hessian = central_difference(lambda x: np.array([4 * x[0] * x[1], 2 * x[0] ** 2 + x[1] ** 3]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(hessian, [[8.0, 4.0], [4.0, 12.0]], rtol=1e-8)


def test_the_error_curve_is_a_v_whose_bottom_theory_predicts():
    # f = exp at 1: f = f'' = f''' = e
    curve = step_curve(lambda x: np.exp(x), np.exp(1.0), np.array(1.0))
    for method in ("forward", "central"):
        h, error = curve.best(method)
        # Steps are relative to 1 + |x| = 2.
        predicted = predicted_best_step(method, np.e, np.e, np.e) / 2
        assert abs(np.log10(h / predicted)) < 1.3
        assert error <= 2 * predicted_error(method, 2 * predicted, np.e, np.e, np.e) / np.e
        errors = curve.errors[method]
        assert errors[0] > 1e3 * error and np.nan_to_num(errors, nan=1)[-1] > 1e3 * error
    assert np.all(curve.errors["complex step"][curve.steps < 1e-9] < 1e-15)


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("central", 2), ("complex step", 2)])
def test_truncation_has_its_order(method, order):
    curve = step_curve(lambda x: np.exp(np.sin(x)), np.exp(np.sin(1.0)) * np.cos(1.0), np.array(1.0), [1e-2, 1e-3])
    first, second = curve.errors[method]
    assert np.log10(first / second) == pytest.approx(order, abs=0.05)


@pytest.mark.parametrize("method", ["forward", "central"])
def test_the_predicted_best_step_minimises_the_predicted_error(method):
    best = predicted_best_step(method, 3.0, 2.0, 5.0)
    here = predicted_error(method, best, 3.0, 2.0, 5.0)
    assert all(predicted_error(method, best * c, 3.0, 2.0, 5.0) > here for c in (0.9, 1.1))


def test_the_curve_of_a_function_that_refuses_complex_numbers_leaves_that_method_out():
    curve = step_curve(lambda x: float(np.abs(x)), 1.0, np.array(1.0), [1e-3])
    assert np.isnan(curve.errors["complex step"]).all()
    assert np.isfinite(curve.errors["central"]).all()


def test_theta_is_not_changed_and_lists_and_integers_are_taken():
    theta = np.ones(2)
    theta.flags.writeable = False
    central_difference(wave, theta)
    np.testing.assert_allclose(central_difference(lambda x: np.sum(x**2), [1, 2]), [2, 4], rtol=1e-9)


def test_large_coordinates_get_larger_steps():
    assert central_difference(lambda x: x**2, np.array(1e8)) == pytest.approx(2e8, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: complex_step(lambda x: np.abs(x).sum(), np.ones(2)), TypeError, "into real ones"),
        (lambda: complex_step(np.floor, np.array(1.0)), TypeError, "complex numbers"),
        (lambda: central_difference(wave, np.ones(2), h=0.0), ValueError, "h must be"),
        (lambda: central_difference(wave, np.ones(2) * 1j), ValueError, "theta must be numbers"),
        (lambda: central_difference(wave, ["a"]), ValueError, "theta must be numbers"),
        (lambda: central_difference(wave, []), ValueError, "no coordinates"),
        (lambda: step_curve(np.cos, 0.0, np.array(0.0)), ValueError, "is 0 here"),
        (lambda: predicted_best_step("complex step", 1.0), ValueError, "the smaller"),
    ],
)
def test_misuse_gets_a_sentence(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_default_steps():
    assert BEST_STEP["forward"] == pytest.approx(1.5e-8, rel=0.01)
    assert BEST_STEP["central"] == pytest.approx(6.06e-6, rel=0.01)
