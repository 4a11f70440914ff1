"""The live parts of a stored notebook: the cells that show them, what these need, and the state of their widgets.

A stored notebook holds pictures and no widgets. So that its figures move elsewhere, the cells that show them are run
again, with what they need and nothing else; text, pictures and printed numbers stay those that are stored.
"""

import ast
import re

import nbformat

from course_lib.tools.notebook_tools.execute import execute
from course_lib.tools.notebook_tools.files import QUESTIONS, WIDGET, NotebookError, read, shown

STATE = "application/vnd.jupyter.widget-state+json"
LIVE = re.compile(r"[A-Z]\w+\(\w+=")  # the text of a live figure is its class and its traits


def live_cells(path):
    """``(sources, number of live figures)`` of a stored notebook."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return [cell.source for cell in needed(cells, shows_live_figure)], sum(map(shows_live_figure, cells))


def is_live(output):
    """Whether a stored output is the picture of a live figure."""
    data = output.get("data", {})
    return "image/png" in data and LIVE.match("".join(data.get("text/plain", ""))) is not None


def shows_live_figure(cell):
    """Whether the stored cell shows one."""
    return any(map(is_live, cell.get("outputs", ())))


def is_question(cell):
    """Whether a cell asks: a quiz question or a prediction."""
    return cell.cell_type == "code" and cell.source.startswith(QUESTIONS)


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


def needed(cells, wanted):
    """Those of the code ``cells`` for which ``wanted(cell)`` holds, and those that set what these read."""
    read, kept = set(), []
    for cell in reversed(cells):
        if wanted(cell) or names(cell.source, ast.Store) & read:
            kept.insert(0, cell)
            read |= names(cell.source, ast.Load)
    return kept


def widgets(path):
    """The widgets of a stored notebook, each as it is when its cell has run.

    Returns:
        ``(places, states)``: ``{(id of the cell, number of the output): model id}`` for every live figure and
        question, and ``{model id: saved state}`` of all models.

    Raises ``NotebookError`` where a figure is no longer the stored one.
    """
    stored = read(path)
    asked = [cell for cell in stored.cells if cell.cell_type == "code"]
    again = nbformat.from_dict(
        {**stored, "cells": needed(asked, lambda cell: shows_live_figure(cell) or is_question(cell))}
    )
    before = {
        cell.id: [output for output in cell.outputs if is_live(output) or is_question(cell)] for cell in again.cells
    }
    execute(again, path.resolve(), say=lambda text: None, keep_widgets=True)
    places = {}
    for cell in again.cells:
        made = [output for output in cell.outputs if WIDGET in output.get("data", {})]
        texts = [[output.data.get("text/plain") for output in outputs] for outputs in (before[cell.id], made)]
        if texts[0] != texts[1]:
            number = [other.id for other in stored.cells].index(cell.id) + 1
            raise NotebookError(
                f"{shown(path, number)}: what the cell shows now is not what is stored; build the notebook first."
            )
        for number, output in enumerate(made):
            places[cell.id, number] = output.data[WIDGET]["model_id"]
    return places, again.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
