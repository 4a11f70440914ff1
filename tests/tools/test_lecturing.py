"""What a lecturer reads beforehand: minutes that add up, the questions of the notebook, where nobody does anything."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_lib.tools.lecturing import (
    findings,
    first_sentence,
    lecturing,
    stretches,
    timetable,
    where_it_stalls,
)
from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.reading import core, minutes
from course_lib.tools.slides.asked import read_question

LECTURES = sorted(ROOT.glob("notebooks/*.ipynb"))
QUIZ = 'quiz("03-q", "Which?", right=("this", "It is."), wrong=[("that", "It tempts."), ("none", "No.")])'
LONG = "words " * 1300  # ten minutes
CELLS = [
    new_markdown_cell("# 3 · A title"),
    new_markdown_cell("## 1 · Told\n\n" + LONG),
    new_code_cell('predict("03-a", "How many?", ["one", "two"])'),
    new_code_cell("print(1)", outputs=[new_output("stream", name="stdout", text="1")]),
    new_markdown_cell("**What happened.** It is 1.5, $x$ says. More.\n\n## 2 · Shown\n\n" + LONG + LONG),
    new_code_cell(QUIZ),
]


def test_questions_are_read_from_the_cells_that_ask_them():
    quiz = read_question(QUIZ)
    assert quiz.right == "this" and quiz.why == {"this": "It is.", "that": "It tempts.", "none": "No."}
    told = read_question('predict("03-a", "How many?", {"one": "So.", "two": "Nearly."}, right="two")')
    assert told.options == ("one", "two") and told.right == "two" and told.why["one"] == "So."
    assert read_question('predict("03-a", "How many?", ["one"])') == ("How many?", ("one",), "", {}, "03-a")
    assert read_question('predict("03-a", "Why?")').options == ()
    assert read_question("print(1)") is None and read_question('predict("03-a", TEXT)') is None


def test_a_prediction_goes_with_the_next_finding():
    ((asked, result),) = findings(CELLS)
    assert asked.text == "How many?" and result == "It is 1.5, $x$ says."
    assert first_sentence(None) == ""


def test_the_longest_time_without_a_question_is_named():
    gaps = [ends - begins for begins, ends in stretches(CELLS)]
    assert gaps[0] == pytest.approx(10, abs=0.2) and gaps[1] == pytest.approx(20, abs=1.7)
    assert "From minute 12 to 32" in where_it_stalls(CELLS) and "*1 · Told*" in where_it_stalls(CELLS)


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_the_minutes_of_the_sections_are_those_of_the_core(path):
    cells = core(read(path).cells)
    rows = timetable(cells)
    assert sum(float(row[1].replace("½", "0.5")) for row in rows) == pytest.approx(
        minutes(cells), abs=0.5 * len(rows) + 1
    )
    assert all(row[1] != "0" for row in rows)  # nothing is shown in no time
    assert stretches(cells)[-1][1] == pytest.approx(minutes(cells), abs=0.01)  # the quiz counts once


def test_every_chapter_says_what_to_ask_and_what_comes_back():
    _, *sections = lecturing()
    assert len(sections) == len(LECTURES)
    for section in sections:
        for part in ("Where it stalls", "### Ask, before you run", "### The quiz", "### What they will write"):
            assert part in section
