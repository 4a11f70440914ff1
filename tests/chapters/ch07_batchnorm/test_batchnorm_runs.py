"""The small nets of chapter 7, and the two measurements on them, where the answer is known."""

import numpy as np
import pytest

from course_lib.chapters.ch07_batchnorm.experiments import (
    DISTANCES,
    NORMS,
    Jitter,
    StubbornBatchNorm,
    accuracy,
    deep_net,
    descent,
    digits_loss,
    input_statistics,
    landscape_run,
    look_ahead,
    mode_scores,
    normaliser,
    shift_between,
    shift_run,
    standard_digits,
    train_digits,
)
from course_lib.layers import BatchNorm, Linear, ReLU


class Bowl:
    """f = theta . H theta / 2."""

    hessian = np.array([[3.0, 1.0], [1.0, 2.0]])

    def value_and_gradient(self, theta):
        return theta @ self.hessian @ theta / 2, self.hessian @ theta


def test_ahead_on_a_quadratic_the_gradient_changes_by_the_hessian_times_the_way():
    bowl, theta, distances = Bowl(), np.array([1.0, -2.0]), np.array([0.0, 0.1, 0.7])
    _, gradient = bowl.value_and_gradient(theta)
    probe = look_ahead(bowl, theta, gradient, distances)  # (7.12)
    per_way = np.linalg.norm(bowl.hessian @ gradient) / np.linalg.norm(gradient)
    np.testing.assert_allclose(probe.changes, distances * per_way, rtol=1e-12)
    expected = [bowl.value_and_gradient(theta - s * gradient)[0] for s in distances]
    np.testing.assert_allclose(probe.losses, expected)


def test_the_shift_of_one_unit_is_the_distance_of_mean_and_std_over_their_size():
    before, after = [(np.array([3.0]), np.array([4.0]))], [(np.array([3.3]), np.array([4.4]))]
    assert shift_between(before, after) == pytest.approx(0.5 / 5)  # (7.13)
    assert shift_between(before, before) == 0


def test_the_shift_does_not_see_the_unit_of_measurement(rng):
    before = [(rng.normal(size=4), rng.uniform(1, 2, 4)) for _ in range(3)]
    after = [(mean + 0.1, std * 1.2) for mean, std in before]
    scaled = [[(7 * mean, 7 * std) for mean, std in part] for part in (before, after)]
    assert shift_between(*scaled) == pytest.approx(shift_between(before, after))


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_all_norms_start_from_the_same_weights():
    def weights(norm):
        return [layer.params["weight"] for layer in deep_net(norm, 3, seed=4).layers if isinstance(layer, Linear)]

    for norm in NORMS[1:]:
        for ours, plain in zip(weights(norm), weights("none"), strict=True):
            np.testing.assert_array_equal(ours, plain)


def test_the_norm_stands_before_or_behind_the_activation():
    kinds = [type(layer) for layer in deep_net("batch norm", 1).layers]
    assert kinds == [Linear, StubbornBatchNorm, ReLU, Linear]
    kinds = [type(layer) for layer in deep_net("batch norm", 1, before=False).layers]
    assert kinds == [Linear, ReLU, StubbornBatchNorm, Linear]


def test_an_unknown_norm_is_named():
    with pytest.raises(ValueError, match=r"no normaliser 'weight norm'.*batch norm"):
        normaliser("weight norm", 4, None)


def test_the_stubborn_norm_is_the_librarys_but_for_a_batch_of_one(rng):
    x, d_y = rng.normal(size=(2, 5, 3))
    ours, stubborn = BatchNorm(3), StubbornBatchNorm(3)
    np.testing.assert_array_equal(ours.forward(x, training=True), stubborn.forward(x, training=True))
    np.testing.assert_array_equal(ours.backward(d_y), stubborn.backward(d_y))
    np.testing.assert_array_equal(ours.running_var, stubborn.running_var)
    kept = stubborn.running_mean
    np.testing.assert_array_equal(stubborn.forward(x[:1], training=True), 0)
    np.testing.assert_array_equal(stubborn.running_mean, kept)
    with pytest.raises(ValueError, match="larger batch"):
        ours.forward(x[:1], training=True)


