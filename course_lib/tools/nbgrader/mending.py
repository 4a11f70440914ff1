"""What was handed in, as nbgrader can read it: the right file name, every grade cell once, and a notebook at all.

Never fails: what is no notebook becomes one that says so. The student's words stay as they are. The file itself is read
by the reading process (``grading.reader``); here is only what it says.
"""

import json
import os
from pathlib import Path

from course_lib.grading.answers import placeholder
from course_lib.grading.intake import natural_order
from course_lib.grading.private import write_text
from course_lib.grading.reader import reader_of
from course_lib.tools.notebook_tools.assignments import nbgrader

HANDED_IN = ".handed-in"  # what is added to the name of an original


_readers: dict = {}


def reader_for(exercises):
    """The ``Reader`` of an assignment, kept for the whole batch; its process ends with this one."""
    ids = tuple(exercise.id for exercise in exercises)
    if ids not in _readers:
        _readers[ids] = reader_of(exercises)
    return _readers[ids]


def best_file(handed_in, name):
    """The number of the file that is marked: a readable one; of several the one of this name, else the last by name.

    ``handed_in``: a list of ``reader.Handed``.
    """

    def fit(number):
        handed = handed_in[number]
        return not handed.problem, Path(handed.place).name == name, natural_order(handed.place)

    return max(range(len(handed_in)), key=fit)


def mend_folder(folder, assignment, exercises):
    """Make ``folder/ASSIGNMENT.ipynb`` a notebook that nbgrader can mark. Returns its path, and whether it was changed.

    An original that is replaced stays beside it, with ``.handed-in`` added to its name.
    """
    folder = Path(folder)
    target = folder / f"{assignment}.ipynb"
    original = folder / f"{target.name}{HANDED_IN}"
    paths = sorted(folder.glob("*.ipynb"))
    reader = reader_for(exercises)
    outlines = [reader.outline(path.name, path) for path in paths]
    best = best_file([outline.handed for outline in outlines], target.name)
    notebook = mend(outlines[best], exercises)
    if paths[best] == target and same(outlines[best], notebook):
        return target, False
    mended = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if os.path.lexists(target) and not os.path.lexists(original):
        os.rename(target, original)
    write_text(target, mended)
    return target, True


def same(outline, mended):
    """Whether a file needs no mending: outputs and metadata that nobody reads aside, it is what mending gives."""
    found = [(row["cell_type"], row["id"], row["source"], row["grade_id"]) for row in outline.rows]
    wanted = [
        (cell["cell_type"], cell["id"], cell["source"], cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        for cell in mended["cells"]
    ]
    return outline.in_order and found == wanted


def mend(outline, exercises):
    """A notebook (plain JSON) made of what the reader says of one.

    Args:
        outline: ``reader.Outline``.
        exercises: the assignment's ``Exercise`` objects.

    Each exercise has one solution cell (the last one that defines its function) and one check cell, each question one
    cell of text; copies lose their nbgrader metadata, what was deleted comes back at the end.
    """
    rows = outline.rows
    if outline.handed.problem:
        rows = [{"name": "", "cell_type": "markdown", "source": outline.handed.problem}]
    cells = [_cell(**row) for row in rows]
    was = [cell.pop("was") for cell in cells]
    _label(cells, was, [row["name"] for row in rows], outline.handed.defined, exercises)
    _label_texts(cells, was, outline.handed.texts, exercises)
    for number, cell in enumerate(cells):
        cell["id"] = _id(cell, number, cells)
    return {"cells": cells, "metadata": _kernel(), "nbformat": 4, "nbformat_minor": 5}


def _cell(cell_type, source, id="", course=None, grade_id="", name=""):
    """A cell with what counts in it."""
    made = {"cell_type": cell_type, "id": id, "metadata": {"course": course} if course else {}, "source": source}
    made["was"] = grade_id
    return made | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})


def _label_texts(cells, was, texts, exercises):
    """Give each question its cell, in place: the last one that was its own, or a new one with what was answered."""
    for question in exercises:
        if question.kind != "explain":
            continue
        wanted, own = nbgrader("text", question), {"role": "text", "exercise": question.id}
        found = [i for i, id in enumerate(was) if id == wanted["grade_id"]]
        found = found or [i for i in range(len(was)) if cells[i]["metadata"].get("course") == own]
        if not found:
            cells.append(_cell("markdown", texts.get(question.id, placeholder(question.id))))
            del cells[-1]["was"]
        cells[found[-1] if found else -1]["metadata"]["nbgrader"] = wanted


def _label(cells, was, names, defined, exercises):
    """Give each exercise its two cells, in place. ``names``: of the cells, as ``defined`` calls them."""
    for exercise in exercises:
        if not exercise.functions:
            continue
        for function in exercise.functions:
            wanted = nbgrader("solution", exercise, f"def {function}(")
            places = [names.index(place[0]) for place in defined.get(function, [])]
            if solution := places or _were(was, wanted, cells):
                cells[solution[-1]]["metadata"].setdefault("nbgrader", wanted)
        wanted = nbgrader("check", exercise)
        check = [i for i in _were(was, wanted, cells) if "nbgrader" not in cells[i]["metadata"]]
        if check:
            cells[check[-1]]["metadata"]["nbgrader"] = wanted
        else:
            cell = _cell("code", f'check("{exercise.id}", {", ".join(exercise.functions)})')
            del cell["was"]
            cell["metadata"]["nbgrader"] = wanted
            cells.append(cell)


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
