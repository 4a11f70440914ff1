"""The phase map: click a learning rate and a momentum, see how quickly theory and experiment say it converges.

Two maps, theory beside experiment, share one picked point; its run down the ravine stands beside them.
Only what depends on what changed is computed again: the maps with the method and the condition number
(one run of 40 000 pairs; a coarse one while a slider moves), the run with the point.
"""

from functools import lru_cache, partial

import numpy as np
import traitlets

from course_lib.chapters.ch03_momentum.experiments import slowest_rate
from course_lib.chapters.ch03_momentum.figures.phase_map import (
    METHODS,
    START,
    compute_phases,
    draw_phase_map,
    fitted_rate,
    level_line,
    phase_image,
    quick_level,
    rate_colorbar,
    scaled_rates,
    steps_per_digit,
)
from course_lib.figures.style import STYLE, new_figure
from course_lib.figures.trajectories import visible_path
from course_lib.run import descend
from course_lib.surfaces import ravine
from course_lib.widgets.controls import Menu, Point, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

NUM_STEPS = 200
WINDOW = ((-1.6, 1.6), (-1.6, 1.6))
VALUES = (1e-12, 1e4)
RED, BLUE = "#D55E00", "#0072B2"
ANGLE = np.linspace(0, 2 * np.pi, 121)

COARSE = 40  # learning rates and momenta of the map while a slider moves


@lru_cache(maxsize=64)
def cached_phases(method, condition_number):
    """The whole map, which then is known."""
    KNOWN.add((method, condition_number))
    return compute_phases(method, condition_number)


KNOWN: set = set()  # of which the whole map was computed once
coarse_phases = lru_cache(maxsize=64)(partial(compute_phases, size=COARSE))


def ellipses(condition_number):
    """16 contours of the ravine, out to the corners of the window; ``(n, 2)``, parted by nan."""
    circle = np.stack([np.cos(ANGLE), np.sin(ANGLE) / np.sqrt(condition_number)], axis=-1)
    rings = np.concatenate([circle, [[np.nan, np.nan]]])
    reach = np.hypot(WINDOW[0][1], np.sqrt(condition_number) * WINDOW[1][1])
    return np.concatenate([radius * rings for radius in reach / 16 * np.arange(1, 17)])


