"""Chapter 11: a recurrent net unrolled, step by step; truncated, with a gate, and with a residual path."""

from course_lib.widgets.graph import OWN, GraphSteps

GRAPHS = {
    "three steps of time": "tanh(w * tanh(w * tanh(x) + y) + z)",
    "truncated after one step": "tanh(w * stop(tanh(w * tanh(x) + y)) + z)",
    "truncated after two steps": "tanh(w * tanh(w * stop(tanh(x)) + y) + z)",
    "an answer at every step": "(tanh(x) - 1)**2 + (tanh(w * tanh(x) + y) - 1)**2",
    "with a residual path": "tanh(x) + tanh(w * tanh(x) + y)",
    "with a gate z": "sigmoid(z) * tanh(x) + (1 - sigmoid(z)) * tanh(w * tanh(x) + y)",
    OWN: "",
}
STARTS = {"w": 0.8, "x": 0.5, "y": -0.3, "z": 0.4}


class UnrolledGraph(GraphSteps):
    """The graphs of chapter 11; see ``unrolled_graph``."""

    graphs = GRAPHS
    starts = STARTS


def unrolled_graph(formula="", graph="", mode="reverse", step=0, **values):
    """Return a recurrent net as a graph: x, y, z come in at three steps of time, w is the weight that all share.

    Args:
        formula: one of your own, with w, x, y, z; ``stop(...)`` lets values through and no gradient.
        graph: instead, the name of one in the menu.
        mode: "reverse" (deltas back through time) or "forward" (tangents).
        step: how many steps to show.
        values: of w, x, y, z.

    Raises:
        ValueError: what is wrong with the formula, the graph's name or a value, in one sentence.
    """
    return UnrolledGraph(formula, graph, mode=mode, step=step, **values)
