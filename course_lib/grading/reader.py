"""The parent's hold on the process that reads what was handed in.

No text and no archive of a student's is unpacked, decoded or parsed in this process: a file is opened here, without
following a link or waiting for a pipe, and handed to a limited process of its own, which answers in plain data. A file
that is too much for that process ends it; the next one finds a new one.
"""

import contextlib
import json
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from course_lib.checks import EXERCISES
from course_lib.grading.archives import LINK
from course_lib.grading.plain import text
from course_lib.grading.process import start_program
from course_lib.grading.reading import SIZE

SECONDS = 60
MEMORY = 1 << 30
MAX_ANSWER = 256 << 20
FUNCTIONS = tuple(exercise.function for exercise in EXERCISES.values())
TOO_MUCH = (
    "The file could not be read in the time and memory that there are for one: choose 'Clear Outputs of All Cells' in "
    "JupyterLab, save, and hand in the notebook (.ipynb) itself."
)


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        inside: names from the outside in, such as ``("anna.zip", "03_momentum.ipynb")``; ``()`` is the archive itself.
        size: in bytes, as the archive says.
        problem: a sentence, if it cannot be read.
    """

    inside: tuple
    size: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Handed:
    """What counts in one file that was handed in, as plain data.

    Attributes:
        place: where it lay, as the lecturer reads it.
        digest: of its bytes, or of the problem.
        problem: a sentence, if there is no notebook to be read.
        cells: ``(name, source)`` of each code cell, its text as it is.
        notes: sentences about what was left out.
        defined: ``{function: [[name of the cell, line, whether it is a stub, last line], ...]}``, in order.
        unparsed: ``[name of the cell, line, message]`` of each cell that is not Python.
    """

    place: str
    digest: str = ""
    problem: str = ""
    cells: list = field(default_factory=list, repr=False)
    notes: list = field(default_factory=list)
    defined: dict = field(default_factory=dict)
    unparsed: list = field(default_factory=list)

    def plain(self):
        """As data that JSON can hold; ``Handed(**plain)`` is equal to this one."""
        return asdict(self)

    def without_spare_stubs(self, functions):
        """``(cells, notes)``: an untouched copy of an exercise does not undo the one that was written.

        Of several written ones the last counts, as in Jupyter.
        """
        lines, notes = {}, []
        for function in functions:
            places = self.defined.get(function, [])
            written = [cell for cell, _, stub, _ in places if not stub]
            if not written:
                continue
            for cell, first, stub, last in places:
                if stub:
                    rows = lines.setdefault(cell, dict(self.cells)[cell].split("\n"))
                    indent = len(rows[first - 1]) - len(rows[first - 1].lstrip())
                    rows[first - 1 : last] = [rows[first - 1][:indent] + "pass", *[""] * (last - first)]
                    notes.append(f"{cell} holds an untouched copy of {function}; the one in {written[-1]} was marked.")
            if len(written) > 1:
                notes.append(f"{function} is written {len(written)} times; the last one, in {written[-1]}, was marked.")
        cells = [[name, "\n".join(lines[name]) if name in lines else source] for name, source in self.cells]
        return cells, notes


class Outline(NamedTuple):
    """All cells of a notebook, for those who write it anew.

    Attributes:
        handed: ``Handed``.
        rows: one dict a cell, see ``source.outline``.
        in_order: whether the file is a notebook of format 4 in which nothing had to be forgiven.
    """

    handed: Handed
    rows: list
    in_order: bool


class Reader:
    """A process that reads; started when it is needed, and again after a file that was too much for it.

    Args:
        functions: names to look for; by default those of all exercises.
    """

    def __init__(self, functions=FUNCTIONS):
        self.functions, self.program, self.lock = sorted(functions), None, threading.Lock()

    def members(self, path):
        """The ``Member``s of an archive, and of archives in it one level down; never raises."""
        try:
            answer = self._ask("members", path)
        except _NotRead as reason:
            return [Member((), problem=str(reason))]
        return [Member(tuple(inside), size, problem) for inside, size, problem in answer["members"]]

    def read(self, place, path, inside=()):
        """The ``Handed`` of a file, or of one inside an archive (as ``members`` names it); never raises."""
        return self._handed(place, "read", path, inside)[0]

    def read_bytes(self, place, data):
        """The ``Handed`` of a file's bytes."""
        with _as_file(data) as path:
            return self.read(place, path)

    def outline(self, place, path, inside=()):
        """The ``Outline`` of a file, or of one inside an archive."""
        handed, answer = self._handed(place, "outline", path, inside)
        return Outline(handed, answer.get("rows", []), answer.get("in_order", False))

    def outline_bytes(self, place, data):
        """As ``outline``, of a file's bytes."""
        with _as_file(data) as path:
            return self.outline(place, path)

    def _handed(self, place, op, path, inside):
        place = text(place, 300)
        try:
            answer = self._ask(op, path, inside)
        except _NotRead as reason:
            return Handed(place, digest=str(reason), problem=str(reason)), {}
        names = Handed.__dataclass_fields__.keys() & answer.keys()
        return Handed(place, **{name: answer[name] for name in names}), answer

    def copy(self, path, inside, target):
        """Write the bytes of a file, or of one inside an archive, to ``target``. Returns a sentence, ``""`` if done."""
        try:
            if not inside:
                with _opened(path) as file, open(target, "wb") as copy:
                    shutil.copyfileobj(file, copy)
                return ""
            content = self._ask("content", path, inside)["content"]
        except _NotRead as reason:
            return str(reason)
        with open(target, "wb") as copy:
            copy.write(content.encode("latin-1"))
        return ""

    # --- The process -------------------------------------------------------------------------------------

    def _ask(self, op, path, inside=()):
        request = {"op": op, "inside": list(inside), "functions": self.functions}
        with self.lock, _opened(path) as file:
            if os.name == "nt":
                request["path"] = os.path.abspath(path)
            if self.program is None:
                self._start()
            stop = threading.Timer(SECONDS, self.program.kill)
            stop.start()
            try:
                self._send(json.dumps(request).encode(), file.fileno())
                return json.loads(self._taken(SIZE.unpack(self._taken(SIZE.size))[0]))
            except OSError:
                self.close()
                raise _NotRead(TOO_MUCH) from None
            finally:
                stop.cancel()

    def _start(self):
        call = f"serve({MEMORY})"
        if os.name == "nt":
            self.program = start_program(call, "reading", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.line = self.program.stdin
        else:
            self.line, theirs = socket.socketpair()
            with theirs:
                self.program = start_program(call, "reading", stdin=theirs, stdout=subprocess.PIPE)

    def _send(self, data, handle):
        if os.name == "nt":
            self.line.write(SIZE.pack(len(data)) + data)
            self.line.flush()
        else:
            socket.send_fds(self.line, [SIZE.pack(len(data))], [handle])
            self.line.sendall(data)

    def _taken(self, count):
        if count > MAX_ANSWER:
            raise OSError("the answer is too long")
        data = self.program.stdout.read(count)
        if len(data) < count:
            raise OSError("the process ended")
        return data

    def close(self):
        """End the process; the next question starts another."""
        if self.program is not None:
            self.program.kill()
            self.program.stdout.close()
            with contextlib.suppress(OSError):
                self.line.close()
            self.program.wait()
            self.program = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _NotRead(ValueError):
    """A file that nothing can be read from; its text says why."""


def _opened(path):
    """An ordinary file, open for reading; never follows a link, never waits for a pipe. Raises ``_NotRead``."""
    try:
        if os.path.islink(path):
            raise _NotRead(LINK)
        handle = os.open(
            path,
            os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0),
        )
    except OSError as error:
        raise _NotRead(f"The file cannot be read ({error.strerror or error}).") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _NotRead("The file cannot be read (not an ordinary file).")
    return open(handle, "rb", buffering=0)


@contextlib.contextmanager
def _as_file(data):
    """The path of a file with these bytes, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "wb") as file:
            file.write(data)
        yield path
