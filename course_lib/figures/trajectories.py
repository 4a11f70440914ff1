"""Runs on a surface and their values against the step: what a race looks like."""

from typing import NamedTuple

import numpy as np
from matplotlib.patheffects import Normal, Stroke

from course_lib.figures.methods import styles_of
from course_lib.figures.style import STYLE, new_figure
from course_lib.figures.surface import draw_surface, outside_legend
from course_lib.settings.language import tr

HALO = (Stroke(linewidth=4.6, foreground="white"), Normal())
FAR = 2.0  # window sizes beyond its border: how far out a path is followed


class VisiblePath(NamedTuple):
    """What can be drawn of a run.

    Attributes:
        points: ``(k, 2)``; nan where the path is too far out to follow.
        exit: ``(2,)``, where it last crossed the border of the window and did not come back, or None.
        fate: "inside", "leaves" (it ends outside the window) or "diverges" (it ends far outside, or at inf or nan).
    """

    points: np.ndarray
    exit: np.ndarray | None
    fate: str


def _crossing(inner, outer, low, high):
    """Where the segment from ``inner`` (inside the box) to ``outer`` (outside, perhaps inf) leaves the box."""
    outer = np.clip(np.nan_to_num(outer, nan=np.inf), -1e100, 1e100)
    direction = outer - inner
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(direction > 0, (high - inner) / direction, (low - inner) / direction)
    share = np.min(np.where(direction == 0, np.inf, shares))
    return np.clip(inner + min(share, 1.0) * direction, low, high)


def visible_path(thetas, window):
    """Cut a run to what a figure of ``window`` can show; see ``VisiblePath``."""
    thetas = np.asarray(thetas, dtype=float)
    low, high = np.transpose(window)
    size = high - low
    with np.errstate(invalid="ignore"):
        inside = np.all((thetas >= low) & (thetas <= high), axis=-1)
        near = np.all((thetas >= low - FAR * size) & (thetas <= high + FAR * size), axis=-1)
    points = np.where(near[:, None], thetas, np.nan)
    for t in np.flatnonzero(near[:-1] & ~near[1:]):  # the step that flies off keeps its direction
        points[t + 1] = _crossing(thetas[t], thetas[t + 1], low - FAR * size, high + FAR * size)
    if inside[-1] or not inside.any():
        return VisiblePath(points, None, "inside" if inside[-1] else "leaves" if near[-1] else "diverges")
    last = np.flatnonzero(inside)[-1]
    border = _crossing(thetas[last], thetas[last + 1], low, high)
    return VisiblePath(points, border, "leaves" if near[-1] else "diverges")


def _styles(labels, styles):
    styles = styles_of(labels) if styles is None else styles
    return [styles[label] for label in labels]


