"""A folder of submissions in, marks out: one row for every student, whatever a notebook holds.

Each row is kept as soon as it is made. The same command after an interruption goes on where it stopped, and the
files it writes are the same, byte for byte, as those of a run that was not interrupted.
"""

import hashlib
import json
import queue
import secrets
import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from course_lib import __version__
from course_lib.checks import VISIBLE_SEED
from course_lib.grading import marking, packages, spread
from course_lib.grading.assignment import NotGraded, assignment_names, decided, exercises_of, functions_of
from course_lib.grading.exports import FAILED, TIME_UNKNOWN, number, write_exports
from course_lib.grading.feedback import write_feedback
from course_lib.grading.hand import open_in
from course_lib.grading.intake import take_in
from course_lib.grading.plan import confined_zygote, fingerprints, profile_of, row_of
from course_lib.grading.platform_files import write_platform_files
from course_lib.grading.platforms import Person
from course_lib.grading.private import CannotWrite, file_name, make_folder, page_key, write_text
from course_lib.grading.process import Limits
from course_lib.grading.programs import keep_out
from course_lib.grading.reader import Reader, reader_of
from course_lib.grading.sheet.settings import Sheet
from course_lib.grading.sheet.settled import chosen_sheet, keep, settled, shown_now
from course_lib.grading.sheet.times import times_of
from course_lib.grading.store import Store
from course_lib.grading.turns import Turns

READ = ("graded", TIME_UNKNOWN)


@dataclass(frozen=True)
class Summary:
    """What a run did. ``str`` is for the terminal.

    Attributes:
        out: folder of the results.
        assignment, level, seed: of the run; the seed reproduces the marks and stays with the lecturer.
        rows: one dict a student, as ``marking.mark_submission`` makes it.
        reasons: why the level is not a better one.
        graded_now: how many of them this run marked; the others were there already.
        warnings: sentences about who handed in what.
    """

    out: Path
    assignment: str
    level: str
    seed: int
    rows: tuple
    graded_now: int
    warnings: tuple = ()
    reasons: tuple = ()

    @property
    def failed(self):
        """Rows that have no mark for a reason that is not the student's."""
        return [row for row in self.rows if row["status"] in FAILED]

    def __str__(self):
        statuses = Counter(row["status"] for row in self.rows)
        shown = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
        students = "1 student" if len(self.rows) == 1 else f"{len(self.rows)} students"
        why = f" (no better one: {'; '.join(self.reasons)})" if self.reasons else ""
        lines = [
            f"{students}, assignment {self.assignment}: {shown} ({self.graded_now} marked in this run).",
            f"Sandbox: {self.level}{why}. The secret seed that reproduces these marks: {self.out / 'run.json'}",
            f"Marks: {self.out / 'grades.csv'}   Class: {self.out / 'class_report.html'}   "
            f"Students: {self.out / 'feedback'}",
        ]
        waiting = Counter(id for row in self.rows if row["status"] in READ for id in open_in(row))
        if waiting:
            ids = ", ".join(f"{id} ({count} answers)" for id, count in sorted(waiting.items()))
            lines.append(f"To be marked by hand: {ids}. Next: course questions {self.out}")
        lines += self.warnings
        lines += [
            f"{Person(row['student'], row.get('name', ''))}: {row['status']}: {row['sentence']}"
            for row in self.rows
            if row["status"] not in ("graded", TIME_UNKNOWN)
        ]
        return "\n".join(lines)


