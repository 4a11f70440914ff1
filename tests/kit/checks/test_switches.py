"""What a call leaves set for a whole program is put back and told; it costs points where later results depend on it."""

import sys

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib import switches
from course_lib.checks import EXERCISES
from tests.kit.checks.answers import ANSWERS
from tests.kit.checks.switched import LINES

ROWS = switches.of("torch")
OF_TORCH = [id for id, exercise in EXERCISES.items() if exercise.profile == "torch"]


def leaving(answer, line):
    """``answer``, after which ``line`` is run."""

    def function(*given):
        result = answer(*given)
        exec(line, {"np": np, "torch": torch, "sys": sys})
        return result

    return function


def values():
    return [row.now() for row in ROWS]


def test_there_is_a_line_for_every_switch_and_pytorch_s_are_asked_only_where_they_matter():
    assert [row.name for row in ROWS] == list(LINES)
    assert not any(row.name.startswith("torch") for row in switches.of("numpy"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("id", ["03-2", *OF_TORCH])
def test_a_switch_that_is_left_changed_is_put_back_and_told(id, row):
    before = values()
    report = EXERCISES[id].run(leaving(ANSWERS[id][0], LINES[row.name]), 1)
    kept = [one.now() == value for one, value in zip(ROWS, before, strict=True)]
    for one, value in zip(ROWS, before, strict=True):
        if one.now() != value:
            one.put(value)  # exercises without PyTorch look after NumPy's only
    if row in switches.of(EXERCISES[id].profile):
        assert all(kept)
        assert [row.name in note for note in report.notes] == [True]
        assert report.points == (report.max_points / 2 if row.counts else report.max_points), str(report)
        assert {result.mistake for result in report.results if not result.passed} <= {"leaves a switch changed"}
        assert not row.counts or row.name in str(report).split(report.notes[0])[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_switch_that_is_set_back_is_not_told(row):
    def careful(*given):
        before = row.now()
        result = leaving(ANSWERS["10-2"][0], LINES[row.name])(*given)
        row.put(before)
        return result

    report = EXERCISES["10-2"].run(careful, 1)
    assert report.passed and not report.notes


def test_rounded_weights_that_autocast_keeps_are_not_kept_for_the_next_answer():
    weight, x = torch.ones(4, 4, requires_grad=True), torch.ones(4, 4)

    def product():
        with torch.autocast("cpu"):
            return (x @ weight).sum().item()

    def leaves_it_on(*given):
        torch.autocast("cpu").__enter__()
        x @ weight

    there = switches.Switches(ROWS)
    leaves_it_on()
    assert there.put_back() == ("torch.set_autocast_enabled",)
    before = product()
    with torch.no_grad():
        weight.mul_(3)
    assert product() == 3 * before
