"""The parent's hold on a zygote, the program that forks one confined child at a time, and on what it forked."""

import contextlib
import json
import os
import select
import signal
import socket
import time

from course_lib.checks.calls import GraderError
from course_lib.grading.process import START_SECONDS, Child, Interrupted, Limits, ready
from course_lib.grading.programs import start_program

TRIES = 10  # to start what something else keeps ending


class Zygote:
    """Starts the program that forks children; starts it again, at the same level, should it die.

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
        self._again(self._start)

    def fork(self):
        """A new confined child, ready to take cells; ``GraderError`` if it cannot be set up."""
        return self._again(self._fork)

    def reap(self, pid):
        """How the child ended: exit status, or minus the number of a signal. Raises ``Interrupted``."""
        self._ask(b"reap %d" % pid)
        return self._answer()[0]["status"]

    def close(self):
        """End the zygote and, with it, whatever it started."""
        if self.program is not None:
            self.control.close()
            self.program.kill()
            self.program.wait()
            self.program = None

    def _again(self, act):
        for _ in range(TRIES):
            try:
                return act()
            except Interrupted as error:
                reason = error
                self.close()
        raise Interrupted(f"{reason}, {TRIES} times")

    def _start(self):
        self.control, theirs = socket.socketpair()
        more = f"{self.memory}, {self.profile!r}, {self.modules!r}"
        call = f"main({theirs.fileno()}, {self.level!r}, {self.forbidden!r}, {more})"
        with theirs:
            self.program = start_program(call, pass_fds=[theirs.fileno()])
        answer = self._first_answer()
        if answer["op"] != "ready":
            self.close()
            raise GraderError(f"level {self.level!r} is not to be had here: {answer.get('why', 'no reason was given')}")

    def _first_answer(self):
        try:
            return self._answer()[0]
        except Interrupted:
            self.control.close()
            if self.program.wait() == -signal.SIGSYS:  # a container that ends who asks for a namespace
                return {"op": "failed", "why": "the system forbids it"}
            raise

    def _fork(self):
        if self.program is None or self.program.poll() is not None:
            self.close()
            self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            self._ask(b"fork", [theirs.fileno()])
        answer, (pidfd,) = self._answer()
        return ready(Child(ours, Forked(self, answer["pid"], pidfd)), self.level)

    def _ask(self, command, fds=()):
        try:
            socket.send_fds(self.control, [command], list(fds))
        except OSError as error:
            raise Interrupted(f"the process that starts children is gone ({error})") from None

    def _answer(self):
        self.control.settimeout(START_SECONDS)
        try:
            data, fds, _, _ = socket.recv_fds(self.control, 4096, 1)
        except OSError as error:
            raise Interrupted(f"the process that starts children does not answer ({error})") from None
        if not data:
            raise Interrupted(f"the process that starts children ended (level {self.level!r})")
        return json.loads(data), fds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Forked:
    """A zygote's child as a process: its clocks and its end. Held by a pidfd, never by a number that may be reused."""

    def __init__(self, zygote, pid, pidfd):
        self.zygote, self.pid, self.pidfd = zygote, pid, pidfd
        self.confined = zygote.level != "none"  # else it may send itself any signal
        self.number = _process_number(pidfd)
        self.clock = (~self.number << 3) | 2  # of a process's processor time, see clock_getcpuclockid(3)

    def seconds(self):
        """Processor time used so far."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(self.clock)
        return 0.0

    def busy(self):
        """Seconds in which it computed, or would have, had there been a processor free."""
        try:
            with open(f"/proc/{self.number}/schedstat") as file:
                computing, in_line, turns = map(int, file.read().split())
        except (OSError, ValueError):
            turns = 0
        return (computing + in_line) / 1e9 if turns else self.seconds() * Limits.slowness

    def ends_within(self, seconds):
        return bool(select.select([self.pidfd], [], [], seconds)[0])

    def kill(self):
        """End it; how it ended: exit status, or minus the number of a signal."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        os.close(self.pidfd)
        return self.zygote.reap(self.pid)


def _process_number(pidfd):
    """The process's number here, whatever it is called in a namespace of its own; 0 once it has ended."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        return max(0, next(int(line.split()[1]) for line in file if line.startswith("Pid:")))
