"""The words that everything rests on have types, and the checker that ``course.py test`` runs would see a wrong one."""

import importlib
import inspect
import subprocess
import sys

import pytest

from course_lib.optimizers import OPTIMIZERS

PUBLIC = {  # what others build upon: every method and function named here says what it takes and gives
    "course_lib.objective": ("Objective", "with_l1_penalty", "with_l2_penalty", "hvp_by_differences"),
    "course_lib.optimizers": ("Optimizer",),
    "course_lib.run": ("descend", "iterate", "train"),
    "course_lib.surfaces": ("ravine", "rotated", "quadratic", "worst_case"),
    "course_lib.checks": ("check",),
}
WRONG = """
from course_lib.objective import Array, Objective
from course_lib.optimizers import Optimizer


class Forgetful:
    def init(self, theta: Array) -> None: ...
    def step(self, objective: Objective, theta: Array, state: None) -> Array:
        return theta


method: Optimizer = Forgetful()
"""


def functions(value):
    if inspect.isfunction(value):
        return [value]
    found = [getattr(member, "fget", member) for member in vars(value).values()]
    return [one for one in found if inspect.isfunction(one) and not one.__name__.startswith("_")]


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in PUBLIC.items() for name in names])
def test_what_others_build_upon_says_what_it_takes_and_gives(module, name):
    for function in functions(getattr(importlib.import_module(module), name)):
        signature = inspect.signature(function)
        untyped = [one for one in signature.parameters.values() if one.name != "self" and one.annotation is one.empty]
        assert not untyped and signature.return_annotation is not signature.empty, function.__qualname__


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_says_what_its_steps_take_and_give(optimizer):
    for name in ("init", "step"):
        signature = inspect.signature(getattr(optimizer, name))
        assert signature.return_annotation is not signature.empty
        assert all(one.annotation is not one.empty for one in list(signature.parameters.values())[1:])


def test_a_method_that_forgets_its_state_is_no_optimizer(tmp_path):
    (tmp_path / "forgetful.py").write_text(WRONG, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", tmp_path / "forgetful.py"]  # with what it knows of the library already
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "Optimizer" in done.stdout and done.stdout.count("error:") == 1, done.stdout