def draw_trajectories(ax, runs, window, styles=None):
    """Draw paths with halo, markers at the start, the end and 12 steps between, and a mark where one diverges.

    Args:
        ax: axes whose limits are ``window`` (``draw_surface`` sets them).
        runs: ``{label: thetas (num_steps + 1, 2)}``; inf and nan are allowed and never reach the axes.
        window: ``((x_min, x_max), (y_min, y_max))``.
        styles: ``{label: LineStyle}``; as ``styles_of`` if left out.

    Returns:
        ``{label: VisiblePath}``.
    """
    paths = {label: visible_path(thetas, window) for label, thetas in runs.items()}
    for (label, path), style in zip(paths.items(), _styles(paths, styles), strict=True):
        every = max(1, (len(path.points) - 1) // 12)
        ax.plot(
            *path.points.T,
            style.dashes,
            color=style.color,
            lw=2.2,
            marker=style.marker,
            markersize=5.5,
            markeredgecolor="white",
            markeredgewidth=0.8,
            markevery=every,
            label=tr("{label} (diverges)", label=label) if path.fate == "diverges" else label,
            path_effects=HALO,
            zorder=5,
        )
        if path.fate == "inside":
            ax.plot(*path.points[-1], style.marker, color=style.color, markersize=10, markeredgecolor="black", zorder=7)
        if path.fate == "diverges" and path.exit is not None:
            _mark_divergence(ax, path.exit, style.color, window)
    starts = np.unique([thetas[0] for thetas in runs.values()], axis=0)
    ax.plot(*starts.T, "o", color="black", markersize=7, markeredgecolor="white", label=tr("start"), zorder=8)
    return paths


def _mark_divergence(ax, at, color, window):
    low, high = np.transpose(window)
    inside = np.clip(at, low + 0.025 * (high - low), high - 0.025 * (high - low))
    ax.plot(*inside, "X", color=color, markersize=12, markeredgecolor="black", zorder=9)


def value_limits(curves):
    """Limits and scale, ``(low, high, "log" or "symlog")``, that show all of ``curves`` and no inf.

    A run that grows is followed to a hundred times the highest start, no further; below, sixteen
    decades under the highest start are the end of double precision.
    """
    finite = [np.clip(np.asarray(curve, dtype=float)[np.isfinite(curve)], -1e300, 1e300) for curve in curves]
    values = np.concatenate([*finite, [1.0]] if not any(map(len, finite)) else finite)
    top = max((abs(curve[0]) for curve in finite if len(curve)), default=0.0) or np.abs(values).max() or 1.0
    top = np.clip(top, 1e-280, 1e297)
    if np.all(values >= 0):
        high = np.clip(values.max(), 2 * top, 100 * top)
        seen = values[(values > 1e-16 * top) & (values <= high)]
        return min(seen.min() / 2 if len(seen) else high, high / 10), high, "log"
    reach = 100 * max(top, 1.0)
    return max(1.2 * values.min(), -reach), min(max(1.2 * values.max(), 2 * top), reach), "symlog"


def draw_values(ax, values, best=None, styles=None, ylabel=None):
    """Draw each run's value against the step on a logarithmic axis.

    Args:
        ax: the axes; its limits are set and kept.
        values: ``{label: (num_steps + 1,)}``.
        best: the lowest known value: the distance to it is drawn. Left out, the values themselves, on a
            symmetric logarithmic axis if some are negative.
        styles: ``{label: LineStyle}``; as ``styles_of`` if left out.
        ylabel: text for the axis.

    Returns:
        ``{label: Line2D}``.
    """
    curves = {label: np.asarray(curve, dtype=float) - (best or 0.0) for label, curve in values.items()}
    if best is not None:  # rounding may end a hair under the best value
        curves = {label: np.maximum(curve, 0.0) for label, curve in curves.items()}
    low, high, scale = value_limits(curves.values())
    ax.set_yscale(scale, **({"linthresh": 10.0 ** np.floor(np.log10(high / 300))} if scale == "symlog" else {}))
    ax.set_ylim(low, high)
    num_steps = max(len(curve) for curve in curves.values()) - 1
    ax.set_xlim(0, max(num_steps, 1))
    lines = {}
    for (label, curve), style in zip(curves.items(), _styles(curves, styles), strict=True):
        finite = np.where(np.isfinite(curve), curve, 1e3 * abs(high))
        shown = np.clip(finite, low if scale == "log" else -1e3 * abs(high), 1e3 * abs(high))
        (lines[label],) = ax.plot(
            shown,
            style.dashes,
            color=style.color,
            lw=2.2,
            marker=style.marker,
            markersize=5.5,
            markeredgecolor="white",
            markeredgewidth=0.8,
            markevery=max(1, (len(curve) - 1) // 8),
            label=label,
        )
        over = np.flatnonzero(finite > high)
        if len(over) and over[-1] == len(curve) - 1:
            ax.plot(
                over[0], high, "X", color=style.color, markersize=11, markeredgecolor="black", clip_on=False, zorder=9
            )
    ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
    ax.set_axisbelow(True)
    ax.set_xlabel(tr("step t"))
    ax.set_ylabel(ylabel or (tr("distance to the lowest value") if best is not None else "f"))
    return lines


def best_value(surface):
    """The lowest known value of ``surface``, None if it has no known minimum."""
    return min((float(surface.value(minimum)) for minimum in surface.minima), default=None)


def ending(label, values, best, path=None):
    """How one run ended, as a clause: "Momentum goes from f = 104 to f = 5.09"."""
    start, last = values[0], values[-1]
    if best is None and path is not None and path.fate == "diverges" and not last > start:
        return tr("{label} runs off downhill, where there is no minimum", label=label)
    if not np.isfinite(last) or (path is not None and path.fate == "diverges") or last > 1e3 * max(abs(start), 1):
        return tr("{label} diverges", label=label)
    near = best is not None and last - best < 1e-6 * max(1.0, start - best)
    end = tr("the lowest known value") if near else f"f = {last:.3g}"
    told = tr("{label} goes from f = {first} to {last}", label=label, first=f"{start:.3g}", last=end)
    return tr("{path}, outside the window", path=told) if path is not None and path.fate == "leaves" else told


def race_figure(surface, runs, styles=None):
    """Return ``(figure, alt)``: paths on ``surface`` beside their values.

    Args:
        surface: one of ``SURFACES``.
        runs: ``{label: Trajectory}``, all from ``descend``.
        styles: ``{label: LineStyle}``; as ``styles_of`` if left out.
    """
    figure, (plan, curves) = new_figure(ncols=2)
    draw_surface(plan, surface)
    paths = draw_trajectories(plan, {label: run.thetas for label, run in runs.items()}, surface.window, styles)
    draw_values(curves, {label: run.values for label, run in runs.items()}, best_value(surface), styles)
    curves.set_title(tr("How far to go"), fontsize=STYLE["axes.titlesize"])
    outside_legend(figure, plan, curves)
    return figure, race_alt(surface, runs, paths)


def race_alt(surface, runs, paths):
    """The finding of a race in one sentence; ``paths`` as ``draw_trajectories`` returns them."""
    steps = max(len(run.values) for run in runs.values()) - 1
    ends = "; ".join(ending(label, run.values, best_value(surface), paths[label]) for label, run in runs.items())
    return tr(
        "Contours of {surface} with {runs} runs of {steps} steps: {ends}.",
        surface=tr(surface.title),
        runs=len(runs),
        steps=steps,
        ends=ends,
    )
