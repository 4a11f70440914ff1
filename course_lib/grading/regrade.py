"""Marks made anew after the fact: for one student or one exercise, with the reason, and shown before it is done.

``course grade`` changes no mark because a check was changed since: it says so and stops. Here is what would change (a
dry run), and then, with a reason that stands on the page of everybody whose points it moved, the change. A person can
also decide: the points of one answer, whatever the checks say of it.
"""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course_lib.grading.assignment import NotGraded, assignment_names, functions_of
from course_lib.grading.batch import input_digest, run_of, write_results
from course_lib.grading.changes import answer_of, moved_words
from course_lib.grading.exports import number
from course_lib.grading.hand import digest, is_open
from course_lib.grading.intake import take_in
from course_lib.grading.marking import sums
from course_lib.grading.plan import confined_zygote, fingerprints, row_of
from course_lib.grading.process import Limits
from course_lib.grading.reader import Reader
from course_lib.grading.sheet.settled import kept, settled
from course_lib.grading.store import Store


@dataclass(frozen=True)
class Regraded:
    """What changed, or would. ``str`` is for the terminal.

    Attributes:
        moved: what changed, as ``changes`` keeps it, for each exercise of each student.
        marks: ``{student: (mark before, mark after)}`` of those whose mark it changes.
        looked_at: how many students were marked anew.
        dry_run: whether nothing was written.
    """

    moved: tuple
    marks: dict
    looked_at: int
    dry_run: bool

    def __str__(self):
        would = "would change" if self.dry_run else "changed"
        students = "1 student" if self.looked_at == 1 else f"{self.looked_at} students"
        lines = [f"{students} looked at; points of {len({one['student'] for one in self.moved})} {would}."]
        for one in self.moved:
            mark = self.marks.get(one["student"])
            more = f"; mark {number(mark[0])} → {number(mark[1])}" if mark else "; the mark stays"
            lines.append(f"  {one['student']}: {one['exercise']} {moved_words(one)}{more}")
        if self.dry_run and self.moved:
            lines.append("Nothing was written. To do it: the same command with --reason, without --dry-run.")
        return "\n".join(lines)


def regrade(
    out,
    *,
    student=None,
    exercise=None,
    points=None,
    reason="",
    dry_run=False,
    submissions=None,
    progress=None,
    now=None,
):
    """Mark again what lies in the folder of results ``out``. Returns ``Regraded``.

    Args:
        out: results of ``course grade``.
        student: key of one student; all if left out.
        exercise: id of one exercise, the others keep their points; all if left out.
        points: what a person decided, in points of the checks, for one exercise of one student; nothing is run then.
        reason: recorded, and shown to those whose points change; needed as soon as any do.
        dry_run: say what would change, and write nothing.
        submissions: where what was handed in lies now; where it lay if left out.
        progress: called as ``progress(done, total, student)``.
        now: the moment that is recorded.

    Raises ``ValueError`` with a sentence.
    """
    out, reason = Path(out), " ".join(reason.split())
    if points is not None and not (student and exercise):
        raise NotGraded("Points are given to one exercise of one student: name both, --student and --exercise.")
    if not (out / "grades.sqlite").is_file():
        raise NotGraded(f"There are no results in {out}: grade first, or name their folder.")
    on = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with Store(out / "grades.sqlite") as store:
        sheet, times = kept(store.get)
        before = {row["student"]: row for row in store.rows()}
        students = _students(before, student, out)
        _require_exercise(before, exercise)
        marks = _marks(store, sheet, times, before, ())
        if points is None:
            rows = _marked_anew(store, out, sheet, students, submissions, progress)
            after = {key: _merged(before[key], row, exercise) for key, (row, _) in rows.items()}
            changes = [_change(on, reason, *one) for key, row in after.items() for one in _moved(before[key], row)]
        else:
            after, rows = {}, {}
            changes = [_decision(before[students[0]], exercise, points, on, reason)]
        if changes and not (reason or dry_run):
            raise NotGraded(
                'A change of marks needs a reason that can be shown: --reason "..." (or --dry-run to look).'
            )
        then = _marks(store, sheet, times, before | after, changes)
        changed = {key: (marks[key], then[key]) for key in marks if marks[key] != then[key]}
        done = Regraded(tuple(changes), changed, len(students), dry_run)
        if not dry_run:
            for key, row in after.items():
                store.put(rows[key][1], row)
            store.add_changes(changes)
            if points is None and student is None:
                _remember(store, sheet, exercise)
            rows, _ = settled(store.rows(), store.by_hand(), store.changes(), sheet, times)
            seed = store.get("seed")
    if not dry_run:
        packages = json.loads((out / "run.json").read_text(encoding="utf-8"))["packages"]
        write_results(rows, out, seed, packages, sheet)
    return done


