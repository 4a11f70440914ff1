"""Shards, averages and rings; memory; batch sizes."""

import numpy as np
import pytest

from course_lib.chapters.ch12_scaling_out.experiments.batch_sizes import (
    Fit,
    best_rate,
    fit_asymptotes,
    noise_scale,
    scaled_rate,
    scores,
    sharpness,
    steps_to,
    train_to,
)
from course_lib.chapters.ch12_scaling_out.experiments.memory import WAYS, Model, memory
from course_lib.chapters.ch12_scaling_out.experiments.parallel import (
    accumulated,
    average,
    digits_loss,
    ring_all_reduce,
    ring_bytes,
    shard,
    small_net,
    worker_gradients,
)

BATCH = np.random.default_rng(0).choice(1000, 60, replace=False)


def gradients(sizes, norm=False):
    loss = digits_loss(small_net(norm=norm))
    theta = loss.network.theta.copy()
    return loss.on(BATCH).gradient(theta), worker_gradients(loss, theta, shard(BATCH, sizes)), loss, theta


@pytest.mark.parametrize("sizes", [(60,), (30, 30), (20, 20, 20), (15,) * 4])
def test_the_average_over_equal_shards_is_the_gradient_of_the_large_batch(sizes):
    whole, parts, *_ = gradients(sizes)
    np.testing.assert_allclose(average(parts), whole, rtol=1e-10, atol=1e-14)  # (12.1)


@pytest.mark.parametrize("sizes", [(50, 10), (1, 59), (7, 13, 40), (0, 60)])
def test_over_unequal_shards_it_is_the_weighted_average_and_the_plain_one_is_off(sizes):
    whole, parts, *_ = gradients(sizes)
    np.testing.assert_allclose(average(parts, sizes), whole, rtol=1e-10, atol=1e-14)  # (12.2)
    assert np.linalg.norm(average(parts) - whole) > 0.05 * np.linalg.norm(whole)


def test_batch_normalisation_sees_its_own_shard_so_that_the_average_is_another_gradient():
    whole, parts, *_ = gradients((20, 20, 20), norm=True)
    assert np.linalg.norm(average(parts) - whole) > 0.02 * np.linalg.norm(whole)


@pytest.mark.parametrize("sizes", [(60,), (20, 20, 20), (1, 19, 40)])
def test_accumulated_micro_batches_are_the_large_batch(sizes):
    whole, _, loss, theta = gradients(sizes)
    np.testing.assert_allclose(accumulated(loss, theta, shard(BATCH, sizes)), whole, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("workers", "entries"), [(1, 3), (2, 4), (3, 7), (5, 5), (5, 23), (8, 64), (4, 2)])
def test_a_ring_leaves_the_sum_with_everybody_and_nobody_sends_more_than_his_part(workers, entries):
    vectors = np.random.default_rng(1).normal(size=(workers, entries))
    ring = ring_all_reduce(vectors)
    np.testing.assert_allclose(ring.states[-1], np.tile(vectors.sum(axis=0), (workers, 1)), rtol=1e-12)
    assert (ring.holds[-1] == workers).all() and len(ring.states) == 2 * (workers - 1) + 1
    assert (ring.holds[workers - 1] == workers).sum() == workers  # half way, everybody has one whole chunk
    if entries % workers == 0:
        assert (8 * ring.sent == ring_bytes(workers, 8 * entries)).all()  # (12.10)


def test_nobody_hears_of_a_worker_before_the_ring_has_passed_him():
    vectors = np.diag([1.0, 10.0, 100.0, 1000.0])
    states = ring_all_reduce(vectors).states
    assert np.count_nonzero(states[1]) <= np.count_nonzero(states[0]) + 4
    assert (ring_all_reduce(vectors).states[0] == vectors).all()


# --- Memory ---------------------------------------------------------------------------------------------


def test_seven_billion_parameters_need_sixteen_bytes_each():
    one = memory("one device")
    assert (one.weights, one.gradients, one.optimizer) == pytest.approx((14, 14, 84))  # (12.11)
    assert one.total == pytest.approx(112 + one.activations)


