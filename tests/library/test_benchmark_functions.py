"""Values by slow specifications, derivatives four ways, minima looked at from all sides."""

import itertools
import math

import numpy as np
import pytest

from course_lib.autodiff import gradient, jvp
from course_lib.benchmark_functions import BENCHMARK_FUNCTIONS
from course_lib.finite_differences import central_difference, complex_step
from course_lib.gradcheck import check_gradient

DIMENSIONS = (2, 5)
NAMES = list(BENCHMARK_FUNCTIONS)


def points(function, n, how_many=6):
    """Inside the domain, where the value is not astronomically large."""
    low, high = np.clip(function.domain, -12, 12)
    return np.random.default_rng(n).uniform(low, high, size=(how_many, n))


# The paper's formulas, one coordinate at a time, in plain Python (1-based, as printed).
def slow_perm(x):
    n = len(x)
    return sum(sum((j**i + 0.5) * ((x[j - 1] / j) ** i - 1) for j in range(1, n + 1)) ** 2 for i in range(1, n + 1))


def slow_weierstrass(x):
    wave = [sum(0.5**k * math.cos(2 * math.pi * 3**k * (c + 0.5)) for k in range(21)) for c in x]
    return sum(wave) - len(x) * sum(0.5**k * math.cos(math.pi * 3**k) for k in range(21))


def slow_schaffer_f6(x):
    def g(a, b):
        q = a * a + b * b
        return 0.5 + (math.sin(math.sqrt(q)) ** 2 - 0.5) / (1 + 0.001 * q) ** 2

    return sum(g(x[i], x[(i + 1) % len(x)]) for i in range(len(x)))


def slow_schaffer_f7(x):
    s = [math.hypot(a, b) for a, b in itertools.pairwise(x)]
    return (sum(math.sqrt(c) + math.sqrt(c) * math.sin(50 * c**0.2) ** 2 for c in s) / len(s)) ** 2


def squares(x):
    return sum(c * c for c in x)


N = len
SLOW = {
    "sphere": squares,
    "ellipsoid": lambda x: sum(i * c * c for i, c in enumerate(x, 1)),
    "sum_of_powers": lambda x: sum(abs(c) ** (i + 1) for i, c in enumerate(x, 1)),
    "quintic": lambda x: sum(abs(c**5 - 3 * c**4 + 4 * c**3 + 2 * c**2 - 10 * c - 4) for c in x),
    "drop_wave": lambda x: 1 - (1 + math.cos(12 * math.sqrt(squares(x)))) / (0.5 * squares(x) + 2),
    "weierstrass": slow_weierstrass,
    "alpine1": lambda x: sum(abs(c * math.sin(c) + 0.1 * c) for c in x),
    "ackley": lambda x: (
        -20 * math.exp(-0.2 * math.sqrt(squares(x) / N(x)))
        - math.exp(sum(math.cos(2 * math.pi * c) for c in x) / N(x))
        + 20
        + math.e
    ),
    "griewank": lambda x: squares(x) / 4000 - math.prod(math.cos(c / math.sqrt(i)) for i, c in enumerate(x, 1)) + 1,
    "rastrigin": lambda x: 10 * N(x) + sum(c * c - 10 * math.cos(2 * math.pi * c) for c in x),
    "happycat": lambda x: abs(squares(x) - N(x)) ** 0.25 + (0.5 * squares(x) + sum(x)) / N(x) + 0.5,
    "hgbat": lambda x: abs(squares(x) ** 2 - sum(x) ** 2) ** 0.5 + (0.5 * squares(x) + sum(x)) / N(x) + 0.5,
    "rosenbrock_n": lambda x: sum(100 * (b - a * a) ** 2 + (a - 1) ** 2 for a, b in itertools.pairwise(x)),
    "high_conditioned_elliptic": lambda x: sum(1e6 ** (i / (N(x) - 1)) * c * c for i, c in enumerate(x)),
    "discus": lambda x: 1e6 * x[0] ** 2 + squares(x[1:]),
    "bent_cigar": lambda x: x[0] ** 2 + 1e6 * squares(x[1:]),
    "perm": slow_perm,
    "schaffer_f7": slow_schaffer_f7,
    "expanded_schaffer_f6": slow_schaffer_f6,
    "rotated_hyper_ellipsoid": lambda x: sum(squares(x[: i + 1]) for i in range(N(x))),
    "schwefel": lambda x: 418.9828872724337 * N(x) - sum(c * math.sin(math.sqrt(abs(c))) for c in x),
    "sum_of_powers_2": lambda x: sum(abs(c) ** (2 + 4 * i / (N(x) - 1)) for i, c in enumerate(x)),
    "xin_she_yang_1": lambda x: sum(map(abs, x)) * math.exp(-sum(math.sin(c * c) for c in x)),
    "schwefel_2_21": lambda x: max(map(abs, x)),
    "schwefel_2_22": lambda x: sum(map(abs, x)) + math.prod(map(abs, x)),
    "salomon": lambda x: 1 - math.cos(2 * math.pi * math.sqrt(squares(x))) + 0.1 * math.sqrt(squares(x)),
    "modified_ridge": lambda x: abs(x[0]) + 2 * squares(x[1:]) ** 0.1,
    "zakharov": lambda x: (
        squares(x)
        + sum(0.5 * i * c for i, c in enumerate(x, 1)) ** 2
        + sum(0.5 * i * c for i, c in enumerate(x, 1)) ** 4
    ),
    "modified_xin_she_yang_3": lambda x: (
        1e4
        * (
            1
            + (math.exp(-sum((c / 15) ** 10 for c in x)) - 2 * math.exp(-squares(x)))
            * math.prod(math.cos(c) ** 2 for c in x)
        )
    ),
    "modified_xin_she_yang_5": lambda x: (
        1e4
        * (
            1
            + (sum(math.sin(c) ** 2 for c in x) - math.exp(-squares(x)))
            * math.exp(-sum(math.sin(math.sqrt(abs(c))) ** 2 for c in x))
        )
    ),
}


