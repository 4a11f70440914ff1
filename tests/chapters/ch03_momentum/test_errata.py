"""Chapter 3's errata, and its conventions, whose PyTorch column is what PyTorch does."""

import numpy as np
import pytest

from course_lib.chapters.ch03_momentum.conventions import LEARNING_RATE, MOMENTUM, SURFACE, dampened_path
from course_lib.chapters.ch03_momentum.errata import product_rule, slide_momentum, visualiser_gradient
from course_lib.optimizers import Momentum, NesterovPyTorch
from course_lib.run import descend
from course_lib.surfaces import SURFACES


def test_the_printed_product_is_quadratic_in_the_learning_rate_and_moves_left_on_both_sides():
    first = [1 - product_rule(1, learning_rate, 0.9, 1) for learning_rate in (0.01, 0.02)]
    assert first[1] / first[0] == pytest.approx(4)
    assert product_rule(1, 0.1, 0.9, 1) < 1
    assert product_rule(-1, 0.1, 0.9, 1) < -1


def test_l4s_own_expansion_is_the_momentum_step():
    # L4 l.66: gamma^3 g1 + gamma^2 g2 + gamma g3 + g4, times the learning rate.
    from course_lib.chapters.ch03_momentum.claims.forms import velocities

    gradients, gamma, eta = np.array([[1.0], [-2.0], [0.5], [3.0]]), 0.9, 0.1
    expansion = eta * np.array([gamma**3, gamma**2, gamma, 1]) @ gradients
    np.testing.assert_allclose(-velocities(gradients, gamma, eta)[-1], expansion)


def test_the_slides_schedule_is_sutskevers_form():
    k = np.arange(1, 50)
    np.testing.assert_allclose(slide_momentum(k), 1 - 3 / (k + 5))


def test_a_reasonable_h_gives_the_slope_that_1e_12_misses():
    surface, theta = SURFACES["global_minimum"], np.array([0.01, 1.9])
    error = [abs(visualiser_gradient(surface, theta, h)[0] - 0.02) for h in (1e-12, 6e-6)]
    assert error[0] > 1e-4 and error[1] < 1e-9


def torch_path(num_steps, learning_rates=None, **settings):
    torch = pytest.importorskip("torch")
    theta = torch.tensor(SURFACE.start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=LEARNING_RATE, momentum=MOMENTUM, **settings)
    path = [theta.detach().numpy().copy()]
    for t in range(1, num_steps + 1):
        if learning_rates:
            optimizer.param_groups[0]["lr"] = learning_rates(t)
        theta.grad = torch.tensor(SURFACE.gradient(theta.detach().numpy()))
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def test_torch_dampening_is_what_the_page_shows():
    ours = dampened_path(LEARNING_RATE, MOMENTUM, MOMENTUM, 20)
    np.testing.assert_allclose(ours, torch_path(20, dampening=MOMENTUM), rtol=1e-12, atol=1e-14)


def test_torch_nesterov_reports_the_points_that_the_page_shows():
    ours = descend(SURFACE, NesterovPyTorch(LEARNING_RATE, MOMENTUM), SURFACE.start, 20).thetas
    np.testing.assert_allclose(ours, torch_path(20, nesterov=True), rtol=1e-12, atol=1e-14)


def test_torch_has_the_learning_rate_outside_also_under_a_schedule():
    from course_lib.chapters.ch03_momentum.experiments import halving

    outside = Momentum(LEARNING_RATE, MOMENTUM, learning_rate_outside=True)
    ours = descend(SURFACE, outside, SURFACE.start, 100, halving).thetas
    np.testing.assert_allclose(ours, torch_path(100, halving), rtol=1e-12, atol=1e-14)
