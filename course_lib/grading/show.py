"""What a student sees, looked up in the results of ``course grade``."""

import difflib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from course_lib.grading.exports import file_name
from course_lib.grading.words import student_words


def student_feedback(student, folder):
    """The page of one student as text.

    Args:
        student: name as in ``grades.csv``; upper and lower case are the same, if that names one.
        folder: results of ``course grade``; only read.

    Raises ``ValueError`` with a sentence.
    """
    rows = {row["student"]: row for row in _rows(Path(folder, "grades.sqlite"), student)}
    alike = [name for name in rows if name.lower() == student.lower()]
    name = student if student in rows else alike[0] if len(alike) == 1 else None
    if name is None:
        close = alike or difflib.get_close_matches(student, rows, 3, 0.6)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise ValueError(f"There is no student {student!r} among the {len(rows)} in {folder}.{hint}")
    page = Path(folder, "feedback", f"{file_name(name)}.html")
    return f"{student_words(rows[name])}\n\nAs a page: {page}"


def _rows(path, student):
    if not path.is_file():
        raise ValueError(
            f"There are no results of {student} in {path.parent}: grade first, or name their folder with --grades."
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            return [json.loads(row) for (row,) in connection.execute("SELECT row FROM marks ORDER BY student")]
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ValueError(f"A run is writing to {path}: wait for it.") from None
        raise ValueError(f"{path} holds no results ({error}).") from None
    except (sqlite3.DatabaseError, ValueError):
        raise ValueError(f"{path} is damaged or not ours.") from None
