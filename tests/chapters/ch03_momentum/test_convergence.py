"""Exact rates: against the eigenvalues of the step itself, against long runs, and optima that nothing beats."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.chapters.ch03_momentum.experiments import (
    momentum_rate,
    nesterov_rate,
    optimal_gradient_descent,
    optimal_momentum,
    optimal_nesterov,
    slowest_rate,
)
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.optimizers.descent import MomentumState
from course_lib.run import descend, iterate
from course_lib.surfaces import quadratic

METHODS = ((momentum_rate, Momentum), (nesterov_rate, Nesterov))
methods = pytest.mark.parametrize(("rate", "optimizer"), METHODS, ids=["momentum", "nesterov"])
curvatures = st.floats(0.01, 100.0)
rates = st.floats(0.0, 4.0)  # learning rate times curvature
momenta = st.floats(0.0, 1.2)


def step_matrix(optimizer, eigenvalue):
    """The optimizer's own step on f = eigenvalue / 2 theta^2, as a matrix on (theta, velocity)."""
    objective = quadratic([eigenvalue])
    columns = []
    for theta, velocity in np.eye(2):
        new_theta, state = optimizer.step(objective, np.array([theta]), MomentumState(np.array([velocity])))
        columns.append([new_theta[0], state.velocity[0]])
    return np.array(columns).T


@methods
@settings(max_examples=300, deadline=None)
@given(curvatures, rates, momenta)
def test_the_rate_is_the_spectral_radius_of_the_step(rate, optimizer, eigenvalue, scaled, momentum):
    learning_rate = scaled / eigenvalue
    roots = np.linalg.eigvals(step_matrix(optimizer(learning_rate, momentum), eigenvalue))
    # A double root of a rounded matrix is only good to the square root of the rounding.
    assert rate(learning_rate, momentum, eigenvalue) == pytest.approx(np.abs(roots).max(), abs=1e-6)


@methods
@pytest.mark.parametrize("scaled", [0.02, 0.5, 1.3, 1.9])
@pytest.mark.parametrize("momentum", [0.3, 0.9, 0.97])
def test_a_long_run_shrinks_by_the_rate_each_step(rate, optimizer, scaled, momentum):
    run = [
        np.hypot(theta[0], state.velocity[0])
        for theta, state in iterate(quadratic([2.0]), optimizer(scaled / 2, momentum), [1.0], 700)
    ]
    sizes = np.array(run)
    window = sizes[sizes > 1e-280]
    late = len(window) // 2
    measured = (window[late:].max() / window[: len(window) - late].max()) ** (1 / late)
    expected = rate(scaled / 2, momentum, 2.0)
    assert measured == pytest.approx(float(expected), rel=0.02)


@methods
def test_without_momentum_the_rate_is_gradient_descents(rate, optimizer):
    scaled = np.linspace(0, 4, 81)
    assert np.allclose(rate(scaled / 3, 0.0, 3.0), np.abs(1 - scaled))


def test_complex_roots_of_momentum_have_modulus_root_of_momentum_whatever_the_learning_rate():
    for momentum in (0.25, 0.81):
        low, high = (1 - np.sqrt(momentum)) ** 2, (1 + np.sqrt(momentum)) ** 2
        assert np.allclose(momentum_rate(np.linspace(low, high, 50), momentum, 1.0), np.sqrt(momentum), atol=1e-7)
        outside = momentum_rate(np.array([0.99 * low, 1.01 * high]), momentum, 1.0)
        assert np.all(outside > np.sqrt(momentum) + 1e-4)


def test_momentum_converges_exactly_below_twice_one_plus_momentum_over_the_curvature():
    for momentum in (0.0, 0.5, 0.9):
        edge = 2 * (1 + momentum) / 5.0
        assert momentum_rate(0.999 * edge, momentum, 5.0) < 1 < momentum_rate(1.001 * edge, momentum, 5.0)


def test_nesterov_stands_a_smaller_learning_rate_than_momentum():
    """Its edge is at learning_rate * curvature = 2 (1 + momentum) / (1 + 2 momentum)."""
    for momentum in (0.1, 0.5, 0.9):
        edge = 2 * (1 + momentum) / (1 + 2 * momentum)
        assert nesterov_rate(0.999 * edge, momentum, 1.0) < 1 < nesterov_rate(1.001 * edge, momentum, 1.0)


@methods
def test_rates_broadcast_as_single_ones(rate, optimizer):
    learning_rates, momenta_, eigenvalues = (
        np.linspace(0.01, 1, 4)[:, None, None],
        np.array([[0.0], [0.9]]),
        [0.5, 2, 3],
    )
    together = rate(learning_rates, momenta_, eigenvalues)
    assert together.shape == (4, 2, 3)
    assert together[2, 1, 0] == rate(learning_rates[2, 0, 0], 0.9, 0.5)


@methods
def test_the_slowest_eigenvalue_decides_a_run_in_many_dimensions(rate, optimizer):
    eigenvalues = np.array([0.1, 0.5, 1.0, 4.0])
    exact = slowest_rate(rate, 0.2, 0.6, eigenvalues)
    assert exact == max(rate(0.2, 0.6, eigenvalue) for eigenvalue in eigenvalues)
    sizes = np.linalg.norm(descend(quadratic(eigenvalues), optimizer(0.2, 0.6), np.ones(4), 600).thetas, axis=-1)
    assert (sizes[600] / sizes[300]) ** (1 / 300) == pytest.approx(float(exact), rel=0.01)


