"""A class spread over processes or a Dask cluster: the same bytes as one process, whoever dies on the way."""

import dataclasses
import json
import os
import signal
import threading
import time

import pytest

from course_lib.grading import marking, spread
from course_lib.grading.batch import NotGraded, grade_folder
from course_lib.grading.intake import File, Submission
from course_lib.grading.process import Limits
from tests.grading.handed_in import (
    GLIDE,
    QUICK,
    RIGHT,
    SEED,
    SETUP,
    STUB,
    TOY,
    WRONG_GLIDE,
    handed,
    notebook,
)

CLASS = {f"right{i}.ipynb": notebook(*RIGHT) for i in range(6)} | {
    "ann.ipynb": notebook(SETUP, GLIDE),
    "cem.ipynb": notebook(SETUP, WRONG_GLIDE),
    "dora.ipynb": b'{"cells": [',
    "eve.ipynb": notebook(SETUP, STUB),
}


@pytest.fixture(scope="module")
def submissions(tmp_path_factory, zygote):
    folder = tmp_path_factory.mktemp("submissions")
    for name, data in CLASS.items():
        (folder / name).write_bytes(data)
    return folder


def results(out):
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and not path.name.startswith("grades.sqlite")]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def grade(submissions, out, **more):
    summary = grade_folder(submissions, out, **{"seed": SEED, "limits": QUICK, **more})
    assert len(summary.rows) == len(CLASS) and not summary.failed
    return results(out)


@pytest.fixture(scope="module")
def alone(submissions, tmp_path_factory):
    """What one process writes."""
    return grade(submissions, tmp_path_factory.mktemp("alone") / "one")


def test_what_travels_comes_back_with_the_files_that_are_marked():
    texts = [notebook(f"x = {i}  # ü\ud800", GLIDE, "not python (", STUB) if i else b"{" for i in range(7)]
    found = [handed(data, f"s/{i}.ipynb") for i, data in enumerate(texts)]
    submission = Submission("s", [File(file.place, lambda *_, file=file: file) for file in found])
    back = spread.unpacked(json.loads(json.dumps(spread.packed(submission))))
    assert (back.student, back.places, back.handed_in()) == ("s", submission.places, found[-5:])


def test_processes_give_the_bytes_of_one_process_and_mark_in_the_workers(alone, submissions, tmp_path, monkeypatch):
    monkeypatch.setattr(marking, "mark_submission", lambda *_: pytest.fail("marked in this process"))
    assert grade(submissions, tmp_path / "three", workers=3) == alone


def test_a_worker_that_dies_loses_nothing(alone, submissions, tmp_path, monkeypatch):
    started, begin = [], spread.Worker.start

    def start(worker):
        begin(worker)
        started.append(worker.program)
        if len(started) <= 3:  # while it starts or marks its first
            threading.Timer(0.4 * len(started), worker.program.kill).start()

    monkeypatch.setattr(spread.Worker, "start", start)
    assert grade(submissions, tmp_path / "two", workers=2) == alone
    assert len(started) >= 4
    assert all(program.poll() is not None for program in started)


def test_where_no_worker_survives_this_process_marks(alone, submissions, tmp_path, monkeypatch):
    begin = spread.Worker.start

    def start(worker):
        begin(worker)
        worker.program.kill()

    monkeypatch.setattr(spread.Worker, "start", start)
    assert grade(submissions, tmp_path / "two", workers=2) == alone


def test_a_worker_with_other_checks_is_refused(zygote):
    plan = spread.plan_of(TOY, SEED, Limits(), zygote.level, "in") | {"checks": "older"}
    submission = Submission("ann", [File("ann.ipynb", lambda *_: handed(notebook(*RIGHT), "ann.ipynb"))])
    with (
        spread.lanes(plan, lambda *_, **__: pytest.fail("marked at home"), workers=1) as (lane,),
        pytest.raises(NotGraded, match="another version of the checks"),
    ):
        lane(submission, seconds=None)


def test_exercises_that_a_worker_cannot_know_are_refused(submissions, tmp_path):
    own = [dataclasses.replace(TOY[0], title="mine")]
    with pytest.raises(NotGraded, match="leave out workers"):
        grade_folder(submissions, tmp_path / "out", exercises=own, workers=2)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("tcp://127.0.0.1:8786", True),
        ("tcp://127.1.2.3:1", True),
        ("tcp://localhost:8786", True),
        ("tcp://[::1]:8786", True),
        ("tls://cluster.example:8786", True),
        ("tcp://10.0.0.1:8786", False),
        ("tcp://localhost.example:8786", False),
        ("tcp://0.0.0.0:8786", False),
        ("tcp://", False),
    ],
)
def test_only_tls_and_this_computer_are_private(address, private):
    assert spread.is_private(address) is private


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://192.0.2.1:8786", "in the clear"),
        ("127.0.0.1:8786", "write it as tcp"),
        ("http://127.0.0.1:8786", "write it as tcp"),
    ],
)
def test_an_address_that_will_not_do_is_a_sentence(submissions, tmp_path, address, sentence):
    with pytest.raises(NotGraded, match=sentence):
        grade(submissions, tmp_path / "out", scheduler=address)


# --- Dask ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    """One for all tests; the last of them ends it."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask is an extra: python course.py install --with dask, then these tests run"
    )
    more = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with distributed.LocalCluster(n_workers=2, processes=True, **more) as cluster:
        yield cluster


def test_a_dask_cluster_gives_the_bytes_of_one_process(alone, submissions, tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(marking, "mark_submission", lambda *_: pytest.fail("marked in this process"))
    assert grade(submissions, tmp_path / "two", scheduler=cluster.scheduler_address) == alone


def test_a_dask_worker_with_other_checks_is_refused(zygote, cluster):
    plan = spread.plan_of(TOY, SEED, Limits(), zygote.level, "in") | {"checks": "older"}
    submission = Submission("ann", [File("ann.ipynb", lambda *_: handed(notebook(*RIGHT), "ann.ipynb"))])
    with (
        spread.lanes(plan, lambda *_, **__: pytest.fail("marked at home"), scheduler=cluster.scheduler_address) as each,
        pytest.raises(NotGraded, match="another version of the checks"),
    ):
        each[0](submission, seconds=None)


def test_a_dask_worker_that_is_killed_loses_nothing(alone, submissions, tmp_path, cluster):
    killed = []

    def kill_one(done, total, student):
        if done == 1:
            nanny = next(iter(cluster.workers.values()))
            killed.append(nanny.pid)
            os.kill(nanny.pid, signal.SIGKILL)

    assert grade(submissions, tmp_path / "two", scheduler=cluster.scheduler_address, progress=kill_one) == alone
    assert killed


def test_a_scheduler_that_ends_is_a_sentence_and_what_was_marked_is_kept(alone, submissions, tmp_path, cluster):
    def stop(done, total, student):
        if done == 2:
            threading.Thread(target=cluster.close, daemon=True).start()
            time.sleep(1)

    try:
        grade(submissions, tmp_path / "two", scheduler=cluster.scheduler_address, progress=stop)
    except NotGraded as error:
        assert "What was marked is kept" in str(error)
    assert grade(submissions, tmp_path / "two") == alone


def test_a_scheduler_that_is_not_there_is_a_sentence(submissions, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="Dask is an extra: python course.py install --with dask")
    monkeypatch.setattr(spread, "ANSWERS_WITHIN", "1s")
    with pytest.raises(NotGraded, match="does not answer"):
        grade(submissions, tmp_path / "out", scheduler="tcp://127.0.0.1:9")
