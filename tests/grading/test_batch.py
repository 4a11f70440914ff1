"""A class: one row each, the same bytes every time, whatever interrupts the run."""

import csv
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from course_lib.grading import batch, marking, plan
from course_lib.grading.batch import NotGraded, grade_folder
from course_lib.grading.confinement import best_level
from course_lib.grading.exports import defused
from course_lib.grading.intake import NoSubmissions
from course_lib.grading.private import file_name
from tests.grading.handed_in import (
    AHEAD,
    FULL,
    GLIDE,
    PAIR,
    QUICK,
    RIGHT,
    SEED,
    SETUP,
    STUB,
    TOYS,
    WRONG_GLIDE,
    notebook,
)

CLASS = {
    "ann.ipynb": notebook(*RIGHT),
    "bob/03_momentum.ipynb": notebook(SETUP, GLIDE),
    "cem.ipynb": notebook(SETUP, WRONG_GLIDE, AHEAD),
    "dora.ipynb": b'{"cells": [',
    "=eve.ipynb": notebook(SETUP, STUB),
    "<b>fay.ipynb": notebook(SETUP, GLIDE.replace("- learning", "+ learning"), PAIR),
    "gus.ipynb": notebook("raise ValueError('<script>alert(1)</script>')", GLIDE),
}


def handed_in(folder):
    for name, data in CLASS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture
def submissions(tmp_path):
    return handed_in(tmp_path / "submissions")


class Graded(NamedTuple):
    """A class that was graded once: not to be written to."""

    out: Path
    summary: batch.Summary
    told: list
    seconds: float


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder, told, began = tmp_path_factory.mktemp("graded"), [], time.monotonic()
    summary = grade(handed_in(folder / "in"), folder / "out", progress=lambda *now: told.append(now))
    return Graded(folder / "out", summary, told, time.monotonic() - began)


@pytest.fixture
def out(graded, tmp_path):
    """Its results, in a folder of one's own."""
    return shutil.copytree(graded.out, tmp_path / "out")


def grade(submissions, out, **more):
    return grade_folder(submissions, out, **{"seed": SEED, "limits": QUICK, **more})


def results(out):
    """All that a run wrote, but for the working file: ``{name: bytes}``."""
    files = [path for path in sorted(Path(out).rglob("*")) if path.is_file()]
    return {str(p.relative_to(out)): p.read_bytes() for p in files if not p.name.startswith("grades.sqlite")}


def table(path):
    return {row["student"]: row for row in csv.DictReader(path.read_text().splitlines())}


def test_one_row_for_every_student(graded):
    rows, summary = table(graded.out / "grades.csv"), graded.summary
    assert set(rows) == {"ann", "bob", "cem", "dora", "'=eve", "<b>fay", "gus"}
    assert rows["ann"]["points"] == f"{FULL:g}"
    assert rows["dora"]["status"] == "unreadable" and rows["dora"]["points"] == "0"
    assert {row["sandbox"] for row in rows.values()} == {summary.level}
    assert [now[:2] for now in graded.told] == [(i, 7) for i in range(1, 8)]
    assert "assignment 90" in str(summary) and summary.level in str(summary)


def test_the_assignment_is_found_out_or_named(graded, submissions, tmp_path):
    named = grade(submissions, tmp_path / "named", assignment="90_toy")
    assert named.rows == graded.summary.rows
    with pytest.raises(NotGraded, match="no assignment '77'"):
        grade(submissions, tmp_path / "x", assignment="77")


