"""What crosses the line between the grader and a student's process: frames of JSON and raw array bytes.

Neither side trusts the other's bytes: no pickle, no objects, a white list of dtypes, limits on everything. What has
no plain form (a class of the student's, a cache) crosses as a numbered handle and the name of its type.

Arrays keep their identity: one that crossed before crosses as its number, a view as a place in it, and what either
side wrote into it since is sent along. So a function that changes an argument, returns one, or returns the same
buffer twice looks from outside just as it does in the notebook.
"""

import json
import struct
from functools import cache
from itertools import accumulate, pairwise

import numpy as np

from course_lib.grading.plain import MAX_TEXT, text

MAX_HEADER = 1 << 20
MAX_BODY = 8 << 20  # a hundred times what right answers to any exercise send
MAX_NODES = 20_000
MAX_DEPTH = 20
MAX_NDIM = 16
MAX_BITS = 1_024
MAX_KEYS = 1_000  # of all dicts of a frame
MAX_BUFFERS = 10_000
NODE = 64  # bytes of memory that a part of a value takes at the least
DTYPES = frozenset({"|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"})

PREFIX = struct.Struct("<II")  # bytes of the header, bytes of the body


class ProtocolError(Exception):
    """What came over the line is not what the protocol allows."""


class CannotCross(Exception):
    """A check passes what has no form for the line; its text names it."""


class TooLarge(Exception):
    """A value is too large or too deeply nested to cross."""


def pack(message, buffers=()):
    """One frame: ``message`` as JSON, then the bytes of ``buffers``."""
    header = json.dumps({**message, "sizes": [len(buffer) for buffer in buffers]}).encode()
    body = sum(map(len, buffers))
    if len(header) > MAX_HEADER or body > MAX_BODY:
        raise TooLarge(f"{len(header) + body} bytes are more than can cross")
    return b"".join([PREFIX.pack(len(header), body), header, *buffers])


def sizes(prefix, max_body=MAX_BODY):
    """``(bytes of the header, bytes of the body)`` that a frame announces; ``ProtocolError`` if too many."""
    header, body = PREFIX.unpack(prefix)
    if not 2 <= header <= MAX_HEADER or body > max_body:
        raise ProtocolError(f"a frame announces {header} + {body} bytes")
    return header, body


def unpack(header, body):
    """``(message, buffers)`` of a frame's two parts; ``ProtocolError`` for whatever is not one."""
    try:
        message = json.loads(header)
        lengths = message.pop("sizes")
        if len(lengths) > MAX_BUFFERS:
            raise ProtocolError("too many buffers")
        if not all(type(length) is int and length >= 0 for length in lengths) or sum(lengths) != len(body):
            raise ProtocolError("the buffers of a frame do not add up")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"a frame that cannot be read ({type(error).__name__})") from None
    ends = accumulate(lengths, initial=0)
    return message, [body[start:end] for start, end in pairwise(ends)]


@cache  # of a few dtypes, and of those that a student makes up in one process
def wire(dtype):
    """The dtype as which an array crosses: little-endian; what is longer than float64 is rounded to it."""
    if dtype.kind in "fc" and dtype.char in "gG":
        return np.dtype("<f8" if dtype.kind == "f" else "<c16")
    return dtype.newbyteorder("<")


def content(array):
    """The bytes of an array as they cross: C order, little-endian, whatever its class says."""
    plain = np.ndarray.view(array, np.ndarray)
    return plain.astype(wire(plain.dtype), copy=False).tobytes()


