"""Surfaces: derivatives three ways, and critical points that are what they are said to be."""

import re

import numpy as np
import pytest

from course_lib.surfaces import SURFACES, quadratic, ravine, worst_case

NAMES = tuple(SURFACES)


def inside(surface, count, seed=0):
    """Points in the window, shape (count, 2)."""
    low, high = np.transpose(surface.window)
    return np.random.default_rng(seed).uniform(low, high, size=(count, 2))


def central(function, theta, h=1e-5):
    """Derivative of ``function`` by each coordinate, on a new last axis."""
    return np.stack([(function(theta + e) - function(theta - e)) / (2 * h) for e in h * np.eye(2)], axis=-1)


def relative(error, size):
    return np.max(np.abs(error)) / np.maximum(1, np.max(np.abs(size)))


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_the_central_difference_of_the_value(name):
    surface = SURFACES[name]
    theta = inside(surface, 200)
    gradient = surface.gradient(theta)
    assert relative(gradient - central(surface.value, theta), gradient) < 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_the_hessian_is_the_central_difference_of_the_gradient_and_symmetric(name):
    surface = SURFACES[name]
    theta = inside(surface, 200)
    hessian = surface.hessian(theta)
    assert relative(hessian - central(surface.gradient, theta), hessian) < 1e-6
    assert np.array_equal(hessian, np.swapaxes(hessian, -1, -2))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_taylor_expansion_leaves_shrinks_with_its_order(name):
    """Remainder after the gradient falls as h^2, after the Hessian as h^3 (or is rounding: a quadratic)."""
    surface = SURFACES[name]
    theta = np.asarray(surface.start) + 0.05
    v = np.array([0.6, 0.8])
    h = np.array([2.0**-7, 2.0**-8])[:, None]
    change = surface.value(theta + h * v) - surface.value(theta)
    first = h[:, 0] * (surface.gradient(theta) @ v)
    second = h[:, 0] ** 2 / 2 * (v @ surface.hessian(theta) @ v)
    for remainder, order in ((change - first, 2), (change - first - second, 3)):
        if np.max(np.abs(remainder)) > 1e-9 * max(1, abs(surface.value(theta))):
            assert np.log2(abs(remainder[0] / remainder[1])) == pytest.approx(order, abs=0.25)


def test_the_plateau_is_smooth_at_and_across_its_series_radius():
    plateau = SURFACES["plateau"]
    assert np.array_equal(plateau.gradient(np.zeros(2)), np.zeros(2))
    assert np.allclose(plateau.hessian(np.zeros(2)), (100 / 3 + 2) * np.eye(2))
    for radius in (0.99e-3, 1.01e-3):
        theta = radius * np.array([[0.6, 0.8], [1.0, 0.0]])
        assert np.allclose(plateau.gradient(theta), (100 / 3 + 2) * theta, rtol=1e-4)
        assert np.allclose(plateau.hessian(theta), (100 / 3 + 2) * np.eye(2), rtol=0, atol=2e-2)


