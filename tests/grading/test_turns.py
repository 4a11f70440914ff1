"""Who is marked next: lanes with a clock of their own, then notebooks that do not end."""

import random
import time

import pytest

from course_lib.grading import turns as module
from course_lib.grading.batch import grade_folder
from course_lib.grading.process import Limits, SetAside
from course_lib.grading.turns import LONGER, TRIES, Turns
from tests.grading.handed_in import GLIDE, RIGHT, SEED, SETUP, notebook

ENDLESS = 10_000.0


class Clock:
    """A lane with a clock that nobody waits for."""

    def __init__(self, monkeypatch):
        self.now, self.log = 0.0, []
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)

    def __call__(self, submission, seconds):
        if seconds is not None and submission.takes > seconds:
            self.now += seconds
            raise SetAside("It takes long.")
        self.now += submission.takes
        self.log.append((submission.takes, self.now))
        return {"took": submission.takes}

    def finished(self, submission):
        return max(now for took, now in self.log if took == submission)


class Takes:
    """A submission that takes so many seconds to mark."""

    def __init__(self, takes):
        self.takes = takes

    def hold(self):
        pass


def marked(clock, todo, seconds=1.0):
    turns = Turns(list(map(Takes, todo)), seconds)
    return [turns.row(clock) for _ in todo]


@pytest.mark.parametrize("seed", range(20))
def test_many_that_never_end_hold_up_the_class_for_moments(monkeypatch, seed):
    clock, todo = Clock(monkeypatch), [ENDLESS] * 13 + [0.1] * 7
    if seed:
        random.Random(seed).shuffle(todo)
    rows = marked(clock, todo)
    assert sorted(row["took"] for _, row in rows) == sorted(todo)
    assert all(submission.takes == row["took"] for submission, row in rows)
    assert clock.finished(0.1) < 20  # all in one lane


@pytest.mark.parametrize("seed", range(20))
def test_one_that_is_slow_waits_about_as_long_as_it_takes_itself(monkeypatch, seed):
    chance = random.Random(seed)
    lasts = [chance.uniform(0.05, 0.2) for _ in range(20)] + [chance.uniform(0.5, 50) for _ in range(6)]
    todo, clock = [ENDLESS] * 5 + lasts, Clock(monkeypatch)
    chance.shuffle(todo)
    marked(clock, todo)
    for took in lasts:
        before = sum(min(other, LONGER * max(took, 1)) for other in todo)
        assert clock.finished(took) <= before * (1 + 1 / (LONGER - 1)) + took + 1


def test_what_takes_long_for_everybody_is_no_reason_to_wait(monkeypatch):
    clock = Clock(monkeypatch)
    marked(clock, [0.9] + [3.5] * 50)
    assert clock.now < 0.9 + 3.5 * 50 + 1  # one of them at most was tried in vain


def test_one_alone_and_one_that_was_tried_often_are_marked_to_their_end():
    assert Turns([Takes(1)], 1.0).patience(0) is None
    patience = [Turns([Takes(1), Takes(2)], 0.5).patience(tries) for tries in range(TRIES + 1)]
    assert patience == [0.5 * LONGER**tries for tries in range(TRIES)] + [None]


SLOW = {
    "loops": (SETUP, GLIDE, "while True: pass"),
    "loops in a call": (SETUP, GLIDE.replace("    return", "    while True: pass\n    return")),
    "sleeps": (SETUP, "import select\nfor _ in range(500): select.select([], [], [], 0.4); sum(range(10**5))", *RIGHT),
}


@pytest.mark.parametrize("workers", [1, 2])
def test_right_ones_are_marked_before_thirteen_slow_ones_that_come_first(tmp_path, workers):
    class Enough(Exception):
        pass

    order = []

    def note(done, total, student):
        order.append((student, time.monotonic() - began))
        if done == 7:
            raise Enough

    (tmp_path / "in").mkdir()
    for i, cells in enumerate([*SLOW.values()] * 4 + [SLOW["loops"]] + [RIGHT] * 7):
        (tmp_path / "in" / f"{i:02}.ipynb").write_bytes(notebook(*cells))
    began = time.monotonic()
    with pytest.raises(Enough):
        more = {"assignment": "90", "seed": SEED, "workers": workers, "progress": note}
        grade_folder(tmp_path / "in", tmp_path / "out", limits=Limits(aside_seconds=0.5), **more)
    assert {student for student, _ in order} == {f"{i:02}" for i in range(13, 20)}
    assert order[-1][1] < 45  # thirteen tries of half a second each; in vain to the end they take more than ten minutes