def grade_folder(
    submissions,
    out,
    *,
    assignment=None,
    seed=None,
    allow_unsafe=False,
    workers=1,
    scheduler=None,
    progress=None,
    say=None,
    layout=None,
    roster=None,
    settings=None,
    times=None,
    now=None,
    exercises=None,
    limits=None,
):
    """Mark every submission in a folder (or zip archive) and write marks, feedback and a class report.

    Args:
        submissions: folder of notebooks at any depth, zip archives among them allowed.
        out: folder for the results; made if missing. What is there already is kept and not marked again.
        assignment: chapter, such as ``"03"``; found out from the functions in the notebooks if left out.
        seed: of the hidden inputs. If left out: the one of an earlier run in ``out``, else a new secret one.
        allow_unsafe: record marks even where student code cannot be confined.
        workers: how many processes mark at the same time.
        scheduler: address of a Dask scheduler whose workers mark, in place of ``workers``.
        progress: called as ``progress(done, total, student)``.
        say: called with a sentence for the lecturer before the first mark: how the submissions are read.
        layout: how to read them, one of ``layouts.LAYOUTS``; recognised if left out.
        roster: path of a class list; everyone on it gets a row.
        settings: path of the sheet's file; ``assignments/NN.toml`` in the course's folder if left out.
        times: path of a table with the times of hand-in, see ``sheet.times``.
        now: at which students see their pages, which hide some checks until the end; this moment if left out.
        exercises: ``Exercise`` objects instead of the assignment's.
        limits: ``process.Limits``.

    Returns a ``Summary``. Raises ``NotGraded`` or another ``ValueError`` with a sentence if nothing can be graded.
    """
    exercises, sheet, text = list(exercises or ()), Sheet(), ""
    keep_out(submissions)
    out = _apart(Path(out), submissions)
    with ExitStack() as stack:
        reader = stack.enter_context(reader_of(exercises) if exercises else Reader())
        intake = take_in(submissions, reader, assignment_names(), layout, roster)
        found, told = intake.submissions, [intake.line, *intake.reading.warnings]
        try:
            make_folder(out)
        except CannotWrite as error:
            raise NotGraded(f"{error} Or choose another folder with -o.") from None
        store = stack.enter_context(Store(out / "grades.sqlite"))
        if not exercises:
            assignment = assignment or store.get("assignment") or decided(found, told.append)
            sheet, text = chosen_sheet(settings, exercises_of(assignment)[0].id.split("-")[0])
            exercises = sheet.asked()
        for submission in found:
            submission.functions = functions_of(exercises)
        seed = _settled_seed(store, seed)
        limits = limits or Limits.of(profile_of(exercises))
        packages.require()
        zygote, reasons = confined_zygote(exercises, limits, allow_unsafe, store.get("level"))
        stack.callback(zygote.close)
        store.set("assignment", assignment)
        store.set("level", zygote.level)
        handed_in, about_times = times_of(found, sheet, submissions, intake.metadata, times)
        told += [f"settings: {sheet.file}"] if sheet.file else []
        told += about_times
        keep(store, sheet, text, handed_in)
        for sentence in told if say else ():
            say(sentence)
        prints = fingerprints(exercises)
        run = run_of(assignment, seed, zygote.level, exercises, limits, prints)
        _hold_to_checks(store, prints, out)
        store.set("submissions", str(Path(submissions).resolve()))
        store.set("roster", str(Path(roster).resolve()) if roster else None)
        todo = _still_to_do(store, found, run)
        done = len(found) - len(todo)
        lanes = [partial(row_of, exercises=exercises, zygote=zygote, seed=seed, limits=limits)]
        if todo:
            store.set("day", date.today().isoformat())
        if todo and (workers > 1 or scheduler):
            plan = spread.plan_of(exercises, seed, limits, zygote.level, submissions)
            lanes = stack.enter_context(spread.lanes(plan, lanes[0], min(workers, len(todo)), scheduler))
        for count, (submission, row) in enumerate(_marked(todo, lanes, limits.aside_seconds), 1):
            failed = row["status"] == "grader error"
            store.put("to be tried again" if failed else input_digest(submission, run), row)
            submission.let_go()
            if progress:
                progress(done + count, len(found), submission.student)
        rows, told = settled(store.rows(), store.by_hand(), store.changes(), sheet, handed_in)
        day = store.get("day")
    versions = {
        "layout": intake.reading.layout,
        "read": intake.line,
        "course": __version__,
        "visible_seed": VISIBLE_SEED,
        "day": day or "",
    }
    write_text(out / "run.json", json.dumps(run | versions, indent=1, sort_keys=True) + "\n")
    told += write_results(rows, out, seed, run["packages"], sheet, now)
    warnings = (*intake.warnings, *about_times, *told)
    return Summary(out, assignment or "", run["level"], seed, tuple(rows), len(todo), warnings, reasons=tuple(reasons))


