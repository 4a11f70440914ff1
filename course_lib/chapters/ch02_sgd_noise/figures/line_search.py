"""Armijo's rule drawn: the objective along the search direction, the line it must stay under, the steps tried."""

import numpy as np

from course_lib.figures.style import new_figure
from course_lib.figures.surface import draw_surface, outside_legend
from course_lib.optimizers.line_search import armijo

ALLOWED, TRIED, LIMIT = "#009E73", "#0072B2", "#D55E00"


def search_along_gradient(surface, start, first_step, shrink, sufficient_decrease):
    """Armijo's search from ``start`` along minus the gradient: ``(search, direction, value, slope)``."""
    start = np.asarray(start, dtype=float)
    gradient = surface.gradient(start)
    search = armijo(surface, start, -gradient, gradient, first_step, shrink, sufficient_decrease)
    return search, -gradient, float(surface.value(start)), float(-gradient @ gradient)


def draw_search(axes, surface):
    """Prepare both axes, with empty artists by name."""
    plan, cut = axes
    draw_surface(plan, surface)
    cut.set(xlabel="step size / first step", title="Along the search direction", xlim=(0, 1), ylim=(0, 1))
    cut.set_ylabel("(f(θ + s d) − f(θ)) / scale")
    plots = {
        "ray": plan.plot([], [], "-", color=TRIED, lw=2),
        "points": plan.plot([], [], "s", color=TRIED, mec="white", ms=8, label="steps tried"),
        "start": plan.plot([], [], "o", color="black", mec="white", ms=9, label="start"),
        "accepted": plan.plot([], [], "D", color=ALLOWED, mec="black", ms=11, label="accepted"),
        "phi": cut.plot([], [], "-", color="#333333", lw=2.4, label="f along the direction"),
        "limit": cut.plot([], [], "--", color=LIMIT, lw=2.2, label="Armijo's line"),
        "tangent": cut.plot([], [], ":", color="#777777", lw=1.6, label="tangent"),
        "trials": cut.plot([], [], "s", color=TRIED, mec="white", ms=9),
        "taken": cut.plot([], [], "D", color=ALLOWED, mec="black", ms=12),
    }
    return {name: artist for name, (artist,) in plots.items()}


def move_search(artists, surface, start, found, sufficient_decrease, trial):
    """Show the first ``trial`` steps that were tried; x is in units of the first one, y of the fall it promised."""
    search, direction, value, slope = found
    tried = np.array([float(step) for step in search.tried])
    first, shown = tried[0], tried[:trial]
    with np.errstate(all="ignore"):
        s = np.linspace(0, first, 301)
        scale = max(-slope * first, 1e-300) / 2

        def height(steps):
            points = np.asarray(start) + np.asarray(steps)[..., None] * direction
            return np.clip((surface.value(points) - value) / scale, -9, 9)

        done = bool(search.found) and trial >= len(tried)
        last = shown[-1:] if done else shown[:0]
        open_steps = shown[:-1] if done else shown
        data = {
            "ray": np.asarray(start) + np.array([[0.0], [min(first, 1e6)]]) * direction,
            "points": np.asarray(start) + open_steps[:, None] * direction,
            "accepted": np.asarray(start) + last[:, None] * direction,
            "start": np.asarray(start)[None],
            "phi": np.stack([s / first, height(s)], axis=-1),
            "limit": np.stack([s / first, sufficient_decrease * s * slope / scale], axis=-1),
            "tangent": np.stack([s / first, s * slope / scale], axis=-1),
            "trials": np.stack([open_steps / first, np.clip(height(open_steps), -1.95, 1.95)], axis=-1),
            "taken": np.stack([last / first, np.clip(height(last), -1.95, 1.95)], axis=-1),
        }
    for name, points in data.items():
        artists[name].set_data(*np.nan_to_num(points, nan=9.0, posinf=9.0).T)


def search_text(surface, start, found, trial):
    """The finding in words."""
    search, _, value, slope = found
    if slope == 0:
        return f"The gradient is 0 at ({start[0]:.3g}, {start[1]:.3g}): there is nothing to search."
    tried = [float(step) for step in search.tried]
    begin = f"{surface.title} from ({start[0]:.3g}, {start[1]:.3g}), f = {value:.4g}: "
    shown = min(trial, len(tried))
    if shown < len(tried) or not search.found:
        return f"{begin}{shown} of {len(tried)} steps tried, the last one {tried[shown - 1]:.3g}, too long still."
    new = float(surface.value(np.asarray(start) + tried[-1] * found[1]))
    if shown == 1:
        return f"{begin}the first step, {tried[-1]:.3g}, decreases enough; f = {new:.4g} there."
    return f"{begin}step {tried[-1]:.3g} is the first of {shown} that decreases enough; f = {new:.4g} there."


def line_search_figure(surface, start, first_step=1.0, shrink=0.5, sufficient_decrease=1e-4):
    """Return ``(figure, alt)``: one search to its end."""
    figure, axes = new_figure(10, 4.4, ncols=2)
    artists = draw_search(axes, surface)
    axes[1].set_ylim(-2, 2)
    found = search_along_gradient(surface, start, first_step, shrink, sufficient_decrease)
    move_search(artists, surface, start, found, sufficient_decrease, len(found[0].tried))
    outside_legend(figure, *axes)
    return figure, search_text(surface, start, found, len(found[0].tried))
