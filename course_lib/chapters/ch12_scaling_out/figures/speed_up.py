"""Speed-up against the number of workers: ideal, synchronous, with backups, asynchronous."""

from functools import lru_cache

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.cluster import asynchronous, synchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines, expected_round
from course_lib.figures.style import line_style

WORKERS = (1, 2, 4, 8, 16, 32)
UPDATES = 150
LABELS = ("synchronous", "with backups", "asynchronous")


@lru_cache(maxsize=1024)
def _used(mode, machines, spare=0):
    """Gradients used in a unit of time; seen again, it costs nothing."""
    if mode == "asynchronous":
        return asynchronous(machines, UPDATES * machines.num_workers).gradients_per_time
    return synchronous(machines, UPDATES, spare).gradients_per_time


def compute_speed_ups(spread, tail, network, backups, seed=0):
    """``{label: gradients used in a unit of time (len(WORKERS),)}``; one worker alone uses one.

    Backups are taken from the machines that are there: of N, max(1, N - backups) are waited for.
    """
    found = {label: [] for label in LABELS}
    for workers in WORKERS:
        machines = Machines(workers, spread, tail, network, seed)
        spare = min(backups, workers - 1)
        found["synchronous"].append(_used("synchronous", machines))
        found["with backups"].append(_used("synchronous", machines, spare))
        found["asynchronous"].append(_used("asynchronous", machines))
    return {label: np.array(values) for label, values in found.items()}


def theory(spread, tail, network, backups):
    """The mean speed-ups of the synchronous modes ``(2, len(WORKERS))``, from the order statistics."""
    rows = []
    for spare in (0, backups):
        needed = [max(1, workers - spare) for workers in WORKERS]
        rows.append(
            [
                n / (expected_round(n, spread, tail, workers - n) + 2 * (n - 1) / n * network)
                for n, workers in zip(needed, WORKERS, strict=True)
            ]
        )
    return np.array(rows)


def draw_speed_ups(ax):
    """Axes with the ideal line; returns ``(lines by label, theory lines)``."""
    ax.set(
        xscale="log",
        yscale="log",
        xlim=(0.9, 36),
        ylim=(0.3, 40),
        xlabel="machines",
        ylabel="gradients used a unit of time",
    )
    ax.set_xticks(WORKERS, [str(n) for n in WORKERS])
    ax.set_yticks(WORKERS, [str(n) for n in WORKERS])
    ax.minorticks_off()
    ax.set_title("Speed-up over one machine")
    ax.plot(WORKERS, WORKERS, ":", color="#6B7785", lw=1.5, label="ideal")
    lines = {}
    for index, label in enumerate(LABELS):
        style = line_style(index)
        (lines[label],) = ax.plot([], [], style.dashes, color=style.color, marker=style.marker, ms=8, label=label)
    thin = [
        ax.plot([], [], "-", color="black", lw=width, label=label)[0] for width, label in ((0.8, "theory"), (0.9, None))
    ]
    return lines, thin


def move_speed_ups(artists, found, expected):
    """Draw what was simulated, and the theory over it."""
    lines, thin = artists
    for label, values in found.items():
        lines[label].set_data(WORKERS, values)
    for line, values in zip(thin, expected, strict=True):
        line.set_data(WORKERS, values)


def speed_up_text(found, expected, backups):
    """What came out, in words."""
    plain, spare, free = (found[label][-1] for label in LABELS)
    slowest = "the slowest is" if backups == 1 else f"the {backups} slowest are"
    not_waited_for = f", {spare:.3g} when {slowest} not waited for (theory {expected[1, -1]:.3g}),"
    return (
        f"32 machines use {plain:.3g} gradients in the time in which one uses 1 when all wait for all (theory "
        f"{expected[0, -1]:.3g}){not_waited_for if backups else ''} and {free:.3g} asynchronously."
    )
