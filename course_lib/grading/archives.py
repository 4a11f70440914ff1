"""Archives that were handed in, read where they lie; nothing is ever unpacked to disk. Runs in the reading process.

What an archive says of itself is not believed: sizes, names and numbers of files are bounded here, and time and memory
by the process.
"""

import hashlib
import io
import os
from collections import Counter
from itertools import islice

from course_lib.grading.containers import NOT_READ, container
from course_lib.grading.names import is_archive, is_left_behind, is_notebook
from course_lib.grading.source import MAX_BYTES, Unreadable

MAX_ENTRIES, MAX_INNER_ENTRIES = 40_000, 2_000  # that are told, of an archive and of one in it
MAX_NAMES, MAX_INNER_NAMES = 4 << 20, 1 << 18  # characters of names that are told
MAX_NAME, MAX_DEPTH = 1_000, 24  # characters of one, folders in folders
MAX_LOOKED_AT = 100_000  # entries of one archive
MAX_INNER = 256 << 20
MAX_RATIO, ALWAYS_ALLOWED = 20, 64 << 20  # archives in an archive, unpacked: times its size, and bytes in any case
EMPTY = "The folder is empty: nothing was handed in."
LINK = "The file is a link, which is not followed: hand in the notebook itself."
NOTHING = "There is nothing in the archive: hand in the notebook (.ipynb) itself."
DAMAGED = "The archive is damaged or cannot be read: hand in the notebook (.ipynb) itself."
SWELLS = "The archive in it unpacks to far more than its size: hand in the notebook (.ipynb) itself."
TOO_FULL = "The archive holds more than {} files: hand in the notebook (.ipynb) itself."
TOO_MANY = "The archive holds more notebooks than the {} that were read of it: hand in the notebook (.ipynb) itself."


class Archive:
    """An archive in an open file: ``files`` are its ``Entry``s by name, each name once.

    Names are those of paths below the archive, whatever stands in it. Notebooks and archives come first, so that they
    are told where there is too much of other things. Raises ``Unreadable``.

    Attributes:
        problems: ``(name, sentence)`` of what cannot be read, and may be all that somebody handed in.
        more: whether there are more notebooks than are told.
    """

    def __init__(self, file, limit=MAX_ENTRIES):
        self.size = file.seek(0, io.SEEK_END)
        file.seek(0)
        try:
            self.container = container(file)
            entries = [entry._replace(name=clean(entry.name)) for entry in islice(self.container, MAX_LOOKED_AT + 1)]
        except (Unreadable, MemoryError):
            raise
        except Exception:  # of many kinds, and none says more than that it is damaged
            raise Unreadable(DAMAGED) from None
        if len(entries) > MAX_LOOKED_AT:
            raise Unreadable(TOO_FULL.format(MAX_LOOKED_AT))
        self.files, self.problems, self.more = {}, [], False
        self._sort_in(entries, limit)

    def _sort_in(self, entries, limit):
        folders, seen = {}, Counter()
        for entry in sorted(entries, key=lambda entry: not _counts(entry.name)):
            noise = _left_behind(entry.name)
            if noise or entry.kind == "folder":
                folders["/".join((noise or entry.name).split("/")[:MAX_DEPTH])] = None
            elif len(self.files) + len(self.problems) >= limit:
                self.more |= _counts(entry.name)
            elif entry.kind == "link":
                self.problems.append((entry.name, LINK))
            elif entry.name:
                self.files[numbered(entry.name, seen)] = entry
        names = [*self.files, *(name for name, _ in self.problems), *folders]
        full = {folder for name in names for folder in parents(name)}
        self.problems += [(f"{name}/", EMPTY) for name in folders if name and name not in full][:limit]

    def read(self, name, limit=MAX_BYTES):
        """The bytes of a file, cut one byte past ``limit``, whatever its header says. Raises ``Unreadable``."""
        entry = self.files.get(name)
        if entry is None:
            raise Unreadable("The file is not in the archive any more: run the command again.")
        if entry.problem:
            raise Unreadable(entry.problem)
        try:
            with self.container.open(entry.item) as file:
                return file.read(limit + 1)
        except MemoryError:
            raise
        except Exception:  # BadZipFile, zlib.error, EOFError, RuntimeError, ...
            raise Unreadable(NOT_READ.format("it is damaged")) from None


