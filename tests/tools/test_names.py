"""The page of names has every public name of the library, says something of each, and is the same in every run."""

import functools
import inspect
import types
from dataclasses import dataclass, field

import pytest

from course_lib import optimizers, surfaces
from course_lib.checks.rooms import taught
from course_lib.place import LIBRARY as ROOT
from course_lib.tools.documents import names_page
from course_lib.tools.names import arguments, first_sentence, public, room


@pytest.fixture(scope="module")
def page():
    return names_page()


def test_every_room_that_is_taught_has_its_section(page):
    assert {line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")} == set(taught())


def test_every_optimizer_and_surface_function_is_there_and_nothing_private(page):
    assert all(f"| `{name}" in page for name in (*optimizers.__all__, "ravine", "SURFACES"))
    assert not [line for line in page.splitlines() if line.startswith("| `_")]


def test_nothing_on_it_depends_on_the_run_or_the_machine(page):
    assert " at 0x" not in page and "<factory>" not in page and str(ROOT) not in page
    assert page == names_page()


@pytest.mark.parametrize("name", taught())
def test_every_function_and_class_says_what_it_is(name):
    says, found = room(name)
    assert says and not [one.call for one in found if not one.says]


def test_a_module_without_a_list_shows_what_it_defines_in_its_order():
    assert public(surfaces)[:2] == ["Surface", "Surfaces"]
    assert "Objective" not in public(surfaces)  # imported there, defined elsewhere


def test_first_sentences():
    assert first_sentence("One line, e.g. this (it says). More.\n\nAnd more.") == "One line, e.g. this (it says)"
    assert first_sentence("Wrapped in\n    two lines") == "Wrapped in two lines"
    assert first_sentence(None) == ""


def test_arguments_are_shown_as_typed_and_functions_by_name():
    @dataclass
    class Thing:
        a: float
        rule: types.FunctionType = inspect.cleandoc
        more: dict = field(default_factory=dict)
        late: object = functools.partial(inspect.cleandoc, doc="x")

    assert arguments(Thing) == "(a, rule=cleandoc, more=..., late=cleandoc(doc='x'))"
    assert arguments(lambda x, *rest, y=1.5, **others: None) == "(x, *rest, y=1.5, **others)"
    assert arguments(KeyError) == ""
