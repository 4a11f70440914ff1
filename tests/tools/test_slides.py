"""What of a chapter goes onto its slides, in which order, and what the lecturer alone reads."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.tools.slides import write_slides
from course_lib.tools.slides.blocks import WIDGET, blocks, ideas, without
from course_lib.tools.slides.markup import markdown
from course_lib.tools.slides.plotting import told

ALT = "A curve that falls, from 3 to 1."
PICTURE = new_output("display_data", {"image/png": "", "text/plain": ALT}, metadata={"image/png": {"alt": ALT}})
LIVE = new_output("execute_result", {"image/png": "", "text/plain": "Visualiser(surface='ravine')"})


def printed(text):
    return new_output("stream", name="stdout", text=text)


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


CELLS = [
    new_markdown_cell(
        "# 3 · A title\n\nLead.\n\n| | |\n|---|---|\n| **Time** | core 9 minutes |\n\n**After this**\n\n- you can"
    ),
    code("import numpy", course={"role": "setup"}),
    new_markdown_cell(
        "## 1 · An idea\n\nWith $x^2$.\n\n"
        "<details><summary>Where the sources differ</summary>\n\nElsewhere.\n\n</details>"
    ),
    code('predict("03-a", "?", ["1", "2"])', new_output("execute_result", {"text/html": "<p>How many?</p>"})),
    code("print(1)", printed("1\n"), printed("2\n")),
    new_markdown_cell(
        "**What happened.** One.\n\nSo it is.\n\n**Vary one thing.** Print 2.\n\n"
        "<details><summary>Answer</summary>\n\nTwo.\n\n</details>\n\n## 2 · Another\n\nText."
    ),
    code("show(a_figure())", PICTURE, printed("A curve that falls,\nfrom 3 to 1.\nand more\n")),
    code("race = visualiser()\nrace", LIVE),
]


def kinds(idea):
    return [block.kind for block in idea.blocks]


def test_asked_before_shown_before_told():
    title, idea, another = ideas(CELLS)
    assert kinds(title) == ["facts", "text"] and "Lead." in title.blocks[0].html
    assert kinds(idea) == ["text", "question", "code", "output", "happened", "vary", "answer"]
    assert "So it is." in idea.blocks[4].html and "1\n2" in idea.blocks[3].html
    assert kinds(another) == ["text", "figure", "output", "live"]
    assert [one.heading for one in (title, idea, another)] == ["3 · A title", "1 · An idea", "2 · Another"]
    assert title.begins == 0 and title.ends == idea.begins and idea.ends == another.begins < another.ends


def test_what_is_folded_is_a_note_and_an_answer_is_not():
    _, idea, another = ideas(CELLS)
    assert "Elsewhere." in idea.blocks[0].notes and "Elsewhere." not in "".join(block.html for block in idea.blocks)
    assert "Two." in idea.blocks[-1].html
    assert ALT in another.blocks[1].notes  # what it shows, for the lecturer and for a screen reader
    assert "falls" not in another.blocks[2].html and "and more" in another.blocks[2].html


def test_every_word_of_the_core_is_on_a_slide_or_in_its_notes():
    everything = "".join(idea.heading + block.html + block.notes for idea in ideas(CELLS) for block in idea.blocks)
    for word in re.findall(r"[A-Z]\w+", " ".join(cell.source for cell in CELLS if cell.cell_type == "markdown")):
        assert word in everything or word == "Answer", word


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("show(figure())", ""),
        ("race = visualiser()\nrace", ""),
        ('CLAIMS["C-03-2"].run()', ""),
        ("print(race.caption)\nrace", ""),
        ("gradient_through_time()", ""),
        ("if torch:\n    show(figure())", ""),
        ("x = run()  # (3.2)\nshow(figure(x))\nprint(x)", "x = run()  # (3.2)\nprint(x)"),
        ("step()\nprint(1)", "step()\nprint(1)"),
        ("for x in (1, 2):\n    print(x)", "for x in (1, 2):\n    print(x)"),
        ("if torch:\n    show(figure())\nelse:\n    train()", "if torch:\n    show(figure())\nelse:\n    train()"),
    ],
)
def test_a_class_does_not_read_the_call_of_a_picture(source, left):
    assert told(source) == left


def test_an_outcome_is_shown_and_why_the_others_tempt_is_the_lecturers():
    html = (
        "<p><b>Your prediction: right is “2”.</b> So.</p><details><summary>Why</summary><ul><li>1</li></ul></details>"
    )
    (block,) = blocks(code('resolve("03-a")', new_output("execute_result", {"text/html": html, WIDGET: {}})))
    assert block == ("outcome", "<p><b>Right is “2”.</b> So.</p>", "<ul><li>1</li></ul>")


def test_a_printed_caption_is_not_told_before_its_figure():
    assert [block.kind for block in blocks(code("print(race.caption)\nrace", printed("It ends at 3."), LIVE))] == [
        "live"
    ]
    assert [block.kind for block in blocks(code("print(1)", printed("1")))] == ["code", "output"]


def test_the_verdict_comes_after_its_picture():
    verdict = new_output("display_data", {"text/html": "<p>holds if</p>"})
    made = blocks(code('CLAIMS["C-03-2"].run()', verdict, PICTURE, printed(f"{ALT}\n")))
    assert [block.kind for block in made] == ["figure", "result"]


def test_the_lecturer_reads_what_is_right_while_the_class_votes():
    asked = 'predict("03-a", "?", {"1": "It tempts.", "2": "It is."}, right="2")'
    (block,) = blocks(code(asked, new_output("execute_result", {"text/html": "<p>?</p>"})))
    assert "<b>right</b> <i>2</i>: It is." in block.notes and "It is." not in block.html


def test_a_caption_is_printed_once():
    assert without("a b c", "a b\nc\nmore") == "more"
    assert without("a b c", "a c") == "a c" and without("", "a") == "a"


def test_a_section_inside_an_output_is_no_slide_and_folds_are_left_out():
    html = "<section><p>Report</p><details><summary>More</summary>x</details></section>"
    (block,) = blocks(code("check()", new_output("execute_result", {"text/html": html})))
    assert block.html == "<div><p>Report</p></div>"


def test_formulas_stay_tex_for_katex_and_links_lead_to_slides():
    html = markdown("$a < b$ and [next](04_newton_saddles.ipynb), [theirs](../exercises/03.ipynb)\n\n$$x \\tag{3.2}$$")
    assert '<span class="math">a &lt; b</span>' in html and '<div class="math">x \\tag{3.2}</div>' in html
    assert 'href="04_newton_saddles.html"' in html and "exercises" not in html and "theirs" in html


def test_one_file_with_everything_in_it(tmp_path):
    nbformat.write(new_notebook(cells=CELLS), tmp_path / "03_a.ipynb")
    page = write_slides(tmp_path / "03_a.ipynb", tmp_path / "out", still=True)
    text = page.read_text(encoding="utf-8")
    assert page.name == "03_a.html" and "<title>3 · A title</title>" in text
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)[^"']*\.(?:js|css|woff2)""", text)
    assert "url(fonts" not in text and all(name in text for name in ("RevealNotes", "katex", "KaTeX_Math"))


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no notebook"):
        write_slides(tmp_path / "missing.ipynb", tmp_path)
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(ValueError, match="is not a notebook"):
        write_slides(tmp_path / "broken.ipynb", tmp_path)
