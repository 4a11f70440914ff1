"""Descent without noise: every eigenvector at its own rate, and functions that lie between two parabolas."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.experiments.descent import (
    HIGH,
    LOW,
    between,
    eigen_components,
    gaps,
    tilted_run,
)
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import HEIGHT, outside_legend


def eigenbasis_figure(learning_rate=1.7):
    """Return ``(figure, alt)``: a path on a tilted bowl, and its two parts along the eigenvectors, each a line."""
    hessian, thetas = tilted_run(learning_rate=learning_rate)
    eigenvalues, parts = eigen_components(hessian, thetas)
    _, vectors = np.linalg.eigh(hessian)
    figure, (plane, rates) = new_figure(11, 4.4, ncols=2)
    x = np.linspace(-3, 3, 121)
    grid = np.stack(np.meshgrid(x, x), axis=-1)
    plane.contourf(x, x, np.einsum("...i,ij,...j->...", grid, hessian, grid) / 2, levels=18, cmap=HEIGHT)
    plane.plot(*thetas.T, "-o", color="black", markersize=4, lw=1.2, label="gradient descent")
    said = []
    for index, value in enumerate(eigenvalues):
        style, factor = line_style(index + 1), 1 - learning_rate * value
        plane.plot(*np.outer(vectors[:, index], (-3, 3)), style.dashes, color=style.color, lw=1.8)
        label = f"along the eigenvector of {value:g}: times {factor:.2f} per step"
        rates.semilogy(np.abs(parts[:, index]), style.dashes, marker=style.marker, color=style.color, label=label)
        said.append(f"the part along the eigenvector of {value:g} shrinks by {abs(factor):.2f} per step")
    plane.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    plane.set(title="The path")
    rates.set(xlabel="step", ylabel="size of the part", title="Its two parts")
    outside_legend(figure, plane, rates)
    return figure, f"Learning rate {learning_rate:g}: {', '.join(said)}."


def bounds_figure(point=1.5, num_steps=200):
    """Return ``(figure, alt)``: tangent and parabolas that bound a function; and its gap with its two bounds."""
    figure, (shape, gap) = new_figure(11, 4.4, ncols=2)
    function, x = between(), np.linspace(-2.5, 3, 200)
    height, slope = function.value(np.array([point])), function.gradient(np.array([point]))[0]
    shape.plot(x, function.value(x[:, None]), color="black", lw=3, label="f")
    bounds = {f"above, curvature L = {HIGH:g}": HIGH, "tangent": 0.0, f"below, curvature μ = {LOW:g}": LOW}
    for index, (name, curvature) in enumerate(bounds.items(), start=1):
        style = line_style(index)
        y = height + slope * (x - point) + curvature * (x - point) ** 2 / 2
        shape.plot(x, y, style.dashes, color=style.color, label=name)
    shape.plot([point], [height], "ko", markersize=8)
    shape.set(ylim=(-6, 6), xlabel="x", ylabel="f", title="Between two parabolas")
    said = []
    for index, (name, (measured, bound)) in enumerate(gaps(num_steps).items()):
        style = line_style(index + 4)
        steps, some = np.arange(1, num_steps + 1), measured[1:] > 1e-15
        gap.loglog(steps[some], measured[1:][some], style.marker, ms=4, color=style.color, label=f"{name}: measured")
        gap.loglog(steps, bound[1:], ("-", "--")[index], color=style.color, label=f"{name}: bound")
        said.append(f"{name} {measured[10]:.1g} after 10 steps and {measured[100]:.1g} after 100")
    gap.set(xlabel="step k", ylabel="f above its minimum", title="Two rates", ylim=(1e-16, 1e2))
    outside_legend(figure, shape, gap)
    return figure, f"At learning rate 1 / L, f above its minimum: {'; '.join(said)}; below the bounds."
