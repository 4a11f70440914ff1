"""The glossary: every term of every chapter leads to a formula and a figure that are there."""

import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from course_lib.chapters import parts
from course_lib.glossary import Term
from course_lib.tools import documents, glossary
from course_lib.tools.glossary import LooseTerms, entries, has_equation, section_of

ROOT = Path(__file__).parents[2]
CELLS = [
    new_markdown_cell("# 3 · A chapter\n\n## The question"),
    new_code_cell("visualiser()"),
    new_markdown_cell("## 1 · A velocity\n\n$$v = 1 \\tag{3.2}$$\n\nand $\\theta = 0$ (3.1)"),
    new_code_cell("show(weights_figure())"),
    new_code_cell('CLAIMS["C-03-2"].run()'),
]


def test_every_term_is_explained_in_one_sentence():
    for module in parts("glossary").values():
        for term in module.TERMS:
            assert re.fullmatch(r"[A-Z0-9].*[^.]\.", term.says) and ". " not in term.says, term
            assert term.figure


def test_a_figure_is_found_under_its_heading_and_a_claim_by_its_id():
    assert section_of("visualiser", CELLS) == "The question"
    assert section_of("weights_figure", CELLS) == section_of("C-03-2", CELLS) == "1 · A velocity"
    assert section_of("figure", CELLS) is None and section_of("C-03-1", CELLS) is None


def test_an_equation_is_one_with_a_tag_or_a_number_behind_its_formula():
    assert has_equation("3.2", CELLS) and has_equation("3.1", CELLS)
    assert not has_equation("3.3", CELLS) and not has_equation("3", CELLS)


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        (Term("velocity", "It is.", "no_figure"), "velocity: no cell of chapter 03 shows no_figure"),
        (Term("velocity", "It is.", "visualiser", "3.9"), "velocity: chapter 03 has no equation (3.9)"),
        (Term("twice", "It is.", "visualiser"), "twice: explained twice"),
    ],
)
def test_a_term_that_leads_nowhere_stops_the_build(tmp_path, monkeypatch, term, sentence):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "03_some.ipynb").write_text(writes(new_notebook(cells=CELLS)), encoding="utf-8")
    module = type("module", (), {"TERMS": (term, Term("twice", "It is.", "visualiser"))})
    monkeypatch.setattr(glossary, "parts", lambda name: {"ch03_some": module})
    with pytest.raises(LooseTerms, match=re.escape(sentence)):
        entries(tmp_path)


def test_the_page_has_a_row_for_every_term_in_alphabetical_order_and_is_up_to_date():
    page = documents.glossary_page()
    names = re.findall(r"^\| \*\*(.+?)\*\* \|", page, re.M)
    assert names == sorted(names, key=str.casefold)
    assert len(names) == sum(len(module.TERMS) for module in parts("glossary").values())
    assert (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8") == page, "run: python course.py build"
