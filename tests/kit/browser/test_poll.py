"""A poll on a phone without scripts and on the screen: bars grow, the keyboard suffices, axe finds nothing serious."""

from contextlib import closing

import pytest

from tests.kit.browser.axe import serious_findings

pytest.importorskip("starlette", reason="the poll is not installed: python course.py install --with poll")
from tests.tools.held_poll import running, short_chapter

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
