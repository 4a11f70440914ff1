"""A formula as a graph, step by step: values forward, deltas backward (or tangents forward), one edge at a time."""

from typing import NamedTuple

import numpy as np

from course_lib.autodiff import trace
from course_lib.autodiff.expression import parse_formula
from course_lib.figures.style import new_figure

VALUE, DELTA, IDLE = "#0072B2", "#D55E00", "#B9BEC7"
MODES = ("reverse", "forward")
BENDS = (0.0, 0.45, -0.45, 0.8, -0.8, 1.2, -1.2, 1.7, -1.7, 2.3, -2.3)
ROOM = np.array([0.36, 0.36])  # half the width and height that a node and its numbers take


class Frame(NamedTuple):
    """What is known after one step.

    ``values`` and ``slopes`` (deltas, or tangents) by node; ``edges`` walked so far (pairs of positions in the list of
    edges); ``active``: the edge walked last, or -1; ``node``: the node filled last; ``says``: the step in words.
    """

    values: dict
    slopes: dict
    edges: frozenset
    active: int
    node: object
    says: str


def short(number):
    """A number as it fits into a node."""
    return f"{float(number):.3g}"


def frames(formula, mode="reverse"):
    """Every step of a pass over ``formula`` as a list of ``Frame``; the first shows the bare graph.

    reverse: one frame a node forward, then one an edge back. forward: for each input, one frame a node.
    """
    shown = [Frame({}, {}, frozenset(), -1, None, "the graph before anything is calculated")]
    if mode == "forward":
        for name, leaf in formula.inputs.items():
            shown += _tangent_frames(formula, name, leaf)
        return shown
    for step in trace.forward_steps(formula.result):
        values = shown[-1].values | {step.node: short(step.value)}
        shown.append(Frame(values, {}, frozenset(), -1, step.node, f"forward: {_equation(formula, step.node)}"))
    return shown + _delta_frames(formula, shown[-1])


def _equation(formula, node):
    text = formula.text[node]
    return f"{node.name} = {short(node.value)}" if text == node.name else f"{node.name} = {text} = {short(node.value)}"


def _tangent_frames(formula, name, leaf):
    values, slopes, made = {}, {}, []
    for step in trace.forward_steps(formula.result, along=leaf):
        values, slopes = values | {step.node: short(step.value)}, slopes | {step.node: short(step.tangent)}
        walked = frozenset(i for i, edge in enumerate(trace.edges(formula.result)) if edge.child in values)
        says = f"pass for {name}: d{step.node.name}/d{name} = {short(step.tangent)}"
        made.append(Frame(values, slopes, walked, -1, step.node, says))
    return made


def _delta_frames(formula, last):
    made, positions = [], {edge[:]: i for i, edge in enumerate(trace.edges(formula.result))}
    slopes, walked = {formula.result: "1"}, frozenset()
    for step in trace.backward_steps(formula.result):
        child, parent = step.edge.child, step.edge.parent
        active = positions[step.edge[:]]
        slopes, walked = slopes | {parent: short(step.delta)}, walked | {active}
        slope = short(trace.local_derivative(step.edge))
        says = (
            f"back along {child.name} → {parent.name}: d{child.name}/d{parent.name} = {slope}, times the delta "
            f"{slopes[child]} of {child.name}: a share of {short(step.share)}; delta of {parent.name} "
            f"{'is' if step.complete else 'so far'} {short(step.delta)}"
        )
        made.append(Frame(last.values, slopes, walked, active, parent, says))
    return made


def layout(result):
    """``{node: (column, row)}``: inputs on the left, every node right of all that it is made from.

    An input stands right before its first use; rows are ordered by what the nodes are made from, so that few
    edges cross.
    """
    order = trace.nodes(result)
    column = {}
    for node in order:
        column[node] = 1 + max((column[parent] for parent in node.parents), default=-1)
    for leaf in (node for node in order if not node.parents):
        column[leaf] = min(column[node] for node in order if leaf in node.parents) - 1 if leaf is not result else 0
    rows = {}
    for number in range(max(column.values()) + 1):
        members = [node for node in order if column[node] == number]
        members.sort(
            key=lambda node: np.mean([rows.get(parent, 0.0) for parent in node.parents] or [order.index(node)])
        )
        for i, node in enumerate(members):
            rows[node] = (len(members) - 1) / 2 - i + (0.18 if number % 2 else -0.0)
    return {node: (float(column[node]), rows[node]) for node in order}


class Drawing(NamedTuple):
    """Artists that move: ``boxes`` and two texts a node, a line and an arrow head an edge."""

    names: dict
    values: dict
    slopes: dict
    lines: list
    note: object

    @property
    def moving(self):
        """All of them, in the order in which they are drawn."""
        return [*self.lines, *self.names.values(), *self.values.values(), *self.slopes.values(), self.note]


