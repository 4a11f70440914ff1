from math import lgamma

import numpy as np
import pytest

from course_lib.autodiff import objective
from course_lib.chapters.ch04_newton_saddles.experiments import (
    between,
    classify,
    coin_flip_probability,
    goe,
    hessian_at,
    hessian_eigenvalues,
    line,
    log_probability_asymptotic,
    newton_census,
    plane,
    probability_all_positive,
    random_directions,
    saddle_index,
    sample_all_positive,
)
from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import couplings
from course_lib.objective import Objective
from course_lib.surfaces import SURFACES, quadratic

ALL_POINTS = [
    (name, kind, point)
    for name, surface in SURFACES.items()
    for kind in ("minima", "saddles", "maxima")
    for point in getattr(surface, kind)
]


def made(value):
    """An objective from a formula in x and y."""
    return objective(lambda theta: value(theta[..., 0], theta[..., 1]))


def test_eigenvalues_of_a_quadratic_ascending():
    np.testing.assert_allclose(hessian_eigenvalues(quadratic([3.0, -1.0, 2.0]), np.ones(3)), [-1, 2, 3])
    stack = hessian_eigenvalues(SURFACES["himmelblau"], np.zeros((4, 5, 2)))
    assert stack.shape == (4, 5, 2) and np.all(np.diff(stack) >= 0)


def test_an_objective_without_hessian_gets_one_from_its_gradient():
    surface = SURFACES["beale"]
    bare = Objective(surface.value, surface.gradient)
    thetas = np.random.default_rng(0).normal(size=(5, 2))
    np.testing.assert_allclose(hessian_at(bare, thetas), surface.hessian(thetas), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("n_down", "n"), [(0, 4), (1, 4), (3, 4), (4, 4)])
def test_saddle_index_counts_the_directions_down(n_down, n):
    rotation = np.linalg.qr(np.random.default_rng(n_down).normal(size=(n, n)))[0]
    eigenvalues = np.where(np.arange(n) < n_down, -1.0, 2.0)
    assert saddle_index(quadratic(rotation @ np.diag(eigenvalues) @ rotation.T), np.zeros(n)) == n_down


def test_a_zero_eigenvalue_is_not_a_direction_down():
    assert saddle_index(quadratic([2.0, -1e-14, 0.0]), np.zeros(3)) == 0


@pytest.mark.parametrize(("name", "kind", "point"), ALL_POINTS)
def test_the_known_critical_points_of_the_surfaces_are_classified(name, kind, point):
    result = classify(SURFACES[name], point, gradient_tolerance=1e-5)
    assert result.kind == {"minima": "minimum", "saddles": "saddle", "maxima": "maximum"}[kind], str(result)


