"""Whoever cannot see, or point, or bear motion: the core of chapter 3 in JupyterLab, its slides, a marked class."""

import re
from contextlib import closing
from itertools import pairwise

import nbformat
import pytest

from course_lib.grading import grade_folder
from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.reading import core
from course_lib.tools.slides import write_slides
from tests.kit.browser.axe import serious_findings

pytestmark = pytest.mark.browser
CHAPTER = ROOT / "notebooks" / "03_momentum.ipynb"
OURS = (".jp-OutputArea-output", ".jp-RenderedMarkdown")  # the rest of the page is JupyterLab's
CONTROLS = "input:not([type=radio]), select, button, summary, textarea, [tabindex='0'], input[type=radio]:not(:checked)"
VISIBLE = """node => {
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}"""

# What a screen reader finds in the first live figure; * stands for texts that the figure computes.
FIGURE = """
figure *
  text: Surface
  combobox "Surface" *
  text: Condition number
  slider "Condition number" *
  textbox "Condition number, exact value" *
  text: Learning rate
  slider "Learning rate" *
  textbox "Learning rate, exact value" *
  text: Momentum
  slider "Momentum" *
  textbox "Momentum, exact value" *
  text: Schedule
  combobox "Schedule" *
  text: Weight decay
  slider "Weight decay" *
  textbox "Weight decay, exact value" *
  text: Steps
  slider "Steps" *
  textbox "Steps, exact value" *
  group *
  text: One update of
  combobox "One update of" *
  text: From the lectures
  combobox "From the lectures" *
  img *
  button "Play" *
  button "One step back" *
  button "One step on" *
  text: Step
  slider "Step" *
  status *
  button "Fill the screen"
  paragraph *
  alert
  status
"""


@pytest.fixture(scope="module")
def chapter(open_notebook, tmp_path_factory):
    """The core of chapter 3 after Run All."""
    notebook = read(CHAPTER)
    notebook.cells = core(notebook.cells)
    path = tmp_path_factory.mktemp("accessible") / CHAPTER.name
    nbformat.write(notebook, path)
    lab = open_notebook(path)
    lab.run_all(200)
    for number in range(lab.page.locator("figure.course-figure").count()):
        lab.figure(number)
    lab.page.locator(".course-question").last.wait_for()
    yield lab
    assert lab.errors == []


def nodes(snapshot):
    """The lines of Playwright's snapshot as ``(indent, text)``, options of menus left out."""
    lines = [re.fullmatch(r"( *)- (.*)", line) for line in snapshot.splitlines()]
    return [
        (len(line[1]), line[2].strip("'")) for line in lines if line and not line[2].startswith(("option", "'option"))
    ]


# --- A chapter in JupyterLab ----------------------------------------------------------------------------


def test_axe_finds_nothing_serious_in_what_the_course_shows(chapter):
    assert serious_findings(chapter.page, *OURS) == []


def test_headings_are_in_order(chapter):
    snapshot = chapter.page.locator(".jp-Notebook").first.aria_snapshot()
    levels = [int(level) for level in re.findall(r"heading .*\[level=(\d)\]", snapshot)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - level <= 1 for level, later in pairwise(levels))


def test_the_tree_of_a_live_figure_reads_like_the_figure(chapter):
    found = nodes(chapter.figure(0).aria_snapshot())
    expected = FIGURE.strip().splitlines()
    assert len(found) == len(expected)
    for (indent, text), line in zip(found, expected, strict=True):
        assert (indent > 0) == line.startswith("  ")
        assert re.fullmatch(re.escape(line.strip()).replace(r"\ \*", ".*"), text), text


def test_every_figure_has_a_name_and_its_caption_is_said_when_it_changes(chapter):
    figures = chapter.page.locator("figure.course-figure")
    assert figures.count() >= 2
    for figure in figures.all():
        caption = figure.locator(".course-caption")
        assert caption.get_attribute("aria-live") == "polite" and len(caption.inner_text()) > 40
        assert figure.get_by_role("img", name=caption.inner_text(), exact=True).count() == 1
        named = chapter.page.get_by_role("figure", name=caption.inner_text(), exact=True)
        assert named.count() == 1, "the figure is called by its caption"


