"""Adagrad, RMSprop, Adadelta: steps by hand, limits, conventions."""

import numpy as np
import pytest

from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adadelta, Adagrad, RMSprop
from course_lib.run import descend
from course_lib.surfaces import SURFACES

RAVINE = SURFACES["ravine"]  # gradient (x, 30 y)


def constant_gradient(*g):
    return Objective(value=lambda theta: theta @ np.array(g), gradient=lambda theta: np.broadcast_to(g, theta.shape))


def test_two_steps_of_adagrad_by_hand():
    path = descend(constant_gradient(3.0, -4.0), Adagrad(0.1, eps=0.5, initial_sum=7.0), [0.0, 0.0], 2).thetas
    first = [-0.1 * 3 / (4 + 0.5), 0.1 * 4 / (np.sqrt(23) + 0.5)]  # sums 7 + 9 = 16 and 7 + 16 = 23
    second = [first[0] - 0.1 * 3 / (5 + 0.5), first[1] + 0.1 * 4 / (np.sqrt(39) + 0.5)]
    np.testing.assert_allclose(path[1:], [first, second], rtol=1e-14)


def test_two_steps_of_rmsprop_by_hand():
    path = descend(constant_gradient(2.0), RMSprop(0.1, rho=0.75, eps=0.5), [1.0], 2).thetas
    first = 1 - 0.1 * 2 / (1 + 0.5)  # A = 0.25 * 4
    second = first - 0.1 * 2 / (np.sqrt(1.75) + 0.5)  # A = 0.75 * 1 + 1
    np.testing.assert_allclose(path[1:, 0], [first, second], rtol=1e-14)


def test_two_steps_of_centred_rmsprop_with_momentum_by_hand():
    optimizer = RMSprop(0.1, rho=0.75, eps=0.5, momentum=0.5, centered=True)
    path = descend(constant_gradient(2.0), optimizer, [1.0], 2).thetas
    v1 = 2 / (np.sqrt(1 - 0.5**2) + 0.5)  # A = 1, M = 0.5
    v2 = 0.5 * v1 + 2 / (np.sqrt(1.75 - 0.875**2) + 0.5)  # A = 1.75, M = 0.875
    np.testing.assert_allclose(path[1:, 0], [1 - 0.1 * v1, 1 - 0.1 * (v1 + v2)], rtol=1e-14)


def test_two_steps_of_adadelta_by_hand():
    path = descend(constant_gradient(2.0), Adadelta(rho=0.75, eps=0.25), [1.0], 2).thetas
    u1 = -np.sqrt(0.25) / np.sqrt(1.25) * 2
    u2 = -np.sqrt(0.25 * u1**2 + 0.25) / np.sqrt(0.75 * 1 + 1 + 0.25) * 2
    np.testing.assert_allclose(path[1:, 0], [1 + u1, 1 + u1 + u2], rtol=1e-14)


@pytest.mark.parametrize("optimizer", [Adagrad, RMSprop])
def test_eps_inside_the_root_is_the_larger_divisor_where_the_gradient_is_small(optimizer):
    small = constant_gradient(1e-6)
    outside = descend(small, optimizer(0.1, eps=1e-8), [0.0], 1).thetas[-1, 0]
    inside = descend(small, optimizer(0.1, eps=1e-8, eps_inside_root=True), [0.0], 1).thetas[-1, 0]
    v = 1e-12 * (1 if optimizer is Adagrad else 0.1)
    np.testing.assert_allclose(outside, -0.1 * 1e-6 / (np.sqrt(v) + 1e-8), rtol=1e-9)
    np.testing.assert_allclose(inside, -0.1 * 1e-6 / np.sqrt(v + 1e-8), rtol=1e-9)
    assert abs(outside) > 50 * abs(inside)


@pytest.mark.parametrize("optimizer", [Adagrad, RMSprop])
def test_eps_does_not_matter_where_the_gradient_is_large(optimizer):
    large = constant_gradient(1e4)
    outside = descend(large, optimizer(0.1), [0.0], 5).thetas
    inside = descend(large, optimizer(0.1, eps_inside_root=True), [0.0], 5).thetas
    np.testing.assert_allclose(outside, inside, rtol=1e-11)


