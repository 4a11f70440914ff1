"""The saddle that holds gradient descent: runs from its ridge, and the time to escape against the noise."""

from functools import lru_cache

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.chapters.ch04_newton_saddles.experiments.escape import escape_steps, median_escape
from course_lib.figures.style import STYLE
from course_lib.figures.surface import HEIGHT

NUM_SHOWN, NUM_STEPS, NUM_RUNS = 30, 240, 400
START = -1.6
NOISES = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
LONGEST = 2000


@lru_cache(maxsize=1)
def _noise():
    return np.random.default_rng(45).normal(size=(NUM_STEPS, NUM_SHOWN, 2))


@lru_cache(maxsize=64)
def escape_paths(noise, learning_rate):
    """30 runs on (x^2 - y^2) / 2 from the ridge y = 0, ``(NUM_STEPS + 1, 30, 2)``, followed to |y| = 3."""
    thetas = np.empty((NUM_STEPS + 1, NUM_SHOWN, 2))
    thetas[0] = (START, 0.0)
    factor = np.array([1 - learning_rate, 1 + learning_rate])
    for t, xi in enumerate(_noise()):
        new = factor * thetas[t] + learning_rate * noise * xi
        gone = np.abs(thetas[t, :, 1:]) > 3
        thetas[t + 1] = np.where(gone, thetas[t], new)
    return thetas


def escape_times(learning_rate, noises=NOISES):
    """Median and quartiles of the steps until |y| > 1, ``(len(noises), 3)``, from 400 runs each."""
    rng = np.random.default_rng(46)
    runs = [escape_steps(noise, learning_rate, rng, NUM_RUNS, limit=LONGEST) for noise in noises]
    return np.quantile(runs, (0.25, 0.5, 0.75), axis=1).T


def draw_escape_plane(ax):
    """The saddle with its ridge; returns ``(paths, ends)`` to move."""
    x, y = np.linspace(-2, 2, 81), np.linspace(-1.5, 1.5, 81)
    z = (x[None, :] ** 2 - y[:, None] ** 2) / 2
    ax.contourf(x, y, z, levels=20, cmap=HEIGHT)
    ax.contour(x, y, z, levels=20, colors="#4A5B6E", linewidths=0.5, alpha=0.6)
    ax.axhline(0, color="black", lw=1, ls=":")
    ax.plot(0, 0, "X", color="white", markeredgecolor="black", markersize=13)
    (paths,) = ax.plot([], [], "-", color="#0072B2", lw=1.1, alpha=0.8)
    (ends,) = ax.plot([], [], "o", color="#D55E00", markeredgecolor="black", markersize=7)
    ax.set(xlim=(-2, 2), ylim=(-1.5, 1.5), xlabel="x", ylabel="y")
    ax.set_title("30 runs from the ridge y = 0", fontsize=STYLE["axes.titlesize"])
    return paths, ends


def draw_escape_times(ax, learning_rate):
    """Median time against noise, on an axis for this learning rate; returns ``(theory, measured, here)`` to move."""
    (theory,) = ax.plot([], [], "-", color="black", lw=1.8, label="theory (4.24)")
    (measured,) = ax.plot([], [], "s", color="#56B4E9", markeredgecolor="black", markersize=8, label="400 runs, median")
    (here,) = ax.plot([], [], "o", color="#D55E00", markeredgecolor="black", markersize=13, label="this noise")
    ax.set_xscale("log")
    ax.set(xlim=(3e-9, 3), xlabel="gradient noise", ylabel="steps until |y| > 1")
    ax.set_ylim(0, longest_shown(learning_rate))
    ax.minorticks_off()
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.set_title("Time to escape", fontsize=STYLE["axes.titlesize"])
    return theory, measured, here


def longest_shown(learning_rate):
    """Where the axis of the times ends."""
    return 1.05 * median_escape(3e-9, learning_rate)


def move_times(artists, learning_rate, found, noise, own):
    theory, measured, here = artists
    line = np.geomspace(3e-9, 3, 120)
    theory.set_data(line, median_escape(line, learning_rate))
    measured.set_data(NOISES, found[:, 1])
    measured.axes.set_ylim(0, longest_shown(learning_rate))
    here.set_data([noise] if own is not None else [], [own[0, 1]] if own is not None else [])


def escape_text(noise, learning_rate, step, paths, own):
    """What is seen at this step."""
    away = int(np.sum(np.abs(paths[-1, :, 1]) > 1))
    first = f"Learning rate {learning_rate:g}, gradient noise {noise:g}: after {step} steps {away} of 30 runs have left"
    if own is None:
        return f"{first}; without noise none ever leaves, all end at the saddle."
    low, median, high = own[0]
    if median > LONGEST:
        return f"{first}; half of 400 runs are still there after {LONGEST} steps."
    theory = float(median_escape(noise, learning_rate))
    return f"{first}; half of 400 runs need {median:.0f} steps or fewer ({low:.0f} to {high:.0f}), theory {theory:.1f}."
