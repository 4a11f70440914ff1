"""Marks that a person gives: how they join a student's row, and what a row says while they are missing.

A mark by hand is ``{"points": 3, "comment": "...", "text": digest of the answer that was marked}``. It counts for that
answer only: who hands in another one is to be marked again.
"""

import hashlib

from course_lib.settings.language import later, tr

TO_BE_MARKED = later("to be marked")
CHANGED = later("The answer was changed after it had been marked with {points} points, so it is to be marked again.")


def digest(text):
    """What tells one answer from another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def is_open(exercise):
    """Whether an exercise waits for a person's mark."""
    return exercise["points"] is None


def open_in(row):
    """Ids of the exercises of a row that wait for a person's mark."""
    return [exercise["id"] for exercise in row.get("exercises", ()) if is_open(exercise)]


def known_points(row):
    """Points to be had in the exercises of a row that are marked, without those of a bonus."""
    return sum(one["max_points"] for one in row["exercises"] if not is_open(one) and not one.get("bonus"))


def with_marks(rows, marks):
    """Rows with the marks that were given by hand, as ``Store.by_hand`` has them."""
    return [_with_marks(row, marks) for row in rows]


def _with_marks(row, marks):
    exercises = [_marked(exercise, marks.get((row["student"], exercise["id"]))) for exercise in row["exercises"]]
    points = sum(exercise["points"] for exercise in exercises if not is_open(exercise))
    return row | {"exercises": exercises, "points": points}


def _marked(exercise, mark):
    if mark is None or not is_open(exercise):
        return exercise
    if mark["text"] != digest(exercise["text"]):
        return exercise | {"notes": [*exercise["notes"], tr(CHANGED, points=f"{mark['points']:g}")]}
    return exercise | {"points": mark["points"], "comment": mark["comment"]}
