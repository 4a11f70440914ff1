"""Statement by statement: one that cannot run takes nothing with it, and has one note."""

from dataclasses import replace

import pytest

from tests.grading.handed_in import (
    AHEAD,
    GLIDE,
    PAIR,
    QUICK,
    SETUP,
    STUB,
    TOY,
    points,
    words,
)

FULL = sum(exercise.points for exercise in TOY)
OTHERS = (AHEAD, PAIR)
PATIENT = replace(QUICK, total_seconds=30)

EXPERIMENTS = {
    "sleeps": "import time\ntime.sleep(6)",
    "trains for 12 s": "import time\nend = time.process_time() + 12\nwhile time.process_time() < end: pass",
    "trains and catches": "while True:\n    try:\n        while True: pass\n    except BaseException: break",
    "never ends": "total = 0\nwhile True: total += 1",
    "never ends, in a function": "def forever():\n    while True: pass\nforever()",
    "never ends, in C": "sum(range(10**12))",
    "catches everything, for ever": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "asks": "rate = float(input('rate? '))\nprint(rate * 2)",
    "waits": "import threading\nthreading.Event().wait(60)",
    "leaves": "import sys\nsys.exit(1)",
    "leaves at once": "import os\nos._exit(1)",
    "leaves twice": "import os\nos._exit(1)\nx = 1\nos._exit(2)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "eats memory": "x = np.ones(2**40)",
    "raises": "1 / 0",
    "uses its timer": "import signal\nsignal.setitimer(signal.ITIMER_PROF, 0.01)\nx = sum(i for i in range(10**6))",
    "breaks its timer": "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass",
    "is not Python": "print 'done'",
}


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_what_stands_below_a_function_costs_nothing(mark, experiment):
    row = mark(SETUP, f"{GLIDE}\n{EXPERIMENTS[experiment]}\nlast = 1", *OTHERS, limits=PATIENT)
    assert row["points"] == FULL, row["notes"]
    assert all("cell 2, line" in note and "othing else is lost" in note for note in row["notes"])
    assert len(row["notes"]) == {"sleeps": 0, "uses its timer": 0, "leaves twice": 2}.get(experiment, 1)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_nor_does_what_stands_above_it(mark, experiment):
    row = mark(SETUP, f"{EXPERIMENTS[experiment]}\n{GLIDE}", *OTHERS, limits=PATIENT)
    assert row["points"] == FULL, row["notes"]


def test_many_of_them_in_one_notebook_cost_nothing(mark):
    slow = "end = __import__('time').process_time() + 12\nwhile __import__('time').process_time() < end: pass"
    cells = [f"{function}\n{slow}" for function in (GLIDE, *OTHERS)]
    row = mark(SETUP, *cells, *[slow] * 10, limits=PATIENT)
    assert row["points"] == FULL and len(row["notes"]) == 13


def test_a_statement_that_was_cut_off_has_left_nothing_behind(mark):
    """What half of a loop has done would depend on the computer."""
    count = "count = 0\nwhile True: count += 1"
    answer = GLIDE.replace("    return", "    assert count == 0\n    return")
    assert mark(SETUP, count, answer, *OTHERS)["points"] == FULL


CAUSES = {
    "table = open('data.csv').read()\nrows = table.split()\nfirst = rows[0] + 1\nprint(first)": 1,
    "import pandas as pd\ndf = pd.read_csv('x')\nassert df.shape == (3, 4)\nnp.arange(df.n + 1)": 1,
    "x = undefined + 1\ny = x * 2\nprint(undefined)\nz = [undefined for _ in range(3)]": 1,
    "import math, pandas, json\nassert math.pi > json.loads('3')": 1,
    "from math import pi, nonsense\nassert pi > 3": 1,
    "import pandas\nimport seaborn\nimport kaggle, wandb": 1,
    "1 / 0\n[][0]": 2,
    "x = int('a')\ny = int('b')": 2,
    "try:\n    import pandas\nexcept ImportError:\n    pandas = None\nassert pandas is None": 0,
    "x = later\nlater = 1": 0,
    "x = 1\nx = 1 / 0\nassert x == 1": 1,
}


@pytest.mark.parametrize("cell", CAUSES)
def test_one_cause_has_one_note(mark, cell):
    row = mark(SETUP, cell, GLIDE, *OTHERS)
    assert row["points"] == FULL
    assert len(row["notes"]) == CAUSES[cell], row["notes"]


def test_the_note_names_cell_line_and_code_and_what_it_costs(mark):
    (note,) = mark(SETUP, GLIDE, "# words\nx = [1, 2]\nx[5] + (\n    3)\ny = 4", *OTHERS)["notes"]
    assert note.startswith("cell 3, line 3 stopped with IndexError: list index out of range (`x[5] + (`).")
    assert note.endswith("It was left out; nothing else is lost.")


def test_cells_keep_their_future(mark):
    late = f"x = 1\nfrom __future__ import annotations\n{GLIDE.replace('theta,', 'theta: Undefined,', 1)}"
    row = mark(SETUP, late, AHEAD.replace("velocity,", "velocity: AlsoUndefined,", 1), *OTHERS[1:])
    assert row["points"] == FULL and not row["notes"]


