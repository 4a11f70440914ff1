"""``course review``: what was predicted wrong is asked again, and nothing due is no error."""

import json

import pytest

from course_lib import progress
from course_lib.tools.review import review

SOURCE = 'predict("03-a", "Faster?", {"no": "It tempts.", "yes": "It is."}, right="yes")'


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    cells = {"cells": [{"cell_type": "code", "source": SOURCE, "id": "a"}]}
    (tmp_path / "notebooks" / "03_some.ipynb").write_text(json.dumps(cells), encoding="utf-8")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))


def asked(*lines, **options):
    lines, said = list(lines), []

    def ask(text):
        if not lines:
            raise EOFError
        return lines.pop(0)

    assert review(ask=ask, say=said.append, **options) == 0
    return "\n".join(said)


def test_nothing_due_is_said():
    assert asked() == "No prediction waits to come back."
    progress.predicted("03-a", "no")
    assert asked() == "The next one comes back in 3 days."
    assert "Faster?" in asked("", everything=True)


def test_a_right_answer_gets_its_reason_and_comes_back_later():
    progress.predicted("03-a", "no", now=0.0)
    text = asked("2")
    assert "1  no" in text and "✓ Right. It is." in text and "1 of 1 right. The next one comes back in 7 days." in text
    assert asked() == "The next one comes back in 7 days."


def test_a_wrong_answer_gets_both_reasons_and_begins_again():
    progress.predicted("03-a", "no", now=0.0)
    text = asked("1")
    assert "✗ Not quite. It tempts." in text and "Right is: yes. It is." in text and "comes back in 3 days" in text


def test_nonsense_is_asked_again_an_empty_line_leaves_it_and_the_end_of_input_ends():
    progress.predicted("03-a", "no", now=0.0)
    text = asked("0", "three", "")
    assert "'three' is no number from 1 to 2" in text and "still due" in text
    assert "waits for the next time" in asked()
    assert [one.id for one in progress.due()] == ["03-a"]
