"""The slides of every chapter on a projector: all of them, at two sizes, and what a lecturer does with them."""

import re
import time
from contextlib import closing

import nbformat
import pytest

from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.slides import write_slides
from tests.kit.browser.slides import faults

pytestmark = pytest.mark.browser
LECTURES = sorted(ROOT.glob("notebooks/*.ipynb"))
SIZES = ((1280, 720), (1920, 1080))
HEAVIEST = 2e6  # bytes, without films
SETUP = """from course_lib.chapters.ch01_backprop.widgets import graph_stepper
from course_lib.widgets import predict, visualiser"""
CODE = (
    'visualiser("ravine")',
    "graph_stepper()",
    'predict("03-x", "How long is the first step?", ["one", "two"])',
    "print(1)",
)
WORDS = ("# A title", "To begin with. " * 20, f"## An idea\n\nWhat $x^2$ says.\n\n{'What it says, at length. ' * 20}")
HAPPENED = "**What happened.** It printed 1.\n\n<details><summary>Answer</summary>\n\nTwo.\n\n</details>"


@pytest.fixture
def open_deck(context):
    with closing(context((1280, 720), offline=True).new_page()) as page:

        def open_it(path):
            page.problems = []
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
            page.on("request", lambda asked: page.problems.append(asked.url) if asked.url.startswith("http") else None)
            page.set_viewport_size({"width": 1280, "height": 720})
            page.goto(path.as_uri())
            page.wait_for_function("() => document.body.dataset.ready")
            return page

        yield open_it


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda path: path.stem)
def test_all_slides_can_be_read_from_the_last_row(open_deck, lecture, tmp_path):
    path = write_slides(lecture, tmp_path, still=True)
    assert path.stat().st_size < HEAVIEST
    page = open_deck(path)
    assert [fault for size in SIZES for fault in faults(page, size)] == []
    assert page.evaluate("() => document.fonts.check('20px KaTeX_Math')")
    seconds = page.evaluate("() => Reveal.getSlides().map((slide) => Number(slide.dataset.timing))")
    (minutes,) = re.findall(r"core (\d+) minutes", page.locator("section.slide.title").first.text_content())
    assert abs(sum(seconds) - 60 * int(minutes)) <= 30 and min(seconds) >= 0
    assert page.problems == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        ("body.style.fontSize = '20px'", "type of 20 px"),
        ("body.lastElementChild.style.marginTop = '900px'", "cut off"),
        ("body.lastElementChild.style.cssText = 'width: 40px; overflow: hidden; white-space: nowrap'", "cut inside"),
        ("slide.querySelector('h2').textContent = ''", "no heading"),
        ("body.replaceChildren('Words.', document.createElement('p'))", "ends above the middle"),
        ("body.lastElementChild.append(' \\\\arg min')", "raw TeX"),
        ("body.innerHTML += '<div class=code><pre> \\n    step()</pre></div>'", "begins with an empty line"),
        ("body.innerHTML += '<div class=code><pre>        step()</pre></div>'", "cut inside of a loop: step()"),
        ("body.firstElementChild.dataset.kind = 'equation'", "an equation without its sentence"),
        (
            "katex.render('x = y' + '+ x_{long} = y'.repeat(40), body.lastElementChild, { displayMode: true })",
            "goes on below",
        ),
        ("Reveal.configure({ maxScale: 0.5 })", "the scale is"),
    ],
)
def test_each_fault_of_a_slide_would_be_found(open_deck, spoil, fault, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in WORDS])
    nbformat.write(notebook, tmp_path / "words.ipynb")
    page = open_deck(write_slides(tmp_path / "words.ipynb", tmp_path, still=True))
    assert faults(page, SIZES[0]) == []
    page.evaluate(f"() => {{ const slide = Reveal.getSlides()[1], body = slide.querySelector('.body'); {spoil} }}")
    assert any(fault in found for found in faults(page, SIZES[0]))


