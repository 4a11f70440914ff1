"""Blackboard Learn's Grade Center, "Work offline", "Upload".

Documented by "Upload Grades" of Blackboard's help and by ``library.blackboard.com``, "Uploading External Grade Center
Items" (read on 2026-11-29): a row of heads, one row a student, cells set apart by tabs; a student is found by
``Username``. A column with a number, ``Title [Total Pts: 40 Score] |123456``, goes to the column of the Grade Center
that has it; one without makes a new column, whose points are typed in there.
"""

from course_lib.grading.exports import called, defused, mark_of

HEAD = ("Last Name", "First Name", "Username", "Student ID")


def text(students, title):
    """The file; ``title``: the head of its last column, with ``|number`` as a download of the Grade Center has it."""
    return "".join("\t".join(map(_cell, row)) + "\n" for row in _rows(students, title))


def _rows(students, title):
    yield [*HEAD, title]
    for row in students:
        about = row.get("platform", {})
        login = about.get("blackboard_login") or about.get("login") or row["student"]
        last, first = names(called(row)) if called(row) != login else ("", "")
        yield [last, first, login, about.get("id", ""), mark_of(row)]


def names(name):
    """``(last, first)`` of a name in either order; changes of names are not read by Blackboard."""
    if "," in name:
        last, _, first = name.partition(",")
        return last.strip(), first.strip()
    first, _, last = name.rpartition(" ")
    return last, first


def _cell(value):
    words = " ".join(str(defused(value)).split())
    return '"' + words.replace('"', '""') + '"'
