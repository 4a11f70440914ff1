"""If it works, look: what the student's own code raises is told as the student's, with the line; ours is not."""

import linecache

import numpy as np
import pytest

from course_lib.checks import EXERCISES
from course_lib.checks import look as look_module
from course_lib.checks.look import look, looks
from tests.kit.checks.answers import ANSWERS

RAISES = {
    "KeyError": "return {}['theta']",
    "IndexError": "return [][3]",
    "ZeroDivisionError": "return 1 / 0",
    "LinAlgError": "return np.linalg.inv(np.zeros((2, 2)))",
    "NameError": "return no_such_name",
    "AttributeError": "return np.no_such_thing",
    "RecursionError": "return answer(*arguments)",
    "TypeError": "return None + 1",
    "ValueError": "return np.zeros(2) + np.zeros(3)",
    "StopIteration": "return next(iter(()))",
    "AssertionError": "assert False",
    "SystemExit": "raise SystemExit(3)",
    "NotImplementedError": "raise NotImplementedError('\"add\" not implemented for Bool')",
}


def written(line, name="<a student's cell>", before="", **names):
    """A function of the student's, whose second line is ``line``."""
    text = f"def answer(*arguments):\n    {before}{line}\n"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space = {"np": np, **names}
    exec(compile(text, name, "exec"), space)
    return space["answer"]


def ready(ids):
    return [
        pytest.param(id, marks=pytest.mark.skipif(not EXERCISES[id].ready, reason="PyTorch is not installed"))
        for id in ids
    ]


@pytest.mark.parametrize("kind", RAISES)
@pytest.mark.parametrize("id", ready(EXERCISES))
def test_what_the_students_code_raises_is_told_as_the_students_with_its_line(id, kind, capsys):
    look(id, written(RAISES[kind]))
    out = capsys.readouterr().out
    assert out.startswith("Nothing to see yet: your function raised ")
    assert kind in out and f"line 2: {RAISES[kind]}" in out and out.count("\n") == 1


@pytest.mark.parametrize("id", ready(EXERCISES))
def test_an_error_that_comes_after_some_calls_is_told_alike(id, capsys):
    """The first calls are right, then the student's code breaks; a look that calls once only draws to its end."""
    calls = []
    function = written(
        "return right(*arguments)", before="count(); ", right=ANSWERS[id][0], count=lambda: broken(calls)
    )
    look(id, function)
    out = capsys.readouterr().out
    assert len(calls) < 2 or ("your function raised KeyError" in out and "line 2" in out)


def broken(calls):
    calls.append(1)
    if len(calls) == 2:
        raise KeyError("second call")


@pytest.mark.parametrize("nonsense", [None, "text", {}, (1, 2, 3, 4, 5, 6, 7), np.zeros(0)], ids=repr)
@pytest.mark.parametrize("id", ready(EXERCISES))
def test_what_cannot_be_drawn_is_said_in_one_line_or_drawn(id, nonsense, capsys):
    look(id, lambda *arguments: nonsense)
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize("error", [KeyError, ValueError, NameError, NotImplementedError])
def test_what_the_drawing_itself_raises_is_not_blamed_on_the_student(error, monkeypatch):
    def fails(function):
        raise error("ours")

    monkeypatch.setattr(look_module, "looks", lambda: {"00-1": fails})
    with pytest.raises(error, match="ours"):
        look("00-1", lambda *arguments: None)


def test_an_exercise_without_a_look_is_not_blamed_on_the_student():
    with pytest.raises(ValueError, match="There is nothing to look at for '99-1'; there is for 00-1, "):
        look("99-1", written(RAISES["KeyError"]))
    with pytest.raises(ValueError, match="needs your function, without brackets"):
        look("00-1", np.zeros(2))


def test_every_exercise_has_a_look():
    assert set(looks()) == set(EXERCISES)
