"""Chapter 9 in the browser: it runs from top to bottom, and its live figures follow the hand."""

from pathlib import Path

import pytest

from course_lib.tools.notebook_tools.live_cells import live_cells

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "09_convolution.ipynb"


@pytest.fixture(scope="module")
def lab(open_notebook):
    lab = open_notebook(live_cells(NOTEBOOK)[0])
    lab.run_all(180)
    return lab


def test_weights_are_typed_and_a_click_moves_the_window(lab):
    figure = lab.figure(0)
    weight = figure.get_by_label("Weights, row 1, column 1", exact=True)
    weight.fill("1/2")
    lab.painted_after(figure, lambda: weight.press("Enter"))
    lab.settled(figure)
    assert "kernel 0.5 0 1" in lab.caption(figure)
    assert weight.input_value() == "0.5"
    assert figure.get_by_label("Kernel", exact=True).input_value() == "your own"

    before = lab.caption(figure)
    weight.fill("nonsense")
    weight.press("Enter")
    figure.locator(".course-problem:not(:empty)").wait_for(timeout=10_000)
    assert "Row 1, column 1 of the kernel must be a number" in figure.locator(".course-problem").text_content()
    assert lab.caption(figure) == before

    lab.painted_after(figure, lambda: weight.press("ArrowUp"))
    lab.settled(figure)
    assert "kernel 1.5 0 1" in lab.caption(figure)

    image = figure.locator(".course-picture")
    size = image.bounding_box()
    lab.painted_after(figure, lambda: image.click(position={"x": 0.3 * size["width"], "y": 0.6 * size["height"]}))
    lab.settled(figure)
    assert lab.caption(figure) != before
    assert figure.locator(".course-problem").text_content() == ""
