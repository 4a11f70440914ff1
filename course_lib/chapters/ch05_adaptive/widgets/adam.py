"""Chapter 5: what Adam's corrections do, where eps stands, and what becomes of weight decay in it."""

import numpy as np
import traitlets

from course_lib.chapters.ch05_adaptive.experiments.adam_steps import (
    KINDS,
    VARIANTS,
    constant_theory,
    gradients_of,
    noise_level,
    recent_lengths,
    step_lengths,
)
from course_lib.chapters.ch05_adaptive.experiments.weight_decay import DECAY_STEPS, decay_runs
from course_lib.chapters.ch05_adaptive.figures.eps_place import METHODS, draw_eps, eps_lines, eps_text, move_eps
from course_lib.chapters.ch05_adaptive.figures.weight_decay import decay_text, draw_decay, move_decay
from course_lib.figures.methods import styles_of
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import fraction, in_range
from course_lib.widgets.controls import Menu, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

BETA1 = (*even_positions(0, 0.9, 19), 0.95, 0.98, 0.99)
BETA2 = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)


class BiasCorrection(LiveFigure):
    """The first steps of Adam; make it with ``bias_correction``."""

    beta1 = traitlets.Float(0.9).tag(sync=True)
    beta2 = traitlets.Float(0.999).tag(sync=True)
    gradients = traitlets.Unicode(KINDS[0]).tag(sync=True)
    num_steps = traitlets.Int(200).tag(sync=True)

    rebuild_on = ("num_steps",)

    def controls(self):
        return (
            Slider("beta1", "beta1", BETA1),
            Slider("beta2", "beta2", BETA2),
            Menu("gradients", "Gradients", tuple((kind, kind) for kind in KINDS)),
            Slider("num_steps", "Steps", (20, 50, 100, 200, 500, 1000, 2000)),
        )

    def check(self):
        fraction("beta1", self.beta1)
        fraction("beta2", self.beta2)
        in_range("num_steps", self.num_steps, 2, 10000)
        if self.gradients not in KINDS:
            raise ValueError(f"There are no gradients {self.gradients!r}. Choose from: {', '.join(KINDS)}.")

    def build(self):
        figure, (lengths, way) = new_figure(10.5, 4.7, ncols=2)
        lengths.set(xscale="log", yscale="log", xlim=(1, self.num_steps), ylim=(0.02, 200))
        lengths.set(xlabel="step t", ylabel="learning rates", title="Length of a step (dotted: theory)")
        way.set(xscale="log", yscale="symlog", xlim=(1, self.num_steps), ylim=(-10, 3e4), xlabel="step t")
        way.set(title="Way from the start", ylabel="learning rates")
        for ax in (lengths, way):
            ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        self.steps, self.ways, self.theory = [], [], []
        own = styles_of(VARIANTS[:2])
        for name, style in {**own, VARIANTS[2]: line_style(2)}.items():  # three dash patterns, and no markers
            about = {"color": style.color, "linestyle": style.dashes, "lw": 3.2}
            self.steps += lengths.plot([], [], label=name, **about)
            self.ways += way.plot([], [], **about)
            self.theory += lengths.plot([], [], color="black", linestyle=":", lw=1.8)
        outside_legend(figure, lengths)
        return figure, [*self.steps, *self.ways, *self.theory]

    def update(self):
        t = np.arange(1, self.num_steps + 1)
        steps = step_lengths(gradients_of(self.gradients, self.num_steps), self.beta1, self.beta2)
        theory = constant_theory(self.beta1, self.beta2, self.num_steps)
        if self.gradients == "pure noise":
            theory = np.full((1, self.num_steps), noise_level(self.beta1))
        drawn = recent_lengths(steps) if self.gradients == "pure noise" else np.abs(steps)
        known = {"all alike": 3, "pure noise": 1}.get(self.gradients, 0)
        for index in range(3):
            self.steps[index].set_data(t, np.maximum(drawn[index], 1e-9))
            self.ways[index].set_data(t, np.cumsum(steps[index]))
            self.theory[index].set_data(t if index < known else [], theory[index] if index < known else [])
        return self._text(steps, theory)

    def _text(self, steps, theory):
        first = ", ".join(f"{name} {abs(row[0]):.3g}" for name, row in zip(VARIANTS, steps, strict=True))
        text = (
            f"beta1 {self.beta1:g}, beta2 {self.beta2:g}, gradients {self.gradients}: first step in learning rates: "
            f"{first}; the longest of {self.num_steps}: {', '.join(f'{np.abs(row).max():.3g}' for row in steps)}."
        )
        if self.gradients == "all alike":
            return f"{text} Runs and theory differ by at most {np.max(np.abs(steps / theory - 1)):.0e}."
        if self.gradients == "pure noise":
            late = np.sqrt(np.mean(steps[0, self.num_steps // 2 :] ** 2))
            theirs = f"theory (beta2 near 1): {theory[0, 0]:.2g}"
            return (
                f"{text} Adam's root mean square in the later half: {late:.2g}, {theirs}. "
                "On the left: that of the last fifth of the steps."
            )
        return text


def bias_correction(beta1=0.9, beta2=0.999, gradients="all alike", num_steps=200):
    """Return Adam's first steps, live: with both corrections, with none, and with the first moment's only (L1).

    Args:
        beta1, beta2: from 0 to below 1.
        gradients: "all alike", "one in ten" (1 at the first step and every tenth, else 0) or "pure noise".
        num_steps: 2 to 10 000.

    Dotted is theory: exact where all gradients are alike; in pure noise the root mean square of Adam's steps in the
    long run, sqrt((1 - beta1) / (1 + beta1)), for beta2 near 1.

    Raises:
        ValueError: a value outside of these.
    """
    return BiasCorrection(beta1=beta1, beta2=beta2, gradients=gradients, num_steps=num_steps)


class EpsPlace(LiveFigure):
    """Where eps stands; make it with ``eps_place``."""

    method = traitlets.Unicode("Adam").tag(sync=True)
    eps = traitlets.Float(1e-8).tag(sync=True)
    scale = traitlets.Float(1e-6).tag(sync=True)

    def controls(self):
        return (
            Menu("method", "Method", tuple((name, name) for name in METHODS)),
            Slider("eps", "eps", log_positions(1e-12, 1e-1, 45)),
            Slider("scale", "Size of the gradients", log_positions(1e-12, 1e2, 57)),
        )

    def check(self):
        if self.method not in METHODS:
            raise ValueError(f"There is no method {self.method!r} here. Choose from: {', '.join(METHODS)}.")
        in_range("eps", self.eps, 1e-30, 1e3)
        in_range("scale", self.scale, 1e-30, 1e12)

    def build(self):
        figure, axes = new_figure(10.5, 4.7, ncols=2)
        self.artists = draw_eps(axes)
        outside_legend(figure, axes[0])
        return figure, self.artists.moving

    def update(self):
        lines = eps_lines(self.method, self.eps, self.scale)
        move_eps(self.artists, lines, self.scale)
        return eps_text(self.method, self.eps, self.scale, lines)


def eps_place(method="Adam", eps=1e-8, scale=1e-6):
    """Return the switch between the places of eps, live: first step against the gradient's size, and a run.

    Args:
        method: "Adagrad", "RMSprop" or "Adam" (which has a third place, beside the uncorrected root: Keras).
        eps: larger than 0.
        scale: the objective of the run is a ravine times this number.

    Raises:
        ValueError: a value outside of these.
    """
    return EpsPlace(method=method, eps=eps, scale=scale)


class WeightDecay(LiveFigure):
    """Decay in Adam; make it with ``weight_decay``."""

    decay = traitlets.Float(0.1).tag(sync=True)
    learning_rate = traitlets.Float(0.03).tag(sync=True)
    steep = traitlets.Float(10.0).tag(sync=True)
    flat = traitlets.Float(0.1).tag(sync=True)

    def controls(self):
        return (
            Slider("decay", "Weight decay", log_positions(1e-3, 1, 31)),
            Slider("learning_rate", "Learning rate", log_positions(1e-3, 0.3, 31)),
            Slider("steep", "Gradients of the steep coordinate", log_positions(0.1, 100, 31)),
            Slider("flat", "Gradients of the flat coordinate", log_positions(0.01, 10, 31)),
        )

    def check(self):
        for name in ("decay", "learning_rate", "steep", "flat"):
            in_range(name, getattr(self, name), 1e-6, 1e6)
        if self.decay * self.learning_rate >= 1:
            raise ValueError("learning_rate * decay must be less than 1, or AdamW throws theta past 0 in one step.")

    def build(self):
        figure, axes = new_figure(10.5, 4.7, ncols=2, sharey=True)
        self.artists = draw_decay(axes)
        outside_legend(figure, axes[0])
        return figure, self.artists

    def update(self):
        runs = decay_runs(self.decay, self.learning_rate, (self.flat, self.steep))
        move_decay(self.artists, runs)
        return decay_text(runs, self.decay, self.learning_rate, (self.flat, self.steep), DECAY_STEPS)


def weight_decay(decay=0.1, learning_rate=0.03, steep=10.0, flat=0.1):
    """Return two coordinates that nothing but decay should move, live: Adam, Adam with an L2 penalty, AdamW.

    Their gradients alternate in sign, with the sizes ``flat`` and ``steep``.

    Raises:
        ValueError: a value that is not positive, or learning_rate * decay of 1 or more.
    """
    return WeightDecay(decay=decay, learning_rate=learning_rate, steep=steep, flat=flat)
