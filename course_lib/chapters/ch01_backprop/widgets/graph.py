"""Chapter 1: the graph stepper, values forward and deltas backward, one edge at a time."""

import numpy as np
import traitlets

from course_lib.autodiff.expression import parse_formula
from course_lib.chapters.ch01_backprop.figures.graph import MODES, costs_text, draw_graph, fill_graph, frames, layout
from course_lib.figures.style import new_figure
from course_lib.widgets.controls import Menu, Slider, Text, even_positions
from course_lib.widgets.live import LiveFigure


def merging_formula(stages):
    """``stages`` times "two roads to the next place": 2 ** stages paths from x to the result, 4 edges a stage."""
    text = "x"
    for _ in range(stages):
        text = f"sin({text}) + cos({text})"
    return text


GRAPHS = {
    "Olah's graph": "(x + y) * (y + 1)",
    "one unit": "sigmoid(w*x + z)",
    "squared error of a line": "(w*x + z - y)**2",
    "two layers": "tanh(w * tanh(z*x)) - y",
    "softmax loss": "log(exp(x) + exp(y)) - x",
    "paths that merge": merging_formula(3),
    "shared weight in time": "tanh(w * tanh(w * tanh(w*x)))",
    "your own": "",
}
STARTS = {"w": 0.8, "x": 2.0, "y": 1.0, "z": -0.5}
INPUTS = even_positions(-3, 3, 61, 1)
MOST_STEPS = 60


class GraphStepper(LiveFigure):
    """A graph, one step at a time; see ``graph_stepper``.

    Attributes:
        graph: name of a graph in ``GRAPHS``, or "your own".
        formula: the formula that is drawn; typing one turns ``graph`` to "your own".
        mode: "reverse" or "forward".
        step: how many steps are shown; beyond the last, the last.
        w, x, y, z: the values of the inputs.
    """

    graph = traitlets.Unicode("Olah's graph").tag(sync=True)
    formula = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Unicode("reverse").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    w = traitlets.Float(STARTS["w"]).tag(sync=True)
    x = traitlets.Float(STARTS["x"]).tag(sync=True)
    y = traitlets.Float(STARTS["y"]).tag(sync=True)
    z = traitlets.Float(STARTS["z"]).tag(sync=True)

    rebuild_on = ("graph", "formula")

    def __init__(self, formula="", graph="", **values):
        graph = graph or ("your own" if formula else "Olah's graph")
        super().__init__(graph=graph, formula=formula or GRAPHS.get(graph, ""), **values)

    def controls(self):
        return (
            Menu("graph", "Graph", tuple((name, name) for name in GRAPHS)),
            Text("formula", "or type one"),
            Menu("mode", "Mode", tuple((mode, mode) for mode in MODES)),
            Slider("step", "Step", tuple(range(MOST_STEPS + 1))),
            *(Slider(name, name, INPUTS) for name in STARTS),
        )

    def follow(self, changed):
        """A graph brings its formula; a formula typed belongs to "your own"; unused inputs have no slider."""
        if "graph" in changed and "formula" not in changed and GRAPHS.get(self.graph):
            self.formula = GRAPHS[self.graph]
            self.step = 0
        elif "formula" in changed and self.formula != GRAPHS.get(self.graph):
            named = [name for name, text in GRAPHS.items() if text == self.formula]
            self.graph = named[0] if named else "your own"
        if "mode" in changed and "step" not in changed:
            self.step = 0
        self.hidden = [name for name in STARTS if name not in self._parsed().inputs]
        return ("formula",) if {"graph", "formula"} & set(changed) else ()

    def check(self):
        if self.graph not in GRAPHS:
            raise ValueError(f"There is no graph {self.graph!r}. Choose from: {', '.join(GRAPHS)}.")
        if self.mode not in MODES:
            raise ValueError(f'The mode is "reverse" or "forward", not {self.mode!r}.')
        if self.step < 0:
            raise ValueError(f"step counts from 0, but it is {self.step}.")
        if not np.all(np.isfinite([getattr(self, name) for name in STARTS])):
            raise ValueError("The inputs must be finite numbers.")

    def _parsed(self):
        return parse_formula(self.formula, {name: getattr(self, name) for name in STARTS})

    def build(self):
        figure, ax = new_figure(10, 4.4)
        parsed = self._parsed()
        self.names = list(parsed.text.values())
        self.drawing = draw_graph(ax, parsed, layout(parsed.result), self.formula)
        return figure, self.drawing.moving

    def update(self):
        parsed = self._parsed()
        shown = frames(parsed, self.mode)
        frame = shown[min(self.step, len(shown) - 1)]
        # The drawing's nodes are those of an earlier parse: the same ones in the same order.
        own = dict(zip(parsed.text, self.drawing.names, strict=True))
        frame = frame._replace(
            values={own[node]: text for node, text in frame.values.items()},
            slopes={own[node]: text for node, text in frame.slopes.items()},
            node=own.get(frame.node),
        )
        fill_graph(self.drawing, frame, sign="δ" if self.mode == "reverse" else "tangent")
        return f"Step {min(self.step, len(shown) - 1)} of {len(shown) - 1}, {frame.says}. {costs_text(parsed)}"


def graph_stepper(formula="", graph="", mode="reverse", step=0, **values):
    """Return the live graph stepper: drag the step slider, and values flow forward, deltas back, one edge a step.

    Args:
        formula: such as ``"sigmoid(w*x + z)"``, with w, x, y, z, numbers, + - * / ** and elementary functions.
        graph: instead, the name of one in the menu.
        mode: "reverse" (deltas) or "forward" (tangents, one pass for each input).
        step: how many steps to show.
        values: of w, x, y, z.

    Raises:
        ValueError: what is wrong with the formula, the graph's name or a value, in one sentence.
    """
    return GraphStepper(formula, graph, mode=mode, step=step, **values)
