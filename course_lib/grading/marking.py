"""The verdict on one submission, as plain data.

The exercises are run with the secret seed: that makes the mark, and nothing that depends on its inputs leaves this
file, be it a number, a message, the name of an exception or a shape. If something failed they are run again, in a new
process that starts from what was known before, with the seed of the notebook's own check: what comes out then may be
shown in full, the student can see it at home. Full marks need no words.
"""

import re
import warnings

from course_lib.checks import VISIBLE_SEED, exercise_of
from course_lib.checks.calls import GraderError
from course_lib.grading import memory
from course_lib.grading.answers import MOST
from course_lib.grading.assignment import functions_of
from course_lib.grading.exports import NOT_HANDED_IN
from course_lib.grading.notes import told, why_missing
from course_lib.grading.plain import PROSE, text
from course_lib.grading.process import Interrupted, Limits
from course_lib.grading.session import Session
from course_lib.settings.language import later, tr

NOTHING = later("Nothing was handed in.")
TRIES = 10  # of a submission whose process is ended from outside
MAX_SOURCE = 20_000  # characters of an answer that are kept
MAX_TAKEN = 160 << 20  # bytes of memory that the checks may take for one submission
NO_TORCH = later(
    "not graded, PyTorch is not installed where the grader runs. Install it and run the same command again."
)
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}|0x[0-9a-fA-F]*(?=\.\.\.)")  # whole, or cut where a text was cut
ELSEWHERE = later(
    "Right for the numbers that the check in the notebook uses, not for others: look for a fixed number or size, "
    "or for something that is remembered between calls."
)


def mark_submission(submission, exercises, zygote, seed, limits=None, aside=None):
    """One row for one student, whatever was handed in; of several files the one with the most points counts.

    Args:
        submission: ``intake.Submission``.
        exercises: the assignment's ``Exercise`` objects.
        zygote: ``process.Zygote``.
        seed: the secret one.
        limits: ``process.Limits``; several files share them.
        aside: the moment (``time.monotonic()``) from which others come first; ``None``: never.

    Raises ``GraderError`` if the machinery fails, ``SetAside``.
    """
    files = submission.handed_in()
    if not files:
        return nothing_handed_in(submission, exercises, zygote.level)
    share = (limits or Limits.of(zygote.profile)).shared_by(len(files))
    rows = [mark_file(file, exercises, zygote, seed, share, aside) for file in files]
    best = max(range(len(rows)), key=lambda i: (rows[i]["status"] == "graded", rows[i]["points"], i))
    row = whose(submission) | rows[best]
    row["exercises"] = [_with_text(exercise, rows) for exercise in row["exercises"]]
    row["notes"] = _about_files(submission, rows, best) + row["notes"]
    others = [other for number, other in enumerate(rows) if number != best]
    return row | {"others": others} if others else row


def _with_text(exercise, rows):
    """An exercise of the best file; an answer in words that is not in it may be in another one, the last by name."""
    if exercise["kind"] != "explain" or exercise["text"]:
        return exercise
    others = [other for row in rows for other in row["exercises"] if other["id"] == exercise["id"] and other["text"]]
    return others[-1] if others else exercise


def whose(submission):
    """The part of a row that says whose it is."""
    return {"student": submission.student, "name": submission.name, "platform": submission.platform}


def nothing_handed_in(submission, exercises, level):
    """The row of someone on the class list of whom nothing was found: no mark, that is the lecturer's."""
    blank = [not_tried(exercise, NOTHING) for exercise in exercises]
    row = {"file": "", "status": NOT_HANDED_IN, "sentence": NOTHING, "notes": [], "level": level, "exercises": blank}
    return whose(submission) | row | sums(blank)


def _about_files(submission, rows, best):
    count = len(submission.files)
    if count == 1:
        return []
    marks = ", ".join(f"{row['file']}: {row['points']:g}" for row in rows)
    if len(rows) == 1:
        told = later("{count} files were handed in. What counts is in one of them, {file}, which was marked.")
        return [tr(told, count=count, file=rows[0]["file"])]
    which = tr("{count} files were handed in. All were marked.", count=count)
    if len(rows) < count:
        told = later(
            "{count} files were handed in. The {some} that hold most of the assignment's functions were marked."
        )
        which = tr(told, count=count, some=len(rows))
    counts = tr(
        "The one with the most points counts, {file}; of equal ones the last by name. Points: {points}.",
        file=rows[best]["file"],
        points=marks,
    )
    return [f"{which} {counts}"]


def mark_file(handed, exercises, zygote, seed, limits=None, aside=None):
    """The row of one file, a ``reader.Handed``."""
    row = {"file": text(handed.place, 300), "status": "graded", "sentence": "", "notes": [], "level": zygote.level}
    if handed.problem:
        blank = [not_tried(exercise, handed.problem) for exercise in exercises]
        return row | {"status": "unreadable", "sentence": handed.problem, "exercises": blank} | sums(blank)
    marked, more = mark_cells(handed, exercises, zygote, seed, limits, aside)
    row |= {"exercises": marked, "notes": handed.notes + more} | sums(marked)
    row["sentence"] = _of_another_chapter(handed, exercises)
    if any(exercise["broken"] for exercise in marked):
        row["status"] = "check broken"
        row["sentence"] = tr(
            "A check itself failed: the points are no mark yet. Whoever runs the course looks into it."
        )
    missing = [exercise["id"] for exercise in marked if exercise["unchecked"]]
    if missing and row["status"] == "graded":
        row["status"] = "not graded"
        row["sentence"] = f"{', '.join(missing)}: {tr(NO_TORCH)}"
    return row


