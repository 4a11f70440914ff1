"""One unit before and after batch normalisation, and after its activation: what the activation explorer draws."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.figures.style import line_style

NUM_INPUTS = 4096
KINDS = ("normal", "two groups", "skewed")
MODES = ("training", "inference", "inference, never trained")
EPS = 1e-5
ACTIVATIONS = {
    "sigmoid": (lambda x: 1 / (1 + np.exp(-np.clip(x, -500, 500))), (-0.15, 1.15)),
    "tanh": (np.tanh, (-1.25, 1.25)),
    "ReLU": (lambda x: np.maximum(x, 0), (-0.6, 8.0)),
}
WINDOWS = ((-16.0, 16.0), (-8.0, 8.0))


@lru_cache(maxsize=3)
def pool(kind):
    """4 096 numbers with mean 0 and standard deviation 1, in an order that stays: normal, two groups, or skewed."""
    rng = np.random.default_rng(KINDS.index(kind))
    if kind == "two groups":
        values = rng.normal(size=NUM_INPUTS) * 0.4 + rng.choice([-1.0, 1.0], NUM_INPUTS)
    else:
        values = rng.normal(size=NUM_INPUTS) if kind == "normal" else rng.exponential(size=NUM_INPUTS)
    return (values - values.mean()) / values.std()


class Unit(NamedTuple):
    """One setting: inputs ``x``, outputs ``y``, activations with and without batch normalisation, all ``(n,)``."""

    x: np.ndarray
    y: np.ndarray
    active: np.ndarray
    plain: np.ndarray


def compute_unit(mean, spread, batch_size, gamma, beta, mode="training", kind="normal", activation="sigmoid"):
    """Send the pool through one unit; in training every ``batch_size`` inputs in turn are one batch."""
    x = mean + spread * pool(kind)
    if mode == "training":
        batches = x[: NUM_INPUTS // batch_size * batch_size].reshape(-1, batch_size)
        var = batches.var(axis=1, keepdims=True)
        x_hat = ((batches - batches.mean(axis=1, keepdims=True)) / np.sqrt(var + EPS)).ravel()  # (7.1)
    elif mode == "inference":
        x_hat = (x - mean) / np.sqrt(spread**2 + EPS)  # (7.4), running statistics that found mean and spread
    else:
        x_hat = x / np.sqrt(1 + EPS)  # running statistics as they are at the start: mean 0, variance 1
    y = gamma * x_hat + beta  # (7.2)
    activate = ACTIVATIONS[activation][0]
    return Unit(x, y, activate(y), activate(x))


def unit_text(unit, batch_size, gamma, beta, mode, activation):
    """The finding in words."""
    how = f"in batches of {batch_size}" if mode == "training" else f"at {mode}"
    if mode == "training" and batch_size == 1:
        result = f"every output is beta, {beta:g}: of the input nothing is left"
    else:
        result = f"after it mean {_tidy(unit.y.mean())}, standard deviation {_tidy(unit.y.std())}"
    return (
        f"{NUM_INPUTS} inputs with mean {_tidy(unit.x.mean())}, standard deviation {_tidy(unit.x.std())}, go through "
        f"batch normalisation {how}, gamma {gamma:g}, beta {beta:g}: {result}. {_flat(unit, activation)}"
    )


def _tidy(value):
    return f"{value:.2f}" if abs(value) >= 0.005 else "0.00"


def _flat(unit, activation):
    """Share of the activations whose derivative is small, with and without."""
    slopes = {"sigmoid": lambda a: a * (1 - a) < 0.02, "tanh": lambda a: 1 - a * a < 0.08, "ReLU": lambda a: a <= 0}
    where = "are zero" if activation == "ReLU" else f"lie where the {activation} is flat"
    shares = [np.mean(slopes[activation](part)) for part in (unit.active, unit.plain)]
    return f"Of its activations {shares[0]:.0%} {where}, without batch normalisation {shares[1]:.0%}."


def heights(values, edges):
    """Histogram whose largest bar is 1; what lies outside is not shown."""
    counts, _ = np.histogram(values, edges)
    return counts / max(counts.max(), 1)


def edges_of(panel, activation):
    """Bin edges of the three panels: input, output, activation."""
    low, high = WINDOWS[panel] if panel < 2 else ACTIVATIONS[activation][1]
    return np.linspace(low, high, 97)


def draw_unit(axes, activation):
    """Axes and empty artists: three histograms, the one without batch normalisation, the bar of gamma and beta."""
    titles = ("input of the unit", "after batch norm", f"after the {activation}")
    artists = []
    for panel, (ax, title) in enumerate(zip(axes, titles, strict=True)):
        edges, style = edges_of(panel, activation), line_style(panel)
        ax.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.16), yticks=[], xlabel=title)
        artists.append(
            ax.stairs(np.zeros(96), edges, fill=True, color=style.color, alpha=0.85, label=title if panel < 0 else None)
        )
        if panel < 2:
            ax.axvline(0, color="#999999", lw=1)
    plain = axes[2].stairs(
        np.zeros(96), edges_of(2, activation), fill=False, color="black", lw=1.8, ls="--", label="without batch norm"
    )
    (bar,) = axes[1].plot([], [], "-", color="black", lw=3, label="beta ± gamma", zorder=5)
    (dot,) = axes[1].plot([], [], "o", color="black", ms=8, zorder=6)
    return [*artists, plain, bar, dot]


def move_unit(artists, unit, gamma, beta, activation):
    """Show one setting."""
    *bars, plain, bar, dot = artists
    for panel, (artist, values) in enumerate(zip(bars, (unit.x, unit.y, unit.active), strict=True)):
        artist.set_data(heights(values, edges_of(panel, activation)))
    plain.set_data(heights(unit.plain, edges_of(2, activation)))
    bar.set_data([beta - gamma, beta + gamma], [1.09, 1.09])
    dot.set_data([beta], [1.09])