def test_an_assignment_nobody_can_tell_is_asked_for(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(notebook("x = 1"))
    with pytest.raises(NotGraded, match="--assignment 03"):
        grade(tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_writes_the_same_bytes_and_two_workers_too(graded, submissions, tmp_path, workers):
    grade(submissions, tmp_path / "again", workers=workers)
    assert results(tmp_path / "again") == results(graded.out)


def test_a_second_run_marks_nothing_twice_and_only_what_changed(submissions, tmp_path):
    first = grade_folder(submissions, tmp_path / "out", limits=QUICK)
    before = results(tmp_path / "out")
    again = grade_folder(submissions, tmp_path / "out", limits=QUICK)
    assert (first.graded_now, again.graded_now) == (7, 0)
    assert results(tmp_path / "out") == before and again.seed == first.seed
    (submissions / "cem.ipynb").write_bytes(notebook(*RIGHT))
    (submissions / "gus.ipynb").unlink()
    third = grade_folder(submissions, tmp_path / "out", limits=QUICK)
    assert third.graded_now == 1
    rows = table(tmp_path / "out" / "grades.csv")
    assert rows["cem"]["points"] == f"{FULL:g}" and "gus" not in rows


def test_another_seed_marks_anew(out, submissions):
    assert grade(submissions, out).graded_now == 0
    assert grade(submissions, out, seed=SEED + 1).graded_now == 7


def test_a_new_run_draws_a_secret_seed_that_only_the_lecturer_s_files_hold(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_bytes(notebook(SETUP, WRONG_GLIDE))
    one = grade_folder(tmp_path / "in", tmp_path / "one", limits=QUICK)
    two = grade_folder(tmp_path / "in", tmp_path / "two", limits=QUICK)
    assert one.seed != two.seed
    holding = {name for name, data in results(tmp_path / "one").items() if str(one.seed).encode() in data}
    assert holding == {"run.json"}


def test_ctrl_c_keeps_what_was_marked(graded, submissions, tmp_path):
    def stop(done, total, student):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(submissions, tmp_path / "out", progress=stop)
    assert grade(submissions, tmp_path / "out").graded_now == 4
    assert results(tmp_path / "out") == results(graded.out)


def test_killed_at_random_moments_it_goes_on_and_ends_with_the_same_bytes(graded, submissions, tmp_path):
    code = (
        "from course_lib.grading import grade_folder; from course_lib.grading.process import Limits\n"
        f"grade_folder({str(submissions)!r}, {str(tmp_path / 'out')!r}, seed={SEED}, limits=Limits(**{vars(QUICK)}))"
    )
    command = [sys.executable, "-c", code]
    rng = random.Random(11)
    for _ in range(4):
        program = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        time.sleep(rng.uniform(0.2, 1.2 * graded.seconds + 0.6))
        program.send_signal(signal.SIGKILL)
        program.wait()
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True)
    assert results(tmp_path / "out") == results(graded.out)


def test_a_killed_grader_leaves_no_process_behind(submissions, tmp_path):
    (submissions / "ann.ipynb").write_bytes(notebook("while True: pass", GLIDE))
    code = f"from course_lib.grading import grade_folder; grade_folder({str(submissions)!r}, {str(tmp_path / 'out')!r})"
    program = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    until = time.monotonic() + 120
    while not (family := busy_descendants(program.pid)) and program.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    program.kill()
    program.wait()
    until = time.monotonic() + 15  # one that was just starting ends when it looks for its parent
    while [pid for pid in family if alive(pid)] and time.monotonic() < until:
        time.sleep(0.1)
    assert family and not [pid for pid in family if alive(pid)]


def busy_descendants(pid):
    """The processes below one, once the last of them is in the endless loop: it has computed for half a second."""
    family = descendants(pid)
    looping = [child for child in family if not descendants(child) and processor_seconds(child) > 0.5]
    return family if looping and len(family) > 1 else set()


def processor_seconds(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descendants(pid):
    """The processes that a process started, and those that they started."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.split("\n")
    parents = [tuple(map(int, line.split())) for line in found if line.strip()]
    family = {pid}
    for _ in range(4):
        family |= {child for child, parent in parents if parent in family}
    return family - {pid}


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_of_two_files_the_one_with_more_points_counts_and_the_page_says_so(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ann.ipynb").write_bytes(notebook(*RIGHT))
    (folder / "ann (1).ipynb").write_bytes(notebook(SETUP, WRONG_GLIDE))
    (folder / "ann (2).ipynb").write_bytes(notebook(SETUP, STUB))
    (row,) = grade(folder, tmp_path / "out").rows
    assert row["points"] == FULL and row["file"] == "ann.ipynb"
    assert "3 files were handed in. The 2 that" in row["notes"][0] and "ann (1).ipynb: 0" in row["notes"][0]


def test_two_unreadable_files_are_one_row(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ann.ipynb").write_bytes(b"")
    (folder / "ann (1).ipynb").write_bytes(b"{")
    (row,) = grade(folder, tmp_path / "out", assignment="90").rows
    assert row["status"] == "unreadable"


@pytest.mark.parametrize("out", ["file/below", "file"])
def test_a_folder_that_cannot_be_written_is_said(submissions, tmp_path, out):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotGraded, match="cannot be written"):
        grade(submissions, tmp_path / out)


def test_a_working_file_that_is_damaged_is_said(submissions, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "grades.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ValueError, match="damaged or not ours"):
        grade(submissions, tmp_path / "out")


def test_two_runs_into_the_same_folder_do_not_mix(submissions, tmp_path):
    (tmp_path / "out").mkdir()
    other = sqlite3.connect(tmp_path / "out" / "grades.sqlite")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ValueError, match="Another run"):
        grade(submissions, tmp_path / "out")
    other.close()


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True])
def test_a_seed_is_a_whole_number(submissions, tmp_path, seed):
    with pytest.raises(NotGraded, match="whole number"):
        grade(submissions, tmp_path / "out", seed=seed)


def test_without_a_sandbox_no_mark_is_recorded_unless_asked_for(submissions, tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "best_level", lambda **k: best_level(**k, levels=("none",)))
    with pytest.raises(NotGraded, match="--allow-unsafe"):
        grade(submissions, tmp_path / "out")
    assert not (tmp_path / "out" / "grades.csv").exists()
    summary = grade(submissions, tmp_path / "out", allow_unsafe=True)
    assert summary.level == "none" and {row["level"] for row in summary.rows} == {"none"}
    assert {row["student"]: row["points"] for row in summary.rows}["ann"] == FULL


def test_a_failure_of_the_grader_costs_nobody_a_mark(submissions, tmp_path, monkeypatch):
    marked = marking.mark_submission

    def fails(submission, *rest):
        if submission.student == "ann":
            raise OSError("out of something")
        return marked(submission, *rest)

    monkeypatch.setattr(marking, "mark_submission", fails)
    summary = grade(submissions, tmp_path / "out")
    assert [row["student"] for row in summary.failed] == ["ann"]
    row = table(tmp_path / "out" / "grades.csv")["ann"]
    assert (row["status"], row["points"]) == ("grader error", "")
    monkeypatch.undo()
    assert grade(submissions, tmp_path / "out").graded_now == 1
    assert table(tmp_path / "out" / "grades.csv")["ann"]["points"] == f"{FULL:g}"


def test_a_zygote_that_dies_is_started_again(submissions, tmp_path, monkeypatch):
    marked = marking.mark_submission

    def kills(submission, exercises, zygote, *rest):
        if submission.student == "cem" and not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            zygote.program.kill()
        return marked(submission, exercises, zygote, *rest)

    monkeypatch.setattr(marking, "mark_submission", kills)
    assert not grade(submissions, tmp_path / "out").failed


def test_pages_hold_no_markup_of_a_student_s(graded):
    pages = {name: data.decode() for name, data in results(graded.out).items() if name.endswith(".html")}
    assert len(pages) == 8
    for text in pages.values():
        assert "<script" not in text and "<b>" not in text
        assert not re.search(
            r"<(?!/?(?:!doctype|html|head|meta|title|style|body|h1|h2|p|ul|li|strong|span|table|thead|tbody|tr|th|td|pre"
            r"|div|details|summary|code)\b|/?a\b)",
            text,
        )
        for link in re.findall(r"<a ([^>]*)>", text):
            assert re.fullmatch(r'href="feedback/[\w%-]+\.html"', link)
    assert "&lt;script&gt;" in "".join(pages.values())


def test_the_class_page_names_the_mistakes(graded):
    text = (graded.out / "class_report.html").read_text()
    assert "Mistakes the class made" in text and "uphill" in text and "dora" in text


def test_the_class_page_has_title_day_and_a_link_to_every_student_s_page(graded):
    text = (graded.out / "class_report.html").read_text()
    assert "<h1>Assignment 90: " in text
    (day,) = re.findall(r"marked on (\d{4}-\d\d-\d\d)\.", text)
    assert (date.today() - date.fromisoformat(day)).days in (0, 1)
    links = re.findall(r'<a href="([^"]+)">', text)
    assert sorted(links) == sorted(f"feedback/{quote(path.name)}" for path in (graded.out / "feedback").iterdir())


def test_a_page_speaks_of_no_cell_to_be_run(graded):
    for path in (graded.out / "feedback").iterdir():
        assert "run that cell" not in path.read_text()


def test_no_line_of_the_answers_is_in_what_students_see(graded):
    """Feedback never quotes the reference: no line of code of the checks or the optimizers appears in it."""
    sources = [TOYS / "ch90_toy/checks.py", Path(batch.__file__).parents[1] / "optimizers/descent.py"]
    lines = {line.strip() for path in sources for line in path.read_text().splitlines()}
    code = [line for line in lines if re.match(r"(return|def|\w+ = |close|if|for) ?\S", line) and len(line) > 24]
    shown = b"".join(d for name, d in results(graded.out).items() if name.startswith(("feedback", "gradescope")))
    handed_in = b"".join(CLASS.values()).decode()
    assert len(code) > 50
    assert not [line for line in code if line in shown.decode() and line not in handed_in]


def test_gradescope_gets_its_tests(graded):
    found = json.loads((graded.out / "gradescope" / "ann" / "results.json").read_text())
    assert found["score"] == FULL == sum(test["score"] for test in found["tests"])
    assert all(test["visibility"] == "visible" for test in found["tests"])


def test_cells_that_start_a_formula_are_defused():
    assert [defused(cell) for cell in ("=1", "+1", "-1", "@x", "\tx", "a=1", 3)] == [
        *("'=1", "'+1", "'-1", "'@x", "'\tx", "a=1", 3)
    ]


def test_file_names_of_students_are_safe_and_different():
    names = ["ann", "Ann", "a/b", "a_b", "..", "CON" * 60, "é", "=x", ""]
    made = [file_name(name) for name in names]
    assert len({name.lower() for name in made}) == len(names)
    assert all(re.fullmatch(r"[\w.-]{1,100}", name) and not name.startswith(".") for name in made)


def test_no_submissions_is_a_sentence(tmp_path):
    with pytest.raises(NoSubmissions):
        grade_folder(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.environ.get("COURSE_LONG_TESTS") != "1", reason="minutes; set COURSE_LONG_TESTS=1")
def test_500_submissions_take_less_than_three_minutes(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(500):
        (folder / f"s{i:03}.ipynb").write_bytes(notebook(*RIGHT))
    began = time.monotonic()
    summary = grade_folder(folder, tmp_path / "out")
    assert len(summary.rows) == 500 and not summary.failed
    assert time.monotonic() - began < 180


@pytest.mark.parametrize("out", [".", "grades", "anna/../grades", "anna/deep/er", "link/to"])
def test_results_never_lie_among_submissions(out, tmp_path, monkeypatch):
    (tmp_path / "in" / "anna").mkdir(parents=True)
    (tmp_path / "in" / "anna" / "03_momentum.ipynb").write_bytes(notebook(*RIGHT))
    (tmp_path / "link").symlink_to(tmp_path / "in", target_is_directory=True)
    monkeypatch.chdir(tmp_path / ("." if out.startswith("link") else "in"))
    with pytest.raises(NotGraded, match="elsewhere with -o"):
        grade(tmp_path / "in", out)
    assert [path.name for path in (tmp_path / "in").rglob("*")] == ["anna", "03_momentum.ipynb"]


def test_who_has_no_mark_is_named_beside_the_number_of_the_platform(tmp_path):
    for number, data in ((11, notebook(*RIGHT)), (12, b"{")):
        folder = tmp_path / "in" / f"Anna Example_{number}_assignsubmission_file"
        folder.mkdir(parents=True)
        (folder / "a.ipynb").write_bytes(data)
    assert "\n12 (Anna Example): unreadable: " in str(grade(tmp_path / "in", tmp_path / "out"))


def test_all_attempts_of_a_student_are_one_row_with_the_best_of_them(tmp_path):
    folder, front = tmp_path / "in", "03 Momentum_{}_attempt_2026-11-0{}-10-00-00{}"
    folder.mkdir()
    wrong = notebook(SETUP, WRONG_GLIDE, AHEAD, PAIR)
    attempts = {("aexa", 1): wrong, ("aexa", 2): notebook(*RIGHT), ("bexb", 1): notebook(*RIGHT), ("bexb", 2): wrong}
    for (login, day), data in attempts.items():
        (folder / front.format(login, day, "_03_momentum.ipynb")).write_bytes(data)
        (folder / front.format(login, day, ".txt")).write_text("Name: somebody")
    (folder / front.format("cexc", 1, ".txt")).write_text("see mail")
    grade(folder, tmp_path / "out")
    rows = table(tmp_path / "out" / "grades.csv")
    assert {student: (row["points"], row["status"]) for student, row in rows.items()} == {
        "aexa": (f"{FULL:g}", "graded"),
        "bexb": (f"{FULL:g}", "graded"),
        "cexc": ("0", "unreadable"),
    }
