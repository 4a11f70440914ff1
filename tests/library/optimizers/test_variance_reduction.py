"""SVRG and SAGA: unbiased, by hand, their limiting cases, and a linear rate at a constant learning rate."""

import numpy as np
import pytest

from course_lib.optimizers import SAGA, SGD, SVRG
from course_lib.run import descend, iterate
from course_lib.stochastic import FiniteSum, MiniBatch, least_squares, logistic_loss
from course_lib.surfaces import SURFACES

N = 40


def a_sum(batch_size=1, **kwargs):
    rng = np.random.default_rng(1)
    return least_squares(rng.normal(size=(N, 3)), rng.normal(size=N), batch_size, **kwargs)


def minimum(objective):
    return descend(objective, SGD(0.3), np.zeros(3), 2000).thetas[-1]


def generator():
    return np.random.default_rng(3)


@pytest.mark.parametrize("optimizer", [SVRG(0.1), SAGA(0.1)])
def test_with_the_whole_sum_in_each_batch_it_is_gradient_descent(optimizer):
    objective = a_sum(N)
    plain = descend(objective, SGD(0.1), np.ones(3), 30).thetas
    np.testing.assert_allclose(descend(objective, optimizer, np.ones(3), 30, rng=generator()).thetas, plain, rtol=1e-10)
    np.testing.assert_allclose(descend(objective, optimizer, np.ones(3), 30).thetas, plain, rtol=1e-10)


def test_an_epoch_of_one_step_is_gradient_descent_for_svrg():
    plain = descend(a_sum(), SGD(0.1), np.ones(3), 30).thetas
    run = descend(a_sum(), SVRG(0.1, epoch_length=1), np.ones(3), 30, rng=generator()).thetas
    np.testing.assert_allclose(run, plain, rtol=1e-10)


@pytest.mark.parametrize("optimizer", [SVRG(0.05), SAGA(0.05)])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_constant_rate_arrives_linearly_where_sgd_stays_in_its_ball(optimizer, batch_size):
    objective = a_sum(batch_size)
    goal = minimum(objective)
    distances = {
        name: np.linalg.norm(descend(objective, method, np.ones(3), 3200, rng=generator()).thetas - goal, axis=1)
        for name, method in {"reduced": optimizer, "plain": SGD(0.05)}.items()
    }
    assert distances["reduced"][-1] < 1e-6 and distances["plain"][-1] > 1e-2
    logs = np.log(distances["reduced"][[400, 800, 1200]])
    assert np.diff(logs)[0] < -0.5 and np.diff(logs)[1] < -0.5  # no floor, and no 1/k, which would slow down


@pytest.mark.parametrize("optimizer", [SVRG(1.0), SAGA(1.0)])
def test_the_direction_is_unbiased_and_its_variance_falls_with_the_distance(optimizer):
    objective, theta = a_sum(), np.ones(3)
    *_, (far, state) = iterate(objective, type(optimizer)(0.02), theta, 8 * N + N // 2, rng=generator())
    steps = [
        far - optimizer.step(MiniBatch(*_parts(objective.on([i])), objective, np.array([i])), far, state)[0]
        for i in range(N)
    ]
    plain = [objective.on([i]).gradient(far) for i in range(N)]
    np.testing.assert_allclose(np.mean(steps, axis=0), objective.gradient(far), rtol=1e-9)
    assert np.var(steps, axis=0).sum() < 0.5 * np.var(plain, axis=0).sum()


def _parts(objective):
    return objective.value, objective.gradient, objective.hessian


def test_a_step_of_saga_by_hand():
    objective = least_squares(np.array([[1.0], [2.0]]), np.array([0.0, 2.0]))  # gradients t and 4 t - 4
    optimizer, theta = SAGA(0.1), np.array([1.0])

    def batch(i):
        return MiniBatch(*_parts(objective.on([i])), objective, np.array([i]))

    theta, state = optimizer.step(batch(0), theta, optimizer.init(theta))  # table 1 and 0, mean 1/2
    np.testing.assert_allclose(theta, [0.95])
    theta, state = optimizer.step(batch(1), theta, state)  # new -0.2, old 0: -0.2 + 0.5
    np.testing.assert_allclose(theta, [0.95 - 0.1 * 0.3])
    np.testing.assert_allclose(state.table, [[1.0], [-0.2]])


def test_a_batch_that_has_a_term_twice_counts_it_twice_and_keeps_the_table_whole():
    objective, theta = a_sum(), np.ones(3)
    twice = MiniBatch(*_parts(objective.on([5, 5])), objective, np.array([5, 5]))
    optimizer = SAGA(0.1)
    moved, state = optimizer.step(twice, theta, optimizer.init(theta))
    np.testing.assert_allclose(moved, theta - 0.1 * objective.gradient(theta), rtol=1e-12)  # table holds all of them
    np.testing.assert_allclose(np.mean(state.table, axis=0), objective.gradient(theta), rtol=1e-12)


@pytest.mark.parametrize("optimizer", [SVRG(0.05), SAGA(0.05)])
def test_an_ensemble_walks_as_its_members_do(optimizer):
    runs = a_sum(2, runs=(4,))
    together = descend(runs, optimizer, np.ones((4, 3)), 100, rng=generator()).thetas
    assert together.shape == (101, 4, 3) and not np.allclose(together[-1, 0], together[-1, 1], rtol=1e-3)
    goal = minimum(a_sum())
    assert np.all(np.linalg.norm(together[-1] - goal, axis=-1) < 0.5 * np.linalg.norm(np.ones(3) - goal))


@pytest.mark.parametrize("optimizer", [SVRG(), SAGA()])
def test_what_is_no_sum_is_refused_with_the_way_out(optimizer):
    with pytest.raises(ValueError, match=r"finite_sum.*rng="):
        descend(SURFACES["booth"], optimizer, [0.0, 0.0], 1)


def test_nothing_that_was_given_is_changed():
    objective, optimizer = a_sum(), SAGA(0.1)
    *_, (theta, state) = iterate(objective, optimizer, np.ones(3), 3, rng=generator())
    before = state.table.copy()
    optimizer.step(objective.sample(generator()), theta, state)
    np.testing.assert_array_equal(state.table, before)


def test_a_mini_batch_knows_its_sum():
    objective = logistic_loss(np.eye(4), np.array([0, 1, 0, 1]), batch_size=2)
    sample = objective.sample(generator())
    assert isinstance(sample, MiniBatch) and sample.whole is objective and isinstance(sample.whole, FiniteSum)
    theta = np.arange(4.0)
    np.testing.assert_array_equal(sample.gradient(theta), objective.on(sample.batch).gradient(theta))
    batches = [part.batch for part in objective.epoch(generator())]
    assert sorted(np.concatenate(batches)) == [0, 1, 2, 3]