def test_adagrad_moves_every_coordinate_by_the_learning_rate_first_and_by_the_root_of_t_after():
    path = descend(constant_gradient(1e-3, 7.0), Adagrad(0.1, eps=0.0), [0.0, 0.0], 50).thetas
    np.testing.assert_allclose(-np.diff(path, axis=0), 0.1 / np.sqrt(np.arange(1, 51))[:, None] * [1, 1], rtol=1e-10)


def test_without_eps_a_gradient_that_is_0_from_the_start_makes_its_coordinate_nan():
    with np.errstate(invalid="ignore"):
        path = descend(constant_gradient(0.0, 7.0), Adagrad(0.1, eps=0.0), [0.0, 0.0], 2).thetas
    assert np.isnan(path[1:, 0]).all() and np.isfinite(path[:, 1]).all()
    assert np.all(descend(constant_gradient(0.0, 7.0), Adagrad(0.1), [0.0, 0.0], 2).thetas[:, 0] == 0)


def test_adagrads_effective_rate_never_rises():
    optimizer, theta = Adagrad(0.5), np.array([-1.2, 1.0])
    state, before = optimizer.init(theta), np.inf
    for _ in range(200):
        theta, state = optimizer.step(SURFACES["rosenbrock"], theta, state)
        rate = optimizer.learning_rate / (np.sqrt(state.sum_of_squares) + optimizer.eps)
        assert np.all(rate <= before)
        before = rate


def test_rmsprop_with_rho_0_and_no_eps_is_sign_descent():
    path = descend(RAVINE, RMSprop(0.125, rho=0.0, eps=0.0), [1.03, -0.77], 5).thetas
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.125, rtol=1e-14)


def test_rmsprop_with_huge_eps_is_gradient_descent_with_a_smaller_rate():
    rms = descend(RAVINE, RMSprop(1e8, eps=1e10), [1.0, 1.0], 20).thetas
    sgd = descend(RAVINE, SGD(0.01), [1.0, 1.0], 20).thetas
    np.testing.assert_allclose(rms, sgd, rtol=1e-7, atol=1e-9)


def test_rmsprops_first_step_is_longer_by_the_root_of_1_minus_rho():
    path = descend(RAVINE, RMSprop(0.01, rho=0.99, eps=0.0), [1.0, 1.0], 1).thetas
    np.testing.assert_allclose(path[1], 1 - 0.01 / np.sqrt(0.01), rtol=1e-14)


def test_centred_rmsprop_survives_a_gradient_that_never_changes():
    slopes = np.geomspace(1e-3, 1e3, 200)  # rounding makes the variance of some of them negative, about -1e-16 g^2
    path = descend(constant_gradient(*slopes), RMSprop(0.01, rho=0.9, centered=True), np.zeros(200), 500).thetas
    assert np.all(np.isfinite(path))


def test_adadelta_ignores_the_unit_of_the_objective_but_not_of_eps():
    scaled = Objective(lambda theta: 1e6 * RAVINE.value(theta), lambda theta: 1e6 * RAVINE.gradient(theta))
    one = descend(RAVINE, Adadelta(), [1.0, 1.0], 100).thetas
    np.testing.assert_allclose(descend(scaled, Adadelta(), [1.0, 1.0], 100).thetas, one, atol=1e-4)
    larger_eps = descend(RAVINE, Adadelta(eps=1e-2), [1.0, 1.0], 100).thetas
    assert np.max(np.abs(larger_eps - one)) > 0.5


def test_adadeltas_first_step_is_set_by_eps():
    path = descend(constant_gradient(5.0), Adadelta(rho=0.95, eps=1e-6), [0.0], 1).thetas
    np.testing.assert_allclose(-path[1, 0], np.sqrt(1e-6 / 0.05), rtol=1e-5)  # .00447


def test_per_coordinate_scaling_does_not_break_symmetry():
    tied = Objective(
        value=lambda theta: (theta[..., 0] * theta[..., 1] - 1) ** 2,
        gradient=lambda theta: 2 * (theta[..., :1] * theta[..., 1:] - 1) * theta[..., ::-1],
    )
    for optimizer in Adagrad(0.1), RMSprop(0.01), Adadelta():
        path = descend(tied, optimizer, [0.3, 0.3], 100).thetas
        assert np.ptp(path, axis=-1).max() == 0.0
