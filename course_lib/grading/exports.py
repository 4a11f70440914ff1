"""Marks as files: tables for people and for Canvas, Moodle and Gradescope."""

import json
import unicodedata

from course_lib.checks.report import called as called_exercise
from course_lib.grading.hand import TO_BE_MARKED, is_open, open_in
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
    """Points as one writes them: 4, 4.5; ``None`` waits for a person."""
    return TO_BE_MARKED if value is None else f"{value:g}"


def title(exercise):
    """Id, title and kind of an exercise."""
    return called_exercise(exercise["id"], exercise["title"], exercise.get("kind", "write"))


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
    """One row a student, one column an exercise, and the name of the student's page.

    While something is to be marked by hand there are no points of the whole.
    """
    exercises = rows[0]["exercises"] if rows else []
    head = [f"{title(e)} ({number(e['max_points'])})" for e in exercises]
    marks = ["points", "max_points", "percent", *head]
    yield ["student", "name", *marks, "status", "sandbox", "file", "sentence", "page"]
    for row in rows:
        points = [number(exercise["points"]) for exercise in row["exercises"]]
        percent = f"{100 * row['points'] / row['max_points']:.1f}" if row["max_points"] else ""
        marks = [number(row["points"]), number(row["max_points"]), percent, *points]
        if open_in(row):
            marks[0], marks[2] = TO_BE_MARKED, ""
        if row["status"] in UNMARKED:
            marks = [""] * len(marks)
        about = [row["status"], row["level"], row["file"], row["sentence"], page_name(row["student"], key)]
        yield [row["student"], called(row), *marks, *about]


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
    """The points of the whole, "" while there are none."""
    return "" if row["status"] in UNMARKED or open_in(row) else number(row["points"])


def still_open(row):
    """A sentence about what waits for a person, "" if nothing does."""
    ids = open_in(row)
    return f"To be marked by a person, and not among the points yet: {', '.join(ids)}." if ids else ""


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
    tests += [_test_in_words(exercise) for exercise in row["exercises"] if exercise.get("kind") == "explain"]
    notes = "\n".join(filter(None, [row["sentence"], still_open(row), *row["notes"]]))
    return {"score": row["points"], "output": notes, "output_format": "text", "visibility": "visible", "tests": tests}


def _test_in_words(exercise):
    """What Gradescope shows of an answer in words: without points as long as there are none."""
    given = "" if is_open(exercise) else f"{number(exercise['points'])} of {number(exercise['max_points'])}"
    marks = {"score": exercise["points"], "max_score": exercise["max_points"], "status": "passed"} if given else {}
    said = exercise.get("comment", "") if given else TO_BE_MARKED
    return {"name": title(exercise), **marks, "output": said, "output_format": "text", "visibility": "visible"}
