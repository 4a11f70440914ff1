"""Canvas's gradebook import: one assignment's column beside those that say who it is.

Documented by ``lib/gradebook_importer.rb`` of instructure/canvas-lms (read on 2026-11-29) and "How do I import grades
in the Gradebook?" (Canvas Instructor Guide): the columns up to ``Section`` stand in this order, an assignment is
found by its title (with its number behind it in brackets, as an export has it, by that), the row under the head says
the points possible. A student is found by ``ID``, then by the SIS ids, then by name; an empty cell changes nothing.
"""

from course_lib.grading.exports import called, mark_of, number

HEAD = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "    Points Possible"


def rows(students, title):
    """Rows of ``canvas.csv``; ``title``: as the assignment is called in Canvas."""
    yield [*HEAD, title]
    full = students[0]["max_points"] if students else 0
    yield [POSSIBLE, *[""] * (len(HEAD) - 1), number(full)]
    for row in students:
        about = row.get("platform", {})
        user, login = about.get("canvas_id", ""), about.get("login", "")
        if not (user or login or about.get("id")):
            login = row["student"]
        yield [called(row), user, about.get("id", ""), login, about.get("section", ""), mark_of(row)]
