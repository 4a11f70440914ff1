"""The phase map: how quickly a method converges for every learning rate and momentum, computed and measured."""

from collections import deque
from typing import NamedTuple

import numpy as np
from contourpy import contour_generator
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm

from course_lib.chapters.ch03_momentum.experiments import (
    larger_root,
    momentum_rate,
    nesterov_rate,
    optimal_momentum,
    optimal_nesterov,
    slowest_rate,
)
from course_lib.figures.regions import keep_colours
from course_lib.figures.style import STYLE, new_figure
from course_lib.optimizers import Momentum, Nesterov
from course_lib.run import iterate
from course_lib.surfaces import ravine

# By name: the optimizer, its exact rate, its optimum, and the largest learning rate * curvature to draw.
METHODS = {
    "momentum": (Momentum, momentum_rate, optimal_momentum, 4.0),
    "Nesterov": (Nesterov, nesterov_rate, optimal_nesterov, 2.0),
}
START = (1.0, 1.0)  # both coordinates take part
COLORS = colormaps["viridis"]
STEPS_PER_DIGIT = LogNorm(2, 3000, clip=True)
DIVERGES = (np.array([0.93, 0.93, 0.93, 1.0]), np.array([0.70, 0.70, 0.70, 1.0]))


class PhaseMap(NamedTuple):
    """Rates over a grid.

    Attributes:
        method: key in ``METHODS``.
        condition_number: of the ravine; its curvatures are 1 and this.
        learning_rates: ``(m,)``.
        momenta: ``(k,)``.
        theory: ``(k, m)``, spectral radius; 1 or more diverges.
        measured: ``(k, m)``, from one run of the whole grid.
        optimum: ``(learning_rate, momentum, rate)``, exact.
    """

    method: str
    condition_number: float
    learning_rates: np.ndarray
    momenta: np.ndarray
    theory: np.ndarray
    measured: np.ndarray
    optimum: tuple


def fitted_rate(last):
    """Measure the rate of runs from their last four distances to the minimum, shape ``(4, ...)``.

    On a quadratic each coordinate obeys e_t+1 = b e_t - c e_t-1. Four points give b and c (Prony 1795),
    and the larger root of r^2 - b r + c is the rate to which the run settles: neither the weaker mode, nor
    the t r^t of critical damping, nor the phase of an oscillation biases it, as they bias the usual
    (|e_T| / |e_s|)^(1 / (T - s)). Where the weaker mode has sunk under the rounding, the ratio of the
    last two points is the rate. Below 1e-290 nothing can be measured: nan.
    """
    size = np.max(np.abs(last), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        e1, e2, e3, e4 = last / size
        determinant = e2 * e2 - e1 * e3
        b, c = (e2 * e3 - e1 * e4) / determinant, (e3 * e3 - e2 * e4) / determinant
        two_modes = np.abs(determinant) > 1e-9 * (e2 * e2 + np.abs(e1 * e3))
        rate = np.where(two_modes, larger_root(b, c), np.abs(e4 / e3))
    return np.where(size > 1e-290, rate, np.nan)


def measured_rate(optimizer, condition_number, num_steps=200):
    """Run ``optimizer`` (a whole grid, if its hyperparameters are arrays) down the ravine and measure its rate.

    The slower of the two coordinates decides. Rates under 1e-290^(1/num_steps) (0.036 for 200 steps)
    have reached 0 in double precision and are given as that bound.
    """
    last = deque(maxlen=4)
    for theta, _ in iterate(ravine(condition_number), optimizer, START, num_steps):
        last.append(theta)
    smallest = 1e-290 ** (1 / num_steps)
    return np.max(np.nan_to_num(fitted_rate(np.array(last)), nan=smallest), axis=-1)


def compute_phases(method, condition_number, size=200, num_steps=200):
    """Compute and measure the rate on a ``size`` x ``size`` grid; returns a ``PhaseMap``.

    Raises:
        ValueError: an unknown method, a condition number under 1.
    """
    if method not in METHODS:
        raise ValueError(f"There is no method {method!r} with a phase map. Choose one of: {', '.join(METHODS)}.")
    if not 1 <= condition_number < np.inf:
        raise ValueError(f"condition_number must be a finite number, at least 1, but it is {condition_number}.")
    optimizer, rate, optimum, widest = METHODS[method]
    best = optimum(1.0, condition_number)
    learning_rates = np.linspace(0, widest / condition_number, size + 1)[1:]
    momenta = np.linspace(0, 1, size, endpoint=False)
    theory = slowest_rate(rate, learning_rates, momenta[:, None], (1.0, condition_number))
    grid = optimizer(learning_rates[None, :, None], momenta[:, None, None])
    measured = measured_rate(grid, condition_number, num_steps)
    return PhaseMap(method, condition_number, learning_rates, momenta, theory, measured, best)


def steps_per_digit(rate):
    """Steps until the error is ten times smaller: -1 / log10(rate); inf where the run does not converge."""
    with np.errstate(divide="ignore"):
        return np.where(np.asarray(rate) < 1, -1 / np.log10(np.clip(rate, 1e-300, 1 - 1e-16)), np.inf)


def phase_image(rates):
    """RGBA image ``(k, m, 4)`` of ``rates``: dark is quick, bright is slow, grey stripes diverge."""
    image = COLORS(STEPS_PER_DIGIT(steps_per_digit(rates)))
    rows, columns = np.indices(rates.shape)
    stripes = ((rows + columns) * 200 // max(rates.shape)) % 8 < 2
    image[rates >= 1] = DIVERGES[0]
    image[(rates >= 1) & stripes] = DIVERGES[1]
    return image


def level_line(x, y, rates, level):
    """The line ``rates = level`` as ``(n, 2)``, its pieces parted by nan."""
    pieces = contour_generator(x, y, np.minimum(rates, 10)).lines(level)
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)] or [gap])


