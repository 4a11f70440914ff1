"""Quiz questions and predictions in a real browser: each keeps its own answer, and the keyboard suffices."""

import time

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.widgets import predict, quiz",
    'first = quiz("99-q1", "Left after two steps?", ("0.81", "0.9 squared."), [("0.9", "That is one step.")])\nfirst',
    'second = predict("99-p1", "How many times faster?", ["2 times", "10 times"])\nsecond',
    'third = predict("99-p2", "What will the path look like?")\nthird',
]


def wait_for(text, box, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if text in box.inner_text():
            return
        time.sleep(0.1)
    raise AssertionError(f"{text!r} did not appear in {box.inner_text()!r}")


def test_every_question_keeps_its_own_answer_and_says_why(open_notebook):
    lab = open_notebook(CELLS)
    lab.run_all()
    boxes = lab.page.locator(".course-question")
    boxes.nth(2).wait_for()
    quiz, choice, free = (boxes.nth(number) for number in range(3))

    quiz.get_by_label("0.9").check()
    wait_for("Not quite. That is one step.", quiz)

    choice.get_by_role("button").click()
    wait_for("First choose", choice)
    choice.get_by_label("10 times").check()
    choice.get_by_role("button").press("Enter")
    wait_for("Written down: 10 times", choice)

    free.get_by_label("Your prediction").press_sequentially("it swings, a lot")
    free.get_by_role("button").click()
    wait_for("Written down: it swings, a lot", free)

    assert quiz.get_by_label("0.9").is_checked(), "an answer elsewhere took this one away"
    quiz.get_by_label("0.9").press("ArrowDown")  # the arrow keys go round the options
    wait_for("Right. 0.9 squared.", quiz)
    assert quiz.get_by_label("0.81").is_checked() and choice.get_by_label("10 times").is_checked()
    assert lab.errors == []


OPTIONS = '{"2 times": "That is one step.", "10 times": "Gains multiply.", "never": "It does move."}'
RESOLVED = [
    "from course_lib.widgets import predict, resolve",
    f'predict("99-p3", "How many times faster?", {OPTIONS}, right="10 times")',
    'resolve("99-p3")',
]


def test_what_is_predicted_after_all_cells_ran_is_resolved_at_once_and_without_a_kernel(open_notebook):
    lab = open_notebook(RESOLVED)
    lab.run_all()
    question, outcome = (lab.page.locator(".course-question").nth(number) for number in range(2))
    wait_for("You predicted nothing. Right is: 10 times. Gains multiply.", outcome)
    lab.end_kernel()  # the outcome hears in the page what is written down

    question.get_by_label("2 times").check()
    question.get_by_role("button").click()
    wait_for("✗ You predicted: 2 times. That is one step.", outcome)
    wait_for("Right is: 10 times. Gains multiply.", outcome)
    outcome.locator("summary").press("Enter")
    wait_for("never: It does move.", outcome)

    question.get_by_label("10 times").check()
    question.get_by_role("button").press("Enter")
    wait_for("✓ Your prediction was right: 10 times. Gains multiply.", outcome)
    assert lab.errors == []


def test_the_folded_code_of_a_question_leaves_no_bar_and_can_be_unfolded(open_notebook):
    lab = open_notebook(RESOLVED[:2])
    lab.run_all()
    cell = lab.page.locator(".jp-CodeCell").nth(1)
    wrapper = cell.locator("> .jp-Cell-inputWrapper")
    cell.locator(".course-question").wait_for()
    assert wrapper.is_visible()
    lab.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.widgets[1].inputHidden = true; }")
    wrapper.wait_for(state="hidden", timeout=10_000)
    lab.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.widgets[1].inputHidden = false; }")
    wrapper.wait_for(state="visible", timeout=10_000)
