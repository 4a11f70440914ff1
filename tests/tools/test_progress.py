"""Progress: a file for each copy of the course; it survives kills, damage and folders that cannot be written."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from course_lib import place, progress
from course_lib.checks import EXERCISES, check
from course_lib.progress import store
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
    facts = progress.facts("check", "03-1")
    assert abs(facts.pop("when") - time.time()) < 60
    assert facts == {"done": True, "times": 2, "points": 2}


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

    monkeypatch.setattr(store.os, "replace", full)
    with pytest.warns(UserWarning, match="No space left"):
        progress.record("check", "03-2", True)
    assert file.read_bytes() == before
    assert not file.with_suffix(".new").exists()


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


WORKER = """
import sys
from course_lib import progress
name, first, acknowledged = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "a", buffering=1)
for number in range(first, {writes}):
    progress.record("quiz", f"{{name}}-{{number % 50}}", True)
    print(number, file=acknowledged)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as a Unix does")
def test_two_processes_that_are_killed_at_random_lose_nothing(file, tmp_path):
    writes, kills, rng = 1000, {"a": 0, "b": 0}, random.Random(0)
    seen = {name: tmp_path / name for name in kills}

    def acknowledged(name):
        return len(seen[name].read_text().splitlines()) if seen[name].exists() else 0

    def start(name):
        command = [sys.executable, "-c", WORKER.format(writes=writes), name, str(acknowledged(name)), str(seen[name])]
        return subprocess.Popen(command, cwd=Path(__file__).parents[2])

    running = {name: start(name) for name in kills}
    until = time.monotonic() + 120
    while running and time.monotonic() < until:
        time.sleep(rng.uniform(0.05, 0.4))
        for name, process in list(running.items()):
            if process.poll() is not None:
                assert process.returncode in (0, -signal.SIGKILL)
                if acknowledged(name) >= writes:
                    del running[name]
                else:
                    running[name] = start(name)
            elif (
                kills[name] < 8
                and rng.random() < (0.3 if kills[name] else 1)
                and acknowledged(name) > 100 * kills[name]
            ):
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                kills[name] += 1
    assert not running and all(kills.values())
    for name in kills:  # what a kill cut off between writing and saying so was written once more
        times = sum(facts["times"] for id, facts in progress.load()["quiz"].items() if id.startswith(name))
        assert writes <= times <= writes + kills[name]
    assert not list(file.parent.glob("*damaged*"))


def test_a_lock_that_others_hold_for_too_long_costs_a_warning(file, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    with store._locked(), pytest.warns(UserWarning, match="others were writing"):
        progress.record("quiz", "03-q1", True)
    progress.record("quiz", "03-q1", True)
    assert progress.facts("quiz", "03-q1")["times"] == 1


def test_every_copy_of_the_course_has_progress_of_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "one"))
    progress.record("quiz", "03-q1", True)
    assert progress.path() == tmp_path / "one" / ".progress" / "progress.json"
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "other"))
    assert progress.facts("quiz", "03-q1") == {}
    (tmp_path / "one").rename(tmp_path / "moved")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "moved"))
    assert progress.facts("quiz", "03-q1")["done"], "it moves with its folder"


def test_where_the_course_cannot_be_written_each_folder_has_its_own_file_in_the_users_data(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(store.os, "access", lambda *_: False)
    found = set()
    for name in ("a/course", "b/course"):
        (tmp_path / name).mkdir(parents=True)
        monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / name))
        found.add(progress.path())
    assert len(found) == 2
    if sys.platform not in ("win32", "darwin"):
        assert all(path.is_relative_to(tmp_path / "data" / "optimisation-course") for path in found)


def test_what_was_exported_is_there_after_it_was_imported_elsewhere(file, tmp_path, monkeypatch):
    progress.record("check", "03-1", True, points=6)
    progress.record("quiz", "03-q1", False)
    exported = progress.export(tmp_path / "mine.json")
    with pytest.raises(FileExistsError):
        progress.export(exported)
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "new" / "progress.json"))
    progress.record("quiz", "03-q1", True)
    assert progress.merge(exported) == 1
    assert progress.facts("check", "03-1")["points"] == 6
    assert progress.facts("quiz", "03-q1")["done"], "what was done here stays done"
    assert progress.merge(exported) == 0, "twice is once"


