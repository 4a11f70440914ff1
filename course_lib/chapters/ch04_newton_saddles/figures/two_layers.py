"""Two linear layers: the two branches of their minima, the saddle between, and Saxe's curve on the run."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import deep_linear, saxe_product
from course_lib.figures.style import STYLE
from course_lib.figures.surface import HEIGHT, contour_levels
from course_lib.optimizers import SGD
from course_lib.run import descend

WINDOW = 2.2
DURATION = 10.0  # of the gradient flow, in units of time: steps * learning rate
SURFACE = deep_linear()
BRANCH = np.geomspace(1 / WINDOW, WINDOW, 100)


def run_layers(start, learning_rate):
    """Gradient descent for as many steps as fill ``DURATION``: ``(steps + 1, 2)``."""
    with np.errstate(all="ignore"):
        return descend(SURFACE, SGD(learning_rate), start, round(DURATION / learning_rate)).thetas


def draw_plane(ax):
    """Contours, both branches and the saddle; returns ``(path, start, end)`` to move."""
    axis = np.linspace(-WINDOW, WINDOW, 121)
    z = SURFACE.value(np.stack(np.meshgrid(axis, axis), axis=-1))
    levels = contour_levels(z, 0.0, 18)
    ax.contourf(axis, axis, z, levels=levels, cmap=HEIGHT)
    ax.contour(axis, axis, z, levels=levels[1:-1:2], colors="#4A5B6E", linewidths=0.5, alpha=0.6)
    for side, label in ((1, "minima: two branches"), (-1, None)):
        ax.plot(side * BRANCH, side / BRANCH, "-", color="#009E73", lw=4, label=label)
    ax.plot(0, 0, "X", color="white", markeredgecolor="black", markersize=13, lw=0, label="saddle")
    (path,) = ax.plot([], [], "-", color="#D55E00", lw=2.4)
    (start,) = ax.plot([], [], "o", color="white", markeredgecolor="black", markersize=10)
    (end,) = ax.plot([], [], "D", color="#F0E442", markeredgecolor="black", markersize=9)
    ax.set(xlim=(-WINDOW, WINDOW), ylim=(-WINDOW, WINDOW), xlabel=r"$w_1$", ylabel=r"$w_2$")
    ax.set_title("Click for a start", fontsize=STYLE["axes.titlesize"])
    return path, start, end


def draw_products(ax, duration):
    """The product against time; returns ``(run, curve)`` to move."""
    ax.axhline(1, color="#009E73", lw=4, alpha=0.5)
    (run,) = ax.plot([], [], "-", color="#0072B2", lw=4.5, label="gradient descent")
    (exact,) = ax.plot([], [], "--", color="black", lw=2, label="Saxe's exact curve (4.23)")
    ax.set(xlim=(0, duration), ylim=(-0.6, 1.6), xlabel="steps × learning rate", ylabel=r"$w_1 w_2$")
    ax.set_title("The product that the network computes", fontsize=STYLE["axes.titlesize"])
    return run, exact


def balanced(start):
    """Whether (4.23) applies: both weights alike, not 0."""
    return start[0] == start[1] and start[0] != 0


def move_layers(plane, products, run, start, learning_rate):
    seen = np.clip(np.nan_to_num(run, nan=1e3, posinf=1e3, neginf=-1e3), -50, 50)
    path, first, last = plane
    path.set_data(*seen.T)
    first.set_data(*seen[:1].T)
    last.set_data(*seen[-1:].T)
    t = learning_rate * np.arange(len(run))
    product, exact = products
    product.set_data(t, np.clip(seen.prod(axis=-1), -5, 5))
    exact.set_data(t, saxe_product(t, start[0] ** 2)) if balanced(start) else exact.set_data([], [])


def two_layers_text(run, start, learning_rate):
    """Where the run ends, and how far the curve (4.23) is from it."""
    w1, w2 = run[-1]
    begin = f"From ({start[0]:.3g}, {start[1]:.3g}) with learning rate {learning_rate:g}, gradient descent "
    if not np.isfinite(run[-1]).all():
        return f"{begin}diverges."
    product = w1 * w2
    if abs(product - 1) < 0.02:
        side = "positive" if w1 > 0 else "negative"
        where = f"ends on the {side} branch, at ({w1:.3f}, {w2:.3f})"
    elif np.hypot(w1, w2) < 0.05:
        where = "ends at the saddle"
    else:
        where = f"is at ({w1:.3g}, {w2:.3g}), product {product:.2g}, after {len(run) - 1} steps"
    if not balanced(start):
        return f"{begin}{where}. The weights are not balanced, so the exact curve is left out."
    t = learning_rate * np.arange(len(run))
    off = np.max(np.abs(run.prod(axis=-1) - saxe_product(t, start[0] ** 2)))
    return f"{begin}{where}. Its product is at most {off:.1g} away from Saxe's exact curve."
