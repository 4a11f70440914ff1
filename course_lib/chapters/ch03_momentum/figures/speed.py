"""How speed depends on the problem: on the condition number, and on Nesterov's worst case."""

import numpy as np

from course_lib.chapters.ch03_momentum.experiments import optimal_gradient_descent, optimal_momentum, optimal_nesterov
from course_lib.chapters.ch03_momentum.figures.phase_map import measured_rate, steps_per_digit
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.figures.trajectories import draw_values
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.schedules import nesterov_momentum
from course_lib.surfaces import worst_case

BEST = (
    ("gradient descent", SGD, optimal_gradient_descent),
    ("momentum", Momentum, optimal_momentum),
    ("Nesterov", Nesterov, optimal_nesterov),
)


def rates_against_condition_number_figure(largest=1e4):
    """Return ``(figure, alt)``: steps for one digit with the best hyperparameters, by theory and by runs.

    Each method has its own optimum, (3.14) to (3.16); the circles are measured on runs of 200 steps.
    """
    figure, (steps_ax, gain_ax) = new_figure(ncols=2)
    kappas = np.geomspace(1.5, largest, 200)
    tried = np.geomspace(2, largest, 9)
    needed, worst = {}, 0.0
    styles = styles_of(name for name, *_ in BEST)
    for name, optimizer, optimum in BEST:
        style = styles[name]
        needed[name] = steps_per_digit(optimum(1.0, kappas)[-1])
        steps_ax.loglog(kappas, needed[name], style.dashes, color=style.color, lw=2.2, label=name)
        measured = [float(measured_rate(optimizer(*optimum(1.0, k)[:-1]), k)) for k in tried]
        exact = optimum(1.0, tried)[-1]
        worst = max(worst, float(np.max(np.abs(measured - exact))))
        steps_ax.loglog(
            tried, steps_per_digit(measured), style.marker, color=style.color, markeredgecolor="black", ms=8
        )
    for name in ("momentum", "Nesterov"):
        gain = needed["gradient descent"] / needed[name]
        gain_ax.loglog(kappas, gain, styles[name].dashes, color=styles[name].color, lw=2.2)
    gain_ax.loglog(kappas, np.sqrt(kappas), ":", color="#444444", lw=1.5, label="√condition number")
    steps_ax.set(title="Best possible (marks: measured)", xlabel="condition number", ylabel="steps for one digit")
    gain_ax.set(title="Gain over gradient descent", xlabel="condition number", ylabel="times fewer steps")
    outside_legend(figure, steps_ax, gain_ax)
    at_end = ", ".join(f"{name} {steps[-1]:.3g}" for name, steps in needed.items())
    gain = needed["gradient descent"][-1] / needed["momentum"][-1]
    return figure, (
        f"Steps for one more digit at condition number {largest:g}, each method at its optimum: {at_end}; momentum "
        f"gains {gain:.3g} times, √condition number is {np.sqrt(largest):.3g}. Measured rates differ from theory by "
        f"at most {worst:.1g}."
    )


def worst_case_runs(n, num_steps):
    """Distances to the minimum value of ``worst_case(n)``, ``{name: (num_steps + 1,)}``."""
    objective = worst_case(n)
    lowest = objective.value(1 - np.arange(1, n + 1) / (n + 1))
    rising = {"momentum": nesterov_momentum}
    runs = {
        "gradient descent": descend(objective, SGD(1.0), np.zeros(n), num_steps),
        "Nesterov, rising momentum": descend(objective, Nesterov(1.0), np.zeros(n), num_steps, rising),
    }
    return {name: run.values - lowest for name, run in runs.items()}


def worst_case_bounds(n, k):
    """``(lower, upper)`` distances to the minimum value after ``k`` steps on ``worst_case(n)``, both of order 1/k^2.

    Lower: after k steps only k coordinates can differ from 0, so no first-order method from 0 is under
    (1 / (k + 1) - 1 / (n + 1)) / 8 (Nesterov 2004, section 2.1.2); with n = 2 k + 1 that is 1 / (16 (k + 1)).
    Upper: 2 |theta_0 - theta*|^2 / (k + 1)^2, which Nesterov's method keeps (Beck and Teboulle 2009, theorem 4.4).
    """
    squared = np.sum((1 - np.arange(1, n + 1) / (n + 1)) ** 2)
    return (1 / (k + 1) - 1 / (n + 1)) / 8, 2 * squared / (k + 1) ** 2


def worst_case_figure(n=401, num_steps=200):
    """Return ``(figure, alt)``: gradient descent and Nesterov's method on his worst case, with both bounds."""
    distances = worst_case_runs(n, num_steps)
    k = np.arange(1, num_steps + 1)
    lower, upper = worst_case_bounds(n, k)
    figure, ax = new_figure()
    draw_values(ax, distances, best=0.0)
    ax.plot(k, upper, "--", color="black", lw=1.4, label="Nesterov stays under")
    ax.plot(k, lower, ":", color="black", lw=1.8, label="no first-order method gets under")
    ax.set_xscale("log")
    ax.set(xlim=(1, num_steps), ylim=(lower[-1] / 2, 1.0), title=f"Nesterov's worst case, {n} coordinates")
    outside_legend(figure, ax)
    plain, fast = (values[-1] for values in distances.values())
    nesterov = distances["Nesterov, rising momentum"][1:]
    kept = "between" if np.all((lower <= nesterov) & (nesterov <= upper)) else "not always between"
    return figure, (
        f"Distance to the lowest value on Nesterov's worst case with {n} coordinates: after {num_steps} steps "
        f"gradient descent is at {plain:.3g}, Nesterov with rising momentum at {fast:.3g}, {kept} its bounds, "
        f"{lower[-1]:.3g} and {upper[-1]:.3g} at the end."
    )
