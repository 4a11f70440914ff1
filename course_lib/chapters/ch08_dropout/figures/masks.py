"""Dropout's masks on a batch of activations, and the mean of the outputs over many masks with what theory says."""

from functools import lru_cache

import numpy as np
from matplotlib.colors import ListedColormap

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import dropout_moments
from course_lib.figures.style import line_style

SAMPLES, UNITS, NUM_MASKS = 8, 16, 500
TOP = 4.2  # of the axis of outputs
OUTPUT, THEORY = line_style(1).color, "black"
SHADES = ListedColormap(["#FFFFFF", "#DCEAF5", "#B5D2EA", "#84B4DB", "#4F92C9", "#1F6FB0", "#08508A", "#063A66"])


@lru_cache(maxsize=1)
def activations():
    """``(8, 16)`` activations of a batch, from 0.2 to 2; fixed."""
    return np.random.default_rng(8).uniform(0.2, 2.0, (SAMPLES, UNITS)).round(2)


@lru_cache(maxsize=1)
def _uniform():
    return np.random.default_rng(80).random((NUM_MASKS, SAMPLES, UNITS))


@lru_cache(maxsize=32)
def mask_means(drop_rate):
    """For every number of masks the mean output of the first sample's units without any scaling, ``(500, 16)``."""
    kept = _uniform()[:, 0] < 1 - drop_rate
    return np.cumsum(kept, axis=0) / np.arange(1, NUM_MASKS + 1)[:, None] * activations()[0]


def _training_scale(drop_rate, form):
    return 1 / (1 - drop_rate) if form == "inverted" else 1.0


def _inference_scale(drop_rate, form):
    return 1 - drop_rate if form == "as published" else 1.0


def draw_masks(ax):
    """Empty artists for the batch: the image of what is let through, and a cross on what is dropped."""
    image = ax.imshow(np.zeros((SAMPLES, UNITS)), cmap=SHADES, vmin=0, vmax=4, aspect="auto")
    (dropped,) = ax.plot([], [], "x", color="#9A9A9A", ms=6, mew=1.4)
    (row,) = ax.plot([-0.5, UNITS - 0.5, UNITS - 0.5, -0.5, -0.5], [-0.5, -0.5, 0.5, 0.5, -0.5], color=OUTPUT, lw=2.4)
    ax.set(xlabel="unit", ylabel="sample", xticks=range(0, UNITS, 3), yticks=range(SAMPLES))
    ax.set_xticklabels(range(1, UNITS + 1, 3))
    ax.set_yticklabels(range(1, SAMPLES + 1))
    ax.set_title("One mask: crosses are dropped, blue is large", fontsize=13)
    return image, dropped, row


def move_masks(artists, drop_rate, masks, form):
    """Show the last of the masks."""
    image, dropped, _ = artists
    kept = _uniform()[masks - 1] < 1 - drop_rate
    image.set_data(activations() * kept * _training_scale(drop_rate, form))
    rows, columns = np.nonzero(~kept)
    dropped.set_data(columns, rows)


def draw_outputs(ax):
    """Empty artists for the first sample: the whole net's activation, the mean over masks, theory's band."""
    units = np.arange(1, UNITS + 1)
    ax.set(xlim=(0.2, UNITS + 0.8), ylim=(0, TOP), xlabel="unit of sample 1", ylabel="output")
    ax.set_title("Mean over the masks, and the net at inference", fontsize=13)
    (bars,) = ax.plot([], [], "-", color="#BBBBBB", lw=7, solid_capstyle="butt", label="theory, two standard errors")
    (beyond,) = ax.plot([], [], "^", color="#888888", ms=9, label="reaches beyond the axis")
    (whole,) = ax.plot(units, 0 * units, "_", color=THEORY, ms=16, mew=3, label="at inference")
    (mean,) = ax.plot(
        units, 0 * units, "o", color=OUTPUT, mec="black", ms=8, label="mean over the masks", clip_on=False
    )
    return bars, whole, beyond, mean


def move_outputs(artists, drop_rate, masks, form):
    """Show mean, band and inference for this number of masks."""
    bars, whole, beyond, mean = artists
    x, units = activations()[0], np.arange(1, UNITS + 1)
    scale = _training_scale(drop_rate, form) * (1 - drop_rate)  # of the expected output
    spread = 2 * scale * np.sqrt(dropout_moments(x, drop_rate)[1] / masks)  # (8.7)
    gap = np.full(UNITS, np.nan)
    heights = np.stack([np.maximum(scale * x - spread, 0), scale * x + spread, gap], axis=1).ravel()
    bars.set_data(np.repeat(units, 3), heights)
    whole.set_data(units, x * _inference_scale(drop_rate, form))
    outputs = _training_scale(drop_rate, form) * mask_means(drop_rate)[masks - 1]
    mean.set_data(units, np.where(outputs > TOP, np.nan, outputs))
    above = (heights[1::3] > TOP) | (outputs > TOP)
    beyond.set_data(units[above], np.full(above.sum(), TOP))


def masks_text(drop_rate, masks, form):
    """The finding in words: share kept, mean output over that at inference, and the noise of a single mask."""
    x = activations()[0]
    training, inference = _training_scale(drop_rate, form), _inference_scale(drop_rate, form)
    mean = training * mask_means(drop_rate)[masks - 1]
    kept = np.mean(_uniform()[:masks] < 1 - drop_rate)
    inside = (
        np.abs(mean - training * (1 - drop_rate) * x)
        <= 2 * np.sqrt(training**2 * drop_rate * (1 - drop_rate) * x**2 / masks) + 1e-12
    )
    relative = np.sqrt(drop_rate / (1 - drop_rate))
    said = (
        f"Drop rate {drop_rate:.2g}, {form}, {masks} mask{'s' if masks > 1 else ''}: {kept:.0%} of the entries kept; "
        f"mean output over the output at inference {np.sum(mean) / np.sum(inference * x):.2f}"
    )
    expected = training * (1 - drop_rate) / inference
    return (
        f"{said}, expected {expected:.2f}; {inside.sum()} of {UNITS} units within two standard errors. "
        f"A single mask's standard deviation is {relative:.2f} of the mean."
    )
