"""The line between the grader and one child: messages go out, frames come in, and both sides know objects by number.

What is known by number is known to this child only. It goes when the child goes, with the line.
"""

import dataclasses
import weakref
from collections.abc import Callable

import numpy as np

from course_lib.checks.calls import GraderError
from course_lib.grading import plain, protocol
from course_lib.grading.process import Gone
from course_lib.settings.language import later, tr

FAR_TOO_LARGE = later("What came out is far too large to be worked with.")
MISUSED = later("The line to the grader was misused.")
MAX_HANDLES = 1_000  # objects in one frame that are not plain
TORCH_KINDS = ("tensor", "torch", "dtype", "device")


class Opaque:
    """An object of the student's: a number and the name of its type, nothing that could act here."""

    def __init__(self, line, number):
        self._line, self._number = line, number
        weakref.finalize(self, line.dropped.append, number)


class OpaqueFunction(Opaque):
    """A function of the student's that a function of the student's returned."""

    def __call__(self, *args, **kwargs):
        return self._line.call(self, args, kwargs)


class OpaqueIterator(Opaque):
    """A generator or iterator of the student's."""

    def __iter__(self):
        return self

    def __next__(self):
        return self._line.call(self, (), {}, op="next")


class Line:
    """What crosses between here and ``child``.

    Args:
        child: a ``process.Child``.
        profile: "numpy" or "torch".
        most: bytes that one frame may have.
        call: ``(handle, args, kwargs, op)``, calls an object of the student's.

    Attributes:
        callables: ``{number: function of the check's}`` that the child may ask for.
        weight: bytes of the values in the last frame.
    """

    def __init__(self, child, profile: str, most: int, call: Callable):
        self.child, self.most, self.call = child, most, call
        self.shared = protocol.SharedArrays(0, self._weakly)
        self.callables: dict[int, Callable] = {}
        self.callable_numbers: dict[int, int] = {}
        self.generators: dict[int, tuple] = {}
        self.freed: list[int] = []
        self.torch_freed: list[int] = []
        self.dropped: list[int] = []
        self.pinned: list = []
        self.weight, self.torch = 0, None
        if profile == "torch":
            from course_lib.grading.torch_line import TorchLine

            self.torch = TorchLine(0, self._weakly_too, trusted=True)

    def _weakly(self, array, number):
        freed = self.freed
        return weakref.ref(array, lambda _: freed.append(number))

    def _weakly_too(self, value, number):
        freed = self.torch_freed
        return weakref.ref(value, lambda _: freed.append(number))

    def misused(self, error=None):
        """The ``Gone`` of a child that has sent what is no frame, or none that was asked for; it is ended."""
        told = tr("The line to the grader was misused: {error}.", error=error) if error else MISUSED
        return self.child.end("Died", told)

    # --- Out ---------------------------------------------------------------------------------------------

    def send(self, message, **values):
        """Send ``message`` with encoded ``values``. Raises ``TooLarge`` if they are, and nothing is sent."""
        first = self.shared.next
        with self.child.at_its_cost():
            encoder = self.encoder = protocol.Encoder(self.shared, self.foreign)
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

    def foreign(self, value):
        """How what is not plain crosses to the child."""
        if isinstance(value, Opaque):
            if value._line is not self:
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

    # --- In ----------------------------------------------------------------------------------------------

    def receive(self, until):
        """A frame that says what it is, with its values made and its changes applied."""
        message, buffers = self.child.receive(until, self.most)
        try:
            with self.child.at_its_cost():
                return self._read(message, buffers)
        except (protocol.ProtocolError, IndexError, ValueError, KeyError, MemoryError) as error:
            raise self.misused(error) from None
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
        return message

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
