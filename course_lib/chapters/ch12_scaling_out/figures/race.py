"""The race of four ways to train on one set of machines: who computes when, and the loss against simulated time."""

import numpy as np
from matplotlib.collections import LineCollection

from course_lib.chapters.ch12_scaling_out.experiments.race import MODES
from course_lib.figures.style import line_style

USED, DROPPED = "#0072B2", "#D55E00"
SHOWN = 12.0  # time units of the timeline
LOSSES = (0.03, 30.0)


def draw_timeline(ax, num_workers):
    """An empty timeline with a row for each worker; returns ``(used, dropped, updates)``, collections of segments."""
    ax.set(xlim=(0, SHOWN), ylim=(num_workers + 0.5, 0.5), xlabel="time", ylabel="worker", title="Who computes when")
    width = max(2.0, min(14.0, 150 / num_workers))
    used = LineCollection([], colors=USED, linewidths=width, capstyle="butt", label="gradient that is used")
    dropped = LineCollection([], colors=DROPPED, linewidths=width / 2, capstyle="butt", label="dropped")
    updates = LineCollection([], colors="black", linewidths=1.2, linestyles=":", label="update")
    for collection in (updates, used, dropped):
        ax.add_collection(collection)
    ax.set_yticks(sorted({1, (num_workers + 1) // 2, num_workers}))
    return used, dropped, updates


def move_timeline(collections, log, num_workers):
    """Show the beginning of ``log``; a gap between two gradients shows where they meet, no colour is waiting."""
    gap = 0.04
    for collection, used in zip(collections[:2], (True, False), strict=True):
        spans = [span for span in log.spans if span.used == used and span.begun < SHOWN]
        collection.set_segments(
            [
                [(span.begun + gap, span.worker + 1), (max(span.ended, span.begun + 2 * gap), span.worker + 1)]
                for span in spans
            ]
        )
    times = log.times[log.times <= SHOWN]
    many = len(times) > 60
    collections[2].set_segments([] if many else [[(t, 0.5), (t, num_workers + 0.5)] for t in times])


def draw_losses(ax, horizon):
    """Empty curves of the four modes; returns ``{mode: line}``."""
    ax.set(
        xlim=(0, horizon), ylim=LOSSES, yscale="log", xlabel="time", ylabel="loss", title="Loss, each at its best rate"
    )
    lines = {}
    for index, mode in enumerate(MODES):
        style = line_style(index)
        (lines[mode],) = ax.plot(
            [], [], style.dashes, color=style.color, marker=style.marker, markevery=0.2, markersize=8, label=mode
        )
    return lines


def move_losses(lines, racers):
    """Draw the curves of ``{mode: Racer}``."""
    for mode, racer in racers.items():
        losses = np.clip(racer.losses, LOSSES[0] / 2, LOSSES[1] * 2)
        lines[mode].set_data(np.append(0.0, racer.log.times), losses)


def race_text(racers, machines, backups):
    """What came out, in words."""
    found = ", ".join(
        f"{mode} {racer.final:.2g} (rate {racer.rate:.2g}, {racer.log.gradients_per_time:.3g} gradients a unit of time)"
        for mode, racer in racers.items()
    )
    worst = racers["asynchronous"].log.staleness.mean()
    workers = f"{machines.num_workers} worker{'s' if machines.num_workers > 1 else ''}"
    return (
        f"{workers}, spread {machines.spread:.2g}, {machines.tail}, network {machines.network:.2g}. Loss over the last "
        f"fifth of the time: {found}. With {backups} backups {racers['with backups'].log.wasted:.0%} of the "
        f"gradients are dropped; asynchronous ones are {worst:.3g} updates old on average."
    )
