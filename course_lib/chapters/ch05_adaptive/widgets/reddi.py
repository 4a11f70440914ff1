"""Chapter 5: Reddi's counter-example, live."""

import numpy as np
import traitlets

from course_lib.chapters.ch05_adaptive.experiments.reddi import BETA2, LARGE, NUM_STEPS, drift, sweeps
from course_lib.chapters.ch05_adaptive.figures.reddi import NAMES
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import fraction, in_range
from course_lib.widgets.controls import Slider
from course_lib.widgets.live import LiveFigure

EVERY = 3  # steps between the points that are drawn: one period


class CounterExample(LiveFigure):
    """Adam walks away from the minimum; make it with ``counter_example``."""

    beta2 = traitlets.Float(0.1).tag(sync=True)
    large = traitlets.Float(3.0).tag(sync=True)

    def controls(self):
        return (
            Slider("beta2", "beta2", BETA2),
            Slider("large", "Large gradient C", LARGE),
        )

    def check(self):
        fraction("beta2", self.beta2)
        in_range("large", self.large, 2.01, 1e4)

    def build(self):
        figure, (way, theory) = new_figure(10.5, 4.7, ncols=2)
        way.set(xlim=(0, NUM_STEPS), ylim=(-1.08, 1.08), xlabel="step", ylabel="x (the best is -1)")
        way.set(title="C, -1, -1, C, -1, -1, ...")
        theory.set(xlim=(0, 1), ylim=(-1.08, 1.08), xlabel="beta2", title="Where it ends")
        self.lines, self.ends = [], []
        for index, (name, style) in enumerate(styles_of(NAMES).items()):
            self.lines += way.plot([], [], style.dashes, color=style.color, lw=2.8, label=name)
            about = {"color": style.color, "mec": "black", "ms": 7}
            self.ends += theory.plot([], [], style.marker, **about) if index < 2 else []
        (self.drift,) = theory.plot([], [], "-", color="black", lw=1.6, label="Adam's drift by theory, sign only")
        self.mark = theory.axvline(0.1, color="black", lw=1.2, ls=":")
        for ax in (way, theory):
            ax.axhline(0, color="#999999", lw=0.8)
        outside_legend(figure, way, theory)
        return figure, [*self.lines, self.drift, *self.ends, self.mark]

    def update(self):
        betas = BETA2 if self.beta2 in BETA2 else tuple(sorted((*BETA2, self.beta2)))
        larges = LARGE if self.large in LARGE else (self.large,)
        row, position = larges.index(self.large), betas.index(self.beta2)
        runs = {name: run[:, row] for name, run in sweeps(larges, betas).items()}
        t = np.arange(0, NUM_STEPS + 1, EVERY)
        for line, run in zip(self.lines, runs.values(), strict=True):
            line.set_data(t, run[::EVERY, position])
        for points, name in zip(self.ends, NAMES, strict=False):
            points.set_data(betas, runs[name][-1])
        fine = np.linspace(0, 0.9999, 800)
        self.drift.set_data(fine, -np.sign(drift(fine, self.large)))
        self.mark.set_xdata([self.beta2, self.beta2])
        ends = ", ".join(f"{name} ends at x = {run[-1, position] + 0.0:.2f}" for name, run in runs.items())
        pull = float(drift(self.beta2, self.large))
        way = "to the minimum" if pull > 1e-9 else "away from it" if pull < -1e-9 else "nowhere"
        return (
            f"Gradients {self.large:g}, -1, -1, repeated, beta1 0, beta2 {self.beta2:g}: {ends}. By theory Adam drifts "
            f"{way}, by {abs(pull):.3g} learning rates a period."
        )


def counter_example(beta2=0.1, large=3.0):
    """Return the counter-example of Reddi et al. (2018), live: Adam, AMSGrad and gradient descent.

    The learning rate falls like 1/sqrt(t), as their theorem has it.

    Args:
        beta2: from 0 to below 1; theirs is 1 / (1 + C^2).
        large: C, the rare gradient; 2.01 or more, so that the minimum is at -1.

    Raises:
        ValueError: a value outside of these.
    """
    return CounterExample(beta2=beta2, large=large)
