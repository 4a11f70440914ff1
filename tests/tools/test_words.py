"""Every "exact", "the same", "always" of a public docstring has a test beside it, whose oracle could disagree.

``words.txt`` says where, one test for each sentence with such a word. Who writes a new one adds a line, or takes the
word away: "exact" that nobody has held against anything is a hope.
"""

import ast
import re
from pathlib import Path

import pytest

import course_lib

WORDS = re.compile(r"\b(exact|exactly|the same|equals?|always|never|to rounding)\b", re.IGNORECASE)
LIBRARY = Path(course_lib.__file__).parent
TESTS = Path(__file__).parents[1]
NOT_THE_LIBRARY = {"grading", "checks", "claims", "widgets", "look", "conventions", "errata"}

TESTED = dict(
    line.split(" | ") for line in Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
)


def docstrings():
    """``(place, docstring)`` of every public module, class, function and method."""

    def of(node, place):
        yield place, ast.get_docstring(node) or ""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.ClassDef | ast.FunctionDef) and not part.name.startswith("_"):
                yield from of(part, f"{place}{'.' if '::' in place else '::'}{part.name}")

    for path in sorted(LIBRARY.rglob("*.py")):
        name = path.relative_to(LIBRARY)
        if NOT_THE_LIBRARY.isdisjoint(name.with_suffix("").parts):
            yield from of(ast.parse(path.read_text(encoding="utf-8")), name.as_posix())


def certain(docstring):
    """Its sentences with such a word."""
    return [part for part in re.split(r"(?<=[.:;])\s+|\n\n", docstring) if WORDS.search(part)]


SAID = {place: said for place, docstring in docstrings() if (said := certain(docstring))}


@pytest.mark.parametrize("place", sorted(SAID.keys() | TESTED.keys()))
def test_a_word_of_certainty_has_its_test(place):
    said, tests = SAID.get(place, []), TESTED.get(place, "").split()
    assert len(said) == len(tests), f"{place} says {said}: a test for each in words.txt, or take them away."
    for test in tests:
        file, name = test.split("::")
        assert f"def test_{name}(" in (TESTS / file).read_text(encoding="utf-8"), f"There is no {test}."


def test_a_new_word_is_seen():
    assert certain("It is never wrong. Fine; and equal\nto b, to rounding: always.") == [
        "It is never wrong.",
        "and equal\nto b, to rounding:",
        "always.",
    ]
    assert not certain("Nevertheless, exacting and equality are other words.")
