"""Chapter 4 in the browser: the live figures follow the hand, and the basin map refines by itself."""

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.chapters.ch04_newton_saddles.widgets import basin_map",
    "basin_map()",
]


def test_the_basin_map_is_refined_without_a_hand_and_takes_a_click(open_notebook):
    lab = open_notebook(CELLS)
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