def quick_level(best_rate):
    """The rate that needs a quarter more steps than the best one: what the white line encloses."""
    return max(best_rate, 1e-3) ** 0.8


def scaled_rates(phases):
    """``(learning_rates, optimum)`` in units of 1 / (largest curvature): one axis for all ravines."""
    return phases.learning_rates * phases.condition_number, phases.optimum[0] * phases.condition_number


def draw_phase_map(ax, phases, which="theory"):
    """Draw ``phases.theory`` or ``phases.measured``; returns ``(image, white_line, edge, star)`` to update.

    The white line encloses what needs at most a quarter more steps than the optimum (star), the black
    one is the edge where runs begin to diverge.
    """
    rates, (x, best_x) = getattr(phases, which), scaled_rates(phases)
    low, high = METHODS[phases.method][3] / len(x) / 2, x[-1] + x[0] / 2
    half = phases.momenta[1] / 2
    image = ax.imshow(
        phase_image(rates),
        origin="lower",
        extent=(low, high, -half, phases.momenta[-1] + half),
        aspect="auto",
        interpolation="nearest",
    )
    (white,) = ax.plot(
        *level_line(x, phases.momenta, rates, quick_level(phases.optimum[2])).T, "-", color="white", lw=2
    )
    (edge,) = ax.plot(*level_line(x, phases.momenta, rates, 1.0).T, "-", color="black", lw=1.6)
    (star,) = ax.plot(
        best_x, phases.optimum[1], "*", color="white", markersize=15, markeredgecolor="black", zorder=5, label="optimum"
    )
    keep_colours(ax)  # the text speaks of the white line
    ax.set_xlim(0, METHODS[phases.method][3])
    ax.set_ylim(0, 1)
    title = "Theory: spectral radius" if which == "theory" else "Experiment: measured"
    ax.set_title(title, fontsize=14, pad=11)  # a point at momentum 1 stands below it
    ax.set_xlabel("learning rate × largest curvature")
    ax.set_ylabel("momentum")
    return image, white, edge, star


def rate_colorbar(figure, axes, location="right"):
    """The scale of ``phase_image``: rate a step, and steps for one more decimal digit."""
    shape = {"pad": 0.02} if location == "right" else {"pad": 0.03, "aspect": 45}
    bar = figure.colorbar(ScalarMappable(STEPS_PER_DIGIT, COLORS), ax=axes, location=location, **shape)
    ticks = (3, 10, 30, 100, 300, 1000)
    bar.set_ticks(ticks, labels=[f"{10 ** (-1 / steps):.3f} ({steps})" for steps in ticks])
    bar.minorticks_off()
    bar.ax.tick_params(labelsize=STYLE["ytick.labelsize"])
    bar.set_label("rate a step (steps a digit)", fontsize=STYLE["axes.labelsize"])
    return bar


def phase_map_figure(method="momentum", condition_number=30.0, size=200, num_steps=200):
    """Return ``(figure, alt)``: theory and experiment side by side; arguments as of ``compute_phases``."""
    phases = compute_phases(method, condition_number, size, num_steps)
    figure, axes = new_figure(ncols=2, sharey=True)
    draw_phase_map(axes[0], phases, "theory")
    draw_phase_map(axes[1], phases, "measured")
    axes[1].set_ylabel("")
    rate_colorbar(figure, axes)
    return figure, phase_map_alt(phases)


def phase_map_alt(phases):
    """What the map shows, in numbers: the optimum, how far experiment and theory differ, what diverges."""
    learning_rate, momentum, rate = phases.optimum
    converges = phases.theory < 1
    difference = np.abs(phases.measured - phases.theory)[converges].max()
    return (
        f"Rate of convergence of {phases.method} over learning rate and momentum, condition number "
        f"{phases.condition_number:g}: the best is {rate:.3f} a step, at learning rate {learning_rate:.3g} and "
        f"momentum {momentum:.3g} ({steps_per_digit(rate):.3g} steps a digit). {phases.theory.size} measured runs "
        f"differ from theory by at most {difference:.1g} where they converge; {100 * np.mean(~converges):.0f} % of "
        "the grid diverges."
    )
