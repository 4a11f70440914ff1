"""A poll on a phone without scripts and on the screen: bars grow, the keyboard suffices, axe finds nothing serious."""

import json
from contextlib import closing

import nbformat
import pytest

from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.reading import core
from course_lib.tools.slides import write_slides
from tests.kit.browser.axe import serious_findings
from tests.kit.browser.slides import faults
from tests.kit.browser.test_slides import LECTURES, SIZES

pytest.importorskip("starlette", reason="the poll is not installed: python course.py install --with poll")
from course_lib.tools.poll.pages import code_as_picture
from course_lib.tools.poll.serve import predictions
from tests.tools.held_poll import CELLS, running, short_chapter

pytestmark = pytest.mark.browser
PHONE, SCREEN = (390, 844), (1280, 720)


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    with running(short_chapter(tmp_path_factory.mktemp("poll"))) as made:
        yield f"http://127.0.0.1:{made.port}/", made.path[1:]


def answered(browser, address, option, **options):
    """A phone of its own that chose an option with the keyboard alone."""
    page = browser.new_context(viewport=dict(zip(("width", "height"), PHONE, strict=True)), **options).new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(option):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Written down").wait_for()
    return page


def test_bars_grow_while_phones_answer_and_the_next_question_comes_to_them(browser, context, held):
    address, path = held
    with closing(context(SCREEN).new_page()) as screen:
        screen.goto(address + path)
        count = screen.locator(".count").nth(1)
        for expected in ("1", "2"):
            phone = answered(browser, address, 1, java_script_enabled=expected == "2")
            screen.wait_for_function(
                "([count, text]) => count.innerText === text", arg=[count.element_handle(), expected]
            )
        assert screen.locator(".bar").nth(1).bounding_box()["width"] > 500
        screen.get_by_role("button", name="Hide the bars").press("Enter")
        assert not screen.locator(".bar").nth(1).is_visible()
        screen.get_by_role("button", name="Next question").press("Enter")
        screen.get_by_role("heading", name="How many?").wait_for()
        phone.get_by_text("How many?").wait_for()
        phone.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_by_axe(browser, held, scheme):
    address, path = held
    options = {"color_scheme": scheme, "bypass_csp": True}  # axe is a script of ours, which these pages refuse
    with closing(browser.new_context(**options)) as opened:
        page = opened.new_page()
        page.goto(address + path)
        assert serious_findings(page) == []
        page.get_by_role("button", name="Ask again").click()
        page.goto(address)
        assert serious_findings(page) == []
    phone = answered(browser, address, 0, **options)
    assert serious_findings(phone) == [] and phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    phone.context.close()


# --- Beside the figure ----------------------------------------------------------------------------------

NOTEBOOK = ["from course_lib.widgets import predict", *CELLS]


def vote(held, options, question=0):
    for option in options:
        assert held.answer(held.phone(), option, question)[0] == 303


def see(box, state, counts):
    """Wait until the bars beside a question say so; returns their shares of its width."""
    box.page.wait_for_function(
        "([box, state, counts]) => box.dataset.poll === state && "
        "[...box.querySelectorAll('.course-count')].map((one) => one.innerText).join() === counts",
        arg=[box.element_handle(), state, counts],
    )
    labels = box.locator("label").all()
    return [label.evaluate("(one) => parseFloat(one.style.getPropertyValue('--share'))") for label in labels]


def a_poll_is_held_beside(box, held):
    """A class answers; the lecturer presses what stands beside the question, with the keyboard alone."""
    see(box, "open", "0,0,0")
    vote(held, [1, 1, 1, 0])
    assert see(box, "open", "1,3,0") == [25, 75, 0]
    assert box.locator(".course-poll-code").text_content() == f"http://127.0.0.1:{held.port}"
    box.get_by_role("button", name="larger").press("Enter")
    large = box.get_by_role("dialog")
    assert large.locator("img").bounding_box()["height"] > 0.7 * box.page.viewport_size["height"]
    large.get_by_role("button", name="Close").press("Enter")
    assert not large.is_visible()
    box.get_by_role("button", name="Hide the bars").press("Enter")
    assert not box.locator(".course-count").first.is_visible()
    box.get_by_role("button", name="Show the bars").press("Enter")
    box.get_by_role("button", name="Close, and tell").press("Enter")
    see(box, "closed", "✓ 1,3,0")
    assert box.page.evaluate("document.activeElement.innerText") == "Ask again"


