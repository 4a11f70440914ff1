"""Results are the lecturer's alone: modes, names that nobody can guess or take, spreadsheets, a full disk."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.grading import exports
from course_lib.grading.batch import grade_folder
from course_lib.grading.platform_files import canvas, moodle
from course_lib.grading.private import CannotWrite, file_name, page_key, page_name, write_text
from course_lib.grading.show import student_feedback
from course_lib.grading.store import Store
from tests.grading.handed_in import QUICK, RIGHT, SEED, SETUP, WRONG_GLIDE, notebook

KEY = page_key(SEED)


def handed_in(folder):
    folder.mkdir()
    (folder / "ann.ipynb").write_bytes(notebook(*RIGHT))
    (folder / "bob.ipynb").write_bytes(notebook(SETUP, WRONG_GLIDE))
    return folder


@pytest.fixture
def submissions(tmp_path):
    return handed_in(tmp_path / "in")


def grade(submissions, out):
    return grade_folder(submissions, out, assignment="90", seed=SEED, limits=QUICK, allow_unsafe=True)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Results and summary of a run; not to be written to."""
    folder = tmp_path_factory.mktemp("graded")
    return folder / "out", grade(handed_in(folder / "in"), folder / "out")


def modes(folder):
    return {p.relative_to(folder).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in [folder, *folder.rglob("*")]}


# --- Modes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o022, 0o000])
def test_nobody_else_on_the_computer_can_read_marks_feedback_or_seed(submissions, tmp_path, mask):
    before = os.umask(mask)
    try:
        grade(submissions, tmp_path / "new" / "out")
    finally:
        os.umask(before)
    found = modes(tmp_path / "new")
    assert {"out/grades.sqlite", "out/run.json", "out/grades.csv", "out/class_report.html"} < set(found)
    assert not {name: oct(mode) for name, mode in found.items() if mode & 0o077}


def test_files_of_an_older_run_are_closed_too_and_a_folder_that_was_there_is_left_as_it_was(submissions, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o755)
    out.chmod(0o755)
    for name in ("grades.sqlite", "grades.csv", "run.json"):
        (out / name).touch(0o666)
        (out / name).chmod(0o666)
    grade(submissions, out)
    found = modes(out)
    assert found.pop(".") == 0o755
    assert not {name: oct(mode) for name, mode in found.items() if mode & 0o077}


# --- Names ---------------------------------------------------------------------------------------------


def test_a_page_cannot_be_guessed_from_a_name_or_taken_by_choosing_one(graded):
    out, summary = graded
    pages = [path.name for path in (out / "feedback").iterdir()]
    assert len(pages) == len(summary.rows)
    assert all(re.fullmatch(r"(ann|bob)-[0-9a-f]{20}\.html", name) for name in pages)
    other = page_key(SEED + 1)
    assert page_name("ann", KEY) in pages and page_name("ann", other) not in pages
    taker = page_name("eva klein", KEY).removesuffix(".html")
    assert page_name(taker, KEY) != page_name("eva klein", KEY)


def test_the_table_names_the_page_and_the_page_stays_where_it_is(submissions, tmp_path):
    grade(submissions, tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "grades.csv").read_text().splitlines()))
    pages = {row["student"]: tmp_path / "out" / "feedback" / row["page"] for row in rows}
    assert all(path.is_file() for path in pages.values())
    assert str(pages["ann"]) in student_feedback("ann", tmp_path / "out")
    (submissions / "bob.ipynb").unlink()
    (tmp_path / "out" / "feedback" / "notes of mine.html").write_text("kept")
    grade(submissions, tmp_path / "out")
    assert pages["ann"].is_file() and not pages["bob"].exists()
    assert (tmp_path / "out" / "feedback" / "notes of mine.html").exists()


def test_the_terminal_does_not_show_the_seed(graded):
    out, summary = graded
    assert str(SEED) not in str(summary)
    assert json.loads((out / "run.json").read_text())["seed"] == SEED


names = st.text(st.characters(blacklist_categories=["Cs"]), max_size=130)


@settings(max_examples=300, deadline=None)
@given(names, names)
def test_names_of_files_are_safe_everywhere_and_different(one, two):
    for make in (file_name, lambda name: page_name(name, KEY)):
        made, other = make(one), make(two)
        assert (made.casefold() == other.casefold()) == (one == two)
        assert re.fullmatch(r"[\w.-]{1,90}", made) and made[0] not in ".-" and made[-1] != "."
        assert len(made.encode()) <= 255


@pytest.mark.parametrize("device", ["con", "aux", "nul", "prn", "com1", "lpt9", "con.x"])
def test_no_name_is_a_device_of_windows(device):
    for name in (file_name(device), page_name(device, KEY)):
        assert not re.fullmatch(r"(?i)(con|aux|nul|prn|com\d|lpt\d)", name.split(".")[0])


