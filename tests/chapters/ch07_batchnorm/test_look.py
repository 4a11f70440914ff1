"""Chapter 7's pictures: a right answer coincides with the library's, a wrong one is said not to."""

import pytest

from course_lib.checks import EXERCISES
from course_lib.checks.look import look
from tests.chapters.ch07_batchnorm.answers import ANSWERS

WRONG = {
    "07-1": "unbiased variance",
    "07-2": "variance treated as a constant",
    "07-3": "biased variance kept",
    "07-4": "every second channel in one group",
}


@pytest.mark.parametrize("exercise_id", [id for id in ANSWERS if EXERCISES[id].kind == "write"])
def test_every_right_answer_coincides_with_the_librarys(exercise_id, capsys):
    for answer in ANSWERS[exercise_id]:
        look(exercise_id, answer)
        assert "the same to rounding" in capsys.readouterr().out


@pytest.mark.parametrize("exercise_id", WRONG)
def test_a_wrong_answer_is_said_to_differ(exercise_id, capsys):
    mistake = next(one for one in EXERCISES[exercise_id].mistakes if one.name == WRONG[exercise_id])
    look(exercise_id, mistake.function)
    assert " apart" in capsys.readouterr().out