class PhaseMapFigure(LiveFigure):
    """Convergence rate over learning rate and momentum. Make it with ``phase_map``.

    Attributes:
        method: "momentum" or "Nesterov".
        condition_number: of the ravine, 1 or larger.
        scaled_rate: the picked learning rate times the largest curvature.
        momentum: the picked momentum.
        point: ``[scaled_rate, momentum]``, the same as one.
    """

    method = traitlets.Unicode("momentum").tag(sync=True)
    condition_number = traitlets.Float(30.0).tag(sync=True)
    scaled_rate = traitlets.Float(1.0).tag(sync=True)
    momentum = traitlets.Float(0.6).tag(sync=True)
    point = traitlets.List(traitlets.Float(), default_value=[1.0, 0.6], minlen=2, maxlen=2).tag(sync=True)

    rebuild_on = ("method",)  # Nesterov's map ends at half the learning rate: another axis

    def __init__(self, method, condition_number, scaled_rate, momentum):
        super().__init__(
            method=method,
            condition_number=condition_number,
            scaled_rate=scaled_rate,
            momentum=momentum,
            point=[scaled_rate, momentum],
        )

    def controls(self):
        return (
            Menu("method", "Method", tuple((name, name) for name in METHODS)),
            Slider("condition_number", "Condition number", log_positions(1, 1000)),
            Slider("scaled_rate", "Learning rate × largest curvature", even_positions(0.02, 4, 200)),
            Slider("momentum", "Momentum", even_positions(0, 1, 201)),
            Point("point", "Learning rate and momentum", axes=(0, 1)),
        )

    def follow(self, changed):
        """The point and its two sliders are one."""
        if "point" in changed:
            self.scaled_rate, self.momentum = self.point
        else:
            self.point = [self.scaled_rate, self.momentum]

    def check(self):
        self._phases()
        self._optimizer()

    def build(self):
        phases = self._phases()
        figure, (theory, measured, right) = new_figure(10.5, 5.0, ncols=3, width_ratios=(1.2, 1.2, 1))
        right.remove()
        above, below = right.get_subplotspec().subgridspec(2, 1).subplots()
        for ax in (above, below):
            ax.spines[["top", "right"]].set_visible(False)
            ax.tick_params(labelsize=STYLE["xtick.labelsize"])
        self.maps = [draw_phase_map(ax, phases, which) for ax, which in ((theory, "theory"), (measured, "measured"))]
        self.crosses = [self._cross(ax) for ax in (theory, measured)]
        measured.set_ylabel("")
        measured.tick_params(labelleft=False)
        rate_colorbar(figure, [theory, measured], location="bottom")
        moving = [*self.crosses, *self._build_run(above), *self._build_values(below)]
        self.drawn = None
        return figure, moving, [*self.maps[0], *self.maps[1]]

    def _cross(self, ax):
        (cross,) = ax.plot([], [], "o", color=RED, markersize=12, markeredgecolor="white", markeredgewidth=2, zorder=9)
        return cross

    def _build_run(self, ax):
        ax.set(xlim=WINDOW[0], ylim=WINDOW[1], xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        ax.set_title("The picked run", fontsize=14)
        (self.rings,) = ax.plot([], [], "-", color="#9AAABB", lw=0.8)
        (self.halo,) = ax.plot([], [], "-", color="white", lw=4.6)
        (self.path,) = ax.plot([], [], "-", color=RED, lw=2, marker="o", markersize=3.5)
        (self.off,) = ax.plot([], [], "X", color=RED, markersize=12, markeredgecolor="black", zorder=9)
        (start,) = ax.plot(*START, "o", color="black", markersize=8, markeredgecolor="white")
        return self.rings, self.halo, self.path, start, self.off

    def _build_values(self, ax):
        ax.set_yscale("log")
        ax.set(xlim=(0, NUM_STEPS), ylim=VALUES, yticks=(1e-12, 1e-8, 1e-4, 1, 1e4))
        ax.minorticks_off()
        ax.set_xlabel("step (dashed: theory)", fontsize=STYLE["axes.labelsize"])
        ax.set_title("Distance to minimum", fontsize=14)
        (self.slope,) = ax.plot([], [], "--", color=BLUE, lw=2)
        (self.distance,) = ax.plot([], [], "-", color=RED, lw=2)
        return self.distance, self.slope

    def _optimizer(self):
        return METHODS[self.method][0](self.scaled_rate / self.condition_number, self.momentum)

    def _phases(self):
        setting = self.method, self.condition_number
        return cached_phases(*setting) if self.stage is None or setting in KNOWN else coarse_phases(*setting)

    def update(self):
        phases = self._phases()
        optimizer, rate = self._optimizer(), METHODS[self.method][1]
        run = descend(ravine(self.condition_number), optimizer, START, NUM_STEPS)
        curvatures = (1.0, self.condition_number)
        exact = float(slowest_rate(rate, optimizer.learning_rate, self.momentum, curvatures))
        if len(phases.momenta) == COARSE:
            self.later(lambda: cached_phases(phases.method, phases.condition_number))
        if self.drawn is not phases:
            self._change_maps(phases)
        for cross in self.crosses:
            cross.set_data(
                [min(self.scaled_rate, METHODS[self.method][3])], [min(self.momentum, 1.0)]
            )  # or at the border
        self._move_run(run, exact)
        return caption(phases, optimizer, exact, run)

    def _change_maps(self, phases):
        x, best_x = scaled_rates(phases)
        for (image, white, edge, star), rates in zip(self.maps, (phases.theory, phases.measured), strict=True):
            image.set_data(phase_image(rates))
            white.set_data(*level_line(x, phases.momenta, rates, quick_level(phases.optimum[2])).T)
            edge.set_data(*level_line(x, phases.momenta, rates, 1.0).T)
            star.set_data([best_x], [phases.optimum[1]])
        self.stage.settle()
        self.drawn = phases

    def _move_run(self, run, exact):
        path = visible_path(run.thetas, WINDOW)
        self.rings.set_data(*ellipses(self.condition_number).T)
        self.halo.set_data(*path.points.T)
        self.path.set_data(*path.points.T)
        off = path.fate == "diverges" and path.exit is not None
        self.off.set_data(*(np.clip(path.exit, -1.52, 1.52)[:, None] if off else ([], [])))
        steps = np.arange(NUM_STEPS + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            distance = np.hypot(*run.thetas.T)
            line = np.sqrt(2) * exact**steps
        floor, ceiling = VALUES[0] / 1e3, VALUES[1] * 1e3
        self.distance.set_data(steps, np.clip(np.nan_to_num(distance, nan=ceiling, posinf=ceiling), floor, ceiling))
        self.slope.set_data(steps, np.clip(np.nan_to_num(line, posinf=ceiling), floor, ceiling))


def measured_text(run):
    """What the run's last four points say: its rate, or where it went."""
    last = run.thetas[-4:]
    if not np.isfinite(last).all():
        return "its run leaves the range of numbers"
    if not last[-1].any():
        return "its run reaches the minimum to the last digit"
    return f"its run of {NUM_STEPS} steps measures {np.nanmax(fitted_rate(last)):.4g}"


def finding(exact, best):
    """What the rate ``exact`` means, against the rate ``best`` of the optimum."""
    if exact >= 1:
        return "it diverges" if exact > 1 else "it never comes to rest"
    if best == 0:
        return f"{steps_per_digit(exact):.3g} steps a digit, where the optimum needs one step in all"
    times = steps_per_digit(exact) / steps_per_digit(best)
    compared = "as good as the optimum" if times < 1.01 else f"{times:.3g} times the optimum's"
    return f"{steps_per_digit(exact):.3g} steps a digit, {compared}"


def caption(phases, optimizer, exact, run):
    """What the figure shows at the picked point, against the optimum."""
    best_rate, best_momentum, best = phases.optimum
    return (
        f"{phases.method[0].upper()}{phases.method[1:]} on a ravine of condition number {phases.condition_number:g}: "
        f"at learning rate {optimizer.learning_rate:.3g} and momentum {optimizer.momentum:.3g} theory says a rate of "
        f"{exact:.4g} a step, {measured_text(run)}: {finding(exact, best)}. The best pair is learning rate "
        f"{best_rate:.3g}, momentum {best_momentum:.3g}, with a rate of {best:.4g}."
    )


def phase_map(method="momentum", condition_number=30.0, scaled_rate=1.0, momentum=0.6):
    """Return the live phase map: maps of theory and experiment, and the run of the point that is picked.

    Click either map, or move the sliders: the caption says theory's and the measured rate there.

    Args:
        method: "momentum" or "Nesterov".
        condition_number: of the ravine, 1 or larger.
        scaled_rate: the picked learning rate times the largest curvature.
        momentum: the picked momentum.

    Raises:
        ValueError: an unknown method, a condition number under 1, a negative rate or momentum.
    """
    return PhaseMapFigure(method, condition_number, scaled_rate, momentum)
