"""What was handed in, as nbgrader can read it: the right file name, every grade cell once, and a notebook at all.

Works on plain JSON and never fails: what is no notebook becomes one that says so. The student's words stay as they are.
"""

import json
import os
from pathlib import Path

from course_lib.grading.intake import File, natural_order
from course_lib.grading.private import write_text
from course_lib.grading.source import MAX_BYTES, Unreadable, decoded, definitions, read_notebook
from course_lib.notebook_tools.assignments import nbgrader

HANDED_IN = ".handed-in"  # what is added to the name of an original
CELL_TYPES = ("code", "markdown", "raw")


def best_file(files, name):
    """The file that is marked: a readable one; of several the one of this name, else the last by name."""
    files = sorted(files, key=lambda file: natural_order(file.place))
    return max(files, key=lambda file: (_readable(file), Path(file.place).name == name))


def _readable(file):
    try:
        read_notebook(file.data)
    except Unreadable:
        return False
    return not file.problem


def mend_folder(folder, assignment, exercises):
    """Make ``folder/ASSIGNMENT.ipynb`` a notebook that nbgrader can mark. Returns its path, and whether it was changed.

    An original that is replaced stays beside it, with ``.handed-in`` added to its name.
    """
    folder = Path(folder)
    target = folder / f"{assignment}.ipynb"
    original = folder / f"{target.name}{HANDED_IN}"
    files = [_file(path) for path in sorted(folder.glob("*.ipynb"))]
    chosen = best_file(files, target.name)
    mended = json.dumps(mend(chosen.data, exercises), indent=1, ensure_ascii=False) + "\n"
    if not target.is_symlink() and target.exists() and same(target.read_bytes(), mended):
        return target, False
    if os.path.lexists(target) and not os.path.lexists(original):
        os.rename(target, original)
    write_text(target, mended)
    return target, True


def _file(path):
    try:
        if path.is_symlink():
            return File(path.name, problem="The file is a link, which is not followed.")
        with open(path, "rb") as file:
            return File(path.name, file.read(MAX_BYTES + 1))
    except OSError as error:
        return File(path.name, problem=str(error))


def same(data, mended):
    """Whether a file needs no mending: outputs and metadata that nobody reads aside, it is what mending gives."""
    try:
        found = json.loads(data.decode("utf-8"))
        return found["nbformat"] == 4 and _gist(found) == _gist(json.loads(mended))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _gist(notebook):
    return [
        (c["cell_type"], c["id"], "".join(c["source"]), c["metadata"].get("nbgrader", {}).get("grade_id"))
        for c in notebook["cells"]
    ]


def mend(data, exercises):
    """A notebook (plain JSON) made of the bytes of one.

    Args:
        data: the file's bytes.
        exercises: the assignment's ``Exercise`` objects.

    Each exercise has one solution cell (the last one that defines its function) and one check cell; copies lose
    their nbgrader metadata, what was deleted comes back at the end.
    """
    try:
        read_notebook(data)
        notebook = json.loads(decoded(data))
        cells = [made for cell in _cells(notebook) if (made := _cell(cell))]
    except Unreadable as reason:
        cells = [_cell({"cell_type": "markdown", "source": str(reason)})]
    _label(cells, exercises)
    for number, cell in enumerate(cells):
        cell["id"] = _id(cell, number, cells)
    return {"cells": cells, "metadata": _kernel(), "nbformat": 4, "nbformat_minor": 5}


def _cells(notebook):
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    sheets = notebook.get("worksheets")  # format 3
    return [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]


def _cell(cell):
    """A cell with what counts in it, ``None`` if there is nothing."""
    if not isinstance(cell, dict):
        return None
    kind = cell.get("cell_type") if cell.get("cell_type") in CELL_TYPES else "markdown"
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    course = metadata.get("course") if isinstance(metadata.get("course"), dict) else None
    about = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    made = {
        "cell_type": kind,
        "id": cell.get("id") if isinstance(cell.get("id"), str) else "",
        "metadata": {"course": course} if course else {},
        "source": source.encode("utf-8", "replace").decode(),
        "was": about.get("grade_id"),
    }
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def _label(cells, exercises):
    """Give each exercise its two cells, in place."""
    was = [cell.pop("was", None) for cell in cells]
    named = [(str(i), cell["source"]) for i, cell in enumerate(cells) if cell["cell_type"] == "code"]
    places = definitions(named, [exercise.function for exercise in exercises])
    for exercise in exercises:
        wanted = {name: nbgrader(name, exercise) for name in ("solution", "check")}
        solution = [int(where) for where, _ in places[exercise.function]] or _were(was, wanted["solution"], cells)
        if solution:
            cells[solution[-1]]["metadata"].setdefault("nbgrader", wanted["solution"])
        check = [i for i in _were(was, wanted["check"], cells) if "nbgrader" not in cells[i]["metadata"]]
        if check:
            cells[check[-1]]["metadata"]["nbgrader"] = wanted["check"]
        else:
            source = f'check("{exercise.id}", {exercise.function})'
            cell = _cell({"cell_type": "code", "source": source, "metadata": {"nbgrader": {}}})
            cell.pop("was")
            cells.append(cell)
            cells[-1]["metadata"]["nbgrader"] = wanted["check"]
    return cells


def _were(was, wanted, cells):
    """Code cells that carried the id of a wanted one when they came in."""
    return [i for i, id in enumerate(was) if id == wanted["grade_id"] and cells[i]["cell_type"] == "code"]


def _id(cell, number, cells):
    """An id of 1 to 64 plain characters that no cell before has."""
    plain = "".join(c for c in cell["id"] if c.isascii() and (c.isalnum() or c in "-_"))[:56] or "cell"
    taken = {before["id"] for before in cells[:number]}
    return (
        plain
        if plain not in taken
        else next(made for k in range(len(cells) + 1) if (made := f"{plain}-{number + k}") not in taken)
    )


def _kernel():
    return {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
