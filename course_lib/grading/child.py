"""The student's side of the line: runs cells, answers calls. Whatever it says, the parent does not believe it blindly.

Student code shares this process and may do to it what it likes; it holds no input before it is called, no expected
value at any time, and one open file: the line to the parent.
"""

import builtins
import errno
import os
import random
import re
import sys
import traceback
import types
from time import monotonic, process_time

import numpy as np

from course_lib.grading import plain, protocol
from course_lib.grading.running import QUICKLY, Notebook, no_waiting
from course_lib.grading.standins import Workshop, described, is_one, stand_in, within
from course_lib.kept import MEMORY, Memory
from course_lib.off_limits import Forbidden, refuse
from course_lib.switches import Switches, of

BUILTIN = dict(vars(builtins))
SILENCE = 0.1  # seconds after which a child says how far it is
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Line:
    """Frames over a file descriptor, with nothing but ``read`` and ``write``; or over a socket, where those fail."""

    def __init__(self, fd, sock=None):
        self.fd = fd
        self.read = sock.recv if sock else lambda count: os.read(fd, count)
        self.write = sock.send if sock else lambda data: os.write(fd, data)

    def send(self, message, buffers=()):
        data = memoryview(protocol.pack(message, buffers))
        while data:
            data = data[self.write(data) :]

    def _take(self, count):
        parts = []
        while count:
            part = self.read(min(count, 1 << 20))
            if not part:
                os._exit(0)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def receive(self):
        header, body = protocol.sizes(self._take(protocol.PREFIX.size))
        return protocol.unpack(self._take(header), self._take(body))


class FromParent(Exception):
    """What a callable of the parent raised, when it has no built-in name."""


def from_parent(name):
    return type(name, (FromParent,), {})


class Child:
    """One student's namespace, and the objects that crossed the line."""

    def __init__(self, line, torch_line=None):
        self.line, self.torch = line, torch_line
        self.shared = protocol.SharedArrays(1, lambda array, number: lambda: array)
        self.objects, self.callables, self.generators = {}, {}, {}
        self.raised, self.memories = [], {}
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = vars(module)
        self.namespace |= {"__builtins__": builtins, "np": np}
        self.namespace |= {name: stand_in(name) for name in ("display", "get_ipython")}
        self.notebook = Notebook(self.namespace, told, self._announce)
        self.careful = False

    # --- Values ------------------------------------------------------------------------------------------

    def _foreign(self, value):
        """How an object of the student's crosses: its parent's number if it came from there, else a handle."""
        if isinstance(value, types.FunctionType) and hasattr(value, "parents_number"):
            return {"yours": value.parents_number}
        if self.torch and (row := self.torch.encode(value, self.encoder)):
            return row
        number = len(self.objects)
        self.objects[number] = value
        row = {"number": number, "type": plain.name(type_name(value)), "callable": callable(value)}
        return {"object": row | {"iterator": hasattr(type(value), "__next__")}}

    def _native(self, kind, row):
        if kind == "object":
            return self.objects[row]
        if kind == "callable":
            return self.callables.get(row) or self.callables.setdefault(row, self._callable(row))
        if kind == "generator":
            number, state = row
            if state is not None:
                self.generators.setdefault(number, np.random.Generator(np.random.PCG64(0))).bit_generator.state = state
            return self.generators[number]
        if kind == "record":
            return types.SimpleNamespace(**{key: self.decoder._decode(item, 1) for key, item in row})
        if self.torch:
            return self.torch.decode(kind, row)
        raise protocol.ProtocolError(kind)

    def _callable(self, number):
        def ask(*args, **kwargs):
            return self.ask({"op": "callback", "number": number}, args, kwargs)

        ask.parents_number = number
        ask.__name__ = ask.__qualname__ = "function"
        return ask

    def send(self, message, **values):
        """Send ``message`` with encoded ``values`` and the changes made to shared arrays."""
        encoder = self.encoder = protocol.Encoder(self.shared, self._foreign)
        message |= {key: encoder.encode(value) for key, value in values.items()}
        if self.torch:
            message["torch"] = self.torch.frame(encoder)
        changed = self.shared.changes(encoder.buffers)
        self.line.send({**message, "changed": changed}, encoder.buffers)

    def receive(self):
        message, buffers = self.line.receive()
        for number in message.get("free", ()):
            self.shared.forget(number)
        for number in message.get("drop", ()):
            self.objects.pop(number, None)
        self.shared.apply(message.get("changed", ()), buffers)
        if self.torch:
            for number in message["torch"]["free"]:
                self.torch.forget(number)
            self.torch.take(message["torch"], buffers)
        self.decoder = protocol.Decoder(self.shared, buffers, self._native)
        return {k: self.decoder.decode(v) if k in ("args", "kwargs", "value") else v for k, v in message.items()}

    def ask(self, message, args, kwargs):
        """Call something of the parent's and wait for its answer, serving calls that come in between."""
        self.send(message, args=args, kwargs=kwargs)
        while True:
            answer = self.receive()
            if answer["op"] == "return":
                return answer["value"]
            if answer["op"] == "raise":
                kind = getattr(builtins, answer["kind"], None)
                kind = kind if isinstance(kind, type) and issubclass(kind, Exception) else from_parent(answer["kind"])
                try:
                    error = kind(answer["message"])
                except Exception:
                    error = FromParent(answer["message"])
                error.parents_number = answer["number"]
                raise error
            self.serve(answer)

    # --- Requests ----------------------------------------------------------------------------------------

    def serve(self, request):
        try:
            reply, values = getattr(self, "on_" + request["op"])(request)
            self.send(reply, **values)
        except BaseException as error:
            self.send(self._told(error))

    def on_cells(self, request):
        """Run cells; what is done is said now and then, so that the parent sees which of them takes long."""
        self.careful, notes, began, said = request["careful"], [], process_time(), monotonic()
        for cell in request["cells"]:
            if notes and monotonic() - said > SILENCE:
                self.send({"op": "done", "notes": notes})
                notes, said = [], monotonic()
            share = max(QUICKLY, request["share"] - (process_time() - began))
            seconds = min(request["seconds"], share)
            notes.append(self.notebook.cell(cell["name"], cell["source"], cell["skipped"], seconds))
        return {"op": "done", "notes": notes}, {}

    def on_rest(self, request):
        return {"op": "done", "notes": [self.notebook.rest(request["seconds"])]}, {}

    def _announce(self, cell, number, statement):
        if self.careful:
            self.send({"op": "at", "cell": cell, "number": number, "line": statement.line, "last": statement.last})

    def on_names(self, request):
        there = {name: value for name, value in self.namespace.items() if callable(value) and not is_one(value)}
        found = [name for name in request["names"] if name in there]
        others = [name for name, value in there.items() if isinstance(value, types.FunctionType)]
        return {"op": "names", "names": found, "others": others[:200]}, {}

    def on_call(self, request):
        target = request["target"]
        function = self.namespace[target] if isinstance(target, str) else self.objects[target]
        if "chance" in request:
            self.torch.start_chance(request["chance"])
        switches = Switches(of("torch" if self.torch else "numpy"))
        args = request["args"]
        try:
            with Workshop.closed():
                value = {"value": answer(self._called(target, function)(*args, **request["kwargs"]))}
            reply = {"op": "return"}
        except BaseException as error:
            reply, value = self._told(error), {}
        reply["switched"] = switches.put_back()  # the next check, and the next exercise, find what this one found
        if target in self.memories and self.memories[target].remembers:
            reply["switched"] += (MEMORY,)
        changeable = [[i, argument] for i, argument in enumerate(args) if type(argument) in (list, dict)]
        return reply, value | ({"containers": changeable} if changeable else {})

    def _called(self, target, function):
        """How a function is called, so that nothing that it keeps is there for the next call."""
        if not isinstance(target, str):
            return function
        if target not in self.memories:
            self.memories[target] = Memory(function)
        return self.memories[target].call

    def on_next(self, request):
        for item in self.objects[request["target"]]:
            return {"op": "return"}, {"value": item}
        return {"op": "end"}, {}

    def _told(self, error):
        """An exception as plain data: class, text, place in the student's cells, and whether the parent raised it."""
        kind, message = told(error)
        cell, line = _place(error)
        number = getattr(error, "parents_number", None)
        return {
            "op": "raise",
            "kind": kind,
            "message": message,
            "cell": cell,
            "line": line,
            "number": number if type(number) is int else None,
        }


