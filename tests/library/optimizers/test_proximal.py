"""Soft threshold, proximal Adagrad, FTRL: by hand, their limiting cases, the penalised minimum, and who is sparser."""

import numpy as np
import pytest

from course_lib.objective import Objective
from course_lib.optimizers import FTRL, Adagrad, ProximalAdagrad, soft_threshold
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES

BOTH = (ProximalAdagrad, FTRL)
MINIMUM, CURVATURE = np.array([2.0, -1.0, 0.2, -0.1]), np.array([1.0, 0.5, 1.2, 0.8])


def bowl():
    return Objective(
        lambda theta: np.sum(CURVATURE * (theta - MINIMUM) ** 2, axis=-1) / 2,
        lambda theta: CURVATURE * (theta - MINIMUM),
    )


def test_the_soft_threshold_minimises_half_the_square_plus_the_absolute_value():
    grid = np.linspace(-4, 4, 80_001)
    for z in (-2.0, -0.3, 0.0, 0.5, 3.1):
        best = grid[np.argmin((grid - z) ** 2 / 2 + 0.5 * np.abs(grid))]
        assert soft_threshold(z, 0.5) == pytest.approx(best, abs=1e-4)
    assert soft_threshold(0.5, 0.5) == 0


def test_the_soft_threshold_is_pytorchs():
    torch, theta = pytest.importorskip("torch"), np.linspace(-2, 2, 41)
    theirs = torch.nn.functional.softshrink(torch.tensor(theta), 0.7).numpy()
    np.testing.assert_allclose(soft_threshold(theta, 0.7), theirs, atol=1e-15)


@pytest.mark.parametrize("method", BOTH)
def test_without_penalties_both_are_adagrad(method):
    for name in ("beale", "rosenbrock"):
        surface = SURFACES[name]
        adagrad = descend(surface, Adagrad(0.3, eps=0.5), surface.start, 100).thetas
        np.testing.assert_allclose(
            descend(surface, method(0.3, eps=0.5), surface.start, 100).thetas, adagrad, rtol=1e-9
        )


def test_two_steps_of_proximal_adagrad_by_hand():
    # f = theta^2 / 2 from 2: g 2, A 4, rate 1 / 2; u = 1, threshold 0.25, then / (1 + 0.5): 0.75 / 1.5 = 0.5.
    # g 0.5, A 4.25, rate 1 / sqrt(4.25); u = 0.5 - 0.5 r, minus 0.5 r, / (1 + r).
    square = Objective(lambda t: np.sum(t**2, -1) / 2, lambda t: t)
    run = descend(square, ProximalAdagrad(1.0, l1_penalty=0.5, l2_penalty=1.0, eps=0), [2.0], 2).thetas[:, 0]
    r = 4.25**-0.5
    np.testing.assert_allclose(run, [2.0, 0.5, (0.5 - r) / (1 + r)], rtol=1e-12)


def test_two_steps_of_ftrl_by_hand():
    # from 0 with gradients 3 and 4 (a plane), rate 1, eps 1: A = 9, then 25; z = 3, then 3 + 4 - (5 - 3) theta.
    slopes = iter([3.0, 4.0])
    plane = Objective(lambda t: 0.0, lambda t: np.array([next(slopes)]))
    run = descend(plane, FTRL(1.0, l1_penalty=1.0, l2_penalty=2.0), [0.0], 2).thetas[:, 0]
    first = -(3 - 1) / (3 + 1 + 2)
    np.testing.assert_allclose(run, [0.0, first, -(3 + 4 - 2 * first - 1) / (5 + 1 + 2)], rtol=1e-12)


def test_proximal_adagrad_reaches_the_penalised_minimum_and_its_zeros():
    end = descend(bowl(), ProximalAdagrad(1.0, l1_penalty=0.3), np.ones(4), 400).thetas[-1]
    exact = soft_threshold(MINIMUM, 0.3 / CURVATURE)
    np.testing.assert_allclose(end, exact, atol=1e-9)
    assert np.array_equal(end == 0, exact == 0) and np.any(end == 0)


@pytest.mark.parametrize("start", [[0.0, 0.0], [1.5, -0.7], [1e-3, 4.0]])
def test_ftrl_starts_where_it_is_told(start):
    method = FTRL(0.7, l1_penalty=0.4, l2_penalty=0.2)
    start = np.array(start)
    (_, state), *_ = iterate(SURFACES["booth"], method, start, 0)
    back = -soft_threshold(state.linear, 0.4) / method._curvature(state.sum_of_squares)
    np.testing.assert_allclose(back, start, rtol=1e-12)


def test_noise_leaves_ftrl_at_0_and_moves_proximal_adagrad():
    rng = np.random.default_rng(0)
    noise = Objective(lambda t: 0.0, lambda t: rng.normal(size=t.shape))
    shares = {}
    for method in BOTH:
        path = descend(noise, method(0.1, l1_penalty=30.0 if method is FTRL else 0.3), np.zeros(50), 200).thetas
        shares[method] = np.mean(path[-1] == 0)
    assert shares[FTRL] > 0.9 > 0.6 > shares[ProximalAdagrad]


@pytest.mark.parametrize("method", BOTH)
def test_a_penalty_below_0_is_refused_by_name(method):
    with pytest.raises(ValueError, match="l1_penalty"):
        method(l1_penalty=-1.0)
