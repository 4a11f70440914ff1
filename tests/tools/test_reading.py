"""A lecture fits its hour: core and second reading, minutes that are computed, limits."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.reading import (
    beyond_limits,
    core,
    core_first,
    is_live,
    minutes,
    num_words,
    readings,
    unfolded,
    with_minutes,
)
from course_lib.tools.presenting import presented
from tests.debts import DEBTS

LECTURES = sorted(ROOT.glob("notebooks/*.ipynb"))


def words(source, reading=None):
    return new_markdown_cell(source, metadata={"course": {"reading": reading}} if reading else {})


def code(source="x", *outputs, reading=None):
    return new_code_cell(source, outputs=list(outputs), metadata={"course": {"reading": reading}} if reading else {})


def stream(text):
    return new_output("stream", name="stdout", text=text)


def picture(text):
    return new_output("execute_result", {"image/png": "", "text/plain": text})


ADDS = "> **Second reading.** Why it never ends."
CELLS = [
    words("# 3 · A title\n\n| | |\n|---|---|\n| **Time** | 50 minutes, 45 more for the exercises |"),
    code("import numpy"),
    words("## 1 · An idea"),
    code("a"),
    code("b", reading="second"),
    words(f"## 2 · A theory\n\n{ADDS}", "second"),
    code("c"),
    words("What it said."),
    words("## Quiz"),
    code('quiz("03-q1")'),
    words("## References\n\n- A book."),
]


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_chapter_fits_its_hour(path):
    sentences, in_debt = beyond_limits(read(path)), DEBTS[path.stem[:2]].beyond_limits
    assert bool(sentences) == in_debt, sentences or f"{path.stem} fits now: take it off the list in tests/debts.py"


def test_a_mark_on_a_heading_holds_for_its_section_and_on_a_cell_for_that_cell():
    assert readings(CELLS) == ["core"] * 4 + ["second"] * 4 + ["core"] * 2 + ["second"]
    assert [cell.source for cell in core(CELLS)][2:] == ["## 1 · An idea", "a", "## Quiz", 'quiz("03-q1")']


def test_second_reading_comes_after_the_core_and_before_the_references():
    first, second, references = core_first(CELLS)
    assert first == core(CELLS)
    assert [cell.source.partition("\n")[0] for cell in second] == ["b", "## 2 · A theory", "c", "What it said."]
    assert references == [CELLS[-1]]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (words("word " * 260), 2.0),
        (words("$$x = 1 \\tag{3.1}$$\n\n$$y\n= 2$$"), 3.0),
        (words("**Vary one thing.** " + "word " * 127), 1 + 2),
        (code("x", stream("word " * 300)), 2.0),
        (code("x", new_output("stream", name="stderr", text="word " * 300)), 0.0),
        (code("x", picture("Race(momentum=0.9)")), 3.0),
        (code("x", picture("A figure that shows much")), 0.0),
        (code("x", new_output("display_data", {"text/html": "<p>" + "word " * 150 + "<details>more</details>"})), 1.0),
        (words("word " * 130 + "<details><summary>Proof</summary>" + "word " * 130 + "$$x = 1$$</details>"), 1.0),
        (words("<details open><summary>Shown</summary>" + "word " * 129 + "</details>"), 1.0),
        (code('predict("03-a")', new_output("execute_result", {"text/plain": "word " * 150})), 1.5),
        (code('quiz("03-q1")', new_output("execute_result", {"text/plain": "word " * 150})), 5.0),
    ],
)
def test_minutes_follow_the_rule(cell, expected):
    assert minutes([cell]) == pytest.approx(expected)


def test_two_questions_are_one_quiz():
    assert minutes([code('quiz("03-q1")'), code('quiz("03-q2")')]) == 5


def test_tags_addresses_and_formulas_are_not_read_as_words():
    assert num_words("<b>two words</b>, [a link](../a/long/address.ipynb) and $x + y + z$") == 6
    assert num_words("| a | b |\n|---|---|\n") == 2


def test_what_is_folded_is_left_out_at_every_depth_and_nothing_else():
    fold = "<details><summary>{}</summary>{}</details>"
    assert unfolded("a " + fold.format("b", "\n\nc " + fold.format("d", "e") + " f") + " g").split() == ["a", "g"]
    assert unfolded(fold.format("b", "c") + " between " + fold.format("d", "e")).split() == ["between"]
    assert unfolded("<details open><summary>a</summary>b</details>").count("b") == 1
    assert unfolded("no fold") == "no fold"


def test_a_live_figure_is_known_by_its_plain_text():
    assert is_live(picture("PhaseMapFigure(momentum=0.9)")) and not is_live(picture("Loss (lower is better)"))
    assert not is_live(stream("Race(momentum=0.9)"))


def test_the_head_says_the_minutes_and_a_second_build_changes_nothing():
    notebook = new_notebook(cells=[words(cell.source) for cell in CELLS if cell.cell_type == "markdown"])
    with_minutes(notebook)
    source = notebook.cells[0].source
    assert "| **Time** | core 0 minutes, all 0, 45 more for the exercises |" in source
    notebook.cells.append(words("## 4 · More\n\n" + "word " * 1300, "second"))
    with_minutes(notebook)
    assert "core 0 minutes, all 10, 45 more" in notebook.cells[0].source
    assert with_minutes(new_notebook(cells=[words("# No table")])).cells[0].source == "# No table"


def big(sections=5, run=25, text=0, second=0):
    cells = [words(f"## {number} · Idea") for number in range(1, sections + 1)]
    cells += [code() for _ in range(run)] + [words("word " * 130 * text)]
    return new_notebook(cells=[*cells, words(f"## 9 · More\n\n{ADDS}\n\n" + "word " * 130 * second, "second")])


@pytest.mark.parametrize(
    ("notebook", "sentence"),
    [
        (big(sections=6), "6 sections in the core; at most 5"),
        (big(run=26), "26 code cells in the core; at most 25"),
        (big(text=51), "51 minutes for the core; at most 50"),
        (big(text=49, second=52), "101 minutes for the whole chapter; at most 100"),
        (new_notebook(cells=[words("## 1 · More", "second")]), "second reading '1 · More' lacks its line"),
    ],
)
def test_what_is_beyond_a_limit_is_one_sentence(notebook, sentence):
    (problem,) = beyond_limits(notebook)
    assert problem.startswith(sentence)


def test_at_the_limits_nothing_is_said():
    assert beyond_limits(big(text=49, second=49)) == []


def test_what_is_presented_is_the_core_without_outputs(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "03_a.ipynb"
    cells = [*CELLS, words("## Next"), code("seen = 1", stream("told")), code("show(figure())")]
    path.write_text(nbformat.writes(new_notebook(cells=cells)), encoding="utf-8")
    before = path.read_bytes()
    copy = presented(path)
    shown = read(copy)
    assert copy == tmp_path / "presented" / "03_a.ipynb" and path.read_bytes() == before
    assert [cell.source for cell in shown.cells] == [cell.source for cell in core(cells)]
    assert all(not cell.outputs for cell in shown.cells if cell.cell_type == "code")
    seen, drawn = (cell.metadata.get("jupyter", {}).get("source_hidden", False) for cell in shown.cells[-2:])
    assert drawn and not seen  # the call of a picture is folded, code that says something is not