def ended(page):
    page.wait_for_function("() => !document.querySelector('[data-poll], .course-poll, .course-count, dialog')")


def test_in_a_notebook_bars_grow_beside_the_prediction_and_nothing_is_left_of_them(open_notebook, lab_server, tmp_path):
    lab = open_notebook(NOTEBOOK)
    lab.run_all()
    boxes = lab.page.locator(".course-question")
    boxes.nth(2).wait_for()
    before = [box.evaluate("(one) => one.outerHTML") for box in boxes.all()]
    progress = str(lab_server[1].parent / "progress" / "progress.json")
    with running(short_chapter(tmp_path), COURSE_PROGRESS=progress) as held:
        a_poll_is_held_beside(boxes.nth(0), held)
        boxes.nth(1).get_by_role("button", name="Ask the class").press("Enter")
        see(boxes.nth(1), "open", "0,0")
        vote(held, [0], question=1)
        see(boxes.nth(1), "open", "1,0")
        assert not boxes.nth(2).get_attribute("data-poll")  # words of one's own are not polled
        assert serious_findings(lab.page, ".course-question") == []
    ended(lab.page)
    assert [box.evaluate("(one) => one.outerHTML") for box in boxes.all()] == before
    assert lab.errors == []


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    """Slides with every prediction of the course, a slide each: their notebook and their file."""
    cells = [nbformat.v4.new_markdown_cell("# All\n\n| | |\n|---|---|\n| **Time** | core 9 minutes |")]
    setup = "from course_lib.widgets import predict"
    cells += [nbformat.v4.new_code_cell(setup, metadata={"course": {"role": "setup"}})]
    asked = [cell.source for path in LECTURES for cell in core(read(path).cells) if cell.source.startswith("predict(")]
    for number, source in enumerate([*CELLS, *asked]):
        cells += [nbformat.v4.new_markdown_cell(f"## Question {number}"), nbformat.v4.new_code_cell(source)]
    path = tmp_path_factory.mktemp("deck") / "03_all.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path, write_slides(path, path.parent)


def test_on_slides_bars_grow_beside_the_prediction_and_the_slide_is_left_as_it_was(context, deck):
    notebook, slides = deck
    with running(notebook, "--slides", slides) as held, closing(context(SCREEN).new_page()) as page:
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(slides.as_uri())
        page.wait_for_function("() => document.body.dataset.ready")
        page.evaluate("() => Reveal.slide(1)")
        as_it_was = page.locator("section.present .course-question").screenshot()
        assert not page.locator("[data-poll]").count()  # opened from the disk it asks nobody
        page.goto(f"http://127.0.0.1:{held.port}{held.path}/slides#/1")
        page.wait_for_function("() => document.body.dataset.ready")
        box, second = (page.locator(".course-question").nth(number) for number in range(2))
        a_poll_is_held_beside(box, held)
        page.evaluate("() => Reveal.slide(2)")
        second.get_by_role("button", name="Ask the class").press("Enter")
        see(second, "open", "0,0")
        vote(held, [0], question=1)
        see(second, "open", "1,0")
        assert serious_findings(page, "section.present .course-question") == []
        held.process.kill()
        ended(page)
        page.evaluate("() => { document.activeElement.blur(); Reveal.slide(1); }")
        assert page.locator("section.present .course-question").screenshot() == as_it_was
        assert problems == []


@pytest.mark.parametrize("state", ["open", "closed", "waiting"])
def test_no_question_of_the_course_is_cut_off_by_its_bars(context, deck, state):
    notebook, slides = deck
    phones = "http://192.168.100.155:65535/"
    questions = [
        {"id": one.id, "state": state, "counts": [88] * len(one.options), "right": 0 if state == "closed" else None}
        for one in predictions(notebook)
    ]
    said = json.dumps({"questions": questions, "phones": phones, "code": code_as_picture(phones)})
    with closing(context(SCREEN).new_page()) as page:
        page.route("http://poll.test/lecturer/x/slides", lambda to: to.fulfill(path=slides))
        page.route("http://poll.test/lecturer/x/counts", lambda to: to.fulfill(body=said))
        page.goto("http://poll.test/lecturer/x/slides")
        page.wait_for_function(f"() => document.querySelectorAll('[data-poll={state}]').length === {len(questions)}")
        assert len(questions) > 40
        assert [fault for size in SIZES for fault in faults(page, size)] == []
