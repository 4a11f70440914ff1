"""Real processes: what they compute, what becomes of one that dies, and that none is left in any case."""

import os
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from course_lib.chapters.ch12_scaling_out.experiments import processes
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines
from course_lib.chapters.ch12_scaling_out.experiments.parallel import digits_loss, shard, small_net
from course_lib.chapters.ch12_scaling_out.experiments.processes import (
    WORKER,
    Team,
    TeamFailed,
    cores,
    run_team,
    sharing,
)
from course_lib.chapters.ch12_scaling_out.experiments.speed_up import (
    calibrated,
    predicted,
    predicted_served,
    speed_ups,
    team_share,
)
from course_lib.devices import PyTorchMissing

SLEEPS = {"rounds": ("rounds", {"sizes": [2], "entries": 10, "num_rounds": 4000, "unit": 0.05, "work": "sleep",
                                "machines": {"spread": 0.0}})}  # fmt: skip


PATIENT = 300  # seconds: a machine that does much else


def workers_left():
    """Process ids of workers of this test run."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in found.splitlines() if WORKER in line and "course-team-" in line]
    return [int(pid) for pid, parent, _ in rows if int(parent) in (os.getpid(), 1)]


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = set(workers_left())
    yield
    assert set(workers_left()) <= before


needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")


@needs_torch
def test_a_team_of_two_walks_the_path_of_one_machine_with_the_large_batch():
    rng, loss = np.random.default_rng(3), digits_loss(small_net(5))
    batches = [rng.choice(1000, 50, replace=False) for _ in range(4)]
    about = {"seed": 5, "pieces": [35, 15], "learning_rate": 0.3, "batches": [batch.tolist() for batch in batches]}
    served = {"sizes": [1], "entries": 5, "num_updates": 6, "unit": 0.001, "machines": {"spread": 0.0}}
    results = run_team({"path": ("average", about), "server": ("served", served)}, 2, PATIENT)
    theta = loss.network.theta.copy()
    for batch, there in zip(batches, results["path"], strict=True):
        theta = theta - 0.3 * loss.on(batch).gradient(theta)
        np.testing.assert_allclose(there, theta, rtol=1e-10, atol=1e-13)
        assert len(shard(batch, [35, 15])[1]) == 15
    assert results["server"][0]["staleness"] == [0] * 6  # one worker alone is never late


@needs_torch
def test_pytorchs_own_tools_average_over_the_workers_too():
    one, two = (run_team({"x": ("pytorch", {"seed": 1, "batch_size": 16 // n})}, n, PATIENT)["x"] for n in (1, 2))
    np.testing.assert_allclose(two, one, rtol=1e-12)


@needs_torch
def test_a_worker_that_is_killed_ends_the_team_with_one_sentence():
    with Team(SLEEPS, 2) as team:
        team.processes[1].send_signal(signal.SIGKILL)
        with pytest.raises(
            TeamFailed, match=r"Worker 1 of 2 was killed \(signal 9\)\. All workers were stopped"
        ) as told:
            team.wait()
        assert told.value._render_traceback_() == [str(told.value)]
    assert all(process.poll() is not None for process in team.processes)
    assert not Path(team.folder.name).exists()


@needs_torch
def test_a_team_that_takes_too_long_is_stopped():
    begun = time.monotonic()
    with pytest.raises(TeamFailed, match=r"not ready after 0\.5 s\. All workers were stopped"):
        run_team(SLEEPS, 2, time_limit=0.5)
    assert time.monotonic() - begun < 10


@needs_torch
def test_an_error_in_a_worker_is_told_in_its_own_words():
    with pytest.raises(TeamFailed, match=r"Worker 0 of 1 ended with an error \(KeyError: 'no such task'\)\."):
        run_team({"x": ("no such task", {})}, 1, PATIENT)


@needs_torch
def test_a_stop_button_ends_all():
    with pytest.raises(KeyboardInterrupt), Team(SLEEPS, 2) as team:
        raise KeyboardInterrupt
    assert all(process.poll() is not None for process in team.processes)


@needs_torch
@pytest.mark.skipif(sys.platform == "win32", reason="kills a process by signal")
def test_workers_end_when_the_notebook_that_started_them_is_killed(tmp_path):
    code = f"from {processes.__name__} import Team\nteam = Team({SLEEPS!r}, 2).__enter__()\n"
    code += "print(team.folder.name, *[process.pid for process in team.processes], flush=True)\nteam.wait()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as notebook:
        folder, *pids = notebook.stdout.readline().split()
        notebook.kill()
    started = [int(pid) for pid in pids]
    assert len(started) == 2
    end = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in started) and time.monotonic() < end:
        time.sleep(0.1)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert not Path(folder).exists()


@needs_torch
def test_a_port_that_is_taken_is_said_before_anything_starts(monkeypatch):
    monkeypatch.setattr(processes, "Team", lambda *given: pytest.fail("a team was started"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(TeamFailed, match=f"Port {port} of this machine is taken"):
            run_team(SLEEPS, 2, port=port)


@needs_torch
def test_a_team_can_meet_at_a_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    about = {"sizes": [1], "entries": 5, "num_rounds": 2, "unit": 0.001, "work": "compute", "machines": {"spread": 0.0}}
    assert run_team({"x": ("rounds", about)}, 1, port=port)["x"][0] > 0


def test_without_pytorch_it_is_one_sentence(monkeypatch):
    monkeypatch.setattr(processes.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PyTorchMissing, match="PyTorch, which is not installed"):
        run_team(SLEEPS, 2)


@pytest.mark.parametrize("number", [0, 9, 2.5])
def test_a_number_of_workers_that_cannot_be_is_refused(number):
    with pytest.raises(ValueError, match="num_workers"):
        run_team(SLEEPS, number)


def test_one_core_is_said(monkeypatch):
    monkeypatch.setattr(processes, "cores", lambda: 1)
    assert sharing(1) == ""
    assert sharing(4).startswith("4 workers share 1 core: what computes gains nothing")
    monkeypatch.undo()
    assert cores() >= 1


# --- Predictions ----------------------------------------------------------------------------------------


def test_one_measured_time_gives_the_cost_of_the_network_and_the_others_follow():
    true = Machines(spread=0.5, network=0.3)
    seconds = predicted(true, sizes=(1, 2, 3, 4), rounds=20, unit=0.04)
    found = calibrated(Machines(spread=0.5), seconds[1], rounds=20, unit=0.04)
    assert found.network == pytest.approx(0.3)
    assert predicted(found, rounds=20, unit=0.04) == pytest.approx(seconds)
    assert calibrated(Machines(spread=0.5), 0.001, rounds=20, unit=0.04).network == 0  # no time machine


def test_a_team_of_one_needs_no_network_and_a_server_of_one_is_never_faster():
    assert team_share(1) == 0 and team_share(4) == 1.5
    one, two, three = predicted_served(Machines(spread=0.5))
    assert one > 1.5 * two and two > 1.2 * three
    assert speed_ups((1, 2, 4), (1.0, 1.0, 2.0)).tolist() == [1, 2, 2]
