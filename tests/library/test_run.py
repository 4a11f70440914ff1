"""Runs: what is kept, ensembles as single runs, schedules, noise, and runs that diverge."""

import warnings

import numpy as np
import pytest

from course_lib.optimizers import OPTIMIZERS, SGD, Momentum, Nesterov
from course_lib.run import descend, iterate
from course_lib.schedules import nesterov_momentum
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import SURFACES, quadratic, ravine

BOOTH = SURFACES["booth"]
WITH_RATE = [optimizer for optimizer in OPTIMIZERS if "learning_rate" in optimizer.__dataclass_fields__]


def test_a_trajectory_starts_at_the_start_and_holds_every_point_and_value():
    trajectory = descend(BOOTH, SGD(0.1), [1.0, 1.0], 3)
    theta = np.array([1.0, 1.0])
    for t in range(4):
        assert np.array_equal(trajectory.thetas[t], theta)
        assert trajectory.values[t] == BOOTH.value(theta)
        theta = theta - 0.1 * BOOTH.gradient(theta)


def test_no_steps_is_the_start_alone():
    trajectory = descend(BOOTH, SGD(), [1.0, 1.0], 0)
    assert trajectory.thetas.shape == (1, 2)
    assert trajectory.values.shape == (1,)


def test_the_start_is_neither_changed_nor_shared():
    start = np.array([1.0, 1.0])
    trajectory = descend(BOOTH, SGD(0.1), start, 2)
    trajectory.thetas[0] = 7.0
    assert np.array_equal(start, [1.0, 1.0])


@pytest.mark.parametrize("optimizer", WITH_RATE)
def test_a_grid_of_hyperparameters_is_its_single_runs(optimizer):
    rates, starts = np.array([0.0001, 0.001, 0.002]), np.array([[1.0, 1.5], [-2.0, 0.5]])
    stack = descend(SURFACES["beale"], optimizer(learning_rate=rates[:, None, None]), starts, 30)
    assert stack.thetas.shape == (31, 3, 2, 2)
    assert stack.values.shape == (31, 3, 2)
    for i, rate in enumerate(rates):
        for j, start in enumerate(starts):
            single = descend(SURFACES["beale"], optimizer(learning_rate=rate), start, 30)
            assert np.allclose(stack.thetas[:, i, j], single.thetas, rtol=1e-10, atol=1e-12)
            assert np.allclose(stack.values[:, i, j], single.values, rtol=1e-10, atol=1e-12)


def test_learning_rate_by_momentum_is_one_run_of_the_whole_grid():
    rates, momenta = np.linspace(0.001, 0.05, 4), np.linspace(0, 0.9, 3)
    grid = descend(ravine(20), Momentum(rates[:, None, None], momenta[None, :, None]), [1.0, 1.0], 50)
    assert grid.thetas.shape == (51, 4, 3, 2)
    one = descend(ravine(20), Momentum(rates[2], momenta[1]), [1.0, 1.0], 50)
    assert np.allclose(grid.thetas[:, 2, 1], one.thetas, rtol=1e-12, atol=1e-14)


