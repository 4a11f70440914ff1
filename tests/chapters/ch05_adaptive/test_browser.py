"""Chapter 5 in a real browser: it runs from top to bottom, and its live figures follow the hand."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "05_adaptive.ipynb"


def test_every_live_figure_of_the_chapter_follows_its_first_slider(open_notebook):
    lab = open_notebook(NOTEBOOK)
    lab.run_all(180)
    figures = lab.page.locator("figure.course-figure")
    assert figures.count() >= 5  # race, corrections, eps, counter-example, decay
    for number in range(figures.count()):
        figure = lab.figure(number)
        slider = figure.locator(".course-controls:not(.course-playback) input[type=range]:visible").first
        said, shown = lab.caption(figure), lab.pixels(figure)
        slider.focus()
        lab.painted_after(figure, lambda slider=slider: slider.press("ArrowLeft"))
        lab.settled(figure)
        assert lab.caption(figure) != said
        assert lab.pixels(figure) != shown
        assert figure.locator(".course-problem").text_content() == ""
    assert lab.errors == []
