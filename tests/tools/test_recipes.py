"""Every recipe of CONTRIBUTING.md, followed word for word on a copy: added, built, tested, shown, taken away.

What stands on the page is what is done here; ``recipes.py`` says how a page is read. One copy, one environment.
"""

import os
import shutil
import subprocess
import sys

import pytest

from tests.tools.prepared_course import ROOT, give_environment
from tests.tools.recipes import Command, Edit, recipes

RECIPES = recipes((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
LEFT_BEHIND = ("submissions", "grades", "build")  # what commands make for the person; Git ignores it

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands of the recipes are lines of a shell")


def git(folder, *arguments):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
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


def follow(folder, steps, left_out=None):
    """Do all ``steps`` but one; return what went wrong: "" or what was typed and printed."""
    for number, step in enumerate(steps):
        if number == left_out:
            continue
        if isinstance(step, Edit):
            step.apply(folder)
            continue
        code, printed = typed(folder, step.line)
        if code or step.prints not in printed:
            return f"{step.line}\nexit code {code}, {step.prints!r} was to be printed:\n{printed[-3000:]}"
    return ""


def not_up_to_date(folder):
    """What ``build --check`` says of the notebooks that changed and of the pages that run nothing."""
    changed = [line[3:] for line in git(folder, "status", "--porcelain", "-uall").splitlines()]
    notebooks = [name for name in changed if name.endswith(".ipynb") and not name.startswith("exercises/")]
    code, printed = typed(folder, " ".join(["python course.py build --check course_lib", *notebooks]))
    return printed if code else ""


def take_away(folder, steps):
    """Undo what was written by hand, and build the same again, where that is still there."""
    before = [step.file for step in steps if isinstance(step, Edit)]
    for name in before:
        known = subprocess.run(["git", "cat-file", "-e", f"HEAD:{name}"], cwd=folder, capture_output=True)
        if known.returncode:
            (folder / name).unlink(missing_ok=True)
        else:
            git(folder, "checkout", "-q", "--", name)
    for step in steps:
        if isinstance(step, Command) and " build " in step.line:
            paths = [path for path in step.line.split()[3:] if (folder / path).exists()]
            if paths:
                typed(folder, f"python course.py build {' '.join(paths)}")
    for name in LEFT_BEHIND:
        shutil.rmtree(folder / name, ignore_errors=True)


def unchanged(folder):
    return git(folder, "status", "--porcelain", "-uall")


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works_as_it_is_printed_and_leaves_nothing_when_it_is_taken_away(title, copy):
    steps = RECIPES[title]
    try:
        assert follow(copy, steps) == ""
        assert not_up_to_date(copy) == ""
        written = [step.file for step in steps if isinstance(step, Edit) and step.file.endswith(".py")]
        for how in ("check", "format --check"):
            code, printed = typed(copy, f"python -m ruff {how} {' '.join(dict.fromkeys(written))}")
            assert code == 0, printed
    finally:
        take_away(copy, steps)
    assert unchanged(copy) == ""
