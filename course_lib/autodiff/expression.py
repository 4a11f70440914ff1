"""A formula, typed as text, as a graph: ``sigmoid(w*x + z)``. It is parsed and walked, never executed.

Every operation becomes a ``Node`` with a name (``a``, ``b``, ...) and equal parts become one node, so that the paths
through them merge. Allowed are the variables w, x, y, z, numbers, + - * / ** and the functions in ``FUNCTIONS``;
all else is refused by name. A graph has at most 24 nodes: more cannot be read in one picture.

Source: L3 "Backpropagation: path merging"; Olah 2015.
"""

import ast
from typing import NamedTuple

import numpy as np

from course_lib.autodiff.functions import relu, sigmoid, stop_gradient
from course_lib.autodiff.reverse import Node

VARIABLES = ("w", "x", "y", "z")
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "abs": np.abs,
    "stop": stop_gradient,
}
OPERATORS = {
    ast.Add: ("+", np.add),
    ast.Sub: ("-", np.subtract),
    ast.Mult: ("*", np.multiply),
    ast.Div: ("/", np.divide),
    ast.Pow: ("**", np.power),
}
MOST_NODES, MOST_LETTERS = 24, 200
NAMES = "abcdefghijklmnopqrstuv"  # of the calculated nodes, in the order of calculation


class Formula(NamedTuple):
    """A typed formula as a graph: its ``result``, the ``inputs`` by variable, and each node's ``text``."""

    result: Node
    inputs: dict
    text: dict


class _Builder:
    """Walks a syntax tree; ``made`` maps what a part says to its node, so that equal parts are one node."""

    def __init__(self, values):
        self.values, self.inputs, self.text, self.made = values, {}, {}, {}

    def visit(self, tree):
        """``(node or number, how a drawing writes it)`` of one part of the formula."""
        if isinstance(tree, ast.Constant):
            return self._constant(tree)
        if isinstance(tree, ast.Name):
            return self._variable(tree.id)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, (ast.USub, ast.UAdd)):
            part, text = self.visit(tree.operand)
            return (part, text) if isinstance(tree.op, ast.UAdd) else self._apply(np.negative, f"-{text}", part)
        if isinstance(tree, ast.BinOp) and type(tree.op) in OPERATORS:
            symbol, function = OPERATORS[type(tree.op)]
            (left, left_text), (right, right_text) = self.visit(tree.left), self.visit(tree.right)
            return self._apply(function, f"{left_text} {symbol} {right_text}", left, right)
        if isinstance(tree, ast.Call):
            return self._call(tree)
        raise ValueError(f"{ast.unparse(tree)!r} is not part of a formula here: use numbers, w, x, y, z, + - * / **.")

    def _constant(self, tree):
        if type(tree.value) not in (int, float) or abs(tree.value) > 1e6:
            raise ValueError(f"{ast.unparse(tree)} is not a number that can be used here (at most a million).")
        return float(tree.value), f"{tree.value:g}"

    def _variable(self, name):
        if name not in VARIABLES:
            raise ValueError(f"There is no variable {name!r}: use {', '.join(VARIABLES)}.")
        if name not in self.inputs:
            self.inputs[name] = Node(float(self.values[name]), name=name)
            self.text[self.inputs[name]] = name
        return self.inputs[name], name

    def _call(self, tree):
        name = getattr(tree.func, "id", ast.unparse(tree.func))
        if name not in FUNCTIONS:
            raise ValueError(f"There is no function {name!r} here: use {', '.join(FUNCTIONS)}.")
        if len(tree.args) != 1 or tree.keywords:
            raise ValueError(f"{name} takes one argument, as in {name}(x).")
        part, text = self.visit(tree.args[0])
        return self._apply(FUNCTIONS[name], f"{name}({text})", part)

    def _apply(self, function, text, *parts):
        if text in self.made:
            return self.made[text]
        with np.errstate(all="ignore"):
            result = function(*parts)
        if not np.isfinite(result.value if isinstance(result, Node) else result):
            raise ValueError(f"{text} is not a finite number here: choose other values.")
        if not isinstance(result, Node):  # numbers only: a constant
            return float(result), f"{float(result):g}"
        number = len(self.text) - len(self.inputs)
        if len(self.text) >= MOST_NODES or number >= len(NAMES):
            raise ValueError(f"This formula has more than {MOST_NODES} nodes: too many for one picture.")
        result.name, self.text[result] = NAMES[number], text
        self.made[text] = result, result.name
        return self.made[text]


def parse_formula(text, values):
    """Return the ``Formula`` that ``text`` says, with the variables at ``values`` (a dict of numbers).

    >>> formula = parse_formula("(x + y) * (y + 1)", {"x": 2, "y": 1})
    >>> formula.result.backward()
    >>> [(name, float(node.delta)) for name, node in formula.inputs.items()]
    [('x', 2.0), ('y', 5.0)]

    Raises:
        ValueError: what is not a formula, not allowed in one, too large, or not finite at ``values``.
    """
    if len(text) > MOST_LETTERS:
        raise ValueError(f"The formula has {len(text)} letters; at most {MOST_LETTERS} fit.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is not a formula such as sigmoid(w*x + z).") from None
    builder = _Builder(values)
    result, _ = builder.visit(tree)
    if not isinstance(result, Node):
        raise ValueError("The formula has no variable, so there is nothing to differentiate by: use w, x, y, z.")
    return Formula(result, builder.inputs, builder.text)