def run_of(assignment, seed, level, exercises, limits, prints):
    """All that the rows of a run depend on, but for what was handed in; ``prints``: see ``plan.fingerprints``."""
    checks = hashlib.sha256(json.dumps(prints, sort_keys=True).encode()).hexdigest()[:16]
    run = {"assignment": assignment, "seed": seed, "level": level, "checks": checks}
    return run | {"limits": vars(limits), "packages": packages.versions(profile_of(exercises))}


def _hold_to_checks(store, fresh, out):
    """Raise ``NotGraded`` where marks are there that were made by other checks; remember these ones."""
    earlier = store.get("fingerprints") or {}
    changed = [id for id, known in earlier.items() if id in fresh and fresh[id] != known]
    if changed and store.known():
        raise NotGraded(
            f"The checks of {', '.join(changed)} are not those that made the marks in {out}. course regrade {out} "
            "--dry-run shows whose marks would change; without it they do. Or choose another folder."
        )
    store.set("fingerprints", earlier | fresh)


def write_results(rows, out, seed, packages, sheet, now=None):
    """All that is made of rows: tables, feedback pages, the class report. Returns sentences about what is held back."""
    key, now = page_key(seed), now or datetime.now(UTC)
    seen = shown_now(rows, sheet, now)
    write_exports(rows, out, key)
    write_platform_files(rows, seen, out, sheet)
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    write_feedback(rows, seen, out, key, dict(sorted(packages.items())), run)
    held_back = next((row["withheld"] for row in seen if row.get("withheld")), "")
    return [f"Pages of students: {held_back} Give the same command again then."] if held_back else []


def _apart(out, submissions):
    """``out``; ``NotGraded`` if it lies among what was handed in, where a student can have put marks and a seed."""
    if out.resolve().is_relative_to(Path(submissions).resolve()):
        raise NotGraded(
            f"{out} lies in the folder of submissions, where what somebody handed in could pass for your results: "
            "choose a folder elsewhere with -o, such as ../grades."
        )
    return out


def _settled_seed(store, seed):
    """The run's seed: the one asked for, an earlier run's, or a new one, remembered before the first mark."""
    if seed is None:
        seed = store.get("seed")
    if seed is None:
        seed = secrets.randbits(48)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise NotGraded(f"A seed is a whole number, 0 or larger, not {seed!r}.")
    store.set("seed", seed)
    return seed


def _still_to_do(store, found, run):
    """What is new or changed; students who are gone are forgotten."""
    known = store.known()
    for student in set(known) - {submission.student for submission in found}:
        store.forget(student)
    return [one for one in found if one.student not in known or known[one.student] != input_digest(one, run)]


def input_digest(submission, run):
    """A digest of all that a row depends on."""
    whose = marking.whose(submission)
    digest = hashlib.sha256(json.dumps([run, whose, submission.places], sort_keys=True).encode())
    for file in submission.handed_in():
        digest.update(file.digest.encode())
    return digest.hexdigest()


def _marked(todo, lanes, seconds):
    """``(submission, row)`` as they are made; see ``Turns`` for ``lanes`` and ``seconds``."""
    turns, made = Turns(todo, seconds), queue.SimpleQueue()
    if len(lanes) == 1:
        return (turns.row(lanes[0]) for _ in todo)
    for lane in lanes:
        threading.Thread(target=_work, args=(turns, made, lane), daemon=True).start()
    return _as_they_come(turns, made, len(lanes))


def _work(turns, made, lane):
    try:
        while item := turns.row(lane):
            made.put(item)
    except BaseException as error:
        made.put(error)


def _as_they_come(turns, made, lanes):
    for _ in range(turns.count):
        item = made.get()
        if isinstance(item, BaseException):
            raise item
        yield item
    turns.end(lanes)


__all__ = ["NotGraded", "Summary", "file_name", "grade_folder", "number"]
