"""One submission at work: its cells run in a child, its functions called from here as if they were at home."""

import contextlib
import time

from course_lib.checks.calls import BUILTIN, GraderError, StudentError, kind_of_unwritten
from course_lib.grading import memory, packages, plain, protocol
from course_lib.grading.handed import cell_words
from course_lib.grading.line import FAR_TOO_LARGE, Line
from course_lib.grading.process import Gone, Limits
from course_lib.grading.replay import Replay
from course_lib.kept import MEMORY
from course_lib.settings.language import tr
from course_lib.switches import Left, named

NESTING = 20  # a callable of the check that calls the function that calls it ...


class Session:
    """Runs the cells of one notebook and calls its functions; survives whatever they do.

    Args:
        zygote: starts the children.
        cells: ``(name, source)`` in the notebook's order.
        names: functions that will be asked for.
        limits: ``Limits``.
        aside: the moment (``time.monotonic()``) from which others come first; ``None``: never.

    Attributes:
        problems: a ``Problem`` for each statement that was left out, in the notebook's order.

    A process that is ended from outside raises ``Interrupted``, a submission that takes long ``SetAside``.
    """

    def __init__(self, zygote, cells, names, limits=None, aside=None):
        self.zygote, self.cells, self.names = zygote, list(cells), list(names)
        self.limits = limits or Limits.of(zygote.profile)
        self.aside, self.child, self.line = aside, None, None
        self.used, self.idled, self.restarts, self.began = 0.0, 0.0, 0, time.monotonic()
        self.replay = Replay(self.cells, self.limits)
        self.written, self.others = (), []
        self.stopped, self.deaths = {}, {}
        self.depth, self.kept = 0, 0

    # --- Children ----------------------------------------------------------------------------------------

    def __enter__(self):
        self.revive()
        return self

    def __exit__(self, *_):
        self.end_child()

    def end_child(self):
        if self.child is not None:
            self.child.end()
            self._lost()

    def begin(self):
        """Run the cells, before anything is called; finding out what has to be left out is a run of its own."""
        with contextlib.suppress(Gone):
            self.revive()
        self.before_calls = self.replay.copy()
        self._forget_time()

    def start_afresh(self):
        """As after ``begin``: nothing is left of what was called, and every function gets its chances."""
        self.end_child()
        self.replay = self.before_calls.copy()
        self._forget_time()
        self.stopped.clear()
        self.deaths.clear()

    def _forget_time(self):
        """Count anew what earlier children may take."""
        self.used, self.idled, self.restarts, self.began = 0.0, 0.0, 0, time.monotonic()

    def _lost(self):
        """The child is gone: forget it, but not the time that it took."""
        self.used += self.child.seconds()
        self.idled += self.child.idle()
        self.child = None

    def left(self):
        """Processor seconds that this run may still use; none when the clock on the wall has gone too far."""
        if time.monotonic() - self.began > self.limits.total_seconds * self.limits.slowness / 4:
            return 0.0
        return self.limits.total_seconds - self.used - (self.child.seconds() if self.child else 0)

    def patience(self):
        """Seconds that this run may still wait without computing."""
        return max(0.0, self.limits.waiting_seconds - self.idled - (self.child.idle() if self.child else 0))

    def revive(self):
        """A child in which all statements have run that can; ``Gone`` if there is none to be had."""
        while self.child is None:
            if self.restarts > self.limits.restarts or self.left() <= 0 or self.patience() <= 0:
                raise Gone("TimeLimit", tr("The notebook as a whole took too long; what was done until then counts."))
            self.restarts += 1
            packages.prepare(self.zygote, self.cells)
            self.child = self.zygote.fork()
            self.child.aside = self.aside
            self.line = Line(self.child, self.zygote.profile, self.limits.received, self.call)
            try:
                if not self._run_cells():
                    self.end_child()
            except Gone:
                self._lost()

    # --- Cells -------------------------------------------------------------------------------------------

    @property
    def problems(self):
        return self.replay.problems

    def _run_cells(self):
        """Whether the child is as it should be, with all statements run that can."""
        if not self.replay.run(self):
            return False
        self.line.send({"op": "names", "names": self.names})
        answer = self._receive(self._deadline(self.limits.call_seconds))
        names, others = answer.get("names"), answer.get("others")
        if answer["op"] != "names" or type(names) is not list or type(others) is not list:
            raise self.line.misused()
        self.written = tuple(name for name in self.names if name in names)
        self.others = [plain.name(name) for name in others[:MAX_OTHERS] if type(name) is str]
        return True

    def exchange(self, message, seconds):
        """The child's frames after ``message``, as many as the caller takes; ``seconds``: processor time for each."""
        self.line.send(message)
        while True:
            yield self._receive(self._deadline(seconds, WAITING))

    def _deadline(self, seconds, idle=None):
        idle = min(idle or self.limits.idle_seconds, self.limits.idle_seconds, self.patience())
        return self.child.deadline(min(seconds, self.left()), idle, self.limits.slowness)

    def _receive(self, until):
        message = self.line.receive(until)
        self.kept += self.line.weight
        return message

    # --- Calls -------------------------------------------------------------------------------------------

    def function(self, name):
        """A stand-in for the student's function ``name``: takes and returns plain data, raises ``StudentError``."""

        def stand_in(*args, **kwargs):
            return self.call(name, args, kwargs)

        stand_in.__name__ = name
        self.kept = 0
        return stand_in

    def call(self, target, args, kwargs, op="call"):
        """Call a function of the student's by name or by handle.

        Raises:
            StudentError: whatever it did instead of returning.
        """
        if target in self.stopped:
            raise self.stopped[target]
        if self.depth >= NESTING:
            raise StudentError("RecursionError", tr("The function and what it was given call each other for ever."))
        self.depth += 1
        try:
            return self._call(target, args, kwargs, op)
        except protocol.TooLarge:
            if self.line.torch:
                self.end_child()  # its tensors are half encoded
            raise StudentError("TooLarge", FAR_TOO_LARGE) from None
        except MemoryError:
            self.end_child()
            raise StudentError("TooLarge", FAR_TOO_LARGE) from None
        except Gone as gone:
            if self.child is not None and self.child.ended:
                self._lost()
            error = StudentError(gone.kind, gone.message)
            self._count_against(target, error)
            raise error from None
        except (GraderError, KeyboardInterrupt):
            self.end_child()
            raise
        finally:
            self.depth -= 1

    def _count_against(self, target, error):
        """A function that brought its process down three times is not called again."""
        if isinstance(target, str):
            self.deaths[target] = self.deaths.get(target, 0) + 1
            if self.deaths[target] >= 3:
                self.stopped[target] = error

    def _call(self, target, args, kwargs, op):
        if self.depth == 1:
            self.revive()
            self.child.received = 0
        if isinstance(target, str):
            if target not in self.written:
                raise StudentError("NotWritten", tr("There is no function {name}.", name=target))
            where = target
        else:
            where = self.line.foreign(target)["object"]
        patience = 4 if target in self.deaths else 1
        until = self._deadline(self.limits.call_seconds / patience)
        chance = {"chance": self.line.torch.chance()} if self.line.torch and self.depth == 1 else {}
        self.line.send({"op": op, "target": where, **chance}, args=args, kwargs=kwargs)
        while True:
            answer = self._receive(until)
            self._write_back(args, answer.get("containers", []))
            if answer["op"] == "return" and "value" in answer:
                if self.kept > self.limits.kept:
                    raise StudentError("TooLarge", tr("What its calls return is too much to be compared."))
                return self._with_switches(answer) if self.depth == 1 else answer["value"]
            if answer["op"] == "end" and op == "next":
                raise StopIteration
            if answer["op"] == "raise":
                kind, message, cell, line = self._told(answer)
                kind = kind_of_unwritten(message) if kind == "NotImplementedError" else KINDS.get(kind, kind)
                raise StudentError(kind, message, self._text(cell, line, numbered=True))
            if answer["op"] != "callback":
                raise self.line.misused()
            self._answer_callback(answer)

    def _with_switches(self, answer):
        """What a call returned, with the names of the switches that it left changed, if there are any."""
        said = answer.get("switched")
        names = [name for name in said if type(name) is str] if type(said) is list else []
        left = tuple(row.name for row in named(names, self.zygote.profile)) + (MEMORY,) * (MEMORY in names)
        return Left(answer["value"], left) if left else answer["value"]

    def _write_back(self, args, rows):
        """Lists and dicts among the arguments become what the student's function made of them."""
        for row in rows if type(rows) is list else ():
            place, value = row if type(row) is list and len(row) == 2 else (None, None)
            if type(place) is not int or not 0 <= place < len(args) or type(value) not in (list, dict):
                raise self.line.misused()
            if type(value) is type(args[place]):
                args[place].clear()
                (args[place].extend if type(value) is list else args[place].update)(value)

    def _answer_callback(self, request):
        number, args, kwargs = request.get("number"), request.get("args"), request.get("kwargs")
        if type(number) is not int or number not in self.line.callables:
            raise self.line.misused()
        if type(args) is not tuple or type(kwargs) is not dict or not all(type(key) is str for key in kwargs):
            raise self.line.misused()
        try:
            self.line.send({"op": "return"}, value=self._asked(self.line.callables[number], args, kwargs))
        except (GraderError, Gone):
            raise
        except Exception as error:
            if isinstance(error, protocol.TooLarge) and self.line.torch:
                raise
            if isinstance(error, (MemoryError, protocol.TooLarge)):
                error = ValueError("What was asked for is far larger than anything that was given.")
            message = {"op": "raise", "kind": type(error).__name__, "message": str(error)[:500], "number": number}
            self.line.send(message)

    def _asked(self, function, args, kwargs):
        """What a callable of the check's answers to the student's function, within limits and at its cost."""
        if self.line.weight > MAX_ASKED:
            raise ValueError("The array is far larger than any that was given.")
        if self.kept > self.limits.kept:
            raise ValueError("This was asked for more than a right answer ever would.")
        with self.child.at_its_cost(), memory.at_most(MAX_ANSWERED):
            return function(*args, **kwargs)

    def _told(self, answer):
        """``(kind, message, cell, line)`` of a "raise" frame, whatever is in it."""
        kind, message = answer.get("kind"), answer.get("message")
        cell, line = answer.get("cell"), answer.get("line")
        kind = kind if kind in BUILTIN or kind == "TooLarge" else "Exception"  # limits are for the grader to name
        message = protocol.text(message, 500) if type(message) is str else ""
        line = line if type(line) is int and 0 < line < 100_000 else 0
        return kind, message, cell if type(cell) is str else "", line

    def _text(self, cell, line, numbered=False):
        """The text of a line of a cell, "" if there is none."""
        source = dict(self.cells).get(cell, "").splitlines()
        if not 0 < line <= len(source):
            return ""
        text = protocol.text(source[line - 1].strip(), 200)
        return f"{cell_words(cell)}, {tr('line {number}', number=line)}: {text}" if numbered else text


WAITING = 2  # seconds that a cell may do nothing: nobody sleeps there
MAX_OTHERS = 200  # names of other functions
MAX_ASKED = 1 << 20  # bytes with which a check's callable may be asked
MAX_ANSWERED = 32 << 20  # bytes that it may take to answer
KINDS = {"MemoryError": "MemoryLimit"}
