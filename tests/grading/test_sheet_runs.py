"""Each setting of a sheet used as a lecturer would: handed in, graded late, weighted, exported, changed afterwards.

One exercise of a few lines, so that a class is marked in the time of one notebook; what the settings make of points is
tested in ``test_sheet`` without any run.
"""

import csv
import json
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from course_lib.grading.batch import NotGraded, grade_folder
from course_lib.grading.exports import TIME_UNKNOWN
from course_lib.grading.questions import take_marks, write_questions
from course_lib.grading.regrade import regrade
from course_lib.grading.roster import BadRoster
from course_lib.grading.show import student_feedback
from tests.grading.handed_in import PAIR, QUICK, SEED, SETUP, TOY, notebook

PAIRED = TOY[2]
FULL = PAIRED.points
SHEET = """title = "Sheet 9"
exercises = ["90-3"]
deadline = 2026-11-09T23:59:00
time_zone = "Europe/Berlin"
pass_mark = 50
{more}
[late]
grace = 15
per_day = 20
"""
STUB = PAIR.partition("\n")[0] + "\n    raise NotImplementedError('Exercise 90-3: write rate_pair')"
RIGHT, BLANK = notebook(SETUP, PAIR), notebook(SETUP, STUB)
WRONG = notebook(SETUP, "def rate_pair(smallest, largest):\n    return 1.0, 2.0")
ATTEMPT = "Sheet 9_{}_attempt_2026-11-{}_90_toy.ipynb"


class Class:
    """A folder of hand-ins beside the file of a sheet."""

    def __init__(self, folder):
        self.folder, self.out, self.said = folder, folder / "out", []

    def hands_in(self, **files):
        """``name of the file=bytes``, by place."""
        for place, data in files.items():
            path = self.folder / "in" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return self

    def graded(self, more="", text=SHEET, **options):
        sheet = self.folder / "assignments" / "90.toml"
        sheet.parent.mkdir(exist_ok=True)
        sheet.write_text(text.replace("{more}", more), encoding="utf-8")
        self.summary = grade_folder(
            self.folder / "in", self.out, seed=SEED, limits=QUICK, settings=sheet, say=self.said.append, **options
        )
        return {row["student"]: row for row in self.summary.rows}

    def table(self, name="grades.csv"):
        with open(self.out / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def pages(self):
        return "".join(path.read_text(encoding="utf-8") for path in (self.out / "feedback").glob("*.html"))


@pytest.fixture
def a_class(tmp_path):
    return Class(tmp_path)


def test_a_class_is_graded_late_and_settings_change_without_a_second_run(a_class):
    late = {"anna": "09-23-59-00", "ben": "10-00-10-00", "carla": "10-08-00-00"}
    a_class.hands_in(**{ATTEMPT.format(login, time): RIGHT for login, time in late.items()})
    rows = a_class.graded()
    assert {key: row["points"] for key, row in rows.items()} == {"anna": FULL, "ben": FULL, "carla": 0.8 * FULL}
    assert (
        rows["carla"]["passed"] and a_class.summary.graded_now == 3 and "settings: assignments/90.toml" in a_class.said
    )
    (carla,) = [row for row in a_class.table() if row["student"] == "carla"]
    assert carla["handed_in"] == "2026-11-10 08:00 CET" and "8 h 1 min after the deadline" in carla["reasons"]
    assert carla["raw_points"] == f"{FULL:g}" and "8 h 1 min after the deadline" in a_class.pages()
    doubled = a_class.graded('extensions = { carla = 1 }\nweights = { "90-3" = 2 }')
    assert a_class.summary.graded_now == 0, "settings are no reason to run anything again"
    assert {key: row["points"] for key, row in doubled.items()} == dict.fromkeys(late, 2 * FULL)
    assert {row["max_points"] for row in doubled.values()} == {2 * FULL}
    assert "extended deadline" in student_feedback("carla", a_class.out)


def test_the_last_of_several_attempts_counts_where_the_sheet_says_so(a_class):
    a_class.hands_in(**{ATTEMPT.format("anna", "08-10-00-00"): RIGHT, ATTEMPT.format("anna", "09-10-00-00"): WRONG})
    assert a_class.graded()["anna"]["points"] == FULL
    assert a_class.graded('attempts = "last"')["anna"]["points"] == 0 and a_class.summary.graded_now == 0


def test_hidden_checks_are_in_no_page_before_the_end_and_in_all_after_it(a_class):
    a_class.hands_in(**{ATTEMPT.format("anna", "09-10-00-00"): BLANK})
    title = PAIRED.checks[0].title
    a_class.graded('hidden_checks = "all"', now=datetime(2026, 11, 9, 12, tzinfo=UTC))
    results = json.loads((a_class.out / "gradescope" / "anna" / "results.json").read_text())
    assert "shown from 2026-11-10 00:14 CET on" in a_class.pages() and title not in a_class.pages()
    assert "not written" not in a_class.pages() and f"0 of {FULL:g}" not in a_class.pages()
    assert (
        not results["tests"] and "score" not in results and "Give the same command again then." in str(a_class.summary)
    )
    a_class.graded('hidden_checks = "all"', now=datetime(2026, 11, 10, 12, tzinfo=UTC))
    assert f"0 of {FULL:g} points" in a_class.pages()


def test_a_part_by_hand_shows_the_marker_the_code_and_its_mark_joins_the_others(a_class):
    part = '[[by_hand]]\nid = "style"\ntitle = "Readable code"\nrubric = [{ points = 4, says = "Names are words." }]'
    a_class.hands_in(**{ATTEMPT.format("anna", "10-08-00-00"): RIGHT})
    assert a_class.graded(text=SHEET.replace("{more}", "") + part)["anna"]["passed"] is None
    *pages, table = write_questions(a_class.out)
    page = pages[0].read_text(encoding="utf-8")
    assert "def rate_pair(smallest, largest)" in page and "Names are words." in page
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0], lines[1].rstrip(",").rstrip(",") + ",3,short names"]), encoding="utf-8")
    taken = take_marks(a_class.out)
    assert taken.marks == 1 and not taken.refused
    (anna,) = a_class.table()
    assert float(anna["points"]) == round(0.8 * (FULL + 3), 2) and anna["passed"] == "yes"


