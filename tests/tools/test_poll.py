"""A poll as a class meets it: a server of its own, phones that answer, dawdle, or send nonsense."""

import asyncio
import re
import signal
import socket
import statistics
import threading
import time

import psutil
import pytest

pytest.importorskip("starlette", reason="the poll is not installed: python course.py install --with poll")
from course_lib.tools import poll
from course_lib.tools.poll.pages import code_of
from course_lib.tools.poll.serve import PATIENCE, listening, predictions
from course_lib.tools.poll.tally import PHONES, Phones, Refused, Tally
from course_lib.tools.slides.asked import Asked
from tests.tools.held_poll import running, short_chapter
from tests.tools.prepared_course import ROOT

CLASS = 300


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return short_chapter(tmp_path_factory.mktemp("poll"))


@pytest.fixture(scope="module")
def started(notebook):
    with running(notebook) as made:
        yield made


@pytest.fixture
def held(started):
    """The poll, at its first question, with nothing counted."""
    started.press("back")
    started.press("again")
    return started


# --- What is counted ------------------------------------------------------------------------------------


def test_the_predictions_of_a_chapter_with_options_are_asked_in_its_order(notebook):
    assert [question.text for question in predictions(notebook)] == ["Which of <two> & three?", "How many?"]
    assert len(predictions(ROOT / "notebooks" / "03_momentum.ipynb")) >= 3
    with pytest.raises(ValueError, match="no prediction with options"):
        Tally([])


def test_a_second_answer_replaces_the_first_and_who_chose_what_is_forgotten():
    tally = Tally([Asked("Which?", ("a", "b"), "a", {}), Asked("More?", ("c", "d"), "", {})])
    tally.choose("x", 0, 0)
    tally.choose("x", 0, 1)
    tally.choose("y", 0, 1)
    assert tally.counts() == [0, 2] and tally.chosen_by("x") == 1
    tally.tell()
    assert tally.counts() == [0, 2] and tally.chosen_by("x") is None and tally._chosen == {}
    for place in (0, 1):  # closed; not asked yet
        with pytest.raises(Refused, match="closed"):
            tally.choose("x", place, 0)
    tally.ask(1)
    assert tally.counts() == [0, 0] and tally.counts(0) == [0, 2]
    tally.ask(0)
    assert tally.counts() == [0, 0]


def test_no_more_phones_are_kept_than_there_is_room_for():
    tally = Tally([Asked("Which?", ("a", "b"), "", {})])
    for number in range(PHONES):
        tally.choose(str(number), 0, 0)
    with pytest.raises(Refused, match="no room"):
        tally.choose("one more", 0, 0)
    tally.choose("0", 0, 1)
    assert tally.counts() == [PHONES - 1, 1]


def test_a_cookie_of_somebody_else_is_none():
    ours, others = Phones(), Phones()
    assert ours.name(ours.new()) and ours.new() != ours.new()
    assert [ours.name(cookie) for cookie in (others.new(), "", ".", "a.b", "ü.ü", ours.new()[:-1])] == [""] * 6


# --- A lecture ------------------------------------------------------------------------------------------


def test_a_phone_answers_changes_its_mind_and_sees_what_comes_next(held):
    cookie = held.phone()
    status, _, asked = held.ask(cookie=cookie)
    assert status == 200 and "Which of &lt;two&gt; &amp; three?" in asked and "<script" not in asked
    assert held.answer(cookie, 1)[0] == 303
    assert "Written down: <strong>that</strong>" in held.ask(cookie=cookie)[2]
    assert 'value="1" required checked' in held.ask(path="/?change", cookie=cookie)[2]
    held.answer(cookie, 0)
    held.answer(held.phone(), 2)
    assert held.counts() == [1, 0, 1]
    held.press("tell")
    assert "Right is: <strong>this</strong>" in held.ask(cookie=cookie)[2]
    assert '<li class="right">' in held.ask(path=held.path)[2]
    held.press("next")
    assert "How many?" in held.ask(cookie=cookie)[2] and held.counts() == [0, 0]
    status, _, said = held.answer(cookie, 0, question=0)
    assert status == 400 and "That question is closed." in said and "How many?" in said


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"question": 0, "option": 7}, "There is no such option."),
        ({"question": 0, "option": -1}, "Choose one of the options."),
        ({"question": 0, "option": "x"}, "Choose one of the options."),
        ({"question": 0}, "Choose one of the options."),
        ({"question": "0" * 9, "option": 0}, "Choose one of the options."),
        ("option=0&option=1&question=0", "Choose one of the options."),
        ("a=1&" * 20, "That is no answer."),
        (b"\xff\x00", "That is no answer."),
        ("x" * 100_000, "That is longer than any answer."),
    ],
)
def test_nonsense_is_refused_in_one_sentence(held, body, says):
    status, _, page = held.ask("POST", body=body, cookie=held.phone())
    assert status == 400 and re.findall(r'role="alert">(.*?)<', page) == [says]
    assert sum(held.counts()) == 0


def test_without_a_cookie_of_this_poll_nothing_counts(held):
    for cookie in ("", "phone=forged.0123", f"phone={Phones().new()}"):
        assert "no cookie of this poll" in held.answer(cookie, 0)[2]
    assert sum(held.counts()) == 0


