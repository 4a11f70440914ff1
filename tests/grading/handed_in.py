"""Texts of right and wrong answers to chapter 3, and notebooks made of them."""

import json

from course_lib.checks import EXERCISES
from course_lib.grading.process import Limits
from course_lib.grading.reader import Reader

SETUP = """import numpy as np
import matplotlib.pyplot as plt
from course_lib.checks import check
from course_lib.figures.style import new_figure
from course_lib.optimizers import Momentum"""
MOMENTUM = '''def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    """One step."""
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity'''
NESTEROV = """def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + momentum * velocity)
    return theta + velocity, velocity"""
SAME_PATH = """def same_path_step(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return theta + velocity, velocity"""
BEST_PAIR = """def best_pair(smallest, largest):
    low, high = np.sqrt(smallest), np.sqrt(largest)
    return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2"""
LATER = """def coasting(velocity, momentum, num_steps):
    if momentum == 1:
        return num_steps * velocity
    return momentum * (1 - momentum**num_steps) / (1 - momentum) * velocity

def train_with_momentum(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = np.zeros(theta.shape)
    for _ in range(num_epochs * num_steps):
        velocity = momentum * velocity - learning_rate * gradient(theta)
        theta = theta + velocity
    return theta

def fault_of_train_with_momentum():
    return 'velocity starts anew'

def steps_needed(learning_rate, momentum, curvature):
    half = (1 + momentum - learning_rate * curvature) / 2
    factor = np.sqrt(momentum) if half**2 < momentum else half + np.sqrt(half**2 - momentum)
    return np.log(0.01) / np.log(factor)"""
RIGHT = (SETUP, MOMENTUM, "check('03-1', momentum_step)", NESTEROV, SAME_PATH, BEST_PAIR, "plt.subplots()")
WRONG_MOMENTUM = """def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    return theta * 3.7, velocity * 2.9"""
STUB = '''def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    """One step."""
    raise NotImplementedError("Exercise 03-1: write the step.")'''

SEED = 987654321
MEMORY = 512 << 20  # bytes of a child: what takes all that it can get has it sooner
TIMES = {"cell_seconds": 1.0, "statement_seconds": 0.5, "call_seconds": 0.6, "idle_seconds": 1.0, "total_seconds": 20}
QUICK = Limits(**TIMES, slowness=5, memory=MEMORY)
ALL_OF_CHAPTER_3 = [exercise for exercise in EXERCISES.values() if exercise.id.startswith("03-")]
CHAPTER_3 = [EXERCISES[id] for id in ("03-1", "03-2", "03-3", "03-4")]  # those that the notebooks here answer
FULL = sum(exercise.points for exercise in CHAPTER_3)


def notebook(*cells, **more):
    """The bytes of a notebook with these code cells."""
    rows = [
        {"cell_type": "code", "id": f"c{i}", "source": cell, "metadata": {}, "outputs": [], "execution_count": None}
        for i, cell in enumerate(cells)
    ]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


READERS = {}


def reader_of(functions):
    """The one process of this run that looks for these functions; a fixture ends it."""
    return READERS.setdefault(functions, Reader(functions))


def handed(data, place="somebody.ipynb", exercises=CHAPTER_3):
    """What the reader makes of a file with these bytes."""
    functions = tuple(name for exercise in exercises for name in exercise.functions)
    return reader_of(functions).read_bytes(place, data)


def points(row):
    """``{exercise id: points}``."""
    return {exercise["id"]: exercise["points"] for exercise in row["exercises"]}


def words(row):
    """All that a student would read."""
    return json.dumps(row, ensure_ascii=False)
