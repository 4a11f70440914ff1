"""Which assignment it is: students decide, each with one vote; and everyone on the class list gets a row."""

import csv

import pytest

from course_lib.grading.assignment import NotGraded
from course_lib.grading.batch import grade_folder
from course_lib.grading.exports import NOT_HANDED_IN
from tests.grading.handed_in import FULL, GLIDE, QUICK, RIGHT, SEED, SETUP, notebook

OTHER = "def gradient_step(theta, gradient, learning_rate):\n    return theta - learning_rate * gradient(theta)"


def grade(folder, files, **more):
    for place, data in files.items():
        path = folder / "in" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return grade_folder(folder / "in", folder / "out", seed=SEED, limits=QUICK, **more)


def test_one_student_with_many_files_does_not_decide_for_the_class(tmp_path):
    files = {f"s{i}/03_momentum.ipynb": notebook(*RIGHT) for i in range(4)}
    files |= {f"mallory/{i}.ipynb": notebook(OTHER) for i in range(5)}
    said = []
    summary = grade(tmp_path, files, say=said.append)
    rows = {row["student"]: row for row in summary.rows}
    assert summary.assignment == "90" and rows["s0"]["points"] == FULL
    assert rows["mallory"]["points"] == 0 and "belongs to chapter 00" in rows["mallory"]["sentence"]
    assert said == [
        "read as: a folder for each student, 5 students, for example: 'mallory' from mallory/0.ipynb",
        "assignment 90: 4 of 5 students wrote functions of it (chapter 00: 1).",
    ]


def test_that_everything_became_one_student_s_is_said_before_the_first_mark(tmp_path):
    files = {f"dora/{folder}/03_momentum.ipynb": notebook(*RIGHT) for folder in ("exercises", "notebooks")}
    said = []
    summary = grade(tmp_path, files, say=said.append)
    assert [row["student"] for row in summary.rows] == ["dora"]
    assert said[1] == "Everything was read as one student's, 'dora', with 2 notebooks." and said[1] in str(summary)


@pytest.mark.parametrize("count", [1, 2])
def test_a_tie_is_refused_with_the_way_out(count, tmp_path):
    files = {f"a{i}.ipynb": notebook(OTHER) for i in range(count)}
    files |= {f"b{i}.ipynb": notebook(SETUP, GLIDE) for i in range(count)}
    with pytest.raises(NotGraded, match=r"chapter 00: .*chapter 90: .*--assignment 03"):
        grade(tmp_path, files)


def test_everyone_on_the_class_list_gets_a_row_and_strangers_are_named(tmp_path):
    roster = tmp_path / "students.csv"
    roster.write_text("login;name\nann;Ann Example\nben;Ben Example\n")
    files = {"ann.ipynb": notebook(*RIGHT), "zed.ipynb": notebook(*RIGHT)}
    summary = grade(tmp_path, files, roster=roster)
    rows = {row["student"]: row for row in summary.rows}
    assert [(key, row["name"], row["status"]) for key, row in rows.items()] == [
        ("ann", "Ann Example", "graded"),
        ("ben", "Ben Example", NOT_HANDED_IN),
        ("zed", "", "graded"),
    ]
    assert not summary.failed and "Not on the class list, marked all the same: zed." in str(summary)
    with open(tmp_path / "out" / "grades.csv", encoding="utf-8") as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    assert table["ben"]["points"] == "" and table["ben"]["sentence"] == "Nothing was handed in."
    again = grade(tmp_path, {"ben.ipynb": notebook(*RIGHT)}, roster=roster)
    assert again.graded_now == 1 and {row["student"]: row["points"] for row in again.rows}["ben"] == FULL


def test_namesakes_of_moodle_keep_their_own_words(tmp_path):
    files = {
        "Thomas Müller_11111_assignsubmission_file_/03_momentum.ipynb": notebook(*RIGHT),
        "Thomas Müller_22222_assignsubmission_file_/03_momentum.ipynb": notebook("only_mine = 22222", GLIDE),
    }
    first, second = grade(tmp_path, files, assignment="90").rows
    assert (first["student"], first["points"], first["name"]) == ("11111", FULL, "Thomas Müller")
    assert second["student"] == "22222" and second["points"] < FULL and second["platform"] == {"moodle_id": "22222"}
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "feedback").glob("*.html")]
    assert len(pages) == 2 and sum("22222" in page for page in pages) <= 1