# --- Optimal pairs ---------------------------------------------------------------------------------------

spectra = st.tuples(st.floats(0.01, 10.0), st.floats(1.0, 1e4)).map(lambda pair: (pair[0], pair[0] * pair[1]))
OPTIMA = ((momentum_rate, optimal_momentum), (nesterov_rate, optimal_nesterov))
optima = pytest.mark.parametrize(("rate", "optimum"), OPTIMA, ids=["momentum", "nesterov"])


@optima
@settings(max_examples=100, deadline=None)
@given(spectra)
def test_the_optimal_pair_reaches_the_rate_it_promises(rate, optimum, spectrum):
    learning_rate, momentum, promised = optimum(*spectrum)
    between = np.geomspace(*spectrum, 50)
    reached = slowest_rate(rate, learning_rate, momentum, between)
    # Double roots: rounding of size eps moves them by its root.
    assert reached == pytest.approx(promised, abs=1e-6)


@optima
@settings(max_examples=60, deadline=None)
@given(spectra, st.integers(0, 2**32 - 1))
def test_nothing_beats_the_optimal_pair(rate, optimum, spectrum, seed):
    rng = np.random.default_rng(seed)
    learning_rate, momentum, best = optimum(*spectrum)
    near = 1 + rng.normal(0, [[0.001], [0.05]], size=(2, 500)).ravel()
    learning_rates = np.concatenate([learning_rate * np.abs(near), rng.uniform(0, 4 / spectrum[1], 2000)])
    momenta_ = np.concatenate([1 - (1 - momentum) * np.abs(1 + rng.normal(0, 0.05, 1000)), rng.uniform(0, 1, 2000)])
    assert slowest_rate(rate, learning_rates, momenta_, spectrum).min() >= best - 1e-6


@optima
@pytest.mark.parametrize("change", [(1.02, 1), (0.98, 1), (1, 1.02), (1, 0.98)])
def test_a_little_off_the_optimal_pair_is_really_slower(rate, optimum, change):
    learning_rate, momentum, best = optimum(1.0, 100.0)
    off = slowest_rate(rate, learning_rate * change[0], momentum * change[1], (1.0, 100.0))
    assert off > best + 1e-3


@settings(max_examples=50, deadline=None)
@given(spectra)
def test_the_optimal_gradient_descent_is_the_best_learning_rate(spectrum):
    learning_rate, best = optimal_gradient_descent(*spectrum)
    tried = slowest_rate(momentum_rate, learning_rate * np.linspace(0, 2, 2001), 0.0, spectrum)
    assert tried.min() == pytest.approx(best, rel=1e-12, abs=1e-12)
    assert tried.argmin() == 1000 or np.ptp(spectrum) == 0


@optima
def test_condition_number_one_is_solved_in_one_step_without_momentum(rate, optimum):
    learning_rate, momentum, best = optimum(4.0, 4.0)
    assert (learning_rate, momentum, best) == pytest.approx((0.25, 0.0, 0.0))
    assert descend(quadratic([4.0, 4.0]), SGD(learning_rate), [3.0, -1.0], 1).values[-1] == 0


def test_optima_are_ordered_momentum_nesterov_gradient_descent():
    """Asymptotically 1 - 2/sqrt(kappa), 1 - 2/sqrt(3 kappa), 1 - 2/kappa."""
    kappa = np.array([10.0, 100.0, 1e4, 1e6])
    heavy, nesterov, plain = (f(1.0, kappa)[-1] for f in (optimal_momentum, optimal_nesterov, optimal_gradient_descent))
    assert np.all((heavy < nesterov) & (nesterov < plain))
    assert np.allclose(((1 - heavy) * np.sqrt(kappa))[-1], 2, rtol=2e-3)
    assert np.allclose(((1 - nesterov) * np.sqrt(3 * kappa))[-1], 2, rtol=2e-3)
    assert np.allclose(((1 - plain) * kappa)[-1], 2, rtol=2e-3)


@pytest.mark.parametrize("optimum", [optimal_gradient_descent, optimal_momentum, optimal_nesterov])
@pytest.mark.parametrize(
    ("spectrum", "sentence"),
    [
        ((0.0, 1.0), "smallest must be a finite number larger than 0"),
        ((-1.0, 1.0), "smallest must be a finite number larger than 0"),
        ((1.0, np.nan), "largest must be a finite number larger than 0"),
        ((1.0, None), "largest must be a finite number larger than 0"),
        ((5.0, 1.0), "swap them"),
    ],
)
def test_a_spectrum_that_is_none_is_refused(optimum, spectrum, sentence):
    with pytest.raises(ValueError, match=sentence):
        optimum(*spectrum)


def test_every_equation_number_of_the_docstrings_stands_on_a_line():
    text = inspect.getsource(inspect.getmodule(momentum_rate))
    for number in ("3.12", "3.13", "3.14", "3.15", "3.16"):
        assert f"# ({number})" in text