def test_what_is_awaited_at_the_top_runs_and_waits_for_nothing(mark):
    cell = "import asyncio\nasync def rate():\n    await asyncio.sleep(3600)\n    return 2\nscale = await rate() / 2"
    answer = GLIDE.replace("return theta", "return scale * theta")
    row = mark(SETUP, cell, answer.replace("scale * theta + velocity", "scale * (theta + velocity)"), *OTHERS)
    assert row["points"] == FULL and not row["notes"]


def test_a_wait_for_what_never_comes_is_left_out(mark):
    row = mark(SETUP, f"{GLIDE}\nimport asyncio\nawait asyncio.Event().wait()", *OTHERS)
    assert row["points"] == FULL and len(row["notes"]) == 1


@pytest.mark.parametrize("head", ["@undefined", "@undefined(3)", "@np.nothing", "@(1 / 0)"])
def test_a_function_outlives_its_decorator(mark, head):
    row = mark(SETUP, f"{head}\n{GLIDE}", *OTHERS)
    assert row["points"] == FULL
    assert len(row["notes"]) == 1 and "counts without its decorators" in row["notes"][0]


def test_a_function_outlives_its_annotations(mark):
    row = mark(SETUP, GLIDE.replace("theta,", "theta: Array,", 1).replace("momentum):", "momentum) -> Pair:"), *OTHERS)
    assert row["points"] == FULL and len(row["notes"]) == 1


def test_of_two_broken_cells_the_right_one_is_named(mark):
    row = mark(SETUP, f"{GLIDE}\nprint 'x'", AHEAD.replace("ahead_step", "ahead_stepp"), *OTHERS[1:])
    notes = {exercise["id"]: exercise["notes"] for exercise in row["exercises"]}
    assert points(row)["90-1"] == TOY[0].points and points(row)["90-2"] == 0
    assert notes["90-1"] == []
    assert notes["90-2"] == [
        "There is no function `ahead_step`: was its cell deleted, or the function renamed? "
        "There is a function `ahead_stepp`."
    ]


def test_a_function_with_a_fault_inside_is_missed_for_that_reason(mark):
    row = mark(SETUP, "x = 1\n" + AHEAD.replace("return", "return return"), GLIDE.replace("theta +", "theta + +)"))
    notes = {exercise["id"]: exercise["notes"] for exercise in row["exercises"]}
    assert "because of this: cell 2, line 4 is not Python" in notes["90-2"][0]
    assert "because of this: cell 3, line 4 is not Python" in notes["90-1"][0]
    assert "renamed" in notes["90-3"][0]


@pytest.mark.parametrize("spoilt", ["\u200bdef", "\ufeffdef", "def\u00a0", "In [1] def"])
def test_signs_that_python_refuses_are_the_reason_and_no_guess_is_made(mark, spoilt):
    row = mark(SETUP, GLIDE.replace("def ", spoilt if spoilt.endswith("\u00a0") else f"{spoilt} ", 1), *OTHERS)
    (told,) = row["exercises"][0]["notes"]
    assert "because of this: cell 2, line 1 is not Python" in told and "deleted" not in told


@pytest.mark.parametrize("stub", [(), (STUB,)])
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_function_in_a_text_cell_is_missed_for_that_reason(mark, kind, stub):
    row = mark(SETUP, (kind, GLIDE), *stub, *OTHERS)
    told = " ".join(row["exercises"][0]["notes"])
    assert f"ell 2, which defines it, is a {kind.capitalize()} cell and does not run" in told, told
    assert "Esc, then Y" in told and "deleted" not in told and row["points"] == FULL - TOY[0].points


@pytest.mark.parametrize("prompts", [("In [1]: ", "   ...: "), ("In [12]: ", ""), (">>> ", "... ")])
def test_prompts_that_were_copied_with_it_are_taken_off(mark, prompts):
    first, rest = prompts
    head, *lines = GLIDE.split("\n")
    assert mark(SETUP, "\n".join([first + head, *(rest + line for line in lines)]), *OTHERS)["points"] == FULL


def test_a_definition_that_stops_is_missed_for_that_reason(mark):
    row = mark(SETUP, GLIDE.replace("momentum):", "momentum=1 / 0):"), *OTHERS)
    assert points(row)["90-1"] == 0
    assert "because of this: cell 2, line 1 stopped with ZeroDivisionError" in row["exercises"][0]["notes"][0]


ANSWERS = {
    "a figure": "plt.gca()",
    "what is not available": "pd.Series(theta), velocity",
    "computed with it": "theta + pd.shift, velocity",
    "in a list": "[theta, [velocity, pd.x]]",
    "in an array": "np.array([pd.x, theta], dtype=object)",
    "what was left out": "table * theta, velocity",
    "a module": "pd",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_stand_in_is_never_an_answer_and_the_sentence_names_it(mark, answer):
    cell = f"import pandas as pd\ntable = np.load('table.npy')\n{GLIDE.split('    velocity')[0]}"
    row = mark(SETUP, f"{cell}    return {ANSWERS[answer]}", *OTHERS)
    assert points(row)["90-1"] == 0 and row["points"] == FULL - TOY[0].points
    assert "what came out is a stand-in for" in words(row["exercises"][0])


@pytest.mark.parametrize(
    "answer", ["float(pd.x)", "np.asarray(pd.x)", "pd.x == theta", "len(pd.x)", "np.float64(pd.x)"]
)
def test_nor_is_a_number_made_of_one(mark, answer):
    cell = f"import pandas as pd\n{GLIDE.split('    velocity')[0]}    return {answer}, {answer}"
    assert points(mark(SETUP, cell, *OTHERS))["90-1"] == 0
