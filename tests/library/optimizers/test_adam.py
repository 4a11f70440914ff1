"""Adam and its relatives: steps by hand, limits, invariances."""

import numpy as np
import pytest

from course_lib.objective import Objective, with_l2_penalty
from course_lib.optimizers import SGD, Adam, Adamax, AdamW, Nadam
from course_lib.run import descend
from course_lib.surfaces import SURFACES

RAVINE, ROSENBROCK = SURFACES["ravine"], SURFACES["rosenbrock"]
START = [-1.2, 1.0]


def gradients(*values):
    """An objective whose t-th gradient is the t-th of ``values``, wherever theta is."""
    values = iter(values)
    return Objective(value=lambda theta: 0.0 * theta[..., 0], gradient=lambda theta: np.array([next(values)]))


def scaled(objective, factor):
    return Objective(lambda theta: factor * objective.value(theta), lambda theta: factor * objective.gradient(theta))


def test_two_steps_of_adam_by_hand():
    path = descend(gradients(2.0, -1.0), Adam(0.1, beta1=0.5, beta2=0.75, eps=0.5), [1.0], 2).thetas
    first = 1 - 0.1 * 2 / (2 + 0.5)  # m = 1, m_hat = 2; v = 1, v_hat = 4
    m_hat = (0.5 * 1 - 0.5 * 1) / 0.75
    v_hat = (0.75 * 1 + 0.25 * 1) / (1 - 0.75**2)
    second = first - 0.1 * m_hat / (np.sqrt(v_hat) + 0.5)
    np.testing.assert_allclose(path[1:, 0], [first, second], rtol=1e-14)


def test_adam_agrees_with_the_second_step_whose_moments_do_not_cancel():
    path = descend(gradients(2.0, 3.0), Adam(0.1, beta1=0.5, beta2=0.75, eps=0.5), [1.0], 2).thetas
    m_hat, v_hat = (0.5 * 1 + 0.5 * 3) / 0.75, (0.75 * 1 + 0.25 * 9) / (1 - 0.75**2)
    np.testing.assert_allclose(path[2] - path[1], [-0.1 * m_hat / (np.sqrt(v_hat) + 0.5)], rtol=1e-13)


def test_adam_with_both_betas_0_and_no_eps_is_sign_descent():
    path = descend(RAVINE, Adam(0.125, beta1=0.0, beta2=0.0, eps=0.0), [1.03, -0.77], 5).thetas
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.125, rtol=1e-14)


def test_adams_first_step_is_the_learning_rate_in_every_coordinate():
    path = descend(ROSENBROCK, Adam(0.01, eps=0.0), START, 1).thetas
    np.testing.assert_allclose(np.abs(path[1] - path[0]), 0.01, rtol=1e-12)


def test_without_bias_correction_the_first_step_is_1_minus_beta1_over_root_1_minus_beta2():
    path = descend(ROSENBROCK, Adam(0.01, eps=0.0, bias_correction=False), START, 1).thetas
    np.testing.assert_allclose(np.abs(path[1] - path[0]), 0.01 * 0.1 / np.sqrt(0.001), rtol=1e-12)


def test_bias_correction_fades():
    def last_step(bias_correction):
        optimizer = Adam(0.1, beta1=0.5, beta2=0.5, bias_correction=bias_correction)
        return np.diff(descend(gradients(*np.arange(1.0, 101.0)), optimizer, [0.0], 100).thetas[-2:, 0])

    np.testing.assert_allclose(last_step(True), last_step(False), rtol=1e-12)


@pytest.mark.parametrize("optimizer", [Adam, AdamW, Nadam, Adamax])
@pytest.mark.parametrize("factor", [1e-6, 3.0, 1e6])
def test_without_eps_the_path_ignores_the_scale_of_the_objective(optimizer, factor):
    one = descend(ROSENBROCK, optimizer(0.01, eps=0.0), START, 100).thetas
    other = descend(scaled(ROSENBROCK, factor), optimizer(0.01, eps=0.0), START, 100).thetas
    np.testing.assert_allclose(other, one, rtol=1e-9)


