"""Finding what was handed in: which files, and whose. What is in them is the reader's to say."""

import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from course_lib.grading.plain import text
from course_lib.grading.reader import Handed

MAX_FILES_OF_ONE = 5
NOTHING = "There is no notebook (.ipynb) in the zip archive."

MOODLE = re.compile(r"^(?P<student>.+?)_(?P<id>\d+)_assignsubmission_\w+?(?:_(?P<rest>.*))?$")
CANVAS = re.compile(r"^(?P<student>[^_/]+?)(?:_LATE)?_(?P<user>\d+)_(?P<submission>\d+)_(?P<rest>.+)$")
COPY_MARKS = re.compile(r"(?:\s*\(\d+\)|[-_ ]*(?:copy|kopie)\s*\d*|-\d{1,2})+$", re.IGNORECASE)


class NoSubmissions(ValueError):
    """There is nothing to grade; its text says what was looked for, and where."""


@dataclass(frozen=True)
class File:
    """A file that may count, read when it is asked for.

    Attributes:
        place: where it lies, as the lecturer reads it.
        read: ``() -> reader.Handed``.
        copy: ``path -> problem`` writes its bytes there; see ``Reader.copy``.
    """

    place: str
    read: Callable = field(repr=False)
    copy: Callable = field(default=None, repr=False)


@dataclass
class Submission:
    """One student's: a name that is unique in the class, and the files, the newest name last."""

    student: str
    files: list

    def handed_in(self):
        """The ``Handed`` of each file that is read, ``MAX_FILES_OF_ONE`` at most."""
        return [file.read() for file in self.files[-MAX_FILES_OF_ONE:]]

    @property
    def places(self):
        return [file.place for file in self.files]


def natural_order(name):
    """A key that sorts ``a (2)`` before ``a (10)``, and ``a`` before both."""
    stem, suffix = os.path.splitext(name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", stem)], suffix


def find_submissions(folder, reader, assignments=()):
    """The ``Submission``s below a folder (or in a zip archive), by student.

    Args:
        folder: path.
        reader: ``reader.Reader``.
        assignments: names of notebooks (``03_momentum``), which are no part of a student's name.

    Whose a file is: the first folder below ``folder`` says so, else the file's name without the assignment's
    and without what a browser adds to copies. Moodle's and Canvas's ways to pack submissions are known.
    Raises ``NoSubmissions``.
    """
    folder = Path(folder)
    if not folder.exists():
        raise NoSubmissions(f"There is no folder {folder}: give the one that holds what was handed in.")
    if folder.is_dir():
        found = list(_in_folder(folder, reader))
    elif zipfile.is_zipfile(folder):
        found = _in_zip(folder, folder.name, "", reader)
    else:
        raise NoSubmissions(f"{folder} is neither a folder nor a zip archive of submissions.")
    if not found:
        raise NoSubmissions(f"There is no notebook (.ipynb) and no zip archive in {folder}.")
    by_student = {}
    for file in sorted(found, key=lambda file: natural_order(file.place)):
        by_student.setdefault(student_of(file.place, assignments), []).append(file)
    return [Submission(student, files) for student, files in sorted(by_student.items())]


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


def _in_folder(folder, reader):
    """Each ``File`` that may be a submission; links are named, never followed."""
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = Path(where, name)
            place = path.relative_to(folder).as_posix()
            if name.startswith("."):
                continue
            if name.lower().endswith(".zip"):
                yield from _in_zip(path, place, place, reader)
            elif name.lower().endswith(".ipynb"):
                yield _file(reader, place, path)


def _in_zip(path, place, below, reader):
    """The ``File`` of each notebook in an archive, and in archives in it, one level down."""
    found = []
    for member in reader.members(path):
        where = "/".join(part for part in (below, *member.inside) if part)
        if member.problem:
            found.append(_problem(where or place, member.problem))
        elif member.inside[-1].lower().endswith(".ipynb"):
            found.append(_file(reader, where, path, member.inside))
    return found or ([_problem(place, NOTHING)] if below else [])


def _file(reader, place, path, inside=()):
    return File(place, partial(reader.read, place, path, inside), partial(reader.copy, path, inside))


def _problem(place, sentence):
    handed = Handed(place, digest=sentence, problem=sentence)
    return File(place, lambda: handed)
