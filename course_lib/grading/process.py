"""The parent's hold on its helpers: one zygote, and one confined child at a time."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import NamedTuple

from course_lib.checks.calls import GraderError
from course_lib.grading import protocol
from course_lib.grading.sandbox import LEVELS

START_SECONDS = 180  # a busy computer that imports PyTorch


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds, call_seconds: processor time of one cell, of one call of a function.
        idle_seconds: time in which nothing is computed at all (waiting, sleeping).
        total_seconds: processor time of the whole submission, restarts included; all cells together get half of it.
        slowness: seconds on the wall for one of processor time, on a busy computer.
        memory: bytes beyond what Python and NumPy take.
        received: bytes that one call may send.
        restarts: how often a child that died is started again.
    """

    cell_seconds: float = 10
    call_seconds: float = 3
    idle_seconds: float = 5
    total_seconds: float = 120
    slowness: float = 20
    memory: int = 1 << 30
    received: int = 64 << 20
    restarts: int = 12

    @classmethod
    def of(cls, profile):
        """The usual limits; PyTorch is larger and slower than NumPy."""
        return cls(cell_seconds=20, call_seconds=10, total_seconds=240, memory=3 << 30) if profile == "torch" else cls()


class Deadline(NamedTuple):
    """When the child's processor time, its idling and the clock on the wall have gone too far."""

    processor: float
    idle: float
    wall: float


class Gone(Exception):
    """The child ended, or was ended: ``kind`` as in ``StudentError``, ``message`` for the student."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind, self.message = kind, message


class Zygote:
    """Starts the program that forks children; starts it again should it die.

    Args:
        level: one of ``sandbox.LEVELS``.
        forbidden: modules whose contents student code may not use.
        memory: bytes that a child may take.
        profile: "torch" for children that have PyTorch, else "numpy".
        modules: of the library, whose classes the checks pass.

    Raises ``GraderError`` if the level cannot be had here.
    """

    def __init__(self, level, forbidden=(), memory=Limits.memory, profile="numpy", modules=()):
        self.level, self.forbidden, self.memory = level, sorted(forbidden), memory
        self.profile, self.modules = profile, sorted(modules)
        self.program = None
        self.start()

    def start(self):
        self.close()
        self.control, theirs = socket.socketpair()
        more = f"{self.memory}, {self.profile!r}, {self.modules!r}"
        call = f"main({theirs.fileno()}, {self.level!r}, {self.forbidden!r}, {more})"
        with theirs:
            self.program = start_program(call, pass_fds=[theirs.fileno()])
        answer, _ = self._answer()
        if answer["op"] != "ready":
            self.close()
            raise GraderError(f"level {self.level!r} is not to be had here: {answer.get('why', 'no reason was given')}")

    def _answer(self):
        self.control.settimeout(START_SECONDS)
        try:
            data, fds, _, _ = socket.recv_fds(self.control, 4096, 1)
        except OSError as error:
            raise GraderError(f"the process that starts children does not answer ({error})") from None
        if not data:
            raise GraderError(f"the process that starts children ended on its own (level {self.level!r})")
        return json.loads(data), fds

    def fork(self):
        """A new confined child, ready to take cells; ``GraderError`` if it cannot be set up."""
        if self.program is None or self.program.poll() is not None:
            self.start()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [b"fork"], [theirs.fileno()])
        answer, (pidfd,) = self._answer()
        return ready(Child(ours, Forked(self, answer["pid"], pidfd)), self.level)

    def reap(self, pid):
        """How the child ended: exit status, or minus the number of a signal."""
        self.control.sendall(b"reap %d" % pid)
        return self._answer()[0]["status"]

    def close(self):
        """End the zygote and, with it, whatever it started."""
        if self.program is not None:
            self.control.close()
            self.program.kill()
            self.program.wait()
            self.program = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def start_program(call, module="zygote", **more):
    """Start a Python that holds nothing of this one's and makes ``call``, a function of a module of this package.

    ``more`` is for ``subprocess.Popen``; what is not said there of the standard streams leads nowhere.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    code = f"import sys; sys.path.append({package!r}); from course_lib.grading import {module}; {module}.{call}"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    needed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", code],
        env={
            "PATH": os.defpath,
            "PYTHONHASHSEED": "0",
            "LC_ALL": "C.UTF-8",
            "CUDA_VISIBLE_DEVICES": "",
            **threads,
            **needed,
        },
        cwd=os.path.abspath(os.sep),
        start_new_session=True,
        **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL) | more,
    )


def ready(child, level):
    """``child``, once it has said that it is confined; until then whatever goes wrong is the grader's error."""
    try:
        said, _ = child.receive(child.deadline(START_SECONDS, START_SECONDS))
    except Gone as gone:
        raise GraderError(f"a child could not be confined at level {level!r} ({gone.message})") from None
    if said.get("op") != "ready":
        raise GraderError("a child did not start as it should")
    return child


