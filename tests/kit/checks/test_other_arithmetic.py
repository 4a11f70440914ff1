"""Solutions whose arithmetic is written in every other way at once earn all points."""

import ast
import random

import numpy as np
import pytest

from course_lib.checks import EXERCISES
from tests import mutants
from tests.other_arithmetic import WAYS, Named, in_other_words, rewritten

SOLUTIONS = {id: found for id, found in mutants.solutions().items() if EXERCISES[id].functions}


@pytest.mark.parametrize("id", SOLUTIONS)
def test_a_solution_in_other_arithmetic_earns_all_points(id):
    exercise, (source, setup) = EXERCISES[id], SOLUTIONS[id]
    space, torch = {}, exercise.profile == "torch"
    other = in_other_words(source, random.Random(id), [way for way in WAYS if not (torch and way is Named)])
    exec(setup, space)
    exec(compile(other, f"<{id} in other words>", "exec"), space)
    answer = exercise.joined([space.get(name) for name in exercise.functions])
    for seed in range(1 if torch else 4):
        report = exercise.run(answer, seed)
        assert report.points == exercise.points, f"{other}\n{report}"


def test_every_way_changes_many_solutions_and_no_value():
    source = "def f(a, b):\n    if a[0] > b[0]:\n        a = a + 1\n    c = a * (b - 2) + np.sqrt(a * a * b) / b**2\n"
    source += "    return c, a + b + c\n"
    given = np.array([4.0, 0.5]), np.array([3.0, 7.0])
    wanted = _made(source)(*given)
    for way in WAYS:
        made = rewritten(source, way)
        assert made is not None and made != ast.unparse(ast.parse(source)), way
        np.testing.assert_allclose(_made(made)(*given), wanted, rtol=1e-12)
        assert sum(rewritten(source, way) is not None for source, _ in SOLUTIONS.values()) > 5, way


def _made(source):
    space = {"np": np}
    exec(source, space)
    return space["f"]
