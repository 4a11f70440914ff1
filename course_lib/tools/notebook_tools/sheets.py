"""An exercise notebook as a lecturer's sheet has it: the exercises that are asked, what they count, until when.

What students may know of a sheet travels with the notebook as ``assignments/NN.toml``, so that ``course check`` asks
for those exercises and no others; extensions, which have names in them, do not.
"""

from copy import deepcopy
from datetime import datetime, tzinfo

import nbformat

from course_lib.checks import asked
from course_lib.grading.exports import number
from course_lib.grading.sheet.mark import shown
from course_lib.settings.language import later, tr

PUBLIC = (
    *("title", "exercises", "bonus", "above_full", "points", "weights", "deadline", "time_zone", "attempts"),
    *("pass_mark", "round_to"),
)
OF_LATE = ("per_day", "cap", "grace", "days", "of")


def asked_for(notebook, sheet, path):
    """The notebook without the cells of exercises that the sheet does not ask, and with its points for nbgrader.

    Raises ``ValueError`` with a sentence where one of notebook and course has an exercise that the other lacks.
    """
    found = {id for cell in notebook.cells if (id := _exercise(cell))}
    for id in sorted(found - set(asked())):
        raise ValueError(
            f"{path} has exercise {id}, which the course does not have: take its cells out of solutions/{path.name}, "
            "and build that notebook."
        )
    for id in sheet.ids():
        if id not in found:
            raise ValueError(f"{path} has no exercise {id}, which is to be handed out: build solutions/{path.name}.")
    made = deepcopy(notebook)
    made.cells = [cell for cell in made.cells if _exercise(cell) in ("", *sheet.ids())]
    for cell in made.cells:
        given = cell.metadata.get("nbgrader", {})
        if "points" in given:
            given["points"] = given["points"] * sheet.scale(_exercise(cell), asked()[_exercise(cell)].points)
    return made


def with_header(notebook, sheet, course):
    """The notebook with a cell under its title that says what the sheet settles; nothing where nothing is."""
    words = header(sheet, course)
    made = deepcopy(notebook)
    if words:
        cell = nbformat.v4.new_markdown_cell(words)
        cell["id"] = "sheet"
        made.cells.insert(1, cell)
    return made


def header(sheet, course):
    """What a sheet settles, as Markdown; "" where there are no settings."""
    of_course = " · ".join(filter(None, [course.name, course.institute, course.term]))
    if not sheet.file:
        return of_course
    by_a_person = tr("by a person")
    lines = [f"| {tr('exercise')} | {tr('points')} | |", "|---|---|---|", *(_row(sheet, id) for id in sheet.ids())]
    lines += [
        f"| {part.title} | {number(part.question.points * sheet.weights.get(part.id, 1))} | {by_a_person} |"
        for part in sheet.by_hand
    ]
    said = [of_course, f"**{sheet.title}**" if sheet.title else "", "\n".join(lines), *_rules(sheet)]
    return "\n\n".join(filter(None, said))


def _row(sheet, id):
    points = asked()[id].points * sheet.scale(id, asked()[id].points)
    bonus = tr("bonus") if id in sheet.bonus else ""
    return f"| {id} {tr(asked()[id].title)} | {number(points)} | {bonus} |"


def _rules(sheet):
    late = sheet.late
    of_full = late.of == "full"
    if sheet.deadline:
        yield tr("Hand in until **{when}**.", when=shown(sheet.deadline, sheet))
    if sheet.deadline and late.per_day:
        costs = later("Each day that has begun after that costs {percent} % of the points reached")
        costs = (
            later("Each day that has begun after that costs {percent} % of the points to be had") if of_full else costs
        )
        cap = f", {tr('{percent} % at most', percent=number(late.cap))}" if late.cap < 100 else ""
        grace = f" {tr('{count} minutes are free.', count=number(late.grace))}" if late.grace else ""
        yield f"{tr(costs, percent=number(late.per_day))}{cap}.{grace}"
    if sheet.deadline and late.days is not None:
        yield tr("After {count} days nothing counts.", count=number(late.days))
    if sheet.pass_mark is not None:
        yield tr("{percent} % are needed to pass.", percent=number(sheet.pass_mark))
    last = later("Of several attempts the last one counts.")
    yield tr(last if sheet.attempts == "last" else later("Of several attempts the best one counts."))


def _exercise(cell):
    return cell.metadata.get("course", {}).get("exercise", "")


def public_text(sheet):
    """What students may know of a sheet, as the text of their own ``assignments/NN.toml``."""
    lines = [f"{name} = {_typed(getattr(sheet, name))}" for name in PUBLIC if _is_set(sheet, name)]
    late = [f"{name} = {_typed(getattr(sheet.late, name))}" for name in OF_LATE if _is_set(sheet.late, name)]
    return "\n".join([*lines, *(["", "[late]", *late] if late else []), ""])


def _is_set(settings, name):
    value = getattr(settings, name)
    return value not in (None, "", (), {}) and value != getattr(type(settings)(), name)


def _typed(value):
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tzinfo):
        return _typed(str(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_typed(name)} = {_typed(one)}" for name, one in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_typed, value)) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
