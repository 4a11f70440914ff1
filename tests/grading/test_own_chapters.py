"""Chapters that lie outside the course are checked and graded as its own; and the toy assignment is a sound one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import chapters
from course_lib.checks import asked
from course_lib.grading.assignment import exercises_of
from course_lib.grading.plan import fingerprint
from course_lib.grading.texts import texts_behind
from tests.grading.handed_in import RIGHT, TOY, TOYS, notebook

ROOT = Path(__file__).parents[2]


def course(*arguments, own=TOYS):
    """A command of the course in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "course_lib.tools.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, chapters.OWN: str(own)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("exercise", TOY, ids=lambda exercise: exercise.id)
def test_a_mistake_of_the_toy_fails_exactly_its_checks_and_is_named(exercise):
    for mistake in exercise.mistakes:
        for seed in range(20):
            report = exercise.run(mistake.function, seed)
            failed = {result.title: result.mistake for result in report.results if not result.passed}
            assert mistake.fails and {title for title in failed if failed[title] == mistake.name} == set(mistake.fails)
            assert set(failed) <= {*mistake.fails, *(one.title for one in exercise.checks if one.supporting)}
    assert exercise.points == sum(check.points for check in exercise.checks)


def test_the_exercises_of_such_a_chapter_are_those_of_an_assignment_like_others():
    assert [one.id for one in exercises_of("90")] == ["90-1", "90-2", "90-3"]
    assert {"90-1", "03-1"} <= set(asked())


def test_such_a_chapter_is_unknown_where_nobody_named_its_folder():
    chapters.forget()
    try:
        assert "90-1" not in asked() and "03-1" in asked()
    finally:
        chapters.add(TOYS)


def test_what_its_marks_depend_on_is_its_own_text_too(tmp_path, monkeypatch):
    own = TOYS / "ch90_toy/checks.py"
    assert own in texts_behind(TOY)
    before, read = fingerprint(TOY), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + (b"#" if path == own else b""))
    assert fingerprint(TOY) != before


def test_the_commands_know_it_and_two_workers_too(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("ann", "ben"):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(notebook(*RIGHT))
    checked = course("check", tmp_path / "in/ann.ipynb")
    assert checked.returncode == 0 and "90-3" in checked.stdout, checked.stderr
    graded = course("grade", tmp_path / "in", "-o", tmp_path / "out", "--workers", 2, "--allow-unsafe")
    assert graded.returncode == 0 and "2 students, assignment 90: 2 graded" in graded.stdout, graded.stderr


WRONG = {
    "nowhere": ([], "no folder in it is a chapter"),
    "no chapter": (["own/notes.txt"], "no folder in it is a chapter"),
    "a number of the course's": (["own/ch03_mine/__init__.py"], "Chapter 03 is ch03_momentum already"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_folder_that_will_not_do_is_one_sentence(kind, tmp_path):
    files, sentence = WRONG[kind]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    done = course("check", tmp_path / "a.ipynb", own=tmp_path / "own")
    assert done.returncode == 2 and sentence in done.stderr and done.stderr.count("\n") == 1, done.stderr
