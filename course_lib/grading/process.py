"""One process with student code, as the parent holds it: frames to it, frames from it, its clocks, its end."""

import contextlib
import signal
import time
from dataclasses import dataclass, replace
from typing import NamedTuple

from course_lib.checks.calls import GraderError
from course_lib.grading import protocol
from course_lib.settings.language import later, tr

START_SECONDS = 180  # a busy computer that imports PyTorch
STEP = 0.1  # seconds between two looks at the clocks of a child that says nothing
LOOK = 0.02  # seconds in which no clock of a child's goes further than matters
CHUNK = 1 << 16  # bytes that are taken from the line at once
CLOSING_SECONDS = 10  # in which a process that has hung up ends, on a busy computer
LINGERING_SECONDS = 0.5  # of computing or sleeping after which it is not about to end
# A child may send none (no kill, no raise); what it can bring about are crashes, timers and its own limits.
STOPPED = later("It was stopped.")
OF_ITS_OWN = "SEGV BUS FPE ILL TRAP ABRT SYS ALRM VTALRM PROF XCPU XFSZ PIPE"
OWN_SIGNALS = frozenset(getattr(signal, f"SIG{name}", None) for name in OF_ITS_OWN.split())


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds, call_seconds: processor time of one cell, of one call of a function, what they ask of the grader
            included.
        statement_seconds: processor time of one statement in a cell, after which it is interrupted and left out.
        idle_seconds: time of one cell or call in which nothing is computed (waiting, sleeping).
        total_seconds: processor time of one run, restarts included (there are three at most: to find out which cells
            can run, with the secret seed and with the visible one); all cells together get half of it.
        waiting_seconds: time of one run in which nothing is computed.
        slowness: seconds on the wall for one of processor time, on a busy computer.
        memory: bytes beyond what Python and NumPy take.
        received: bytes that one call may send.
        kept: bytes of what the functions of one exercise return and ask, in one run.
        restarts: how often a child that died is started again.
        aside_seconds: time on the wall of a submission's first try, after which the others come first; see ``turns``.
    """

    cell_seconds: float = 10
    statement_seconds: float = 3
    call_seconds: float = 3
    idle_seconds: float = 5
    total_seconds: float = 60
    waiting_seconds: float = 15
    slowness: float = 20
    memory: int = 1 << 30
    received: int = 32 << 20
    kept: int = 16 << 20
    restarts: int = 12
    aside_seconds: float = 1

    @classmethod
    def of(cls, profile):
        """The usual limits; PyTorch is larger and slower than NumPy."""
        torch = {"cell_seconds": 20, "call_seconds": 10, "total_seconds": 120, "memory": 3 << 30, "aside_seconds": 2}
        return cls(**torch) if profile == "torch" else cls()

    def shared_by(self, count):
        """The limits of each of ``count`` files of one submission: its time is theirs together."""
        return replace(self, total_seconds=self.total_seconds / count, waiting_seconds=self.waiting_seconds / count)


class Deadline(NamedTuple):
    """When a child's processor time, its idling and the clock on the wall have gone too far."""

    processor: float
    idle: float
    wall: float


class Gone(Exception):
    """The child ended, or was ended: ``kind`` as in ``StudentError``, ``message`` for the student."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind, self.message = kind, message


class Interrupted(GraderError):
    """A process of ours was ended from outside, so that nothing is known about the answer: try again."""


class SetAside(GraderError):
    """A submission that takes long has to wait until the others are marked."""


def ready(child, level):
    """``child``, once it has said that it is confined; until then whatever goes wrong is the grader's error."""
    try:
        said, _ = child.receive(child.deadline(START_SECONDS, START_SECONDS))
    except Gone as gone:
        raise GraderError(f"a child could not be confined at level {level!r} ({gone.message})") from None
    if said.get("op") != "ready":
        raise GraderError("a child did not start as it should")
    return child


class Charge:
    """Counts the processor time of this thread, in ``seconds``, while it is entered, once or within itself."""

    def __init__(self):
        self.seconds, self.depth, self.began = 0.0, 0, 0.0

    def __enter__(self):
        if not self.depth:
            self.began = time.thread_time()
        self.depth += 1

    def __exit__(self, *_):
        self.depth -= 1
        if not self.depth:
            self.seconds += time.thread_time() - self.began


