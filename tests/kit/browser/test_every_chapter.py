"""Every chapter in JupyterLab: each live figure follows its first slider, and fits on one small screen."""

from contextlib import closing

import pytest

from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.live_cells import live_cells
from tests.kit.browser import keyboard
from tests.sample import one_in_four

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ENDED = "figure => [...figure.querySelectorAll('progress')].every(bar => bar.value === 1)"
OWN = ".course-controls:not(.course-playback) input[type=range]:visible"
SIZES = {"laptop": (1280, 800), "small": (1024, 768), "zoom of 150 %": (853, 533)}  # the file browser is open
LAYOUT = """() => [...document.querySelectorAll("figure.course-figure")].map((figure) => {
    const box = (node) => node.getBoundingClientRect(), panel = box(figure.closest(".jp-WindowedPanel-outer"));
    const lists = [...figure.querySelectorAll("details.course-ticks")];
    lists.forEach((list) => { list.open = true; });
    const outside = [...figure.querySelectorAll("input, select, button, fieldset, progress, figcaption")]
        .filter((node) => node.offsetParent && (box(node).left < panel.left - 1 || box(node).right > panel.right + 1));
    lists.forEach((list) => { list.open = false; });
    const picture = box(figure.querySelector(".course-picture"));
    const tall = box(figure).height - panel.height, wide = box(figure).width - panel.width;
    return { outside: outside.map((node) => node.outerHTML.slice(0, 90)), tall, wide, seen: picture.width };
})"""
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


@pytest.mark.parametrize("notebook", one_in_four(NOTEBOOKS), ids=lambda path: f"ch{path.stem}")
def test_every_live_figure_of_a_chapter_follows_its_first_slider_and_fits_on_one_screen(open_notebook, notebook):
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
        assert keyboard.faults(lab.page, lab.figure(live - 1)) == []
        for name, (width, height) in SIZES.items():
            lab.page.set_viewport_size({"width": width, "height": height})
            lab.page.wait_for_timeout(400)
            for number, found in enumerate(lab.page.evaluate(LAYOUT)):
                place = f"figure {number}, {name}: {found}"
                assert found["outside"] == [] and found["wide"] <= 0 and found["seen"] >= 200, place
                assert found["tall"] <= 0, f"it does not fit on one screen: {place}"
        assert lab.errors == []
