"""Three clocks for the same runs: what each counts, and that theory is where 400 runs are."""

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments import bowls, expected_path, expected_square
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import (
    BATCH_SIZES,
    CURVATURES,
    SIZE,
    START,
    centres,
    spread,
)
from course_lib.chapters.ch02_sgd_noise.figures.three_clocks import (
    NUM_UPDATES,
    clocks_text,
    expected,
    hand,
    measured_fixed_cost,
    one_run,
    updates_in,
)
from course_lib.optimizers import SGD
from course_lib.run import descend


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_the_closed_form_is_the_recursion(batch_size):
    rates = np.full(50, 0.7)
    means, covariances = expected_path(START, spread(), CURVATURES, rates, SIZE, batch_size, "without replacement")
    recursion = np.sum(means**2, axis=-1) + np.trace(covariances, axis1=-2, axis2=-1)
    np.testing.assert_allclose(expected(batch_size, 0.7, np.arange(51)), recursion, rtol=1e-12)


def test_400_runs_are_where_the_closed_form_says():
    sampled = bowls(centres(), CURVATURES, 4, runs=400)
    run = descend(sampled, SGD(0.3), np.tile(START, (400, 1)), 40, rng=np.random.default_rng(5))
    squares = np.sum(run.thetas[-1] ** 2, axis=-1)
    assert abs(squares.mean() - expected(4, 0.3, 40)) < 4 * squares.std() / 20


def test_without_noise_only_the_way_from_the_start_is_left():
    alone = expected_square(3, np.array([2.0]), np.zeros(1), np.ones(1), 0.5)
    assert alone == pytest.approx(4 * 0.5**6)


def test_the_single_run_of_the_full_batch_is_the_expected_one():
    np.testing.assert_allclose(one_run(SIZE, 0.2), expected(SIZE, 0.2, np.arange(NUM_UPDATES + 1)), rtol=1e-9)


def test_time_is_epochs_without_a_fixed_cost_and_updates_with_nothing_else():
    t = np.arange(10)
    np.testing.assert_allclose(hand("time", t, 4, 0.0), hand("epochs", t, 4, 0.0) * SIZE)
    np.testing.assert_allclose(hand("time", t, 4, 1e12), t, rtol=1e-9)


@pytest.mark.parametrize("clock", ["updates", "epochs", "time"])
def test_updates_in_a_reading_is_the_clock_read_backwards(clock):
    for batch_size in BATCH_SIZES:
        for t in (1, 7, 64):
            assert updates_in(clock, hand(clock, t, batch_size, 7.0), batch_size, 7.0) == t


def test_the_nearest_batch_size_depends_on_the_clock():
    said = clocks_text(4, 0.2, 0.0)
    assert "after 64 updates 0.196, 0.0505, 0.00811, nearest: batch size 32" in said
    assert "after 8 epochs 0.188, 0.0505, 2.82, nearest: batch size 4" in said
    assert "time 0.196, 1.17, 8.89, nearest: batch size 1" in said


def test_a_machine_has_a_fixed_cost():
    cost, ratio = measured_fixed_cost(samples=512, rounds=5)
    assert cost > 0 and 1 < ratio < 512
