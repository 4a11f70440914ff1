"""A surface seen from above: filled contours, quiet enough that paths drawn over them stay in front."""

import math
from functools import lru_cache

import numpy as np
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

from course_lib.figures.style import STYLE, new_figure
from course_lib.settings.language import tr

# Valleys light, hills darker: every line colour keeps its contrast, and lightness alone carries the height.
HEIGHT = LinearSegmentedColormap.from_list("height", ["#FBFCFE", "#D5DFEA", "#A9BBCF", "#7F95AE"])


@lru_cache(maxsize=64)
def surface_grid(surface, num_points=161):
    """Return ``(x, y, z)``: two axes of ``num_points`` over the window, and values ``(num_points, num_points)``."""
    x, y = (np.linspace(low, high, num_points) for low, high in surface.window)
    z = surface.value(np.stack(np.meshgrid(x, y), axis=-1))
    for array in (x, y, z):
        array.setflags(write=False)
    return x, y, z


def contour_levels(z, lowest, num_levels=24):
    """Levels from ``lowest`` to the top of ``z``, closer together where the values are.

    level = lowest + range * u^p with u evenly spaced; p puts the median of z halfway up. A plane gets
    p = 1, even steps; Rosenbrock and Beale, steep at the border, get steps that shrink towards the valley.
    """
    span = max(z.max() - lowest, np.finfo(float).tiny)
    middle = np.clip((np.median(z) - lowest) / span, 1e-12, 0.6)
    power = np.clip(np.log(middle) / np.log(0.5), 1, 6)
    return lowest + span * np.linspace(0, 1, num_levels + 1) ** power


def _lowest(surface, z):
    return min([z.min(), *(float(surface.value(minimum)) for minimum in surface.minima)])


def mark_points(ax, points, marker, label):
    """Mark critical points; returns the artist."""
    x, y = np.reshape(points, (-1, 2)).T
    (marks,) = ax.plot(
        x, y, marker, color="white", markeredgecolor="black", markeredgewidth=1.1, markersize=11, label=label, zorder=4
    )
    return marks


def draw_surface(ax, surface, num_levels=24):
    """Draw ``surface`` over its window with its known minima; returns the filled contours.

    The limits of ``ax`` are set to the window and stay there.
    """
    x, y, z = surface_grid(surface)
    levels = contour_levels(z, _lowest(surface, z), num_levels)
    filled = ax.contourf(x, y, z, levels=levels, cmap=HEIGHT, norm=BoundaryNorm(levels, HEIGHT.N), zorder=0)
    ax.contour(x, y, z, levels=levels[1:-1:2], colors="#4A5B6E", linewidths=0.6, alpha=0.55, zorder=1)
    if surface.minima:
        mark_points(ax, surface.minima, "*", tr("minimum"))
    ax.set_xlim(*surface.window[0])
    ax.set_ylim(*surface.window[1])
    ax.set_autoscale_on(False)
    ax.set_title(tr(surface.title), fontsize=STYLE["axes.titlesize"])
    ax.set_xlabel(r"$\theta_1$")
    ax.set_ylabel(r"$\theta_2$")
    return filled


def _list(points):
    return ", ".join(f"({x:.3g}, {y:.3g})" for x, y in np.round(points, 12) + 0.0)


def surface_alt(surface):
    """One sentence: what is drawn, how high it goes, where its known critical points are."""
    _, _, z = surface_grid(surface)
    lowest = _lowest(surface, z)
    parts = [f"Contours of {surface.title}, from f = {lowest:.3g} to f = {z.max():.3g}"]
    for name, points in (("minimum", surface.minima), ("saddle", surface.saddles), ("maximum", surface.maxima)):
        if points:
            plural = {"minimum": "minima", "saddle": "saddles", "maximum": "maxima"}[name] if len(points) > 1 else name
            parts.append(f"{plural} at {_list(points)}")
    return "; ".join(parts) + "."


def surface_figure(surface):
    """Return ``(figure, alt)``: the surface from above and along the two lines through its lowest known point."""
    figure, (plan, cut) = new_figure(ncols=2)
    draw_surface(plan, surface)
    for points, marker, label in ((surface.saddles, "X", tr("saddle")), (surface.maxima, "^", tr("maximum"))):
        if points:
            mark_points(plan, points, marker, label)
    lowest = min(surface.minima, key=surface.value) if surface.minima else surface.saddles[0]
    for axis, (color, dashes) in enumerate((("#0072B2", "-"), ("#D55E00", "--"))):
        along = np.linspace(*surface.window[axis], 401)
        theta = np.tile(np.asarray(lowest, dtype=float), (401, 1))
        theta[:, axis] = along
        cut.plot(along, surface.value(theta), dashes, color=color, lw=2.2, label=rf"along $\theta_{axis + 1}$")
    cut.set_title("Cuts through the lowest point" if surface.minima else "Cuts through the saddle")
    cut.set_xlabel(r"$\theta_1$ or $\theta_2$")
    cut.set_ylabel("f")
    outside_legend(figure, plan, cut)
    return figure, surface_alt(surface)


def outside_legend(figure, *axes):
    """One legend for all ``axes`` below them, where no data can lie; in as many rows as it takes.

    Titles get the course's size too: matplotlib sets it anew, to its own, with every ``set_title``.
    """
    for ax in figure.axes:
        ax.title.set_fontsize(STYLE["axes.titlesize"])
    entries = {}
    for ax in axes:
        handles, labels = ax.get_legend_handles_labels()
        for label, handle in zip(labels, handles, strict=True):
            if tr("{label} (diverges)", label=label) not in entries:  # the same run is in both axes
                entries.setdefault(label, handle)
    if not entries:
        return None
    inches = sum(0.75 + 0.1 * len(label) for label in entries)
    columns = math.ceil(len(entries) / math.ceil(inches / figure.get_figwidth()))
    return figure.legend(
        entries.values(),
        entries.keys(),
        loc="outside lower center",
        ncols=columns,
        columnspacing=1.4,
        fontsize=STYLE["legend.fontsize"],
        frameon=False,
        handlelength=2.6,
    )
