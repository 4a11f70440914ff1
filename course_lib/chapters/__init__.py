"""The chapters of the course: a folder each, and here the only list of them.

A folder holds all that only its chapter needs. Its parts are found by their names (``checks``, ``claims``, ``errata``,
``conventions``, ``look``, ...); a part that a chapter does not need is absent. Nothing is joined by hand.
"""

from importlib import import_module
from importlib.util import find_spec

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


def number_of(chapter):
    """The number of a chapter as text: "05" of "ch05_adaptive"."""
    return chapter[2:4]


def part(chapter, name):
    """A part of a chapter as a module, ``None`` where the chapter has none."""
    full = f"{__name__}.{chapter}.{name}"
    return import_module(full) if find_spec(full) else None


def parts(name):
    """``{chapter: module}`` of all chapters that have the part ``name``, in their order."""
    return {chapter: module for chapter in CHAPTERS if (module := part(chapter, name))}
