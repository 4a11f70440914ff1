"""Averages of iterates: of all, of the last n, and what they are good for."""

import numpy as np
import pytest

from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adam, Momentum, PolyakAverage
from course_lib.run import descend, iterate
from course_lib.schedules import inverse_square_root
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import SURFACES, quadratic

ROSENBROCK, START = SURFACES["rosenbrock"], [-1.2, 1.0]


@pytest.mark.parametrize("optimizer", [SGD(1e-3), Momentum(1e-3), Adam(1e-2)], ids=lambda o: type(o).__name__)
def test_the_average_is_the_mean_of_the_iterates(optimizer):
    iterates = descend(ROSENBROCK, optimizer, START, 30).thetas[1:]
    everything = descend(ROSENBROCK, PolyakAverage(optimizer), START, 30).thetas[1:]
    np.testing.assert_allclose(everything, np.cumsum(iterates, axis=0) / np.arange(1, 31)[:, None], rtol=1e-12)
    last = descend(ROSENBROCK, PolyakAverage(optimizer, num_last=7), START, 30).thetas[1:]
    np.testing.assert_allclose(last, [iterates[max(0, t - 7) : t].mean(axis=0) for t in range(1, 31)], rtol=1e-12)


def test_skipped_iterates_are_handed_back_as_they_are_and_left_out_of_the_mean():
    iterates = descend(ROSENBROCK, SGD(1e-3), START, 30).thetas[1:]
    for num_last in (None, 30):
        skipping = descend(ROSENBROCK, PolyakAverage(SGD(1e-3), num_last, skip=10), START, 30).thetas[1:]
        np.testing.assert_array_equal(skipping[:10], iterates[:10])
        np.testing.assert_allclose(skipping[-1], iterates[10:].mean(axis=0), rtol=1e-12)


def test_the_last_1_is_the_optimizer_itself():
    plain = descend(ROSENBROCK, Adam(0.01), START, 20).thetas
    np.testing.assert_array_equal(descend(ROSENBROCK, PolyakAverage(Adam(0.01), num_last=1), START, 20).thetas, plain)


def test_the_average_does_not_act_back_on_the_walk():
    walk = [state.iterate for _, state in iterate(ROSENBROCK, PolyakAverage(Momentum(1e-3)), START, 20)]
    np.testing.assert_array_equal(walk, descend(ROSENBROCK, Momentum(1e-3), START, 20).thetas)


def test_schedule_and_grid_reach_the_wrapped_optimizer():
    rates = np.array([[1e-3], [5e-4]])
    together = descend(ROSENBROCK, PolyakAverage(SGD(rates)), START, 10).thetas
    for i, rate in enumerate(rates[:, 0]):
        alone = descend(ROSENBROCK, PolyakAverage(SGD(rate)), START, 10).thetas
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-12)
    scheduled = descend(ROSENBROCK, PolyakAverage(SGD()), START, 10, schedule=inverse_square_root(1e-3)).thetas[1:]
    iterates = descend(ROSENBROCK, SGD(), START, 10, schedule=inverse_square_root(1e-3)).thetas[1:]
    np.testing.assert_allclose(scheduled[-1], iterates.mean(axis=0), rtol=1e-12)
    with pytest.raises(ValueError, match="SGD has no momentum"):
        descend(ROSENBROCK, PolyakAverage(SGD()), START, 10, schedule={"momentum": inverse_square_root(1.0)})


def test_the_average_of_noisy_descent_reaches_the_best_variance_there_is():
    # On x^2 / 2 with unit noise the mean of T iterates has variance 1/T (Polyak and Juditsky), for any fixed rate.
    noisy = with_gradient_noise(quadratic(np.array([1.0])), 1.0)
    starts, num_steps = np.zeros((4000, 1)), 400
    for rate in (0.2, 0.5):
        average = descend(noisy, PolyakAverage(SGD(rate)), starts, num_steps, rng=np.random.default_rng(0)).thetas[-1]
        last = descend(noisy, SGD(rate), starts, num_steps, rng=np.random.default_rng(0)).thetas[-1]
        np.testing.assert_allclose(np.var(last), rate / (2 - rate), rtol=5 * np.sqrt(2 / 4000))
        np.testing.assert_allclose(num_steps * np.var(average), 1, rtol=5 * np.sqrt(2 / 4000) + 0.03)


def test_what_is_not_an_optimizer_is_refused():
    with pytest.raises(TypeError, match=r"optimizer must be one, SGD.* but it is 0\.1"):
        PolyakAverage(0.1)


def test_averages_of_averages_work():
    flat = Objective(lambda theta: 0.0 * theta[..., 0], lambda theta: np.ones_like(theta))
    iterates = descend(flat, PolyakAverage(SGD(1.0)), [0.0], 4).thetas[1:, 0]
    np.testing.assert_allclose(iterates, [-1, -1.5, -2, -2.5])
    twice = descend(flat, PolyakAverage(PolyakAverage(SGD(np.array([[1.0], [2.0]])))), [0.0], 4).thetas[-1, :, 0]
    np.testing.assert_allclose(twice, [-1.75, -3.5])
