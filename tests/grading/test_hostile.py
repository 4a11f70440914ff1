"""A class with hostile notebooks: no point, no error of the grader's, no memory, and the next student is unharmed."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_lib.checks import EXERCISES
from course_lib.checks.calls import StudentError
from course_lib.grading.batch import grade_folder
from course_lib.grading.marking import mark_file
from course_lib.grading.session import Session
from tests.grading.handed_in import QUICK, RIGHT, SEED, SETUP, TOY, handed, notebook, words
from tests.grading.hostile import ASKING, CELLS, DYING, LINE, RETURNING, hostile_class

MOST = 500 << 20  # bytes of memory of the grader itself
TIMES = {"cell_seconds": 0.4, "statement_seconds": 0.3, "call_seconds": 0.2, "idle_seconds": 0.3}
HASTY = replace(QUICK, **TIMES, total_seconds=2, waiting_seconds=0.5, aside_seconds=1000, memory=192 << 20)
PEAK = """
import json, sys
from course_lib.grading.batch import grade_folder
from course_lib.grading.process import Limits
grade_folder(sys.argv[1], sys.argv[2], assignment="90", seed=5, limits=Limits(**json.loads(sys.argv[3])))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def folder_of(path, notebooks):
    path.mkdir()
    for name, data in notebooks.items():
        (path / f"{name.replace(' ', '_').replace(',', '')}.ipynb").write_bytes(data)
    return path


def test_there_are_enough_of_them():
    assert len(hostile_class()) == len(ASKING) + len(RETURNING) + len(DYING) + len(CELLS) + 1 > 60


TALKING = ASKING | RETURNING
RIGHT_ONES = {f"{letter} right": notebook(*RIGHT) for letter in "amrsz"}
ALL_RIGHT = {name.replace(" ", "_"): sum(exercise.points for exercise in TOY) for name in RIGHT_ONES}


def folder_with_right_ones(path, is_in):
    """A folder of the hostile notebooks whose names ``is_in`` and of right ones, and how many these are."""
    chosen = {name: data for name, data in hostile_class().items() if is_in(name)} | RIGHT_ONES
    return folder_of(path, chosen), len(chosen)


def earned(rows):
    assert {row["status"] for row in rows} == {"graded"}
    return {row["student"]: row["points"] for row in rows if row["points"]}


def test_a_hostile_class_earns_nothing_and_harms_nobody(tmp_path, zygote):
    """Those that die and those that take their time; right answers stand between them."""
    folder, count = folder_with_right_ones(tmp_path / "in", lambda name: name not in TALKING)
    summary = grade_folder(folder, tmp_path / "out", assignment="90", seed=5, limits=HASTY, workers=4)
    assert len(summary.rows) == count and earned(summary.rows) == ALL_RIGHT


