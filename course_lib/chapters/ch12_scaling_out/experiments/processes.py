"""Teams of real processes on this machine: started, watched and ended from here, so that nothing is left behind."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import course_lib
from course_lib.devices import PyTorchMissing
from course_lib.validation import count, number, positive

WORKER = "course_lib.chapters.ch12_scaling_out.experiments.worker"
LOOPBACK = {"linux": "lo", "darwin": "lo0"}  # where gloo listens
MOST = 8


class TeamFailed(RuntimeError):
    """A team of processes did not get to its end; all of them were stopped. A notebook shows the sentence only."""

    def _render_traceback_(self):
        return [self.args[0]]


def cores():
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sharing(num_workers):
    """A sentence where ``num_workers`` that compute have to share cores, "" where each has one."""
    if num_workers <= cores():
        return ""
    has = "core" if cores() == 1 else "cores"
    return f"{num_workers} workers share {cores()} {has}: what computes gains nothing beyond that, what sleeps does."


def run_team(parts, num_workers, time_limit=120.0, port=None):
    """Run tasks in ``num_workers`` processes, one after the other, and return worker 0's results, ``{name: result}``.

    Args:
        parts: ``{name: (task, settings)}``, the tasks of ``worker.TASKS``; settings are plain data.
        num_workers: 1 to 8 processes.
        time_limit: seconds, after which all are stopped.
        port: of this machine, where the workers meet; left out, they meet at a file, and no port has to be free.

    Raises:
        PyTorchMissing: it is not installed.
        TeamFailed: a worker died, the time was over, or the port is taken. No process is left then either.
    """
    if importlib.util.find_spec("torch") is None:
        raise PyTorchMissing
    if count("num_workers", num_workers) > MOST:
        raise ValueError(f"At most {MOST} workers are started on one machine, but num_workers is {num_workers}.")
    with Team(parts, num_workers, number("time_limit", time_limit, positive), _free(port)) as team:
        return team.wait()


def _free(port):
    """``port`` if nobody listens there."""
    if port is not None:
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", count("port", port)))
            except (OSError, OverflowError):
                raise TeamFailed(
                    f"Port {port} of this machine is taken or may not be used: leave port out, and none is needed."
                ) from None
    return port


class Team:
    """The processes of ``run_team``; ``with Team(...) as team: team.wait()`` ends all of them in any case."""

    def __init__(self, parts, num_workers, time_limit=120.0, port=None):
        self.time_limit, self.begun = time_limit, time.monotonic()
        self.folder = TemporaryDirectory(prefix="course-team-")
        about = {"parts": parts, "world": num_workers, "time_limit": time_limit, "port": port}
        self.processes, self.settings = [], about | {"meeting": str(self._file("meeting"))}

    def __enter__(self):
        try:
            for rank in range(self.settings["world"]):
                self.processes.append(self._start(rank))
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *error):
        self.end()

    def _file(self, name):
        return Path(self.folder.name) / name

    def _start(self, rank):
        about = self.settings | {"rank": rank, "result": str(self._file(f"result {rank}"))}
        self._file(f"settings {rank}").write_text(json.dumps(about), encoding="utf-8")
        places = [str(Path(course_lib.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places)), "OMP_NUM_THREADS": "1"}
        if sys.platform in LOOPBACK:
            environment["GLOO_SOCKET_IFNAME"] = LOOPBACK[sys.platform]
        with open(self._file(f"errors {rank}"), "wb") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", WORKER, str(self._file(f"settings {rank}"))],
                stdin=subprocess.PIPE,  # its end tells the worker that we are gone
                stdout=errors,
                stderr=errors,
                cwd=self.folder.name,
                env=environment,
            )

    def wait(self):
        """Wait until all have written what came out, and return worker 0's; raise ``TeamFailed`` otherwise."""
        while not all(self._file(f"result {rank}").exists() for rank in range(len(self.processes))):
            self._look()
            time.sleep(0.02)
        return json.loads(self._file("result 0").read_text(encoding="utf-8"))

    def _look(self):
        for rank, process in enumerate(self.processes):
            if process.poll() is not None:
                raise TeamFailed(f"Worker {rank} of {len(self.processes)} {self._end_of(rank)} {STOPPED}")
        if time.monotonic() - self.begun > self.time_limit:
            raise TeamFailed(f"The workers were not ready after {self.time_limit:g} s. {STOPPED}")

    def _end_of(self, rank):
        code = self.processes[rank].returncode
        if code < 0:
            return f"was killed (signal {-code})."
        text = self._file(f"errors {rank}").read_text(encoding="utf-8", errors="replace")
        lines = re.sub(r"^\[rank\d+\]: ?", "", text, flags=re.MULTILINE).split("\n")  # PyTorch puts it before each line
        told = [line.strip() for line in lines if line.strip() and not line.startswith((" ", "Traceback", "["))]
        return f"ended with an error ({told[-1][:200] if told else f'code {code}'})."

    def end(self):
        """End every process that still runs, and take the folder away."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()
            process.stdin.close()
        self.folder.cleanup()


STOPPED = "All workers were stopped, and nothing was left running: run the cell again."