# --- Held -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Slides of a short chapter, run: a reel, a film, a question, what happened."""
    path = tmp_path_factory.mktemp("slides") / "03_short.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Short\n\n| | |\n|---|---|\n| **Time** | core 9 minutes |")]
    cells += [nbformat.v4.new_code_cell(SETUP, metadata={"course": {"role": "setup"}})]
    cells += [nbformat.v4.new_code_cell(source) for source in CODE]
    nbformat.write(nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell(HAPPENED)]), path)
    return write_slides(path, path.parent)


def shown(page):
    return page.locator("section.slide.present")


def test_figures_move_and_questions_answer_without_a_kernel(open_deck, live):
    page = open_deck(live)
    assert [fault for size in SIZES for fault in faults(page, size)] == []
    page.evaluate("() => Reveal.slide(0, 1)")
    race = shown(page).locator("figure.course-figure")
    slider, canvas = race.get_by_role("slider", name="Learning rate", exact=True), race.locator("canvas")
    race.locator("canvas[data-waiting=false]").wait_for()
    before = canvas.screenshot()
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")  # moves the slider, and not the slides
    page.wait_for_timeout(300)
    assert canvas.screenshot() != before and page.evaluate("() => Reveal.getIndices().v") == 1
    page.evaluate("() => Reveal.slide(0, 2)")
    step = shown(page).get_by_role("slider", name="Step", exact=True)
    picture = shown(page).locator(".course-picture")
    before = picture.screenshot()
    step.press("End")
    page.wait_for_timeout(300)
    assert picture.screenshot() != before
    page.evaluate("() => Reveal.slide(0, 3)")
    shown(page).get_by_label("two").check()
    shown(page).get_by_role("button", name="Write it down").click()
    assert "Written down: two" in shown(page).inner_text()
    assert page.problems == []


def test_the_result_comes_before_what_happened_and_both_after_a_click(open_deck, live):
    page = open_deck(live)
    page.evaluate("() => Reveal.slide(0, Reveal.getTotalSlides() - 1)")
    page.evaluate("() => { for (const one of document.querySelectorAll('.fragment')) one.style.transition = 'none'; }")
    parts = shown(page).locator(".fragment")
    assert [text.strip() for text in parts.all_text_contents()] == ["1", "What happened. It printed 1.", "Two."]
    states = []
    for _ in range(4):
        states.append([part.evaluate("(one) => getComputedStyle(one).visibility") for part in parts.all()])
        page.keyboard.press("ArrowRight")
    assert states == [["visible"] * done + ["hidden"] * (3 - done) for done in range(4)]


def test_keys_for_the_lecturer(open_deck, live):
    page = open_deck(live)
    page.keyboard.press("o")
    assert page.evaluate("() => Reveal.isOverview()")
    page.keyboard.press("o")
    page.keyboard.press("b")
    assert page.evaluate("() => Reveal.isPaused()")
    page.keyboard.press("b")
    page.keyboard.press("c")
    assert page.evaluate("() => document.body.classList.contains('captions')")


def test_the_speaker_view_has_notes_a_clock_and_the_next_slide(open_deck, live, context):
    page = open_deck(live)
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    with closing(opened.value) as view:
        view.locator(".speaker-controls-notes", has_text="Minutes 0 to").wait_for()
        assert view.locator("iframe").count() == 2
        view.locator(".clock-value").wait_for()
        view.locator(".pacing.ahead, .pacing.on-track").wait_for()  # and not behind, which it would be without timings
        upcoming = view.locator("#upcoming-slide").bounding_box()
        for label in ("#upcoming-slide .label", "#speaker-layout"):  # not over the heading of the next slide
            assert view.locator(label).bounding_box()["y"] > upcoming["y"] + upcoming["height"] / 2
        page.keyboard.press("ArrowRight")
        until = time.monotonic() + 10
        frame = next(one for one in view.frames if "upcoming" not in one.url and "receiver" in one.url)
        while frame.evaluate("() => Reveal.getIndices().v") != 1 and time.monotonic() < until:
            view.wait_for_timeout(100)
        assert frame.evaluate("() => Reveal.getIndices().v") == 1
    assert page.problems == []


