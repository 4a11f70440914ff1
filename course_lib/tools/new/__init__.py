"""``course new``: the files of a new exercise, optimizer, claim, live figure or chapter, whole, and in their places.

What is made builds and passes its tests as it stands; then one writes one's own over it. The texts are the files
beside this one, in which ``<<name>>`` stands for what differs; ``edits`` puts them where they belong.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from course_lib.chapters import CHAPTERS, number_of
from course_lib.place import LIBRARY, program
from course_lib.tools.new import kinds
from course_lib.tools.new.edits import Place

WORD, CLASS, CHAPTER = r"[a-z][a-z0-9]*(_[a-z0-9]+)*", r"[A-Z][A-Za-z0-9]*", r"\d\d_[a-z][a-z0-9_]*"
FORMS = {
    "exercise": (WORD, "a function, such as clipped_step"),
    "claim": (WORD, "a word or two, such as half_the_rate"),
    "widget": (WORD, "a function, such as one_bowl"),
    "optimizer": (CLASS, "a class, such as Lion"),
    "chapter": (CHAPTER, "a number and a word, such as 13_preconditioning"),
}
IN_A_CHAPTER = ("exercise", "claim", "widget")


class Made(NamedTuple):
    """What ``create`` wrote, and what to type next.

    Attributes:
        files: paths from the course's folder, with what each is for.
        next: commands.
    """

    files: dict
    next: list

    def __str__(self):
        width = max(map(len, self.files))
        lines = [f"{name:{width}}  {what}" for name, what in self.files.items()]
        return "\n".join([*lines, "", "All of it works as it stands; write your own over it. Next:", *self.next])


def create(kind, name, chapter=None, root=LIBRARY):
    """Make a new thing and put it in its places.

    Args:
        kind: one of ``FORMS``.
        name: see ``FORMS``.
        chapter: number of the chapter that it is for, such as "03"; of an exercise, a claim or a widget.
        root: the course's folder.

    Returns a ``Made``. Raises ``ValueError`` with a sentence; nothing is written then.
    """
    form, example = FORMS[kind]
    if not re.fullmatch(form, name):
        raise ValueError(f"{name!r} is no name for a new {kind}: {example} was expected.")
    place = Place(root)
    if kind in IN_A_CHAPTER:
        values = _in_chapter(kind, name, chapter, place)
    elif chapter:
        raise ValueError(f"A new {kind} belongs to no chapter: leave out --chapter {chapter}.")
    else:
        values = {"name": name, "module": _snake(name)}
    if kind == "chapter":
        values |= {
            "number": name[:2],
            "nth": int(name[:2]),
            "title": _words(name[3:]),
            "words": name[3:].replace("_", " "),
        }
    files, commands = getattr(kinds, kind)(place, values)
    place.write()
    _form(root, [path for path in files if Path(path).suffix in (".py", ".ipynb")])
    return Made(files, [f"  {program()} {command}" for command in commands])


def _in_chapter(kind, name, chapter, place):
    folders = {number_of(folder): folder for folder in place.chapters(CHAPTERS)}
    if chapter is None or str(chapter).zfill(2) not in folders:
        which = f"There is no chapter {chapter}" if chapter else f"A new {kind} needs the chapter that it is for"
        raise ValueError(f"{which}: add --chapter with one of {', '.join(sorted(folders))}.")
    number = str(chapter).zfill(2)
    values = {"name": name, "number": number, "chapter": folders[number], "title": _words(name), "nth": int(number)}
    return values | {"class": "".join(map(str.capitalize, name.split("_"))), "constant": name.upper()}


def _words(name):
    return name.replace("_", " ").capitalize()


def _snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _form(root, paths):
    """Imports in order and lines broken as everywhere else, by ruff."""
    for command in (["check", "--fix", "--select", "I,RUF022", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *paths], cwd=root, check=True)
