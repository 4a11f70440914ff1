"""The Visualiser as a lecturer meets it: JupyterLab, a real browser, keys, clicks, and what is painted."""

import base64
import io
import time
from contextlib import closing

import numpy as np
import pytest
from matplotlib.image import imread

from course_lib.widgets import visualiser

pytestmark = pytest.mark.browser
CELLS = ["from course_lib.widgets import visualiser", "race = visualiser('ravine', num_steps=60)\nrace"]


@pytest.fixture(scope="module")
def opened(open_notebook):
    return open_notebook(CELLS)


@pytest.fixture
def lab(opened):
    """The notebook, run anew: every test meets a fresh figure."""
    opened.run_all()
    yield opened
    assert opened.errors == []


def canvas_pixels(figure):
    url = figure.locator("canvas").evaluate("canvas => canvas.toDataURL('image/png')")
    return imread(io.BytesIO(base64.b64decode(url.split(",")[1])), format="png")[..., :3]


def test_a_key_on_a_slider_changes_the_picture_and_the_caption(lab):
    figure = lab.figure()
    slider = lab.slider(figure, "Learning rate")
    before, said = lab.pixels(figure), lab.caption(figure)
    slider.focus()
    lab.painted_after(figure, lambda: slider.press("ArrowRight"))
    assert lab.pixels(figure) != before
    assert lab.caption(figure) != said
    lab.painted_after(figure, lambda: slider.press("ArrowLeft"))
    assert lab.caption(figure) == said


def test_the_browser_draws_what_matplotlib_draws(lab):
    figure = lab.figure()
    slider = lab.slider(figure, "Learning rate")
    slider.focus()
    for _ in range(3):
        lab.painted_after(figure, lambda: slider.press("ArrowRight"))
    shown = canvas_pixels(figure)
    own = visualiser("ravine", num_steps=60)
    own.learning_rate = next(c for c in own.controls() if c.trait == "learning_rate").positions[
        int(slider.input_value())
    ]
    drawn = imread(io.BytesIO(own.png()), format="png")[..., :3]
    background = imread(io.BytesIO(own.background), format="png")[..., :3]
    moving = np.abs(drawn - background).max(axis=-1) > 0.25
    assert moving.mean() > 0.005
    # Dashes fall elsewhere and edges are smoothed differently: most of what moves is where matplotlib puts it.
    assert (np.abs(shown - drawn).max(axis=-1) > 0.25).mean() < 0.35 * moving.mean()


def test_one_slider_after_the_other_lands_where_python_says(lab):
    figure = lab.figure()
    for label, key in (("Learning rate", "ArrowRight"), ("Momentum", "ArrowLeft"), ("Learning rate", "ArrowRight")):
        slider = lab.slider(figure, label)
        slider.focus()
        lab.painted_after(figure, lambda slider=slider, key=key: slider.press(key))
    lab.settled(figure)
    own = visualiser("ravine", num_steps=60)
    rates, momenta = (next(c for c in own.controls() if c.trait == t).positions for t in ("learning_rate", "momentum"))
    own.learning_rate = rates[rates.index(own.learning_rate) + 2]
    own.momentum = momenta[momenta.index(0.9) - 1]
    assert lab.caption(figure) == own.caption


def test_after_a_drag_nothing_follows(lab):
    figure = lab.figure()
    box = lab.slider(figure, "Learning rate").bounding_box()
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + 0.2 * box["width"], y)
    lab.page.mouse.down()
    before, start = lab.frames(figure), time.monotonic()
    while time.monotonic() - start < 1.5:
        phase = (time.monotonic() - start) % 0.8 / 0.8
        lab.page.mouse.move(box["x"] + (0.2 + 0.6 * abs(1 - 2 * phase)) * box["width"], y)
    lab.page.mouse.up()
    lab.page.wait_for_timeout(60)
    at_release = lab.frames(figure)
    assert at_release - before >= 8  # frames that followed the hand, on a busy machine
    assert lab.settled(figure) - at_release <= 2


def test_a_click_and_the_arrow_keys_set_the_start(lab):
    figure = lab.figure()
    canvas = figure.locator("canvas")
    box = canvas.bounding_box()
    lab.painted_after(figure, lambda: canvas.click(position={"x": 0.4 * box["width"], "y": 0.3 * box["height"]}))
    lab.settled(figure)
    clicked = lab.caption(figure)
    assert "from (-1.8, 1)" not in clicked
    canvas.focus()
    lab.painted_after(figure, lambda: canvas.press("ArrowLeft"))
    lab.settled(figure)
    assert lab.caption(figure) != clicked


def test_play_runs_to_the_last_step_and_scrubbing_goes_back(lab):
    figure = lab.figure()
    before = lab.frames(figure)
    figure.get_by_role("button", name="Play").click()
    lab.page.wait_for_timeout(300)
    figure.get_by_role("button", name="Play").wait_for(timeout=20_000)  # it says Pause while it plays
    assert lab.frames(figure) - before >= 10
    assert figure.locator(".course-step").inner_text() == "60 / 60"
    scrub = lab.slider(figure, "Step")
    scrub.focus()
    whole = lab.pixels(figure)
    lab.painted_after(figure, lambda: scrub.press("Home"))
    assert lab.pixels(figure) != whole