def test_printed_there_is_a_page_for_every_slide(open_deck, live, context):
    total = open_deck(live).evaluate("() => Reveal.getTotalSlides()")
    with closing(context((1280, 720), offline=True).new_page()) as page:
        page.goto(f"{live.as_uri()}?print-pdf")
        page.wait_for_function("() => document.querySelectorAll('.pdf-page').length")
        assert page.locator(".pdf-page").count() == total


def test_two_sliders_of_a_film_move_together(open_deck, tmp_path):
    setup = "from course_lib.chapters.ch08_dropout.widgets import mask_viewer"
    cells = [nbformat.v4.new_markdown_cell("# Short\n\n| | |\n|---|---|\n| **Time** | core 9 minutes |")]
    cells += [nbformat.v4.new_code_cell(setup, metadata={"course": {"role": "setup"}})]
    cells += [nbformat.v4.new_code_cell("mask_viewer(masks=5)"), nbformat.v4.new_markdown_cell(HAPPENED)]
    path = tmp_path / "08_short.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    page = open_deck(write_slides(path, tmp_path))
    figure = page.locator("figure.course-figure")
    page.evaluate("() => Reveal.slide(0, 1)")
    page.wait_for_function("() => document.querySelector('figure.course-figure .course-picture')?.dataset.frames > 0")
    rate, masks = (figure.get_by_role("slider", name=name, exact=True) for name in ("Drop rate", "Masks averaged"))
    said = figure.locator(".course-caption")
    seen = [said.inner_text()]
    for slider, key in ((rate, "End"), (masks, "End"), (rate, "Home"), (masks, "Home")):
        slider.press(key)
        page.wait_for_timeout(300)
        seen.append(said.inner_text())
    assert len(set(seen)) == 5  # each picture is another: no slider went back to where it rests
    assert rate.input_value() == "0" == masks.input_value()
    assert page.problems == []


# --- Read on a phone ------------------------------------------------------------------------------------

PHONE = (390, 844)
OUTSIDE = """() => [...document.querySelectorAll("#ideas :is(input, select, button, p, li, h2)")]
    .filter((one) => one.offsetParent && !one.closest(".course-panel, .katex, table"))
    .filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.fixture
def read(context):
    with closing(context(PHONE, offline=True).new_page()) as page:

        def open_it(path):
            page.goto(path.as_uri())
            page.wait_for_function("() => document.body.dataset.ready")
            return page

        yield open_it


def test_on_a_phone_slides_are_read_one_below_another_and_figures_panel_by_panel(read, live):
    page = read(live)
    race = page.locator("figure.course-figure").first
    windows = race.locator(".course-window:visible")
    assert windows.count() > 3
    assert windows.nth(4).bounding_box()["y"] - windows.nth(3).bounding_box()["y"] > 100
    before = windows.nth(3).screenshot()
    race.get_by_role("slider", name="Learning rate", exact=True).press("Home")
    page.wait_for_timeout(300)
    assert windows.nth(3).screenshot() != before
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0] and page.evaluate(OUTSIDE) == []
    answer = page.locator("details", has_text="Two.")
    assert not answer.get_by_text("Two.").is_visible()
    answer.locator("summary").click()
    assert answer.get_by_text("Two.").is_visible()


def test_a_stored_picture_on_a_phone_comes_apart_and_is_read_aloud_whole(read, tmp_path):
    page = read(write_slides(ROOT / "notebooks" / "05_adaptive.ipynb", tmp_path, still=True))
    picture = page.locator("#ideas img[data-regions]").first
    assert picture.get_attribute("alt") and picture.bounding_box()["width"] <= 1
    windows = page.locator(".course-panels .course-window")
    assert windows.count() > page.locator("#ideas img[data-regions]").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0] and page.evaluate(OUTSIDE) == []


def test_the_slides_of_the_lecturers_window_stay_slides_however_small_their_frames_are(read, live, tmp_path):
    frame = tmp_path / "frame.html"
    frame.write_text(f'<body data-ready="true"><iframe src="{live.as_uri()}" width="360" height="220"></iframe>')
    inside = read(frame).frames[1]
    inside.wait_for_function("() => document.body.dataset.ready")
    assert inside.evaluate("() => Reveal.getTotalSlides()") > 3
