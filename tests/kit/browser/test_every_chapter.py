"""Every chapter in JupyterLab: each live figure follows its first slider."""

from contextlib import closing

import pytest

from course_lib.tools.notebook_tools import ROOT
from tests.kit.browser.cells import live_cells

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ENDED = "figure => [...figure.querySelectorAll('progress')].every(bar => bar.value === 1)"
OWN = ".course-controls:not(.course-playback) input[type=range]:visible"
KEYS = ("ArrowLeft", "ArrowRight")  # the first moves a slider unless it stands at its end


def said_and_shown(lab, figure, quiet):
    lab.page.wait_for_function(ENDED, arg=figure.element_handle(), timeout=120_000)
    lab.settled(figure, quiet, seconds=30)
    return lab.caption(figure), lab.pixels(figure)


def move(lab, figure):
    """Press an arrow key on the first slider; the other one where the slider stands at its end."""
    slider = figure.locator(OWN).first
    slider.focus()
    value = slider.input_value()
    key = KEYS[slider.get_attribute("min") == value]
    lab.painted_after(figure, lambda: slider.press(key), seconds=60)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: f"ch{path.stem}")
def test_every_live_figure_of_a_chapter_follows_its_first_slider(open_notebook, notebook):
    cells, live = live_cells(notebook)
    with closing(open_notebook(cells)) as lab:
        lab.run_all(300)
        figures = lab.page.locator("figure.course-figure")
        assert figures.count() == live > 0
        for number in range(figures.count()):
            figure = lab.figure(number)
            said, shown = said_and_shown(lab, figure, quiet=0.6)
            move(lab, figure)
            after = said_and_shown(lab, figure, quiet=0.2)
            assert after[0] != said and after[1] != shown, number
            assert figure.locator(".course-problem").text_content() == ""
        assert lab.errors == []
