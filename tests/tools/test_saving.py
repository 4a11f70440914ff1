"""What is written to disk when a notebook with live figures is saved."""

import base64
import copy

from course_lib.tools.saving import STATE, VIEW, as_seen

VIEW_OF = {"version_major": 2, "version_minor": 0, "model_id": "one"}
PICTURE = base64.b64encode(b"the last picture").decode()


def notebook(data, state=True, metadata=None):
    saved = {"state": {"caption": "It ends at 3 < 4."}, "buffers": [{"path": ["picture"], "data": PICTURE}]}
    output = {"output_type": "display_data", "data": {VIEW: VIEW_OF, **data}, "metadata": metadata or {}}
    widgets = {"widgets": {STATE: {"state": {"one": saved} if state else {}}}}
    cells = [{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "source": "", "outputs": [output]}]
    return {"type": "notebook", "content": {"nbformat": 4, "metadata": widgets, "cells": cells}}


def saved(model):
    as_seen(model=model, path="a.ipynb", contents_manager=None)
    return model["content"]["metadata"], model["content"]["cells"][1]["outputs"]


def test_the_picture_that_was_seen_last_and_its_caption_take_the_place_of_the_view():
    about = {"image/png": {"alt": "It began at 1.", "width": 9}}
    metadata, (picture, caption) = saved(notebook({"image/png": "first", "text/plain": "Figure()"}, metadata=about))
    assert picture["data"] == {"image/png": PICTURE, "text/plain": "Figure()"}
    assert picture["metadata"]["image/png"] == {"alt": "It ends at 3 < 4.", "width": 9}
    assert caption["data"]["text/plain"] == "It ends at 3 < 4."
    assert caption["data"]["text/html"].endswith(">It ends at 3 &lt; 4.</p>")
    assert metadata == {}


def test_without_a_state_the_first_picture_stays_with_its_own_caption():
    about = {"image/png": {"alt": "It began at 1."}}
    _, (picture, caption) = saved(notebook({"image/png": "first"}, state=False, metadata=about))
    assert picture["data"] == {"image/png": "first"} and caption["data"]["text/plain"] == "It began at 1."


def test_a_question_keeps_its_text():
    _, outputs = saved(notebook({"text/html": "<p>Which?</p>", "text/plain": "Which?"}))
    assert [output["data"] for output in outputs] == [{"text/html": "<p>Which?</p>", "text/plain": "Which?"}]


def test_a_widget_that_has_nothing_else_to_show_is_left_alone():
    model = notebook({"text/plain": "IntSlider()"})
    before = copy.deepcopy(model)
    saved(model)
    assert model == before


def test_to_save_again_changes_nothing_more():
    model = notebook({"image/png": "first"}, metadata={"image/png": {"alt": "It began at 1."}})
    saved(model)
    once = copy.deepcopy(model)
    saved(model)
    assert model == once


def test_what_is_no_notebook_passes():
    for model in ({"type": "file", "content": "text"}, {"type": "notebook", "content": None}, {"type": "directory"}):
        before = copy.deepcopy(model)
        as_seen(model=model)
        assert model == before
