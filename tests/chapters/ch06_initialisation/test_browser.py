"""Chapter 6 in the browser: it runs from top to bottom, and its live figures follow the hand."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "06_initialisation.ipynb"


def test_every_live_figure_of_the_chapter_follows_its_first_slider(open_notebook):
    lab = open_notebook(NOTEBOOK)
    lab.run_all(240)
    figures = lab.page.locator("figure.course-figure")
    assert figures.count() == 5  # signals, activations, zigzag, the race, dead units
    for number in range(5):
        figure = lab.figure(number)
        slider = figure.locator("input[type=range]:visible").first
        lab.settled(figure)
        said, shown = lab.caption(figure), lab.pixels(figure)
        slider.focus()
        lab.painted_after(figure, lambda slider=slider: slider.press("ArrowLeft"))
        lab.settled(figure, quiet=1.5, seconds=30)
        assert lab.caption(figure) != said
        assert lab.pixels(figure) != shown
        assert figure.locator(".course-problem").text_content() == ""
    zigzag = lab.figure(2)
    menu = zigzag.get_by_label("Batch size", exact=True)
    lab.painted_after(zigzag, lambda: menu.select_option("64"))
    assert "batches of 64" in lab.caption(zigzag)  # a menu of numbers sets a number
    assert lab.errors == []
