"""Chapter 2 in the browser: it runs from top to bottom, and its live figures follow the hand."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "02_sgd_noise.ipynb"


@pytest.fixture(scope="module")
def lab(open_notebook):
    lab = open_notebook(NOTEBOOK)
    lab.run_all(180)
    return lab


def test_every_live_figure_of_the_chapter_follows_its_first_slider(lab):
    figures = lab.page.locator("figure.course-figure")
    assert figures.count() == 4  # noise ball, line search, three clocks, schedules
    for number in range(4):
        figure = lab.figure(number)
        slider = figure.locator("input[type=range]:visible").first
        said, shown = lab.caption(figure), lab.pixels(figure)
        slider.focus()
        lab.painted_after(figure, lambda slider=slider: slider.press("ArrowRight"))
        lab.settled(figure)
        assert lab.caption(figure) != said
        assert lab.pixels(figure) != shown
        assert figure.locator(".course-problem").text_content() == ""
    assert lab.errors == []


@pytest.mark.parametrize("number", [0, 2])  # noise ball, three clocks
def test_a_menu_of_numbers_sets_the_batch_size(lab, number):
    figure = lab.figure(number)
    menu = figure.locator("select:visible").first
    lab.painted_after(figure, lambda: menu.select_option(label="16"))
    lab.settled(figure)
    assert "16" in lab.caption(figure)
    assert menu.locator("option:checked").inner_text() == "16"
    assert figure.locator(".course-problem").text_content() == ""
