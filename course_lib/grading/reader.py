"""The parent's hold on the process that reads what was handed in.

No text and no archive of a student's is unpacked, decoded or parsed in this process: a file is opened here, without
following a link or waiting for a pipe, and handed to a limited process of its own, which answers in plain data. A file
that is too much for that process ends it; the next one finds a new one.
"""

import ast
import contextlib
import inspect
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import textwrap
import threading
import zlib
from functools import cache

from course_lib.chapters import all_chapters, number_of
from course_lib.checks import asked
from course_lib.checks.calls import GraderError
from course_lib.checks.kinds import Debug
from course_lib.grading.archives import LINK, MAX_ENTRIES
from course_lib.grading.handed import Handed, Member, Outline
from course_lib.grading.plain import text
from course_lib.grading.programs import start_program
from course_lib.grading.reading import SIZES
from course_lib.grading.source import body_digest

SECONDS, BYTES_A_SECOND = 3, 25 << 20  # processor time for any file, and more for a large one
LONG, KEPT = 0.2, 32 << 20  # seconds after which an answer takes the place of others, bytes of all that are kept
SLOWNESS = 20  # seconds on the wall for one of processor time, on a busy computer
MEMORY = 1 << 30
MAX_ANSWER = 96 << 20
FROM_OUTSIDE = [-getattr(signal, name, 0) for name in ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")]
TRIES = 3  # after an end that was not the file's doing
TOO_MUCH = (
    "The file could not be read in the time and memory that there are for one: is there a very long text in a cell, or "
    "in its outputs? Choose 'Clear Outputs of All Cells' in JupyterLab, save, and hand in the notebook (.ipynb) itself."
)


def handed_out(exercises):
    """Digests of the faulty code that students of these exercises get."""
    faulty = (exercise.faulty for exercise in exercises if isinstance(exercise, Debug))
    trees = (ast.parse(textwrap.dedent(inspect.getsource(function))).body[0] for function in faulty)
    return tuple(map(body_digest, trees))


def wanted(functions, questions=(), handed_out=()):
    """What the process is told to look for."""
    return {"functions": sorted(functions), "questions": list(questions), "handed_out": list(handed_out)}


def wanted_of(exercises):
    """As ``wanted``: what students write for these exercises and questions."""
    functions = [function for exercise in exercises for function in exercise.functions]
    questions = [exercise.id for exercise in exercises if exercise.kind == "explain"]
    return wanted(functions, questions, handed_out(exercises))


@cache
def wanted_of_all(chapters):
    """As ``wanted``: what any of these chapters asks for."""
    return wanted_of([one for one in asked().values() if one.id[:2] in map(number_of, chapters)])


def reader_of(exercises):
    """A ``Reader`` that looks for what students write for these exercises and questions."""
    return Reader(**wanted_of(exercises))


class NotRead(ValueError):
    """A file that nothing can be read from; its text says why."""


class Reader:
    """A process that reads; started when it is needed, and again after a file that was too much for it.

    Its methods raise nothing that depends on the file; ``GraderError`` if the process is ended from outside again and
    again.

    Args:
        functions: names to look for; without them all that any chapter asks for is looked for.
        questions: ids of those whose answers in words are looked for.
        handed_out: see ``handed_out``.
    """

    def __init__(self, functions=None, questions=(), handed_out=()):
        self.wanted = None if functions is None else wanted(functions, questions, handed_out)
        self.by_path = not hasattr(socket, "send_fds")
        self.program, self.lock = None, threading.Lock()
        self.kept, self.room = {}, KEPT  # packed: a file is read to tell the assignment, to see a change, to be marked

    def members(self, path, most=MAX_ENTRIES):
        """The ``Member``s of an archive, and of archives in it one level down; notebooks first, ``most`` in all."""
        try:
            answer = self._ask("members", path, most=most)
        except NotRead as reason:
            answer = {"problem": str(reason)}
        if "problem" in answer:
            return [Member((), problem=answer["problem"])]
        return [Member(tuple(inside), size, problem) for inside, size, problem in answer["members"]]

    def read(self, place, path, inside=(), seconds=SECONDS):
        """The ``Handed`` of a file, or of one inside an archive (as ``members`` names it).

        ``seconds``: of processor time; a large file gets more.
        """
        return self._handed("read", place, path, inside, seconds)[0]

    def read_bytes(self, place, data):
        """The ``Handed`` of a file's bytes."""
        with _as_file(data) as path:
            return self.read(place, path)

    def outline(self, place, path, inside=()):
        """The ``Outline`` of a file, or of one inside an archive."""
        handed, answer = self._handed("outline", place, path, inside)
        return Outline(handed, answer.get("rows", []), answer.get("in_order", False))

    def outline_bytes(self, place, data):
        """As ``outline``, of a file's bytes."""
        with _as_file(data) as path:
            return self.outline(place, path)

    def copy(self, path, inside, target):
        """Write the bytes of a file, or of one inside an archive, to ``target``. Returns a sentence, ``""`` if done."""
        try:
            with open(target, "wb") as copy:
                if inside:
                    return self._ask("content", path, inside, copy).get("problem", "")
                with opened(path) as file:
                    shutil.copyfileobj(file, copy)
        except NotRead as reason:
            return str(reason)
        return ""

    def _handed(self, op, place, path, inside, seconds=SECONDS):
        name = os.path.basename(inside[-1] if inside else place)
        try:
            answer = self._ask(op, path, inside, seconds=seconds, name=text(name, 300))
        except NotRead as reason:
            answer = {"problem": str(reason), "digest": str(reason)}
        known = Handed.__dataclass_fields__.keys() & answer.keys()
        return Handed(text(place, 300), **{field: answer[field] for field in known}), answer

    # --- The process -------------------------------------------------------------------------------------

    def _ask(self, op, path, inside=(), target=None, seconds=SECONDS, **more):
        """What the process says of a file; its bytes go to ``target``, an open file. Raises ``NotRead``.

        ``more``: for the request, see ``reading.answer``.
        """
        with opened(path) as file, self.lock:
            status = os.fstat(file.fileno())
            key = (op, seconds, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, *inside)
            if key in self.kept:
                return json.loads(zlib.decompress(self.kept[key]))
            seconds += status.st_size / BYTES_A_SECOND
            request = {"op": op, "inside": list(inside), "seconds": seconds}
            request |= (self.wanted or wanted_of_all(all_chapters())) | more
            if self.by_path:
                request["path"] = os.path.abspath(path)
            for _ in range(TRIES):
                with contextlib.suppress(_EndedFromOutside):
                    answer = self._exchange(request, file, target)
                    took_long = answer.pop("used") > LONG
                    if not target:
                        self._keep(key, zlib.compress(json.dumps(answer).encode(), 1), took_long)
                    return answer
        raise GraderError("the process that reads what was handed in is ended from outside, again and again")

    def _keep(self, key, answer, took_long):
        """Keep an answer as long as there is room; one that took long makes itself some."""
        while took_long and self.kept and len(answer) > self.room:
            self.room += len(self.kept.pop(next(iter(self.kept))))
        if len(answer) <= self.room:
            self.kept[key], self.room = answer, self.room - len(answer)

    def _exchange(self, request, file, target):
        """One request and its answer, with ``used``, seconds. Raises ``_EndedFromOutside``."""
        if self.program is None:
            self._start()
        late = threading.Timer(SLOWNESS * request["seconds"], self.program.kill)
        late.start()
        try:
            self._send(json.dumps(request).encode(), file.fileno())
            size, more = SIZES.unpack(self._taken(SIZES.size))
            answer = json.loads(self._taken(size))
            if target:
                target.seek(0)
            while more:
                part = self._taken(min(more, 1 << 20))
                target.write(part)
                more -= len(part)
        except _Ended:
            in_time = late.is_alive()
            self.program.wait()
            status = self.program.returncode
            self.close()
            if in_time and status in FROM_OUTSIDE:
                raise _EndedFromOutside from None
            return {"problem": TOO_MUCH, "digest": TOO_MUCH, "used": request["seconds"]}
        except BaseException:  # the line holds the rest of an answer
            self.close()
            raise
        finally:
            late.cancel()
        if answer.pop("last"):
            self.close()
        return answer

    def _start(self):
        call = f"serve({MEMORY}, {self.by_path})"
        if self.by_path:
            self.program = start_program(call, "reading", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.line = self.program.stdin
        else:
            self.line, theirs = socket.socketpair()
            with theirs:
                self.program = start_program(call, "reading", stdin=theirs, stdout=subprocess.PIPE)

    def _send(self, data, handle):
        start = SIZES.pack(len(data), 0)
        try:
            if self.by_path:
                self.line.write(start + data)
                self.line.flush()
            else:
                socket.send_fds(self.line, [start], [handle])
                self.line.sendall(data)
        except OSError:
            raise _Ended from None

    def _taken(self, count):
        if count > MAX_ANSWER:
            raise NotRead(TOO_MUCH)
        data = self.program.stdout.read(count)
        if len(data) < count:
            raise _Ended
        return data

    def close(self):
        """End the process; the next question starts another."""
        if self.program is not None:
            self.program.kill()
            self.program.wait()
            self.program.stdout.close()
            with contextlib.suppress(OSError):
                self.line.close()
            self.program = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Ended(Exception):
    """The process has ended."""


class _EndedFromOutside(Exception):
    """The process has ended, and no file can have brought that about."""


def opened(path):
    """An ordinary file, open for reading; never follows a link, never waits for a pipe. Raises ``NotRead``."""
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_NOCTTY"))
    try:
        if os.path.islink(path):
            raise NotRead(LINK)
        handle = os.open(path, os.O_RDONLY | sum(flags))
    except (OSError, ValueError) as error:
        if isinstance(error, NotRead):
            raise
        raise NotRead(f"The file cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotRead("The file cannot be read (not an ordinary file).")
    return open(handle, "rb", buffering=0)


@contextlib.contextmanager
def _as_file(data):
    """The path of a file with these bytes, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "wb") as file:
            file.write(data)
        yield path
