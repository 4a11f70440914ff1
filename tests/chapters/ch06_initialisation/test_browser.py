"""Chapter 6 in the browser: a menu of numbers sets a number."""

import pytest

pytestmark = pytest.mark.browser
CELLS = ["from course_lib.chapters.ch06_initialisation.widgets import zigzag", "zigzag()"]


def test_a_menu_of_numbers_sets_the_batch_size(open_notebook):
    lab = open_notebook(CELLS)
    lab.run_all()
    figure = lab.figure()
    menu = figure.get_by_label("Batch size", exact=True)
    lab.painted_after(figure, lambda: menu.select_option("64"))
    assert "batches of 64" in lab.caption(figure)
    assert lab.errors == []
