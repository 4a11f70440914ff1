"""A graph one steps through: values forward, deltas back (or tangents forward), one edge a step."""

from typing import ClassVar

import numpy as np
import traitlets

from course_lib.autodiff.expression import parse_formula
from course_lib.figures.graph import MODES, costs_text, draw_graph, fill_graph, frames, layout
from course_lib.figures.style import new_figure
from course_lib.widgets.controls import Menu, Slider, Text, even_positions
from course_lib.widgets.live import LiveFigure

INPUTS = even_positions(-3, 3, 61, 1)
MOST_STEPS = 60
OWN = "your own"


class GraphSteps(LiveFigure):
    """A formula as a graph, one step at a time. A chapter's figure names its ``graphs`` and ``starts``.

    Attributes:
        graphs: ``{name: formula}`` of the menu, the first shown at first; ``OWN`` is the name of a typed one.
        starts: ``{"w": ..., "x": ..., "y": ..., "z": ...}``, the values at first.
        graph: name of a graph in ``graphs``.
        formula: the formula that is drawn; typing one turns ``graph`` to ``OWN``.
        mode: "reverse" or "forward".
        step: how many steps are shown; beyond the last, ``last_step``, that one.
        w, x, y, z: the values of the inputs.
    """

    graphs: ClassVar[dict[str, str]] = {OWN: "x"}
    starts: ClassVar[dict[str, float]] = dict.fromkeys("wxyz", 1.0)

    graph = traitlets.Unicode().tag(sync=True)
    formula = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Unicode("reverse").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    last_step = traitlets.Int(0).tag(sync=True)
    w = traitlets.Float().tag(sync=True)
    x = traitlets.Float().tag(sync=True)
    y = traitlets.Float().tag(sync=True)
    z = traitlets.Float().tag(sync=True)

    rebuild_on = ("graph", "formula")

    def __init__(self, formula="", graph="", **values):
        graph = graph or (OWN if formula else next(iter(self.graphs)))
        super().__init__(graph=graph, formula=formula or self.graphs.get(graph, ""), **(self.starts | values))

    def controls(self):
        return (
            Menu("graph", "Graph", tuple((name, name) for name in self.graphs)),
            Text("formula", "or type one"),
            Menu("mode", "Mode", tuple((mode, mode) for mode in MODES)),
            Slider("step", "Step", tuple(range(MOST_STEPS + 1)), plays="last_step"),
            *(Slider(name, name, INPUTS) for name in self.starts),
        )

    def follow(self, changed):
        """A graph brings its formula; a formula typed belongs to ``OWN``; unused inputs have no slider."""
        if "graph" in changed and "formula" not in changed and self.graphs.get(self.graph):
            self.formula = self.graphs[self.graph]
            self.step = 0
        elif "formula" in changed and self.formula != self.graphs.get(self.graph):
            named = [name for name, text in self.graphs.items() if text == self.formula]
            self.graph = named[0] if named else OWN
        if "mode" in changed and "step" not in changed:
            self.step = 0
        self.hidden = [name for name in self.starts if name not in self._parsed().inputs]
        return ("formula",) if {"graph", "formula"} & set(changed) else ()

    def check(self):
        if self.graph not in self.graphs:
            raise ValueError(f"There is no graph {self.graph!r}. Choose from: {', '.join(self.graphs)}.")
        if self.mode not in MODES:
            raise ValueError(f'The mode is "reverse" or "forward", not {self.mode!r}.')
        if self.step < 0:
            raise ValueError(f"step counts from 0, but it is {self.step}.")
        if not np.all(np.isfinite([getattr(self, name) for name in self.starts])):
            raise ValueError("The inputs must be finite numbers.")

    def _parsed(self):
        return parse_formula(self.formula, {name: getattr(self, name) for name in self.starts})

    def build(self):
        figure, ax = new_figure(10, 4.4)
        parsed = self._parsed()
        self.names = list(parsed.text.values())
        self.drawing = draw_graph(ax, parsed, layout(parsed.result), self.formula)
        return figure, self.drawing.moving

    def update(self):
        parsed = self._parsed()
        shown = frames(parsed, self.mode)
        self.last_step = len(shown) - 1
        frame = shown[min(self.step, self.last_step)]
        # The drawing's nodes are those of an earlier parse: the same ones in the same order.
        own = dict(zip(parsed.text, self.drawing.names, strict=True))
        frame = frame._replace(
            values={own[node]: text for node, text in frame.values.items()},
            slopes={own[node]: text for node, text in frame.slopes.items()},
            node=own.get(frame.node),
        )
        fill_graph(self.drawing, frame, sign="δ" if self.mode == "reverse" else "tangent")
        return f"Step {min(self.step, self.last_step)} of {self.last_step}, {frame.says}. {costs_text(parsed)}"
