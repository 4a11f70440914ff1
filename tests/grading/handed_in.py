"""Texts of right and wrong answers to the toy assignment, and notebooks made of them."""

import json
from pathlib import Path

from course_lib import chapters
from course_lib.grading.process import Limits
from course_lib.grading.reader import Reader

TOYS = Path(__file__).parent / "toy"  # a folder of chapters, of which the course knows nothing


def toy():
    """The exercises; other tests are collected meanwhile, so their chapter stays only where it was there before."""
    known = "ch90_toy" in chapters.all_chapters()
    if not known:
        chapters.add(TOYS)
    try:
        return chapters.part("ch90_toy", "checks").CHAPTER
    finally:
        if not known:
            chapters.forget()


TOY = toy()
SETUP = """import numpy as np
import matplotlib.pyplot as plt
from course_lib.checks import check
from course_lib.figures.style import new_figure
from course_lib.optimizers import Momentum"""
GLIDE = '''def glide_step(theta, velocity, gradient, learning_rate, momentum):
    """One step."""
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity'''
AHEAD = """def ahead_step(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + momentum * velocity)
    return theta + velocity, velocity"""
PAIR = """def rate_pair(smallest, largest):
    low, high = np.sqrt(smallest), np.sqrt(largest)
    return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2"""
RIGHT = (SETUP, GLIDE, "check('90-1', glide_step)", AHEAD, PAIR, "plt.subplots()")
WRONG_GLIDE = """def glide_step(theta, velocity, gradient, learning_rate, momentum):
    return theta * 3.7, velocity * 2.9"""
STUB = '''def glide_step(theta, velocity, gradient, learning_rate, momentum):
    """One step."""
    raise NotImplementedError("Exercise 90-1: write the step.")'''

SEED = 987654321
MEMORY = 512 << 20  # bytes of a child: what takes all that it can get has it sooner
TIMES = {"cell_seconds": 1.0, "statement_seconds": 0.5, "call_seconds": 0.6, "idle_seconds": 1.0, "total_seconds": 20}
QUICK = Limits(**TIMES, slowness=5, memory=MEMORY)
FULL = sum(exercise.points for exercise in TOY)


def notebook(*cells, **more):
    """The bytes of a notebook with these cells: of code, or ``(kind, text)``."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    rows = [
        code | {"id": f"c{i}", "source": cell}
        if isinstance(cell, str)
        else {"cell_type": cell[0], "id": f"c{i}", "source": cell[1], "metadata": {}}
        for i, cell in enumerate(cells)
    ]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


READERS = {}


def reader_of(functions):
    """The one process of this run that looks for these functions, ``None`` for all; a fixture ends it."""
    return READERS.setdefault(functions, Reader(functions))


def handed(data, place="somebody.ipynb", exercises=TOY):
    """What the reader makes of a file with these bytes."""
    functions = tuple(name for exercise in exercises for name in exercise.functions)
    return reader_of(functions).read_bytes(place, data)


def points(row):
    """``{exercise id: points}``."""
    return {exercise["id"]: exercise["points"] for exercise in row["exercises"]}


def words(row):
    """All that a student would read, but for their own code."""

    def told(value):
        if isinstance(value, dict):
            return {name: told(part) for name, part in value.items() if name != "source"}
        return [told(part) for part in value] if isinstance(value, list) else value

    return json.dumps(told(row), ensure_ascii=False)
