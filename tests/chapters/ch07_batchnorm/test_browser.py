"""Chapter 7 in the browser: it runs from top to bottom, and its live figures follow the hand."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "07_batchnorm.ipynb"
ENDED = "figure => [...figure.querySelectorAll('progress')].every(bar => bar.value === 1)"


def test_every_live_figure_of_the_chapter_follows_its_first_slider(open_notebook):
    lab = open_notebook(NOTEBOOK)
    lab.run_all(240)
    figures = lab.page.locator("figure.course-figure")
    assert figures.count() == 3  # loss ahead, activations, batch sizes
    for number in range(3):
        figure = lab.figure(number)
        lab.page.wait_for_function(ENDED, arg=figure.element_handle(), timeout=60_000)
        slider = figure.locator("input[type=range]:visible").first
        said, shown = lab.caption(figure), lab.pixels(figure)
        slider.focus()
        lab.painted_after(figure, lambda slider=slider: slider.press("ArrowLeft"))
        lab.page.wait_for_function(ENDED, arg=figure.element_handle(), timeout=60_000)
        lab.settled(figure)
        assert lab.caption(figure) != said
        assert lab.pixels(figure) != shown
        assert figure.locator(".course-problem").text_content() == ""
    assert lab.errors == []
