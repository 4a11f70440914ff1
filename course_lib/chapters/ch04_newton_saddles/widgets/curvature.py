"""Live figures of chapter 4: eigenvalue explorer, escape from a saddle, two linear layers."""

from functools import lru_cache

import numpy as np
import traitlets

from course_lib.chapters.ch04_newton_saddles.figures.escape import (
    NUM_SHOWN,
    NUM_STEPS,
    draw_escape_plane,
    draw_escape_times,
    escape_paths,
    escape_text,
    escape_times,
    move_times,
)
from course_lib.chapters.ch04_newton_saddles.figures.spectrum import (
    EDGES,
    draw_probabilities,
    draw_spectrum,
    half_circle,
    move_here,
    spectrum,
    spectrum_text,
)
from course_lib.chapters.ch04_newton_saddles.figures.two_layers import (
    DURATION,
    WINDOW,
    draw_plane,
    draw_products,
    move_layers,
    run_layers,
    two_layers_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.widgets.controls import Point, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

DIMENSIONS = (*range(1, 31), *range(35, 101, 5), 120, 150, 200)
NOISES = (0.0, *log_positions(1e-8, 1, 81, 2))
RATES = even_positions(0.02, 0.6, 30)


class EigenvalueExplorer(LiveFigure):
    """Spectra of random symmetric matrices; make it with ``eigenvalue_explorer``.

    Attributes:
        n: dimension, 1 to 200.
        shift: how far the half circle is shifted up, in units of sqrt(n): a lower loss.
        sample: number of the random sample.
    """

    n = traitlets.Int(2).tag(sync=True)
    shift = traitlets.Float(0.0).tag(sync=True)
    sample = traitlets.Int(1).tag(sync=True)

    def controls(self):
        return (
            Slider("n", "Dimension", DIMENSIONS),
            Slider("shift", "Shift up (lower loss)", even_positions(0, 2.5, 51)),
            Slider("sample", "Sample", tuple(range(1, 21))),
        )

    def check(self):
        spectrum(self.n, self.sample, self.shift)

    def build(self):
        figure, (left, right) = new_figure(10.5, 4.7, ncols=2, width_ratios=(1.25, 1))
        self.fill, self.circle = draw_spectrum(left)
        self.here = draw_probabilities(right)
        outside_legend(figure, right)
        return figure, [self.fill, self.circle, *self.here]

    def update(self):
        found = spectrum(self.n, self.sample, self.shift)
        x = np.repeat(EDGES, 2)
        y = np.concatenate([[0], np.repeat(found.heights, 2), [0]])
        self.fill.set_verts([np.column_stack([x, y])])
        around = np.linspace(self.shift - 2, self.shift + 2, 200)
        self.circle.set_data(around, half_circle(around, self.shift))
        move_here(self.here, self.n, found)
        return spectrum_text(self.n, self.sample, self.shift, found)


def eigenvalue_explorer(n=2, shift=0.0, sample=1):
    """Return the live eigenvalue explorer: histogram against half circle, and the probability of a minimum.

    Args:
        n: dimension, 1 to 200.
        shift: added to every eigenvalue, in units of sqrt(n), -1 to 3: the lower the loss, the larger.
        sample: 1, 2, ...: other random matrices.

    Raises:
        ValueError: a value out of range.
    """
    return EigenvalueExplorer(n=n, shift=shift, sample=sample)


cached_times = lru_cache(maxsize=256)(escape_times)


class SaddleEscape(LiveFigure):
    """Gradient descent that starts on the ridge that leads to a saddle; make it with ``saddle_escape``.

    Attributes:
        noise: standard deviation of the gradient noise.
        learning_rate: of gradient descent.
        step: which step is shown.
    """

    noise = traitlets.Float(0.001).tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)
    step = traitlets.Int(NUM_STEPS).tag(sync=True)

    film_positions = len(RATES)  # all: what was simulated once is known

    def controls(self):
        return (
            Slider("noise", "Gradient noise", NOISES),
            Slider("learning_rate", "Learning rate", RATES),
            Slider("step", "Step", tuple(range(0, NUM_STEPS + 1, 4)), plays=True),
        )

    def check(self):
        if not (0 <= self.noise <= 10 and 0 < self.learning_rate < 1):
            raise ValueError("The noise must lie between 0 and 10, the learning rate between 0 and 1.")
        if not 0 <= self.step <= NUM_STEPS:
            raise ValueError(f"The runs have steps 0 to {NUM_STEPS}, but step is {self.step}.")

    def build(self):
        figure, (plane, times) = new_figure(10.5, 4.9, ncols=2, width_ratios=(1.1, 1))
        self.paths, self.ends = draw_escape_plane(plane)
        self.times = draw_escape_times(times, self.learning_rate)
        outside_legend(figure, times)
        self.axis_of = None
        return figure, [self.paths, self.ends, *self.times], [times.yaxis]

    def update(self):
        paths = escape_paths(self.noise, self.learning_rate)[: self.step + 1]
        gap = np.full((1, NUM_SHOWN, 2), np.nan)
        self.paths.set_data(*np.concatenate([paths, gap]).transpose(1, 0, 2).reshape(-1, 2).T)
        self.ends.set_data(*paths[-1].T)
        found = cached_times(self.learning_rate)
        own = escape_times(self.learning_rate, (self.noise,)) if self.noise > 0 else None
        move_times(self.times, self.learning_rate, found, self.noise, own)
        if self.axis_of != self.learning_rate:  # the axis of the times reaches as far as they do
            self.axis_of = self.learning_rate
            self.stage.settle()
        return escape_text(self.noise, self.learning_rate, self.step, paths, own)