def test_nobody_else_finds_the_lecturers_page(held):
    for path in ("/lecturer", "/lecturer/", "/lecturer/x/counts", f"{held.path}x", "/../etc/passwd", "/docs"):
        status, _, said = held.ask(path=path)
        assert status in (404, 307) and "Traceback" not in said
    assert held.ask("PUT")[0] == 405 and held.ask("POST", held.path, {"do": "everything"})[0] == 400


def test_a_page_asks_nobody_else_for_anything(held):
    for page in (held.ask()[2], held.ask(path=held.path)[2]):
        assert not re.findall(r'(?:src|href|action)="(?!/)', page) and "url(" not in page


# --- Three hundred phones, and those that never end ------------------------------------------------------


async def _request(port, text):
    """``(seconds, answer)`` of one request on a connection of its own."""
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    answer = await reader.read()
    writer.close()
    return time.perf_counter() - begun, answer.decode()


async def _student(port, number, seconds, question):
    """Open the page and answer it at some time of so many seconds; returns how long the answer took."""
    await asyncio.sleep(seconds * number / CLASS)
    host = "Host: x\r\nConnection: close\r\n"
    _, page = await _request(port, f"GET / HTTP/1.1\r\n{host}\r\n")
    cookie = re.search(r"set-cookie: ([^;]+)", page)[1]
    body = f"question={question}&option={number % 3 % 2 if question else number % 3}"
    head = f"POST / HTTP/1.1\r\n{host}Cookie: {cookie}\r\nContent-Length: {len(body)}\r\n\r\n"
    took, answer = await _request(port, head + body)
    assert answer.startswith("HTTP/1.1 303")
    return took


def a_class_answers(port, seconds=4.0, question=0):
    async def everyone():
        return await asyncio.gather(*(_student(port, number, seconds, question) for number in range(CLASS)))

    return asyncio.run(everyone())


def test_three_hundred_phones_are_answered_at_once_none_is_lost_and_memory_stays_flat(held):
    took = a_class_answers(held.port)
    assert held.counts() == [CLASS // 3] * 3
    assert statistics.median(took) < 0.05
    used = psutil.Process(held.process.pid).memory_info().rss
    for _ in range(3):
        held.press("again")
        a_class_answers(held.port, seconds=0)  # all in the same moment
        assert held.counts() == [CLASS // 3] * 3
    assert psutil.Process(held.process.pid).memory_info().rss - used < 4e6


def dawdle(port, begin):
    """A connection that begins a request and never ends it."""
    made = socket.create_connection(("127.0.0.1", port))
    made.sendall(begin)
    return made


def test_who_never_ends_a_request_delays_nobody_and_is_cut_off(held):
    begins = (
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\nopt",
    )
    waiting = [dawdle(held.port, begins[number % 4]) for number in range(100)]
    took = a_class_answers(held.port, seconds=3)
    assert held.counts() == [CLASS // 3] * 3 and statistics.median(took) < 0.05
    until = time.monotonic() + PATIENCE + 5
    for one in waiting:
        one.settimeout(max(until - time.monotonic(), 0.1))
        while one.recv(4096):  # until the server closes
            pass
        one.close()
    assert held.counts() == [CLASS // 3] * 3


# --- Beginning and end ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("0.0.0.0", "stands for all addresses"),
        ("::", "stands for all addresses"),
        ("my-laptop", "takes the number of an address"),
        ("192.0.2.77", "has no address 192.0.2.77"),
    ],
)
def test_it_is_bound_to_one_address_of_this_machine(address, says):
    with pytest.raises(ValueError, match=says):
        listening(address, 8700)


def test_unless_said_otherwise_only_this_machine_reaches_it(started):
    connections = psutil.Process(started.process.pid).net_connections()
    assert {one.laddr.ip for one in connections if one.status == "LISTEN"} == {"127.0.0.1"}


def test_a_port_that_is_taken_is_left_to_its_owner():
    with listening("127.0.0.1", 8800) as one:
        one.listen()
        with listening("127.0.0.1", one.getsockname()[1]) as two:
            assert two.getsockname()[1] > one.getsockname()[1]


def test_ctrl_c_ends_it_and_the_counts_are_said(notebook):
    with running(notebook) as made:
        made.answer(made.phone(), 2)
        made.process.send_signal(signal.SIGINT)
        said, errors = made.process.communicate(timeout=20)
        assert made.process.returncode == 0 and errors == ""
    assert said.endswith("Which of <two> & three? this: 0, that: 0, none: 1.\n")


def test_it_ends_by_itself_after_its_minutes(notebook):
    said = []
    begun = time.monotonic()
    poll.hold(notebook, minutes=0.02, open_browser=False, say=said.append)
    assert 1 < time.monotonic() - begun < 20 and said[-1] == "Ctrl-C ends it."
    assert threading.active_count() < 10


def test_the_code_is_that_of_the_address():
    assert code_of("http://192.168.1.5:8700/").startswith("<svg") and "http" not in code_of("http://192.168.1.5:8700/")
    assert code_of("http://192.168.1.5:8700/") != code_of("http://192.168.1.6:8700/")
