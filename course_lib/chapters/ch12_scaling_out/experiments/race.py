"""Four ways to train on one set of machines, raced in simulated time on a noisy bowl."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.cluster import Log, asynchronous, local_steps, synchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines
from course_lib.chapters.ch12_scaling_out.experiments.training import Bowl, replay, replay_local

MODES = ("synchronous", "with backups", "asynchronous", "local SGD")
RATES = tuple(float(f"{0.01 * 1.5**k:.3g}") for k in range(14))  # 0.01 to 1.95
STEPS = 8  # that a worker of local SGD takes by itself
BOWL = Bowl()
RUNS = 4  # with other noise, averaged


class Racer(NamedTuple):
    """One mode: its ``log``, its best ``rate``, and its mean ``losses (k + 1,)`` at that rate."""

    log: Log
    rate: float
    losses: np.ndarray

    @property
    def final(self):
        """Mean loss over the last fifth of the simulated time."""
        return _late(self.log, self.losses)


def _late(log, losses):
    """Mean over the last fifth of the time, of each rate."""
    late = np.append(0.0, log.times) >= 0.8 * log.times[-1]
    return losses[late].mean(axis=0)


def simulate(machines, horizon, backups=2):
    """``{mode: Log}`` of ``MODES`` up to the time ``horizon``; at least one update each."""
    backups = min(backups, machines.num_workers - 1)
    rounds = int(1.5 * horizon) + 10
    logs = (
        synchronous(machines, rounds),
        synchronous(machines, rounds, backups),
        asynchronous(machines, rounds * machines.num_workers),
        local_steps(machines, rounds // STEPS + 1, STEPS),
    )
    return {mode: _cut(log, horizon) for mode, log in zip(MODES, logs, strict=True)}


def _cut(log, horizon):
    return log.until(max(horizon, log.times[0]))


def race(machines, horizon=60.0, backups=2, bowl=BOWL):
    """``{mode: Racer}``: each mode at the learning rate of ``RATES`` with the lowest loss at the end of the time."""
    return {
        mode: _racer(mode, log, machines.num_workers, bowl)
        for mode, log in simulate(machines, horizon, backups).items()
    }


@lru_cache(maxsize=128)
def cached_race(machines, horizon, backups):
    """``race`` on the usual bowl: seen again, it costs nothing."""
    return race(machines, horizon, backups)


def _racer(mode, log, workers, bowl):
    if mode == "local SGD":
        losses = replay_local(log, bowl, RATES, workers, STEPS, runs=RUNS)
    else:
        losses = replay(log, bowl, RATES, runs=RUNS)
    best = int(np.argmin(_late(log, losses)))
    return Racer(log, RATES[best], losses[:, best])


def equal_gradients(workers, steps, periods, seed, bowl=BOWL):
    """Loss at the end of ``steps`` steps a worker with an average after each of ``periods``, at its best rate.

    Mean over the last quarter of the averages and ``RUNS`` runs; ``(len(periods),)``.
    """
    found = []
    for period in periods:
        log = local_steps(Machines(workers, 0.0), steps // period, period)
        losses = replay_local(log, bowl, RATES, workers, period, seed, RUNS)
        found.append(np.min(losses[-max(1, len(log.times) // 4) :].mean(axis=0)))
    return found
