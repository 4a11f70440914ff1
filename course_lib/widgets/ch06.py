"""Live figures of chapter 6: signals through the layers, activations and where they saturate, the zigzag."""

import traitlets

from course_lib.figures.signals import MOST_LAYERS, SHAPES, Picture, compute_case, signals_text
from course_lib.signal_propagation import ACTIVATIONS, INITIALIZERS
from course_lib.validation import in_range
from course_lib.widgets.controls import Menu, Slider, log_positions
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
            Menu("activation", "Activation", tuple((name, name) for name in ACTIVATIONS)),
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
