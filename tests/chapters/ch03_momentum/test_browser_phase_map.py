"""The phase map as a person uses it: a click on a map, the arrow keys, sliders and the menu."""

import re

import pytest

pytestmark = pytest.mark.browser

CELLS = ["from course_lib.chapters.ch03_momentum.widgets import phase_map", "phase_map()"]


def numbers(caption):
    """``(learning rate, momentum)`` that the caption speaks of."""
    return [float(x) for x in re.search(r"at learning rate (\S+) and momentum (\S+) theory", caption).groups()]


def click_at(figure, x, y):
    """Click at data coordinates of the first map, whose axes end at learning rate 4 and momentum 1."""
    picture = figure.locator(".course-picture")
    inside = picture.evaluate("(node) => [node.clientWidth, node.clientHeight]")
    left, right, top, bottom = (62.5 / 1050, 384 / 1050, 27.3 / 500, 373 / 500)
    position = {"x": inside[0] * (left + (right - left) * x / 4), "y": inside[1] * (bottom - (bottom - top) * y)}
    picture.click(position=position)


def test_clicks_keys_sliders_and_menu_pick_a_run(open_notebook, tmp_path):
    lab = open_notebook(CELLS)
    lab.run_all()
    figure = lab.figure()

    lab.painted_after(figure, lambda: click_at(figure, 2.0, 0.5))
    learning_rate, momentum = numbers(lab.caption(figure))
    assert learning_rate * 30 == pytest.approx(2.0, abs=0.1)
    assert momentum == pytest.approx(0.5, abs=0.03)

    lab.painted_after(figure, lambda: figure.locator(".course-picture").press("ArrowUp"))
    assert numbers(lab.caption(figure))[1] == pytest.approx(momentum + 0.02, abs=0.01)

    before = lab.pixels(figure)
    slider = lab.slider(figure, "Momentum")
    assert float(slider.get_attribute("aria-valuetext")) == pytest.approx(momentum + 0.02, abs=0.01)
    lab.painted_after(figure, lambda: slider.press("ArrowRight"))
    assert lab.pixels(figure) != before

    lab.painted_after(figure, lambda: lab.slider(figure, "Condition number").press("End"))
    assert "condition number 1000" in lab.caption(figure)

    lab.painted_after(figure, lambda: figure.get_by_label("Method").select_option("Nesterov"))
    assert lab.caption(figure).startswith("Nesterov on a ravine")
    figure.screenshot(path=tmp_path / "phase_map.png")
    assert lab.errors == []
