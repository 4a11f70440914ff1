"""The book without a browser: what becomes of a notebook's cells, and which faults stop it."""

import base64

import nbformat
import pytest

pytest.importorskip("sphinx", reason="Sphinx is not installed: python course.py install --with book")
from course_lib.claims import CLAIMS
from course_lib.claims.verdicts import heading, holds
from course_lib.figures.show import caption
from course_lib.tools.book import chapters, front, write
from course_lib.tools.book.faults import faults
from course_lib.tools.notebook_tools.files import NotebookError
from course_lib.tools.notebook_tools.live_cells import needed, widgets
from course_lib.tools.notebook_tools.reading import core_first

ROOT = write.ROOT
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FAULTY = """# One

[away](gone.md) and <a href='b.html'>there</a>

$$a \\tag{1.1}$$

$$b \\tag{1.1}$$

![](d.png)
"""
GOOD = '<h1 id="top">A page</h1><a href="b.html#here">b</a><img src="p.png" alt="a dot"><a href="https://example.org">far</a>'


def test_every_document_has_its_place_in_the_book():
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} == set(front.DOCUMENTS)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "p.png").write_bytes(b"")
    (tmp_path / "a.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="here">b</p>', encoding="utf-8")
    return tmp_path


def test_a_page_or_a_figure_that_is_too_heavy_is_named(site):
    live = site / "_static" / "live"
    live.mkdir(parents=True)
    parts = "".join(f'<div data-live="03-{number}"></div>' for number in range(13))
    (site / "b.html").write_text(f'<p id="here">b</p>{parts}', encoding="utf-8")
    for number in range(13):
        (live / f"03-{number}.js").write_bytes(b" " * 450_000)
    assert faults(site) == []
    (live / "03-7.js").write_bytes(b" " * 700_000)
    assert faults(site) == [
        "b.html: 6.1 MB with its figures; a page may have 6 MB.",
        "b.html: the figure 03-7 has 700 kB; it may have 540 kB.",
    ]


def test_a_good_site_has_no_faults(site):
    assert faults(site) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("b.html#here", "c.html", "a.html: the link to c.html leads nowhere: there is no such page."),
        ("b.html#here", "b.html#gone", "a.html: the link to b.html#gone leads nowhere: that page has no place gone."),
        ("b.html#here", "#gone", "a.html: the link to #gone leads nowhere: that page has no place gone."),
        ('alt="a dot"', "", "a.html: p.png has no alternative text; say in words what it shows."),
        ('alt="a dot"', 'alt=" "', "a.html: p.png has no alternative text; say in words what it shows."),
        ('src="p.png"', 'src="q.png"', "a.html: the file q.png, which it shows, is not there."),
        (
            "<img",
            '<p id="top"></p><img',
            "a.html: 2 places have the address #top; give each heading, equation or figure its own.",
        ),
        (
            'src="p.png"',
            'src="https://cdn.example.org/p.png"',
            "a.html: https://cdn.example.org/p.png would be fetched from elsewhere; keep it in the site.",
        ),
    ],
)
def test_each_fault_is_one_sentence(site, old, new, said):
    (site / "a.html").write_text(GOOD.replace(old, new), encoding="utf-8")
    assert faults(site) == [said]


def test_a_style_sheet_that_fetches_from_elsewhere_is_a_fault(site):
    (site / "s.css").write_text("@font-face { src: url(//fonts.example.org/a.woff2) }", encoding="utf-8")
    assert len(faults(site)) == 1 and "fonts.example.org" in faults(site)[0]


