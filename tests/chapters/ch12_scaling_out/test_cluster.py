"""The simulated cluster: against order statistics, by hand, and what it must keep to."""

from itertools import pairwise

import numpy as np
import pytest

from course_lib.chapters.ch12_scaling_out.experiments.cluster import asynchronous, local_steps, synchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import TAILS, Machines, expected_round, harmonic
from course_lib.chapters.ch12_scaling_out.experiments.race import MODES, race
from course_lib.chapters.ch12_scaling_out.experiments.training import (
    Bowl,
    delayed,
    delayed_along,
    largest_stable,
    replay,
    replay_local,
    time_to_target,
)


def quiet(workers=1, **about):
    return Machines(workers, 0.0, **about)


# --- Times ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", TAILS[:2])
def test_a_gradient_takes_one_unit_on_average_and_never_less_than_its_fixed_share(tail):
    clock = Machines(1, 0.4, tail).clocks()[0]
    times = np.array([next(clock) for _ in range(40_000)])
    assert np.median(times) < 1 and times.min() >= 0.6
    assert np.mean(np.minimum(times, 20)) == pytest.approx(1, abs=0.03)  # the heavy tail's variance is infinite


def test_workers_keep_their_times_when_others_join():
    few, many = Machines(2, 0.5).clocks(), Machines(9, 0.5).clocks()
    assert [next(few[1]) for _ in range(100)] == [next(many[1]) for _ in range(100)]


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize(("needed", "backups"), [(1, 0), (6, 0), (6, 1), (6, 3), (1, 4)])
def test_a_round_takes_what_order_statistics_say(tail, needed, backups):
    rounds = np.diff(synchronous(Machines(needed + backups, 0.5, tail), 4000, backups).times, prepend=0)
    error = 5 * rounds.std() / np.sqrt(len(rounds))
    slack = 0.06 if tail == "heavy" and not backups else 1e-9  # there the standard error itself is not to be trusted
    assert abs(rounds.mean() - expected_round(needed, 0.5, tail, backups)) <= error + slack


def test_by_hand_the_last_of_two_exponentials_takes_one_and_a_half():
    assert harmonic(0) == 0 and harmonic(3) == pytest.approx(11 / 6)
    assert expected_round(2, spread=1.0) == 1.5  # (12.3)
    assert expected_round(1, spread=1.0, backups=1) == 0.5  # (12.4): the first of two
    assert expected_round(3, spread=0.0) == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_workers": 0},
        {"spread": 1.5},
        {"spread": np.nan},
        {"tail": "long"},
        {"network": -1.0},
        {"network": np.inf},
        {"seed": -1},
    ],
)
def test_machines_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Machines(**wrong)


# --- Modes ----------------------------------------------------------------------------------------------


def test_without_spread_all_modes_use_every_gradient_as_it_comes():
    machines = quiet(4)
    together, apart = synchronous(machines, 5), asynchronous(machines, 20)
    assert together.times.tolist() == [1, 2, 3, 4, 5] and together.gradients.tolist() == [4] * 5
    assert apart.times.tolist() == np.repeat([1, 2, 3, 4, 5], 4).tolist()
    assert local_steps(machines, 2, steps=3).times.tolist() == [3, 6]


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("network", [0.0, 0.2])
def test_a_synchronous_gradient_is_never_stale_and_nothing_is_wasted_without_backups(tail, network):
    log = synchronous(Machines(5, 0.7, tail, network), 200)
    assert not log.staleness.any() and log.wasted == 0 and (log.gradients == 5).all()


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("workers", [1, 2, 7, 20])
def test_gradients_are_workers_less_one_updates_old_on_average_whatever_the_times(tail, workers):
    log = asynchronous(Machines(workers, 0.8, tail), 6000)
    assert log.staleness.mean() == pytest.approx(workers - 1, rel=0.06 if tail == "heavy" else 0.01, abs=0.01)
    assert log.staleness.min() >= 0


def test_equal_machines_take_turns_and_a_slow_one_brings_the_oldest_gradients():
    assert set(asynchronous(quiet(6), 300).staleness[6:]) == {5}
    slow = asynchronous(Machines(6, 0.5, "one slow machine"), 600).staleness[20:]
    assert set(slow) == {4, 5, 15}  # it takes 3 units, in which the five others bring 15


def test_a_server_is_busy_for_two_messages_with_each_worker():
    busy = asynchronous(Machines(50, 0.5, network=0.25), 2000)
    assert np.diff(busy.times[200:]) == pytest.approx(0.5)
    assert asynchronous(Machines(1, 0.0, network=0.25), 3).times == pytest.approx([1.5, 3, 4.5])


