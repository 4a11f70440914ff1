"""Finding what was handed in: which files, whose, and what is in them. Reads only; never unpacks to disk."""

import hashlib
import io
import os
import re
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.grading.protocol import text
from course_lib.grading.source import MAX_BYTES

MAX_ENTRIES = 20_000
MAX_UNZIPPED = 1 << 30
MAX_FILES_OF_ONE = 5
MAX_RATIO, ALWAYS_ALLOWED = 20, 64 << 20  # archives in an archive, unpacked: times its size, and bytes in any case

MOODLE = re.compile(r"^(?P<student>.+?)_(?P<id>\d+)_assignsubmission_\w+?(?:_(?P<rest>.*))?$")
CANVAS = re.compile(r"^(?P<student>[^_/]+?)(?:_LATE)?_(?P<user>\d+)_(?P<submission>\d+)_(?P<rest>.+)$")
COPY_MARKS = re.compile(r"(?:\s*\(\d+\)|[-_ ]*(?:copy|kopie)\s*\d*|-\d{1,2})+$", re.IGNORECASE)


class NoSubmissions(ValueError):
    """There is nothing to grade; its text says what was looked for, and where."""


@dataclass(frozen=True)
class File:
    """One file that was handed in: where it lies, and its bytes or the reason why they cannot be read."""

    place: str
    data: bytes = field(default=b"", repr=False)
    problem: str = ""

    @property
    def digest(self):
        return hashlib.sha256(self.data + self.problem.encode()).hexdigest()


@dataclass
class Submission:
    """One student's: a name that is unique in the class, and the files, which are read when they are asked for."""

    student: str
    readers: list

    def files(self):
        """The files, the newest name last, ``MAX_FILES_OF_ONE`` at most."""
        return [read() for _, read in self.readers[-MAX_FILES_OF_ONE:]]

    @property
    def places(self):
        return [place for place, _ in self.readers]


def natural_order(name):
    """A key that sorts ``a (2)`` before ``a (10)``, and ``a`` before both."""
    stem, suffix = os.path.splitext(name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", stem)], suffix


def find_submissions(folder, assignments=()):
    """The ``Submission``s below a folder (or in a zip archive), by student.

    Args:
        folder: path.
        assignments: names of notebooks (``03_momentum``), which are no part of a student's name.

    Whose a file is: the first folder below ``folder`` says so, else the file's name without the assignment's
    and without what a browser adds to copies. Moodle's and Canvas's ways to pack submissions are known.
    Raises ``NoSubmissions``.
    """
    folder = Path(folder)
    if not folder.exists():
        raise NoSubmissions(f"There is no folder {folder}: give the one that holds what was handed in.")
    if folder.is_dir():
        found = list(_in_folder(folder))
    elif zipfile.is_zipfile(folder):
        found = list(_in_zip(folder.read_bytes, folder.name, ""))
    else:
        raise NoSubmissions(f"{folder} is neither a folder nor a zip archive of submissions.")
    if not found:
        raise NoSubmissions(f"There is no notebook (.ipynb) and no zip archive in {folder}.")
    by_student = {}
    for place, read in sorted(found, key=lambda item: natural_order(item[0])):
        by_student.setdefault(student_of(place, assignments), []).append((place, read))
    return [Submission(student, readers) for student, readers in sorted(by_student.items())]


def student_of(place, assignments=()):
    """The student's name in a path below the submissions' folder."""
    parts = [part for part in place.replace("\\", "/").split("/") if part]
    known = parts[0] if len(parts) > 1 else os.path.splitext(parts[0])[0]
    for pattern in (MOODLE, CANVAS):
        match = pattern.match(known)
        if match:
            known = match["student"] if pattern is MOODLE else f"{match['student']}_{match['user']}"
            return text(known, 100).strip()
    if len(parts) > 1:
        return text(parts[0].removesuffix(".zip"), 100).strip()
    stem = COPY_MARKS.sub("", known)
    for assignment in sorted(assignments, key=len, reverse=True):
        stem = re.sub(rf"(?:^|[-_ ]+){re.escape(assignment)}(?=$|[-_ ])", "", stem, flags=re.IGNORECASE)
    return text(COPY_MARKS.sub("", stem).strip("-_ ") or known, 100).strip()


def _in_folder(folder):
    """``(place, read)`` of each file that may be a submission; links are named, never followed."""
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = Path(where, name)
            place = path.relative_to(folder).as_posix()
            if name.startswith(("._", ".")):
                continue
            if name.lower().endswith(".zip"):
                yield from _in_zip(lambda path=path: _read(path), place, place)
            elif name.lower().endswith(".ipynb"):
                yield place, lambda path=path, place=place: _file(path, place)
    return


def _read(path):
    """The bytes of an ordinary file; never follows a link, never waits for a pipe."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("not an ordinary file")
        return file.read(MAX_UNZIPPED + 1)


def _file(path, place):
    if path.is_symlink():
        return File(place, problem="The file is a link, which is not followed: hand in the notebook itself.")
    try:
        return File(place, _read(path))
    except OSError as error:
        return File(place, problem=f"The file cannot be read ({error.strerror or error}).")


def _in_zip(read, place, inside, depth=0):
    """``(place, read)`` of each notebook in an archive, and in archives in it, one level down."""
    try:
        data = read()
        archive, room = zipfile.ZipFile(io.BytesIO(data)), MAX_RATIO * len(data) + ALWAYS_ALLOWED
        entries = archive.infolist()[:MAX_ENTRIES]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, MemoryError):
        problem = "The zip archive is damaged or cannot be read: hand in the notebook (.ipynb) itself."
        return iter([(place, lambda: File(place, problem=problem))])
    found = []
    for entry in entries:
        name = text(entry.filename.replace("\\", "/"), 300)
        base = name.rsplit("/", 1)[-1]
        if name.startswith("__MACOSX/") or base.startswith(".") or stat.S_ISLNK(entry.external_attr >> 16):
            continue
        below = "/".join(part for part in (inside, *name.split("/")) if part not in ("", ".", ".."))
        if base.lower().endswith(".ipynb"):
            found.append((below, lambda e=entry, p=below: _entry_file(archive, e, p)))
        elif base.lower().endswith(".zip") and depth < 1:
            room -= entry.file_size
            if room < 0:
                problem = "The archive in it unpacks to far more than its size: hand in the notebook (.ipynb) itself."
                found.append((below, lambda p=below, why=problem: File(p, problem=why)))
                continue
            found += _in_zip(lambda e=entry: _entry(archive, e), below, below, depth + 1)
    if not found and depth + bool(inside):
        problem = "There is no notebook (.ipynb) in the zip archive."
        found = [(place, lambda: File(place, problem=problem))]
    return iter(found)


def _entry(archive, entry):
    """The bytes of an archive's entry, cut one byte past what is allowed, whatever its header says."""
    with archive.open(entry) as file:
        return file.read(MAX_BYTES + 1)


def _entry_file(archive, entry, place):
    try:
        return File(place, _entry(archive, entry))
    except (OSError, zipfile.BadZipFile, RuntimeError, ValueError, NotImplementedError, EOFError) as error:
        reason = "it is encrypted" if entry.flag_bits & 1 else type(error).__name__
        return File(place, problem=f"The file cannot be read from its zip archive ({reason}).")
    except Exception as error:  # zlib.error, lzma.LZMAError, ...
        return File(place, problem=f"The file cannot be read from its zip archive ({type(error).__name__}).")
