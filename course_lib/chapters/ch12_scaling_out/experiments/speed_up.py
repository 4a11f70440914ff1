"""Speed-up against the number of workers: predicted by the simulator, and measured with real processes.

The simulator gets the very times that the processes get (the seeds agree) and one number that is measured: the cost of
the network, from the team of two. Everything else it has to predict.
"""

from dataclasses import asdict, replace
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.cluster import asynchronous, synchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines
from course_lib.chapters.ch12_scaling_out.experiments.processes import run_team

MACHINES = Machines(spread=0.5)
UNIT = 0.04  # seconds that a gradient takes on average, asleep
ENTRIES = 500_000  # of the gradient, four bytes each
SIZES = (1, 2, 3, 4)
SERVED = (1, 2, 3)
ROUNDS, UPDATES = 20, 40
COMPUTING, COMPUTING_ROUNDS = (1, 2, 4), 10
CALIBRATED = 2  # workers


class Measured(NamedTuple):
    """What real teams took: seconds a round of ``SIZES`` asleep, of ``COMPUTING`` on real cores, a server's updates."""

    asleep: list
    computing: list
    served: list


def measure(machines=MACHINES, rounds=ROUNDS, updates=UPDATES, unit=UNIT):
    """Start four processes, measure all that this chapter draws, end them again."""
    times = {"unit": unit, "machines": asdict(machines)}
    plain = {**times, "machines": asdict(replace(machines, spread=0.0))}
    asleep = {**times, "sizes": SIZES, "entries": ENTRIES, "num_rounds": rounds, "work": "sleep"}
    computing = {**plain, "sizes": COMPUTING, "entries": 1000, "num_rounds": COMPUTING_ROUNDS, "work": "compute"}
    served = {**times, "sizes": SERVED, "entries": 1000, "num_updates": updates}
    parts = {"asleep": ("rounds", asleep), "computing": ("rounds", computing), "served": ("served", served)}
    return Measured(**run_team(parts, max(SIZES)))


def calibrated(machines, seconds, rounds=ROUNDS, unit=UNIT):
    """``machines`` with the network that makes the simulated round of two workers as long as the measured one."""
    team = replace(machines, num_workers=CALIBRATED, network=0.0)
    simulated = synchronous(team, rounds).times[-1] / rounds
    share = team_share(CALIBRATED)
    return replace(machines, network=max(0.0, (seconds / unit - simulated) / share))


def team_share(members):
    """What ``Machines.ring`` multiplies the network's cost by."""
    return 2 * (members - 1) / members


def predicted(machines, sizes=SIZES, rounds=ROUNDS, unit=UNIT):
    """Seconds a synchronous round for each of ``sizes``, simulated."""
    return [unit * synchronous(replace(machines, num_workers=n), rounds).times[-1] / rounds for n in sizes]


def predicted_served(machines, sizes=SERVED, updates=UPDATES, unit=UNIT):
    """Seconds between a server's updates for each of ``sizes``, simulated, as the server measures them."""
    logs = [asynchronous(replace(machines, num_workers=n, network=0.0), updates) for n in sizes]
    return [unit * (log.times[-1] - log.times[0]) / (updates - 1) for log in logs]


def speed_ups(sizes, seconds):
    """Gradients a second over those of one worker, ``(k,)``; the first of ``sizes`` is 1."""
    seconds = np.asarray(seconds, dtype=float)
    return np.asarray(sizes) * seconds[0] / seconds