class Child:
    """One process with student code: frames to it, frames from it, its end.

    Args:
        sock: our end of the line.
        process: ``forks.Forked``, or what has its four methods.
    """

    def __init__(self, sock, process):
        self.sock, self.process, self.ended = sock, process, False
        self.sock.settimeout(STEP)
        self.received, self.buffer = 0, bytearray()
        self.used, self.charge = 0.0, Charge()
        self.waited, self.idled, self.looked = 0.0, 0.0, 0.0
        self.aside = None  # the moment from which it keeps others waiting

    # --- Clocks --------------------------------------------------------------------------------------------

    def seconds(self):
        """Processor time used so far: its own, and the grader's on its behalf."""
        self._look()
        return self.used + self.charge.seconds

    def idle(self):
        """Seconds in which we waited for it while it neither computed nor stood in line for a processor."""
        self._look()
        return self.idled

    def _look(self, soon=LOOK):
        """Read its clocks, unless that was done ``soon`` before: they are asked for at every frame."""
        now = time.monotonic()
        if not self.ended and now >= self.looked + soon:
            self.looked = now
            self.used = max(self.used, self.process.seconds())
            self.idled = max(0.0, self.waited - self.process.busy())

    def at_its_cost(self):
        """Within, the processor time of this thread is counted as the child's."""
        return self.charge

    def deadline(self, seconds, idle, slowness=Limits.slowness):
        """When a task ends that may take ``seconds`` of processor time and wait ``idle`` seconds in all."""
        return Deadline(self.seconds() + seconds, self.idle() + idle, time.monotonic() + slowness * seconds + idle)

    def check(self, until):
        """Raise ``Gone`` if its time is up, ``SetAside`` if others should have their turn first."""
        now = time.monotonic()
        if self.aside is not None and now > self.aside:
            self.end()
            raise SetAside("It takes long: the others come first.")
        if self.seconds() > until.processor or now > until.wall:
            raise self.end("TimeLimit", tr("It took too long and was stopped: look for a loop that never ends."))

    # --- Frames --------------------------------------------------------------------------------------------

    def send(self, message, buffers=(), seconds=5):
        data = memoryview(protocol.pack(message, buffers))
        until = None
        while data:
            try:
                data = data[self._in_time(self.sock.send, data) or 0 :]
            except OSError:
                raise self._gone() from None
            if data:
                until = until or self.deadline(seconds, seconds)
                self._check_waiting(until)

    def receive(self, until, max_received=protocol.MAX_BODY):
        """The next frame, before the ``Deadline`` and before ``max_received`` bytes have come in all.

        Raises ``Gone`` if the child ends, takes too long or breaks the protocol.
        """
        self.check(until)
        try:
            header, body = protocol.sizes(self._take(protocol.PREFIX.size, until))
            self.received += header + body
            if self.received > max_received:
                raise protocol.ProtocolError("too much was sent")
            parts = self._take(header, until), self._take(body, until)
            with self.at_its_cost():
                return protocol.unpack(*parts)
        except protocol.ProtocolError as error:
            raise self.end("Died", tr("The line to the grader was misused: {error}.", error=error)) from None

    def _take(self, count, until):
        while len(self.buffer) < count:
            try:
                part = self._in_time(self.sock.recv, CHUNK)
            except OSError:
                raise self._gone() from None
            if part == b"":
                raise self._gone()
            self.check(until) if part else self._check_waiting(until)
            self.buffer += part or b""
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def _in_time(self, act, argument):
        """What ``act`` returns, ``None`` if the line is not ready for it within a step."""
        began = time.monotonic()
        try:
            return act(argument)
        except TimeoutError:
            return None
        finally:
            self.waited += time.monotonic() - began

    def _check_waiting(self, until):
        """As ``check``, where nothing came: ends a child that has been idle for too long."""
        self.check(until)
        if self.idle() > until.idle:
            raise self.end("TimeLimit", tr("It waited for something that never comes, and was stopped."))

    # --- Its end -------------------------------------------------------------------------------------------

    def end(self, kind="Died", message=STOPPED):
        """Kill the child; returns the ``Gone`` that says why."""
        if not self.ended:
            with contextlib.suppress(Interrupted):
                self._close()
        return Gone(kind, message)

    def _gone(self):
        """What to raise when a child has hung up: how did it end?"""
        if not self._ends():
            return self.end("Died", tr("The line to the grader was closed."))
        status = self._close()
        if status >= 0:
            return Gone("Died", tr("It ended Python (exit status {status}).", status=status))
        if -status not in OWN_SIGNALS and self.process.confined:
            return Interrupted(
                f"a process with student code was ended from outside by signal {-status} (for want of memory? Close "
                "other programs, or mark with fewer workers)"
            )
        return Gone("Died", tr("Python itself crashed ({signal}).", signal=_name(-status)))

    def _ends(self):
        """Whether a child that has hung up ends; one that goes on computing, or sleeps, has closed the line itself."""
        began, used, busy = time.monotonic(), self.process.seconds(), self.process.busy()
        while not self.process.ends_within(STEP):
            waited = time.monotonic() - began
            computed, idled = self.process.seconds() - used, waited - (self.process.busy() - busy)
            if waited > CLOSING_SECONDS or max(computed, idled) > LINGERING_SECONDS:
                return False
        return True

    def _close(self):
        """End it for good; how it ended: exit status, or minus the number of a signal."""
        self._look(soon=0)
        self.sock.close()
        self.ended = True
        return self.process.kill()


def _name(number):
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
