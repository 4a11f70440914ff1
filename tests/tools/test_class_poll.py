"""The bars beside the figure: what a notebook's kernel sees of a poll, what slides may read, and who else may not."""

import http.client
import os
import stat
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

pytest.importorskip("starlette", reason="the poll is not installed: python course.py install --with poll")
from course_lib.tools import poll
from course_lib.widgets import class_poll, predict
from tests.tools.held_poll import running, short_chapter

OPTIONS = {"this": "It is.", "that": "It tempts.", "none": "No."}


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    return short_chapter(tmp_path)


@pytest.fixture
def asked(monkeypatch):
    """The first prediction, shown; ``asked.told`` are the messages that its front end got."""
    monkeypatch.setattr(class_poll, "_shown", {})
    monkeypatch.setattr(class_poll, "_told", {})
    monkeypatch.setattr(class_poll, "_threads", [threading.current_thread()])  # nobody looks but the test
    question = predict("03-a", "Which?", OPTIONS, right="this")
    question.told = []
    question.send = question.told.append
    class_poll.follow(question)
    return question


def standing_now(asked):
    class_poll.tell(class_poll.look())
    return asked.told[-1]["poll"]


def test_the_kernel_follows_a_poll_and_what_is_pressed_beside_the_figure_is_done(notebook, asked):
    assert class_poll.look() is None
    class_poll.tell(None)
    assert asked.told == []  # where no poll is held, nothing is said
    with running(notebook) as held:
        assert standing_now(asked)["state"] == "open"
        held.answer(held.phone(), 1)
        assert standing_now(asked)["counts"] == [0, 1, 0] and standing_now(asked)["right"] is None
        class_poll.press("03-b", "tell")  # is not asked: what is asked stays open
        assert standing_now(asked)["state"] == "open"
        asked._poll(asked, {"poll": "tell"}, [])
        stands = standing_now(asked)
        assert (stands["state"], stands["counts"], stands["right"]) == ("closed", [0, 1, 0], 0)
        class_poll.press("03-b", "ask")
        assert standing_now(asked) == stands and held.counts() == [0, 0]
        asked._poll(asked, {"poll": "ask"}, [])
        assert (standing_now(asked)["state"], standing_now(asked)["counts"]) == ("open", [0, 0, 0])
        before = len(asked.told)
        class_poll.tell(class_poll.look())
        assert len(asked.told) == before  # what did not change is not sent
    assert standing_now(asked) is None  # killed: its file is still there, and nobody answers


def test_nothing_of_a_poll_is_in_what_a_notebook_saves(notebook, asked):
    before = asked.get_state(), asked._repr_mimebundle_()
    with running(notebook) as held:
        held.answer(held.phone(), 1)
        assert standing_now(asked)["counts"] == [0, 1, 0]
        assert (asked.get_state(), asked._repr_mimebundle_()) == before


def test_its_address_is_for_its_owner_alone_and_goes_with_it(notebook):
    with class_poll.announced("http://127.0.0.1:1/lecturer/x"):
        assert os.name == "nt" or stat.S_IMODE(class_poll.file().stat().st_mode) == 0o600
        with class_poll.announced("http://127.0.0.1:2/lecturer/y"):  # a second one, begun later
            pass
        assert not class_poll.file().exists()
    with class_poll.announced("http://127.0.0.1:1/lecturer/x"):
        class_poll.file().write_text("another's")
    assert class_poll.file().read_text() == "another's"
    poll.hold(notebook, minutes=0.01, open_browser=False, say=lambda text: None)
    assert not class_poll.file().exists() and not list(notebook.parent.glob("poll*.json"))


@contextmanager
def answering(text):
    """A server that answers everything with ``text``; gives its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/lecturer/x"
        server.shutdown()


QUESTION = b'{"phones": "p", "code": "c", "questions": [{"id": "03-a", "state": "%s", "counts": %s, "right": %s}]}'


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        (QUESTION % (b"open", b"[1, 2, 3]", b"null"), True),
        (QUESTION % (b"open", b"[1, 2]", b"null"), False),  # of another version of the chapter
        (QUESTION % (b"<b>", b"[1, 2, 3]", b"null"), False),
        (QUESTION % (b"closed", b"[1, 2, 3]", b"7"), False),
        (QUESTION % (b"open", b'["x", 2, 3]', b"null"), False),
        (b"[]", False),
        (b"null", False),
        (b"<html>", False),
        (b"", False),
        (b"x" * 200_000, False),
    ],
)
def test_who_has_the_port_of_a_poll_that_ended_is_not_believed(notebook, asked, text, believed):
    with answering(text) as address, class_poll.announced(address):
        class_poll.tell(class_poll.look())
        assert bool(asked.told) == believed


@pytest.mark.parametrize("left", ["", "[]", "{}", '{"address": 3}', '{"address": "file:///etc/passwd"}', "\x00"])
def test_a_file_that_is_none_of_a_poll_is_none(notebook, left):
    class_poll.file().write_text(left)
    assert class_poll.look() is None


def test_a_kernel_looks_by_itself_and_has_one_thread_for_all_its_predictions(notebook, asked):
    class_poll._threads.clear()
    other = predict("03-b", "How many?", ["one", "two"])
    for question in (asked, other, asked):
        class_poll.follow(question)
    (thread,) = class_poll._threads
    assert thread.daemon and sum(one.name == thread.name for one in threading.enumerate()) == 1
    with running(notebook):
        until = time.monotonic() + 20
        while not asked.told and time.monotonic() < until:
            time.sleep(0.1)
        assert asked.told[0]["poll"]["state"] == "open"


def test_slides_are_shown_below_the_lecturers_address_and_no_other_page_may_read_the_counts(notebook, tmp_path):
    (tmp_path / "03_short.html").write_text("<h1>Slides</h1>")
    with running(notebook, "--slides", tmp_path) as held:
        assert held.ask(path=f"{held.path}/slides")[2] == "<h1>Slides</h1>"
        assert held.ask(path="/slides")[0] == held.ask(path="/lecturer/x/slides")[0] == 404
        for origin in ("null", "http://evil.example", f"http://127.0.0.1:{held.port}"):
            connection = http.client.HTTPConnection("127.0.0.1", held.port, timeout=30)
            connection.request("GET", f"{held.path}/counts", headers={"Origin": origin})
            answer = connection.getresponse()
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
            connection.close()
        for do in (
            {"do": "ask", "question": 9},
            {"do": "ask"},
            {"do": "ask", "question": "x"},
            {"do": "tell", "question": 1},
        ):
            assert held.ask("POST", held.path, do)[0] == 400
    with pytest.raises(ValueError, match=r"slides 03 -o .* writes them"):
        poll.hold(notebook, slides=tmp_path / "nowhere")
