"""A phone's screen: panels one below another, large enough to be read, and every control within reach."""

import pytest

from course_lib.chapters.ch02_sgd_noise.widgets import schedule_explorer
from tests.kit.browser.test_dark import STATIC

pytestmark = pytest.mark.browser
CELLS = [
    "from course_lib.chapters.ch02_sgd_noise.widgets import schedule_explorer\nschedule_explorer()",
    "from course_lib.chapters.ch03_momentum.widgets import phase_map\nfigure = phase_map()\nfigure",
    "from course_lib.chapters.ch05_adaptive.widgets import adaptive_race\nadaptive_race()",
    STATIC,
]
PHONE = (390, 844)
LEGIBLE = 0.6  # of a word's size in a figure of 100 pixels an inch
OUTSIDE = """() => [...document.querySelectorAll(".course-figure :is(input, select, button, summary)")]
    .filter((node) => node.offsetParent)
    .filter((node) => {
        const [own, panel] = [node, node.closest(".jp-WindowedPanel-outer")].map((one) => one.getBoundingClientRect());
        return own.right > panel.right;
    })
    .map((node) => node.outerHTML.slice(0, 90))"""
INK = """canvas => { // how much of it is not white
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value) => sum + (value < 200), 0) / data.length; }"""


@pytest.fixture(scope="module")
def lab(open_notebook):
    lab = open_notebook(CELLS, PHONE)
    lab.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    lab.run_all()
    for number in range(3):
        lab.figure(number)
    return lab


def test_every_panel_is_shown_and_large_enough_to_be_read(lab):
    where = schedule_explorer().boxes
    windows = lab.figure(0).locator(".course-window:visible")
    assert windows.count() == len(where["panels"]) == 2 + 6
    for number, (_, _, width, _) in enumerate(where["panels"]):
        assert windows.nth(number).bounding_box()["width"] >= LEGIBLE * width - 1
        assert windows.nth(number).locator("canvas").evaluate(INK) > 0.002
    tops = [windows.nth(number).bounding_box()["y"] for number in (0, 1)]
    assert tops[1] - tops[0] > 100
    assert not lab.figure(0).locator(".course-picture").is_visible()


def test_a_stored_picture_comes_apart_too_and_is_read_aloud_once(lab):
    picture = lab.page.locator(".course-still-picture")
    assert picture.locator(".course-window:visible").count() > 2
    assert picture.locator("img").bounding_box()["width"] <= 1
    assert (
        picture.locator("img").get_attribute("alt") and picture.locator(".course-panels[aria-hidden=true]").count() == 1
    )


@pytest.mark.parametrize(("number", "name", "panel"), [(0, "Steps", 0), (2, "Learning rate", 4)])
def test_panels_follow_the_slider(lab, number, name, panel):
    figure = lab.figure(number)
    drawn = figure.locator(".course-panels canvas").nth(panel)
    before = drawn.evaluate("canvas => canvas.toDataURL()")
    lab.painted_after(figure, lambda: lab.slider(figure, name).press("Home"))
    assert drawn.evaluate("canvas => canvas.toDataURL()") != before


def test_a_touch_on_a_panel_sets_the_point_there(lab):
    figure = lab.figure(1)
    said = lab.caption(figure)
    lab.painted_after(figure, lambda: figure.locator(".course-panels canvas").nth(1).click())
    lab.settled(figure)
    assert lab.caption(figure) != said


def test_every_control_is_within_reach_and_nothing_scrolls_sideways(lab):
    for button in lab.page.locator(".course-more-controls:visible").all():
        button.click()
    lab.page.wait_for_timeout(300)
    assert lab.page.evaluate(OUTSIDE) == []
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert lab.errors == []
