"""The basin map: every start coloured by the kind of critical point at which it ends, and the share of each kind."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.chapters.ch04_newton_saddles.experiments.basins import (
    KINDS,
    METHODS,
    NUM_STEPS,
    basins,
    grid,
    optimizer_for,
)
from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import deep_linear
from course_lib.figures.style import STYLE, new_figure
from course_lib.figures.surface import contour_levels, outside_legend, surface_grid
from course_lib.run import descend
from course_lib.surfaces import SURFACES

# By kind: colour, and what the bar is called. Lightness tells the colours apart without hue.
COLORS = {
    "minimum": "#0072B2",
    "saddle": "#E69F00",
    "maximum": "#B2447F",
    "degenerate": "#009E73",
    "none": "#D9D9D9",
}
NAMES = ("himmelblau", "hills", "local_minimum", "saddle_point", "deep_linear", "classical_saddle", "monkey_saddle")
RATES = {"himmelblau": 0.01, "hills": 0.05, "local_minimum": 0.02, "saddle_point": 0.2, "deep_linear": 0.05}
RUN_STEPS = {method: min(steps, 120) for method, steps in NUM_STEPS.items()}
PATH_COLOR = "#111111"


def surface_of(name):
    """The surface with this name; ``KeyError`` with the names there are."""
    if name not in NAMES:
        raise KeyError(f"There is no basin map of {name!r}. Choose one of: {', '.join(NAMES)}.")
    return DEEP_LINEAR if name == "deep_linear" else SURFACES[name]


DEEP_LINEAR = deep_linear()


def rgb(color):
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def shades(found):
    """A number 0, 1, 2 or 3 for each end: runs that end at one point share it."""
    shade = np.zeros(found.kinds.shape, dtype=int)
    for kind in range(4):
        here = found.kinds == kind
        if kind == 3 or not here.any():  # degenerate ends lie on curves: one shade
            continue
        keys = np.round(found.ends[here], 2) + 0.0
        keys = keys[:, 0] * 1e6 + keys[:, 1]
        shade[here] = np.unique(keys, return_inverse=True)[1] % 4
    return shade


def basin_image(found):
    """uint8 ``(m, k, 3)``: colour by kind, lightness by which of the points of that kind it is."""
    colors = np.array([rgb(COLORS[kind]) for kind in KINDS])[found.kinds]
    light = shades(found)[..., None] * 0.17
    return np.round(colors + (255 - colors) * light).astype(np.uint8)


def path_of(surface, method, start, damping, learning_rate):
    """The run from ``start``, ``(steps + 1, 2)``, cut four windows away: there the last point lies."""
    optimizer = optimizer_for(method, damping, learning_rate)
    thetas = descend(surface, optimizer, np.asarray(start, dtype=float), RUN_STEPS[method]).thetas
    size = max(np.ptp(limits) for limits in surface.window)
    good = np.isfinite(thetas).all(axis=-1) & (np.abs(np.nan_to_num(thetas)).max(axis=-1) < 4 * size)
    if good.all():
        return thetas
    last = max(int(np.argmin(good)), 1)
    out = thetas[last : last + 1]
    edge = 4 * size * out / np.abs(out).max() if np.isfinite(out).all() else thetas[:0]
    return np.concatenate([thetas[:last], edge])


def draw_basins(ax, surface, size=2):
    """Axes for a basin map; returns ``(image, seldom)``: the image to fill, and what is drawn above it."""
    (left, right), (bottom, top) = surface.window
    blank = np.full((size, size, 3), 255, dtype=np.uint8)
    extent = (left, right, bottom, top)
    image = ax.imshow(blank, origin="lower", extent=extent, aspect="auto", interpolation="nearest")
    x, y, z = surface_grid(surface)
    levels = contour_levels(z, z.min(), 14)[1:-1]
    lines = ax.contour(x, y, z, levels=levels, colors="white", linewidths=0.7, alpha=0.75)
    seldom = [image, lines]
    for points, marker in ((surface.minima, "*"), (surface.saddles, "X"), (surface.maxima, "^")):
        if points:
            style = {"color": "white", "markeredgecolor": "black", "markersize": 10, "markeredgewidth": 1.0}
            seldom += ax.plot(*np.array(points).T, marker, **style)
    ax.set(xlim=(left, right), ylim=(bottom, top), title=surface.title)
    ax.set_xlabel(r"start $\theta_1$")
    ax.set_ylabel(r"start $\theta_2$")
    return image, seldom


def draw_bars(ax):
    """Empty bars, one a kind; returns ``(bars, texts)``."""
    bars = ax.barh(range(len(KINDS)), [0] * len(KINDS), color=[COLORS[kind] for kind in KINDS], ec="black", lw=0.8)
    texts = [ax.text(0, i, "", va="center", fontsize=13) for i in range(len(KINDS))]
    ax.set(xlim=(0, 1.45), ylim=(len(KINDS) - 0.5, -0.5), xticks=(0, 0.5, 1), title="Share of the starts")
    ax.set_xticklabels(("0", "50 %", "100 %"))
    ax.set_yticks(range(len(KINDS)), labels=[*KINDS[:4], "never\narrives"])
    ax.tick_params(labelsize=12)
    return list(bars), texts


def move_bars(bars, texts, shares):
    for bar, text, share in zip(bars, texts, shares.values(), strict=True):
        bar.set_width(share)
        text.set_text(percent(share))
        text.set_x(share + 0.03)


def percent(share):
    """``share`` as text: 36.1 %, 0, 0.02 %."""
    return "0" if share == 0 else f"{100 * share:.3g} %" if share < 0.9995 or share == 1 else "over 99.9 %"


def method_text(method, damping, learning_rate):
    """The method with its hyperparameter."""
    if method == "gradient descent":
        return f"gradient descent, learning rate {learning_rate:g}"
    if method == "BFGS":
        return "BFGS"
    return f"{method}, damping {damping:g}" if damping else f"{method}, no damping"


def basins_text(surface, what, found):
    """What the map shows: the share of each kind."""
    shares = found.shares()
    ends = {kind: f"a {kind}" for kind in KINDS[:3]} | {"degenerate": "a degenerate point"}
    said = ", ".join(f"{percent(shares[kind])} at {place}" for kind, place in ends.items() if shares[kind])
    lost = f"{percent(shares['none'])} never arrive" if shares["none"] else ""
    height, width = found.kinds.shape
    title = surface.title.replace("$", "").replace("_", "")
    ended = f"of {height} × {width} starts end {said}" if said else f"{height} × {width} starts"
    return f"{title}, {what}: {'; '.join(part for part in (ended, lost) if part)}."


def basins_figure(name="himmelblau", methods=METHODS, size=200, damping=0.0):
    """Return ``(figure, alt)``: one small map for each method, side by side."""
    surface = surface_of(name)
    figure, axes = new_figure(11, 3.5, ncols=len(methods), sharey=True)
    said = []
    for ax, method in zip(np.atleast_1d(axes), methods, strict=True):
        rate = RATES.get(name, 0.01)
        found = basins(surface, method, grid(surface, size), damping, rate)
        image, _ = draw_basins(ax, surface)
        image.set_data(basin_image(found))
        ax.set_title(method, fontsize=STYLE["axes.titlesize"])
        ax.set_ylabel("")
        said.append(basins_text(surface, method, found))
    for kind, color in COLORS.items():
        ax.add_patch(Rectangle((0, 0), 0, 0, color=color, label="never arrives" if kind == list(COLORS)[-1] else kind))
    outside_legend(figure, np.atleast_1d(axes)[-1])
    return figure, " ".join(said)