def test_faults_stop_the_book_and_leave_the_site_that_was_there(tmp_path, monkeypatch):
    def faulty(source, live, say):
        (source / "_static").mkdir(parents=True)
        for name in ("book.css", "katex/katex.min.css", "live/live.css", "katex/katex.min.js", "book.js"):
            (source / "_static" / name).parent.mkdir(exist_ok=True)
            (source / "_static" / name).write_text("", encoding="utf-8")
        (source / "index.md").write_text(FAULTY, encoding="utf-8")
        (source / "d.png").write_bytes(base64.b64decode(PNG))

    monkeypatch.setattr(write, "write_source", faulty)
    out = tmp_path / "site"
    out.mkdir()
    (out / write.MARK).write_text("old", encoding="utf-8")
    with pytest.raises(write.Faulty) as stopped:
        write.write_book(out)
    said = str(stopped.value)
    assert (
        "gone.md" in said
        and "b.html leads nowhere" in said
        and "#equation-1-1" in said
        and "no alternative text" in said
    )
    assert (out / write.MARK).read_text(encoding="utf-8") == "old"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="no site"):
        write.write_book(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


# --- Pages of notebooks ---------------------------------------------------------------------------------


def page_of(tmp_path, cells, places=()):
    path = tmp_path / "notebooks" / "03_a.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    stored = nbformat.read(path, 4).cells
    named = {(stored[cell].id, number): name for cell, number, name in places}
    chapters.write_page(path, named, tmp_path / "source")
    return nbformat.read(tmp_path / "source" / "notebooks" / "03_a.ipynb", 4).cells


def picture(text, alt):
    about = {"image/png": {"alt": alt}}
    return nbformat.v4.new_output("display_data", {"image/png": PNG, "text/plain": text}, metadata=about)


def html_of(cell):
    return "".join(output.get("data", {}).get("text/html", "") + output.get("text", "") for output in cell.outputs)


def test_a_live_figure_gets_its_place_and_keeps_its_picture_until_then(tmp_path):
    cell = nbformat.v4.new_code_cell("race()", outputs=[picture("Race(steps=3)", 'SGD "wins"')])
    html = html_of(page_of(tmp_path, [cell], [(0, 0, "03_a-1")])[0])
    assert 'data-live="03_a-1"' in html and 'alt="SGD &quot;wins&quot;"' in html and "<figcaption>" in html


def test_a_caption_stands_once_below_its_picture_and_what_was_printed_follows(tmp_path):
    data, metadata = caption("A dot.")
    below = nbformat.v4.new_output("display_data", data, metadata=metadata)
    said = nbformat.v4.new_output("stream", name="stdout", text="f = 2\n")
    cell = nbformat.v4.new_code_cell("show(dot())", outputs=[picture("A dot.", "A dot."), below, said])
    html = html_of(page_of(tmp_path, [cell])[0])
    assert html.count("A dot.") == 2 and html.endswith("f = 2\n")  # as alternative text and as caption


def test_below_a_claims_picture_stands_what_it_shows_and_its_verdict_only_above(tmp_path):
    alt = 'distance against step: SGD, from 2 to 1. The claim "It is slow" holds if it is'
    html = html_of(page_of(tmp_path, [nbformat.v4.new_code_cell("c.run()", outputs=[picture(alt, alt)])])[0])
    assert "<figcaption>Distance against step: SGD, from 2 to 1.</figcaption>" in html and "holds if it is" in html


def test_questions_hide_their_code_and_the_set_up_is_folded(tmp_path):
    asked = nbformat.v4.new_output("display_data", {"text/html": "<p>Which?</p>", "text/plain": "Which?"})
    cells = [
        nbformat.v4.new_code_cell("import numpy", metadata={"course": {"role": "setup"}}),
        nbformat.v4.new_code_cell('quiz("03-q1")', outputs=[asked]),
        nbformat.v4.new_code_cell("1 + 1"),
    ]
    made = page_of(tmp_path, cells, [(1, 0, "03_a-1")])
    assert [cell.metadata["tags"] for cell in made] == [["hide-input"], ["remove-input"], []]
    assert "Which?" in html_of(made[1]) and 'data-live="03_a-1"' in html_of(made[1])


def test_second_reading_comes_last_but_for_the_references_and_one_level_deeper(tmp_path):
    second = {"course": {"reading": "second"}}
    cells = [
        nbformat.v4.new_markdown_cell("# 3 · A title"),
        nbformat.v4.new_markdown_cell("## 1 · A theory", metadata=second),
        nbformat.v4.new_markdown_cell("## 2 · An idea"),
        nbformat.v4.new_markdown_cell("## References"),
    ]
    titles = [cell.source.splitlines()[0] for cell in page_of(tmp_path, cells)]
    assert titles == ["# 3 · A title", "## 2 · An idea", "## Second reading", "### 1 · A theory", "## References"]


def test_a_claim_leads_to_the_ledger_and_a_notebook_to_its_page():
    assert chapters.with_pages('<a href="01_a.ipynb#cell-id=2">1</a>') == '<a href="01_a.html">1</a>'
    claim = CLAIMS["C-03-2"]
    html = chapters.with_pages(heading(claim, holds("it wins")))
    assert html.count('<a href="../docs/CLAIMS.html#c-03-2">C-03-2</a>') == 1
    assert html.replace('<a href="../docs/CLAIMS.html#c-03-2">C-03-2</a>', "C-03-2") == heading(claim, holds("it wins"))


def test_only_the_cells_that_live_ones_need_are_run_again():
    sources = ["import numpy as np\nx = 1", "y = 2", "figure(x)", "z = np.ones(y)"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    assert [cell.source for cell in needed(cells, lambda cell: "figure" in cell.source)] == [sources[0], sources[2]]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_chapter_has_a_sentence_and_a_picture_for_its_card_and_loses_no_cell(path):
    notebook = nbformat.read(path, 4)
    assert front.ENOUGH <= len(front.sentence(notebook)) < 300
    assert front.pictures(notebook)[0].metadata["image/png"]["alt"]
    assert sum(map(len, core_first(notebook.cells))) == len(notebook.cells)


def test_a_figure_that_is_not_the_stored_one_any_more_stops_the_book(tmp_path):
    source = 'from course_lib.widgets import quiz\n\nquiz("03-q", "Which?", right=("a", "A."), wrong=[("b", "B.")])'
    asked = nbformat.v4.new_output("display_data", {"text/plain": "What?", "text/html": "<p>What?</p>"})
    cells = [
        nbformat.v4.new_code_cell(source.partition("\n\n")[0]),
        nbformat.v4.new_code_cell(source.partition("\n\n")[2], outputs=[asked]),
    ]
    path = tmp_path / "03_a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with pytest.raises(NotebookError, match="cell 2: what the cell shows now is not what is stored"):
        widgets(path)
    cells[1].outputs[0].data["text/plain"] = "Which?\n( ) b\n( ) a"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    places, states = widgets(path)
    (model,) = places.values()
    assert states[model]["state"]["question"] == "Which?"