@pytest.mark.parametrize(
    ("way", "held"),
    [
        ("data parallel", 112.0),
        ("optimizer state sharded", 28 + 84 / 8),
        ("and gradients", 14 + 98 / 8),
        ("and weights", 112 / 8),
        ("tensor parallel", 112 / 8),
    ],
)
def test_what_each_way_divides_among_eight(way, held):
    found = memory(way)
    assert found.total - found.activations == pytest.approx(held)


def test_only_tensor_parallelism_divides_activations_and_one_device_divides_nothing():
    assert memory("tensor parallel").activations < 0.5 * memory("and weights").activations
    for way in WAYS:
        assert memory(way, devices=1) == pytest.approx(memory("one device"))
        assert memory(way, model=Model(tokens=0)).activations == 0


# --- Batch sizes ----------------------------------------------------------------------------------------


def test_the_scaled_rate_rises_from_the_small_one_and_stays():
    warm = scaled_rate(0.1, 8, warm_up=4)  # (12.7)
    assert [warm(t) for t in (1, 2, 4, 5, 100)] == pytest.approx([0.275, 0.45, 0.8, 0.8, 0.8])
    assert scaled_rate(0.1, 8)(1) == pytest.approx(0.8) and scaled_rate(0.1, 1, 5)(1) == pytest.approx(0.1)


@pytest.mark.parametrize(("fewest", "critical"), [(50.0, 20.0), (10.0, 300.0), (200.0, 3.0)])
def test_the_fit_finds_the_asymptotes_that_were_put_in(fewest, critical):
    sizes = 2.0 ** np.arange(11)
    true = Fit(fewest, critical)
    noisy = true.steps(sizes) * np.exp(0.01 * np.random.default_rng(0).normal(size=11))
    assert fit_asymptotes(sizes, true.steps(sizes)) == pytest.approx(true, rel=1e-6)  # (12.8)
    assert fit_asymptotes(sizes, noisy) == pytest.approx(true, rel=0.1)
    assert true.steps(critical) == pytest.approx(2 * fewest)


def test_the_noise_scale_is_the_variance_of_single_gradients_over_the_squared_mean():
    class Clouds:
        size = 4

        def on(self, batch):
            return type(
                "One", (), {"gradient": lambda one, theta: np.array([[3.0, 1], [1, 1], [3, -1], [1, -1]][batch[0]])}
            )()

    assert noise_scale(Clouds(), None) == pytest.approx((1 + 1) / 4)  # (12.9)


def test_larger_batches_need_fewer_updates_and_a_hopeless_rate_none_of_them():
    small, large = (np.mean(steps_to(size, 0.1, (0, 1), target=0.5)) for size in (2, 64))
    assert large < 0.9 * small
    assert np.isnan(steps_to(64, 50.0, (0,), target=0.5)).all()
    rate, means = best_rate(64, (0.001, 0.1, 0.4, 50.0), (0,), target=0.8)
    assert rate == 0.4 and np.isnan(means[-1])


def test_the_run_ends_below_its_target_and_scores_what_it_is():
    run = train_to(64, scaled_rate(0.3, 1.0), target=0.5)
    assert digits_loss(small_net()).value(run.theta) < 0.5
    assert min(scores(run.theta)) > 0.8


def test_sharpness_is_an_eigenvalue_of_the_hessian():
    theta = train_to(64, scaled_rate(0.3, 1.0), target=0.5).theta
    found = sharpness(theta, num_iterations=80)
    loss, v = digits_loss(small_net()), np.random.default_rng(0).normal(size=theta.size)
    for _ in range(80):
        v = loss.hvp(theta, v / np.linalg.norm(v))
    assert np.linalg.norm(v) == pytest.approx(found, rel=0.02)
    assert found == pytest.approx(sharpness(theta, seed=1, num_iterations=80), rel=0.02)