def test_times_come_from_a_table_or_from_files_if_the_sheet_says_so_and_are_never_guessed(a_class, tmp_path):
    a_class.hands_in(**{"anna.ipynb": RIGHT, "ben.ipynb": RIGHT})
    for name in ("anna", "ben"):
        moment = datetime(2026, 11, 11, 8, tzinfo=UTC).timestamp()
        os.utime(tmp_path / "in" / f"{name}.ipynb", (moment, moment))
    rows = a_class.graded()
    assert {row["status"] for row in rows.values()} == {TIME_UNKNOWN}
    assert [row["points"] for row in a_class.table()] == ["", ""] and "--times" in str(a_class.summary)
    times = tmp_path / "times.csv"
    times.write_text("student,time\nanna,2026-11-09 20:00\nben,2026-11-10T20:00:00+01:00\n")
    rows = a_class.graded(times=times)
    assert (rows["anna"]["points"], rows["ben"]["points"]) == (FULL, 0.8 * FULL) and a_class.summary.graded_now == 0
    assert a_class.graded('times = "files"')["anna"]["points"] == 0.6 * FULL
    times.write_text("student,time\nanna,09/11/2026\n")
    with pytest.raises(BadRoster, match=r"Line 2 of .*: '09/11/2026' is no time that leaves no doubt"):
        a_class.graded(times=times)


def test_without_settings_nothing_is_different(a_class, tmp_path):
    a_class.hands_in(**{"anna.ipynb": RIGHT})
    summary = grade_folder(tmp_path / "in", a_class.out, seed=SEED, limits=QUICK, exercises=[PAIRED])
    assert "reasons" not in summary.rows[0] and list(a_class.table()[0])[-1] == "page"


# --- After the marks -----------------------------------------------------------------------------------------


@pytest.fixture
def stricter(monkeypatch):
    """``stricter()``: from then on the first check of the exercise is worth a point less."""

    def change():
        exercise = PAIRED
        first, *others = exercise.checks
        monkeypatch.setattr(exercise, "checks", [replace(first, points=first.points - 1), *others])

    return change


def test_a_changed_check_moves_no_mark_before_it_is_shown_whose_and_then_with_a_reason(a_class, stricter):
    a_class.hands_in(**{ATTEMPT.format("anna", "10-08-00-00"): RIGHT, ATTEMPT.format("ben", "09-08-00-00"): BLANK})
    a_class.graded()
    before = (a_class.out / "grades.csv").read_bytes()
    stricter()
    with pytest.raises(NotGraded, match=r"The checks of 90-3 are not those that made the marks in .* --dry-run shows"):
        a_class.graded()
    shown = regrade(a_class.out, dry_run=True)
    assert [(one["student"], one["before"], one["after"]) for one in shown.moved] == [("anna", FULL, FULL - 1)]
    assert shown.looked_at == 2
    points, mark = f"{FULL:g} of {FULL:g} → {FULL - 1:g} of {FULL - 1:g}", f"{0.8 * FULL:g} → {0.8 * (FULL - 1):g}"
    assert f"anna: 90-3 {points}; mark {mark}" in str(shown)
    assert (a_class.out / "grades.csv").read_bytes() == before
    with pytest.raises(NotGraded, match="needs a reason that can be shown"):
        regrade(a_class.out)
    regrade(a_class.out, reason="The first check was worth too much.")
    assert {row["student"]: float(row["points"]) for row in a_class.table()} == {
        "anna": round(0.8 * (FULL - 1), 2),
        "ben": 0,
    }
    assert a_class.pages().count("The first check was worth too much.") == 1, "on the page of those whose points moved"
    a_class.graded()
    assert a_class.summary.graded_now == 0 and not regrade(a_class.out).moved, "what moves nothing needs no reason"


def test_a_person_decides_for_one_answer_with_a_reason_until_another_one_is_handed_in(a_class):
    a_class.hands_in(**{ATTEMPT.format("anna", "09-08-00-00"): WRONG, ATTEMPT.format("ben", "09-08-00-00"): WRONG})
    low = a_class.graded()["anna"]["points"]
    about = {"student": "anna", "exercise": "90-3"}
    for wrong in ({"points": FULL + 1, "reason": "x"}, {"points": 3}, {"points": 3, "reason": "x", "exercise": "90-1"}):
        with pytest.raises(NotGraded):
            regrade(a_class.out, **about | wrong)
    done = regrade(a_class.out, **about, points=low + 2, reason="Right but for the order.")
    assert done.marks == {"anna": (low, low + 2)}
    rows = {row["student"]: row for row in a_class.table()}
    assert (float(rows["anna"]["points"]), float(rows["ben"]["points"])) == (low + 2, low)
    assert "Right but for the order." in rows["anna"]["reasons"] and rows["ben"]["reasons"].count("order") == 0
    a_class.hands_in(**{ATTEMPT.format("anna", "09-08-00-00"): RIGHT})
    assert a_class.graded()["anna"]["points"] == FULL and "the checks decide again" in a_class.pages()
