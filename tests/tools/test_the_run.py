"""The run of the tests itself: spread over processes, nothing computed twice, accounted for, nothing left running."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.checks import EXERCISES
from course_lib.claims import CLAIMS, Claim
from tests import sample
from tests.run_once import share_claims
from tests.side_by_side import part_of, urgency

ROOT = Path(__file__).parents[2]
CONFTEST = """
import pytest
from tests import account, side_by_side
from tests.run_once import Once, shared_folder

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(account.Account())

@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return side_by_side.scheduler(config, log)

def pytest_collection_modifyitems(config, items):
    side_by_side.sort(config, items)

@pytest.fixture(scope="session")
def once(tmp_path_factory):
    return Once(shared_folder(tmp_path_factory) / "once")
"""
LEFT = """
import subprocess, sys

def test_something():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep({seconds})"], start_new_session=True)
"""
TWICE = """
import os, pathlib, time, pytest

@pytest.mark.parametrize("chapter", ["ch01_a", "ch02_b", "ch03_c", "ch04_d"])
def test_it(chapter, once):
    def compute():
        time.sleep(0.5)
        with open("computed", "a") as file:
            file.write("x")
        return {"answer": 42}

    assert once("it", compute) == {"answer": 42}
    with open("ran", "a") as file:
        file.write(f"{os.getpid()} ")
"""

FICKLE = """
import pathlib, pytest

@pytest.mark.clock
def test_first_time_late():
    tried = pathlib.Path("tried")
    late = not tried.exists()
    tried.touch()
    assert not late
"""


def run(folder, *arguments, **files):
    """pytest on a folder with these files, run by the project's own plugins; to load others takes longer than that."""
    for name, text in {"conftest": CONFTEST, **files}.items():
        (folder / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-p", "no:cacheprovider"]
    command += ["--basetemp", str(folder / "temp"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_process_that_is_left_running_fails_the_run_and_is_named(tmp_path):
    done = run(tmp_path, test_left=LEFT.format(seconds=25))
    assert done.returncode == 1 and "1 passed" in done.stdout
    assert "left running:" in done.stdout and "time.sleep(25)" in done.stdout


def test_a_process_that_is_about_to_end_is_waited_for(tmp_path):
    done = run(tmp_path, test_left=LEFT.format(seconds=2))
    assert done.returncode == 0 and "left running" not in done.stdout


@pytest.mark.parametrize("side_by_side", [(), ("-n", "2", "--dist", "loadfile")], ids=len)
def test_what_measures_time_may_fail_beside_others_and_pass_alone_and_that_is_said(tmp_path, side_by_side):
    done = run(tmp_path, *side_by_side, test_fickle=FICKLE)
    assert done.returncode == 0, done.stdout
    assert "failed beside others, and passed alone: test_fickle.py::test_first_time_late" in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        FICKLE.replace("not late", "False"),
        FICKLE.replace("@pytest.mark.clock", ""),
        FICKLE + "\ndef test_other(): assert False\n",
        FICKLE + "\ndef test_other(no_such_fixture): pass\n",
        FICKLE + "\n@pytest.mark.clock\n@pytest.mark.parametrize('n', range(4))\ndef test_many(n): assert False\n",
        FICKLE + LEFT.format(seconds=25),
    ],
    ids=["fails again", "no mark", "another fails", "an error", "many", "left running"],
)
def test_nothing_else_gets_a_second_chance(tmp_path, text):
    done = run(tmp_path, test_fickle=text)
    assert done.returncode == 1 and "passed alone" not in done.stdout


def test_the_last_lines_say_what_ran_what_was_skipped_and_how_much_memory(tmp_path):
    (tmp_path / "tests" / "chapters" / "ch01").mkdir(parents=True)
    text = "import pytest\ndef test_it():\n    pytest.skip('there is no card')\ndef test_other():\n    pass\n"
    (tmp_path / "tests" / "chapters" / "ch01" / "test_card.py").write_text(text)
    said = run(tmp_path).stdout.partition("what ran")[2]
    assert "2 cases  tests/chapters\n" in said and "1 passed, 1 skipped" in said
    assert "1 skipped: there is no card" in said and "GB of memory" in said


def test_what_takes_long_is_computed_once_and_the_cases_of_chapters_are_spread(tmp_path):
    done = run(tmp_path, "-n", "2", "--dist", "loadfile", test_twice=TWICE)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "computed").read_text() == "x"
    workers = (tmp_path / "ran").read_text().split()
    assert len(workers) == 4 and len(set(workers)) == 2


def test_a_claim_that_was_run_is_read_by_a_kernel_that_shares_it(tmp_path, monkeypatch):
    monkeypatch.setattr(Claim, "run", Claim.run)  # to be put back
    claim, alone = CLAIMS["C-01-1"], CLAIMS["C-01-1"].run()
    share_claims(tmp_path / "once")
    ran, read = claim.run(), replace(claim, experiment=lambda: pytest.fail("it is run again")).run()
    assert str(read) == str(ran) == str(alone) and read.verdict == alone.verdict


@pytest.mark.parametrize(
    ("nodeid", "part"),
    [
        ("tests/kit/a.py::test_it", "tests/kit/a.py"),
        ("tests/kit/a.py::test_it[05-4]", "tests/kit/a.py 05"),
        ("tests/kit/a.py::test_it[05-4 first moment kept]", "tests/kit/a.py 05"),
        ("tests/kit/a.py::test_it[nan-05-4]", "tests/kit/a.py 05"),
        ("tests/kit/a.py::test_it[C-05-12-changes3-holds]", "tests/kit/a.py 05"),
        ("tests/kit/a.py::test_it[ch10_cnn_training]", "tests/kit/a.py 10"),
        ("tests/kit/a.py::test_it[0.5-200]", "tests/kit/a.py"),
        ("notebooks/05_adaptive.ipynb::Cell 3", "notebooks/05_adaptive.ipynb"),
    ],
)
def test_the_cases_of_a_file_and_chapter_stay_together(nodeid, part):
    assert part_of(nodeid) == part


def test_a_sample_tries_everything_somewhere_and_something_everywhere():
    things = range(50)
    assert {thing for place in range(3, 7) for thing in sample.turn(things, place)} == set(things)
    assert all(sample.turn("ab", place) for place in range(200)) and sample.turn([], 3) == []
    assert {seed for id in EXERCISES for seed in sample.seeds(id)} == set(sample.SEEDS)
    assert {len(sample.seeds(id)) for id in EXERCISES} == {sample.ENOUGH}


def test_what_is_left_to_the_night_is_marked_so_and_nothing_else():
    cases = sample.one_in_four("abcdefgh", lambda case: case == "c")
    marked = {case.values[0] for case in cases if not isinstance(case, str)}
    assert marked == set("bdfgh") and [getattr(case, "values", case)[0] for case in cases] == list("abcdefgh")


def test_what_takes_long_begins_first():
    assert urgency("tests/grading/test_batch.py") < urgency("notebooks/05_adaptive.ipynb") < urgency("tests/kit/a.py")
