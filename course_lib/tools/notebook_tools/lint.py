"""What a notebook of the course must keep to, as sentences that name file and cell."""

import ast

from course_lib.tools.notebook_tools.assignments import parts_of, role
from course_lib.tools.notebook_tools.files import QUESTIONS, shown

LONGEST_CELL = 20  # statements, however many lines they take
WIDEST_LINE = 84  # columns: what a laptop shows of a cell beside the file browser


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
    problems += [f"{shown(path)}, {what}." for what in _setup_problems(code)]
    if path.parent.name in ("solutions", "exercises"):
        problems += [f"{shown(path)}: {what}." for what in _order_problems(roles)]
        if [name for name, _ in roles].count("setup") != 1:
            problems.append(f"{shown(path)}: exactly one cell must have the role 'setup'.")
    return problems


def _code_problems(source):
    if not source.strip():
        yield "the cell is empty"
    try:
        tree = ast.parse(_without_magics(source))
    except SyntaxError as error:
        yield f"not valid Python (line {error.lineno}: {error.msg})"
        return
    code = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    statements = sum(not isinstance(node, ast.Import | ast.ImportFrom) for node in code)  # lists of names
    if statements > LONGEST_CELL and not source.startswith(QUESTIONS):  # those are folded
        yield f"{statements} statements; a cell has at most {LONGEST_CELL}, the rest is a helper in course_lib"
    wide = next((line for line in source.splitlines() if len(line) > WIDEST_LINE), "")
    if wide:
        yield f"a line of code has {len(wide)} columns; it has at most {WIDEST_LINE}: {wide.strip()[:40]} ..."
    stars = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
    yield from (f"from {node.module} import *: name what is imported" for node in stars)


def _run_problems(cell, count):
    if cell.execution_count != count:
        yield f"execution count {cell.execution_count}, but {count} was expected: run `python course.py build`"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"stored output is an error ({output.ename}: {output.evalue})"
        elif output.output_type == "stream" and output.name == "stderr":
            yield f"stored output has a warning ({output.text.strip().splitlines()[-1][:100]})"


def _setup_problems(code):
    """The first code cell imports; no later one imports from the course's library."""
    for place, (number, cell) in enumerate(code):
        imports = [node for node in ast.walk(_tree(cell.source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
        if place == 0 and not imports:
            yield f"cell {number}: the first code cell is the set-up cell and holds the imports"
        if place > 0 and any(_names_course_lib(node) for node in imports):
            yield f"cell {number}: imports from course_lib belong into the set-up cell, cell {code[0][0]}"


def _names_course_lib(node):
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return any(name.split(".")[0] == "course_lib" for name in names)


def _tree(source):
    """The syntax tree of a cell without its magics; an empty one where it is not Python."""
    try:
        return ast.parse(_without_magics(source))
    except SyntaxError:
        return ast.Module([], [])


def _without_magics(source):
    return "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())


def _order_problems(roles):
    """Every exercise: statement, solution, check, look, in that order; a question: statement, text."""
    for id in sorted({id for _, id in roles if id}):
        order = [name for name, exercise in roles if exercise == id and name != "answer"]
        order = [name for i, name in enumerate(order) if i == 0 or order[i - 1] != name]
        if order != [*parts_of(id)]:
            yield f"exercise {id} goes {', '.join(order)}; it must go {', '.join(parts_of(id))}"