def test_the_grader_takes_little_memory_whatever_it_is_sent_and_says_nothing(tmp_path, zygote):
    """Those that send much, and right ones, marked in a process of its own, whose peak is measured."""
    folder, count = folder_with_right_ones(tmp_path / "in", TALKING.__contains__)
    command = [sys.executable, "-c", PEAK, str(folder), str(tmp_path / "out"), json.dumps(vars(HASTY))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr
    assert int(done.stdout.split()[-1]) * 1024 < MOST
    marked = grade_folder(folder, tmp_path / "out", assignment="90", seed=5, limits=HASTY)
    assert marked.graded_now == 0 and len(marked.rows) == count and earned(marked.rows) == ALL_RIGHT


# Their functions are given arrays, callables among arrays and alone, lists and words, numbers, a generator, a switch.
OF_ALL_KINDS = [EXERCISES[id] for id in ("02-1", "02-3", "02-8", "02-9", "06-1", "06-2", "07-2", "07-3")]


@pytest.mark.parametrize("name", RETURNING)
def test_whatever_an_answer_returns_it_is_a_wrong_answer_with_a_sentence(name, zygote):
    """For functions with different kinds of arguments; no check fails itself and no grader errs."""
    exercises = OF_ALL_KINDS
    body = RETURNING[name].replace("glide_step", exercises[0].function)
    bodies = "\n".join(f"def {exercise.function}(*given):\n    {body}" for exercise in exercises)
    row = mark_file(handed(notebook(SETUP, LINE + "kept = []", bodies)), exercises, zygote, SEED, HASTY)
    assert row["status"] != "grader error"
    for exercise in row["exercises"]:
        assert all(check["sentence"] for check in exercise["checks"] if not check["passed"])


PERMUTATIONS = ["10**8", "10**7", "1e8", "np.float64(1e9)", "10**12", "2**62", "2**64", "np.inf", "np.nan"]


@pytest.mark.parametrize("size", PERMUTATIONS)
def test_a_callable_that_is_asked_for_too_much_refuses_it_in_the_answer_s_own_function(zygote, size):
    exercises = [EXERCISES["02-1"]]
    answer = f"def mini_batches(samples, batch_size, permutation):\n    return [samples[permutation({size})[:3] % 3]]"
    row = mark_file(handed(notebook(SETUP, answer)), exercises, zygote, SEED, QUICK)
    assert (row["status"], row["points"]) == ("graded", 0)
    assert "Error" in words(row) and "machinery" not in words(row)


def test_such_a_refusal_is_an_error_that_can_be_caught_and_the_next_question_is_answered(zygote):
    source = (
        "def f(ask):\n    told = ''\n    try: ask(10**9)\n    except ValueError as error: told = str(error)\n"
        "    return told, ask(3)"
    )
    with Session(zygote, [("cell 1", source)], ["f"], QUICK) as session:
        told, three = session.function("f")(lambda n: np.zeros(int(n)))
    assert "far larger" in told and three.tolist() == [0, 0, 0]


@pytest.mark.parametrize("size", [2_000_000, 3_000_000])
def test_an_answer_that_fits_in_memory_but_not_on_the_line_is_refused_too(zygote, size):
    known = np.arange(3.0)
    source = f"def f(a, ask):\n    try: ask({size})\n    except ValueError: pass\n    return a + ask(0)[0]"
    with Session(zygote, [("cell 1", source)], ["f"], QUICK) as session:
        answered = session.function("f")(known, lambda n: (known, np.zeros(n)))
    assert answered.tolist() == [0, 2, 4]


@pytest.mark.parametrize("kept", ["np.zeros(10**6)", "[0.5] * 15_000", "np.broadcast_to(np.zeros(1), 10**6)"])
def test_what_all_calls_return_together_is_bounded(zygote, kept):
    with Session(zygote, [("cell 1", f"def f(): return {kept}")], ["f"], QUICK) as session:
        function, results = session.function("f"), []
        with pytest.raises(StudentError, match="too much"):
            for _ in range(100):
                results.append(function())
        assert session.function("f")() is not None, "another exercise starts anew"


BEYOND_A_BOUND = """
import numpy as np
from course_lib.grading import memory

def refused(numbers):
    try: return not np.ones(numbers).any()
    except MemoryError: return True

with memory.at_most(32 << 20):
    assert not refused(1 << 20) and refused(8 << 20)
    with memory.at_most(1 << 30):
        assert refused(8 << 20)
assert not refused(8 << 20)
"""


def test_memory_beyond_a_bound_is_refused_within_and_to_be_had_again_afterwards():
    # In a process of its own: what an earlier test gave back to this one is memory that it has already.
    subprocess.run([sys.executable, "-c", BEYOND_A_BOUND], check=True)


def test_no_word_of_a_check_reaches_the_terminal(zygote, capfd, recwarn):
    for body in ("return given[0] * np.inf, given[1] * np.nan", "return given[0] * 1e308, given[1] - 1e308"):
        for chapter in ("03", "06"):
            exercises = [exercise for exercise in EXERCISES.values() if exercise.id.startswith(chapter)]
            bodies = "\n".join(f"def {exercise.function}(*given):\n    {body}" for exercise in exercises)
            mark_file(handed(notebook(SETUP, bodies)), exercises, zygote, SEED, QUICK)
    assert capfd.readouterr().err == "" and not recwarn.list
