"""``course check`` says what ``course grade`` will say: the same points and sentences; exit code 1 if in doubt."""

import pytest

from course_lib.grading import checking
from course_lib.grading.assignment import NotGraded
from course_lib.grading.checking import check_notebook
from course_lib.grading.process import Limits
from course_lib.tools import cli
from tests.grading.handed_in import (
    AHEAD,
    GLIDE,
    PAIR,
    QUICK,
    RIGHT,
    SETUP,
    STUB,
    TOY,
    WRONG_GLIDE,
    notebook,
    points,
)

OTHERS = (AHEAD, PAIR)
OFF_LIMITS = GLIDE.replace('    """One step."""', "    from course_lib.optimizers import Momentum\n    Momentum(0.1)")

# cells, exit code, what is said
NOTEBOOKS = {
    "right": (RIGHT, 0, []),
    "a line for Jupyter": ((f"%matplotlib inline\n{SETUP}", GLIDE, *OTHERS), 0, ["%matplotlib inline"]),
    "a package": (
        (f"import pandas as pd\n{SETUP}", GLIDE, *OTHERS),
        0,
        ["cell 1, line 1: `pandas` is not available"],
    ),
    "long training below": (
        (SETUP, f"{GLIDE}\nwhile True: pass", *OTHERS),
        0,
        ["cell 2, line 5 took too long", "nothing else is lost"],
    ),
    "a set-up cell that stopped": (
        (f"{SETUP}\ntable = open('data.csv')", GLIDE, *OTHERS),
        1,
        ["cell 1, line 6 stopped with FileNotFoundError", "nothing else is lost"],
    ),
    "a broken line below a function": (
        (SETUP, f"{GLIDE}\nprint 'done'", *OTHERS),
        1,
        ["cell 2, line 5 is not Python: Missing parentheses", "nothing else is lost"],
    ),
    "a broken function": (
        (SETUP, GLIDE.replace("theta +", "theta + +)"), *OTHERS),
        1,
        ["90-1", "There is no function `glide_step`, because of this: cell 2, line 4 is not Python"],
    ),
    "a renamed function": (
        (SETUP, GLIDE.replace("glide_step", "glide_stepp"), *OTHERS),
        1,
        ["There is no function `glide_step`", "There is a function `glide_stepp`"],
    ),
    "a deleted cell": ((SETUP, GLIDE, *OTHERS[:1]), 1, ["90-3", "There is no function `rate_pair`"]),
    "two broken cells": (
        (SETUP, f"{GLIDE}\nprint 'x'", AHEAD.replace("ahead_step", "step"), *OTHERS[1:]),
        1,
        ["There is no function `ahead_step`: was its cell deleted", "cell 2, line 5 is not Python"],
    ),
    "a stub": ((SETUP, STUB, *OTHERS), 1, ["Not written yet"]),
    "wrong": ((SETUP, WRONG_GLIDE, *OTHERS), 1, ["✗"]),
    "what is off limits, inside": ((SETUP, OFF_LIMITS, *OTHERS), 1, ["off limits"]),
    "what is not there, inside": (
        (SETUP, GLIDE.replace("    velocity =", "    import pandas\n    velocity =", 1), *OTHERS),
        1,
        ["No module named 'pandas' in grading"],
    ),
    "nothing but text cells": (
        (("raw", GLIDE), ("markdown", AHEAD)),
        1,
        ["cell 1, which defines it, is a Raw cell", "cell 2, which defines it, is a Markdown cell"],
    ),
    "nothing but a broken function": (
        (GLIDE.replace("return", "return return"),),
        1,
        ["because of this: cell 1, line 4"],
    ),
}


@pytest.fixture
def check(tmp_path, monkeypatch, zygote):
    """``check(*cells)``: what ``check_notebook`` finds, in little time; the children are those of all tests."""

    class Lent:
        def __enter__(self):
            return zygote

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(checking, "best_level", lambda **_: (Lent(), []))
    monkeypatch.setattr(Limits, "of", classmethod(lambda *_: QUICK))
    path = tmp_path / "03_momentum.ipynb"

    def check(*cells):
        path.write_bytes(notebook(*cells))
        return path, check_notebook(path)

    return check


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_check_gives_the_points_and_the_words_of_grade(check, mark, capsys, kind):
    cells, code, said = NOTEBOOKS[kind]
    path, found = check(*cells)
    row = mark(*cells, exercises=TOY)
    assert {report.exercise_id: report.points for report in found.reports} == points(row)
    assert [list(why) for why in found.missing] == [exercise["notes"] for exercise in row["exercises"]]
    assert list(found.notes) == row["notes"]
    assert found.well == (code == 0)
    assert cli.main(["check", str(path)]) == code
    shown = capsys.readouterr().out
    assert all(words in shown for words in said), shown
    for exercise in TOY:
        assert exercise.id in shown


def test_a_notebook_with_nothing_of_an_exercise_is_told_so(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(notebook("x = 1"))
    with pytest.raises(NotGraded, match="no function of an exercise"):
        check_notebook(path)
    path.write_bytes(b"{")
    with pytest.raises(ValueError, match="damaged"):
        check_notebook(path)
