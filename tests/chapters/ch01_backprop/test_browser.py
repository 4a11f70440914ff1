"""Chapter 1 in the browser: it runs whole, the graph is walked edge by edge, and the V follows the hand."""

from pathlib import Path

import pytest

from course_lib.tools.notebook_tools.live_cells import live_cells

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "01_backprop.ipynb"


@pytest.fixture(scope="module")
def lab(open_notebook):
    lab = open_notebook(live_cells(NOTEBOOK)[0])
    lab.run_all(180)
    return lab


def test_values_go_forward_and_deltas_come_back_one_edge_a_key(lab):
    assert lab.page.locator("figure.course-figure").count() == 2  # the graph stepper, the V
    figure = lab.figure(0)
    slider = lab.slider(figure, "Step")
    slider.focus()
    assert "back along" in lab.caption(figure), "it opens in the middle of its way back"
    lab.painted_after(figure, lambda: slider.press("Home"))
    lab.settled(figure)
    pictures, said = {lab.pixels(figure)}, [lab.caption(figure)]
    for _ in range(6):
        lab.painted_after(figure, lambda: slider.press("ArrowRight"))
        lab.settled(figure, quiet=0.2)
        pictures.add(lab.pixels(figure))
        said.append(lab.caption(figure))
    assert len(pictures) == 7
    assert said[0].startswith("Step 0 of") and "forward" in said[1] and "back along" in said[-1]
    assert lab.errors == []


def test_a_formula_is_typed_a_wrong_one_is_named_and_the_picture_stays(lab):
    figure = lab.figure(0)
    field = figure.get_by_label("or type one")
    field.fill("x*x")
    lab.painted_after(figure, lambda: field.press("Enter"))
    lab.settled(figure)
    shown = lab.pixels(figure)
    field.fill("x +* y")
    field.press("Enter")
    problem = figure.locator(".course-problem")
    problem.filter(has_text="x +* y").wait_for(timeout=10_000)
    lab.settled(figure)
    assert lab.pixels(figure) == shown
    field.fill("x*y")
    lab.painted_after(figure, lambda: field.press("Enter"))
    lab.settled(figure)
    assert problem.text_content() == ""


def test_the_step_size_of_the_v_follows_the_arrow_keys(lab):
    figure = lab.figure(1)
    slider = figure.locator("input[type=range]:visible").first
    said, shown = lab.caption(figure), lab.pixels(figure)
    slider.focus()
    lab.painted_after(figure, lambda: slider.press("ArrowLeft"))
    lab.settled(figure)
    assert lab.caption(figure) != said and lab.pixels(figure) != shown
    assert lab.errors == []