@pytest.mark.parametrize("name", NAMES)
def test_named_points_are_critical_and_of_the_kind_named(name):
    surface = SURFACES[name]
    kinds = ((surface.minima, (1, 1)), (surface.saddles, (-1, 1)), (surface.maxima, (-1, -1)))
    for points, signs in kinds:
        for point in points:
            assert np.linalg.norm(surface.gradient(point)) < 1e-8 * max(1, np.abs(surface.hessian(point)).max())
            if name == "monkey_saddle":  # its Hessian is 0: look at the values around it
                angle = np.linspace(0, 2 * np.pi, 13)[:-1] + 0.1
                circle = surface.value(0.1 * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
                assert circle.min() < surface.value(point) < circle.max()
            else:
                assert tuple(np.sign(np.linalg.eigvalsh(surface.hessian(point)))) == signs


@pytest.mark.parametrize("name", [name for name in NAMES if name != "plateau"])  # there: whole rings of them
def test_no_critical_point_in_the_window_is_left_out(name):
    surface = SURFACES[name]
    theta = np.stack(np.meshgrid(*(np.linspace(*side, 60) for side in surface.window)), axis=-1).reshape(-1, 2)
    with np.errstate(all="ignore"):
        for _ in range(60):
            step = np.einsum("kij,kj->ki", np.linalg.pinv(surface.hessian(theta)), surface.gradient(theta))
            length = np.linalg.norm(step, axis=-1, keepdims=True)
            theta = theta - step * np.minimum(1, 0.5 / np.maximum(length, 1e-300))
            theta = np.clip(np.nan_to_num(theta), -20, 20)
    low, high = np.transpose(surface.window)
    found = theta[
        (np.linalg.norm(surface.gradient(theta), axis=-1) < 1e-9) & np.all((theta >= low) & (theta <= high), axis=-1)
    ]
    known = np.array([*surface.minima, *surface.saddles, *surface.maxima])
    distance = np.linalg.norm(found[:, None] - known, axis=-1).min(axis=1)
    assert len(found) > 0
    assert distance.max() < (1e-2 if name == "monkey_saddle" else 1e-6), found[distance.argmax()]


@pytest.mark.parametrize("name", NAMES)
def test_points_start_and_window_fit_together(name):
    surface = SURFACES[name]
    (x_low, x_high), (y_low, y_high) = surface.window
    for x, y in (surface.start, *surface.minima, *surface.saddles, *surface.maxima):
        assert x_low <= x <= x_high
        assert y_low <= y <= y_high
    assert surface.name == name
    assert surface.title
    assert surface.formula
    assert np.linalg.norm(surface.gradient(surface.start)) > 1e-3, "nothing to watch from here"


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_formula_is_the_function(name):
    """The LaTeX is read as arithmetic and compared."""
    surface = SURFACES[name]
    theta = inside(surface, 50, seed=4)
    x, y = theta[:, 0], theta[:, 1]
    text = surface.formula.split(r", \quad")[0]
    text = re.sub(r"\\frac\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    text = text.replace(r"\frac{\sin r}{r}", "(sin(r)/r)").replace(r"\sin x", "sin(x)").replace(r"\sin r", "sin(r)")
    text = re.sub(r"e\^\{(.*?)\}(?=\s|$|\+|-)", r"exp(\1)", text).replace(r"\,", "").replace("^", "**")
    text = re.sub(r"(?<=[0-9xy)])\s*(?=[xy(]|exp)", "*", text)
    r = 10 * np.hypot(x, y)
    value = eval(text, {"x": x, "y": y, "r": r, "sin": np.sin, "exp": np.exp})
    assert np.allclose(value, surface.value(theta), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_stack_of_points_is_the_points_one_by_one(name):
    surface = SURFACES[name]
    stack = inside(surface, 6).reshape(2, 3, 2)
    for function, shape in ((surface.value, ()), (surface.gradient, (2,)), (surface.hessian, (2, 2))):
        together = function(stack)
        assert together.shape == (2, 3, *shape)
        for index in np.ndindex(2, 3):
            assert np.allclose(function(stack[index]), together[index], rtol=1e-13, atol=1e-13)


def test_an_unknown_surface_is_answered_with_the_names_there_are():
    with pytest.raises(KeyError, match=r"no surface 'rosenbrok'.*rosenbrock"):
        SURFACES["rosenbrok"]


@pytest.mark.parametrize("kappa", [0.5, 1, 1000.0])
def test_the_ravine_has_its_condition_number(kappa):
    low, high = np.linalg.eigvalsh(ravine(kappa).hessian(np.zeros(2)))
    assert high / low == pytest.approx(max(kappa, 1 / kappa))


@pytest.mark.parametrize("kappa", [0, -3, np.nan, np.inf, "steep", None, [1.0, 2.0]])
def test_a_condition_number_that_is_none_is_refused(kappa):
    with pytest.raises(ValueError, match="condition_number must be"):
        ravine(kappa)


def test_a_quadratic_is_its_matrix_and_vector():
    rng = np.random.default_rng(2)
    half = rng.normal(size=(4, 4))
    matrix, b, theta = half + half.T, rng.normal(size=4), rng.normal(size=(3, 4))
    objective = quadratic(matrix, b)
    for row, value in zip(theta, objective.value(theta), strict=True):
        assert value == pytest.approx(row @ matrix @ row / 2 - b @ row)
    assert np.allclose(objective.gradient(theta), (matrix @ theta.T).T - b)
    assert objective.hessian(theta).shape == (3, 4, 4)


def test_a_quadratic_from_a_diagonal_is_the_same():
    theta = np.array([1.0, -2.0])
    assert quadratic([3.0, 5.0]).value(theta) == quadratic([[3.0, 0.0], [0.0, 5.0]]).value(theta) == 11.5


@pytest.mark.parametrize(
    "matrix", [[[1.0, 2.0], [0.0, 1.0]], [[1.0, 2.0, 3.0], [2.0, 1.0, 0.0]], 3.0, np.ones((2, 2, 2))]
)
def test_a_matrix_that_is_not_symmetric_is_refused(matrix):
    with pytest.raises(ValueError, match="symmetric matrix"):
        quadratic(matrix)


@pytest.mark.parametrize("n", [1, 2, 17])
def test_the_worst_case_has_its_minimum_and_its_lipschitz_constant(n):
    objective = worst_case(n, lipschitz=3.0)
    minimum = 1 - np.arange(1, n + 1) / (n + 1)
    assert np.allclose(objective.gradient(minimum), 0, atol=1e-14)
    assert objective.value(minimum) == pytest.approx(3 / 8 * (-1 + 1 / (n + 1)))  # Nesterov 2004, section 2.1.2
    eigenvalues = np.linalg.eigvalsh(objective.hessian(np.zeros(n)))
    assert 0 < eigenvalues[0] <= eigenvalues[-1] <= 3.0


def test_the_worst_case_shows_a_first_order_method_one_new_coordinate_a_step():
    objective, theta = worst_case(9), np.zeros(9)
    for t in range(1, 6):
        theta = theta - objective.gradient(theta)
        assert np.flatnonzero(theta).max() == t - 1


@pytest.mark.parametrize("n", [0, -1, 2.5])
def test_a_worst_case_without_dimensions_is_refused(n):
    with pytest.raises(ValueError, match="n must be a whole number"):
        worst_case(n)


@pytest.mark.parametrize("theta", [[1.0, 2.0, 3.0], [[1.0], [2.0]], 3.0])
def test_a_point_with_another_number_of_coordinates_gets_a_sentence(theta):
    with pytest.raises(ValueError, match="beale has two coordinates, x and y, but theta has shape"):
        SURFACES["beale"].gradient(theta)


def test_a_rotated_surface_has_the_same_values_and_its_gradient_is_that_of_its_value():
    from course_lib.surfaces import rotated

    surface = SURFACES["beale"]
    turned, rng = rotated(surface, 30.0), np.random.default_rng(0)
    theta, h = rng.normal(size=(5, 2)), 1e-6
    angle = np.deg2rad(30.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(turned.value(theta @ turn.T), surface.value(theta), rtol=1e-12)
    slopes = [(turned.value(theta + h * e) - turned.value(theta - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(turned.gradient(theta), np.stack(slopes, axis=-1), rtol=1e-5, atol=1e-6)
    bend = [(turned.gradient(theta + h * e) - turned.gradient(theta - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(turned.hessian(theta), np.stack(bend, axis=-1), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(
        turned.value(np.array(turned.minima)), surface.value(np.array(surface.minima)), atol=1e-12
    )
