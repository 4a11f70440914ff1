"""What a student sees, looked up in the results of ``course grade``."""

import difflib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from course_lib.grading.exports import called
from course_lib.grading.private import page_key, page_name
from course_lib.grading.sheet.settled import kept, settled, shown_now
from course_lib.grading.words import student_words


def student_feedback(student, folder):
    """The page of one student as text.

    Args:
        student: key or name as in ``grades.csv``; upper and lower case are the same, if that names one.
        folder: results of ``course grade``; only read.

    Raises ``ValueError`` with a sentence.
    """
    seed, found = results(Path(folder, "grades.sqlite"), student)
    rows = {row["student"]: row for row in found}
    alike = [key for key, row in rows.items() if student.lower() in (key.lower(), called(row).lower())]
    name = student if student in rows else alike[0] if len(alike) == 1 else None
    if name is None:
        close = alike or difflib.get_close_matches(student, rows, 3, 0.6)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise ValueError(f"There is no student {student!r} among the {len(rows)} in {folder}.{hint}")
    page = Path(folder, "feedback", page_name(name, page_key(seed)))
    return f"{student_words(rows[name])}\n\nAs a page: {page}"


def results(path, student, hide=True):
    """``(seed, rows)`` of a run, as students see them now, or with what is hidden from them until the end."""
    if not path.is_file():
        raise ValueError(
            f"There are no results of {student} in {path.parent}: grade first, or name their folder with --grades."
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            (seed,) = connection.execute("SELECT value FROM run WHERE key = 'seed'").fetchone()
            rows = connection.execute("SELECT row FROM marks ORDER BY student").fetchall()
            by_hand = connection.execute("SELECT student, question, mark FROM by_hand").fetchall()
            marks = {(student, question): json.loads(mark) for student, question, mark in by_hand}
            changes = _changes(connection)
            known = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM run")}
            sheet, times = kept(known.get)
            rows, _ = settled([json.loads(row) for (row,) in rows], marks, changes, sheet, times)
            return json.loads(seed), shown_now(rows, sheet, datetime.now(UTC)) if hide else rows
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ValueError(f"A run is writing to {path}: wait for it.") from None
        raise ValueError(f"{path} holds no results ({error}).") from None
    except (sqlite3.DatabaseError, ValueError, TypeError):
        raise ValueError(f"{path} is damaged or not ours.") from None


def _changes(connection):
    """What was changed afterwards; results of an earlier version of the course have no table for it."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'changes'").fetchone():
        return []
    return [json.loads(row) for (row,) in connection.execute("SELECT change FROM changes ORDER BY number")]