class Forked:
    """A zygote's child as a process: its clock and its end. Held by a pidfd, never by a number that may be reused."""

    def __init__(self, zygote, pid, pidfd):
        self.zygote, self.pid, self.pidfd = zygote, pid, pidfd
        self.clock = _processor_clock(pidfd)

    def seconds(self):
        """Processor time used so far."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(self.clock)
        return 0.0

    def ends_within(self, seconds):
        return bool(select.select([self.pidfd], [], [], seconds)[0])

    def kill(self):
        """End it; how it ended: exit status, or minus the number of a signal."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        os.close(self.pidfd)
        return self.zygote.reap(self.pid)


class Child:
    """One process with student code: frames to it, frames from it, its end.

    Args:
        sock: our end of the line.
        process: ``Forked``, or what has its three methods.
    """

    def __init__(self, sock, process):
        self.sock, self.process, self.ended = sock, process, False
        self.sock.setblocking(False)
        self.received = 0

    def seconds(self):
        """Processor time used so far."""
        return 0.0 if self.ended else self.process.seconds()

    def send(self, message, buffers=(), seconds=5):
        data = memoryview(protocol.pack(message, buffers))
        while data:
            try:
                data = data[self.sock.send(data) :]
            except BlockingIOError:
                self._wait(self.deadline(seconds, seconds), to_send=True)
            except OSError:
                raise self._gone() from None

    def deadline(self, seconds, idle, slowness=Limits.slowness):
        """When a task ends that may take ``seconds`` of processor time and wait ``idle`` seconds in one go."""
        return Deadline(self.seconds() + seconds, idle, time.monotonic() + slowness * seconds + idle)

    def receive(self, until, max_received=protocol.MAX_BODY):
        """The next frame, before the ``Deadline`` and before ``max_received`` bytes have come in all.

        Raises ``Gone`` if the child ends, takes too long or breaks the protocol.
        """
        self._check(until)
        try:
            header, body = protocol.sizes(self._take(protocol.PREFIX.size, until))
            self.received += header + body
            if self.received > max_received:
                raise protocol.ProtocolError("too much was sent")
            return protocol.unpack(self._take(header, until), self._take(body, until))
        except protocol.ProtocolError as error:
            raise self.end("Died", f"The line to the grader was misused: {error}.") from None

    def _take(self, count, until):
        data = bytearray()
        while len(data) < count:
            try:
                part = self.sock.recv(min(count - len(data), 1 << 20))
                if not part:
                    raise self._gone()
                data += part
            except BlockingIOError:
                self._wait(until)
            except OSError:
                raise self._gone() from None
        return bytes(data)

    def _wait(self, until, to_send=False):
        """Until the line is ready; ends the child when its time is up."""
        lists = ([], [self.sock], []) if to_send else ([self.sock], [], [])
        used, since = self.seconds(), time.monotonic()
        while not any(select.select(*lists, 0.1)):
            seconds, now = self.seconds(), time.monotonic()
            self._check(until)
            if seconds - used > 0.02:
                used, since = seconds, now
            elif now - since > until.idle:
                raise self.end("TimeLimit", "It waited for something that never comes, and was stopped.")
        self._check(until)

    def _check(self, until):
        if self.seconds() > until.processor or time.monotonic() > until.wall:
            raise self.end("TimeLimit", "It took too long and was stopped: look for a loop that never ends.")

    def end(self, kind="Died", message="It was stopped."):
        """Kill the child; returns the ``Gone`` that says why."""
        if not self.ended:
            self._close()
        return Gone(kind, message)

    def _gone(self):
        """The ``Gone`` of a child that hung up: how did it end?"""
        if not self.process.ends_within(0.5):
            return self.end("Died", "The line to the grader was closed.")
        status = self._close()
        if status == -9:  # not by us: by the system, for want of memory
            return Gone("MemoryLimit", "It needed too much memory and was stopped.")
        if status < 0:
            with contextlib.suppress(ValueError):
                return Gone("Died", f"Python itself crashed ({signal.Signals(-status).name}).")
        return Gone("Died", f"It ended Python (exit status {status}).")

    def _close(self):
        self.sock.close()
        self.ended = True
        return self.process.kill()


def _processor_clock(pidfd):
    """The clock of a process's processor time: ~pid * 8 + 2, see clock_getcpuclockid(3)."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        pid = next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
    return (~pid << 3) | 2


def best_level(forbidden=(), memory=Limits.memory, levels=LEVELS, profile="numpy", modules=()):
    """What starts children at the best of ``levels`` that works here, and the reasons why better ones do not."""
    if sys.platform != "linux":
        from course_lib.grading.spawn import Spawner

        return Spawner(forbidden, memory, profile, modules), [f"there is no sandbox for {sys.platform}"]
    reasons = []
    for level in levels:
        try:
            return Zygote(level, forbidden, memory, profile, modules), reasons
        except GraderError as error:
            reasons.append(str(error))
    raise GraderError("No process for student code can be started: " + "; ".join(reasons))
