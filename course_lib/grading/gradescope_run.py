"""One submission in Gradescope's container: ``/autograder/submission`` in, ``/autograder/results/results.json`` out.

Documented by https://gradescope-autograders.readthedocs.io/en/latest/specs/ and ``.../submission_metadata/``
(read on 2026-11-29). It is marked as ``course grade`` does it, with the seed and the sheet that ``course autograder``
put into the zip; when it was handed in is what Gradescope says. Where the grader fails there are no results, and
Gradescope shows the lecturer what is printed here: nobody has a zero for it.
"""

import json
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from course_lib.grading import packages
from course_lib.grading.assignment import assignment_names, exercises_of, functions_of
from course_lib.grading.exports import FAILED
from course_lib.grading.intake import take_in
from course_lib.grading.plan import confined_zygote, profile_of, row_of
from course_lib.grading.platform_files import gradescope
from course_lib.grading.process import Limits
from course_lib.grading.reader import Reader
from course_lib.grading.sheet.mark import NO_TIME, Time
from course_lib.grading.sheet.settings import Sheet, read_sheet
from course_lib.grading.sheet.settled import settled

SETTINGS, SHEET = "settings.json", "sheet.toml"  # beside run_autograder
NOBODY = "student"


def main(root="/autograder"):
    """Mark what lies in ``root/submission``, with the settings in ``root/source``; returns an exit code."""
    root = Path(root)
    settings = json.loads((root / "source" / SETTINGS).read_text(encoding="utf-8"))
    try:
        sheet = _sheet(root / "source" / SHEET, settings["chapter"])
        row = marked(root / "submission", sheet, settings, _metadata(root / "submission_metadata.json"))
    except ValueError as error:
        print(error)
        return 1
    if row["status"] in FAILED:
        print(row["sentence"])
        return 1
    results = json.dumps(gradescope.results(row, sheet), sort_keys=True)
    (root / "results").mkdir(exist_ok=True)
    (root / "results" / "results.json").write_text(results + "\n", encoding="utf-8")
    print(f"Marked at level {row['level']}: {row['points']:g} of {row['max_points']:g}.")
    return 0


def _sheet(path, chapter):
    return read_sheet(path, chapter) if path.is_file() else Sheet(chapter=chapter)


def _metadata(path):
    """What Gradescope says of the submission, ``{}`` where it says nothing."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def marked(folder, sheet, settings, metadata):
    """The row of the one submission, with its mark. Raises ``ValueError``."""
    exercises = sheet.asked() if sheet.file else exercises_of(settings["chapter"])
    packages.require()
    limits = Limits.of(profile_of(exercises))
    who = (metadata.get("users") or [{}])[0]
    with Reader() as reader, tempfile.TemporaryDirectory() as empty:
        there = folder if any(folder.iterdir()) else Path(empty)
        (submission,) = take_in(there, reader, assignment_names(), "one").submissions
        submission.functions = functions_of(exercises)
        submission.student, submission.name = who.get("email") or NOBODY, who.get("name") or ""
        submission.platform = {name: who[name] for name in ("email", "sid") if who.get(name)}
        zygote, _ = confined_zygote(exercises, limits, settings["allow_unsafe"])
        with zygote:
            row = row_of(submission, exercises, zygote, settings["seed"], limits)
    time = _time(metadata)
    places = {one["file"]: time for one in (row, *row.get("others", ()))}
    (row,), _ = settled([row], {}, [], sheet, {row["student"]: places})  # extensions name others, too
    for sentence in _differs(sheet, metadata):
        print(sentence)
    return row


def _time(metadata):
    moment = metadata.get("created_at")
    return Time(datetime.fromisoformat(moment), "Gradescope's time") if moment else NO_TIME


def _differs(sheet, metadata):
    """A sentence where Gradescope has another deadline than the sheet."""
    due = (metadata.get("assignment") or {}).get("due_date")
    if sheet.deadline and due and datetime.fromisoformat(due) != sheet.deadline:
        yield f"Gradescope's due date is {due}, that of the sheet is {sheet.deadline.isoformat()}: the sheet's counts."


if __name__ == "__main__":
    os.environ["COURSE_FOLDER"] = str(Path(*(sys.argv[1:] or ["/autograder"])) / "source")  # where course.toml may be
    sys.exit(main(*sys.argv[1:]))
