"""The cells of a notebook that show its live figures, with what these cells need: enough to try them in a browser."""

import ast
import re

import nbformat


def live_cells(path):
    """``(sources, number of live figures)`` of a stored notebook."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return needed(cells), sum(map(shows_live_figure, cells))


def shows_live_figure(cell):
    """Whether the stored cell shows one: its text is the figure's class and traits."""
    shown = [output.get("data", {}) for output in cell.get("outputs", ())]
    return any("image/png" in data and re.match(r"[A-Z]\w+\(\w+=", "".join(data["text/plain"])) for data in shown)


def names(source, context):
    """Names that a cell reads (``ast.Load``) or sets (``ast.Store``)."""
    nodes = list(ast.walk(ast.parse(source)))
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    if context is ast.Store:
        found |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        found |= {
            (alias.asname or alias.name)
            for node in nodes
            if hasattr(node, "names")
            for alias in node.names
            if hasattr(alias, "name")
        }
    return found


def needed(cells):
    """Sources of the cells that show live figures, and of those that they need: the others are run by nbval."""
    wanted, kept = set(), []
    for cell in reversed(cells):
        if shows_live_figure(cell) or names(cell.source, ast.Store) & wanted:
            kept.insert(0, cell.source)
            wanted |= names(cell.source, ast.Load)
    return kept