def told(error):
    """``(name of a built-in exception, text)`` of what student code raised."""
    try:
        message = ADDRESS.sub("0x…", str(error))
    except BaseException:
        message = ""
    if isinstance(error, OSError) and error.errno in (errno.EPERM, errno.EACCES, errno.EROFS):
        return "PermissionError", "files, programs and networks are out of reach in grading"
    if isinstance(error, SyntaxError):
        message = error.msg
    own = type(error)
    kind = next(k.__name__ for k in type.mro(own) if BUILTIN.get(k.__name__) is k)
    if kind != own.__name__:  # a class of the student's own counts as the built-in one it derives from
        message = f"{own.__name__}: {message}"
    if isinstance(error, ModuleNotFoundError):
        message += (
            " in grading; there are NumPy, SciPy and scikit-learn" if message.startswith("No module named") else ""
        )
    if isinstance(error, protocol.TooLarge):
        kind, message = "TooLarge", "What came out is too large or too deeply nested to be compared."
    return plain.name(kind), protocol.text(message, 500)


def answer(value):
    """``value``, which a student's function returned; raises if a stand-in came out."""
    found = within(value)
    if isinstance(found, Forbidden):
        refuse(found.__name__)
    if found is not None:
        raise NameError(f"what came out is a stand-in for {described(found)}")
    return value


def _place(error):
    """``(name of the cell, line)`` where ``error`` arose in the student's text."""
    if isinstance(error, SyntaxError) and str(error.filename).startswith("cell "):
        return error.filename, error.lineno
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("cell ")]
    return (frames[-1].filename, frames[-1].lineno) if frames else ("", 0)


def _no_input(*_):
    raise EOFError("input() has nobody to answer it while a notebook is graded: pass the value as an argument.")


def type_name(value):
    """As ``checks.compare.type_name``, which is not to be had here."""
    kinds = {"O": "array_of_objects", "U": "array_of_text", "S": "array_of_text"}
    return kinds.get(value.dtype.kind, "ndarray") if type(value) is np.ndarray else type(value).__name__


def make_repeatable():
    """The same run for the same notebook: what asks the system for chance gets the same answers every time."""
    chance = random.Random(0)
    random._urandom = os.urandom = chance.randbytes
    random.seed(0)
    np.random.seed(0)


def serve(fd, sock=None, torch_line=None):
    """Answer requests until the parent hangs up; ``torch_line``: the class of that name, where PyTorch is loaded."""
    make_repeatable()
    torch_line = torch_line and torch_line(1, lambda value, number: lambda: value, trusted=False)
    builtins.input = _no_input
    no_waiting()
    sys.setrecursionlimit(1000)
    child = Child(Line(fd, sock), torch_line)
    child.line.send({"op": "ready"})
    while True:
        child.serve(child.receive())
