"""Marks as files: tables for people and for Canvas, Moodle and Gradescope."""

import json
import unicodedata

from course_lib.grading.private import file_name, page_name, write_text

FAILED = ("grader error", "check broken", "not graded")  # for a reason that is not the student's
NOT_HANDED_IN = "nothing handed in"
UNMARKED = (*FAILED, NOT_HANDED_IN)  # the points of such a row are no mark
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
    """Points as one writes them: 4, 4.5."""
    return f"{value:g}"


def write_exports(rows, folder, key):
    """All tables into ``folder``.

    Args:
        rows: as ``marking.mark_submission`` makes them, by student.
        folder: path.
        key: of the names of feedback pages, see ``private.page_key``.
    """
    write_text(folder / "grades.csv", table(wide(rows, key)))
    write_text(folder / "checks.csv", table(long(rows)))
    write_text(folder / "canvas.csv", table(canvas(rows)))
    write_text(folder / "moodle.csv", table(moodle(rows)))
    for row in rows:
        text = json.dumps(gradescope(row), sort_keys=True) + "\n"
        write_text(folder / "gradescope" / file_name(row["student"]) / "results.json", text)


def wide(rows, key):
    """One row a student, one column an exercise, and the name of the student's page."""
    exercises = rows[0]["exercises"] if rows else []
    head = [f"{e['id']} {e['title']} ({number(e['max_points'])})" for e in exercises]
    marks = ["points", "max_points", "percent", *head]
    yield ["student", "name", *marks, "status", "sandbox", "file", "sentence", "page"]
    for row in rows:
        points = [number(exercise["points"]) for exercise in row["exercises"]]
        percent = f"{100 * row['points'] / row['max_points']:.1f}" if row["max_points"] else ""
        marks = [number(row["points"]), number(row["max_points"]), percent, *points]
        if row["status"] in UNMARKED:
            marks = [""] * len(marks)
        about = [row["status"], row["level"], row["file"], row["sentence"], page_name(row["student"], key)]
        yield [row["student"], called(row), *marks, *about]


def long(rows):
    """One row a check."""
    yield ["student", "exercise", "check", "points", "max_points", "passed", "mistake", "sentence"]
    for row in rows:
        for exercise in row["exercises"]:
            for check in exercise["checks"]:
                marks = [number(check["points"]), number(check["max_points"]), int(check["passed"])]
                yield [row["student"], exercise["id"], check["title"], *marks, check["mistake"], check["sentence"]]


def canvas(rows):
    """Canvas's gradebook import: fill in the assignment's own title in the last column's head."""
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Assignment"]
    for row in rows:
        user = row.get("platform", {}).get("canvas_id", "")
        yield [called(row), user, "", "" if user else row["student"], "", _mark(row)]


def moodle(rows):
    """Moodle's grade import: map the first column to the user, the third to the assignment."""
    yield ["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]
    for row in rows:
        number_of = row.get("platform", {}).get("moodle_id", "")
        identifier = f"Participant {number_of}" if number_of else row["student"]
        yield [identifier, called(row), _mark(row), number(row["max_points"]), row["sentence"]]


def called(row):
    """The name of a row's student: what a platform or the class list says beside the key, else the key itself."""
    return row.get("name") or row["student"]


def _mark(row):
    return "" if row["status"] in UNMARKED else number(row["points"])


def gradescope(row):
    """Gradescope's results.json: one test a check, visible, with the words of the student's page."""
    tests = [
        {
            "name": f"{exercise['id']} {check['title']}",
            "score": check["points"],
            "max_score": check["max_points"],
            "status": "passed" if check["passed"] else "failed",
            "output": check["sentence"],
            "output_format": "text",
            "visibility": "visible",
        }
        for exercise in row["exercises"]
        for check in exercise["checks"]
    ]
    notes = "\n".join([row["sentence"], *row["notes"]]).strip()
    return {"score": row["points"], "output": notes, "output_format": "text", "visibility": "visible", "tests": tests}
