"""Pages and slides: mathematics, notes, and that one file is all that is needed."""

import nbformat
import pytest

from course_lib.tools.pages import write
from course_lib.tools.pages.markup import formula, markdown, output
from course_lib.tools.pages.write import slides, write_page, write_slides


def code(source, **metadata):
    shown = [nbformat.v4.new_output("stream", name="stdout", text=f"shown by {source}")]
    return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=shown)


HIDDEN = {"jupyter": {"source_hidden": True}}
HAPPENED = "**What happened.** It printed 1.\n\n**Vary one thing.** Print 2.\n\n**Next.** A claim."
CELLS = [
    nbformat.v4.new_markdown_cell("# 3 · A title\n\nWords."),
    code("import numpy", course={"role": "setup"}),
    nbformat.v4.new_markdown_cell("## 1 · An idea\n\nWith $x^2$."),
    code("predict()", **HIDDEN),
    code("print(1)"),
    nbformat.v4.new_markdown_cell(HAPPENED),
    code("print(3)"),
    nbformat.v4.new_markdown_cell("## Quiz"),
    code("quiz(1)", **HIDDEN),
    code("quiz(2)", **HIDDEN),
]


def test_what_happened_becomes_notes_and_what_to_vary_stays():
    made = slides(CELLS)
    assert len(made) == 6  # title; idea with its question; print(1); claim; quiz with its first question; second
    shown, notes = zip(*made, strict=True)
    assert "It printed 1." in notes[2] and not any("It printed 1." in html for html in shown)
    assert "Print 2." in shown[2] and "A claim." in shown[3]
    assert not any("import numpy" in html for html in shown)
    assert "shown by predict()" in shown[1] and shown[1].count("predict") == 1  # what it shows, not its source


def test_every_word_of_a_notebook_is_on_a_slide_or_in_its_notes():
    everything = "".join(html + notes for html, notes in slides(CELLS))
    for word in ("A title", "Words.", "An idea", "printed", "Vary", "claim", "Quiz"):
        assert word in everything


def test_slides_show_the_core_and_a_page_has_second_reading_at_its_end(tmp_path, monkeypatch):
    second = nbformat.v4.new_markdown_cell("## 2 · A theory", metadata={"course": {"reading": "second"}})
    cells = [*CELLS[:3], second, code("print(2)"), *CELLS[7:], nbformat.v4.new_markdown_cell("## References")]
    monkeypatch.setattr(write, "_run", lambda notebook: (cells, {}, "A title"))
    page = write_page("03_a.ipynb", tmp_path / "page.html").read_text(encoding="utf-8")
    places = [
        page.index(words) for words in ("An idea", "Quiz", "Second reading", "A theory", "print(2)", "References")
    ]
    assert places == sorted(places)
    shown = write_slides("03_a.ipynb", tmp_path / "slides.html").read_text(encoding="utf-8")
    assert "An idea" in shown and "Quiz" in shown and not any(words in shown for words in ("A theory", "print(2)"))


def test_an_equations_number_stands_beside_it_and_not_in_it():
    html = formula(r"\theta \leftarrow \theta + v \tag{3.3}", display=True)
    assert html.count("(3.3)") == 1 and "tag" not in html and html.startswith('<div class="equation"><math')


def test_links_to_chapters_lead_to_their_pages():
    assert 'href="04_newton_saddles.html"' in markdown("[next](04_newton_saddles.ipynb)")


def test_text_of_an_output_is_escaped():
    assert "<b>" not in output(nbformat.v4.new_output("stream", name="stdout", text="<b>"))


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no notebook"):
        write_page(tmp_path / "missing.ipynb", tmp_path)
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(ValueError, match="is not a notebook"):
        write_page(tmp_path / "broken.ipynb", tmp_path)
