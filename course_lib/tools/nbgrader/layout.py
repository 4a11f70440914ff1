"""An nbgrader course made of the course's solutions: ``source/03_momentum/03_momentum.ipynb`` and the configuration."""

import json
import shutil
from pathlib import Path

from course_lib.checks import EXERCISES
from course_lib.grading.assignment import exercises_of, functions_of
from course_lib.grading.intake import find_submissions
from course_lib.grading.private import file_name, write_text
from course_lib.grading.reader import Reader
from course_lib.tools.nbgrader.mending import best_file
from course_lib.tools.notebook_tools.files import ROOT

CONFIG = '''"""Verdicts come from the course's sandbox, into nbgrader's gradebook. Add settings of your own below."""

from pathlib import Path

from course_lib.tools.nbgrader import configure

c = get_config()
configure(c, Path(__file__).resolve().parent)
'''


def lay_out(folder, root=ROOT):
    """Make an nbgrader course, or bring its ``source/`` up to date. Returns ``[what was written]``.

    Args:
        folder: of the course; made if missing. A ``nbgrader_config.py`` that is there stays as it is.
        root: the project's folder, with ``solutions/``.
    """
    folder, written = Path(folder), []
    config = folder / "nbgrader_config.py"
    if not config.exists():
        write_text(config, CONFIG)
        written.append(config)
    chapters = {name.split("-")[0] for name in EXERCISES}
    for solution in sorted(Path(root, "solutions").glob("*.ipynb")):
        target = folder / "source" / solution.stem / solution.name
        if solution.stem[:2] not in chapters or (target.exists() and target.read_bytes() == solution.read_bytes()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(solution, target)
        written.append(target)
    return written


def bring_in(submissions, folder, assignment):
    """Put what was handed in where nbgrader looks for it. Returns ``{student: name in nbgrader}``.

    Args:
        submissions: folder or archive, as ``course grade`` takes it.
        folder: of the nbgrader course.
        assignment: such as ``"03_momentum"``.
    """
    target = Path(folder, "submitted")
    names, functions = {}, functions_of(exercises_of(assignment))
    with Reader() as reader:
        for submission in find_submissions(submissions, reader, [assignment]):
            submission.functions = functions
            marked = submission.marked()
            file, handed = marked[best_file([handed for _, handed in marked], f"{assignment}.ipynb")]
            names[submission.student] = file_name(submission.student)
            path = target / names[submission.student] / assignment / f"{assignment}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            problem = handed.problem or file.copy(path)
            if problem:
                path.write_bytes(_note(problem))
    return names


def _note(text):
    """A notebook with nothing in it but a sentence."""
    cell = {"cell_type": "markdown", "id": "problem", "metadata": {}, "source": text}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def assignment_name(wanted, root=ROOT):
    """The full name of an assignment (``"03"`` -> ``"03_momentum"``); ``ValueError`` with a sentence."""
    names = sorted(path.stem for path in Path(root, "solutions").glob("*.ipynb"))
    found = [name for name in names if name == wanted or name.split("_")[0] == str(wanted).zfill(2)]
    if not found:
        raise ValueError(f"There is no assignment {wanted!r}; there are {', '.join(names)}.")
    return found[0]
