"""Newton's step as a tangent and as a parabola; the secant in place of the tangent, in one dimension and in two."""

from itertools import pairwise

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.models import (
    BOWL,
    learned_hessians,
    newton_points,
    newtons_example,
    secant_step,
)
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend


def root_finding_figure(start=4.0, num_steps=2):
    """Return ``(figure, alt)``: tangents of the slope, and the parabolas whose lowest points they find."""
    figure, (root, valley) = new_figure(11, 4.2, ncols=2, sharex=True)
    function, points = newtons_example(), newton_points(start, num_steps)
    slope = function.gradient
    x = np.linspace(1, 4.3, 200)
    root.plot(x, slope(x), color="black", label="the slope, and the function")
    root.axhline(0, color="#888888", lw=1)
    valley.plot(x, function.value(x[:, None]), color="black")
    for step, (old, new) in enumerate(pairwise(points)):
        style = line_style(step + 1)
        near = np.linspace(new - 0.75, old, 50)
        height, bend = function.value(np.array([old])), function.hessian(np.array([old]))[0, 0]
        tangent = slope(old) + bend * (near - old)
        model = height + slope(old) * (near - old) + bend * (near - old) ** 2 / 2
        root.plot(near, tangent, style.dashes, color=style.color, label=f"tangent and parabola at {old:.3g}")
        valley.plot(near, model, style.dashes, color=style.color)
        for ax, heights in ((root, (slope(old), 0)), (valley, (height, model.min()))):
            ax.plot((old, new), heights, style.marker, color=style.color, markersize=8)
    root.set(xlabel="x", ylabel="slope f '", title="The tangent is 0 …", ylim=(-12, 58))
    valley.set(xlabel="x", ylabel="f", title="… where the parabola is lowest", ylim=(-22, 32))
    outside_legend(figure, root)
    reached = ", ".join(f"{point:.4g}" for point in points)
    return figure, f"Newton from {start:g}: {reached}. The tangent of the slope is 0 where the parabola is lowest."


def secant_figure(old=4.0, new=3.2):
    """Return ``(figure, alt)``: a chord for the tangent; and the level lines of what BFGS has learned of a bowl."""
    figure, (line, plane) = new_figure(11, 4.6, ncols=2)
    end = _chord(line, newtons_example(), old, new)
    _, hessians = learned_hessians()
    circle = np.linspace(0, 2 * np.pi, 181)
    around = np.stack([np.cos(circle), np.sin(circle)])
    plane.plot(*_level(BOWL.hessian(np.zeros(2)), around), color="black", lw=5, alpha=0.35, label="the bowl")
    for step, hessian in enumerate(hessians):
        style = line_style(3 - step)  # the last one dashed, over the bowl
        plane.plot(*_level(hessian, around), style.dashes, color=style.color, label=f"learned after {step} steps")
    plane.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", title="In two: one level line")
    plane.set_aspect("equal", adjustable="datalim")
    outside_legend(figure, line, plane)
    errors = np.linalg.norm(hessians - BOWL.hessian(np.zeros(2)), axis=(1, 2))
    off = ", ".join(f"{error:.2f}" for error in errors)
    return figure, f"The chord leads from {new:g} to {end:.4g}. Hessian of BFGS, distance from the true one: {off}."


def _chord(ax, function, old, new):
    """The slope of a function of one number, its tangent in ``new`` and its chord from ``old``; returns its zero."""
    slope, x = function.gradient, np.linspace(1.6, 4.2, 100)
    ax.plot(x, slope(x), color="black", label="the slope")
    ax.axhline(0, color="#888888", lw=1)
    bends = {"tangent": function.hessian(np.array([new]))[0, 0], "chord": (slope(new) - slope(old)) / (new - old)}
    for index, (name, bend) in enumerate(bends.items(), start=5):
        style = line_style(index)
        ax.plot(x, slope(new) + bend * (x - new), style.dashes, color=style.color, label=name)
    ends = np.array([old, new])
    ax.plot(ends, slope(ends), "ko", markersize=7)
    end = secant_step(slope, old, new)
    ax.plot([end], [0], "X", color=line_style(6).color, markersize=10)
    ax.set(xlabel="x", ylabel="slope f '", title="In one dimension", ylim=(-25, 60))
    return end


def _level(hessian, around):
    """The points with theta^T H theta = 1."""
    return np.linalg.inv(np.linalg.cholesky(hessian)).T @ around
