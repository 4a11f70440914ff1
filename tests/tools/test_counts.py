"""Nothing counts in words what grows: a new optimizer, exercise or claim would make it false, and no test would say so.

Numbers that a cell prints are held to it elsewhere (``notebook_tools.prose``); here are those that nobody prints.
"""

import re

import nbformat
import pytest

from course_lib.tools.notebook_tools.files import ROOT

NUMBERS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
)
NUMBERS = "|".join([r"(?!0)\d+", *f"{NUMBERS} nineteen twenty thirty forty fifty hundred dozen".split()])
THINGS = "methods|optimizers|chapters|exercises|claims|figures|widgets|errata"
COUNTED = re.compile(rf"(?<![Cc]hapter )\b(?:{NUMBERS})\s+(?:[a-z]+\s+)?(?:{THINGS})\b", re.IGNORECASE)
LOCAL = {  # what is counted here stands in the same sentence, or is all that there can be
    "CONTRIBUTING.md": ("two chapters",),
    "docs/CLAIMS.md": ("seven methods", "seven adaptive methods"),  # those of the run
    "docs/CONVENTIONS.md": ("two different methods",),
    "docs/NAMES.md": ("two methods",),  # of an optimizer: init and step
    "docs/lecturing.md": ("Three methods", "four methods"),
    "notebooks/04_newton_saddles.ipynb": ("Three methods",),  # those of the map
    "notebooks/05_adaptive.ipynb": ("seven methods", "two methods"),  # of the chapter's figure; named in the section
}
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
NOTEBOOKS = [
    f"{room}/{path.name}" for room in ("notebooks", "solutions") for path in sorted((ROOT / room).glob("*.ipynb"))
]


def prose(name):
    path = ROOT / name
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")


def counts(text):
    return {" ".join(found.split()) for found in COUNTED.findall(text)}


@pytest.mark.parametrize("name", [*PAGES, *NOTEBOOKS])
def test_what_grows_is_not_counted_in_words(name):
    assert counts(prose(name)) - set(LOCAL.get(name, ())) == set()


@pytest.mark.parametrize("name", LOCAL)
def test_every_exception_is_used(name):
    assert set(LOCAL[name]) <= counts(prose(name))


@pytest.mark.parametrize(
    "text", ["All 19 methods keep them", "the nineteen optimizers", "four more exercises", "Twelve claims"]
)
def test_such_a_count_is_found(text):
    assert counts(text)


def test_numbers_of_chapters_are_no_counts():
    assert not counts("Next: [05 Adaptive methods], a learning rate for each. Exercises 03-1 and 03-2. Chapter 4.")
