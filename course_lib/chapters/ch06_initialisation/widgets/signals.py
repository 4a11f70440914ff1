"""Live figures of chapter 6: signals through the layers, activations and where they saturate, the zigzag."""

import traitlets

from course_lib.chapters.ch06_initialisation.experiments import zigzag as zigzag_figures_runs
from course_lib.chapters.ch06_initialisation.experiments.signals import ACTIVATIONS, INITIALIZERS, in_words
from course_lib.chapters.ch06_initialisation.figures import activations as activation_figures
from course_lib.chapters.ch06_initialisation.figures import zigzag as zigzag_figures
from course_lib.chapters.ch06_initialisation.figures.signals import (
    MOST_LAYERS,
    SHAPES,
    Picture,
    compute_case,
    signals_text,
)
from course_lib.validation import in_range
from course_lib.widgets.controls import Menu, Slider, even_positions, log_positions
from course_lib.widgets.live import LiveFigure

MOST_UNITS = 160


def choice(name, value, options):
    """Raise ``ValueError`` with the options unless ``value`` is one of them."""
    if value not in options:
        raise ValueError(f"There is no {name} {value!r}. Choose from: {', '.join(options)}.")


class SignalFigure(LiveFigure):
    """Histograms of signal and gradient, layer by layer; make it with ``signals``.

    Attributes:
        activation: a name in ``ACTIVATIONS``.
        initializer: a name in ``INITIALIZERS``.
        scale: the weights are this many times the initialiser's, 0.01 to 100.
        depth, width: layers, 1 to 20, and units, 8 to 160.
        shape: one of ``figures.signals.SHAPES``, how widths change from layer to layer.
    """

    activation = traitlets.Unicode("tanh").tag(sync=True)
    initializer = traitlets.Unicode("normal, 1/√n (LeCun)").tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)
    depth = traitlets.Int(10).tag(sync=True)
    width = traitlets.Int(100).tag(sync=True)
    shape = traitlets.Unicode(SHAPES[0]).tag(sync=True)

    rebuild_on = ("activation",)

    def controls(self):
        return (
            Menu("activation", "Activation", tuple((name, in_words(name)) for name in ACTIVATIONS)),
            Menu("initializer", "Weights", tuple((name, name) for name in INITIALIZERS)),
            Slider("scale", "times", log_positions(0.1, 10, 61)),
            Slider("depth", "Layers", tuple(range(1, MOST_LAYERS + 1))),
            Slider("width", "Units", tuple(range(8, MOST_UNITS + 1, 4))),
            Menu("shape", "Widths", tuple((name, name) for name in SHAPES)),
        )

    def check(self):
        choice("activation", self.activation, ACTIVATIONS)
        choice("initialiser", self.initializer, INITIALIZERS)
        choice("shape", self.shape, SHAPES)
        in_range("scale", self.scale, 0.01, 100)
        in_range("depth", self.depth, 1, MOST_LAYERS)
        in_range("width", self.width, 8, MOST_UNITS)

    def build(self):
        self.drawing = Picture(self.activation)
        return self.drawing.figure, self.drawing.moving

    def update(self):
        case = compute_case(self.activation, self.initializer, self.scale, self.depth, self.width, self.shape)
        self.drawing.move(case)
        return signals_text(case, self.activation, self.initializer, self.scale)


def signals(activation="tanh", initializer="normal, 1/√n (LeCun)", **values):
    """Return the live histograms: signal upwards, gradient downwards, and what n Var(W) predicts as black lines.

    The same random numbers are used at every scale, so that bars move and do not flicker. Theory is exact in the
    mean over draws without an activation and with ReLU, and for wide layers with the others.

    Args:
        activation: "linear", "sigmoid", "tanh", "relu" or "prelu" (slope 0.25).
        initializer: a name in ``INITIALIZERS``.
        **values: ``scale``, ``depth``, ``width``, ``shape``, see ``SignalFigure``.

    Raises:
        ValueError: a value outside of these.

    Source: L4 (tanh histograms); Glorot and Bengio 2010, figures 6 and 7.
    """
    return SignalFigure(activation=activation, initializer=initializer, **values)