class SharedArrays:
    """The arrays that crossed, by number, each with the bytes that the other side knows.

    Args:
        first: number of the first array that this side sends; the sides count in steps of two.
        reference: how an array is held, ``weakref.ref``-like: ``reference(array, number)`` returns a callable
            that gives the array or ``None``.
    """

    def __init__(self, first, reference):
        self.next, self.reference = first, reference
        self.held, self.known, self.numbers, self.keys = {}, {}, {}, {}

    def add(self, array, number=None):
        if number is None:
            number, self.next = self.next, self.next + 2
        self.held[number] = self.reference(array, number)
        self.known[number] = content(array)
        self.numbers[id(array)], self.keys[number] = number, id(array)
        return number

    def get(self, number):
        array = self.held[number]() if type(number) is int and number in self.held else None
        if array is None:
            raise ProtocolError("an array that was never sent")
        return array

    def number(self, array):
        number = self.numbers.get(id(array))
        return number if number is not None and self.held[number]() is array else None

    def alive(self):
        """The arrays that are still there."""
        return [array for held in list(self.held.values()) if (array := held()) is not None]

    def forget(self, number):
        self.held.pop(number, None)
        self.known.pop(number, None)
        key = self.keys.pop(number, None)
        if self.numbers.get(key) == number:
            del self.numbers[key]

    def forget_from(self, first):
        """Forget what this side was about to send, from this number on."""
        for number in range(first, self.next, 2):
            self.forget(number)

    def changes(self, buffers):
        """``[[number, buffer], ...]`` of what this side wrote into shared arrays since the last frame."""
        rows = []
        for number, held in list(self.held.items()):
            array = held()
            if array is not None and (now := content(array)) != self.known[number]:
                self.known[number] = now
                rows.append([number, len(buffers)])
                buffers.append(now)
        return rows

    def apply(self, rows, buffers):
        """Write the other side's changes into the arrays themselves."""
        for number, k in rows:
            array, data = self.get(number), buffers[k]
            dtype = wire(array.dtype)
            if len(data) != array.size * dtype.itemsize or not array.flags.writeable:
                raise ProtocolError("a change that does not fit its array")
            array[...] = np.frombuffer(data, dtype).reshape(array.shape)
            self.known[number] = bytes(data)


class Encoder:
    """Turns values into JSON and buffers. ``other(value)`` says how what is not plain crosses."""

    def __init__(self, shared, other):
        self.shared, self.other = shared, other
        self.buffers, self.nodes, self.bytes = [], 0, 0

    def encode(self, value, depth=0):
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise TooLarge("too many parts, or too deeply nested")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return value if value.bit_length() <= MAX_BITS else self.other(value)
        if kind is str:
            return value if len(value) <= MAX_TEXT else self.other(value)
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        if issubclass(kind, tuple):
            return {"tuple": [self.encode(item, depth + 1) for item in tuple.__iter__(value)]}
        if kind is dict and len(value) <= MAX_KEYS:
            return {"dict": [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in value.items()]}
        if issubclass(kind, np.ndarray):
            return self.array(value)
        if issubclass(kind, np.generic):
            return self.array(np.array(value), scalar=True, value=value)
        return self.other(value)

    def array(self, array, scalar=False, value=None):
        plain = array if type(array) is np.ndarray else np.ndarray.view(array, np.ndarray)
        dtype = wire(plain.dtype)
        number = None if scalar else self.shared.number(array)
        if number is None and (dtype.str not in DTYPES or plain.ndim > MAX_NDIM):
            return self.other(array if not scalar else value)
        self.bytes += plain.size * dtype.itemsize
        if self.bytes > MAX_BODY:
            raise TooLarge(f"arrays of {self.bytes} bytes")
        if number is not None:
            return {"known": number}
        view = None if scalar else self.view(plain)
        if view is not None:
            return view
        row = {"dtype": dtype.str, "buffer": len(self.buffers)}
        if scalar:
            self.buffers.append(content(plain))
            return {"scalar": row}
        row |= {"shape": list(plain.shape), "frozen": not plain.flags.writeable, "number": self.shared.add(array)}
        self.buffers.append(self.shared.known[row["number"]])
        return {"array": row}

    def view(self, array):
        """The place of ``array`` in one that crossed before, if it is a view of one."""
        owner = array.base
        number = self.shared.number(owner) if isinstance(owner, np.ndarray) else None
        if number is None or owner.dtype != array.dtype or not owner.flags.c_contiguous or array.dtype.char in "gG":
            return None
        offset = array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
        return {"view": [number, offset, list(array.shape), list(array.strides)]}


