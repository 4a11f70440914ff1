"""Initialisers draw the variance that they promise."""

import numpy as np
import pytest

from course_lib import initializers

FAN_IN, FAN_OUT = 400, 100
VARIANCE = {
    "lecun_normal": 1 / FAN_IN,
    "lecun_uniform": 1 / FAN_IN,
    "xavier_normal": 2 / (FAN_IN + FAN_OUT),
    "xavier_uniform": 2 / (FAN_IN + FAN_OUT),
    "he_normal": 2 / FAN_IN,
    "he_uniform": 2 / FAN_IN,
    "uniform": 0.05**2 / 3,
    "normal": 0.01**2,
}


@pytest.mark.parametrize("name", VARIANCE)
def test_variance_is_what_the_formula_says(name):
    weights = getattr(initializers, name)(FAN_IN, FAN_OUT, np.random.default_rng(1))
    assert weights.shape == (FAN_OUT, FAN_IN)
    # The sample variance of N draws has a relative standard error of at most sqrt(2 / N), 0.7 % here.
    assert weights.var() == pytest.approx(VARIANCE[name], rel=5 * np.sqrt(2 / weights.size))
    assert abs(weights.mean()) < 5 * np.sqrt(VARIANCE[name] / weights.size)


def test_the_three_draws_of_the_lecture_have_the_printed_sum_of_variances():
    """L4's script, 32 inputs: 32 Var = 0.0267, 2.667 and 1 (E44)."""
    np.testing.assert_allclose([32 * limit**2 / 3 for limit in (0.05, 0.5)], [0.0267, 2.667], atol=5e-4)
    rng = np.random.default_rng(2)
    draws = initializers.normal(32, 20_000, rng, std=1 / np.sqrt(32))
    assert 32 * draws.var() == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("name", VARIANCE)
def test_a_convolution_passes_its_own_shape(name):
    rng = np.random.default_rng(3)
    assert getattr(initializers, name)(27, 90, rng, shape=(10, 3, 3, 3)).shape == (10, 3, 3, 3)


@pytest.mark.parametrize("rows, columns", [(5, 5), (3, 7), (7, 3)])
def test_orthogonal_has_orthonormal_rows_or_columns(rows, columns):
    w = initializers.orthogonal(columns, rows, np.random.default_rng(4), gain=2.0)
    small = w @ w.T if rows <= columns else w.T @ w
    np.testing.assert_allclose(small, 4 * np.eye(min(rows, columns)), atol=1e-12)


def test_orthogonal_favours_no_sign():
    rng = np.random.default_rng(5)
    first = [initializers.orthogonal(3, 3, rng)[0, 0] for _ in range(2000)]
    assert abs(np.mean(first)) < 5 * np.std(first) / np.sqrt(2000)


@pytest.mark.parametrize("activation, slope", [*((name, 0) for name in initializers.GAINS), ("leaky_relu", 0.3)])
def test_gains_are_pytorchs(activation, slope):
    torch = pytest.importorskip("torch")
    assert initializers.gain(activation, slope) == pytest.approx(
        torch.nn.init.calculate_gain(activation, slope or None)
    )


def test_an_unknown_gain_names_the_known_ones():
    with pytest.raises(ValueError, match=r"linear, sigmoid, tanh, relu, selu, conv1d, .*, leaky_relu"):
        initializers.gain("swish")


def test_constant_needs_no_generator():
    np.testing.assert_array_equal(initializers.constant(2, 3, value=0.5), np.full((3, 2), 0.5))