def test_every_picture_that_stands_still_has_its_caption_as_alt_text(chapter):
    pictures = chapter.page.locator(".jp-OutputArea-output img:not(.course-picture)")
    captions = chapter.page.locator(".jp-OutputArea").all_inner_texts()
    assert pictures.count() >= 3
    alts = [picture.get_attribute("alt") for picture in pictures.all()]
    assert all(len(alt) > 40 for alt in alts)
    shown = [alt for alt in alts if "The claim" not in alt]  # a claim's is said by its statement and its numbers
    assert shown and all(any(alt in text for text in captions) for alt in shown)


def test_every_control_has_a_label_and_every_slider_says_its_value_in_words(chapter):
    for slider in chapter.page.locator("figure.course-figure input[type=range]:visible").all():
        assert slider.get_attribute("aria-label")
        if slider.get_attribute("aria-label") != "Step":
            field = slider.locator("xpath=following-sibling::input")
            assert slider.get_attribute("aria-valuetext") == field.input_value() != ""
    for question in chapter.page.locator(".course-question").all():
        assert question.locator("legend").inner_text().strip()
        assert all(label.inner_text().strip() for label in question.locator("label").all())
        assert question.get_by_role("status").count() == 1


@pytest.mark.parametrize("selector", ["figure.course-figure >> nth=0", ".course-question >> nth=0"])
def test_the_tab_key_reaches_every_control_and_one_sees_where_it_is(chapter, selector):
    part = chapter.page.locator(selector)
    waiting = [one for one in part.locator(CONTROLS).all() if one.is_visible() and one.is_enabled()]
    names = [one.get_attribute("name") or str(place) for place, one in enumerate(waiting)]
    stops = [
        one for place, one in enumerate(waiting) if names[place] not in names[:place]
    ]  # radio buttons are one stop
    assert len(stops) > 1
    stops[0].focus()
    for number, stop in enumerate(stops):
        if number:
            chapter.page.keyboard.press("Tab")
        assert stop.evaluate("node => node === document.activeElement"), stop.evaluate("node => node.outerHTML")[:200]
        assert stop.evaluate(VISIBLE), stop.evaluate("node => node.outerHTML")[:200]


# --- Slides, and a marked class -------------------------------------------------------------------------


def test_axe_finds_nothing_serious_on_any_slide(context, tmp_path):
    path = write_slides(CHAPTER, tmp_path, still=True)
    with closing(context((1280, 720), offline=True).new_page()) as page:
        page.goto(path.as_uri())
        page.wait_for_function("() => document.body.dataset.ready")
        for number in range(page.evaluate("Reveal.getSlides().length")):
            page.evaluate(
                "n => { const { h, v } = Reveal.getIndices(Reveal.getSlides()[n]); Reveal.slide(h, v, 99); }", number
            )
            assert serious_findings(page) == [], number


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """Results of a class of four: one right, one as handed out, one with a known mistake, one file that was cut off."""
    folder = tmp_path_factory.mktemp("marked")
    right = (ROOT / "solutions" / "00_start.ipynb").read_text(encoding="utf-8")
    texts = {
        "ada": right,
        "ben": (ROOT / "exercises" / "00_start.ipynb").read_text(encoding="utf-8"),
        "cyd": right.replace("theta - learning_rate", "theta + learning_rate"),
        "dan": right[: len(right) // 2],
    }
    for name, text in texts.items():
        (folder / "in" / name).mkdir(parents=True)
        (folder / "in" / name / "00_start.ipynb").write_text(text, encoding="utf-8")
    grade_folder(folder / "in", folder / "out", assignment="00", allow_unsafe=True)
    return folder / "out"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_pages_of_a_marked_class(context, marked, scheme):
    pages = [marked / "class_report.html", *(marked / "feedback").glob("*.html")]
    assert len(pages) == 5
    with closing(context((1100, 800), color_scheme=scheme, bypass_csp=True).new_page()) as page:
        for path in pages:
            page.goto(path.as_uri())
            assert serious_findings(page) == [], path.name
        page.goto(pages[0].as_uri())
        assert page.get_by_role("row", name=re.compile("^dan")).inner_text().split() == ["dan", "unreadable"]
        assert page.get_by_text("4 students: 3 graded, 1 unreadable").is_visible()
        page.get_by_role("link", name="cyd").click()
        assert page.get_by_text("You add the gradient").first.is_visible()