def test_whoever_wants_no_motion_gets_none(open_notebook):
    with closing(open_notebook(CELLS, reduced_motion="reduce")) as lab:
        lab.run_all()
        figure = lab.figure()
        scrub = lab.slider(figure, "Step")
        scrub.focus()
        lab.painted_after(figure, lambda: scrub.press("Home"))
        before = lab.frames(figure)
        figure.get_by_role("button", name="Play").click()
        assert lab.settled(figure) - before <= 2
        assert figure.locator(".course-step").inner_text() == "60 / 60"


def test_words_and_wrong_numbers_are_answered_and_a_huge_one_diverges(lab):
    figure = lab.figure()
    field = figure.get_by_label("Learning rate, exact value")
    problem = figure.locator(".course-problem")
    before = lab.caption(figure)
    for text, says in (("fast", "must be a number"), ("nan", "0 or larger"), ("-1", "0 or larger")):
        field.fill(text)
        field.press("Enter")
        problem.filter(has_text=says).wait_for(timeout=10_000)
        assert lab.caption(figure) == before
    field.fill("1e9")
    lab.painted_after(figure, lambda: field.press("Enter"))
    lab.settled(figure)
    assert "diverges" in lab.caption(figure)
    assert problem.text_content() == ""


def test_menu_and_tick_boxes_change_the_race(lab):
    figure = lab.figure()
    lab.painted_after(figure, lambda: figure.get_by_label("Surface").select_option("beale"))
    lab.settled(figure)
    assert lab.caption(figure).startswith("Beale")
    assert not figure.get_by_label("Condition number", exact=True).is_visible()
    figure.locator("summary").press("Enter")
    lab.painted_after(figure, lambda: figure.get_by_label("Nesterov", exact=True).uncheck())
    lab.settled(figure)
    assert "Nesterov" not in lab.caption(figure)


def test_what_a_screen_reader_finds(lab):
    figure = lab.figure()
    assert figure.locator("canvas").get_attribute("role") == "img"
    assert figure.locator("canvas").get_attribute("aria-label") == lab.caption(figure)
    nameless = figure.evaluate(
        """figure => [...figure.querySelectorAll("input, select, button")]
            .filter((node) => !node.getAttribute("aria-label") && !node.textContent && !node.labels?.[0]?.textContent)
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    value = lab.slider(figure, "Learning rate").get_attribute("aria-valuetext")
    assert float(value) == pytest.approx(visualiser("ravine").learning_rate, rel=1e-3)  # not a position or an exponent
    untouched = figure.evaluate(
        """figure => [...figure.querySelectorAll("input, select, canvas, button")]
            .filter((node) => node.dataset.lmSuppressShortcuts !== "true").length"""
    )
    assert untouched == 0  # JupyterLab would take the arrow keys


def test_a_demonstration_of_the_lectures_is_one_choice_and_a_slider_leaves_it(lab):
    figure = lab.figure()
    lectures = figure.get_by_label("From the lectures")
    lab.painted_after(figure, lambda: lectures.select_option("saddle"))
    lab.settled(figure)
    assert lab.caption(figure).startswith("Saddle, 120 steps") and "Adadelta" in lab.caption(figure)
    slider = lab.slider(figure, "Learning rate")
    slider.focus()
    lab.painted_after(figure, lambda: slider.press("ArrowRight"))
    left = "menu => menu.value === ''"  # the picture does not wait for the kernel, the menu does
    lab.page.wait_for_function(left, arg=lectures.element_handle(), timeout=15_000)
    lab.painted_after(figure, lambda: figure.get_by_label("Schedule").select_option("cosine"))
    lab.settled(figure)
    assert "(cosine, down to 0)" in lab.caption(figure)


def test_f_and_the_button_fill_the_screen_and_give_it_back(lab):
    figure = lab.figure()
    width, whole = lab.page.viewport_size["width"], "() => Boolean(document.fullscreenElement)"
    for press in (lambda: figure.locator("canvas").press("f"), figure.locator(".course-full").click):
        before = figure.locator("canvas").bounding_box()["width"]
        press()
        lab.page.wait_for_function(whole)
        lab.page.wait_for_timeout(400)
        assert before < figure.locator("canvas").bounding_box()["width"] <= width
        assert figure.evaluate("figure => figure.scrollHeight <= innerHeight")
        press()
        lab.page.wait_for_function(f"() => !({whole})()")
        lab.page.wait_for_timeout(400)
    field = figure.get_by_label("Learning rate, exact value")
    field.press("f")
    assert not lab.page.evaluate(whole)
    field.press("Escape")


def test_python_moves_the_sliders(open_notebook):
    with closing(open_notebook([*CELLS, "race.learning_rate = 0.05"])) as lab:
        lab.run_all()
        figure = lab.figure()
        lab.settled(figure)
        assert "learning rate 0.05" in lab.caption(figure)
        assert figure.get_by_label("Learning rate, exact value").input_value() == "0.05"
        assert lab.errors == []


def test_it_goes_on_without_a_kernel(open_notebook):
    """As in an exported page: the reels are there, the slider not in hand goes back to where they were made."""
    with closing(open_notebook(CELLS)) as lab:
        lab.run_all()
        figure = lab.figure()
        lab.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()")
        lab.page.wait_for_timeout(500)
        rate, momentum = lab.slider(figure, "Learning rate"), lab.slider(figure, "Momentum")
        rate.focus()
        said = lab.caption(figure)
        lab.painted_after(figure, lambda: rate.press("ArrowRight"))
        assert lab.caption(figure) != said
        momentum.focus()
        lab.painted_after(figure, lambda: momentum.press("ArrowLeft"))
        assert "momentum 0.89" in lab.caption(figure)
