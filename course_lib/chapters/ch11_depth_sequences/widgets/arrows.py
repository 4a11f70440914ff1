"""Chapter 11: four ways to clip a gradient, as arrows in the planes of two layers."""

import numpy as np
import traitlets

from course_lib.chapters.ch11_depth_sequences.experiments.ways_to_clip import WAYS, angle, clipped
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import number, positive
from course_lib.widgets.controls import Point, Slider, Ticks, log_positions
from course_lib.widgets.live import LiveFigure

REACH = 3.5


class ClippingArrows(LiveFigure):
    """Gradients of two layers with two weights each; see ``clipping_arrows``.

    Attributes:
        first, second: the gradients ``[g1, g2]`` of the two layers.
        threshold: > 0.
        ways: which of ``WAYS`` are drawn.
    """

    first = traitlets.List(traitlets.Float(), default_value=[3.0, 0.8], minlen=2, maxlen=2).tag(sync=True)
    second = traitlets.List(traitlets.Float(), default_value=[-0.6, 1.6], minlen=2, maxlen=2).tag(sync=True)
    threshold = traitlets.Float(1.0).tag(sync=True)
    ways = traitlets.List(traitlets.Unicode(), default_value=list(WAYS)).tag(sync=True)

    def controls(self):
        return (
            Slider("threshold", "Clip at", log_positions(0.1, 10, 41, 2)),
            Ticks("ways", "Clipped", tuple((name, name) for name in WAYS)),
            Point("first", "Gradient of layer 1", axes=(0,)),
            Point("second", "Gradient of layer 2", axes=(1,)),
        )

    def check(self):
        number("threshold", self.threshold, positive)
        if not np.all(np.isfinite([*self.first, *self.second])):
            raise ValueError("A gradient must be two finite numbers.")
        unknown = [way for way in self.ways if way not in WAYS]
        if unknown:
            raise ValueError(f"There is no way to clip {unknown[0]!r}. Choose from: {', '.join(WAYS)}.")

    def build(self):
        figure, planes = new_figure(11, 5.0, ncols=2)
        self.raw, self.arrows, self.box, self.ring = [], {name: [] for name in WAYS}, [], []
        for layer, ax in enumerate(planes, start=1):
            ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", title=f"Layer {layer}")
            ax.set(xlabel="gradient by its first weight", ylabel="by its second")
            ax.axhline(0, color="#CCCCCC", lw=0.8)
            ax.axvline(0, color="#CCCCCC", lw=0.8)
            self.raw += ax.plot([], [], "-", color="black", marker="o", markevery=[1], lw=1.6, ms=9, label="gradient")
            self.box += ax.plot([], [], ":", color="#666666", lw=1.4, label="box and circle of the threshold")
            self.ring += ax.plot([], [], ":", color="#666666", lw=1.4)
            for index, name in enumerate(WAYS):
                style, about = line_style(index), {"markevery": [1], "ms": 10, "mec": "black", "lw": 5.5 - index}
                self.arrows[name] += ax.plot(
                    [], [], style.dashes, color=style.color, marker=style.marker, label=name, **about
                )
        outside_legend(figure, *planes)
        return figure, [*self.box, *self.ring, *self.raw, *(line for lines in self.arrows.values() for line in lines)]

    def update(self):
        gradients, turn = [np.array(self.first), np.array(self.second)], np.linspace(0, 2 * np.pi, 73)
        corners = self.threshold * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1], [1, 1]])
        said = []
        for raw, box, ring, gradient in zip(self.raw, self.box, self.ring, gradients, strict=True):
            raw.set_data([0, gradient[0]], [0, gradient[1]])
            box.set_data(*corners.T)
            ring.set_data(self.threshold * np.cos(turn), self.threshold * np.sin(turn))
        for name, lines in self.arrows.items():
            parts = clipped(name, gradients, self.threshold)
            for line, part in zip(lines, parts, strict=True):
                line.set_data([0, part[0]], [0, part[1]])
                line.set_visible(name in self.ways)
            turned = f"turned by {angle(gradients, parts):.0f} degrees"
            said.append(f"{name} {np.linalg.norm(np.concatenate(parts)):.3g} long, {turned}")
        shown = [text for name, text in zip(WAYS, said, strict=True) if name in self.ways]
        whole = f"The gradient of both layers together is {np.linalg.norm(np.concatenate(gradients)):.3g} long"
        return f"{whole}; clipped at {self.threshold:g} it is {'; '.join(shown)}." if shown else f"{whole}."


def clipping_arrows(first=(3.0, 0.8), second=(-0.6, 1.6), threshold=1.0, ways=WAYS):
    """Return the live arrows: click a plane to set that layer's gradient, drag the threshold.

    Args:
        first, second: gradients of two layers with two weights each.
        threshold: > 0.
        ways: which of "by value", "each layer by its norm", "by the global norm", "always rescaled" to draw.

    Raises:
        ValueError: a value outside of these.
    """
    return ClippingArrows(first=list(first), second=list(second), threshold=threshold, ways=list(ways))
