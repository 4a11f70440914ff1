"""Finding what was handed in: which files, and whose. What is in them is the reader's to say."""

import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from course_lib.grading.archives import EMPTY, LINK
from course_lib.grading.files import File, chosen, natural_order, written
from course_lib.grading.layouts import Reading, recognise
from course_lib.grading.matching import match
from course_lib.grading.names import is_archive, is_left_behind, shown
from course_lib.grading.platforms import METADATA, gradescope_submitters
from course_lib.grading.roster import read_roster

MAX_PLACES = 100_000  # files on disk and in archives, those that nobody handed in included
MAX_IN_ARCHIVE = 5_000  # of an archive among other files
MAX_METADATA = 64 << 20
NOTHING = "There is nothing in the archive: hand in the notebook (.ipynb) itself."
NAMED = 5  # of many, by name


class NoSubmissions(ValueError):
    """There is nothing to grade; its text says what was looked for, and where."""


@dataclass
class Submission:
    """One student's.

    Attributes:
        student: the key, which nobody else in the class has.
        files: ``files.File``s, the newest name last; none, if someone on the class list handed in nothing.
        name: shown beside the key, ``""`` if the key is the name.
        platform: identifiers such as ``{"canvas_id": "4711"}``.
        functions: those of the assignment, once it is known; files that define them come first.
        chosen: what ``handed_in`` answers, where the files were read before.
    """

    student: str
    files: list
    name: str = ""
    platform: dict = field(default_factory=dict)
    functions: tuple = ()
    chosen: list | None = None

    def handed_in(self):
        """The ``reader.Handed`` of each file that is marked; see ``files.chosen``."""
        return [handed for _, handed in self.marked()] if self.chosen is None else self.chosen

    def hold(self):
        """Read the files now; what they hold later makes no difference."""
        self.chosen = self.handed_in()

    def let_go(self):
        """Forget what was read: a class of it is too much to remember."""
        self.chosen = None

    def marked(self):
        """``(File, Handed)`` of each file that is marked."""
        return chosen(self.files, self.functions)

    def written(self):
        """Names of the functions of exercises that some file holds."""
        return written(self.files)

    @property
    def places(self):
        return [file.place for file in self.files]


@dataclass(frozen=True)
class Intake:
    """What was handed in by whom, and what a lecturer is told about it.

    Attributes:
        submissions: ``Submission``s by key, those of whom nothing was found included.
        reading: ``layouts.Reading``.
        remarks: sentences about the class list, and about files that are nobody's.
        metadata: the text of Gradescope's list, "" without.
    """

    submissions: list
    reading: Reading
    remarks: tuple = ()
    metadata: str = field(default="", repr=False)

    @property
    def line(self):
        """How it was read, in words and with an example."""
        return f"read as: {self.reading}"

    @property
    def warnings(self):
        """All that a lecturer should see."""
        return (*self.reading.warnings, *self.remarks)


def find_submissions(folder, reader, assignments=()):
    """The ``Submission``s below a folder (or in an archive), by student; see ``take_in``."""
    return take_in(folder, reader, assignments).submissions


def take_in(folder, reader, assignments=(), layout=None, roster=None):
    """The ``Intake`` of a folder or a archive of submissions.

    Args:
        folder: path.
        reader: ``reader.Reader``.
        assignments: names of notebooks (``03_momentum``), which are no part of a student's name.
        layout: one of ``layouts.LAYOUTS``; recognised if left out.
        roster: path of a class list.

    Raises ``NoSubmissions``, ``layouts.Unclear`` or ``roster.BadRoster``, all of them ``ValueError`` with a sentence.
    """
    enrolled = read_roster(roster) if roster else []
    files = {file.place: file for file in islice(_files(Path(folder), reader), MAX_PLACES + 1)}
    if len(files) > MAX_PLACES:
        (name, count), *_ = Counter(place.partition("/")[0] for place in files).most_common(1)
        raise NoSubmissions(
            f"There are more than {MAX_PLACES} files in {folder}, {count} of them in {shown(name)}: give the folder of "
            "one assignment, or move away what nobody handed in."
        )
    metadata = _metadata(files)
    reading = recognise(files, assignments, layout, gradescope_submitters(metadata))
    if reading is None:
        raise NoSubmissions(f"There is no notebook (.ipynb) and no zip archive in {folder}.")
    people, missing, told = {person: person for person in reading.people}, (), []
    if roster:
        matched = match(list(people), enrolled, roster)
        people, missing = matched.people, matched.missing
        told = [
            f"{len(enrolled)} students on {roster}, {len(missing)} of them handed in nothing (no mark: it is yours)."
        ]
        told += _listed("Not on the class list, marked all the same", [str(person) for person in matched.unknown])
    found = [
        _submission(people[person], [files.get(place) or _empty(place) for place in places])
        for person, places in reading.people.items()
    ]
    found += [_submission(person, []) for person in missing]
    return Intake(sorted(found, key=lambda one: one.student), reading, (*told, *_about(reading.aside)), metadata)


