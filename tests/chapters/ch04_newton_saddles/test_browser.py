"""Chapter 4 in the browser: the live figures follow the hand, and the basin map refines by itself."""

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.widgets import basin_map, eigenvalue_explorer, saddle_escape, two_layers",
    "basin_map()",
    "eigenvalue_explorer()",
    "saddle_escape()",
    "two_layers()",
]


def test_every_live_figure_of_the_chapter_follows_its_first_slider(open_notebook):
    lab = open_notebook(CELLS)
    lab.run_all(120)
    figures = lab.page.locator("figure.course-figure")
    assert figures.count() == 4
    for number in range(4):
        figure = lab.figure(number)
        slider = figure.locator("input[type=range]:visible").first
        lab.settled(figure)
        said, shown = lab.caption(figure), lab.pixels(figure)
        slider.focus()
        lab.painted_after(figure, lambda slider=slider: slider.press("ArrowRight"))
        lab.settled(figure)
        assert lab.caption(figure) != said
        assert lab.pixels(figure) != shown
        assert figure.locator(".course-problem").text_content() == ""
    assert lab.errors == []


def test_the_basin_map_is_refined_without_a_hand_and_takes_a_click(open_notebook):
    lab = open_notebook(CELLS[:2])
    lab.run_all(60)
    figure = lab.figure()
    lab.page.wait_for_function(
        "() => document.querySelector('figure.course-figure .course-caption').innerText.includes('400 × 400')"
        " && !document.querySelector('figure.course-figure .course-caption').innerText.includes('Refined')",
        timeout=60_000,
    )
    said = lab.caption(figure)
    picture = figure.locator(".course-picture")
    size = picture.evaluate("(node) => [node.clientWidth, node.clientHeight]")
    lab.painted_after(figure, lambda: picture.click(position={"x": 0.25 * size[0], "y": 0.6 * size[1]}))
    assert lab.caption(figure) != said
    assert "400 × 400" in lab.caption(figure)
    assert lab.errors == []
