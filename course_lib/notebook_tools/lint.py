"""What a notebook of the course must keep to, as sentences that name file and cell."""

import ast

from course_lib.notebook_tools.assignments import NEEDS_EXERCISE, role
from course_lib.notebook_tools.files import shown

LONGEST_CELL = 20


def lint(notebook, path, executed=True):
    """Everything that is wrong with ``notebook``: a list of sentences.

    Args:
        notebook: as ``files.read`` returns it.
        path: its file, for the sentences.
        executed: whether every code cell must have been run, in order from 1, without errors.
    """
    problems = []
    roles = [role(cell, path, number) for number, cell in enumerate(notebook.cells, start=1)]
    code = [(number, cell) for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]
    for number, cell in code:
        problems += [f"{shown(path, number)}: {what}." for what in _code_problems(cell.source)]
    if executed:
        for count, (number, cell) in enumerate(code, start=1):
            problems += [f"{shown(path, number)}: {what}." for what in _run_problems(cell, count)]
    problems += [f"{shown(path)}: {what}." for what in _setup_problems(code, roles)]
    if path.parent.name in ("solutions", "exercises"):
        problems += [f"{shown(path)}: {what}." for what in _order_problems(roles)]
    return problems


def _code_problems(source):
    lines = source.splitlines()
    if not source.strip():
        yield "the cell is empty"
    if len(lines) > LONGEST_CELL:
        yield f"{len(lines)} lines of code; a cell has at most {LONGEST_CELL}, the rest is a helper in course_lib"
    python = "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in lines)
    try:
        tree = ast.parse(python)
    except SyntaxError as error:
        yield f"not valid Python (line {error.lineno}: {error.msg})"
        return
    stars = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
    yield from (f"from {node.module} import *: name what is imported" for node in stars)


def _run_problems(cell, count):
    if cell.execution_count != count:
        yield f"execution count {cell.execution_count}, but {count} was expected: run `course build`"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"stored output is an error ({output.ename}: {output.evalue})"
        elif output.output_type == "stream" and output.name == "stderr":
            yield f"stored output has a warning ({output.text.strip().splitlines()[-1][:100]})"


def _setup_problems(code, roles):
    places = [number for number, (name, _) in enumerate(roles, start=1) if name == "setup"]
    if not code:
        return
    if len(places) != 1:
        yield f"{len(places)} set-up cells (role 'setup'), but exactly one is needed"
    elif places[0] != code[0][0]:
        yield f"cell {places[0]} is the set-up cell, but the first code is in cell {code[0][0]}"


def _order_problems(roles):
    """Every exercise: statement, solution, check, look, in that order."""
    for id in sorted({id for _, id in roles if id}):
        order = [name for name, exercise in roles if exercise == id and name != "answer"]
        order = [name for i, name in enumerate(order) if i == 0 or order[i - 1] != name]
        if order != [*NEEDS_EXERCISE]:
            yield f"exercise {id} goes {', '.join(order)}; it must go {', '.join(NEEDS_EXERCISE)}"
