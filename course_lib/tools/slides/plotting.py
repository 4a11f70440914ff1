"""Which statements of a cell only draw. A class looks at the picture; the call above it says nothing to them."""

import ast

DRAWS = {"show", "display"}


def told(source):
    """``source`` without the statements that only draw; "" where nothing else is left."""
    tree = ast.parse(source)
    shown = {node.value.id for node in tree.body if _is_name(node)}
    lines = source.splitlines()
    for node in tree.body:
        if _draws(node, shown) or (node is tree.body[-1] and _is_call(node)):
            lines[node.lineno - 1 : node.end_lineno] = [None] * (node.end_lineno - node.lineno + 1)
    return "\n".join(line for line in lines if line is not None).strip("\n")


def _is_name(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Name)


def _is_call(node):
    """Whether a statement is the call of one name, whose value is shown where it stands last."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and (getattr(node.value.func, "id", "print") != "print")
    )


def _draws(node, shown):
    """Whether a statement only draws; ``shown`` are the names that the cell ends on, figures and results."""
    if isinstance(node, ast.If):
        return all(_draws(inner, shown) for inner in (*node.body, *node.orelse))
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Call) and all(getattr(to, "id", "") in shown for to in node.targets)
    if not isinstance(node, ast.Expr):
        return False
    return _is_name(node) or (isinstance(node.value, ast.Call) and _call_draws(node.value))


def _call_draws(call):
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "print":  # the caption of a figure, printed so that a test can compare it
        return len(call.args) == 1 and getattr(call.args[0], "attr", "") == "caption"
    return name in DRAWS or name == "run"
