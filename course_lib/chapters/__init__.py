"""The chapters of the course: a folder each, and here the only list of them.

A folder holds all that only its chapter needs. Its parts are found by their names (``checks``, ``claims``, ``errata``,
``conventions``, ``look``, ...); a part that a chapter does not need is absent. Nothing is joined by hand.

Chapters of one's own can lie elsewhere, in a folder that the variable ``COURSE_CHAPTERS`` names: their exercises are
checked and graded as those of the course are, and no file of the course is changed for them.
"""

import os
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

CHAPTERS = (
    "ch00_start",
    "ch01_backprop",
    "ch02_sgd_noise",
    "ch03_momentum",
    "ch04_newton_saddles",
    "ch05_adaptive",
    "ch06_initialisation",
    "ch07_batchnorm",
    "ch08_dropout",
    "ch09_convolution",
    "ch10_cnn_training",
    "ch11_depth_sequences",
    "ch12_scaling_out",
)
OWN = "COURSE_CHAPTERS"
_own: dict[str, Path] = {}


def all_chapters():
    """The names of the course's chapters, and of those from elsewhere."""
    return (*CHAPTERS, *_own)


def place_of(chapter):
    """The folder of a chapter."""
    return _own.get(chapter, Path(__file__).parent / chapter)


def add(folder):
    """Take the chapters in a folder beside those of the course; until ``forget``.

    Raises:
        ValueError: no such folder, no chapter in it, or a number that another chapter has.
    """
    place = Path(folder).resolve()
    found = [path.parent.name for path in sorted(place.glob("ch*/__init__.py"))]
    found = [name for name in found if re.fullmatch(r"ch\d\d_\w+", name)]
    if not found:
        raise ValueError(f"{OWN} is {folder}, but no folder in it is a chapter (ch90_mine/__init__.py).")
    taken = {number_of(chapter): chapter for chapter in all_chapters()}
    for name in found:
        if number_of(name) in taken:
            raise ValueError(
                f"Chapter {number_of(name)} is {taken[number_of(name)]} already: give {place / name} another number, "
                "such as 90."
            )
    __path__.append(str(place))
    _own.update({name: place / name for name in found})


def forget():
    """Leave only the chapters of the course."""
    del __path__[1:]
    _own.clear()


def number_of(chapter):
    """The number of a chapter as text: "05" of "ch05_adaptive"."""
    return chapter[2:4]


def part(chapter, name):
    """A part of a chapter as a module, ``None`` where the chapter has none."""
    full = f"{__name__}.{chapter}.{name}"
    return import_module(full) if find_spec(full) else None


def parts(name):
    """``{chapter: module}`` of all chapters that have the part ``name``, in their order."""
    return {chapter: module for chapter in all_chapters() if (module := part(chapter, name))}


if os.environ.get(OWN):
    add(os.environ[OWN])
