"""What the kernel draws moves without it, once the film is there; what cannot move says why."""

import pytest

from tests.kit.browser.lab import answer_of

pytestmark = pytest.mark.browser
CODE = ["from course_lib.chapters.ch08_dropout.widgets import mask_viewer\nmask_viewer()"]
HAS_FILM = "figure => !figure.querySelector('.course-frame').hidden"


@pytest.fixture(scope="module")
def figure(open_notebook):
    lab = open_notebook(CODE)
    lab.run_all()
    figure = lab.figure()
    figure.evaluate("figure => { figure.scrollIntoView() }")
    return lab, figure


def in_hand(lab, slider, seconds=20):
    """Move the slider without letting go until the film shows it."""
    figure = lab.figure()
    slider.focus()
    for _ in range(10 * seconds):
        slider.evaluate(
            "range => { range.value = (Number(range.value) + 1) % Number(range.max);"
            " range.dispatchEvent(new Event('input', { bubbles: true })) }"
        )
        lab.page.wait_for_timeout(100)
        if figure.evaluate(HAS_FILM):
            return
    raise AssertionError("no film came")


def test_a_film_comes_for_the_slider_in_hand_and_the_kernel_draws_when_it_rests(figure):
    lab, figure = figure
    rate = lab.slider(figure, "Drop rate")
    in_hand(lab, rate)
    part = figure.locator(".course-frame")
    assert part.is_visible()
    rate.dispatch_event("change")
    part.wait_for(state="hidden")
    assert figure.get_attribute("data-kernel") in ("asked", "answers")
    assert lab.errors == []


def test_without_a_kernel_the_film_goes_on_and_the_other_controls_rest(figure, lab_server):
    lab, figure = figure
    address, _ = lab_server
    for kernel in answer_of(f"{address}/api/kernels"):
        answer_of(f"{address}/api/kernels/{kernel['id']}/restart", "POST")
    rate = lab.slider(figure, "Drop rate")
    rate.press("ArrowLeft")
    figure.get_by_text("The kernel does not answer").wait_for(timeout=15_000)
    said = lab.caption(figure)
    before = lab.pixels(figure)
    for key in ("Home", "End"):
        rate.press(key)
    lab.page.wait_for_timeout(500)
    assert lab.caption(figure) != said or figure.locator(".course-screen").screenshot() != before
    assert lab.slider(figure, "Masks averaged").is_disabled()
    assert figure.get_by_role("combobox").first.is_disabled()


def test_play_goes_to_the_last_step_and_begins_anew_from_there(open_notebook):
    lab = open_notebook(["from course_lib.chapters.ch01_backprop.widgets import graph_stepper\ngraph_stepper(step=8)"])
    lab.run_all()
    figure = lab.figure()
    said = figure.locator(".course-caption")
    assert said.inner_text().startswith("Step 8 of 10, ")
    figure.get_by_role("button", name="Play Step").click()
    figure.get_by_text("Step 10 of 10, ").wait_for(timeout=15_000)
    figure.get_by_role("button", name="Play Step").click()
    figure.get_by_text("Step 2 of 10, ").wait_for(timeout=15_000)
    figure.get_by_role("button", name="Pause Step").click()
    stands = lab.slider(figure, "Step").input_value()
    lab.page.wait_for_timeout(1500)
    assert lab.slider(figure, "Step").input_value() == stands < "9"
    assert lab.errors == []
