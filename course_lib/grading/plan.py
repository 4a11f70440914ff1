"""One submission in, one row out, whatever happens; the same in the grader's own process and in every other."""

import hashlib
import os
import time

from course_lib.checks import asked
from course_lib.checks.calls import GraderError
from course_lib.grading import marking
from course_lib.grading.assignment import NotGraded
from course_lib.grading.confinement import best_level
from course_lib.grading.process import SetAside
from course_lib.grading.sandbox import LEVELS
from course_lib.grading.texts import name_of, texts_behind

NO_SANDBOX = (
    "Student code cannot be confined on this computer, so no mark was recorded. Grade on Linux (on Windows: in WSL; "
    "on a Mac: in a container), or add --allow-unsafe if you trust every notebook. Why: {}"
)
LOWER = (
    "Earlier marks in this folder were made at level {!r}, which is not to be had now ({}): mend that, or choose "
    "another folder with -o, so that all are marked alike."
)


def profile_of(exercises):
    """What the children of an assignment are: "torch" if one of its exercises needs PyTorch and it is there."""
    return "torch" if any(exercise.profile == "torch" and exercise.ready for exercise in exercises) else "numpy"


def needs(exercises):
    """``{name: value}`` of what starts children for these exercises, as ``forks.Zygote`` takes it."""
    forbidden = sorted({module for exercise in exercises for module in exercise.forbidden})
    modules = sorted({module for exercise in exercises if exercise.ready for module in exercise.modules})
    return {"forbidden": forbidden, "profile": profile_of(exercises), "modules": modules}


def fingerprint(exercises):
    """A digest of what marks depend on: when it changes, they are made anew.

    That is the text of ``texts_behind`` these exercises, and what their answers may not use.
    """
    return _fingerprint(exercises, _texts(exercises))


def fingerprints(exercises):
    """``{id: digest of what the marks of an exercise depend on}``, for exercises of one chapter."""
    chapters = {exercise.id.split("-")[0] for exercise in exercises}
    texts = _texts([*exercises, *(one for one in asked().values() if one.id.split("-")[0] in chapters)])
    return {exercise.id: _fingerprint([exercise], texts) for exercise in exercises}


def _texts(exercises):
    """The texts that marks depend on, as one run of bytes."""
    paths = sorted(texts_behind(exercises))
    return b"".join(name_of(path).encode() + b"\0" + path.read_bytes() for path in paths)


def _fingerprint(exercises, texts):
    about = [(e.id, e.points, [check.title for check in e.checks], e.forbidden) for e in exercises]
    return hashlib.sha256(repr(about).encode() + texts).hexdigest()[:16]


def confined_zygote(exercises, limits, allow_unsafe, earlier=None):
    """``(what starts confined children for these exercises, reasons why it is not at a better level)``.

    Args:
        earlier: the level of marks that are there already, which is never lowered.

    Raises ``NotGraded`` with a sentence.
    """
    try:
        zygote, reasons = best_level(memory=limits.memory, **needs(exercises))
    except GraderError as error:
        raise NotGraded(NO_SANDBOX.format(error)) from None
    refused = ""
    if earlier in LEVELS and LEVELS.index(zygote.level) > LEVELS.index(earlier):
        refused = LOWER.format(earlier, "; ".join(reasons))
    elif zygote.level == "none" and not allow_unsafe:
        refused = NO_SANDBOX.format("; ".join(reasons) or "unknown")
    if refused:
        zygote.close()
        raise NotGraded(refused)
    return zygote, reasons


def row_of(submission, exercises, zygote, seed, limits, seconds=None):
    """The row of one student; a failure of the machinery is tried once more and then said, never marked.

    Raises ``SetAside`` if the submission takes longer than ``seconds``.
    """
    aside = None if seconds is None else time.monotonic() + seconds
    for attempt in (1, 2):
        try:
            return marking.mark_submission(submission, exercises, zygote, seed, limits, aside)
        except SetAside:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}" if not isinstance(error, GraderError) else str(error)
            if os.environ.get("COURSE_TRACEBACK") and attempt == 2:
                raise
            zygote.close()
    return failed_row(submission, exercises, zygote.level, reason)


def failed_row(submission, exercises, level, reason):
    """The row of a student whom the grader failed; the next run tries again."""
    exercises = [marking.not_tried(exercise, "") for exercise in exercises]
    sentence = f"The grader failed, not the student: {reason[:300]}. Run the command again after mending it."
    row = {"file": (submission.places or [""])[-1], "status": "grader error", "notes": [], "sentence": sentence}
    return marking.whose(submission) | row | {"level": level, "exercises": exercises} | marking.sums(exercises)