def saddle_escape(noise=0.001, learning_rate=0.1, step=NUM_STEPS):
    """Return the live saddle: runs from its ridge, and how long it holds them, against the noise.

    Args:
        noise: standard deviation of the gradient noise, 0 to 10; with 0 the runs stay for ever.
        learning_rate: between 0 and 1.
        step: which step is shown, 0 to 240.

    Raises:
        ValueError: a value out of range.
    """
    return SaddleEscape(noise=noise, learning_rate=learning_rate, step=step)


class TwoLayers(LiveFigure):
    """Two linear layers learn to be 1; make it with ``two_layers``.

    Attributes:
        start: ``[w1, w2]``.
        learning_rate: of gradient descent.
    """

    start = traitlets.List(traitlets.Float(), default_value=[0.1, 0.1], minlen=2, maxlen=2).tag(sync=True)
    size = traitlets.Float(0.1).tag(sync=True)
    learning_rate = traitlets.Float(0.05).tag(sync=True)

    def controls(self):
        return (
            Slider("size", "Balanced start, both weights", log_positions(0.001, 1.6, 81, 2)),
            Slider("learning_rate", "Learning rate", log_positions(0.002, 0.5, 61, 2)),
            Point("start", "Start"),
        )

    def follow(self, changed):
        """The slider sets both weights; a click sets them freely."""
        if "size" in changed and "start" not in changed:
            self.start = [self.size, self.size]

    def check(self):
        if not all(abs(value) <= WINDOW for value in self.start):
            raise ValueError(f"Both weights must lie between -{WINDOW:g} and {WINDOW:g}.")
        if not 0.001 <= self.learning_rate <= 0.5:
            raise ValueError("The learning rate must lie between 0.001 and 0.5.")

    def build(self):
        figure, (plane, products) = new_figure(10.5, 4.9, ncols=2, width_ratios=(1, 1.2))
        self.plane = draw_plane(plane)
        self.products = draw_products(products, DURATION)
        outside_legend(figure, plane, products)
        return figure, [*self.plane, *self.products]

    def update(self):
        run = run_layers(self.start, self.learning_rate)
        move_layers(self.plane, self.products, run, self.start, self.learning_rate)
        return two_layers_text(run, self.start, self.learning_rate)


def two_layers(size=0.1, learning_rate=0.05, start=None):
    """Return the live deep linear network: its path to one of two branches of minima, and its product against Saxe.

    Args:
        size: both weights at the start, if ``start`` is left out; the exact curve needs balanced weights.
        learning_rate: of gradient descent, 0.001 to 0.5.
        start: ``[w1, w2]`` instead.

    Raises:
        ValueError: a value out of range.
    """
    first = [float(size), float(size)] if start is None else [float(x) for x in start]
    return TwoLayers(size=size, learning_rate=learning_rate, start=first)