DEGENERATE = {
    "x^4 + y^2": (lambda x, y: x**4 + y**2, "minimum"),
    "x^4 + y^4": (lambda x, y: x**4 + y**4, "minimum"),
    "-(x^4 + y^2)": (lambda x, y: -(x**4) - y**2, "maximum"),
    "x^3 + y^2": (lambda x, y: x**3 + y**2, "saddle"),
    "x^4 - y^2": (lambda x, y: -(x**4) + y**2, "saddle"),
    "monkey": (lambda x, y: x**3 - 3 * x * y**2, "saddle"),
    "x^2": (lambda x, y: x**2 + 0 * y, "valley"),
    "-x^2": (lambda x, y: -(x**2) + 0 * y, "ridge"),
    "constant": (lambda x, y: 3.0 + 0 * x * y, "flat"),
    # Peano: a minimum along every straight line, and yet not a minimum.
    "Peano": (lambda x, y: (y - x**2) * (y - 3 * x**2), "saddle"),
    # The constant hides what is below rounding, not what is above it.
    "x^4 + y^4 + 5": (lambda x, y: x**4 + y**4 + 5, "minimum"),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_points_are_looked_at_from_around(name):
    value, kind = DEGENERATE[name]
    result = classify(made(value), [0.0, 0.0])
    assert result.degenerate and result.decided_by == "samples"
    assert result.kind == kind, str(result)
    assert "the Hessian does not decide" in str(result)


def test_a_point_on_a_slope_is_not_critical():
    result = classify(SURFACES["rosenbrock"], [0.0, 0.0])
    assert result.kind == "not critical" and result.gradient_norm == pytest.approx(2.0)


def test_an_axis_is_not_needed_to_see_a_saddle():
    # E29: xy has no curvature along either axis, and is a saddle all the same.
    result = classify(made(lambda x, y: x * y), [0.0, 0.0])
    assert result.kind == "saddle" and result.decided_by == "Hessian" and result.saddle_index == 1


def test_the_deep_linear_network_has_a_saddle_at_zero():
    # E6: (w1 w2 - 1)^2 is no quadratic bowl.
    deep = made(lambda a, b: (a * b - 1) ** 2)
    assert classify(deep, [0.0, 0.0]).kind == "saddle"
    # Its minima form a curve, w1 w2 = 1: degenerate, and a sample hits the curve hardly ever.
    on_the_curve = classify(deep, [2.0, 0.5])
    assert on_the_curve.degenerate and on_the_curve.kind in ("minimum", "valley")


def test_newton_ends_at_any_critical_point_of_himmelblau():
    # E26: 703 of the 41 x 41 starts end at points that are no minima.
    axis = np.linspace(-5, 5, 41)
    census = newton_census(SURFACES["himmelblau"], np.stack(np.meshgrid(axis, axis), axis=-1))
    assert census.kinds.shape == (41, 41)
    minima = np.sum(census.kinds == "minimum")
    assert np.sum(census.kinds == "none") == 0
    assert 1681 - minima == 703
    assert len(census.points) == 9
    assert census.visits.sum() == 1681 and np.all(np.diff(census.visits) <= 0)
    assert sum(census.shares().values()) == pytest.approx(1)
    surface = SURFACES["himmelblau"]
    known = np.array([*surface.minima, *surface.saddles, *surface.maxima])
    assert all(np.min(np.linalg.norm(known - point, axis=-1)) < 1e-6 for point in census.points)
    for label in range(9):
        assert np.sum(census.labels == label) == census.visits[label]


def test_newton_solves_a_quadratic_in_one_step():
    census = newton_census(quadratic([1.0, 50.0, -3.0]), np.random.default_rng(0).normal(size=(20, 3)))
    assert np.all(census.steps == 1) and np.all(census.kinds == "saddle") and len(census.points) == 1


def test_newton_that_diverges_or_meets_a_singular_hessian_is_counted_as_none():
    # x arctan x - log(1 + x^2)/2: Newton diverges from |x| > 1.39.
    steep = Objective(
        lambda t: np.sum(t * np.arctan(t) - np.log1p(t**2) / 2, axis=-1),
        np.arctan,
        lambda t: (1 / (1 + t**2))[..., None],
    )
    census = newton_census(steep, np.array([[0.5], [1.2], [1.6], [3.0]]))
    assert census.kinds.tolist() == ["minimum", "minimum", "none", "none"]
    assert census.labels.tolist() == [0, 0, -1, -1]
    flat = newton_census(SURFACES["classical_saddle"], np.array([[1.0, 1.0], [np.nan, 1.0]]))
    assert flat.kinds.tolist() == ["saddle", "none"]
    straight = Objective(lambda t: np.sum(t, -1), np.ones_like, lambda t: np.zeros((*t.shape, t.shape[-1])))
    assert newton_census(straight, np.zeros((2, 2))).kinds.tolist() == ["none", "none"]


@pytest.mark.parametrize(
    ("n", "exact"), [(1, 0.5), (2, (2 - np.sqrt(2)) / 4), (3, (np.pi - 2 * np.sqrt(2)) / (4 * np.pi))]
)
def test_probability_of_a_minimum_has_its_closed_forms(n, exact):
    assert probability_all_positive(n) == pytest.approx(exact, rel=2e-15)


def by_orthogonal_polynomials(n):
    """The same probability in a basis in which nothing cancels, with the integrals by quadrature: 11 digits."""
    x, w = np.polynomial.legendre.leggauss(300)
    y, w = 7 * (x + 1), 7 * w * np.exp(-((7 * (x + 1)) ** 2) / 2)
    x, v = np.polynomial.legendre.leggauss(60)
    below, v = np.outer(y, (x + 1) / 2), np.outer(y, v / 2)  # (k, m): places from 0 to y_k
    v = v * np.exp(-(below**2) / 2)
    p, q, b, log_leading = [0 * y, 0 * y + w.sum() ** -0.5], [0 * below, 0 * below + w.sum() ** -0.5], 0.0, 0.0
    log_scale = -np.log(w.sum()) / 2
    for _ in range(n - 1):  # Stieltjes: the polynomials that are orthonormal under exp(-y^2 / 2) on y > 0
        a, log_leading = np.sum(w * y * p[-1] ** 2), log_leading + log_scale
        following, there = (y - a) * p[-1] - b * p[-2], (below - a) * q[-1] - b * q[-2]
        b = np.sqrt(np.sum(w * following**2))
        p, q, log_scale = [*p, following / b], [*q, there / b], log_scale - np.log(b)
    p, q, log_leading = np.array(p[1:]), np.array(q[1:]), log_leading + log_scale
    upper = np.einsum("ikm,km,jk,k->ij", q, v, p, w, optimize=True)
    a = upper - upper.T
    if n % 2:
        moments = (p * w).sum(axis=1)[:, None]
        a = np.block([[a, moments], [-moments.T, np.zeros((1, 1))]])
    log_z = n / 2 * np.log(2 * np.pi) + sum(lgamma(1 + j / 2) - lgamma(3 / 2) for j in range(1, n + 1))
    return np.exp(lgamma(n + 1) + np.linalg.slogdet(a)[1] / 2 - log_leading - log_z)


@pytest.mark.parametrize("n", range(1, 13))
def test_probability_of_a_minimum_keeps_its_digits(n):
    assert probability_all_positive(n) == pytest.approx(by_orthogonal_polynomials(n), rel=1e-11)


@pytest.mark.parametrize(("n", "printed"), [(2, 0.1464), (3, 0.0249), (4, 0.0025)])
def test_the_numbers_of_erratum_30(n, printed):
    assert probability_all_positive(n) == pytest.approx(printed, abs=6e-5)
    assert coin_flip_probability(n) == 0.5**n > 1.5 * probability_all_positive(n)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_sampled_matrices_agree_with_the_exact_probability(n):
    share, error = sample_all_positive(n, np.random.default_rng(n), 40_000)
    assert abs(share - probability_all_positive(n)) < 4.5 * error


def test_the_exponent_approaches_its_limit():
    ratios = [np.log(probability_all_positive(n)) / log_probability_asymptotic(n) for n in range(2, 13)]
    assert np.all(np.diff(ratios) < 0) and 1 < ratios[-1] < 1.2
    logs = [np.log(probability_all_positive(n)) for n in range(1, 13)]
    assert np.diff(logs, 2) == pytest.approx(-np.log(3) / 2, abs=0.05)


def test_goe_is_symmetric_with_its_variances_and_half_circle():
    matrices = goe(50, np.random.default_rng(0), 400)
    np.testing.assert_array_equal(matrices, np.swapaxes(matrices, 1, 2))
    diagonal = np.diagonal(matrices, axis1=1, axis2=2)
    assert np.var(diagonal) == pytest.approx(2, rel=0.05)
    assert np.var(matrices[:, 0, 1:]) == pytest.approx(1, rel=0.05)
    largest = np.linalg.eigvalsh(matrices)[:, -1].mean()
    # Tracy-Widom: the edge 2 sqrt(n), and the largest eigenvalue 1.2065 n^(-1/6) below it on average.
    assert largest == pytest.approx(2 * np.sqrt(50) - 1.2065 * 50 ** (-1 / 6), abs=0.2)


def test_goe_has_the_same_moments_in_a_rotated_basis():
    rng = np.random.default_rng(4)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turned = turn @ goe(3, rng, 40_000) @ turn.T
    entries = turned[:, *np.triu_indices(3)]
    variances = np.array([2, 1, 1, 2, 1, 2])
    np.testing.assert_allclose(np.cov(entries.T), np.diag(variances), atol=0.06)
    np.testing.assert_allclose(np.cov(entries.T**2), np.diag(2 * variances**2), atol=0.6)  # of normals


def test_symmetric_couplings_give_the_same_loss():
    j = np.random.default_rng(6).normal(size=(5, 5, 5))
    x = np.random.default_rng(7).normal(size=(4, 5))
    loss = np.einsum("ijk,ni,nj,nk->n", j, x, x, x) / 25
    symmetric = couplings(5, np.random.default_rng(6))
    np.testing.assert_allclose(np.einsum("ijk,ni,nj,nk->n", symmetric, x, x, x) / 25, loss, rtol=1e-12)
    np.testing.assert_allclose(symmetric, np.transpose(symmetric, (2, 0, 1)), rtol=1e-12)


def test_slices_hold_the_values_at_their_points():
    surface = SURFACES["beale"]
    theta, u, v = np.array([0.5, 0.2]), np.array([1.0, 0.0]), np.array([0.5, 2.0])
    a, b = np.linspace(-1, 1, 5), np.linspace(-2, 2, 3)
    flat = plane(surface, theta, u, v, a, b)
    assert flat.values.shape == (3, 5)
    assert flat.values[2, 1] == surface.value(theta + a[1] * u + b[2] * v)
    assert line(surface, theta, v, a).values[3] == surface.value(theta + a[3] * v)
    ends = between(surface, [0.0, 0.0], [3.0, 0.5], num=9, beyond=0.5)
    assert ends.a[0] == -0.5 and ends.a[-1] == 1.5
    assert ends.values[np.argmin(np.abs(ends.a - 1))] == pytest.approx(0, abs=1e-20)


def test_random_directions_are_orthonormal():
    directions = random_directions(10, np.random.default_rng(0), 3)
    np.testing.assert_allclose(directions @ directions.T, np.eye(3), atol=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: classify(SURFACES["beale"], np.zeros((3, 2))), "theta must have the shape"),
        (lambda: classify(SURFACES["beale"], [0.0, 1.0], radius=0), "radius"),
        (lambda: probability_all_positive(13), "log_probability_asymptotic"),
        (lambda: probability_all_positive(0), "at least 1"),
        (lambda: random_directions(2, np.random.default_rng(0), 3), "number must be at most n = 2"),
        (lambda: line(SURFACES["beale"], [0.0, 0.0], [1.0, 2.0, 3.0], [0.0]), "theta's shape"),
    ],
)
def test_misuse_gets_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()