def test_all_thirty_are_there_in_order():
    assert [function.number for function in BENCHMARK_FUNCTIONS.values()] == [f"F{i:02d}" for i in range(1, 31)]
    assert list(SLOW) == NAMES
    assert all(
        function.name == name and function.title and function.formula for name, function in BENCHMARK_FUNCTIONS.items()
    )


@pytest.mark.parametrize("name", NAMES)
def test_values_are_the_papers_formula(name):
    function = BENCHMARK_FUNCTIONS[name]
    for n in DIMENSIONS:
        for theta in points(function, n):
            expected = SLOW[name]([float(c) for c in theta])
            # Weierstrass: the phase 2 pi 3^20 (x + 1/2) of the slow formula is rounded at 1e-6.
            assert function.value(theta) == pytest.approx(expected, rel=1e-11, abs=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_equals_forward_and_reverse_autodiff(name):
    function = BENCHMARK_FUNCTIONS[name]
    for n in DIMENSIONS:
        for theta in points(function, n):
            analytic, reverse = function.gradient(theta), gradient(function.value)(theta)
            forward = [jvp(function.value)(theta, unit)[1] for unit in np.eye(n)]
            scale = np.abs(analytic).max()
            np.testing.assert_allclose(analytic, reverse, atol=1e-12 * scale, rtol=1e-12)
            np.testing.assert_allclose(forward, reverse, atol=1e-12 * scale, rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "weierstrass"])
def test_gradient_equals_central_difference(name):
    function = BENCHMARK_FUNCTIONS[name]
    for n in DIMENSIONS:
        for theta in points(function, n):
            analytic = function.gradient(theta)
            numeric = central_difference(function.value, theta, h=1e-6)
            tolerance = 1e-6 * max(1.0, np.abs(analytic).max()) + 1e-9 * abs(function.value(theta))
            np.testing.assert_allclose(analytic, numeric, atol=tolerance, rtol=0)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "weierstrass"])
def test_the_gradient_check_calls_none_of_them_wrong(name):
    function, rng = BENCHMARK_FUNCTIONS[name], np.random.default_rng(0)
    for n in (2, 5, 8):
        for theta in rng.uniform(*function.domain, size=(20, n)):
            check = check_gradient(function, theta)
            assert not check.wrong.any(), str(check)


def test_central_differences_step_over_weierstrass_waves_and_the_complex_step_does_not():
    function = BENCHMARK_FUNCTIONS["weierstrass"]
    theta = points(function, 5)[0]
    analytic = function.gradient(theta)
    # The waves blow up exponentially to the side, so the complex step must be short against 3^-20.
    np.testing.assert_allclose(complex_step(function.value, theta), analytic, rtol=1e-11)
    assert np.linalg.norm(central_difference(function.value, theta, h=1e-6) - analytic) > 0.5 * np.linalg.norm(analytic)


@pytest.mark.parametrize("name", NAMES)
def test_the_minima_have_the_value_0_and_nothing_around_is_lower(name):
    function = BENCHMARK_FUNCTIONS[name]
    rng = np.random.default_rng(0)
    low, high = function.domain
    for n in (2, 3, 10):
        minimum = function.minimum(n)
        assert minimum.shape == (n,) and np.all((low <= minimum) & (minimum <= high))
        assert abs(function.value(minimum)) < 1e-9
        for radius in (1e-3, 1e-1, 1.0):
            around = np.clip(minimum + radius * rng.normal(size=(500, n)), low, high)
            assert function.value(around).min() > -1e-9
        everywhere = rng.uniform(low, high, size=(5_000, n))
        assert function.value(everywhere).min() > -1e-9


