"""Archives that were handed in, read where they lie; nothing is ever unpacked to disk. Runs in the reading process."""

import hashlib
import io
import stat
import zipfile
from collections import Counter

from course_lib.grading.source import MAX_BYTES, Unreadable

MAX_ENTRIES = 20_000
MAX_NAME = 1_000
MAX_INNER = 256 << 20
MAX_RATIO, ALWAYS_ALLOWED = 20, 64 << 20  # archives in an archive, unpacked: times its size, and bytes in any case
EMPTY = "The folder is empty: nothing was handed in."
LINK = "The file is a link, which is not followed: hand in the notebook itself."
DAMAGED = "The zip archive is damaged or cannot be read: hand in the notebook (.ipynb) itself."
SWELLS = "The archive in it unpacks to far more than its size: hand in the notebook (.ipynb) itself."
TOO_MANY = "The archive holds more than {} files, of which the first were read: hand in the notebook (.ipynb) itself."


class Archive:
    """A zip archive in an open file: ``entries`` has its files by name, each name once.

    Names are those of paths below the archive, whatever stands in it. Raises ``Unreadable``.
    """

    def __init__(self, file):
        self.size = file.seek(0, io.SEEK_END)
        try:
            self.zip = zipfile.ZipFile(file)
        except Exception:  # of many kinds, and none says more than that it is damaged
            raise Unreadable(DAMAGED) from None
        self.entries, self.links, self.more = {}, [], False
        folders, seen = set(), Counter()
        for entry in self.zip.infolist():
            name = clean(entry.filename)
            if not name:
                continue
            if len(self.entries) + len(folders) >= MAX_ENTRIES:
                self.more = True
                break
            if entry.is_dir():
                folders.add(name)
            elif stat.S_ISLNK(entry.external_attr >> 16):
                self.links.append(name)
            else:
                self.entries[numbered(name, seen)] = entry
        full = {parent for name in (*self.entries, *self.links, *folders) for parent in parents(name)}
        self.empty = sorted(folders - full)

    @property
    def problems(self):
        """``(name, sentence)`` of what holds nothing that can be read, and may be all that somebody handed in."""
        return [(f"{name}/", EMPTY) for name in self.empty] + [(name, LINK) for name in self.links]

    def read(self, name, limit=MAX_BYTES):
        """The bytes of a file, cut one byte past ``limit``, whatever its header says. Raises ``Unreadable``."""
        entry = self.entries.get(name)
        if entry is None:
            raise Unreadable("The file is not in the archive any more: run the command again.")
        try:
            with self.zip.open(entry) as file:
                return file.read(limit + 1)
        except MemoryError:
            raise
        except Exception as error:  # RuntimeError, zlib.error, lzma.LZMAError, EOFError, ...
            reason = "it is encrypted" if entry.flag_bits & 1 else type(error).__name__
            raise Unreadable(f"The file cannot be read from its zip archive ({reason}).") from None


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
    """The folders that a path lies in."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def members(file):
    """``[(names from the outside in, size, problem), ...]``: files in an archive, and in archives in it, one level."""
    try:
        outer = Archive(file)
    except Unreadable as reason:
        return [((), 0, str(reason))]
    rows = [((), outer.size, TOO_MANY.format(MAX_ENTRIES))] if outer.more else []
    room = MAX_RATIO * outer.size + ALWAYS_ALLOWED
    for name, entry in outer.entries.items():
        if not name.lower().endswith(".zip"):
            rows.append(((name,), entry.file_size, ""))
            continue
        room -= entry.file_size
        rows += _inner(outer, name) if room >= 0 else [((name,), entry.file_size, SWELLS)]
    return rows + [((name,), 0, problem) for name, problem in outer.problems]


def _inner(outer, name):
    try:
        inner = opened(outer, name)
    except Unreadable as reason:
        return [((name,), outer.entries[name].file_size, str(reason))]
    rows = [((name, file), entry.file_size, "") for file, entry in inner.entries.items()]
    rows += [((name, file), 0, problem) for file, problem in inner.problems]
    return rows or [((name,), inner.size, "There is no notebook (.ipynb) in the zip archive.")]


def opened(outer, name):
    """The archive of that name in an archive. Raises ``Unreadable``."""
    data = outer.read(name, MAX_INNER)
    if len(data) > MAX_INNER:
        raise Unreadable(SWELLS)
    return Archive(io.BytesIO(data))


def read(file, inside):
    """The bytes of a file in an archive; ``inside`` as in ``members``. Raises ``Unreadable``."""
    archive = Archive(file)
    for name in inside[:-1]:
        archive = opened(archive, name)
    return archive.read(inside[-1])
