"""course feedback: the words of a student's page, and nothing that is secret; grading on other systems."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.grading.batch import grade_folder
from course_lib.tools import cli
from tests.grading.handed_in import AHEAD, QUICK, RIGHT, SEED, SETUP, STUB, WRONG_GLIDE, notebook

ROOT = Path(__file__).parents[2]
CLASS = {
    "ann": notebook(*RIGHT),
    "Bob": notebook(SETUP, WRONG_GLIDE, AHEAD, "1 / 0"),
    "cem": b'{"cells": [',
    "dora": notebook(SETUP, STUB),
}


@pytest.fixture(scope="module")
def grades(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feedback")
    (folder / "in").mkdir()
    for name, data in CLASS.items():
        (folder / "in" / f"{name}.ipynb").write_bytes(data)
    grade_folder(folder / "in", folder / "grades", assignment="90", seed=SEED, limits=QUICK, allow_unsafe=True)
    return folder / "grades"


def shown(student, grades, capsys):
    assert cli.main(["feedback", student, "--grades", str(grades)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("student", CLASS)
def test_it_says_all_that_the_page_says(student, grades, capsys):
    text = shown(student, grades, capsys)
    page = Path(re.search("As a page: (.*)", text)[1]).read_text()
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    pieces = [
        html.unescape(re.sub(r"<[^>]*>", "", piece)) for piece in re.split(r"</?(?:h\d|p|li|pre|th|strong)\b", body)
    ]
    pieces = [re.sub(r"\W+", " ", piece.rpartition(">")[2]).strip() for piece in pieces]
    flat = re.sub(r"\W+", " ", text)
    said = [
        piece
        for piece in pieces
        if len(piece) > 12 and not re.match("(passed|failed) |.*run (in|without) a sandb", piece)
    ]
    assert len(said) >= 2
    assert not [piece for piece in said if piece not in flat]
    assert str(SEED) not in text


def test_upper_and_lower_case_are_the_same_and_near_names_are_named(grades, capsys):
    assert re.match(r"Bob: \d+ of \d+ points\n", shown("bob", grades, capsys))
    assert cli.main(["feedback", "anne", "--grades", str(grades)]) == 2
    assert "Did you mean ann?" in capsys.readouterr().err


def test_a_folder_without_results_and_a_damaged_file_are_sentences(tmp_path, capsys):
    assert cli.main(["feedback", "ann", "--grades", str(tmp_path)]) == 2
    assert "no results of ann in" in capsys.readouterr().err
    (tmp_path / "grades.sqlite").write_bytes(b"nonsense" * 100)
    assert cli.main(["feedback", "ann", "--grades", str(tmp_path)]) == 2
    assert "damaged or not ours" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grades.sqlite"]


ELSEWHERE = """
import sys
sys.platform = {platform!r}
for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
from course_lib.tools.cli import main
sys.exit(main({arguments!r}))
"""


def elsewhere(platform, *arguments):
    """A command as a system without these modules and without a sandbox would run it."""
    code = ELSEWHERE.format(platform=platform, arguments=[str(argument) for argument in arguments])
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_without_a_sandbox_for_the_system_one_sentence_says_what_to_do(platform, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_bytes(CLASS["ann"])
    done = elsewhere(platform, "grade", tmp_path / "in", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "no mark was recorded" in done.stderr and "WSL" in done.stderr and platform in done.stderr
    assert not (tmp_path / "out" / "grades.csv").exists()
    done = elsewhere(platform, "grade", tmp_path / "in", "-o", tmp_path / "out", "--allow-unsafe")
    assert done.returncode == 0 and "Sandbox: none" in done.stdout, done.stderr


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_students_can_check_on_their_own_system(platform, tmp_path):
    (tmp_path / "mine.ipynb").write_bytes(notebook(*RIGHT))
    done = elsewhere(platform, "check", tmp_path / "mine.ipynb")
    assert done.returncode == 0 and "visible checks passed" in done.stdout, done.stderr
