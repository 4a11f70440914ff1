"""A student's result as plain text: for the terminal, and for what other systems show."""

from course_lib.grading.exports import number, title
from course_lib.grading.feedback import LEVEL, full_name, mark_words
from course_lib.grading.hand import is_open


def student_words(row):
    """What one student sees, as text; ``row`` as ``marking.mark_submission`` makes it."""
    parts = [f"{full_name(row)}: {mark_words(row)}"]
    parts += [row["sentence"]] if row["sentence"] else []
    parts += [exercise_words(exercise) for exercise in row["exercises"] if row["status"] != "unreadable"]
    return "\n\n".join([*parts, "\n".join(about(row["notes"], row["level"]))])


def exercise_words(exercise):
    """One exercise: points, then a line for each check, with what is wrong."""
    of = "" if is_open(exercise) else f" of {number(exercise['max_points'])}"
    lines = [f"{title(exercise)}: {number(exercise['points'])}{of}"]
    lines += [f"  {note}" for note in exercise["notes"]]
    lines += _indented(exercise.get("comment", "")) if exercise.get("comment") else []
    for check in exercise["checks"]:
        lines.append(f"  {'✓' if check['passed'] else '✗'} {check['title']} ({_points(check)})")
        lines += _indented(check["sentence"]) if check["sentence"] else []
        for label, text in check["details"]:
            lines += _indented(f"{label}: {text}")
    return "\n".join(lines)


def about(notes, level):
    """Lines about the notebook and where it ran."""
    where = LEVEL.get(level, level)
    heading = ["About the notebook:"] if notes else []
    return [*heading, *notes, f"Run {where}. The mark was made with other numbers than the notebook's own check uses."]


def _points(check):
    return f"{number(check['points'])} of {number(check['max_points'])}"


def _indented(text):
    return [f"      {line}" for line in str(text).split("\n")]
