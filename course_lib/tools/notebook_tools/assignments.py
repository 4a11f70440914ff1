"""From a solution notebook to its exercise notebook.

A cell's metadata say what it is: ``{"course": {"role": "solution", "exercise": "03-2"}}``.

========== ==========================================================================================
role       in the exercise notebook
========== ==========================================================================================
setup      kept: the one cell of imports
statement  kept: text and equations of an exercise
solution   one function; its body is cut, and ``raise NotImplementedError(...)`` put in its place
check      kept: ``check("03-2", nesterov_step)``
look       kept: the student's own function drawn beside the reference
answer     left out: words that belong to the solution only
(none)     kept
========== ==========================================================================================
"""

import ast
from copy import deepcopy
from textwrap import fill

import nbformat

from course_lib.checks import EXERCISES
from course_lib.checks.rooms import BEGINS, in_words
from course_lib.tools.notebook_tools.files import NotebookError, normalise, shown
from course_lib.tools.notebook_tools.reading import READINGS

WIDTH = 120
ROLES = ("setup", "statement", "solution", "check", "look", "answer")
NEEDS_EXERCISE = ("statement", "solution", "check", "look")


def role(cell, path, number):
    """``(role, exercise id)`` of a cell, both "" where it has none; ``NotebookError`` for what is not in the table."""
    about = cell.metadata.get("course", {})
    if not isinstance(about, dict) or set(about) - {"role", "exercise", "reading"}:
        raise NotebookError(
            f"{shown(path, number)}: the metadata 'course' holds a role and an exercise, or a reading, not {about}."
        )
    if about.get("reading", "core") not in READINGS:
        raise NotebookError(f"{shown(path, number)}: a reading is {' or '.join(READINGS)}, not {about['reading']!r}.")
    name, exercise = about.get("role", ""), about.get("exercise", "")
    if name not in ("", *ROLES):
        raise NotebookError(f"{shown(path, number)}: unknown role {name!r}; the roles are {', '.join(ROLES)}.")
    if (name in NEEDS_EXERCISE or exercise) and exercise not in EXERCISES:
        raise NotebookError(
            f"{shown(path, number)}: {name!r} needs an exercise id of course_lib.checks, not {exercise!r}."
        )
    return name, exercise


def with_limits(notebook, path):
    """Under the text of each exercise, in place: the sentence that says what its answer may not use."""
    cells = [(role(cell, path, number), cell) for number, cell in enumerate(notebook.cells, start=1)]
    last = {id: cell for (name, id), cell in cells if name == "statement"}
    for id, cell in last.items():
        text = cell.source.partition(f"\n\n{BEGINS}")[0]
        cell.source = f"{text}\n\n{fill(in_words(EXERCISES[id].forbidden), WIDTH, break_on_hyphens=False)}"
    return notebook


def stub(source, exercise, place):
    """The function in ``source`` with signature and docstring, and without its body.

    Raises ``NotebookError`` unless the cell is exactly one function, with a docstring and the exercise's name.
    """
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise NotebookError(f"{place}: the solution is not valid Python: {error.msg}.") from None
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != exercise.function:
        raise NotebookError(f"{place}: a solution cell holds one function, {exercise.function}, and nothing else.")
    if ast.get_docstring(body[0]) is None or len(body[0].body) < 2:
        raise NotebookError(f"{place}: the solution needs a docstring with the shapes, and a body.")
    last = body[0].body[0].end_lineno
    kept = source.splitlines()[:last]
    return "\n".join([*kept, f'    raise NotImplementedError("Exercise {exercise.id}: write {exercise.function}")'])


def exercise_notebook(solution, path):
    """The exercise notebook of ``solution``, without outputs; ``path`` is named in messages."""
    cells = []
    for number, cell in enumerate(solution.cells, start=1):
        name, id = role(cell, path, number)
        if name == "answer":
            continue
        cell = deepcopy(cell)
        if name == "solution":
            cell.source = stub(cell.source, EXERCISES[id], shown(path, number))
        if name in ("solution", "check"):
            cell.metadata["nbgrader"] = nbgrader(name, EXERCISES[id])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cells.append(cell)
    made = nbformat.v4.new_notebook(cells=cells)
    return normalise(made)


def nbgrader(name, exercise):
    """What nbgrader wants to know about a solution or check cell (its cell metadata, schema 3)."""
    check = name == "check"
    about = {"grade": check, "solution": not check, "locked": check, "task": False, "schema_version": 3}
    return {**about, "grade_id": f"{name}-{exercise.id}", **({"points": exercise.points} if check else {})}
