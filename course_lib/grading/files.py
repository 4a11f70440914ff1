"""The files of one student: which of them count, and a sentence where none can."""

import heapq
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from course_lib.grading.names import is_notebook, shown, split_ending
from course_lib.grading.reader import Handed

MAX_FILES_OF_ONE = 5  # that are marked
MAX_READ = 60  # to find those
SECONDS_OF_MANY = 12  # of processor time to read them, where there are more than are marked
PLAIN_TEXT = 3  # rank of a file that is read only in case it is a notebook
KINDS = {  # what a file is that is no notebook
    "html htm": "a web page",
    "pdf": "a PDF",
    "doc docx odt rtf pages": "a text document",
    "txt md rmd qmd tex": "a text",
    "png jpg jpeg heic gif": "a picture",
    "rar 7z gz": "an archive that is not opened",
    "zip tar tgz tar.gz tar.bz2 tar.xz": "an archive in an archive, which is not opened",
    "csv xlsx": "a table",
    "url webloc lnk desktop website gdoc gsheet gslides gddoc icloud": "a link to a file, which does not hold it",
    "r jl m java c cpp": "a program in another language",
}
KINDS = {ending: kind for endings, kind in KINDS.items() for ending in endings.split()}


@dataclass(frozen=True)
class File:
    """A file that may count, read when it is asked for.

    Attributes:
        place: where it lies; an empty folder ends in ``/``.
        read: ``(seconds) -> reader.Handed``, the seconds if they are fewer than usual.
        copy: ``path -> problem`` writes its bytes there; see ``Reader.copy``.
    """

    place: str
    read: Callable = field(repr=False)
    copy: Callable | None = field(default=None, repr=False)

    @classmethod
    def of(cls, reader, place, path, inside=()):
        """A file on disk, or inside an archive on disk as ``Reader.members`` names it."""
        return cls(place, partial(reader.read, shown_place(place), path, inside), partial(reader.copy, path, inside))

    @classmethod
    def broken(cls, place, sentence):
        """What cannot be read, and why."""
        handed = Handed(shown_place(place), digest=sentence, problem=sentence)
        return cls(place, lambda *_: handed)

    @property
    def rank(self):
        """0 for notebooks, then what may be one by another name; ``None`` for what is not looked into."""
        if is_notebook(self.place):
            return 0
        ending = split_ending(self.place.rpartition("/")[2])[1].lower()
        return {"json": 1, "py": 2, "txt": PLAIN_TEXT}.get(ending)


def shown_place(place):
    """A place as the lecturer reads it."""
    return "/".join(map(shown, place.split("/")))


def natural_order(name):
    """A key that sorts ``a (2)`` before ``a (10)``, and ``a`` before both."""
    stem, ending = split_ending(name)
    parts = re.findall(r"\d+|\D+", stem)
    return [(0, len(p.lstrip("0")), p.lstrip("0")) if p.isdecimal() else (1, 0, p) for p in parts], ending


def chosen(files, functions=()):
    """``(File, Handed)`` of each file that is marked, ``MAX_FILES_OF_ONE`` at most, the best and newest last.

    Notebooks come first, then what may be one by another name, then Python files. Of several, those count that hold
    the most of ``functions``, written and not as they were handed out; of equal ones the last by name. Where nothing
    can be read there is one with a problem; ``[]`` only if there are no files.
    """
    problem, spare = None, (0, [])
    for rank, group in _by_rank(files):
        best = []
        for order, file in enumerate(group):
            handed = _read(file, group)
            if handed.problem:
                problem = problem or ((file, handed) if rank < PLAIN_TEXT else None)
                continue
            item = (_worth(handed, functions), order, (file, handed))
            (heapq.heappush if len(best) < MAX_FILES_OF_ONE else heapq.heappushpop)(best, item)
        worth = max((item[0] for item in best), default=(0, 0))
        kept = [item[-1] for item in sorted(best) if min(item[0]) > 0 or not worth[0]]
        if worth[0]:
            return kept
        if kept and (worth[1] > spare[0] or not spare[1]) and (worth[1] or rank < PLAIN_TEXT):
            spare = (worth[1], kept)
    return spare[1] or ([problem or _no_notebook(files)] if files else [])


def written(files):
    """Names of functions that the files define, written if any is."""
    for _, group in _by_rank(files):
        found = [places for file in group for places in _read(file, group).defined.items()]
        full = {function for function, places in found if any(not place[2] for place in places)}
        if found:
            return full or {function for function, _ in found}
    return set()


def _read(file, group):
    """The ``Handed`` of a file of a group, whose files are read in the time of a few."""
    return file.read() if len(group) <= MAX_FILES_OF_ONE else file.read(SECONDS_OF_MANY / len(group))


def _by_rank(files):
    """``(rank, files)`` of what may be read, best first; what is the course's own steps back."""
    names = {file.place.rpartition("/")[2] for file in files if not _of_the_course(file.place)}
    groups = {}
    for file in files:
        if file.rank is not None and not (_of_the_course(file.place) and file.place.rpartition("/")[2] in names):
            groups.setdefault(file.rank, []).append(file)
    return [(rank, groups[rank][-MAX_READ:]) for rank in sorted(groups)]


def _of_the_course(place):
    """Whether it lies where a clone of the course has its solutions."""
    return "solutions" in place.split("/")[:-1]


def _worth(handed, functions):
    """``(functions and answers in words that are written, those that are there)``."""
    wanted = {f: places for f, places in handed.defined.items() if not functions or f in functions}
    written = sum(any(not place[2] for place in places) for places in wanted.values())
    return written + len(handed.texts), len(wanted) + len(handed.texts)


def _no_notebook(files):
    """A file, with the sentence that says what was handed in instead."""
    for file in files:
        if file.copy is None:
            return file, file.read()
    file = files[-1]
    name = file.place.rpartition("/")[2]
    kind = KINDS.get(split_ending(name)[1].lower())
    what = f"{kind}, not a notebook" if kind else "no notebook"
    sentence = f"There is no notebook (.ipynb): {shown(name)} is {what}. Hand in the .ipynb file itself."
    return file, Handed(shown_place(file.place), digest=sentence, problem=sentence)
