"""Progress: one local file that survives crashes, damage and folders that cannot be written."""

import json
import threading

import pytest

from course_lib import progress
from course_lib.checks import EXERCISES, check
from tests.kit.checks.answers import ANSWERS


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "folder" / "progress.json"))
    monkeypatch.setattr("course_lib.checks._failures", {})
    return tmp_path / "folder" / "progress.json"


def notebook(*sources):
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]})


def test_what_was_done_once_stays_done():
    progress.record("check", "03-1", True, points=6)
    progress.record("check", "03-1", False, points=2)
    assert progress.facts("check", "03-1") == {"done": True, "times": 2, "points": 2}


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="predict, check, quiz"):
        progress.record("chek", "03-1", True)


@pytest.mark.parametrize("text", ["{", "[]", '{"check": 3}', "\xff", ""])
def test_a_damaged_file_is_set_aside_with_one_sentence_and_work_goes_on(file, text):
    file.parent.mkdir()
    file.write_bytes(text.encode("latin-1"))
    with pytest.warns(UserWarning, match="damaged"):
        progress.record("quiz", "03-q1", True)
    assert progress.facts("quiz", "03-q1")["done"]
    (aside,) = file.parent.glob("progress.damaged-*.json")
    assert aside.read_bytes() == text.encode("latin-1")


def test_an_entry_that_is_no_record_is_left_out_and_the_others_stay(file):
    progress.record("quiz", "03-q1", True)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["quiz"]["03-q2"] = 5
    file.write_text(json.dumps(data), encoding="utf-8")
    assert progress.load()["quiz"].keys() == {"03-q1"}
    progress.record("quiz", "03-q2", True)
    assert progress.facts("quiz", "03-q2")["done"]


def test_a_crash_while_saving_leaves_the_old_file_whole(file, monkeypatch):
    progress.record("check", "03-1", True)
    before = file.read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress.os, "replace", full)
    with pytest.warns(UserWarning, match="No space left"):
        progress.record("check", "03-2", True)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_place_that_cannot_be_written_costs_a_warning_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "a_file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "a_file" / "progress.json"))
    with pytest.warns(UserWarning, match="cannot be"):
        progress.record("check", "03-1", True)
    with pytest.warns(UserWarning):
        assert check("03-1", ANSWERS["03-1"][0]).passed


def test_two_notebooks_at_once_lose_nothing(file):
    def work(name):
        for i in range(20):
            progress.record("quiz", f"{name}-{i}", True)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(progress.load()["quiz"]) == 40


def test_tasks_are_read_from_the_calls_in_the_notebooks(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "exercises").mkdir()
    (tmp_path / "notebooks" / "03_momentum.ipynb").write_text(
        notebook('predict("03-p1", "?")', ["quiz(\n", '  "03-q1", "?")'], "%magic", "check(name)", "# quiz('03-q2')")
    )
    (tmp_path / "exercises" / "03_momentum.ipynb").write_text(notebook('check("03-1", f)', 'x = check("03-1", f)'))
    (tmp_path / "exercises" / "04_broken.ipynb").write_text("{")
    assert progress.tasks(tmp_path) == {"03": {"predict": ["03-p1"], "quiz": ["03-q1"], "check": ["03-1"]}}
    progress.record("check", "03-1", True)
    text = progress.summary(tmp_path)
    assert "chapter 03: 0 of 1 predictions, 1 of 1 exercises, 0 of 1 quiz questions" in text


def test_a_check_records_its_outcome_and_climbs_the_ladder_of_hints():
    wrong = EXERCISES["03-2"].mistakes[0].function
    first, second, third, fourth = (check("03-2", wrong) for _ in range(4))
    assert not progress.facts("check", "03-2")["done"]
    assert first.ladder == ""
    assert "Another hint: velocity = momentum" in second.ladder
    assert "solutions" in third.ladder and "solutions" in fourth.ladder
    assert check("03-2", ANSWERS["03-2"][0]).passed
    assert check("03-2", wrong).ladder == "", "after a success the ladder starts again"
    assert progress.facts("check", "03-2")["done"]


def test_a_check_of_something_else_says_what_it_needs():
    with pytest.raises(ValueError, match="There is no exercise '3-2'; there are 00-1"):
        check("3-2", print)
    with pytest.raises(ValueError, match="without brackets"):
        check("03-2", 3.0)


def test_an_answer_that_reaches_for_a_room_that_is_off_limits_earns_nothing_and_is_told():
    from course_lib.optimizers import Nesterov

    space = {"Nesterov": Nesterov}
    exec("def nesterov_step(*a):\n    return Nesterov()", space)
    report = check("03-2", space["nesterov_step"])
    assert report.points == 0 and "course_lib.optimizers is off limits" in str(report)
