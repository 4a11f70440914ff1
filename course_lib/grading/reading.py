"""The reading process: bytes that a student handed in come as an open file, plain data goes back.

Started by ``reader``, as a program of its own with limits on memory and time. It holds no check, no seed and no other
submission, and where the system can hold it to that (Linux) it opens no file, starts nothing and reaches no network. A
request is one frame of JSON over standard input, which brings the file along; its answer is a frame over standard
output: a line of JSON and, where the bytes of a file were asked for, these.
"""

import contextlib
import gc
import hashlib
import importlib
import json
import os
import signal
import socket
import struct
import sys
import time
import warnings

from course_lib.grading import archives, linux, seccomp, source
from course_lib.grading.sandbox import address_space
from course_lib.grading.source import MAX_BYTES, Unreadable

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None  # type: ignore[assignment]

SIZES = struct.Struct("<QQ")  # bytes of the JSON, bytes of a file
SWOLLEN = 256 << 20  # bytes; a process that needed more is ended, so that the next file finds all of the memory
CODECS = ("cp437", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be")
LATER = ("gzip", "bz2", "lzma", *(f"encodings.{name}" for name in CODECS))  # what Python imports when it needs it
TOO_LARGE = (
    "The file needs too much memory to be read: choose 'Clear Outputs of All Cells' in JupyterLab, save, and hand in "
    "the notebook (.ipynb) itself."
)
NOT_EXPECTED = "The file cannot be read ({}): open the notebook in JupyterLab, save it, and hand in the .ipynb file."

_open = archives.OpenArchives()


# --- What is asked -------------------------------------------------------------------------------------


def answer(file, request):
    """``(plain data, bytes of a file)`` for a request, whatever lies in the open file."""
    digest = ""
    try:
        if request["op"] == "members":
            return {"members": archives.members(file, request["most"])}, b""
        data = _open.read(file, request["inside"]) if request["inside"] else file.read(MAX_BYTES + 1)
        if request["op"] == "content":
            return {}, data
        digest = hashlib.sha256(data).hexdigest()
        return {"digest": digest} | OPERATIONS[request["op"]](data, request), b""
    except Unreadable as reason:
        problem = str(reason)
    except MemoryError:
        problem = TOO_LARGE
    except Exception as error:
        problem = NOT_EXPECTED.format(type(error).__name__)
    return {"problem": problem, "digest": digest or hashlib.sha256(problem.encode()).hexdigest()}, b""


def read(data, request):
    """The fields of a ``reader.Handed`` but for its place."""
    return _handed_in(source.cells_of(data, request["functions"], request["name"])[0], request)


def outline(data, request):
    """Those, and ``rows`` and ``in_order`` of a ``reader.Outline``."""
    cells, is_format_4 = source.cells_of(data, request["functions"], request["name"])
    rows, whole = source.outline(cells)
    in_order = whole and is_format_4 and _is_utf8(data)
    return _handed_in(cells, request) | {"rows": rows, "in_order": in_order}


def _handed_in(cells, request):
    asked = (request["functions"], request.get("questions", ()), request.get("handed_out", ()))
    return source.handed_in(cells, *asked)


OPERATIONS = {"read": read, "outline": outline}


def _is_utf8(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return json.detect_encoding(data) == "utf-8"


# --- The process ---------------------------------------------------------------------------------------


def serve(memory, by_path):
    """Answer requests until the parent hangs up.

    Args:
        memory: bytes beyond what Python takes.
        by_path: whether requests name files, where open ones cannot come along (Windows).
    """
    line = None if by_path else socket.socket(fileno=os.dup(0))
    limit(memory)
    if not by_path:
        confine()
    warnings.simplefilter("ignore")
    gc.disable()  # documents and syntax trees hold no circles, and looking for some takes a third of the time
    while True:
        request, file = _received(line)
        began = time.process_time()
        _let_run(request["seconds"])
        with file:
            told, data = answer(file, request)
        header = json.dumps({**told, "used": time.process_time() - began, "last": _is_swollen()}).encode()
        _let_run(0)
        for part in (SIZES.pack(len(header), len(data)), header, data):
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        del told, data, header


def limit(memory):
    """No more memory than this, where the system can hold a process to that; no file, no other process."""
    limits = [("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_NPROC", 0)]
    if sys.platform == "linux":
        limits.append(("RLIMIT_AS", address_space() + memory))
    for name, value in limits if resource else ():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))


def confine():
    """On Linux: from here on nothing but memory and the files that are handed to this process."""
    for name in LATER:
        importlib.import_module(name)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            linux.landlock([])
        if seccomp.supported():
            seccomp.restrict(("recvmsg",))


def _let_run(seconds):
    """The system ends this process when it has computed for so long; 0: as long as it likes."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _is_swollen():
    if resource is None:
        return False
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > SWOLLEN


def _received(line):
    """``(request, open file)``; ends with the parent."""
    if line is None:
        request = json.loads(_taken(SIZES.unpack(_taken(SIZES.size))[0]))
        return request, open(request["path"], "rb")
    start, handles, _, _ = socket.recv_fds(line, SIZES.size, 1)
    size, _ = SIZES.unpack(start + _taken(SIZES.size - len(start)))
    return json.loads(_taken(size)), open(handles[0], "rb")


def _taken(count):
    data = bytearray()
    while len(data) < count:
        part = os.read(0, min(count - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)
