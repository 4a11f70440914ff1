"""Second moments through random layers: theory against many draws, limiting cases, the Jacobian."""

import numpy as np
import pytest

from course_lib.chapters.ch06_initialisation.experiments.signals import (
    ACTIVATIONS,
    INITIALIZERS,
    LEAK,
    deep_network,
    fixed_point,
    is_dead,
    jacobian,
    mean_square,
    mean_square_slope,
    measure,
    normal_mean,
    passed,
    predict,
    weight_variance,
)
from course_lib.layers import LeakyReLU, LeastSquares
from course_lib.network import NetworkLoss

WIDTHS = np.array([7, 12, 5, 9])
VARIANCES = np.array([0.2, 0.1, 0.3])


def draws(widths, variances, rng):
    return [np.sqrt(v) * rng.normal(size=(o, i)) for i, o, v in zip(widths[:-1], widths[1:], variances, strict=True)]


def measured(widths, variances, activation, d_y, num_draws, seed=0):
    """Mean and standard error over draws of (z, x, d_x), one number a layer."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(num_draws):
        signals = measure(draws(widths, variances, rng), activation, rng.normal(size=(1, widths[0])), d_y(rng))
        found.append([mean_square(part) for part in (*signals.z, *signals.x, *signals.d_x)])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(len(found))
    parts = np.cumsum([len(widths) - 1, len(widths)])
    return np.split(mean, parts), np.split(error, parts)


@pytest.mark.parametrize("activation", ["linear", "relu", "prelu"])
def test_6_1_to_6_3_are_exact_means_over_draws_at_any_width(activation):
    means, errors = measured(WIDTHS, VARIANCES, activation, lambda rng: rng.normal(size=(1, 9)), 1500)
    theory = predict(WIDTHS, VARIANCES, activation)
    for mean, error, wanted in zip(means, errors, theory, strict=True):
        assert np.all(np.abs(mean - wanted) < 5 * error + 1e-12)
    assert np.ptp(np.concatenate(theory)) > 0.3  # the layers differ: the test can fail


@pytest.mark.parametrize("widths", [(1, 1, 1), (3, 2, 1, 2), (4, 2, 2)])
def test_in_narrow_relu_layers_6_3_is_exact_times_the_probability_that_the_layer_is_not_dead(widths):
    variances = 2 / np.array(widths[:-1])
    means, errors = measured(widths, variances, "relu", lambda rng: rng.normal(size=(1, widths[-1])), 8000)
    theory = predict(widths, variances, "relu")
    alive = np.cumprod([1.0, *(1 - 0.5 ** np.array(widths[1:-1]))])  # x_0, x_1, ...; what a dead layer feeds is dead
    wanted = theory.d_x * [*alive, 1.0]
    assert np.all(np.abs(means[2] - wanted) < 5 * errors[2] + 1e-12)
    assert np.any(np.abs(means[2] - theory.d_x) > 6 * errors[2] + 1e-12)


def test_without_an_activation_any_d_y_will_do_and_with_relu_only_an_independent_one():
    widths = (30, 7, 11, 5)
    for activation, gain, exact in (("linear", 1.0, True), ("relu", 2.0, False)):
        variances = gain / np.array(widths[:-1])
        means, errors = measured(widths, variances, activation, lambda rng: np.ones((1, 5)), 6000)
        theory = predict(widths, variances, activation)
        assert np.all(np.abs(means[0] - theory.z) < 5 * errors[0])
        assert np.all(np.abs(means[2][:-1] - theory.d_x[:-1]) < 5 * errors[2][:-1]) == exact
        if not exact:
            assert means[2][0] / theory.d_x[0] == pytest.approx(1.55, abs=5 * errors[2][0])


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_6_1_to_6_3_hold_in_wide_layers_for_saturating_activations(activation):
    rng, widths = np.random.default_rng(1), np.full(6, 800)
    variances = np.full(5, 2.5 / 800)
    signals = measure(draws(widths, variances, rng), activation, rng.normal(size=(40, 800)), rng.normal(size=(40, 800)))
    theory = predict(widths, variances, activation)
    for measured, wanted in ((signals.z, theory.z), (signals.x, theory.x), (signals.d_x, theory.d_x)):
        assert np.allclose([mean_square(part) for part in measured], wanted, rtol=0.08)


def test_measuring_agrees_with_the_librarys_network_and_its_backward_pass():
    rng = np.random.default_rng(2)
    for activation, chosen in ACTIVATIONS.items():
        network = deep_network([4, 6, 5], activation, rng, INITIALIZERS["He"])
        weights = [layer.params["weight"] for layer in network.layers if "weight" in layer.params]
        x, d_y = rng.normal(size=(3, 4)), rng.normal(size=(3, 5))
        signals = measure(weights, activation, x, d_y)
        y = network.forward(x, training=True)
        assert np.allclose(y, signals.z[-1])
        assert np.allclose(network.backward(d_y * chosen.slope(y)), signals.d_x[0])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slopes_and_inverses_belong_to_their_function(activation):
    chosen, z = ACTIVATIONS[activation], np.array([-2.3, -0.7, 0.4, 1.9])
    assert np.allclose(chosen.slope(z), (chosen.function(z + 1e-6) - chosen.function(z - 1e-6)) / 2e-6, atol=1e-8)
    positive = z[z > 0]
    assert np.allclose(chosen.below(chosen.function(positive)), positive)
    ratios = [
        (normal_mean(lambda z: chosen.function(z) ** 2, size) / size, normal_mean(lambda z: chosen.slope(z) ** 2, size))
        for size in (1e-2, 1.7, 1e2)
    ]
    if chosen.keeps is not None:  # the shortcut is what the integral gives
        np.testing.assert_allclose(ratios, chosen.keeps, rtol=1e-3)
    else:
        assert np.ptp(ratios) > 0.1


def test_the_leak_is_the_layers():
    layer = ACTIVATIONS["prelu"].layer()
    assert isinstance(layer, LeakyReLU) and layer.slope == LEAK


def test_6_7_integrates_polynomials_and_cosines_of_a_normal():
    assert normal_mean(lambda z: z**4, 2.0) == pytest.approx(12.0)
    assert np.allclose(normal_mean(np.cos, np.array([0.5, 1.0])), np.exp(-np.array([0.5, 1.0]) / 2))
    assert passed("tanh", 1e-6) == pytest.approx(1e-6, rel=1e-4)  # linear near 0
    assert passed("tanh", 1e6) == pytest.approx(1.0, rel=1e-2)  # saturated
    narrow = 4 / 3 / np.sqrt(2 * np.pi * 1e6)  # the integral of tanh'^2 times the density at 0
    assert mean_square_slope("tanh", 1e6) == pytest.approx(narrow, rel=1e-4)
    assert mean_square_slope("tanh", 1e-6) == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_6_4_to_6_6_are_the_variances_that_the_initialisers_draw_with(initializer):
    rng = np.random.default_rng(3)
    for fans in ((300, 100), (100, 300)):
        found = mean_square(INITIALIZERS[initializer](*fans, rng))
        assert found == pytest.approx(weight_variance(initializer, *fans), rel=5 * np.sqrt(2 / 30000))


def test_6_8_fixed_points_vanish_explode_or_stand():
    assert fixed_point("linear", 1.0) == 1.0
    assert fixed_point("linear", 0.9) < 1e-80
    assert fixed_point("linear", 1.2) == np.inf
    assert fixed_point("relu", 2.0) == pytest.approx(1.0)
    q = fixed_point("tanh", 2.0)
    assert q == pytest.approx(2 * float(passed("tanh", q)))
    assert 0.5 < q < 2
    assert fixed_point("tanh", 1.0, steps=1000) == pytest.approx(1 / 2000, rel=0.05)  # q' = q - 2 q^2 for small q


def test_6_9_the_jacobian_is_the_derivative_of_the_network():
    rng = np.random.default_rng(4)
    weights = draws([4, 6, 3], [0.3, 0.3], rng)
    x, h = rng.normal(size=4), 1e-6
    columns = [
        (
            measure(weights, "tanh", (x + u)[None], np.zeros((1, 3))).x[-1][0]
            - measure(weights, "tanh", (x - u)[None], np.zeros((1, 3))).x[-1][0]
        )
        / (2 * h)
        for u in h * np.eye(4)
    ]
    assert np.allclose(jacobian(weights, "tanh", x), np.transpose(columns), atol=1e-8)


def test_an_orthogonal_linear_network_is_an_isometry_and_a_normal_one_is_not():
    rng = np.random.default_rng(5)
    for initializer, isometric in (("orthogonal", True), ("normal, 1/√n (LeCun)", False)):
        weights = [INITIALIZERS[initializer](20, 20, rng) for _ in range(10)]
        singular = np.linalg.svd(jacobian(weights, "linear", rng.normal(size=20)), compute_uv=False)
        assert np.allclose(singular, 1) == isometric


def test_6_12_one_positive_sample_keeps_a_unit_alive():
    z = np.array([[-1.0, -1.0, 0.0], [-2.0, 0.1, -3.0]])
    assert is_dead(z).tolist() == [True, False, True]


def test_the_network_of_widths_ends_without_an_activation():
    network = deep_network([3, 4, 2], "relu", np.random.default_rng(6), INITIALIZERS["He"], scale=0.0)
    assert [type(layer).__name__ for layer in network.layers] == ["Linear", "ReLU", "Linear"]
    assert np.all(network.theta == 0)
    assert NetworkLoss(network, np.ones((2, 3)), np.ones((2, 2)), LeastSquares()).value(network.theta) > 0
