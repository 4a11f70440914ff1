"""Gradescope's ``results.json``: one test a check.

Documented by https://gradescope-autograders.readthedocs.io/en/latest/specs/ ("Output format", read on 2026-11-29):
``score`` of the whole is what counts, whatever the tests add up to; ``visibility`` is ``visible``, ``hidden``,
``after_due_date`` or ``after_published``; ``extra_data`` is kept and not shown.
"""

from course_lib.grading.exports import UNMARKED, number, still_open, title
from course_lib.grading.hand import TO_BE_MARKED, is_open


def results(row, sheet):
    """What Gradescope reads.

    Args:
        row: of a student, with its mark.
        sheet: ``sheet.settings.Sheet``; checks that it hides are shown after Gradescope's own due date.
    """
    tests = [_test(exercise, check, sheet) for exercise in row["exercises"] for check in exercise["checks"]]
    tests += [_in_words(exercise) for exercise in row["exercises"] if exercise.get("kind") == "explain"]
    words = [row["sentence"], row.get("withheld", ""), still_open(row), *row.get("reasons", ()), *row["notes"]]
    words += [f"{one['id']}: {one['worth']}" for one in row["exercises"] if one.get("worth")]
    text = "\n".join(filter(None, words))
    shown = "after_due_date" if sheet.hidden_checks else "visible"
    marks = {} if row["status"] in UNMARKED or row.get("withheld") else {"score": row["points"]}
    return {**marks, "output": text, "output_format": "text", "visibility": shown, "tests": tests}


def _test(exercise, check, sheet):
    return {
        "name": f"{exercise['id']} {check['title']}",
        "score": check["points"],
        "max_score": check["max_points"],
        "status": "passed" if check["passed"] else "failed",
        "output": check["sentence"],
        "output_format": "text",
        "visibility": "after_due_date" if sheet.hides(exercise["id"]) else "visible",
    }


def _in_words(exercise):
    """An answer in words: without points as long as there are none."""
    given = "" if is_open(exercise) else f"{number(exercise['points'])} of {number(exercise['max_points'])}"
    marks = {"score": exercise["points"], "max_score": exercise["max_points"], "status": "passed"} if given else {}
    said = exercise.get("comment", "") if given else TO_BE_MARKED
    return {"name": title(exercise), **marks, "output": said, "output_format": "text", "visibility": "visible"}