@pytest.mark.parametrize("name", ["eva klein", "Ann", "é", "a/b"])
def test_nobody_can_choose_the_folder_name_of_another_student(name):
    assert file_name(file_name(name)) != file_name(name)


# --- Spreadsheets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "cell",
    [
        "x;=1+1;y",
        "x\t=1\ty",
        "x|=1|y",
        "a,=1",
        'q";=1+1;"',
        "a\n=1",
        "a\r=1",
        "=1;2",
        " =1",
        "＝1",
        "plain",
        "",
        'say "x"',
    ],
)
def test_a_cell_is_one_cell_and_no_formula_whatever_a_spreadsheet_separates_by(cell, separator):
    text = exports.table([["first", cell, "last"]])
    if separator != ",":  # a spreadsheet that splits at another sign sees the commas as text between cells
        text = text.replace(f",{exports.quoted(cell)},", f"{separator}{exports.quoted(cell)}{separator}")
    (row,) = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    assert len(row) == 3 and row[1] in (cell, "'" + cell)
    assert not row[1].lstrip().startswith(("=", "+", "-", "@", "＝"))


@settings(max_examples=200, deadline=None)
@given(st.lists(names, min_size=1, max_size=5))
def test_tables_are_read_back_as_they_were_written(row):
    (read,) = csv.reader(io.StringIO(exports.table([["x", *row]]), newline=""))
    assert read == ["x", *[exports.defused(cell) for cell in row]]


def test_identifiers_of_a_platform_stand_only_where_the_platform_gave_them():
    row = {"student": "mallory_4711", "status": "graded", "points": 1, "max_points": 2, "sentence": ""}
    for platform, canvas_id, identifier in (
        ({}, "", "mallory_4711"),
        ({"canvas_id": "12"}, "12", "mallory_4711"),
        ({"moodle_id": "1001"}, "", "Participant 1001"),
    ):
        filled = row | {"platform": platform, "name": "Mal Lory"}
        assert list(canvas.rows([filled], "Sheet"))[2][:2] == ["Mal Lory", canvas_id]
        assert list(moodle.rows([filled]))[1][:2] == [identifier, "Mal Lory"]


# --- What cannot be written ----------------------------------------------------------------------------


def test_a_file_in_the_way_is_said_with_its_place_and_the_old_one_stays(tmp_path):
    (tmp_path / "there.csv").mkdir()
    with pytest.raises(CannotWrite, match=r"there\.csv cannot be written"):
        write_text(tmp_path / "there.csv", "x")
    (tmp_path / "kept.csv").write_text("old")
    (tmp_path / "kept.csv.part").mkdir()
    with pytest.raises(CannotWrite, match=r"kept\.csv cannot be written"):
        write_text(tmp_path / "kept.csv", "new")
    assert (tmp_path / "kept.csv").read_text() == "old"


def test_a_link_in_the_place_of_a_half_written_file_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "grades.csv.part").symlink_to(tmp_path / "elsewhere")
    write_text(tmp_path / "grades.csv", "new")
    assert (tmp_path / "elsewhere").read_text() == "mine" and (tmp_path / "grades.csv").read_text() == "new"


def test_a_disk_that_fills_up_is_a_sentence_with_the_path(tmp_path):
    with Store(tmp_path / "grades.sqlite") as store:
        store.put("digest", {"student": "ann"})
        store.connection.execute("PRAGMA max_page_count = 1")  # SQLite answers as on a full disk
        with pytest.raises(CannotWrite, match=r"grades\.sqlite cannot be written \(the disk is full\).*is kept"):
            for i in range(100):
                store.put("digest", {"student": f"bob{i}", "text": "x" * 4000})
        assert store.known()["ann"] == "digest"


@contextmanager
def small_disk(folder, size):
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], stderr=subprocess.DEVNULL
    ):
        pytest.skip("a file system of its own cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.call(["umount", "--lazy", str(folder)])


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system")
@pytest.mark.parametrize("room", ["32k", "44k", "64k"])
def test_a_full_disk_costs_nothing_once_there_is_room(graded, submissions, tmp_path, room):
    reference, summary = graded
    with small_disk(tmp_path / "small", room) as disk:
        ballast = disk / "ballast"
        with pytest.raises(ValueError, match=r"small.*cannot be written") as failure:
            ballast.write_bytes(b"x" * 12_000)
            grade(submissions, disk / "out")
        assert "Traceback" not in str(failure.value)
        ballast.unlink()
        subprocess.check_call(["mount", "-o", "remount,size=8m", str(disk)])
        assert grade(submissions, disk / "out").rows == summary.rows
        assert (disk / "out" / "grades.csv").read_bytes() == (reference / "grades.csv").read_bytes()