class Decoder:
    """Turns JSON and buffers back into values; ``other(kind, row)`` makes what is not plain."""

    def __init__(self, shared, buffers, other):
        self.shared, self.buffers, self.other = shared, buffers, other
        self.nodes, self.bytes, self.keys = 0, 0, 0

    def weight(self):
        """About the bytes of memory that all values together take here."""
        return self.bytes + NODE * self.nodes

    def decode(self, value):
        """The value; ``ProtocolError`` for whatever the protocol does not allow."""
        try:
            return self._decode(value, 0)
        except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError, MemoryError) as error:
            raise ProtocolError(f"a value that cannot be read ({type(error).__name__})") from None

    def _decode(self, value, depth):
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ProtocolError("too many parts, or too deeply nested")
        if value is None or type(value) in (bool, float):
            return value
        if type(value) is int:
            if value.bit_length() > MAX_BITS:
                raise ProtocolError("a number with too many digits")
            return value
        if type(value) is str:
            return text(value)
        if type(value) is list:
            return [self._decode(item, depth + 1) for item in value]
        ((kind, row),) = value.items()
        if kind == "tuple":
            return tuple([self._decode(item, depth + 1) for item in row])
        if kind == "dict":
            self.keys += len(row)
            if self.keys > MAX_KEYS:  # more could be made to collide
                raise ProtocolError("dicts with too many keys")
            return {self._decode(k, depth + 1): self._decode(v, depth + 1) for k, v in row}
        if kind == "complex":
            return complex(float(row[0]), float(row[1]))
        if kind == "known":
            return self.counted(self.shared.get(row))
        if kind == "view":
            return self.counted(self.view(*row))
        if kind == "scalar":
            return self.raw(row, ())[()]
        if kind == "array":
            return self.counted(self.array(row))
        return self.other(kind, row)

    def counted(self, array):
        """``array``; many small references to one array must not add up to more than could cross as bytes."""
        self.bytes += array.nbytes
        if self.bytes > MAX_BODY:
            raise ProtocolError("arrays that are too large together")
        return array

    def raw(self, row, shape):
        if row["dtype"] not in DTYPES:
            raise ProtocolError("a dtype that may not cross")
        data = self.buffers[natural(row["buffer"])]
        return np.frombuffer(data, np.dtype(row["dtype"])).reshape(shape).copy()

    def array(self, row):
        shape, number = dimensions(row["shape"]), natural(row["number"])
        if number % 2 == self.shared.next % 2 or number in self.shared.held:
            raise ProtocolError("an array with a number that is taken")
        array = self.raw(row, shape)
        array.flags.writeable = not row["frozen"]
        self.shared.add(array, number)
        return array

    def view(self, number, offset, shape, strides):
        owner = self.shared.get(number)
        shape, strides = dimensions(shape), tuple([whole(stride) for stride in strides])
        if 0 in shape:
            return np.empty(shape, owner.dtype)
        reach = [sum((n - 1) * s for n, s in zip(shape, strides, strict=True) if (s > 0) == up) for up in (True, False)]
        first, last = natural(offset) + reach[1], offset + reach[0] + owner.itemsize
        size = np.prod(shape, dtype=float) * owner.itemsize
        if first < 0 or last > owner.nbytes or size > MAX_BODY:
            raise ProtocolError("a view that leaves its array")
        if not owner.flags.c_contiguous:
            owner = np.ascontiguousarray(owner)
        return np.ndarray(shape, owner.dtype, owner, offset, strides)


def whole(value):
    """``value`` if it is a whole number that fits a machine word."""
    if type(value) is not int or abs(value) > 1 << 62:
        raise ProtocolError("a whole number was expected")
    return value


def natural(value):
    """``value`` if it is a whole number >= 0."""
    if whole(value) < 0:
        raise ProtocolError("a number >= 0 was expected")
    return value


def dimensions(shape):
    """``shape`` as a tuple of whole numbers >= 0, ``MAX_NDIM`` at most."""
    if type(shape) is not list or len(shape) > MAX_NDIM:
        raise ProtocolError("a shape that may not cross")
    if any(natural(n) > MAX_BODY for n in shape):
        raise ProtocolError("a shape that may not cross")
    return tuple(shape)