class ActivationFigure(LiveFigure):
    """An activation, its slope and where it saturates; make it with ``activations``.

    Attributes:
        activation: "sigmoid", "tanh", "relu" or "prelu".
        spread: standard deviation of z.
        slope: PReLU's slope on the negative side.
    """

    activation = traitlets.Unicode("sigmoid").tag(sync=True)
    spread = traitlets.Float(1.0).tag(sync=True)
    slope = traitlets.Float(0.25).tag(sync=True)

    rebuild_on = ("activation",)

    def controls(self):
        return (
            Menu("activation", "Activation", tuple((name, in_words(name)) for name in activation_figures.SHOWN)),
            Slider("spread", "Standard deviation of z", log_positions(0.1, 10)),
            Slider("slope", "PReLU's slope", even_positions(-0.5, 1, 61)),
        )

    def follow(self, changed):
        self.hidden = [] if self.activation == "prelu" else ["slope"]

    def check(self):
        choice("activation", self.activation, activation_figures.SHOWN)
        in_range("spread", self.spread, 0.01, 1000)
        in_range("slope", self.slope, -1, 1)

    def build(self):
        self.drawing = activation_figures.Picture(self.activation)
        return self.drawing.figure, self.drawing.moving

    def update(self):
        self.drawing.move(self.spread, self.slope)
        return activation_figures.activation_text(self.activation, self.spread, self.slope)


def activations(activation="sigmoid", spread=1.0, slope=0.25):
    """Return the live activation: f(z), its slope, and the share of z from N(0, spread^2) where it saturates.

    Raises:
        ValueError: an activation that is not there, a spread outside of 0.01 to 1000, a slope outside of -1 to 1.

    Source: L3 (saturation), L4 (sigmoid, tanh, ReLU, PReLU).
    """
    return ActivationFigure(activation=activation, spread=spread, slope=slope)


class ZigzagFigure(LiveFigure):
    """SGD with two inputs whose mean one can shift; make it with ``zigzag``.

    Attributes:
        mean: of both inputs, which reach from mean - 1 to mean + 1.
        batch_size: 1, 4, 16 or 64 (all samples).
        speed: learning rate times the largest eigenvalue.
    """

    mean = traitlets.Float(1.0).tag(sync=True)
    batch_size = traitlets.Int(1).tag(sync=True)
    speed = traitlets.Float(0.5).tag(sync=True)

    def controls(self):
        return (
            Slider("mean", "Mean of the inputs", even_positions(0, 3, 61)),
            Menu("batch_size", "Batch size", tuple((size, str(size)) for size in zigzag_figures_runs.BATCHES)),
            Slider("speed", "Learning rate × largest eigenvalue", even_positions(0.05, 1.95, 39)),
        )

    def check(self):
        in_range("mean", self.mean, -10, 10)
        in_range("speed", self.speed, 0, 2)
        if self.batch_size not in zigzag_figures_runs.BATCHES:
            raise ValueError(f"The batch size must be 1, 4, 16 or 64, but it is {self.batch_size}.")

    def build(self):
        self.drawing = zigzag_figures.Picture()
        return self.drawing.figure, self.drawing.moving

    def update(self):
        descent = zigzag_figures_runs.run(self.mean, self.batch_size, self.speed)
        self.drawing.move(descent)
        return zigzag_figures.zigzag_text(descent, self.mean, self.batch_size)


def zigzag(mean=1.0, batch_size=1, speed=0.5):
    """Return the live zigzag: the path of two weights, and how many of their updates have one sign.

    Raises:
        ValueError: a batch size other than 1, 4, 16, 64, or a number out of range.

    Source: L4 l.168 (E7); LeCun et al. 1998, section 4.3.
    """
    return ZigzagFigure(mean=mean, batch_size=batch_size, speed=speed)
