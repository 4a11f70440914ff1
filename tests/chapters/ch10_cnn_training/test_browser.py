"""Chapter 10's dashboard in the browser: a slider starts a training, its curves are painted, the button stops it."""

import pytest

pytest.importorskip("torch")

pytestmark = pytest.mark.browser
CELLS = [
    "from course_lib.chapters.ch10_cnn_training.widgets import training_dashboard\n"
    "board = training_dashboard(num_epochs=3)\nboard"
]
SAYS = "([figure, text]) => figure.querySelector('.course-caption').textContent.includes(text)"


def test_moving_the_learning_rate_trains_again_and_paints_new_curves(open_notebook):
    lab = open_notebook(CELLS)
    lab.run_all(120)
    figure = lab.figure()
    lab.page.wait_for_function(SAYS, arg=[figure.element_handle(), "after 3 of 3 epochs"], timeout=60000)
    lab.settled(figure)
    said, shown = lab.caption(figure), lab.pixels(figure)
    lab.slider(figure, "Learning rate").press("ArrowLeft")
    lab.page.wait_for_function(
        "([figure, old]) => { const text = figure.querySelector('.course-caption').textContent;"
        " return text !== old && text.includes('after 3 of 3 epochs') }",
        arg=[figure.element_handle(), said],
        timeout=60000,
    )
    lab.settled(figure)
    assert lab.pixels(figure) != shown
    lab.slider(figure, "Epochs").press("End")
    button = figure.locator("button.course-stop")
    lab.page.wait_for_function(SAYS, arg=[figure.element_handle(), "of 20 epochs"], timeout=60000)
    button.click()
    lab.page.wait_for_function(
        "figure => figure.querySelector('.course-stop').textContent === 'Run again'",
        arg=figure.element_handle(),
        timeout=60000,
    )
    assert figure.locator(".course-problem").text_content() == ""
    assert lab.errors == []
