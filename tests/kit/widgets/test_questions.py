"""Quiz questions and predictions: what is recorded, and what stands on a page without a front end."""

import json

import pytest

from course_lib import progress
from course_lib.chapters.ch00_start.widgets import progress_strip
from course_lib.widgets.predict import predict, resolve
from course_lib.widgets.quiz import quiz

RIGHT = ("0.81", "0.9 squared")
WRONG = [("0.9", "that is one step"), ("1.8", "the steps multiply")]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def test_choosing_the_right_option_is_done_and_stays_done():
    question = quiz("03-q1", "What is left?", RIGHT, WRONG)
    wrong = next(i for i in range(3) if i != question.right)
    question.chosen = wrong
    assert not progress.facts("quiz", "03-q1")["done"]
    question.chosen = question.right
    question.chosen = wrong
    facts = progress.facts("quiz", "03-q1")
    assert facts["done"] and facts["times"] == 3


def test_every_option_keeps_its_own_reason_and_the_order_depends_on_the_texts_only():
    one = quiz("03-q1", "What is left?", RIGHT, WRONG)
    other = quiz("03-q1", "What is left?", RIGHT, WRONG[::-1])
    assert one.options == other.options
    assert dict(zip(one.options, one.reasons, strict=True)) == dict([RIGHT, *WRONG])
    assert one.options[one.right] == RIGHT[0]


def test_the_static_page_is_escaped_and_does_not_depend_on_the_learner():
    question = quiz("03-q1", "Is a < b?", RIGHT, WRONG)
    data, _ = question._repr_mimebundle_()
    assert "a &lt; b" in data["text/html"] and "application/vnd.jupyter.widget-view+json" in data
    before = data["text/plain"]
    question.chosen = question.right
    assert question._repr_mimebundle_()[0]["text/plain"] == before


def test_a_prediction_is_written_down_and_comes_back():
    predict("03-p1", "Faster?", ["yes", "no"]).answer = "no"
    facts = progress.facts("predict", "03-p1")
    assert (facts["answer"], facts["first"], facts["done"], facts["times"]) == ("no", "no", True, 1)
    again = predict("03-p1", "Faster?", ["yes", "no"])
    assert (again.answer, again.chosen) == ("no", 1)
    assert progress.facts("predict", "03-p1")["times"] == 1, "showing it again is no new answer"
    again.answer = "yes"
    facts = progress.facts("predict", "03-p1")
    assert (facts["answer"], facts["first"]) == ("yes", "no")


def test_a_prediction_whose_option_no_longer_exists_starts_anew():
    predict("03-p1", "Faster?", ["yes", "no"]).answer = "no"
    assert predict("03-p1", "Faster?", ["always", "never"]).answer == ""


OPTIONS = {"yes": "because a < b", "no": "it tempts because of c", "never": "it tempts because of d"}


def test_a_prediction_is_resolved_with_why_it_is_right_and_why_the_others_tempt():
    question = predict("03-p1", "Faster?", OPTIONS, right="yes")
    assert question.options == list(OPTIONS), "in the order in which they were written"
    question.answer = "never"
    outcome = resolve("03-p1")
    assert (outcome.chosen, outcome.right, outcome.reasons) == (2, 0, list(OPTIONS.values()))
    assert outcome.name == question.name, "the front end tells the outcome by the name what is written down later"
    page = outcome.page()
    before, _, folded = page.partition("<details>")
    assert "yes" in before and "because a &lt; b" in before and "tempts" not in before
    assert "because of c" in folded and "because of d" in folded and "a &lt; b" not in folded
    assert outcome.text() == "Prediction resolved: yes. because a < b"


def test_the_outcome_reads_the_same_for_every_learner_in_what_is_stored():
    predict("03-p1", "Faster?", OPTIONS, right="yes")
    first = resolve("03-p1")
    predict("03-p1", "Faster?", OPTIONS, right="yes").answer = "no"
    second = resolve("03-p1")
    assert (first.chosen, second.chosen) == (-1, 1)
    assert (first.text(), first.page()) == (second.text(), second.page())


def test_after_a_restart_of_the_kernel_the_notebook_says_what_was_asked(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    source = f'predict("98-p1", "Faster?", {OPTIONS!r}, right="no")'
    cells = {"cells": [{"cell_type": "code", "source": source}]}
    (tmp_path / "notebooks" / "98_some.ipynb").write_text(json.dumps(cells), encoding="utf-8")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    assert resolve("98-p1").right == 1


@pytest.mark.parametrize("right", [None, "perhaps"])
def test_a_prediction_whose_right_option_is_none_is_refused(right):
    with pytest.raises(ValueError, match="03-p1"):
        predict("03-p1", "Faster?", OPTIONS, right=right)


def test_what_was_never_asked_or_has_no_right_option_is_not_resolved():
    predict("97-p1", "Faster?", ["yes", "no"])
    for id in ("97-p1", "97-p2"):
        with pytest.raises(ValueError, match=id):
            resolve(id)


def test_a_question_that_makes_no_sense_is_refused_with_its_id():
    for wrong in ([], [("0.9",)], [RIGHT]):
        with pytest.raises(ValueError, match="03-q1"):
            quiz("03-q1", "What is left?", RIGHT, wrong)
    with pytest.raises(ValueError, match="03-p1"):
        predict("03-p1", "Faster?", "yes or no")


def test_the_strip_reads_the_same_for_every_learner_in_plain_text():
    before = repr(progress_strip())
    progress.record("check", "03-1", True)
    assert repr(progress_strip()) == before
    assert "<progress" in progress_strip()._repr_html_() or not progress.tasks()
