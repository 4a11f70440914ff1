"""What happens where there is no sandbox, no fork, or where a part of it fails."""

import sys

import pytest

from course_lib.checks.calls import GraderError
from course_lib.grading import seccomp
from course_lib.grading.confinement import best_level
from course_lib.grading.forks import Zygote
from course_lib.grading.marking import mark_file
from course_lib.grading.sandbox import LEVELS, readable_paths
from course_lib.grading.spawn import Spawner
from tests.grading.handed_in import (
    AHEAD,
    GLIDE,
    PAIR,
    QUICK,
    RIGHT,
    SEED,
    SETUP,
    TOY,
    handed,
    notebook,
)

FULL = sum(exercise.points for exercise in TOY)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_gives_the_same_marks(level):
    try:
        zygote = Zygote(level, {"course_lib.optimizers"})
    except GraderError as error:
        pytest.skip(str(error))
    with zygote:
        row = mark_file(handed(notebook(*RIGHT)), TOY, zygote, SEED, QUICK)
    assert (row["points"], row["level"], row["notes"]) == (FULL, level, [])


def test_a_system_without_fork_marks_too_and_survives_what_students_write():
    cells = (
        SETUP,
        GLIDE,
        "import os; os._exit(2)",
        AHEAD,
        PAIR.replace("    return", "    os._exit(1)"),
    )
    with Spawner({"course_lib.optimizers"}) as spawner:
        right = mark_file(handed(notebook(*RIGHT)), TOY, spawner, SEED)
        odd = mark_file(handed(notebook(*cells)), TOY, spawner, SEED)
    assert right["points"] == FULL and not right["notes"]
    assert odd["points"] == FULL - TOY[2].points and odd["level"] == "none"


def test_macos_and_windows_are_told_that_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    starter, reasons = best_level()
    assert starter.level == "none" and reasons == ["there is no sandbox for darwin"]
    starter.close()


def test_a_level_that_cannot_be_had_is_an_error_of_the_set_up_and_the_next_one_is_tried():
    zygote, reasons = best_level(levels=("full", "none"))
    zygote.close()
    assert zygote.level in ("full", "none") and len(reasons) == (zygote.level == "none")


def test_the_list_of_system_calls_is_whole_for_both_machines():
    for machine in seccomp.AUDIT_ARCH:
        code = seccomp.program(machine)
        assert len(code) % 8 == 0 and len(code) // 8 < 4096
    assert all(len(numbers) == 2 for numbers in seccomp.ALLOWED.values())
    for column in (0, 1):
        numbers = [n[column] for n in seccomp.ALLOWED.values() if n[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_nothing_of_the_course_is_readable():
    assert not [path for path in readable_paths() if "course_lib" in path or path.endswith(("site-packages", "torch"))]