def test_with_eps_the_scale_matters_when_gradients_are_small():
    one = descend(ROSENBROCK, Adam(0.01), START, 100).thetas
    tiny = descend(scaled(ROSENBROCK, 1e-10), Adam(0.01), START, 100).thetas
    assert np.max(np.abs(one - tiny)) > 0.05


def test_eps_inside_the_root_matters_when_gradients_are_small():
    outside = descend(gradients(1e-6), Adam(0.1), [0.0], 1).thetas[1, 0]
    inside = descend(gradients(1e-6), Adam(0.1, eps_inside_root=True), [0.0], 1).thetas[1, 0]
    np.testing.assert_allclose(outside, -0.1 / 1.01, rtol=1e-6)
    np.testing.assert_allclose(inside, -0.1 * 1e-6 / np.sqrt(1e-12 + 1e-8), rtol=1e-6)


def test_adam_with_huge_eps_and_no_momentum_is_gradient_descent():
    adam = descend(RAVINE, Adam(1e8, beta1=0.0, eps=1e10), [1.0, 1.0], 20).thetas
    np.testing.assert_allclose(adam, descend(RAVINE, SGD(0.01), [1.0, 1.0], 20).thetas, rtol=1e-7, atol=1e-9)


def test_adamw_without_decay_is_adam():
    adamw = descend(ROSENBROCK, AdamW(0.01, weight_decay=0.0), START, 100).thetas
    np.testing.assert_array_equal(adamw, descend(ROSENBROCK, Adam(0.01), START, 100).thetas)


def test_the_decay_of_adamw_is_that_of_theta_before_adams_step():
    path = descend(gradients(2.0), AdamW(0.1, eps=0.0, weight_decay=0.5), [3.0], 1).thetas
    np.testing.assert_allclose(path[1], 3 - 0.1 * 0.5 * 3 - 0.1, rtol=1e-14)


def test_adamw_where_there_is_no_gradient_shrinks_all_coordinates_alike():
    flat = Objective(lambda theta: 0.0 * theta[..., 0], np.zeros_like)
    path = descend(flat, AdamW(0.1, weight_decay=0.5), [1.0, -8.0], 3).thetas
    np.testing.assert_allclose(path, np.array([1.0, -8.0]) * (0.95 ** np.arange(4))[:, None], rtol=1e-14)
    path = descend(flat, AdamW(0.1, weight_decay=0.5, decay_times_learning_rate=False), [1.0, -8.0], 3).thetas
    np.testing.assert_allclose(path, np.array([1.0, -8.0]) * (0.5 ** np.arange(4))[:, None], rtol=1e-14)


def test_decoupled_decay_is_not_an_l2_penalty():
    decoupled = descend(RAVINE, AdamW(0.01, weight_decay=0.5), [1.0, 1.0], 300).thetas
    penalty = descend(with_l2_penalty(RAVINE, 0.5), Adam(0.01), [1.0, 1.0], 300).thetas
    assert np.max(np.abs(decoupled - penalty)) > 0.05


@pytest.mark.parametrize("bias_correction", [True, False])
def test_eps_before_the_correction_is_the_reordered_form_of_kingma_and_ba(bias_correction):
    surface, eps = SURFACES["ravine"], 0.3
    theta, m, v = np.array([1.0, 1.0]), 0.0, 0.0
    method = Adam(0.1, 0.9, 0.99, eps, bias_correction, eps_before_correction=True)
    path = descend(surface, method, theta, 6).thetas
    for t in range(1, 7):
        g = surface.gradient(theta)
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        rate = 0.1 * np.sqrt(1 - 0.99**t) / (1 - 0.9**t) if bias_correction else 0.1
        theta = theta - rate * m / (np.sqrt(v) + eps)
        np.testing.assert_allclose(path[t], theta, rtol=1e-14)
    ordinary = descend(surface, Adam(0.1, 0.9, 0.99, eps, bias_correction), [1.0, 1.0], 6).thetas
    assert np.allclose(ordinary, path) == (not bias_correction)


