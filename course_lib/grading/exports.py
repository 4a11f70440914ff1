"""Marks as tables for people; those for platforms are in ``platform_files``."""

import unicodedata

from course_lib.checks.report import called as called_exercise
from course_lib.grading.hand import TO_BE_MARKED, open_in
from course_lib.grading.private import page_name, write_text

FAILED = ("grader error", "check broken", "not graded")  # for a reason that is not the student's
NOT_HANDED_IN = "nothing handed in"
TIME_UNKNOWN = "time unknown"  # of hand-in, where the mark depends on it
UNMARKED = (*FAILED, NOT_HANDED_IN, TIME_UNKNOWN)  # the points of such a row are no mark
APART = set(',;\t"\r\n|')  # what a spreadsheet of some language takes for the end of a cell


def defused(cell):
    """A cell that no spreadsheet takes for a formula, spaces in front or not, in signs of any width."""
    if not isinstance(cell, str):
        return cell
    begins = unicodedata.normalize("NFKC", cell.lstrip()[:1])
    return "'" + cell if begins in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n") else cell


def quoted(cell):
    """A cell of a CSV file that stays one cell, whatever sign a spreadsheet's language separates cells with."""
    words = str(defused(cell))
    return '"' + words.replace('"', '""') + '"' if APART & set(words) else words


def table(rows):
    """Rows as CSV text (RFC 4180 but for the line's end)."""
    return "".join(",".join(map(quoted, row)) + "\n" for row in rows)


def number(value):
    """Points as one writes them: 4, 4.5; ``None`` waits for a person."""
    return TO_BE_MARKED if value is None else f"{value:g}"


def title(exercise):
    """Id, title and kind of an exercise."""
    return called_exercise(exercise["id"], exercise["title"], exercise.get("kind", "write"))


def write_exports(rows, folder, key):
    """``grades.csv`` and ``checks.csv`` into ``folder``.

    Args:
        rows: as ``marking.mark_submission`` makes them, by student.
        folder: path.
        key: of the names of feedback pages, see ``private.page_key``.
    """
    write_text(folder / "grades.csv", table(wide(rows, key)))
    write_text(folder / "checks.csv", table(long(rows)))


def wide(rows, key):
    """One row a student, one column an exercise, and the name of the student's page.

    While something is to be marked by hand there are no points of the whole. Where a sheet has settings of its own,
    what they made of the points follows at the end.
    """
    exercises = rows[0]["exercises"] if rows else []
    settled = any("raw" in row or "changes" in row for row in rows)
    head = [f"{title(e)} ({number(e['max_points'])})" for e in exercises]
    marks = ["points", "max_points", "percent", *head]
    more = ["handed_in", "raw_points", "passed", "reasons"] if settled else []
    yield ["student", "name", *marks, "status", "sandbox", "file", "sentence", "page", *more]
    for row in rows:
        points = [number(exercise["points"]) for exercise in row["exercises"]]
        percent = f"{100 * row['points'] / row['max_points']:.1f}" if row["max_points"] else ""
        marks = [number(row["points"]), number(row["max_points"]), percent, *points]
        if open_in(row):
            marks[0], marks[2] = TO_BE_MARKED, ""
        if row["status"] in UNMARKED:
            marks = [""] * len(marks)
        rest = [row["status"], row["level"], row["file"], row["sentence"], page_name(row["student"], key)]
        yield [row["student"], called(row), *marks, *rest, *(_settled(row) if settled else ())]


def _settled(row):
    """What a sheet's settings made of a row."""
    passed = {None: "", True: "yes", False: "no"}[row.get("passed")]
    raw = "" if row["status"] in FAILED or row["status"] == NOT_HANDED_IN else number(row.get("raw", row)["points"])
    return row.get("handed_in", ""), raw, passed, " ".join((*row.get("reasons", ()), *row.get("changes", ())))


def long(rows):
    """One row a check, and one an answer in words."""
    yield ["student", "exercise", "check", "points", "max_points", "passed", "mistake", "sentence"]
    for row in rows:
        for exercise in row["exercises"]:
            for check in exercise["checks"]:
                marks = [number(check["points"]), number(check["max_points"]), int(check["passed"])]
                yield [row["student"], exercise["id"], check["title"], *marks, check["mistake"], check["sentence"]]
            if exercise.get("kind") == "explain":
                marks = [number(exercise["points"]), number(exercise["max_points"]), ""]
                yield [row["student"], exercise["id"], exercise["title"], *marks, "", exercise.get("comment", "")]


def called(row):
    """The name of a row's student: what a platform or the class list says beside the key, else the key itself."""
    return row.get("name") or row["student"]


def mark_of(row):
    """The points of the whole, "" while there are none."""
    return "" if row["status"] in UNMARKED or open_in(row) else number(row["points"])


def still_open(row):
    """A sentence about what waits for a person, "" if nothing does."""
    ids = open_in(row)
    return f"To be marked by a person, and not among the points yet: {', '.join(ids)}." if ids else ""
