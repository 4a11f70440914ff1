"""A student's result as plain text: for the terminal, and for what other systems show."""

from course_lib.grading.exports import UNMARKED, number
from course_lib.grading.feedback import LEVEL, full_name


def student_words(row):
    """What one student sees, as text; ``row`` as ``marking.mark_submission`` makes it."""
    unmarked = row["status"] in UNMARKED
    mark = "not marked yet" if unmarked else f"{number(row['points'])} of {number(row['max_points'])} points"
    parts = [f"{full_name(row)}: {mark}"]
    parts += [row["sentence"]] if row["sentence"] else []
    parts += [exercise_words(exercise) for exercise in row["exercises"] if row["status"] != "unreadable"]
    return "\n\n".join([*parts, "\n".join(about(row["notes"], row["level"]))])


def exercise_words(exercise):
    """One exercise: points, then a line for each check, with what is wrong."""
    lines = [f"{exercise['id']} {exercise['title']}: {number(exercise['points'])} of {number(exercise['max_points'])}"]
    lines += [f"  {note}" for note in exercise["notes"]]
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