def _submission(person, files):
    ordered = sorted(files, key=lambda file: natural_order(file.place))
    return Submission(person.key, ordered, person.name, dict(person.platform))


def _listed(what, names):
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [f"{what}: {', '.join(map(shown, names[:NAMED]))}{more}."] if names else []


def _about(aside):
    """Sentences about files that are nobody's."""
    kinds = Counter(aside.values())
    return [
        sentence
        for kind in kinds
        for sentence in _listed(f"Not handed in by anybody, {kind}", [place for place in aside if aside[place] == kind])
    ]


def _metadata(files):
    """The text of Gradescope's list, the one that lies highest; "" without."""
    lists = sorted((p for p in files if p.rpartition("/")[2] == METADATA), key=lambda place: place.count("/"))
    if not lists or not files[lists[0]].copy:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "list")
        if files[lists[0]].copy(path):
            return ""
        with open(path, "rb") as file:
            return file.read(MAX_METADATA).decode("utf-8", "replace")


# --- Where files lie -------------------------------------------------------------------------------------


def _files(folder, reader):
    """Each ``File`` below a folder or in an archive; an empty folder, and a link to one, is one that ends in ``/``."""
    if not folder.exists():
        raise NoSubmissions(f"There is no folder {folder}: give the one that holds what was handed in.")
    if folder.is_dir():
        yield from _in_folder(folder, reader)
    elif is_archive(folder.name):
        yield from _in_archive(folder, "", reader)
    else:
        raise NoSubmissions(f"{folder} is neither a folder nor an archive (.zip, .tar.gz) of submissions.")


def _in_folder(top, reader):
    for where, folders, names in os.walk(top, onerror=_refuse):
        below = os.path.relpath(where, top).replace(os.sep, "/")
        here = "" if below == "." else f"{below}/"
        for name in sorted(folders):
            if os.path.islink(os.path.join(where, name)):
                yield File.broken(f"{here}{name}/", LINK)
            elif is_left_behind(name):
                yield File.broken(f"{here}{name}/", EMPTY)
        folders[:] = sorted(name for name in folders if not is_left_behind(name))
        if here and not folders and not names:
            yield _empty(here)
        for name in sorted(names):
            path = os.path.join(where, name)
            if is_archive(name) and not is_left_behind(name):
                yield from _in_archive(path, here + name, reader)
            else:
                yield File.of(reader, here + name, path)


def _in_archive(path, below, reader):
    """Each ``File`` in an archive, and in archives in it, one level down."""
    members = reader.members(path, MAX_IN_ARCHIVE) if below else reader.members(path)
    whole = next((member.problem for member in members if not member.inside), "")
    if whole and not below:
        raise NoSubmissions(f"{path}: {whole}")
    for member in members or [None]:
        place = "/".join(part for part in (below, *(member.inside if member else ())) if part)
        if member is None or member.problem:
            yield File.broken(place, member.problem if member else NOTHING)
        else:
            yield File.of(reader, place, path, member.inside)


def _empty(place):
    return File.broken(place, NOTHING if is_archive(place.rstrip("/")) else EMPTY)


def _refuse(error):
    raise NoSubmissions(f"{error.filename} cannot be looked into ({error.strerror}): mend its rights, or move it away.")