def test_a_diverging_run_of_a_stack_leaves_the_others_alone():
    stack = descend(BOOTH, SGD(np.array([0.05, 1e9])[:, None]), [0.0, 0.0], 100)
    assert np.allclose(stack.thetas[-1, 0], BOOTH.minima[0], atol=1e-3)
    assert not np.isfinite(stack.thetas[-1, 1]).any()


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("optimizer", WITH_RATE)
def test_a_huge_learning_rate_diverges_without_a_warning(optimizer, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trajectory = descend(SURFACES[name], optimizer(learning_rate=1e9), SURFACES[name].start, 60)
    assert trajectory.thetas.shape == (61, 2)


def test_float32_stays_float32():
    trajectory = descend(quadratic(np.eye(2)), Momentum(np.array([[0.1], [0.2]])), np.ones(2, np.float32), 3)
    assert trajectory.thetas.dtype == np.float32


def test_whole_numbers_start_a_run_of_real_ones():
    assert descend(BOOTH, SGD(0.1), (1, 2), 1).thetas.dtype == float


def test_a_schedule_gets_t_from_1_and_sets_the_learning_rate():
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.1 / t

    trajectory = descend(quadratic([1.0]), SGD(99.0), [1.0], 3, schedule=schedule)
    assert asked == [1, 2, 3]
    assert np.allclose(trajectory.thetas[:, 0], np.cumprod([1, 1 - 0.1, 1 - 0.1 / 2, 1 - 0.1 / 3]))


def test_a_schedule_by_name_sets_that_hyperparameter():
    bowl = quadratic([1.0, 10.0])
    by_name = descend(bowl, Nesterov(0.05, 0.5), [1.0, 1.0], 5, schedule={"momentum": nesterov_momentum})
    theta = previous = np.array([1.0, 1.0])
    for t in range(1, 6):
        y = theta + (t - 1) / (t + 2) * (theta - previous)
        theta, previous = y - 0.05 * bowl.gradient(y), theta
    assert np.allclose(by_name.thetas[-1], theta)


def test_a_constant_schedule_changes_nothing():
    plain = descend(BOOTH, Momentum(0.02), [0.0, 0.0], 20)
    scheduled = descend(BOOTH, Momentum(0.5), [0.0, 0.0], 20, schedule=lambda t: 0.02)
    assert np.array_equal(plain.thetas, scheduled.thetas)


def test_noise_is_drawn_anew_each_step_and_values_stay_exact():
    noisy = with_gradient_noise(BOOTH, 1.0)
    first, again, other = (descend(noisy, SGD(0.01), [0.0, 0.0], 20, rng=np.random.default_rng(s)) for s in (0, 0, 1))
    assert np.array_equal(first.thetas, again.thetas)
    assert not np.allclose(first.thetas, other.thetas)
    assert np.array_equal(first.values, BOOTH.value(first.thetas))
    noise = (first.thetas[:-1] - first.thetas[1:]) / 0.01 - BOOTH.gradient(first.thetas[:-1])
    assert len(np.unique(noise.round(6))) == noise.size


def test_every_run_of_a_stack_draws_its_own_noise():
    start = np.zeros((1000, 2))
    stack = descend(with_gradient_noise(BOOTH, 1.0), SGD(1.0), start, 1, rng=np.random.default_rng(0))
    assert abs(np.std(stack.thetas[1, :, 0]) - 1) < 5 / np.sqrt(2000)


def test_without_rng_a_noisy_objective_is_run_exactly():
    noisy = descend(with_gradient_noise(BOOTH, 1.0), SGD(0.01), [0.0, 0.0], 5)
    assert np.array_equal(noisy.thetas, descend(BOOTH, SGD(0.01), [0.0, 0.0], 5).thetas)


def test_iterate_yields_what_descend_keeps():
    thetas = [theta for theta, _ in iterate(BOOTH, Momentum(0.02), [0.0, 0.0], 10)]
    assert np.array_equal(thetas, descend(BOOTH, Momentum(0.02), [0.0, 0.0], 10).thetas)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"num_steps": -1}, "num_steps must be a whole number, at least 0, but it is -1"),
        ({"num_steps": 2.5}, "num_steps must be a whole number"),
        ({"num_steps": True}, "num_steps must be a whole number"),
        ({"start": 3.0}, r"write \[3.0\] for one coordinate"),
        ({"start": "here"}, "start must be numbers"),
        ({"start": [[1.0, 2.0], [3.0]]}, "start must be numbers"),
        ({"optimizer": SGD(np.array([0.1, 0.2, 0.3]))}, r"learning_rate \(3,\).*write learning_rate\[:, None\]"),
        ({"start": [1.0], "optimizer": SGD(np.array([0.1, 0.2, 0.3]))}, r"write learning_rate\[:, None\]"),
        ({"rng": np.random.default_rng(0)}, "has no noise to draw"),
        ({"objective": with_gradient_noise(BOOTH, 1.0), "rng": 0}, r"rng must be .*np\.random\.default_rng\(0\)"),
        ({"schedule": lambda t: -0.1}, "learning_rate must be a finite number that is 0 or larger"),
        ({"schedule": lambda t: None}, "learning_rate must be a finite number that is 0 or larger"),
        ({"schedule": {"momentum": lambda t: 0.9}}, "SGD has no momentum to schedule: it has learning_rate"),
        ({"schedule": 0.1}, "schedule must be a function of t"),
        ({"schedule": {"learning_rate": 0.1}}, "schedule must be a function of t"),
        ({"optimizer": SGD}, r"give an optimizer with its hyperparameters, SGD\(\.\.\.\)"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(arguments, sentence):
    good = {"objective": BOOTH, "optimizer": SGD(0.1), "start": [0.0, 0.0], "num_steps": 2}
    with pytest.raises(ValueError, match=sentence):
        descend(**good | arguments)