def _curve(start, end, bend):
    """A bow from ``start`` to ``end``; two equal edges (x * x) and edges past other nodes must not coincide."""
    t = np.linspace(0.0, 1.0, 25)[:, None]
    middle = (start + end) / 2 + np.array([0.0, bend])
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end


def _bend(start, end, others, twin):
    """How far to bow an edge so that it passes by all ``others``; each of two equal edges takes the next free one."""

    def clearance(bend):
        away = (_curve(start, end, bend)[:, None] - others) / ROOM
        return np.min(np.hypot(away[..., 0], away[..., 1]), initial=9.0)

    free = [bend for bend in BENDS if clearance(bend) > 1]
    return free[twin % len(free)] if free else max(BENDS, key=clearance)


def draw_graph(ax, formula, place, title=""):
    """Draw the graph's bare form; returns a ``Drawing`` that ``fill_graph`` brings to any frame."""
    points = {node: np.array(point) for node, point in place.items()}
    low, high = np.min(list(points.values()), axis=0), np.max(list(points.values()), axis=0)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.set_ylabel("", labelpad=0)
    ax.set_title(title, fontsize=14)
    ax.set_xlabel("blue: value; orange: δ, the slope of the result by this node, or the tangent", fontsize=13)
    lines, seen = [], {}
    for edge in trace.edges(formula.result):
        twin = seen[edge.parent, edge.child] = seen.get((edge.parent, edge.child), -1) + 1
        start, end = points[edge.parent], points[edge.child]
        others = np.array([point for node, point in points.items() if node not in edge[:2]]).reshape(-1, 2)
        path = _curve(start, end, _bend(start, end, others, twin))
        lines.append(ax.plot(*path.T, color=IDLE, lw=2, zorder=1)[0])
        low, high = np.minimum(low, path.min(axis=0)), np.maximum(high, path.max(axis=0))
    ax.set(xlim=(low[0] - 0.55, high[0] + 0.55), ylim=(low[1] - 0.85, high[1] + 0.65))
    names, values, slopes = {}, {}, {}
    size = 13 if len(points) <= 12 else 11
    for node, (x, y) in points.items():
        text = formula.text[node]
        label = node.name if text == node.name else f"{node.name} = {text}"
        box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "black", "linewidth": 1.4}
        names[node] = ax.text(x, y, label, ha="center", va="center", fontsize=size, bbox=box, zorder=3)
        halo = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
        values[node] = ax.text(
            x, y + 0.19, "", ha="center", va="bottom", fontsize=size, color=VALUE, zorder=4, bbox=halo, weight="bold"
        )
        slopes[node] = ax.text(
            x, y - 0.19, "", ha="center", va="top", fontsize=size, color=DELTA, zorder=4, bbox=halo, weight="bold"
        )
    note = ax.text(0.5, 0.0, "", transform=ax.transAxes, ha="center", va="bottom", fontsize=13)
    return Drawing(names, values, slopes, lines, note)


def fill_graph(drawing, frame, sign="δ"):
    """Show what is known in ``frame``: values above the nodes, deltas (or tangents) below, walked edges in colour."""
    for node, name in drawing.names.items():
        drawing.values[node].set_text(frame.values.get(node, ""))
        drawing.slopes[node].set_text(f"{sign} = {frame.slopes[node]}" if node in frame.slopes else "")
        drawing.values[node].set_visible(node in frame.values)
        drawing.slopes[node].set_visible(node in frame.slopes)
        name.get_bbox_patch().set(linewidth=3.4 if node is frame.node else 1.4)
    for i, line in enumerate(drawing.lines):
        active = i == frame.active
        color = DELTA if active else "#7A4A2B" if i in frame.edges else IDLE
        line.set(color=color, linewidth=5 if active else 3 if i in frame.edges else 2)
    drawing.note.set_text(frame.says.partition(";")[0])


def costs_text(formula):
    """What both modes cost on this graph, and how many paths there are."""
    cost = trace.costs(formula.result)
    inputs = len(formula.inputs)
    return (
        f"{cost.edges} edges, {cost.paths} path{'s' if cost.paths != 1 else ''} from the inputs to the result. "
        f"Multiplications for all {inputs} derivative{'s' if inputs != 1 else ''}: path by path {cost.path_by_path}, "
        f"forward mode {cost.forward}, reverse mode {cost.reverse}."
    )


def graph_figure(text, values, step=None, mode="reverse"):
    """Return ``(figure, alt)``: the graph of the formula ``text`` after ``step`` steps (all, if left out)."""
    formula = parse_formula(text, values)
    shown = frames(formula, mode)
    frame = shown[-1 if step is None else min(step, len(shown) - 1)]
    figure, ax = new_figure(10, 4.4)
    fill_graph(
        draw_graph(ax, formula, layout(formula.result), text), frame, sign="δ" if mode == "reverse" else "tangent"
    )
    return figure, f"{text}, {frame.says}. {costs_text(formula)}"
