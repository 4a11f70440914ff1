"""Every file for a platform, held to the columns that the platform documents: see the modules of ``platform_files``."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from course_lib.grading.exports import table
from course_lib.grading.platform_files import blackboard, canvas, gradescope, moodle, title_of
from course_lib.grading.sheet.settings import Sheet

CHECK = {
    "title": "It steps",
    "points": 3,
    "max_points": 4,
    "passed": False,
    "sentence": "no",
    "mistake": "",
    "details": [],
}
WORDS = {"kind": "explain", "text": "because", "checks": [], "notes": []}


def row(student="4711", **more):
    exercise = {"id": "03-1", "title": "Momentum", "points": 3, "max_points": 4, "checks": [CHECK], "notes": []}
    about = {"student": student, "name": "Müller, Ann", "platform": {}, "status": "graded", "sentence": "", "notes": []}
    return about | {"exercises": [exercise], "points": 3, "max_points": 4, "file": "a.ipynb", "level": "full"} | more


def read(rows, delimiter=","):
    return list(csv.reader(io.StringIO(table(rows) if delimiter == "," else rows), delimiter=delimiter))


def test_canvas_finds_the_assignment_by_its_title_and_students_by_the_ids_that_were_imported():
    known = {"canvas_id": "99", "id": "s1", "login": "ann@x.org", "section": "Group A"}
    head, possible, ann, ben = read(canvas.rows([row(platform=known), row("ben", name="")], "Sheet 3 (8812)"))
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"] and head[5:] == ["Sheet 3 (8812)"]
    assert "Points Possible" in possible[0] and possible[5] == "4" and set(possible[1:5]) == {""}
    assert ann == ["Müller, Ann", "99", "s1", "ann@x.org", "Group A", "3"]
    assert ben == ["ben", "", "", "ben", "", "3"]


def test_moodle_s_worksheet_has_what_its_import_refuses_to_be_without():
    known = {"moodle_id": "1001", "email": "ann@x.org", "id": "s1"}
    head, ann = read(
        moodle.rows([row("1001", platform=known, reasons=["1 day late."], handed_in="2026-11-10 08:00 CET")])
    )
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(head)
    found = dict(zip(head, ann, strict=True))
    assert (found["Identifier"], found["Email address"], found["ID number"]) == ("Participant 1001", "ann@x.org", "s1")
    assert (found["Grade"], found["Maximum grade"], found["Feedback comments"]) == ("3", "4", "1 day late.")


def test_moodle_s_zip_names_folders_so_that_moodle_finds_the_student_in_them():
    students = [row("1001", name="Ann_Lee/Müller", platform={"moodle_id": "1001"}), row("ben", name="")]
    data, without = moodle.feedback_zip(students, {"1001": "<p>page</p>", "ben": ""})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        assert archive.read(name) == b"<p>page</p>" and without == ["ben"]
    folder, file = name.split("/")
    person, number, kind, plugin = folder.split("_", 4)  # as its importer does it
    assert (person, number, kind, plugin, file) == ("Ann Lee Müller", "1001", "assignfeedback", "file", "feedback.html")


def test_blackboard_finds_students_by_their_login_in_a_file_of_tabs():
    known = {"blackboard_login": "amueller", "id": "s1"}
    head, ann, ben = read(blackboard.text([row(platform=known), row("=ben", name="Ben Lee")], "Sheet 3 |88"), "\t")
    assert head == ["Last Name", "First Name", "Username", "Student ID", "Sheet 3 |88"]
    assert ann == ["Müller", "Ann", "amueller", "s1", "3"] and ben == ["Lee", "Ben", "'=ben", "", "3"]


@pytest.mark.parametrize("hidden, shown", [((), "visible"), ("all", "after_due_date"), (("03-1",), "after_due_date")])
def test_gradescope_has_a_test_for_each_check_and_hides_what_the_sheet_hides(hidden, shown):
    found = gradescope.results(row(reasons=["late"]), Sheet(hidden_checks=hidden))
    assert found["score"] == 3 and found["visibility"] == shown and found["output"] == "late"
    (test,) = found["tests"]
    assert (test["score"], test["max_score"], test["status"], test["visibility"]) == (3, 4, "failed", shown)


@pytest.mark.parametrize("status", ["grader error", "time unknown", "nothing handed in"])
def test_what_is_no_mark_is_empty_everywhere(status):
    one = row(status=status)
    assert read(canvas.rows([one], "x"))[2][-1] == "" == read(moodle.rows([one]))[1][5]
    assert read(blackboard.text([one], "x"), "\t")[1][-1] == "" and "score" not in gradescope.results(one, Sheet())


def test_the_title_is_that_of_the_sheet_or_says_which_chapter():
    assert (
        title_of(Sheet(title="Sheet 3", chapter="03")) == "Sheet 3" and title_of(Sheet(chapter="03")) == "Assignment 03"
    )


def test_a_spreadsheet_holds_numbers_as_numbers_text_as_text_and_comes_out_the_same_twice():
    openpyxl = pytest.importorskip("openpyxl")
    from course_lib.grading.platform_files.spreadsheet import workbook

    rows = [row(name="=1+1"), row("007", name="007")]
    data = workbook(rows, b"k" * 32)
    assert data == workbook(rows, b"k" * 32)
    book = openpyxl.load_workbook(io.BytesIO(data))
    marks = list(book["marks"].values)
    assert book.sheetnames == ["marks", "checks"] and marks[0][:3] == ("student", "name", "points")
    assert marks[1][1].endswith("=1+1") and "f" not in {cell.data_type for cell in book["marks"][2]}
    assert marks[2][:2] == ("007", "007") and marks[1][2] == 3


# --- The page -------------------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"
ANN = {"canvas_id": "9001", "moodle_id": "1001", "blackboard_login": "amueller", "id": "s4711", "login": "amueller"}
ANN |= {"email": "ann@uni.example", "section": "Group A"}
SAMPLE = [
    row("1001", platform=ANN, handed_in="2026-11-10 08:00 CET", reasons=["1 day begun, 20 %: 3.75 → 3."]),
    row(
        "1002",
        name="Lee, Ben",
        platform={"canvas_id": "9002", "moodle_id": "1002"},
        status="nothing handed in",
        points=0,
    ),
]


def sample(name):
    """What the page shows of a file."""
    text = (DOCS / "platforms.md").read_text(encoding="utf-8")
    return text.split(f"\n`{name}`", 1)[1].split("```")[1].partition("\n")[2]


def test_the_page_shows_each_file_as_it_is_written():
    assert sample("canvas.csv") == table(canvas.rows(SAMPLE, "Sheet 3"))
    assert sample("moodle.csv") == table(moodle.rows(SAMPLE))
    assert sample("blackboard.txt") == blackboard.text(SAMPLE, "Sheet 3")
    assert json.loads(sample("results.json")) == gradescope.results(SAMPLE[0], Sheet())
    with zipfile.ZipFile(io.BytesIO(moodle.feedback_zip(SAMPLE, {"1001": "", "1002": ""})[0])) as archive:
        assert sample("moodle_feedback.zip").split("\n")[:-1] == archive.namelist()
