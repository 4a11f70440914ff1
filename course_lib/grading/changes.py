"""Marks that were changed afterwards, each with its reason: by a second run, or by a person's decision.

A decision is ``{"points": 5, "reason": "...", "text": digest of the answer}``: it counts for that answer only, as a
mark by hand does. The history of changes is a list of plain dicts, oldest first; nothing in it is ever taken away.
"""

from course_lib.grading.hand import digest

STALE = "The answer was changed after a person had given it {} points ({}), so that the checks decide again."


def with_changes(rows, changes):
    """Rows with the decisions of people and with the history of what was changed.

    Args:
        rows: as ``marking.mark_submission`` makes them, with marks by hand.
        changes: as ``Store.changes`` has them.
    """
    return (
        [_with_changes(row, [one for one in changes if one["student"] == row["student"]]) for row in rows]
        if changes
        else rows
    )


def _with_changes(row, changes):
    if not changes:
        return row
    decisions = {one["exercise"]: one for one in changes if one.get("points") is not None}
    exercises = [_decided(exercise, decisions.get(exercise["id"])) for exercise in row["exercises"]]
    points = sum(one["points"] for one in exercises if one["points"] is not None)
    return row | {"exercises": exercises, "points": points, "changes": [words(one) for one in changes]}


def _decided(exercise, decision):
    if decision is None:
        return exercise
    if decision["text"] != digest(answer_of(exercise)):
        return exercise | {"notes": [*exercise["notes"], STALE.format(f"{decision['points']:g}", decision["reason"])]}
    return exercise | {"points": decision["points"], "decided": f"Decided by a person: {decision['reason']}"}


def answer_of(exercise):
    """The answer that a mark is for: code, or words."""
    return exercise.get("source") or exercise.get("text") or ""


def words(change):
    """A change as a sentence."""
    return f"{change['on'][:10]}: {change['exercise']} changed, {moved_words(change)} points. {change['reason']}"


def moved_words(change):
    """From how many points to how many; and of how many, where that is another number now."""
    before, after = f"{change['before']:g}", f"{change['after']:g}"
    full = change["full"]
    return f"{before} → {after}" if full[0] == full[1] else f"{before} of {full[0]:g} → {after} of {full[1]:g}"
