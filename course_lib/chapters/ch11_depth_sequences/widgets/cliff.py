"""Chapter 11: over the edge of a cliff, with the gradient as it comes and clipped."""

from functools import lru_cache

import numpy as np
import traitlets

from course_lib.chapters.ch11_depth_sequences.experiments.cliff import CLIFF, WINDOW, walk
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import number, positive
from course_lib.widgets.controls import Menu, Point, Slider, log_positions
from course_lib.widgets.live import LiveFigure

STEPS = 80
PATHS = {"no clipping": "none", "clipped": ""}
CLIPS = ("by norm", "by value")
LOSSES = (1e-5, 1.0)

cached_walk = lru_cache(maxsize=256)(walk)


def _surface(side=181):
    w, b = (np.linspace(low, high, side) for low, high in WINDOW)
    return w, b, CLIFF.value(np.stack(np.meshgrid(w, b), axis=-1))


def _seen_last(path):
    """``(point, bool)``: the end of a path ``(steps, 2)``, or the point where it leaves the picture for good."""
    low, high = np.transpose(WINDOW)
    inside = np.all((path >= low) & (path <= high), axis=1)
    if inside[-1] or not inside.any():
        return np.clip(path[-1], low, high), not inside[-1]
    last = np.flatnonzero(inside)[-1]
    here, way = path[last], path[last + 1] - path[last]
    room = np.where(way > 0, high - here, here - low)
    share = np.min(np.where(way == 0, 1.0, room / np.where(way == 0, 1.0, np.abs(way))))
    return here + share * way, True


class CliffFigure(LiveFigure):
    """Two paths over the cliff; see ``cliff``.

    Attributes:
        start: ``[w, b]``.
        learning_rate: > 0.
        threshold: at which the gradient is clipped, > 0.
        clip: "by norm" or "by value".
    """

    start = traitlets.List(traitlets.Float(), default_value=[4.5, -2.6], minlen=2, maxlen=2).tag(sync=True)
    learning_rate = traitlets.Float(0.3).tag(sync=True)
    threshold = traitlets.Float(0.1).tag(sync=True)
    clip = traitlets.Unicode("by norm").tag(sync=True)

    def controls(self):
        return (
            Slider("learning_rate", "Learning rate", log_positions(0.03, 3, 41, 2)),
            Slider("threshold", "Clip at", log_positions(0.01, 100, 41, 2)),
            Menu("clip", "Clipping", tuple((name, name) for name in CLIPS)),
            Point("start", "Start (w, b)"),
        )

    def check(self):
        number("learning_rate", self.learning_rate, positive)
        number("threshold", self.threshold, positive)
        if self.clip not in CLIPS:
            raise ValueError(f"There is no clipping {self.clip!r}. Choose from: {', '.join(CLIPS)}.")
        if not np.all(np.isfinite(self.start)):
            raise ValueError("The start must be two finite numbers, w and b.")

    def build(self):
        figure, (plan, curve) = new_figure(11, 4.8, ncols=2, width_ratios=(1.2, 1))
        w, b, loss = _surface()
        filled = plan.contourf(w, b, loss, levels=np.linspace(0, 0.5, 21), cmap="GnBu", zorder=0)
        figure.colorbar(filled, ax=plan, label="loss", ticks=(0, 0.1, 0.2, 0.3, 0.4, 0.5))
        edge = np.array([4.0, WINDOW[0][1]])
        plan.plot(edge, -edge / 2, "-", color="black", lw=1.4, label="the edge, b = -w / 2")
        plan.set(xlim=WINDOW[0], ylim=WINDOW[1], xlabel="w", ylabel="b", title="50 steps of time, two weights")
        curve.set(yscale="log", xlim=(0, STEPS), ylim=LOSSES, xlabel="step", ylabel="loss", title="The way down")
        self.paths, self.ends, self.curves = [], [], []
        self.styles = styles_of(PATHS)
        for name, style in self.styles.items():
            self.paths += plan.plot(
                [], [], style.dashes, color=style.color, lw=2, marker=style.marker, ms=4, label=name
            )
            self.ends += plan.plot([], [], style.marker, color=style.color, ms=11, mec="black")
            self.curves += curve.plot([], [], style.dashes, color=style.color, lw=2.6)
        (self.begin,) = plan.plot([], [], "o", color="black", ms=9, mec="white")
        plan.plot([], [], "X", color="#666666", ms=11, mec="black", label="leaves the picture")
        outside_legend(figure, plan)
        return figure, [*self.paths, *self.curves, *self.ends, self.begin]

    def update(self):
        said, low = [], LOSSES[0] / 3
        for path, end, curve, name in zip(self.paths, self.ends, self.curves, PATHS, strict=True):
            clip = PATHS[name] or self.clip
            threshold = 1.0 if clip == "none" else self.threshold  # which does not count: the run is known already
            run = cached_walk(tuple(self.start), self.learning_rate, threshold, clip, STEPS)
            path.set_data(*run.thetas.T)
            last, leaves = _seen_last(run.thetas)
            end.set_marker("X" if leaves else self.styles[name].marker)
            end.set_data(*last[:, None])
            curve.set_data(np.arange(STEPS + 1), np.maximum(run.values, low))
            jump = float(np.max(np.linalg.norm(np.diff(run.thetas, axis=0), axis=-1)))
            (w, b), middle = run.thetas[-1], float(np.median(run.values[-20:]))
            said.append(
                f"{name}: longest step {jump:.2g}, end at ({w:.3g}, {b:.3g}), median loss of the last 20 {middle:.2g}"
            )
        self.begin.set_data([self.start[0]], [self.start[1]])
        w, b = self.start
        return (
            f"{STEPS} steps from ({w:.3g}, {b:.3g}), learning rate {self.learning_rate:g}, clipped {self.clip} at "
            f"{self.threshold:g}. {said[0][0].upper()}{said[0][1:]}; {said[1]}. On the edge at w = 5 a gradient of 50 "
            f"steps grows by (5 / 4)^50 = {1.25**50:.2g}."
        )


def cliff(start=(4.5, -2.6), learning_rate=0.3, threshold=0.1, clip="by norm"):
    """Return the live cliff: gradient descent with and without clipping on the loss of a net with two weights.

    Args:
        start: w and b; click the picture for another one.
        learning_rate, threshold: > 0.
        clip: "by norm" or "by value".

    Raises:
        ValueError: a value outside of these.
    """
    return CliffFigure(start=list(start), learning_rate=learning_rate, threshold=threshold, clip=clip)
