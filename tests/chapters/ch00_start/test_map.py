"""The learner's map: links lead to chapters, and it follows what is done elsewhere without its cell being run again."""

import asyncio

import pytest

from course_lib import progress
from course_lib.chapters.ch00_start import widgets
from course_lib.chapters.ch00_start.widgets import progress_strip


class Handle:
    """What ``display(..., display_id=True)`` gives."""

    def __init__(self):
        self.shown = []

    def update(self, data, raw):
        self.shown.append(data)


@pytest.fixture
def handle(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(widgets, "SECONDS", 0.02)
    made = Handle()

    def display(data, raw, display_id):
        made.shown.append(data)
        return made

    monkeypatch.setattr("IPython.display.display", display)
    return made


def test_it_follows_the_file_and_is_not_drawn_again_while_nothing_happens(handle):
    async def watch():
        progress_strip()._ipython_display_()
        await asyncio.sleep(0.1)
        before = len(handle.shown)
        progress.record("quiz", "03-q1", True)
        await asyncio.sleep(0.3)
        return before, len(handle.shown)

    before, after = asyncio.run(watch())
    assert before == 1 and after == 2
    first, last = (data["text/html"] for data in handle.shown)
    assert 'value="1"' not in first and 'value="1"' in last


def test_without_a_loop_it_is_shown_once(handle):
    progress_strip()._ipython_display_()
    (data,) = handle.shown
    assert "Continue here" in data["text/html"] and "run this cell" in data["text/plain"]


def test_what_a_notebook_stores_names_no_place_of_this_machine(handle):
    assert str(progress.path().parent) not in progress_strip()._repr_html_()
