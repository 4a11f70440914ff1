"""Marks as files: tables for people and for Canvas, Moodle and Gradescope."""

import csv
import hashlib
import io
import json
import os
import re
import unicodedata

UNMARKED = ("grader error", "check broken", "not graded")  # the points of such a row are no mark


def write_text(path, text):
    """Write a file all at once: whoever reads it finds the old text or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(text.encode("utf-8", "replace"))
    os.replace(partial, path)


def defused(cell):
    """A cell that no spreadsheet takes for a formula, spaces in front or not, in signs of any width."""
    if not isinstance(cell, str):
        return cell
    begins = unicodedata.normalize("NFKC", cell.lstrip()[:1])
    return "'" + cell if begins in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n") else cell


def table(rows):
    """Rows as CSV text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([[defused(cell) for cell in row] for row in rows])
    return file.getvalue()


def number(value):
    """Points as one writes them: 4, 4.5."""
    return f"{value:g}"


def file_name(student):
    """A file name for a student: readable, safe on every system, different for different students."""
    safe = re.sub(r"[^\w.-]+", "_", student).strip("._") or "student"
    if safe == student and len(safe) <= 80 and safe == safe.lower():
        return safe
    return f"{safe[:80]}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def write_exports(rows, folder):
    """All tables into ``folder``; ``rows`` as ``marking.mark_submission`` makes them, by student."""
    write_text(folder / "grades.csv", table(wide(rows)))
    write_text(folder / "checks.csv", table(long(rows)))
    write_text(folder / "canvas.csv", table(canvas(rows)))
    write_text(folder / "moodle.csv", table(moodle(rows)))
    for row in rows:
        text = json.dumps(gradescope(row), indent=1, sort_keys=True) + "\n"
        write_text(folder / "gradescope" / file_name(row["student"]) / "results.json", text)


def wide(rows):
    """One row a student, one column an exercise."""
    exercises = rows[0]["exercises"] if rows else []
    head = [f"{e['id']} {e['title']} ({number(e['max_points'])})" for e in exercises]
    yield ["student", "points", "max_points", "percent", *head, "status", "sandbox", "file", "sentence"]
    for row in rows:
        points = [number(exercise["points"]) for exercise in row["exercises"]]
        percent = f"{100 * row['points'] / row['max_points']:.1f}" if row["max_points"] else ""
        marks = [number(row["points"]), number(row["max_points"]), percent, *points]
        if row["status"] in UNMARKED:
            marks = [""] * len(marks)
        yield [row["student"], *marks, row["status"], row["level"], row["file"], row["sentence"]]


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
        name, _, user = row["student"].rpartition("_")
        name, user = (name, user) if user.isdecimal() and name else (row["student"], "")
        yield [name, user, "", "" if user else row["student"], "", _mark(row)]


def moodle(rows):
    """Moodle's grade import: map the first column to the user, the second to the assignment."""
    yield ["Full name", "Grade", "Maximum Grade", "Feedback comments"]
    for row in rows:
        yield [row["student"], _mark(row), number(row["max_points"]), row["sentence"]]


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
