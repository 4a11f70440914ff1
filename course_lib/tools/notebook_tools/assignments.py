"""From a solution notebook to its exercise notebook.

A cell's metadata say what it is: ``{"course": {"role": "solution", "exercise": "03-2"}}``.

========== ==========================================================================================
role       in the exercise notebook
========== ==========================================================================================
setup      kept: the one cell of imports
statement  kept: text and equations of an exercise
solution   one function; its body is cut, and ``raise NotImplementedError(...)`` put in its place, or, in an exercise of
           the kind "debug", the code with the fault
check      kept: ``check("03-2", nesterov_step)``
text       the answer to a question, in words; a line that asks for one is put in its place
look       kept: the student's own function drawn beside the reference
answer     left out: words that belong to the solution only
(none)     kept
========== ==========================================================================================
"""

import ast
from copy import deepcopy
from textwrap import fill

import nbformat

from course_lib.checks import ASKED, EXERCISES
from course_lib.checks.kinds import Debug
from course_lib.checks.rooms import BEGINS, in_words
from course_lib.grading.answers import placeholder
from course_lib.tools.notebook_tools.files import ROOT, NotebookError, normalise, read, shown
from course_lib.tools.notebook_tools.reading import READINGS

WIDTH = 120
ROLES = ("setup", "statement", "solution", "check", "look", "text", "answer")
NEEDS_EXERCISE = ("statement", "solution", "check", "look")  # in this order
NEEDS_QUESTION = ("statement", "text")
BY_A_PERSON = "To be answered in words"


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
    if (name in (*NEEDS_EXERCISE, *NEEDS_QUESTION) or exercise) and exercise not in ASKED:
        raise NotebookError(
            f"{shown(path, number)}: {name!r} needs an exercise id of course_lib.checks, not {exercise!r}."
        )
    if exercise and name not in ("answer", *parts_of(exercise)):
        raise NotebookError(f"{shown(path, number)}: {exercise} has the roles {', '.join(parts_of(exercise))}.")
    return name, exercise


def solution_texts(chapter):
    """The code of a chapter's solution, cell by cell; nothing where there is none, as in what was handed out."""
    return [
        cell.source
        for path in sorted((ROOT / "solutions").glob(f"{chapter}_*.ipynb"))
        for cell in read(path).cells
        if cell.metadata.get("course", {}).get("role") == "solution"
    ]


def parts_of(id):
    """The roles of an exercise's cells, in order."""
    return NEEDS_EXERCISE if id in EXERCISES else NEEDS_QUESTION


def with_limits(notebook, path):
    """Under the text of each exercise, in place: what its answer may not use, or that a person marks it."""
    cells = [(role(cell, path, number), cell) for number, cell in enumerate(notebook.cells, start=1)]
    last = {id: cell for (name, id), cell in cells if name == "statement"}
    for id, cell in last.items():
        text = cell.source.partition(f"\n\n{BEGINS}")[0].partition(f"\n\n{BY_A_PERSON}")[0]
        cell.source = f"{text}\n\n{fill(limits(ASKED[id]), WIDTH, break_on_hyphens=False)}"
        if id not in EXERCISES and " ".join(ASKED[id].asks.split()) not in " ".join(text.split()):
            raise NotebookError(f"{shown(path)}: the text of {id} must hold, word for word: {ASKED[id].asks}")
    return notebook


def limits(exercise):
    """What is said under the text of an exercise."""
    if exercise.id in EXERCISES:
        return in_words(exercise.forbidden)
    return f"{BY_A_PERSON}, and marked by a person, with {exercise.points:g} points: no check reads it."


def stub(source, exercise, place):
    """The function in ``source`` with signature and docstring, and without its body.

    Raises ``NotebookError`` unless the cell is exactly one function, with a docstring and a name of the exercise's.
    """
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise NotebookError(f"{place}: the solution is not valid Python: {error.msg}.") from None
    names = " or ".join(exercise.functions)
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name not in exercise.functions:
        raise NotebookError(f"{place}: a solution cell holds one function, {names}, and nothing else.")
    if ast.get_docstring(body[0]) is None or len(body[0].body) < 2:
        raise NotebookError(f"{place}: the solution needs a docstring with the shapes, and a body.")
    kept = source.splitlines()[: body[0].body[0].end_lineno]
    return "\n".join([*kept, _body(body[0], exercise, place)])


def _body(function, exercise, place):
    """What is handed out below the docstring."""
    if isinstance(exercise, Debug) and function.name == exercise.function:
        return exercise.body()
    missing = [word for word in getattr(exercise, "menu", ()) if word not in ast.get_docstring(function)]
    if missing:
        raise NotebookError(f"{place}: the docstring of {function.name} lacks of its menu: {', '.join(missing)}.")
    return f'    raise NotImplementedError("Exercise {exercise.id}: write {function.name}")'


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
        elif name == "text":
            cell.source = placeholder(id)
        if name in ("solution", "check", "text"):
            cell.metadata["nbgrader"] = nbgrader(name, ASKED[id], cell.source)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cells.append(cell)
    made = nbformat.v4.new_notebook(cells=cells)
    return normalise(made)


def nbgrader(name, exercise, source=""):
    """What nbgrader wants to know about a solution, check or text cell (its cell metadata, schema 3).

    ``source``: of a solution cell; the one of the exercise's second function has another id.
    """
    about = {"grade": name != "solution", "solution": name != "check", "locked": name == "check", "task": False}
    second = name == "solution" and any(f"def {function}(" in source for function in exercise.functions[1:])
    about |= {"schema_version": 3, "grade_id": f"{name}-{exercise.id}{'-2' if second else ''}"}
    return {**about, **({} if name == "solution" else {"points": exercise.points})}
