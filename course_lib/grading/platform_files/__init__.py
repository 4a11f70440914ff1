"""Marks in the forms that platforms take in, each in a file of its own; where its columns are documented stands there.

``canvas``, ``moodle``, ``blackboard`` and ``gradescope`` are written by every ``course grade``; ``spreadsheet`` needs a
library and ``moodle``'s zip is for those who give pages back, so these two are made by ``course export``.
"""

import json

from course_lib.grading.exports import table
from course_lib.grading.platform_files import blackboard, canvas, gradescope, moodle
from course_lib.grading.private import file_name, write_text


def write_platform_files(rows, seen, folder, sheet):
    """``canvas.csv``, ``moodle.csv``, ``blackboard.txt`` and ``gradescope/*/results.json`` into ``folder``.

    Args:
        rows: with their marks, by student.
        seen: the same as students see them now.
        folder: path.
        sheet: ``sheet.settings.Sheet``.
    """
    title = title_of(sheet)
    write_text(folder / "canvas.csv", table(canvas.rows(rows, title)))
    write_text(folder / "moodle.csv", table(moodle.rows(rows)))
    write_text(folder / "blackboard.txt", blackboard.text(rows, title))
    for row in seen:
        text = json.dumps(gradescope.results(row, sheet), sort_keys=True) + "\n"
        write_text(folder / "gradescope" / file_name(row["student"]) / "results.json", text)


def title_of(sheet):
    """What the assignment is called on a platform."""
    return sheet.title or (f"Assignment {sheet.chapter}" if sheet.chapter else "Assignment")
