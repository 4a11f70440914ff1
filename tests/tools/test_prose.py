"""What a chapter says it saw is printed by a cell, and its text speaks to someone who has not seen the lectures."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.prose import HAPPENED, said_numbers, source_codes, unprinted_numbers
from tests.debts import DEBTS

LECTURES = sorted(ROOT.glob("notebooks/*.ipynb"))
of_each_chapter = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)


def chapter(*texts, prints=""):
    printed = new_output("stream", name="stdout", text=prints)
    return new_notebook(cells=[new_code_cell("x", outputs=[printed]), *map(new_markdown_cell, texts)])


# --- Numbers --------------------------------------------------------------------------------------------


@of_each_chapter
def test_a_number_that_was_seen_is_printed_by_a_cell(path):
    allowed = DEBTS[path.stem[:2]].unprinted.split(", ")
    missing = unprinted_numbers(read(path))
    assert not set(missing) - set(allowed), "printed by no cell of the notebook"
    assert bool(missing) == (allowed != [""]), "all are printed now: empty the list in tests/debts.py"


@of_each_chapter
def test_a_planted_number_is_found(path):
    notebook = read(path)
    cell = next((cell for cell in notebook.cells if HAPPENED.search(cell.source)), None)
    if cell is None:
        pytest.fail(f"{path.stem} never says what happened")
    before = unprinted_numbers(notebook)
    cell.source = HAPPENED.sub(lambda found: found[0] + " It was 0.0918273.", cell.source, count=1)
    assert sorted(unprinted_numbers(notebook)) == sorted([*before, "0.0918273"])


@pytest.mark.parametrize(
    ("said", "prints"),
    [
        ("0.74 of the races", "share 0.7412"),
        ("36 272 steps", "36272 steps"),
        ("36 272 steps", "36,272 steps"),
        ("$36\\,272$ steps", "36272 steps"),
        ("2.5 · 10⁻⁷", "2.51e-07"),
        ("$2.5 \\cdot 10^{-7}$", "2.51e-07"),
        ("−0.02", "-0.0213"),
        ("4 % of them", "share 0.041"),
        ("4 % of them", "4.1 % of them"),
        ("a factor of 300 000", "3.1e5"),
        ("(0.023)", "0.0231"),
        ("ten times, by (3.12), `x = 77`, in section 4, chapter 5, C-03-2 and Polyak 1964", ""),
    ],
)
def test_a_number_may_be_rounded_and_written_as_people_write(said, prints):
    assert unprinted_numbers(chapter(f"**What happened.** It is {said}.", prints=prints)) == []


@pytest.mark.parametrize(
    ("said", "prints"),
    [
        ("0.75 of the races", "share 0.7412"),
        ("36 273 steps", "36272 steps"),
        ("2.6 · 10⁻⁷", "2.51e-07"),
        ("2.5 · 10⁻⁷", "2.51e-06"),
        ("5 % of them", "share 0.041"),
        ("a factor of 300 000", "4.1e5"),
        ("(0.024)", "0.0231"),
    ],
)
def test_a_number_that_is_not_what_was_printed_is_found(said, prints):
    assert len(unprinted_numbers(chapter(f"**What happened.** It is {said}.", prints=prints))) == 1


def test_only_what_happened_is_held_to_what_was_printed():
    text = "**Idea.** With 17 of them.\n\n**What happened.** It is 3.\n\n**Vary one thing.** Take 19."
    assert unprinted_numbers(chapter(text)) == ["3"]
    assert [written for written, *_ in said_numbers("from 0.5 to 7")] == ["0.5", "7"]


# --- Sources --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(ROOT.glob("exercises/*.ipynb")), ids=lambda path: path.stem)
def test_exercises_name_no_lecture_and_no_erratum_by_its_code_either(path):
    assert source_codes(read(path)) == []


@of_each_chapter
def test_running_text_names_no_lecture_and_no_erratum_by_its_code(path):
    allowed, found = DEBTS[path.stem[:2]].source_codes, source_codes(read(path))
    assert len(found) <= allowed, found
    assert bool(found) == bool(allowed), "none is left: take it off the list in tests/debts.py"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("L0 says so (E22).", ["L0", "E22"]),
        ("An exponential average, as L4 calls it.", ["L4"]),
        ("Add an L2 penalty; L1 cuts, L2 shrinks. L2 says so, and (L3, L1).", ["L3", "L2", "L1"]),
        ("L2 lists three.", ["L2"]),
        ("| **Lectures** | L0 *Momentum* · L1 section 3.4 |", []),
        ("<details><summary>Where the sources differ</summary>\n\nL4 has it (E22).\n</details> After.", []),
        ("## References\n\n- The paper that L4 names.", []),
        ("The claim C-03-2, GELU4, LE1 and E[x].", []),
    ],
)
def test_codes_are_found_outside_folds_references_and_the_source_line(text, found):
    assert source_codes(chapter(text)) == found


def test_a_question_is_read_too():
    notebook = chapter("Text.")
    notebook.cells.append(new_code_cell('predict("03-a", "L0: it consistently works better. Does it?")'))
    assert source_codes(notebook) == ["L0"]