def _students(before, student, out):
    if student is None:
        return sorted(before)
    if student not in before:
        raise NotGraded(f"There is no student {student!r} in {out}: give the key that stands first in grades.csv.")
    return [student]


def _require_exercise(before, exercise):
    ids = [one["id"] for row in list(before.values())[:1] for one in row["exercises"]]
    if exercise is not None and exercise not in ids:
        raise NotGraded(f"There is no exercise {exercise!r} in these results; there are {', '.join(ids)}.")


def _marks(store, sheet, times, rows, more):
    """``{student: points of the whole}``."""
    made, _ = settled(list(rows.values()), store.by_hand(), [*store.changes(), *more], sheet, times)
    return {row["student"]: row["points"] for row in made}


def _marked_anew(store, out, sheet, students, submissions, progress):
    """``{student: (row, digest)}``, by the checks as they are now."""
    folder = submissions or store.get("submissions")
    if not folder or not Path(folder).exists():
        raise NotGraded(f"What was handed in is not at {folder} any more: name its folder with --submissions.")
    written = json.loads((out / "run.json").read_text(encoding="utf-8"))
    exercises, limits, found = sheet.asked(), Limits(**written["limits"]), {}
    with ExitStack() as stack:
        reader = stack.enter_context(Reader())
        intake = take_in(folder, reader, assignment_names(), written["layout"], store.get("roster"))
        wanted = [one for one in intake.submissions if one.student in students]
        if missing := sorted(set(students) - {one.student for one in wanted}):
            raise NotGraded(f"{folder} holds nothing of {', '.join(missing[:5])} any more: grade it again.")
        zygote, _ = confined_zygote(exercises, limits, written["level"] == "none", store.get("level"))
        stack.callback(zygote.close)
        prints = fingerprints(exercises)
        run = run_of(written["assignment"], written["seed"], zygote.level, exercises, limits, prints)
        for count, submission in enumerate(wanted, 1):
            submission.functions = functions_of(exercises)
            row = row_of(submission, exercises, zygote, written["seed"], limits)
            found[submission.student] = row, input_digest(submission, run)
            if progress:
                progress(count, len(wanted), submission.student)
    return found


def _merged(old, new, exercise):
    """The new row, or the old one with one exercise of the new."""
    if exercise is None:
        return new
    fresh = {one["id"]: one for one in new["exercises"]}
    exercises = [fresh[one["id"]] if one["id"] == exercise else one for one in old["exercises"]]
    return old | {"exercises": exercises} | sums(exercises)


def _moved(old, new):
    """``(student, exercise, points before, points after, (full before, full after))`` where a mark can change by it."""
    known = {one["id"]: one for one in old["exercises"]}
    for one in new["exercises"]:
        was = known.get(one["id"], one)
        before, after, full = was["points"], one["points"], (was["max_points"], one["max_points"])
        if None not in (before, after) and (before != after or (after and full[0] != full[1])):
            yield new["student"], one["id"], before, after, full


def _change(on, reason, student, exercise, before, after, full):
    change = {"on": on, "student": student, "exercise": exercise, "reason": reason}
    return change | {"before": before, "after": after, "full": list(full)}


def _decision(row, exercise, points, on, reason):
    (one,) = (one for one in row["exercises"] if one["id"] == exercise)
    if is_open(one):
        raise NotGraded(f"{exercise} is marked by hand: give its points with marks, not here.")
    if not 0 <= points <= one["max_points"]:
        raise NotGraded(f"{exercise} has 0 to {number(one['max_points'])} points, not {number(points)}.")
    full = one["max_points"]
    change = _change(on, reason, row["student"], exercise, one["points"], points, (full, full))
    return change | {"points": points, "text": digest(answer_of(one))}


def _remember(store, sheet, exercise):
    """That all marks of these exercises were made by the checks as they are now."""
    fresh = fingerprints(sheet.asked())
    store.set(
        "fingerprints", fresh if exercise is None else (store.get("fingerprints") or {}) | {exercise: fresh[exercise]}
    )