def test_a_ring_costs_nearly_two_messages_whatever_the_number():
    for workers, share in ((1, 0.0), (2, 1.0), (4, 1.5)):
        assert synchronous(quiet(workers, network=0.1), 2).times == pytest.approx(np.array([1, 2]) * (1 + 0.1 * share))


def test_backups_drop_their_share_and_stopping_the_late_ones_is_quicker_than_waiting_for_them():
    machines = Machines(8, 0.5)
    stopped, waited = (synchronous(machines, 1500, 2, cancel) for cancel in (True, False))
    assert stopped.wasted == pytest.approx(0.25)
    assert stopped.times[-1] < 0.9 * waited.times[-1]
    assert not stopped.staleness.any() and not waited.staleness.any()


def test_no_worker_computes_two_gradients_at_once():
    for log in (synchronous(Machines(5, 0.9, "heavy", 0.1), 60, 1, cancel=False), asynchronous(Machines(5, 0.9), 300)):
        for worker in range(5):
            spans = sorted((span.begun, span.ended) for span in log.spans if span.worker == worker)
            assert all(one[1] <= two[0] for one, two in pairwise(spans))


def test_the_same_seed_gives_the_same_log_and_another_seed_another():
    one, two, other = (asynchronous(Machines(4, 0.5, seed=seed), 50).times for seed in (1, 1, 2))
    assert (one == two).all() and not np.allclose(one, other)


def test_more_backups_than_workers_are_refused():
    with pytest.raises(ValueError, match="backups"):
        synchronous(Machines(2), 3, backups=2)


def test_a_log_is_cut_at_a_time():
    log = asynchronous(quiet(2), 10).until(2.5)
    assert log.times.tolist() == [1, 1, 2, 2] and len(log.spans) == 4


# --- Learning along a log -------------------------------------------------------------------------------


def test_one_worker_in_any_mode_is_plain_descent():
    bowl = Bowl(np.array([1.0, 0.25]), noise=0.0)
    for log in (synchronous(quiet(), 30), asynchronous(quiet(), 30)):
        losses = replay(log, bowl, [0.3])[:, 0]
        paths = 3.0 * (1 - 0.3 * bowl.curvatures) ** np.arange(31)[:, None]  # (12.5) without delay
        assert losses == pytest.approx(0.5 * paths**2 @ bowl.curvatures)
    local = replay_local(local_steps(quiet(), 10, 3), bowl, [0.3], 1, 3)[:, 0]
    assert local == pytest.approx(losses[::3])


def test_averaged_gradients_have_less_noise_by_the_number_of_workers():
    bowl = Bowl(np.ones(40), noise=1.0, start=0.0)
    one, many = (replay(synchronous(quiet(n), 600), bowl, [0.1], runs=4)[100:].mean() for n in (1, 16))
    assert one / many == pytest.approx(16, rel=0.1)


@pytest.mark.parametrize("delay", [0, 1, 2, 5, 12])
def test_the_bound_of_a_delayed_step_is_where_descent_begins_to_diverge(delay):
    bound = largest_stable(delay)  # (12.6)
    steps = 400 * (delay + 1)
    assert abs(delayed(delay, 0.97 * bound, steps)[-delay - 5 :]).max() < 0.05
    assert abs(delayed(delay, 1.03 * bound, steps)[-delay - 5 :]).max() > 20


def test_without_delay_the_bound_is_that_of_chapter_2():
    assert largest_stable(0) == pytest.approx(2) and largest_stable(1) == pytest.approx(1)


def test_a_path_along_equal_staleness_is_the_path_of_a_fixed_delay():
    np.testing.assert_allclose(delayed_along(np.full(50, 4), 0.1), delayed(4, 0.1, 50))


def test_the_race_has_all_modes_and_none_of_them_learns_nothing():
    racers = race(Machines(6, 0.5, network=0.05), 30.0)
    assert tuple(racers) == MODES
    for racer in racers.values():
        assert racer.final < 0.2 * racer.losses[0] and np.isfinite(racer.losses).all()
        assert len(racer.losses) == len(racer.log.times) + 1 and racer.log.times[-1] <= 30


def test_the_time_to_a_target_is_that_of_the_first_update_seen_below_it():
    class Falls:
        """f = theta, gradient 1: after t updates 1 - 0.1 t."""

        class network:
            theta = np.array([1.0])

        size, batch_size = 10, 1

        def on(self, batch):
            return self

        def gradient(self, theta):
            return np.ones(1)

        def value(self, theta):
            return float(theta[0])

    log = synchronous(quiet(2), 9)
    assert time_to_target(log, Falls(), 0.1, target=0.55) == 5.0
    assert np.isnan(time_to_target(log, Falls(), 0.01, target=0.55))
