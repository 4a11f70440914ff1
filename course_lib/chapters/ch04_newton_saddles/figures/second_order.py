"""The race of the methods that use curvature, and what a Hessian costs."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.second_order_race import GOAL, LIMIT, race, solve_seconds
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend

SIZES = (200, 400, 800, 1600)


def second_order_race_figure():
    """Return ``(figure, alt)``: gap to the minimum against gradients and against time; the alt has no times."""
    figure, axes = new_figure(10.5, 4.6, ncols=2, sharey=True)
    said = []
    runs = race()
    styles = styles_of(runs)
    for method, run in runs.items():
        style = styles[method]
        gaps = np.maximum(run.gaps, 1e-11)
        marks = {"marker": style.marker, "markevery": max(len(gaps) // 8, 1), "markersize": 6}
        for ax, cost in ((axes[0], run.gradients), (axes[1], 1000 * run.seconds)):
            ax.loglog(cost[1:], gaps[1:], style.dashes, color=style.color, label=method, **marks)
        needed = run.gradients_needed()
        said.append(f"{method} {round_to_one(needed)}" if np.isfinite(needed) else f"{method} over {LIMIT}")
    axes[0].set(xlabel="cost, in gradients", ylabel="loss above the minimum", ylim=(1e-10, 2))
    axes[1].set(xlabel="milliseconds on this computer")
    outside_legend(figure, axes[0])
    return figure, f"Gradients until the loss is {GOAL:g} above its minimum, 30 parameters, about: {', '.join(said)}."


def round_to_one(number):
    """To one digit: the second depends on the last bits of a computer's arithmetic."""
    return f"{float(f'{number:.1g}'):.0f}"


def slope_of(x, y):
    """Slope of log y against log x between the last two points."""
    return float(np.log(y[-1] / y[-2]) / np.log(x[-1] / x[-2]))


def cost_figure():
    """Return ``(figure, alt)``: memory of a Hessian, time of a solve; the measured exponent stands in the picture."""
    figure, (memory, solve) = new_figure(10, 3.9, ncols=2)
    n = np.array([1e2, 1e4, 1e6, 1e8])
    for label, number in (("Newton: Hessian, 8 n² bytes", n), ("L-BFGS, 20 vectors", 20)):
        style = styles_of([label])[label]
        memory.loglog(n, 8 * number * n, style.dashes, marker=style.marker, color=style.color, label=label)
    memory.axhline(80e9, color="#888888", ls=":", lw=2, label="80 GB, one large card")
    memory.set(xlabel="parameters n", ylabel="bytes", title="Memory")
    seconds = solve_seconds(SIZES)
    slope = slope_of(SIZES, seconds)
    solve.loglog(SIZES, seconds, "P", color="#D55E00", markersize=9, label=f"solve, measured: n^{slope:.1f} at the end")
    cubic = seconds[-1] * (np.array(SIZES) / SIZES[-1]) ** 3
    solve.loglog(SIZES, cubic, "-", color="black", lw=1.5, label="n³")
    solve.set(xlabel="parameters n", ylabel="seconds", title="Solving H p = g on this computer")
    solve.set_xticks(SIZES, labels=[str(size) for size in SIZES])
    solve.minorticks_off()
    outside_legend(figure, memory, solve)
    return (
        figure,
        "A Hessian needs 8 n² bytes, and solving with it takes time like n³; measured times are in the picture.",
    )
