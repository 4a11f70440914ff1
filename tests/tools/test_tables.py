"""Tables that the build writes into lecture notebooks: what the course has, and the text around them stays."""

from pathlib import Path

import nbformat
import pytest

from course_lib.checks import ASKED
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.tables import with_tables

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def section(source, path=NOTEBOOKS[3]):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source)])
    return with_tables(notebook, path).cells[0].source


def test_a_stale_table_is_replaced_and_the_text_around_it_stays():
    table = "| | you write | points |\n|---|---|---|\n| 03-1 | x | 99 |"
    source = section(f"## Exercises\n\nBefore.\n\n{table}\n\nAfter.\n\n| a |\n|---|")
    assert source.startswith("## Exercises\n\nBefore.\n\n| | exercise | points |\n|---|---|---|\n| 03-1 | Momentum |")
    assert source.endswith("\n\nAfter.\n\n| a |\n|---|") and "99" not in source
    assert section(source) == source


def test_without_a_table_it_stands_at_the_end():
    assert section("## Exercises\n\nBefore.").startswith("## Exercises\n\nBefore.\n\n| | exercise | points |")


def test_other_sections_are_left_alone():
    assert section("## Results\n\n| a |\n|---|\n| 1 |") == "## Results\n\n| a |\n|---|\n| 1 |"


@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=lambda path: path.stem)
def test_every_chapter_lists_all_that_it_asks(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.source.startswith("## Exercises\n"))
    for id, asked in ASKED.items():
        if id[:2] == path.name[:2]:
            assert f"| {id} | " in text and f"{asked.title} | {asked.points:g} |" in text, id


def test_the_start_leads_to_every_chapter():
    text = "\n".join(cell.source for cell in read(NOTEBOOKS[0]).cells if cell.source.startswith("## Chapters\n"))
    assert all(f"]({path.name}) |" in text for path in NOTEBOOKS[1:])
