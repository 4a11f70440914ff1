"""The noise ball: a cloud of runs of SGD around the minimum, with the ellipse that theory draws over it.

The problem is ``noise_ball.bowls`` around 32 fixed points. All batches that a figure can ask for are drawn
once, as cumulative sums over random orders, so that a batch of any size is one subtraction, and a slider
moves these 600 runs instead of drawing new ones.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch02_sgd_noise.experiments import ball_variance, expected_path
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.schedules import (
    constant,
    cosine,
    cosine_restarts,
    inverse_square_root,
    inverse_time,
    linear_blend,
)

SIZE, NUM_RUNS, NUM_STEPS = 32, 600, 160
CURVATURES = np.array([1.0, 0.25])
START = np.array([3.2, 2.4])
WINDOW = ((-4.2, 4.2), (-3.1, 3.1))
BATCH_SIZES = (1, 2, 4, 8, 16, 32)
CLOUD, THEORY, DATA = "#0072B2", "#D55E00", "#6B7785"
IN_ELLIPSE = 0.865  # 1 - exp(-2): share of a normal cloud within two standard deviations

SCHEDULES = {
    "constant": constant,
    "1/k": lambda rate: inverse_time(10 * rate, 9),
    "1/√k": inverse_square_root,
    "linear blend": lambda rate: linear_blend(rate, 0.01 * rate, NUM_STEPS),
    "cosine": lambda rate: cosine(rate, 0.0, NUM_STEPS),
    "cosine with restarts": lambda rate: cosine_restarts(rate, 0.0, NUM_STEPS // 4),
}


@lru_cache(maxsize=1)
def centres():
    """``(32, 2)`` points around the origin, stretched from lower left to upper right, their mean 0."""
    rng = np.random.default_rng(2)
    points = rng.normal(size=(SIZE, 2)) @ np.array([[1.3, 0.55], [0.0, 0.75]])
    points -= points.mean(axis=0)
    points.setflags(write=False)
    return points


def spread():
    """Covariance of the points, ``(2, 2)``."""
    return np.cov(centres().T, bias=True)


@lru_cache(maxsize=3)
def _draws(sampling):
    """Cumulative sums ``(rows, runs, 33, 2)`` of the points in random order: rows are updates, or epochs."""
    rng = np.random.default_rng(["with replacement", "without replacement", "epochs"].index(sampling))
    shape = (NUM_STEPS, NUM_RUNS, SIZE)
    if sampling == "with replacement":
        order = rng.integers(SIZE, size=shape)
    else:
        order = rng.permuted(np.broadcast_to(np.arange(SIZE, dtype=np.int8), shape), axis=-1)
    sums = np.zeros((NUM_STEPS, NUM_RUNS, SIZE + 1, 2), dtype=np.float32)
    np.cumsum(centres().astype(np.float32)[order], axis=2, out=sums[:, :, 1:])
    return sums


@lru_cache(maxsize=32)
def batch_means(batch_size, sampling):
    """What each update of each run sees: ``(num_steps, runs, 2)``."""
    sums = _draws(sampling)
    if sampling != "epochs":
        return (sums[:, :, batch_size] / batch_size).astype(float)
    t = np.arange(NUM_STEPS)
    epoch, first = t * batch_size // SIZE, t * batch_size % SIZE
    return ((sums[epoch, :, first + batch_size] - sums[epoch, :, first]) / batch_size).astype(float)


class Cloud(NamedTuple):
    """Runs and theory over the steps: ``thetas (num_steps + 1, runs, 2)``, ``means``, ``covariances``, ``rates``."""

    thetas: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    rates: np.ndarray

    @property
    def measured(self):
        """Mean squared distance from the minimum over the runs, ``(num_steps + 1,)``."""
        return np.einsum("tri,tri->t", self.thetas, self.thetas) / self.thetas.shape[1]

    @property
    def predicted(self):
        """What theory says of them."""
        return np.sum(self.means**2, axis=-1) + np.trace(self.covariances, axis1=-2, axis2=-1)


def compute_cloud(learning_rate, batch_size=1, sampling="with replacement", schedule="constant"):
    """All runs, and what theory says of them, for one setting.

    Raises ``ValueError`` for a batch size that does not divide 32, or a learning rate of 2 or more, where runs diverge.
    """
    if batch_size not in BATCH_SIZES:
        raise ValueError(f"Batch size {batch_size}: choose one of {', '.join(map(str, BATCH_SIZES))}.")
    if not 0 < learning_rate < 2:
        raise ValueError(f"The learning rate is {learning_rate}: between 0 and 2 (2 / largest curvature) runs stay.")
    if schedule not in SCHEDULES:
        raise ValueError(f"There is no schedule {schedule!r}: choose one of {', '.join(SCHEDULES)}.")
    rates = np.atleast_1d(SCHEDULES[schedule](learning_rate)(np.arange(1, NUM_STEPS + 1)))
    seen = batch_means(batch_size, sampling)
    thetas = np.empty((NUM_STEPS + 1, NUM_RUNS, 2))
    thetas[0] = START
    for t, rate in enumerate(rates):
        pull = rate * CURVATURES
        np.multiply(thetas[t], 1 - pull, out=thetas[t + 1])
        thetas[t + 1] += pull * seen[t]
    theory = expected_path(START, spread(), CURVATURES, rates, SIZE, batch_size, sampling)
    return Cloud(thetas, *theory, rates)


def ellipse(mean, covariance, deviations=2.0, num_points=73):
    """The points ``(num_points, 2)`` that lie ``deviations`` standard deviations from the mean."""
    angle = np.linspace(0, 2 * np.pi, num_points)
    values, vectors = np.linalg.eigh(covariance)
    axes = vectors * np.sqrt(np.maximum(values, 0.0))
    return mean + deviations * np.stack([np.cos(angle), np.sin(angle)], axis=-1) @ axes.T


def share_inside(points, mean, covariance, deviations=2.0):
    """Share of ``points`` within the ellipse; 1 where it has shrunk to a point and so have they."""
    away = points - mean
    if np.trace(covariance) < 1e-12:  # the full batch: no noise but that of float32
        return float(np.mean(np.abs(away).max(axis=-1) < 1e-4))
    distance = np.einsum("ri,ri->r", away, np.linalg.solve(covariance, away.T).T)
    return float(np.mean(distance <= deviations**2))


def cloud_text(cloud, learning_rate, batch_size, sampling, schedule, step):
    """The finding in words: how far the runs are, what theory says, how many lie in its ellipse."""
    inside = share_inside(cloud.thetas[step], cloud.means[step], cloud.covariances[step])
    return (
        f"{NUM_RUNS} runs after {step} steps, batch size {batch_size} {_drawn(sampling)}, learning rate "
        f"{learning_rate:.3g}, {schedule}: mean squared distance from the minimum {_small(cloud.measured[step])}, by "
        f"theory {_small(cloud.predicted[step])}; {inside:.0%} of the runs lie in the ellipse (of a normal cloud 86%)."
    )


def _drawn(sampling):
    return "dealt out in epochs" if sampling == "epochs" else f"drawn {sampling}"


def _small(number):
    return "0" if number < 1e-12 else f"{number:.3g}"


def draw_plane(ax):
    """What stays: the points and their mean, the minimum."""
    ax.plot(*centres().T, "+", color=DATA, ms=8, mew=1.6, label="samples")
    ax.plot(0, 0, "*", color="white", mec="black", ms=15, label="minimum", zorder=6)
    ax.plot(*START, "o", color="black", mec="white", ms=8, label="start", zorder=6)
    ax.set(xlim=WINDOW[0], ylim=WINDOW[1], xlabel=r"$\theta_1$, curvature 1", ylabel=r"$\theta_2$, curvature 0.25")


def draw_cloud(ax):
    """Empty artists for the runs, the ellipse and the mean: ``(cloud, halo, ellipse)``."""
    (runs,) = ax.plot([], [], "o", color=CLOUD, ms=3, mew=0, alpha=0.45, label=f"{NUM_RUNS} runs", zorder=3)
    (halo,) = ax.plot([], [], "-", color="white", lw=5, zorder=4)
    (line,) = ax.plot([], [], "-", color=THEORY, lw=2.6, label="theory, two standard deviations", zorder=5)
    return runs, halo, line


def move_cloud(artists, cloud, step):
    """Show the runs and the ellipse at ``step``."""
    ring = ellipse(cloud.means[step], cloud.covariances[step])
    for artist, points in zip(artists, (cloud.thetas[step], ring, ring), strict=True):
        artist.set_data(*points.T)


def draw_distance(ax):
    """Axes and empty artists for the mean squared distance: ``(measured, theory, now)``."""
    ax.set_yscale("log")
    ax.set(xlim=(0, NUM_STEPS), ylim=(1e-3, 300), xlabel="step", ylabel="mean squared distance")
    ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
    (measured,) = ax.plot([], [], "-", color=CLOUD, lw=4.5, alpha=0.55)
    (theory,) = ax.plot([], [], "--", color=THEORY, lw=2)
    (now,) = ax.plot([], [], "o", color=CLOUD, mec="black", ms=10)
    return measured, theory, now


def move_distance(artists, cloud, step):
    """Show both curves, and where ``step`` is."""
    t = np.arange(NUM_STEPS + 1)
    curves = np.maximum(cloud.measured, 1e-9), np.maximum(cloud.predicted, 1e-9)
    for artist, curve in zip(artists, curves, strict=False):
        artist.set_data(t, curve)
    artists[2].set_data([step], [max(curves[0][step], 1e-3)])


def sampling_figure(learning_rate=0.5, batch_size=4):
    """Return ``(figure, alt)``: one cloud, batches drawn with, without replacement, and in epochs."""
    figure, axes = new_figure(11, 4.2, ncols=3, sharey=True)
    said = []
    for ax, sampling in zip(axes, ("with replacement", "without replacement", "epochs"), strict=True):
        cloud = compute_cloud(learning_rate, batch_size, sampling)
        draw_plane(ax)
        move_cloud(draw_cloud(ax), cloud, NUM_STEPS)
        ax.set(title=sampling, xlim=(-1.9, 1.9), ylim=(-1.5, 1.5))
        said.append(f"{sampling} {cloud.measured[-1]:.3f} (theory {cloud.predicted[-1]:.3f})")
    for ax in axes[1:]:
        ax.set_ylabel("")
    outside_legend(figure, axes[0])
    alt = (
        f"{NUM_RUNS} runs after {NUM_STEPS} steps with batch size {batch_size} and learning rate {learning_rate:g}; "
        f"mean squared distance from the minimum: {'; '.join(said)}."
    )
    return figure, alt


def radius_figure():
    """Return ``(figure, alt)``: the ball's variance against the learning rate, eta / (2 - eta), and measured."""
    figure, (left, right) = new_figure(ncols=2)
    rates = np.linspace(0.02, 1.95, 200)
    tried = np.array([0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 1.8])
    variance = spread()[0, 0]
    measured = [compute_cloud(rate).thetas[-80:, :, 0].var() / variance for rate in tried]
    style = line_style(0)
    left.semilogy(rates, ball_variance(rates), "-", color="black", lw=1.6, label="η / (2 − η)")
    left.semilogy(tried, measured, style.marker, color=style.color, mec="black", ms=9, label="measured")
    left.set(title="A larger step, a larger ball", xlabel="learning rate η", ylabel="variance / noise")
    sizes = np.array(BATCH_SIZES[:-1])
    for index, sampling in enumerate(("with replacement", "without replacement", "epochs")):
        style = line_style(index)
        ends = [compute_cloud(0.5, int(size), sampling).thetas[-32::2, :, 0].var() / variance for size in sizes]
        right.loglog(sizes, ends, style.dashes, marker=style.marker, color=style.color, mec="black", label=sampling)
    right.loglog(sizes, ball_variance(0.5) / sizes, ":", color="black", lw=1.6, label="1 / batch size")
    right.set(title="A larger batch, a smaller ball", xlabel="batch size", ylabel="")
    right.set_xticks(sizes, labels=[str(size) for size in sizes])
    right.minorticks_off()
    outside_legend(figure, left, right)
    pairs = ", ".join(
        f"{rate:g}: {value:.3f} ({ball_variance(rate):.3f})"
        for rate, value in zip(tried[2:5], measured[2:5], strict=True)
    )
    return (
        figure,
        f"Variance of the noise ball over that of the noise, measured (theory), at learning rate {pairs}.",
    )
