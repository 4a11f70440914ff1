"""What a run knows beside its raw marks, kept in its store, and the rows that tables and pages are made of."""

import tomllib
from datetime import datetime
from pathlib import Path

from course_lib.grading.changes import with_changes
from course_lib.grading.hand import with_marks
from course_lib.grading.sheet.mark import Time, marked_all, shown
from course_lib.grading.sheet.settings import Sheet, read_sheet, sheet_from, sheet_path
from course_lib.settings.language import later, tr

NOT_SHOWN = later("What the checks found is shown from {when} on.")


def chosen_sheet(path, chapter):
    """``(Sheet, text of its file)``: the file that was named, else the one of the course's folder, else none."""
    path = Path(path) if path else sheet_path(chapter)
    if not path.is_file() and path == sheet_path(chapter):
        return Sheet(chapter=chapter), ""
    sheet = read_sheet(path, chapter)
    return sheet, path.read_text(encoding="utf-8-sig")


def keep(store, sheet, text, times):
    """Remember in the store what marks are made of beside the rows."""
    store.set("sheet", {"file": sheet.file, "chapter": sheet.chapter, "text": text})
    store.set(
        "times",
        {
            student: {
                place: [time.at.isoformat() if time.at else None, time.source, time.late] for place, time in of.items()
            }
            for student, of in times.items()
        },
    )


def kept(get):
    """``(Sheet, times)`` of a run; ``get`` is the store's."""
    stored = get("sheet") or {"file": "", "chapter": get("assignment") or "", "text": ""}
    table = tomllib.loads(stored["text"])
    sheet = sheet_from(table, stored["file"], stored["chapter"]) if stored["file"] else Sheet(chapter=stored["chapter"])
    times = {
        student: {
            place: Time(datetime.fromisoformat(at) if at else None, source, late)
            for place, (at, source, late) in of.items()
        }
        for student, of in (get("times") or {}).items()
    }
    return sheet, times


def with_everything(rows, by_hand, changes, sheet):
    """Raw rows with the sheet's parts, and with what people gave; points are still those of checks and people."""
    return with_changes(with_marks([_with_parts(row, sheet) for row in rows], by_hand), changes)


def settled(rows, by_hand, changes, sheet, times):
    """``(rows with their marks, sentences for the lecturer)``; without a sheet the rows are as they came."""
    rows = with_everything(rows, by_hand, changes, sheet)
    return marked_all(rows, sheet, times) if sheet.file else (rows, [])


def _with_parts(row, sheet):
    """A row, and its other attempts, with the parts that are marked by hand."""
    if not sheet.by_hand:
        return row
    others = [_with_parts(other, sheet) for other in row.get("others", ())]
    exercises = [*row["exercises"], *(_part(part, row) for part in sheet.by_hand)]
    points = {"exercises": exercises, "max_points": sum(one["max_points"] for one in exercises)}
    return row | points | ({"others": others} if others else {})


def _part(part, row):
    """A part as an exercise that waits for a person; its text is the code that the person looks at."""
    code = [
        one["source"] for one in row["exercises"] if one.get("source") and (not part.about or one["id"] in part.about)
    ]
    question = part.question
    asked = {"id": part.id, "title": part.title, "kind": "explain", "function": "", "max_points": question.points}
    more = {"points": None, "text": "\n\n\n".join(code), "checks": [], "notes": [], "code": True}
    return asked | more | {"broken": False, "unchecked": False}


def shown_now(rows, sheet, now):
    """Rows as students see them at a moment: before the end, hidden checks are not in them."""
    from_then = sheet.shown_from()
    if from_then is None or now >= from_then:
        return rows
    words = tr(NOT_SHOWN, when=shown(from_then, sheet))
    return [_hidden(row, sheet, words) for row in rows]


def _hidden(row, sheet, words):
    exercises = [
        one | {"checks": [], "withheld": words, "worth": ""} if sheet.hides(one["id"]) else one
        for one in row["exercises"]
    ]
    return row | {"exercises": exercises, "withheld": words, "reasons": [], "passed": None}