def test_jitter_moves_both_moments_in_training_and_nothing_at_inference(rng):
    x = rng.normal(size=(4000, 3))
    jitter = Jitter(0.5, np.random.default_rng(1))
    first, second = (jitter.forward(x, training=True) for _ in range(2))
    assert np.min(np.abs(first.mean(axis=0) - second.mean(axis=0))) > 0.01
    assert np.min(np.abs(first.std(axis=0) - second.std(axis=0))) > 0.01
    np.testing.assert_array_equal(jitter.forward(x), x)


def test_the_gradient_passes_jitter_with_the_scale_of_its_own_step(rng):
    x, d_y = rng.normal(size=(2, 5, 3))
    jitter = Jitter(0.5, np.random.default_rng(2))
    base = jitter.forward(x, training=True)
    d_x = jitter.backward(d_y)
    again = Jitter(0.5, np.random.default_rng(2)).forward(x + 1e-3 * rng.normal(size=x.shape), training=True)
    moved = Jitter(0.5, np.random.default_rng(2)).forward(x + 1.0, training=True)
    np.testing.assert_allclose(d_x, d_y * (moved - base), rtol=1e-9)
    assert not np.array_equal(again, base)


@pytest.mark.parametrize("norm", NORMS)
def test_every_net_learns_at_a_small_rate(norm):
    run = train_digits(norm, 0.05, 150, depth=3)
    assert run.final < 0.9 < run.losses[:5].mean()
    assert accuracy(run.network, run.theta) > 0.75


def test_a_run_that_diverges_ends_early_and_counts_as_guessing():
    run = train_digits("none", 50.0, 40, depth=6)
    assert not np.isfinite(run.losses).all() and len(run.losses) == 40
    assert run.final == pytest.approx(np.log(10))


def test_a_run_is_the_same_twice_and_another_seed_is_another_run():
    first, again, other = (train_digits("batch norm", 0.1, 20, depth=2, seed=seed).losses for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_looking_ahead_does_not_change_the_way():
    probed = landscape_run("batch norm", 0.1, depth=2, num_steps=12, every=3)
    plain = train_digits("batch norm", 0.1, 12, depth=2)
    np.testing.assert_allclose(probed.losses, plain.losses, rtol=1e-12)
    assert probed.ahead.shape == (4, len(DISTANCES)) == probed.changes.shape
    np.testing.assert_array_equal(probed.changes[:, 0], 0)
    np.testing.assert_allclose(probed.ahead[:, 0], probed.losses[::3])


def test_looking_at_the_shift_does_not_change_the_way():
    run, shifts = shift_run("batch norm", depth=2, num_steps=9)
    plain = train_digits("batch norm", 0.1, 9, depth=2)
    np.testing.assert_allclose(run.losses, plain.losses, rtol=1e-12)
    assert shifts.shape == (3,) and np.all(shifts > 0)


def test_behind_batch_norm_activations_get_mean_0_and_variance_1():
    network = deep_net("batch norm", 3)
    for mean, std in input_statistics(network, standard_digits()[0][:200]):
        np.testing.assert_allclose(mean, 0, atol=1e-12)
        np.testing.assert_allclose(std, 1, atol=1e-3)


def test_descent_hands_out_theta_before_each_update():
    loss = digits_loss(deep_net("none", 2), 32)
    (first, _, _, gradient), (second, *_) = list(descent(loss, 0.1, 2, seed=0))
    np.testing.assert_allclose(second, first - 0.1 * gradient)


def test_training_mode_reads_fewer_digits_the_smaller_the_batch_and_the_net_is_left_as_it_was():
    run = train_digits("batch norm", 0.1, 80, depth=3)
    norms = [layer for layer in run.network.layers if isinstance(layer, BatchNorm)]
    kept = [norm.running_mean.copy() for norm in norms]
    scores = list(mode_scores(run, np.random.default_rng(0)).values())
    assert scores[0] > 0.85 and scores[0] > scores[2] > scores[3] > scores[4] and scores[4] < 0.2
    for norm, mean in zip(norms, kept, strict=True):
        np.testing.assert_array_equal(norm.running_mean, mean)
