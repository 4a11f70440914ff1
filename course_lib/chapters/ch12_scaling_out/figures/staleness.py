"""How old gradients are when they arrive, and what that does to descent on a bowl."""

import numpy as np

from course_lib.figures.style import line_style

MOST = 64  # updates: the last bar holds all that is older
PATH = 120  # updates shown
WINDOW = (-2.2, 2.2)


def draw_histogram(ax):
    """Empty bars, and the line of the mean; returns ``(bars, mean)``."""
    ax.set(xlim=(-0.7, MOST + 0.7), ylim=(0, 1.02), xlabel="updates since it was read", ylabel="share of the gradients")
    ax.set_title("How old gradients are")
    bars = ax.bar(np.arange(MOST + 1), np.zeros(MOST + 1), width=0.85, color="#56B4E9", label="share of the gradients")
    mean = ax.axvline(0, color="black", lw=1.5, ls="--", label="workers - 1")
    return list(bars), mean


def move_histogram(artists, shares, workers):
    """Set the heights."""
    bars, mean = artists
    for bar, share in zip(bars, shares, strict=True):
        bar.set_height(share)
    mean.set_xdata([workers - 1, workers - 1])


def shares_of(staleness):
    """Share of the gradients of each age up to ``MOST``, ``(MOST + 1,)``; older ones are not shown."""
    return np.bincount(staleness[staleness <= MOST], minlength=MOST + 1) / len(staleness)


def draw_paths(ax):
    """Empty paths: along the simulated log, and with a fixed delay."""
    ax.set(xlim=(0, PATH), ylim=WINDOW, xlabel="update", ylabel="θ", title="Descent on f = θ² / 2 from 1")
    ax.axhline(0, color="#6B7785", lw=1)
    lines = []
    for index, (label, width) in enumerate((("these gradients", 2.4), ("a fixed delay of workers - 1", 1.6))):
        style = line_style(index)
        (line,) = ax.plot([], [], style.dashes, color=style.color, lw=width, label=label)
        lines.append(line)
    return lines


def move_paths(lines, paths):
    """Draw two paths ``(PATH + 1,)``; what leaves the picture is cut off just outside of it."""
    for line, path in zip(lines, paths, strict=True):
        line.set_data(np.arange(len(path)), np.clip(np.nan_to_num(path, nan=9.0), -9, 9))


def staleness_text(staleness, workers, step, limit, paths):
    """What came out, in words."""
    ends = [
        "goes to the minimum"
        if abs(path[-20:]).max() < 0.1
        else "swings on"
        if abs(path[-20:]).max() < 2
        else "diverges"
        for path in paths
    ]
    return (
        f"{workers} worker{'s' if workers > 1 else ''}: gradients are {staleness.mean():.3g} updates old on average, "
        f"at most {staleness.max()}. With a fixed delay of {workers - 1}, steps up to {limit:.2g} converge; at a "
        f"step of {step:.2g} descent {ends[1]}, and with the gradients as they come it {ends[0]}."
    )
