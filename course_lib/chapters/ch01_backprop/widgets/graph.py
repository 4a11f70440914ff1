"""Chapter 1: the graph stepper, values forward and deltas backward, one edge at a time."""

from course_lib.widgets.graph import OWN, GraphSteps


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
    OWN: "",
}
STARTS = {"w": 0.8, "x": 2.0, "y": 1.0, "z": -0.5}


class GraphStepper(GraphSteps):
    """The graphs of chapter 1; see ``graph_stepper``."""

    graphs = GRAPHS
    starts = STARTS


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