@pytest.mark.parametrize("text", ["{", "[]", '{"quiz": 1}', "\xff"])
def test_what_is_no_progress_is_not_imported(tmp_path, text):
    (tmp_path / "other.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="no file that"):
        progress.merge(tmp_path / "other.json")
    with pytest.raises(FileNotFoundError):
        progress.merge(tmp_path / "nothing.json")


COURSE = {
    "notebooks/03_momentum.ipynb": ['predict("03-a", "?", {"x": "no", "y": "yes"}, right="y")', 'quiz("03-q1", "?")'],
    "notebooks/04_newton.ipynb": ['predict("04-a", "?", {"x": "no", "y": "yes"}, right="y")'],
    "exercises/03_momentum.ipynb": ['check("03-1", f)'],
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = tmp_path / "course"
    for name, sources in COURSE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cells = [{"cell_type": "code", "source": source, "id": f"c{n}"} for n, source in enumerate(sources)]
        title = {"cell_type": "markdown", "source": ["# 3 · A < B\n", "\n", "text"]}
        (root / name).write_text(json.dumps({"cells": [title, *cells]}), encoding="utf-8")
    monkeypatch.setenv("COURSE_FOLDER", str(root))
    return root


def test_one_goes_on_after_what_was_done_last(course):
    assert progress.next_task().id == "03-a"
    progress.record("quiz", "03-q1", True)
    assert progress.next_task().id == "03-1", "what was left out before stays for later"
    progress.record("predict", "04-a", True)
    assert progress.next_task().id == "03-a"
    for kind, id in (("predict", "03-a"), ("check", "03-1")):
        progress.record(kind, id, True)
    assert progress.next_task() is None


def test_the_map_has_names_links_a_total_and_a_link_to_the_cell(course):
    progress.record("predict", "03-a", True)
    html = progress.table(here=course / "notebooks")
    assert '<a href="03_momentum.ipynb">03 A &lt; B</a>' in html
    assert '<a href="03_momentum.ipynb#cell-id=c1">Continue here</a>' in html
    assert 'value="1" max="2"' in html.rpartition("all chapters")[2]
    assert str(course) not in html, "a stored notebook must not hold the place of a machine"
    elsewhere = progress.table(here=course)
    assert 'href="notebooks/03_momentum.ipynb#cell-id=c1"' in elsewhere


def test_an_empty_folder_has_a_map_that_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    assert "No notebooks" in progress.table() and "No notebooks" in progress.summary()


DAY = 86_400.0


def test_a_wrong_prediction_comes_back_after_3_7_and_21_days(course):
    progress.predicted("03-a", "x", now=1e9)
    progress.predicted("04-a", "y", now=1e9)
    ids = [[one.id for one in progress.due(1e9 + days * DAY)] for days in (0, 2.9, 3.1)]
    assert ids == [[], [], ["03-a"]], "and the right one never does"
    now = 1e9 + 3.1 * DAY
    for days in (7, 21):
        (question,) = progress.due(now)
        assert progress.reviewed(question, "y", now)
        assert progress.when_next(now) == pytest.approx(days)
        now += (days + 0.1) * DAY
    (question,) = progress.due(now)
    progress.reviewed(question, "y", now)
    assert progress.due(now + 1000 * DAY) == [] and progress.when_next(now) is None


def test_wrong_again_begins_again_and_a_second_guess_after_the_result_does_not_count(course):
    progress.predicted("03-a", "x", now=1e9)
    progress.predicted("03-a", "y", now=1e9 + 60)
    (question,) = progress.due(1e9 + 4 * DAY)
    assert question.options == {"x": "no", "y": "yes"}
    assert not progress.reviewed(question, "x", 1e9 + 4 * DAY)
    assert progress.due(1e9 + 6 * DAY) == [] and [one.id for one in progress.due(1e9 + 7.1 * DAY)] == ["03-a"]


def test_a_prediction_of_before_reviews_comes_back_at_once(course):
    progress.record("predict", "03-a", True, answer="x")
    assert [one.id for one in progress.due()] == ["03-a"]
    assert "1 prediction that was wrong comes back now" in progress.summary()


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
    assert place.program() in text


def in_other_words(wrong, number):
    """An answer that makes the same mistake, written differently for every number."""
    return eval(f"lambda *given: ({number}, wrong(*given))[1]", {"wrong": wrong})


def test_a_check_records_its_outcome_and_climbs_the_ladder_of_hints():
    wrong = EXERCISES["03-2"].mistakes[0].function
    first, second, third, fourth = (check("03-2", in_other_words(wrong, number)) for number in range(4))
    assert not progress.facts("check", "03-2")["done"]
    assert first.ladder == ""
    assert "Another hint: velocity = momentum" in second.ladder
    assert "solutions" in third.ladder and "solutions" in fourth.ladder
    assert check("03-2", ANSWERS["03-2"][0]).passed
    assert check("03-2", wrong).ladder == "", "after a success the ladder starts again"
    assert progress.facts("check", "03-2")["done"]


def test_the_same_answer_checked_once_more_stays_on_its_step():
    wrong = EXERCISES["03-2"].mistakes[0].function
    assert [check("03-2", wrong).ladder for _ in range(3)] == [""] * 3
    further = [check("03-2", in_other_words(wrong, 1)).ladder for _ in range(3)]  # defined again, as by the same cell
    assert "Another hint" in further[0] and further == [further[0]] * 3
    assert "solutions" in check("03-2", wrong).ladder


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
