"""A net on two half moons: where it draws the line, and its losses on samples that it saw and did not see."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from course_lib.chapters.ch08_dropout.experiments.overfitting import (
    Settings,
    accuracy,
    cached_learning,
    confidence,
    moons_task,
    stops_at,
    wrong_labels,
)

X, Y = np.linspace(-1.7, 2.7, 56), np.linspace(-1.35, 1.85, 42)
GRID = np.stack(np.meshgrid(X, Y), axis=-1)
SIDES = LinearSegmentedColormap.from_list("sides", ["#F2B27E", "#FFF9F3", "#9CC7E4"])
UPPER, LOWER = "#A84A00", "#0072B2"  # the two classes
TRAINING, VALIDATION, FRESH = "#0072B2", "#D55E00", "#555555"
CURVES = (
    ("training", TRAINING, "-", 2.4),
    ("validation", VALIDATION, "--", 2.4),
    ("500 fresh samples", FRESH, ":", 2.4),
)
LOSSES = (0.03, 6.0)


def draw_plane(ax):
    """Empty artists for the plane: ``(shade, upper, lower, wrong)``."""
    shade = ax.imshow(
        SIDES(np.full((len(Y), len(X)), 0.5), bytes=True),
        extent=(X[0], X[-1], Y[0], Y[-1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    upper, lower = (
        ax.plot([], [], marker, color=color, mec="white", mew=0.8, ms=8, label=label)[0]
        for marker, color, label in (("o", UPPER, "labelled upper"), ("s", LOWER, "labelled lower"))
    )
    (wrong,) = ax.plot([], [], "o", color="none", mec="black", mew=1.8, ms=14, label="wrong label")
    ax.set(xlim=(X[0], X[-1]), ylim=(Y[0], Y[-1]), xticks=[], yticks=[])
    ax.set_title("What the net makes of the plane")
    return shade, upper, lower, wrong


def move_plane(artists, settings, theta):
    """Show the net's probabilities and the training samples."""
    shade, upper, lower, wrong = artists
    train = moons_task(settings.num_samples, settings.label_noise, settings.seed)[0].train
    size = np.clip(np.sqrt(90 / len(train.y)), 0.55, 1)  # 700 samples of full size would hide each other
    for artist, full in ((upper, 8), (lower, 8), (wrong, 14)):
        artist.set_markersize(full * size)
    wrong.set_markeredgewidth(0.8 + size)
    shade.set_data(SIDES(confidence(settings, theta, GRID), bytes=True))  # colours: quicker to enlarge than numbers
    for label, artist in enumerate((upper, lower)):
        artist.set_data(*train.x[train.y == label].T)
    wrong.set_data(*train.x[wrong_labels(settings)].T)


def draw_losses(ax, num_epochs):
    """Axes and empty artists for the losses: one line each, and a vertical line with a dot for the net shown.

    The edges lie a little outside the epochs, so that a dot on the first or last is whole.
    """
    ax.set_yscale("log")
    ax.set(xlim=(-0.015 * num_epochs, 1.02 * num_epochs), ylim=LOSSES, xlabel="epoch", ylabel="cross-entropy")
    ax.set_yticks([0.03, 0.1, 0.3, 1, 3], labels=["0.03", "0.1", "0.3", "1", "3"])
    ax.minorticks_off()
    ax.grid(True, axis="y", color="#E3E3E3", lw=0.8)
    lines = [ax.plot([], [], dashes, color=c, lw=lw, label=label)[0] for label, c, dashes, lw in CURVES]
    (here,) = ax.plot([], [], "-", color="#333333", lw=1.2)
    (mark,) = ax.plot([], [], "o", color=VALIDATION, mec="black", ms=10, label="the net shown")
    ax.set_title("Loss on samples it saw, and on others")
    return (*lines, here, mark)


def move_losses(artists, losses, shown):
    """Draw ``losses (epochs + 1, 3)``, and the epoch ``shown``."""
    *lines, here, mark = artists
    for line, curve in zip(lines, losses.T, strict=True):
        line.set_data(np.arange(len(curve)), np.clip(curve, LOSSES[0] / 2, LOSSES[1] * 2))
    here.set_data([shown, shown], LOSSES)
    mark.set_data([shown], [np.clip(losses[shown, 1], *LOSSES)])


def written(losses):
    """Three losses in words."""
    training, validation, fresh = losses
    return f"loss {training:.2f} on training, {validation:.2f} on validation, {fresh:.2f} on fresh samples"


def explorer_text(settings, learning):
    """The finding of the explorer in words."""
    epochs = len(learning.losses) - 1
    shown = learning.best_epoch if settings.patience else epochs
    theta = learning.chosen(settings.patience)
    size = f"{theta.size} parameters for {len(moons_task(settings.num_samples, 0.0, settings.seed)[0].train.y)} samples"
    how = f"after {epochs} of {settings.num_epochs} epochs"
    if settings.patience:
        how += f", {'stopped by patience; ' if learning.stopped else ''}the net of epoch {shown} is kept"
    elif learning.best_epoch < epochs:
        how += (
            f" (lowest validation loss: {learning.losses[learning.best_epoch, 1]:.2f} at epoch {learning.best_epoch})"
        )
    sure = accuracy(settings, theta)
    return f"{size}, {how}: {written(learning.losses[shown])}; {sure:.0%} of fresh points on the right side."


def scrubber_text(settings, learning, epoch, patience):
    """The finding of the scrubber in words: where patience stops, what it returns, and what it missed."""
    stop, best = stops_at(learning.losses[:, 1], patience)
    lowest = int(np.argmin(learning.losses[:, 2]))
    ended = f"ends the training at epoch {stop}" if stop - best >= patience else "never runs out"
    return (
        f"Patience {patience} {ended} and returns epoch {best}: {written(learning.losses[best])}. The fresh samples, "
        f"which nobody has, would choose epoch {lowest} ({learning.losses[lowest, 2]:.2f}). Shown: epoch {epoch}, "
        f"{written(learning.losses[epoch])}."
    )


def scrubbed(seed, num_samples, drop_rate=0.0):
    """Settings and the whole training for the scrubber, every epoch kept."""
    settings = Settings(width=50, num_samples=num_samples, drop_rate=drop_rate, num_epochs=150, seed=seed)
    return settings, cached_learning(settings, keep_all=True)