def test_for_gradient_descent_decoupled_decay_and_penalty_are_one():
    penalty = descend(with_l2_penalty(RAVINE, 0.5), SGD(0.01), [1.0, 1.0], 1).thetas[1]
    np.testing.assert_allclose(penalty, np.array([1, 1]) * (1 - 0.01 * 0.5) - 0.01 * np.array([1, 30]), rtol=1e-14)


def test_nadams_simple_form_by_hand():
    path = descend(gradients(2.0, 3.0), Nadam(0.1, beta1=0.5, beta2=0.75, eps=0.5), [1.0], 2).thetas
    m_hat = 0.5 * 1 / (1 - 0.25) + 0.5 * 2 / (1 - 0.5)
    first = 1 - 0.1 * m_hat / (2 + 0.5)
    m_hat = 0.5 * 2 / (1 - 0.125) + 0.5 * 3 / (1 - 0.25)
    second = first - 0.1 * m_hat / (np.sqrt(3 / (1 - 0.75**2)) + 0.5)
    np.testing.assert_allclose(path[1:, 0], [first, second], rtol=1e-14)


def test_nadam_without_momentum_is_adam_without_momentum():
    nadam = descend(ROSENBROCK, Nadam(0.01, beta1=0.0), START, 100).thetas
    np.testing.assert_allclose(nadam, descend(ROSENBROCK, Adam(0.01, beta1=0.0), START, 100).thetas, rtol=1e-12)


def test_two_steps_of_adamax_by_hand():
    path = descend(gradients(2.0, 1.0), Adamax(0.1, beta1=0.5, beta2=0.75, eps=0.25), [1.0], 2).thetas
    first = 1 - 0.1 / 0.5 * 1 / 2.25
    second = first - 0.1 / 0.75 * (0.5 * 1 + 0.5 * 1) / max(0.75 * 2.25, 1.25)
    np.testing.assert_allclose(path[1:, 0], [first, second], rtol=1e-14)


def test_adamax_remembers_the_largest_gradient_and_lets_it_fade():
    optimizer = Adamax(beta2=0.5, eps=0.0)
    theta = np.array([0.0])
    state, objective, seen = optimizer.init(theta), gradients(8.0, 1.0, 1.0, 1.0, 1.0), []
    for _ in range(5):
        theta, state = optimizer.step(objective, theta, state)
        seen.append(float(state.largest[0]))
    assert seen == [8, 4, 2, 1, 1]


def test_the_state_counts_updates_from_1():
    optimizer = Adam()
    state = optimizer.init(np.zeros(2))
    assert state.t == 0
    assert optimizer.step(RAVINE, np.ones(2), state)[1].t == 1


def test_amsgrad_takes_two_steps_by_hand_and_is_adam_while_gradients_grow():
    from course_lib.objective import Objective
    from course_lib.optimizers import AMSGrad

    def path(optimizer, gradients):
        stream = iter(gradients)
        slope = Objective(lambda theta: 0 * theta[..., 0], lambda theta: np.full_like(theta, next(stream)))
        return descend(slope, optimizer, [0.0], len(gradients)).thetas[:, 0]

    bare = {"beta1": 0.0, "beta2": 0.5, "eps": 0.0, "bias_correction": False}
    # v = 4.5, then 2.75 (5.13); the larger one stays (5.22): steps 3 / sqrt(4.5) and 1 / sqrt(4.5) (5.23)
    np.testing.assert_allclose(path(AMSGrad(1.0, **bare), [3.0, 1.0]), [0, -3 / 4.5**0.5, -4 / 4.5**0.5])
    np.testing.assert_allclose(path(Adam(1.0, **bare), [3.0, 1.0])[2], -3 / 4.5**0.5 - 1 / 2.75**0.5)
    growing = list(np.linspace(1, 2, 20))
    np.testing.assert_allclose(path(AMSGrad(0.1), growing), path(Adam(0.1), growing), rtol=1e-13)