# Roots of a polynomial: rounding decides on which side of the kink the floating-point minimum lies.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "quintic"])
def test_the_subgradient_at_the_minimum_is_zero(name):
    # For the functions with cusps this is the convention, for the others the condition.
    function = BENCHMARK_FUNCTIONS[name]
    d = function.gradient(function.minimum(4))
    assert np.all(np.isfinite(d)) and np.abs(d).max() < 1e-9


@pytest.mark.parametrize(("name", "how_many"), [("quintic", 3), ("alpine1", 8)])
def test_every_coordinate_chooses_among_the_roots(name, how_many):
    function = BENCHMARK_FUNCTIONS[name]
    minima = function.minima(2)
    assert minima.shape == (how_many**2, 2)
    assert np.abs(function.value(minima)).max() < 1e-12
    # Brute force: the lowest places of a fine grid in one dimension are these and no others.
    x = np.linspace(*function.domain, 400_001)
    value = function.value(x[:, None])
    lowest = (value[1:-1] < value[:-2]) & (value[1:-1] <= value[2:]) & (value[1:-1] < 1e-2)
    np.testing.assert_allclose(x[1:-1][lowest], function.coordinate_minima, atol=1e-4)


def test_rosenbrock_has_a_second_minimum_in_four_dimensions():
    function = BENCHMARK_FUNCTIONS["rosenbrock_n"]
    theta = np.array([-1.0, 1.0, 1.0, 1.0])
    for _ in range(20):
        hessian = central_difference(function.gradient, theta)
        theta = theta - np.linalg.solve(hessian, function.gradient(theta))
    assert np.linalg.norm(function.gradient(theta)) < 1e-8
    assert np.linalg.eigvalsh(central_difference(function.gradient, theta)).min() > 0
    assert theta[0] < -0.7 and function.value(theta) == pytest.approx(3.70, abs=0.01)


def test_the_rotated_hyper_ellipsoid_is_the_ellipsoid_backwards():
    theta = points(BENCHMARK_FUNCTIONS["ellipsoid"], 5)
    np.testing.assert_allclose(
        BENCHMARK_FUNCTIONS["rotated_hyper_ellipsoid"].value(theta),
        BENCHMARK_FUNCTIONS["ellipsoid"].value(theta[:, ::-1]),
    )


def test_schwefel_is_lower_outside_its_domain():
    lower = (np.pi / 2 + 22 * np.pi) ** 2  # sin(sqrt(x)) = 1
    assert BENCHMARK_FUNCTIONS["schwefel"].value([lower, lower]) < -1_000


@pytest.mark.parametrize("name", NAMES)
def test_stacks_give_what_single_vectors_give(name):
    function = BENCHMARK_FUNCTIONS[name]
    thetas = points(function, 4).reshape(2, 3, 4)
    assert function.value(thetas).shape == (2, 3) and function.gradient(thetas).shape == (2, 3, 4)
    np.testing.assert_allclose(function.value(thetas)[1, 2], function.value(thetas[1, 2]), rtol=1e-13)
    np.testing.assert_allclose(function.gradient(thetas)[1, 2], function.gradient(thetas[1, 2]), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(function.value(thetas.tolist()), function.value(thetas))


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_finite_at_every_kink(name):
    function = BENCHMARK_FUNCTIONS[name]
    special = np.array([[0.0, 0, 0], [0, 1, 0], [1, 1, 1], [-1, -1, -1], [2, -1, 0], [0, 0, 5]])
    with np.errstate(all="raise", under="ignore"):
        assert np.all(np.isfinite(function.gradient(special)))


def test_too_few_coordinates_get_a_sentence():
    with pytest.raises(ValueError, match=r"rosenbrock_n needs theta with at least 2 coordinates, not the shape \(1,\)"):
        BENCHMARK_FUNCTIONS["rosenbrock_n"].value([1.0])
    with pytest.raises(ValueError, match="at least 1"):
        BENCHMARK_FUNCTIONS["sphere"].gradient(2.0)
    with pytest.raises(KeyError, match="Choose one of: sphere, ellipsoid"):
        BENCHMARK_FUNCTIONS["rozenbrock"]
    for function in BENCHMARK_FUNCTIONS.values():
        theta = np.full(function.smallest_n, 0.3)
        assert np.isfinite(function.value(theta)) and np.all(np.isfinite(function.gradient(theta)))
