"""Chapter 2 in the browser: it runs from top to bottom, and its live figures follow the hand."""

from pathlib import Path

import pytest

from course_lib.tools.notebook_tools.live_cells import live_cells

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "02_sgd_noise.ipynb"


@pytest.fixture(scope="module")
def lab(open_notebook):
    lab = open_notebook(live_cells(NOTEBOOK)[0])
    lab.run_all(180)
    return lab


@pytest.mark.parametrize("number", [0, 2])  # noise ball, three clocks
def test_a_menu_of_numbers_sets_the_batch_size(lab, number):
    figure = lab.figure(number)
    menu = figure.locator("select:visible").first
    lab.painted_after(figure, lambda: menu.select_option(label="16"))
    lab.settled(figure)
    assert "16" in lab.caption(figure)
    assert menu.locator("option:checked").inner_text() == "16"
    assert figure.locator(".course-problem").text_content() == ""
