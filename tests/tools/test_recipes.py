"""Every recipe of CONTRIBUTING.md, followed word for word on a copy: added, built, tested, shown, taken away.

What stands on the page is what is done here; ``recipes.py`` says how a page is read. One copy, one environment.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample import one_in_four
from tests.tools.prepared_course import ROOT, give_environment
from tests.tools.recipes import Command, Edit, recipes, replaced

RECIPES = recipes((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
LEFT_BEHIND = ("submissions", "grades", "build")  # what commands make for the person; Git ignores it

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands of the recipes are lines of a shell")


def git(folder, *arguments):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def copy(repository):
    """The copy, which is as it was afterwards, whatever a test left behind."""
    yield repository
    git(repository, "reset", "-q", "--hard")
    git(repository, "clean", "-fdq")
    for name in LEFT_BEHIND:
        shutil.rmtree(repository / name, ignore_errors=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """The repository as it is now, in Git, with an environment."""
    folder = tmp_path_factory.mktemp("recipes") / "course"
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the course")
    return give_environment(folder)


def typed(folder, line):
    """Exit code and output of a line that is typed in the course's folder."""
    env = {
        **os.environ,
        "COURSE_PROGRESS": str(folder.parent / "progress.json"),
        "PYTEST_ADDOPTS": "-q -p no:cacheprovider",
    }
    env.pop("COURSE_FOLDER", None)
    line = line.replace("python ", f"{sys.executable} ", 1) if line.startswith("python ") else line
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=env, capture_output=True, encoding="utf-8", errors="replace", timeout=300
    )
    return done.returncode, done.stdout + done.stderr


MADE = re.compile(r"^(\S+\.\w+)  +\w", re.M)  # what ``new`` prints of the files that it made


def follow(folder, steps, left_out=None, made=None):
    """Do all ``steps`` but one; return what went wrong: "" or what was typed and printed. ``made`` gets new files."""
    for number, step in enumerate(steps):
        if number == left_out:
            continue
        if isinstance(step, Edit):
            step.apply(folder)
            continue
        code, printed = typed(folder, step.line)
        if made is not None and " course.py new " in step.line:
            made += MADE.findall(printed)
        if code or step.prints not in printed:
            return f"{step.line}\nexit code {code}, {step.prints!r} was to be printed:\n{printed[-3000:]}"
    return ""


def take_away(folder, steps, made):
    """Undo what was written by hand or made, and build the same again, or the folder of what is gone."""
    before = [*(step.file for step in steps if isinstance(step, Edit)), *made]
    for name in before:
        known = subprocess.run(["git", "cat-file", "-e", f"HEAD:{name}"], cwd=folder, capture_output=True)
        if known.returncode:
            (folder / name).unlink(missing_ok=True)
            if not [path for path in (folder / name).parent.iterdir() if path.name != "__pycache__"]:
                shutil.rmtree((folder / name).parent)
        else:
            git(folder, "checkout", "-q", "--", name)
    for step in steps:
        if isinstance(step, Command) and " build " in step.line:
            paths = [Path(path) for path in step.line.split()[3:] if (folder / path).exists() or "course_lib" in path]
            paths = [str(path if (folder / path).exists() else path.parent) for path in paths]
            if paths:
                typed(folder, f"python course.py build {' '.join(paths)}")


def test_the_edits_of_a_recipe_find_the_lines_that_they_change(copy):
    for steps in RECIPES.values():
        for step in steps:
            if isinstance(step, Edit):
                step.apply(copy)


@pytest.mark.parametrize("title", one_in_four(RECIPES))
def test_a_recipe_works_as_it_is_printed_and_leaves_nothing_when_it_is_taken_away(title, copy):
    steps, made = RECIPES[title], []
    assert follow(copy, steps, made=made) == ""
    files = [*(step.file for step in steps if isinstance(step, Edit)), *made]
    written = [file for file in files if file.endswith(".py")]
    for how in ("check", "format --check"):
        code, printed = typed(copy, f"python -m ruff {how} {' '.join(dict.fromkeys(written))}")
        assert code == 0, printed
    take_away(copy, steps, made)
    assert git(copy, "status", "--porcelain", "-uall") == ""


def test_a_row_that_is_left_out_is_found_by_the_recipes_own_tests(copy):
    steps = RECIPES["A new library module"]
    (row,) = [number for number, step in enumerate(steps) if getattr(step, "how", "") == "In"]
    assert "exit code" in follow(copy, steps, left_out=row)


def test_a_diff_changes_lines_that_are_there_once_and_no_others():
    assert replaced("a\nb\nab\n", "-b\n+c\n") == "a\nc\nab\n"
    assert replaced("a\nb\nc\n", " a\n+x\n@@\n-c\n") == "a\nx\nb\n"
    for text in ("a\n", "b\nb\n"):
        with pytest.raises(AssertionError, match="these lines are there"):
            replaced(text, "-b\n")


def test_a_block_whose_sentence_says_nothing_is_refused():
    page = "## A new thing\n\nPut this somewhere:\n\n```python\nx = 1\n```\n"
    with pytest.raises(AssertionError, match="does not say what the block below it is"):
        recipes(page)
