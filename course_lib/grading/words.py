"""A student's result as plain text: for the terminal, and for what other systems show."""

from course_lib.checks.report import MOST_GIVEN, by_cause, cut, same_cause
from course_lib.grading.exports import title
from course_lib.grading.feedback import cause, mark_words, points_words, told
from course_lib.grading.pages import LEVEL, full_name
from course_lib.settings.language import tr


def student_words(row):
    """What one student sees, as text; ``row`` as ``marking.mark_submission`` makes it."""
    parts = [f"{full_name(row)}: {mark_words(row)}"]
    parts += [tr(row["sentence"])] if row["sentence"] else []
    reasons = [*filter(None, [row.get("withheld")]), *row.get("reasons", ()), *row.get("changes", ())]
    parts += ["\n".join(f"- {tr(reason)}" for reason in reasons)] if reasons else []
    parts += [exercise_words(exercise) for exercise in row["exercises"] if row["status"] != "unreadable"]
    return "\n\n".join([*parts, "\n".join(words_of_run(row["notes"], row["level"]))])


def exercise_words(exercise):
    """One exercise: points, then a line for each check, with what is wrong."""
    if exercise.get("withheld"):
        return f"{title(exercise)}\n  {tr(exercise['withheld'])}"
    lines = [f"{title(exercise)}: {points_words(exercise)}"]
    rest = [*exercise["notes"], exercise.get("worth", ""), exercise.get("decided", "")]
    lines += [f"  {tr(note)}" for note in rest if note]
    lines += _indented(exercise.get("comment", "")) if exercise.get("comment") else []
    for check, others in by_cause(exercise["checks"], cause):
        lines.append(_title(check))
        lines += _indented(tr(check["sentence"])) if check["sentence"] else []
        for label, text in told(check):
            lines += _indented(f"{tr(label)}: {cut(text, MOST_GIVEN)}")
        if others:
            lines += [*_indented(same_cause(len(others))), *(f"    {_title(other)}" for other in others)]
    return "\n".join(lines)


def words_of_run(notes, level):
    """Lines about the notebook and where it ran."""
    where = tr("Run {where}.", where=tr(LEVEL.get(level, level)))
    heading = [f"{tr('About the notebook')}:"] if notes else []
    other = tr("The mark was made with other numbers than the notebook's own check uses.")
    return [*heading, *map(tr, notes), f"{where} {other}"]


def _title(check):
    return f"  {'✓' if check['passed'] else '✗'} {tr(check['title'])} ({points_words(check)})"


def _indented(text):
    return [f"      {line}" for line in str(text).split("\n")]