def _of_another_chapter(handed, exercises):
    """A sentence, if a notebook has no function of these exercises but some of others."""
    known = exercise_of()
    found = {known[function] for function in handed.defined if function in known}
    ours = {exercise.id for exercise in exercises}
    if not found or found & ours:
        return ""
    theirs, wanted = sorted({id.split("-")[0] for id in found}), sorted({id.split("-")[0] for id in ours})
    return tr(
        "This notebook belongs to chapter {theirs}; what was marked is chapter {wanted}.",
        theirs=", ".join(theirs),
        wanted=", ".join(wanted),
    )


def mark_cells(handed, exercises, zygote, seed, limits=None, aside=None):
    """``(one dict for each exercise, notes about cells)``; all over again when a process was ended from outside."""
    coded = [exercise for exercise in exercises if exercise.functions]
    for _ in range(TRIES):
        try:
            marked, notes = _mark_cells(handed, coded, zygote, seed, limits, aside) if coded else ([], [])
        except Interrupted as error:
            reason = error
        else:
            rows = {row["id"]: row for row in marked}
            return [rows.get(one.id) or in_words(one, handed.texts.get(one.id, "")) for one in exercises], notes
    raise GraderError(f"{reason}, {TRIES} times")


def in_words(question, written):
    """The dict of a question, whose points a person gives: ``None`` until then."""
    return _about(question) | {"points": None, "text": text(written, MOST, PROSE), "checks": [], "notes": []}


def _about(exercise):
    """What the dict of an exercise says of it, whatever a student did."""
    return {
        "id": exercise.id,
        "title": exercise.title,
        "kind": exercise.kind,
        "function": exercise.function,
        "max_points": exercise.points,
        "broken": False,
        "unchecked": False,
    }


def _mark_cells(handed, exercises, zygote, seed, limits, aside):
    session, notes = session_of(handed, exercises, zygote, limits, aside)
    try:
        session.begin()
        about, said = words_about(handed, exercises, session, None, notes)
        visible = hidden = run_exercises(session, exercises, seed, named=False)
        if not all(report.passed for report in hidden):
            session.start_afresh()
            visible = run_exercises(session, exercises, VISIBLE_SEED)
            about, said = words_about(handed, exercises, session, visible, notes)
    finally:
        session.end_child()
    rows = zip(exercises, visible, hidden, about, strict=True)
    return [
        _merged(*row) | {"notes": [*missing, *row[1].notes], "source": _source(handed, row[0])}
        for *row, missing in rows
    ], said


def _source(handed, exercise):
    """The answer to an exercise as it was written, for whoever looks at it later."""
    return text(handed.source_of(exercise.functions), MAX_SOURCE, PROSE)


def session_of(handed, exercises, zygote, limits=None, aside=None):
    """``(Session, notes)`` for what was handed in."""
    names = functions_of(exercises)
    cells, notes = handed.without_spare_stubs(names)
    return Session(zygote, cells, names, limits, aside), notes


def words_about(handed, exercises, session, reports=None, notes=()):
    """``(sentences about each exercise's function, sentences about cells)``; the same for ``check`` and ``grade``."""
    unwritten = [report.unwritten for report in reports] if reports else [""] * len(exercises)
    about = [
        why_missing(exercise.function, handed, session, stub)
        for exercise, stub in zip(exercises, unwritten, strict=True)
    ]
    return about, told(session.problems, notes)


def run_exercises(session, exercises, seed, named=True):
    """A ``Report`` for each exercise, made by its checks here on functions that run in the session's child.

    ``named``: whether a wrong answer gets a name, which costs time that the answers after it want, too.
    """
    if any(exercise.profile == "torch" and exercise.ready for exercise in exercises):
        _load_torch()
    with warnings.catch_warnings(), memory.at_most(MAX_TAKEN):
        warnings.simplefilter("ignore")  # what NumPy says about a student's numbers is not for the lecturer's terminal
        return [
            exercise.run(exercise.joined(list(map(session.function, exercise.functions))), seed, named)
            for exercise in exercises
        ]


def _load_torch():
    """Before memory is counted; and with one thread, since one that finds no room for its stack ends the process."""
    import torch

    torch.set_num_threads(1)


def _merged(exercise, visible, hidden):
    """The secret run's verdicts with the visible run's words."""
    checks = [_check(seen, secret) for seen, secret in zip(visible.results, hidden.results, strict=True)]
    if visible.unwritten:
        checks = [check | {"details": []} for check in checks]
    return _about(exercise) | {
        "points": sum(check["points"] for check in checks),
        "broken": hidden.broken or visible.broken,
        "unchecked": hidden.unchecked,
        "checks": checks,
    }


def _check(seen, secret):
    row = {"title": secret.title, "points": secret.points, "max_points": secret.max_points, "passed": secret.passed}
    row |= {"sentence": "", "mistake": "", "details": []}
    if secret.passed:
        return row
    if not seen.passed:
        details = [[label, steady(text)] for label, text in seen.details()]
        return row | {"sentence": steady(seen.sentence), "mistake": seen.mistake, "details": details}
    return row | {"sentence": ELSEWHERE, "details": [["Hint", tr(secret.hint)]] if secret.hint else []}


def steady(text):
    """``text`` without addresses in memory, which differ from run to run."""
    return ADDRESS.sub("0x…", text)


def not_tried(exercise, reason):
    checks = [
        {"title": c.title, "points": 0, "max_points": c.points, "passed": False, "sentence": reason}
        | {"mistake": "", "details": []}
        for c in exercise.checks
    ]
    return _about(exercise) | {"points": 0, "text": "", "source": "", "checks": checks, "notes": []}


def sums(exercises):
    """Points and points to be had; what is to be marked by a person counts to the second only."""
    known = [exercise["points"] for exercise in exercises if exercise["points"] is not None]
    return {"points": sum(known), "max_points": sum(exercise["max_points"] for exercise in exercises)}
