"""Chapter 9: the receptive field grows layer by layer, by the formula and by the gradient."""

import numpy as np
import traitlets

from course_lib.chapters.ch09_convolution.experiments.receptive_field import STACKS, sensitivity
from course_lib.chapters.ch09_convolution.figures.kernel import square
from course_lib.chapters.ch09_convolution.figures.receptive_field import ACTIVATIONS, FIELD, MEASURED, THEORY, corner
from course_lib.figures.style import new_figure
from course_lib.validation import count
from course_lib.widgets.controls import Menu, Slider
from course_lib.widgets.live import LiveFigure

MOST_LAYERS = max(map(len, STACKS.values()))


class ReceptiveField(LiveFigure):
    """What one output sees; see ``receptive_field``.

    Attributes:
        stack: name of a row of layers.
        activation: "none" or "ReLU".
        layer: how many layers deep; beyond the last, the last.
    """

    stack = traitlets.Unicode("ten 3 × 3").tag(sync=True)
    activation = traitlets.Unicode("none").tag(sync=True)
    layer = traitlets.Int(3).tag(sync=True)

    rebuild_on = ("stack",)

    def controls(self):
        return (
            Slider("layer", "Layers", tuple(range(1, MOST_LAYERS + 1))),
            Menu("stack", "Network", tuple((name, name) for name in STACKS)),
            Menu("activation", "Activation", tuple((name, name) for name in ACTIVATIONS)),
        )

    def follow(self, changed):
        if self.stack in STACKS and isinstance(self.layer, int):
            self.layer = min(self.layer, len(STACKS[self.stack]))

    def check(self):
        if self.stack not in STACKS:
            raise ValueError(f"There is no network {self.stack!r}. Choose from: {', '.join(STACKS)}.")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f'The activation is "none" or "ReLU", not {self.activation!r}.')
        count("layer", self.layer)

    def build(self):
        result = sensitivity(self.stack, self.activation)
        side, number = result.theory[-1][0], len(STACKS[self.stack])
        figure, (plane, curve) = new_figure(11, 4.5, ncols=2, width_ratios=(1, 1.35))
        self.heat = plane.imshow(np.zeros((side, side)), cmap=FIELD, vmin=0, vmax=1, interpolation="nearest")
        plane.set(xticks=[], yticks=[], xlim=(-1.5, side + 0.5), ylim=(side + 0.5, -1.5))
        plane.spines[:].set_visible(False)
        plane.set_title("the input, blue where it matters", fontsize=14)
        (self.box,) = plane.plot([], [], "-", color=THEORY, lw=3)
        (self.bell,) = plane.plot([], [], "--", color="black", lw=2)
        layers = np.arange(number + 1)
        sizes = [size for size, _ in result.theory]
        curve.plot(layers, sizes, "-", color=THEORY, lw=2.6, label="receptive field, formula")
        curve.plot(layers, 4 * result.widths, "--", color="black", lw=2, label="four standard deviations, formula")
        (self.extents,) = curve.plot([], [], "s", color=THEORY, ms=9, mec="black", label="any gradient, measured")
        (self.measured,) = curve.plot([], [], "o", color=MEASURED, ms=9, mec="black", label="its spread, measured")
        curve.set(xlim=(-0.3, number + 0.3), ylim=(0, side * 1.08), xlabel="layers", ylabel="pixels across")
        curve.set_xticks(layers)
        curve.legend(loc="upper left", frameon=False)
        return figure, [self.heat, self.bell, self.box, self.extents, self.measured]

    def update(self):
        result, layer = sensitivity(self.stack, self.activation), self.layer
        side, windows = result.theory[-1][0], [window for _, window in STACKS[self.stack]]
        heat = result.maps[layer - 1]
        self.heat.set_data(np.sqrt(heat))
        start, size = corner(side, result.theory, layer, windows), result.theory[layer][0]
        self.box.set_data(*square(start - 0.5, start - 0.5, size))
        angle, middle, width = np.linspace(0, 2 * np.pi, 73), start + (size - 1) / 2, result.widths[layer]
        self.bell.set_data(middle + 2 * width * np.cos(angle), middle + 2 * width * np.sin(angle))
        upto = np.arange(1, layer + 1)
        self.extents.set_data(upto, [result.extent(k) for k in upto])
        self.measured.set_data(upto, [4 * result.width(k) for k in upto])
        return self._caption(result, layer)

    def _caption(self, result, layer):
        size, jump = result.theory[layer]
        layers = f"{layer} layer{'s' if layer > 1 else ''}"
        return (
            f"{self.stack}, after {layers}: one output sees {size} × {size} pixels by the formula, and "
            f"{result.extent(layer)} columns have a gradient; neighbouring outputs see windows {jump} "
            f"pixel{'s' if jump > 1 else ''} apart. The squared gradient spreads over a standard deviation of "
            f"{result.width(layer):.2f} pixels, by the formula {result.widths[layer]:.2f}: four of them are "
            f"{min(4 * result.widths[layer] / size, 9.99):.0%} of the field."
        )


def receptive_field(stack="ten 3 × 3", activation="none", layer=3):
    """Return the live receptive field: add layers, and see what one output depends on, and how strongly.

    Args:
        stack: name of a network; the ``ValueError`` for a wrong name lists them.
        activation: "none" or "ReLU".
        layer: how many layers deep.

    Raises:
        ValueError: a name that is not there, fewer than one layer.
    """
    return ReceptiveField(stack=stack, activation=activation, layer=layer)
