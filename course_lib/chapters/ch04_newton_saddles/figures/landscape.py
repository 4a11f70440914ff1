"""Kinds of critical points, and how the share of directions that bend down depends on the height of the loss."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.critical_points import classify
from course_lib.chapters.ch04_newton_saddles.experiments.landscape import KIND_EXAMPLES
from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import critical_points, index_of_loss
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import HEIGHT, outside_legend

UP, FLAT, DOWN = "#0072B2", "#D9D9D9", "#E69F00"


def kind_of_shares(up, flat, down):
    """What the shares of directions up, flat and down decide: "minimum", "maximum", "saddle" or "undecided"."""
    if up > 0 and down > 0:
        return "saddle"
    return "minimum" if up == 1 else "maximum" if down == 1 else "undecided"


def shares_figure(shares):
    """Return ``(figure, alt)`` of ``{name: (up, flat, down)}``: one bar a point, and the kind that it decides."""
    figure, ax = new_figure(9, 0.9 + 0.55 * len(shares))
    said = []
    for row, (name, parts) in enumerate(shares.items()):
        left = 0.0
        for part, color, label in zip(parts, (UP, FLAT, DOWN), ("bends up", "flat", "bends down"), strict=True):
            ax.barh(row, part, left=left, color=color, ec="black", lw=0.8, label=label if row == 0 else None)
            left += part
        kind = kind_of_shares(*np.round(parts, 9))
        ax.text(1.02, row, kind, va="center", fontsize=13)
        said.append(f"{name}: {', '.join(f'{part:.3g}' for part in parts)}, {kind}")
    ax.set_yticks(range(len(shares)), labels=list(shares))
    ax.set(xlim=(0, 1.25), ylim=(len(shares) - 0.5, -0.5), xticks=(0, 0.5, 1), xlabel="share of the directions")
    outside_legend(figure, ax)
    return figure, f"Shares of directions that bend up, are flat, bend down: {'; '.join(said)}."


def kinds_figure():
    """Return ``(figure, alt)``: five critical points at 0; in three of them the Hessian is silent (E29)."""
    figure, axes = new_figure(12, 3.5, ncols=len(KIND_EXAMPLES), sharey=True)
    x = np.linspace(-1, 1, 81)
    points = np.stack(np.meshgrid(x, x), axis=-1)
    said = []
    for ax, (formula, objective) in zip(axes, KIND_EXAMPLES.items(), strict=True):
        z, found = objective.value(points), classify(objective, np.zeros(2))
        top = np.abs(z).max()
        ax.contourf(x, x, z, levels=np.linspace(-top, top, 21), cmap=HEIGHT)
        ax.contour(x, x, z, levels=np.linspace(-top, top, 21), colors="#4A5B6E", linewidths=0.5)
        ax.contour(x, x, z, levels=[0], colors="#D55E00", linewidths=2)
        ax.plot(0, 0, "o", color="black", markersize=7)
        low, high = found.eigenvalues + 0.0
        ax.set_title(f"{formula}\neigenvalues {low:g}, {high:g}\n{found.kind}", fontsize=13)
        ax.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1), aspect="equal")
        plain = formula.replace("$", "").replace("{", "").replace("}", "")
        said.append(f"{plain}: eigenvalues {low:g} and {high:g}, {found.kind} by the {found.decided_by}")
    return figure, f"Critical points at 0, the level of that point drawn thick. {'; '.join(said)}."


def index_figure(dimensions=(8, 20), num_starts=400, seed=4):
    """Return ``(figure, alt)``: loss and share of negative eigenvalues of random losses' critical points."""
    figure, ax = new_figure(9, 4.2)
    loss = np.linspace(-1.9, 1.9, 201)
    said = []
    for index, n in enumerate(dimensions):
        style = line_style(index)
        found = critical_points(n, np.random.default_rng(seed), num_starts)
        ax.plot(
            found.losses, found.indices, style.marker, color=style.color, markersize=6 - 2 * index, label=f"n = {n}"
        )
        off = np.mean(np.abs(found.indices - index_of_loss(found.losses)))
        below, above = (found.indices[found.losses * side > 0.3].mean() for side in (-1, 1))
        said.append(
            f"n = {n}: mean share {below:.2f} below a loss of -0.3, {above:.2f} above 0.3, {off:.2f} off theory"
        )
    ax.plot(loss, index_of_loss(loss), "-", color="black", lw=1.6, label="theory, n to infinity (4.26)")
    edge = -2 * np.sqrt(2 / 3)  # where (4.26) reaches 0
    ax.axvline(edge, color="#888888", ls=":", lw=1.5, label="below: share 0")
    ax.set(xlabel="loss of the critical point, per coordinate", ylabel="share of directions\nthat bend down")
    ax.set(xlim=(-1.9, 1.9), ylim=(-0.03, 1.03))
    outside_legend(figure, ax)
    theory = f"theory has none below {edge:.2f}"
    return figure, f"The lower a critical point, the fewer directions bend down; {'; '.join(said)}; {theory}."
