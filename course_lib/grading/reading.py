"""The reading process: bytes that a student handed in come as an open file, plain data goes back.

Started by ``reader``, as a program of its own with limits on memory and time. It holds no check, no seed and no other
submission, and writes to no file. A request is one frame of JSON over standard input, which brings the file along; its
answer is a frame over standard output.
"""

import contextlib
import hashlib
import json
import os
import socket
import struct
import sys

from course_lib.grading import archives, source
from course_lib.grading.source import MAX_BYTES, Unreadable

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None

SIZE = struct.Struct("<Q")
TOO_LARGE = (
    "The file needs too much memory to be read: choose 'Clear Outputs of All Cells' in JupyterLab, save, and hand it "
    "in again."
)


def members(file, request):
    return {"members": archives.members(file)}


def read(file, request):
    """The fields of a ``reader.Handed`` but for its place."""
    return _told(file, request, lambda notebook, _: source.handed_in(notebook, request["functions"]))


def outline(file, request):
    """``source.outline``, and the fields of a ``reader.Handed``."""

    def both(notebook, data):
        rows, in_order = source.outline(notebook)
        in_order = in_order and _is_utf8(data)
        return source.handed_in(notebook, request["functions"]) | {"rows": rows, "in_order": in_order}

    return _told(file, request, both)


def _told(file, request, tell):
    """What ``tell(JSON, bytes)`` makes of a notebook, with its digest; a problem is told, too."""
    answer = {"problem": "", "digest": ""}
    try:
        data = _bytes(file, request["inside"])
        answer["digest"] = hashlib.sha256(data).hexdigest()
        return answer | tell(source.notebook_of(data), data)
    except Unreadable as reason:
        problem = str(reason)
    except MemoryError:
        problem = TOO_LARGE
    digest = answer["digest"] or hashlib.sha256(problem.encode()).hexdigest()
    return {"problem": problem, "digest": digest}


def _is_utf8(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return json.detect_encoding(data) == "utf-8"


def content(file, request):
    """The bytes themselves, as text that a frame can hold."""
    return {"content": _bytes(file, request["inside"]).decode("latin-1")}


def _bytes(file, inside):
    return archives.read(file, inside) if inside else file.read(MAX_BYTES + 1)


OPERATIONS = {f.__name__: f for f in (members, read, outline, content)}


def serve(memory):
    """Answer requests until the parent hangs up. ``memory``: bytes beyond what Python takes."""
    if resource:
        _limit(memory)
    while True:
        request, file = _request()
        with file:
            _answer(OPERATIONS[request["op"]](file, request))


def _limit(memory):
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        with open("/proc/self/statm") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory,) * 2)


def _request():
    """``(request, open file)``; ends with the parent."""
    if os.name == "nt":
        (size,) = SIZE.unpack(_taken(sys.stdin.buffer.read, SIZE.size))
        request = json.loads(_taken(sys.stdin.buffer.read, size))
        return request, open(request["path"], "rb")
    with socket.socket(fileno=os.dup(0)) as line:
        data, handles, _, _ = socket.recv_fds(line, SIZE.size, 1)
        if not data:
            os._exit(0)
        (size,) = SIZE.unpack(data + _taken(line.recv, SIZE.size - len(data)))
        return json.loads(_taken(line.recv, size)), open(handles[0], "rb")


def _taken(receive, count):
    data = bytearray()
    while len(data) < count:
        part = receive(min(count - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)


def _answer(answer):
    data = json.dumps(answer).encode()
    sys.stdout.buffer.write(SIZE.pack(len(data)))
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
