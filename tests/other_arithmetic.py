"""Solutions whose arithmetic is written another way: the same numbers, to rounding, which the checks must let pass.

Each way below is a rule of algebra, applied wherever it can be in a solution at once.
"""

import ast
from typing import ClassVar

ROOT_OF = ast.Constant(0.5)


def _is_number(node):
    """Whether a node may hold numbers: no text, no list that is joined or repeated."""
    return not any(isinstance(part, (ast.List, ast.Tuple, ast.JoinedStr)) for part in ast.walk(node))


def _binary(left, op, right):
    return ast.BinOp(left, op(), right)


class Way(ast.NodeTransformer):
    """One rule, by the class of the operator that it rewrites."""

    def __init__(self):
        self.count = 0

    def visit_BinOp(self, node):
        self.generic_visit(node)
        new = self.rewritten(node, type(node.op)) if _is_number(node) else None
        self.count += new is not None
        return node if new is None else new

    def rewritten(self, node, op):
        """The node that stands in its place, or ``None``."""


class Commuted(Way):
    """``b + a`` and ``b * a``."""

    def rewritten(self, node, op):
        return _binary(node.right, op, node.left) if op in (ast.Add, ast.Mult) else None


class Negated(Way):
    """``-(b - a)``, and ``a - (-b)`` for a sum."""

    def rewritten(self, node, op):
        if op is ast.Sub:
            return ast.UnaryOp(ast.USub(), _binary(node.right, ast.Sub, node.left))
        return _binary(node.left, ast.Sub, ast.UnaryOp(ast.USub(), node.right)) if op is ast.Add else None


class Inverted(Way):
    """``a * (1 / b)``, and ``a / (1 / b)``."""

    def rewritten(self, node, op):
        if op is ast.Div:
            return _binary(node.left, ast.Mult, _binary(ast.Constant(1.0), ast.Div, node.right))
        return None


class Multiplied(Way):
    """``a * a`` for a square."""

    def rewritten(self, node, op):
        square = op is ast.Pow and isinstance(node.right, ast.Constant) and node.right.value == 2
        return _binary(node.left, ast.Mult, node.left) if square else None


class Regrouped(Way):
    """``a * (b * c)`` and ``a + (b + c)`` for what is read from the left."""

    def rewritten(self, node, op):
        if op not in (ast.Add, ast.Mult) or not isinstance(node.left, ast.BinOp) or type(node.left.op) is not op:
            return None
        return _binary(node.left.left, op, _binary(node.left.right, op, node.right))


class Distributed(Way):
    """``a * b + a * c`` for ``a * (b + c)``."""

    def rewritten(self, node, op):
        inner = node.right
        if op is not ast.Mult or not isinstance(inner, ast.BinOp) or not isinstance(inner.op, (ast.Add, ast.Sub)):
            return None
        left, right = (_binary(node.left, ast.Mult, part) for part in (inner.left, inner.right))
        return _binary(left, type(inner.op), right)


class Rooted(Way):
    """``x ** 0.5`` for ``np.sqrt(x)``."""

    def visit_Call(self, node):
        self.generic_visit(node)
        root = isinstance(node.func, ast.Attribute) and node.func.attr == "sqrt" and len(node.args) == 1
        self.count += root
        return _binary(node.args[0], ast.Pow, ROOT_OF) if root else node


class Named(Way):
    """Functions of NumPy for operators: ``np.add(a, b)``."""

    calls: ClassVar = {
        ast.Add: "add",
        ast.Sub: "subtract",
        ast.Mult: "multiply",
        ast.Div: "divide",
        ast.MatMult: "matmul",
    }

    def rewritten(self, node, op):
        if op not in self.calls:
            return None
        function = ast.Attribute(ast.Name("np", ast.Load()), self.calls[op], ast.Load())
        return ast.Call(function, [node.left, node.right], [])


class InSteps(ast.NodeTransformer):
    """A name for each result before it is returned, ``x = x + y`` for ``x += y``."""

    def __init__(self):
        self.count = 0

    def visit_Return(self, node):
        if not isinstance(node.value, ast.Tuple) or any(isinstance(part, ast.Starred) for part in node.value.elts):
            return node
        self.count += 1
        names = [f"result_{i}" for i in range(len(node.value.elts))]
        made = [ast.Assign([ast.Name(n, ast.Store())], value) for n, value in zip(names, node.value.elts, strict=True)]
        return [*made, ast.Return(ast.List([ast.Name(name, ast.Load()) for name in names], ast.Load()))]


class Otherwise(ast.NodeTransformer):
    """``if not c: B else: A``."""

    def __init__(self):
        self.count = 0

    def visit_If(self, node):
        self.generic_visit(node)
        self.count += 1
        return ast.If(ast.UnaryOp(ast.Not(), node.test), node.orelse or [ast.Pass()], node.body)


WAYS = (Commuted, Negated, Inverted, Multiplied, Regrouped, Distributed, Rooted, Named, InSteps, Otherwise)


def rewritten(source, way):
    """The source in this way, ``None`` where it changes nothing."""
    tree, rule = ast.parse(source), way()
    tree = ast.fix_missing_locations(rule.visit(tree))
    return ast.unparse(tree) if rule.count else None


def in_other_words(source, rng, ways=WAYS):
    """The source in all ways, one after the other, in a random order."""
    for way in rng.sample(ways, len(ways)):
        source = rewritten(source, way) or source
    return source