# --- Names ---------------------------------------------------------------------------------------------


def clean(name):
    """The path below an archive that a name in it means, ``""`` if none; long ones are cut in the middle."""
    name = "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))
    if len(name) <= MAX_NAME:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name[: MAX_NAME // 2]}…{digest}…{name[-MAX_NAME // 4 :]}"


def numbered(name, seen):
    """``name``, or ``name (2)`` and so on if it was ``seen``, a ``Counter`` of names."""
    seen[name] += 1
    if seen[name] == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    number = seen[name]
    return numbered(f"{stem} ({number}){dot}{ending}" if dot else f"{name} ({number})", seen)


def parents(name):
    """The folders that a path lies in, as far as anybody tells them apart."""
    parts = name.split("/", MAX_DEPTH)
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _left_behind(name):
    """The file or folder that a system or program left behind and that a path lies in, ``""`` if none."""
    parts = name.split("/", MAX_DEPTH)
    end = next((end for end, part in enumerate(parts, 1) if is_left_behind(part)), 0)
    return "/".join(parts[:end])


def _counts(name):
    return is_notebook(name) or is_archive(name)


# --- What the reading process does ---------------------------------------------------------------------


def members(file, most=MAX_ENTRIES):
    """``[(names from the outside in, size, problem), ...]``: files in an archive, and in archives in it, one level.

    ``most``: how many are told.
    """
    rows, room = [], MAX_NAMES
    try:
        for row in _rows(Archive(file, most)):
            room -= sum(map(len, row[0]))
            if room < 0 or len(rows) >= most:
                return [*rows, ((), 0, TOO_MANY.format(len(rows)))]
            rows.append(row)
    except Unreadable as reason:
        return [((), 0, str(reason))]
    return rows or [((), 0, NOTHING)]


def _rows(outer):
    room = MAX_RATIO * outer.size + ALWAYS_ALLOWED
    for name, entry in outer.files.items():
        if entry.problem or not is_archive(name):
            yield (name,), entry.size, entry.problem
            continue
        room -= entry.size
        if room < 0:
            yield (name,), entry.size, SWELLS
        else:
            yield from _inner_rows(outer, name)
    for name, problem in outer.problems:
        yield (name,), 0, problem
    if outer.more:
        yield (), 0, TOO_MANY.format(len(outer.files))


def _inner_rows(outer, name):
    size, room = outer.files[name].size, MAX_INNER_NAMES
    try:
        inner = inner_archive(outer, name)
    except Unreadable as reason:
        yield (name,), size, str(reason)
        return
    rows = [((name, file), entry.size, entry.problem) for file, entry in inner.files.items()]
    rows += [((name, file), 0, problem) for file, problem in inner.problems]
    for row in rows or [((name,), size, NOTHING)]:
        room -= len(row[0][-1])
        if room < 0:
            break
        yield row
    if inner.more or room < 0:
        yield (name,), size, TOO_MANY.format(MAX_INNER_ENTRIES)


def inner_archive(outer, name):
    """The archive of that name in an archive. Raises ``Unreadable``."""
    data = outer.read(name, MAX_INNER)
    if len(data) > MAX_INNER:
        raise Unreadable(SWELLS)
    return Archive(io.BytesIO(data), MAX_INNER_ENTRIES)


class OpenArchives:
    """The archives that were opened last: a class in one archive is read file by file."""

    def __init__(self):
        self.key, self.archive, self.inner = None, None, (None, None)

    def read(self, file, inside):
        """The bytes of a file in an archive; ``inside`` as in ``members``. Raises ``Unreadable``."""
        status = os.fstat(file.fileno())
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if self.key != key:
            self.__init__()
            self.archive, self.key = Archive(os.fdopen(os.dup(file.fileno()), "rb")), key
        archive = self.archive
        for name in inside[:-1]:
            if self.inner[0] != name:
                self.inner = (None, None)
                self.inner = (name, inner_archive(self.archive, name))
            archive = self.inner[1]
        return archive.read(inside[-1])
