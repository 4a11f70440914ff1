"""One submission at work: its cells run in a child, its functions called from here as if they were at home."""

import contextlib
import dataclasses
import time
import weakref

import numpy as np

from course_lib.checks.calls import BUILTIN, GraderError, StudentError, kind_of_unwritten
from course_lib.grading import memory, packages, plain, protocol
from course_lib.grading.handed import cell_words
from course_lib.grading.process import Gone, Limits
from course_lib.grading.replay import Replay
from course_lib.settings.language import later, tr
from course_lib.switches import Left, named

NESTING = 20  # a callable of the check that calls the function that calls it ...


class Opaque:
    """An object of the student's: a number and the name of its type, nothing that could act here."""

    def __init__(self, session, number):
        self._session, self._number, self._child = session, number, session.child
        weakref.finalize(self, session.dropped.append, number)


class OpaqueFunction(Opaque):
    """A function of the student's that a function of the student's returned."""

    def __call__(self, *args, **kwargs):
        return self._session.call(self, args, kwargs)


class OpaqueIterator(Opaque):
    """A generator or iterator of the student's."""

    def __iter__(self):
        return self

    def __next__(self):
        return self._session.call(self, (), {}, op="next")


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
        self.aside, self.child = aside, None
        self.used, self.idled, self.restarts, self.began = 0.0, 0.0, 0, time.monotonic()
        self.replay = Replay(self.cells, self.limits)
        self.written, self.others = (), []
        self.stopped, self.deaths = {}, {}
        self.dropped, self.depth, self.kept = [], 0, 0

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
            self._forget_objects()
            try:
                if not self._run_cells():
                    self.end_child()
            except Gone:
                self._lost()

    def _forget_objects(self):
        self.shared = protocol.SharedArrays(0, self._weakly)
        self.callables, self.callable_numbers, self.generators = {}, {}, {}
        self.freed, self.pinned, self.torch_freed = [], [], []
        self.dropped.clear()
        self.torch = None
        if self.zygote.profile == "torch":
            from course_lib.grading.torch_line import TorchLine

            self.torch = TorchLine(0, self._weakly_too, trusted=True)

    def _weakly(self, array, number):
        freed = self.freed
        return weakref.ref(array, lambda _: freed.append(number))

    def _weakly_too(self, value, number):
        freed = self.torch_freed
        return weakref.ref(value, lambda _: freed.append(number))

    # --- Cells -------------------------------------------------------------------------------------------

    @property
    def problems(self):
        return self.replay.problems

    def _run_cells(self):
        """Whether the child is as it should be, with all statements run that can."""
        if not self.replay.run(self):
            return False
        self._send({"op": "names", "names": self.names})
        answer = self._receive(self._deadline(self.limits.call_seconds))
        names, others = answer.get("names"), answer.get("others")
        if answer["op"] != "names" or type(names) is not list or type(others) is not list:
            raise self.misused()
        self.written = tuple(name for name in self.names if name in names)
        self.others = [plain.name(name) for name in others[:MAX_OTHERS] if type(name) is str]
        return True

    def exchange(self, message, seconds):
        """The child's frames after ``message``, as many as the caller takes; ``seconds``: processor time for each."""
        self._send(message)
        while True:
            yield self._receive(self._deadline(seconds, WAITING))

    def misused(self):
        return self.child.end("Died", tr("The line to the grader was misused."))

    # --- Frames ------------------------------------------------------------------------------------------

    def _send(self, message, **values):
        """Send ``message`` with encoded ``values``. Raises ``TooLarge`` if they are, and nothing is sent."""
        first = self.shared.next
        with self.child.at_its_cost():
            encoder = self.encoder = protocol.Encoder(self.shared, self._foreign)
            try:
                message |= {key: encoder.encode(value) for key, value in values.items()}
            except protocol.TooLarge:
                self.shared.forget_from(first)
                raise
            except protocol.CannotCross as error:
                raise GraderError(str(error)) from None
            try:
                self._send_encoded(message, encoder)
            except protocol.TooLarge:  # what was there before has grown
                raise self.child.end("TooLarge", FAR_TOO_LARGE) from None

    def _send_encoded(self, message, encoder):
        freed, self.freed[:] = list(self.freed), []
        for number in freed:
            self.shared.forget(number)
        dropped, self.dropped[:] = list(self.dropped), []
        if self.torch:
            message["torch"] = self._torch_frame(encoder)
        changed = self.shared.changes(encoder.buffers)
        self.pinned = self.shared.alive()  # the child may name them in its answer
        self.child.send({**message, "changed": changed, "free": freed, "drop": dropped}, encoder.buffers)

    def _torch_frame(self, encoder):
        freed, self.torch_freed[:] = list(self.torch_freed), []
        for number in freed:
            self.torch.forget(number)
        frame = self.torch.frame(encoder)
        self.torch.kept = [value for _, value in self.torch.alive()]
        return {**frame, "free": freed}

    def _deadline(self, seconds, idle=None):
        idle = min(idle or self.limits.idle_seconds, self.limits.idle_seconds, self.patience())
        return self.child.deadline(min(seconds, self.left()), idle, self.limits.slowness)

    def _receive(self, until):
        """A frame that says what it is, with its values made and its changes applied."""
        child = self.child
        message, buffers = child.receive(until, self.limits.received)
        try:
            with child.at_its_cost():
                return self._read(message, buffers)
        except (protocol.ProtocolError, IndexError, ValueError, KeyError, MemoryError) as error:
            raise child.end("Died", tr("The line to the grader was misused: {error}.", error=error)) from None
        finally:
            self.pinned = []
            if self.torch:
                self.torch.kept = []

    def _read(self, message, buffers):
        self.handles = 0
        if type(message) is not dict or type(message.get("op")) is not str:
            raise protocol.ProtocolError("a message that says nothing")
        rows = message.get("changed", [])
        if type(rows) is not list or not all(type(row) is list and len(row) == 2 for row in rows):
            raise protocol.ProtocolError("changes that are none")
        self.shared.apply([(n, protocol.natural(k)) for n, k in rows], buffers)
        if self.torch:
            self.torch.take(message["torch"], buffers)
        decoder = protocol.Decoder(self.shared, buffers, self._native)
        for key in ("value", "args", "kwargs", "containers"):
            if key in message:
                message[key] = decoder.decode(message[key])
        self.weight = decoder.weight()
        self.kept += self.weight
        return message

    def _foreign(self, value):
        """How what is not plain crosses to the child."""
        if isinstance(value, Opaque):
            if value._child is not self.child:
                raise Gone("Died", tr("Something that an earlier call returned was lost when Python was ended."))
            return {"object": value._number}
        if self.torch and (row := self.torch.encode(value, self.encoder)):
            return row
        if isinstance(value, np.random.Generator) and isinstance(value.bit_generator, np.random.PCG64):
            return {"generator": self._generator(value)}
        if callable(value):
            number = self.callable_numbers.setdefault(id(value), len(self.callable_numbers))
            self.callables[number] = value
            return {"callable": number}
        if isinstance(value, (int, str, dict, np.ndarray, np.generic)):  # made of what the student's function returned
            raise protocol.TooLarge(f"a {type(value).__name__} that cannot cross")
        if dataclasses.is_dataclass(value):
            raise GraderError(f"A check passes a {type(value).__name__}: pass its arrays and callables one by one.")
        raise GraderError(f"A check passes a {type(value).__name__}, which cannot cross to another process.")

    def _generator(self, generator):
        """The generator's number, and its state unless the child has it already."""
        number, _, known = self.generators.setdefault(id(generator), (len(self.generators), generator, None))
        state = generator.bit_generator.state
        self.generators[id(generator)] = (number, generator, state)
        return [number, None if state == known else state]

    def _native(self, kind, row):
        """What of the child's is not plain: a handle with the name of its type."""
        if kind == "yours" and type(row) is int and row in self.callables:
            return self.callables[row]
        if self.torch and kind in TORCH_KINDS:
            return self.torch.decode(kind, row)
        if kind != "object" or type(row.get("type")) is not str:
            raise protocol.ProtocolError("an unknown kind of value")
        self.handles += 1
        if self.handles > MAX_HANDLES:
            raise protocol.ProtocolError("too many objects that are not plain")
        base = OpaqueFunction if row.get("callable") is True else Opaque
        base = OpaqueIterator if row.get("iterator") is True else base
        return type(plain.name(row["type"]), (base,), {})(self, protocol.natural(row["number"]))

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
            if self.torch:
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
            where = self._foreign(target)["object"]
        patience = 4 if target in self.deaths else 1
        until = self._deadline(self.limits.call_seconds / patience)
        chance = {"chance": self.torch.chance()} if self.torch and self.depth == 1 else {}
        self._send({"op": op, "target": where, **chance}, args=args, kwargs=kwargs)
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
                raise self.child.end("Died", tr("The line to the grader was misused."))
            self._answer_callback(answer)

    def _with_switches(self, answer):
        """What a call returned, with the names of the switches that it left changed, if there are any."""
        said = answer.get("switched")
        names = [name for name in said if type(name) is str] if type(said) is list else []
        left = tuple(row.name for row in named(names, self.zygote.profile))
        return Left(answer["value"], left) if left else answer["value"]

    def _write_back(self, args, rows):
        """Lists and dicts among the arguments become what the student's function made of them."""
        for row in rows if type(rows) is list else ():
            place, value = row if type(row) is list and len(row) == 2 else (None, None)
            if type(place) is not int or not 0 <= place < len(args) or type(value) not in (list, dict):
                raise self.child.end("Died", tr("The line to the grader was misused."))
            if type(value) is type(args[place]):
                args[place].clear()
                (args[place].extend if type(value) is list else args[place].update)(value)

    def _answer_callback(self, request):
        number, args, kwargs = request.get("number"), request.get("args"), request.get("kwargs")
        if type(number) is not int or number not in self.callables:
            raise self.child.end("Died", tr("The line to the grader was misused."))
        if type(args) is not tuple or type(kwargs) is not dict or not all(type(key) is str for key in kwargs):
            raise self.child.end("Died", tr("The line to the grader was misused."))
        try:
            self._send({"op": "return"}, value=self._asked(self.callables[number], args, kwargs))
        except (GraderError, Gone):
            raise
        except Exception as error:
            if isinstance(error, protocol.TooLarge) and self.torch:
                raise
            if isinstance(error, (MemoryError, protocol.TooLarge)):
                error = ValueError("What was asked for is far larger than anything that was given.")
            message = {"op": "raise", "kind": type(error).__name__, "message": str(error)[:500], "number": number}
            self._send(message)

    def _asked(self, function, args, kwargs):
        """What a callable of the check's answers to the student's function, within limits and at its cost."""
        if self.weight > MAX_ASKED:
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


FAR_TOO_LARGE = later("What came out is far too large to be worked with.")
WAITING = 2  # seconds that a cell may do nothing: nobody sleeps there
MAX_OTHERS = 200  # names of other functions
MAX_HANDLES = 1_000  # objects in one frame that are not plain
MAX_ASKED = 1 << 20  # bytes with which a check's callable may be asked
MAX_ANSWERED = 32 << 20  # bytes that it may take to answer
TORCH_KINDS = ("tensor", "torch", "dtype", "device")
KINDS = {
    "MemoryError": "MemoryLimit",
}
