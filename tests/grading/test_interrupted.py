"""A process of ours that something else ends is nobody's answer: marks are those of a run that was left alone."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.checks.calls import GraderError
from course_lib.grading import forks, marking
from course_lib.grading.batch import grade_folder
from course_lib.grading.confinement import at_level, best_level
from course_lib.grading.forks import Zygote
from course_lib.grading.marking import mark_file
from course_lib.grading.process import Interrupted, SetAside
from course_lib.grading.session import Session
from tests.grading.handed_in import (
    AHEAD,
    FULL,
    GLIDE,
    QUICK,
    RIGHT,
    SEED,
    SETUP,
    TOY,
    WRONG_GLIDE,
    handed,
    notebook,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and process tables are those of Linux")
WRONG = (SETUP, WRONG_GLIDE, AHEAD)


def below(pid):
    """The processes that one has started, in whichever of its threads."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in path.read_text().split()]
    return found


def family(pid, depth=1):
    """All processes below one, from ``depth`` steps on."""
    children = below(pid)
    return (children if depth <= 1 else []) + [other for child in children for other in family(child, depth - 1)]


@contextmanager
def killer(seconds, depth, seed=0):
    """Meanwhile random processes below this one are killed, about one in ``seconds``. Gives a list of what was hit."""
    rng, stop, hit = random.Random(seed), threading.Event(), []

    def work():
        while not stop.wait(rng.uniform(0.2, 1.8) * seconds):
            if targets := family(os.getpid(), depth):
                with suppress(ProcessLookupError):
                    os.kill(pid := rng.choice(targets), rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
                    hit.append(pid)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield hit
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def class_of_12(tmp_path_factory):
    """The folder of 12 submissions, what grading it writes when nothing is killed, and the seconds that it takes."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    for i in range(12):
        cells = WRONG if i % 6 == 5 else RIGHT
        (folder / "in" / f"student{i:02}.ipynb").write_bytes(notebook(*cells))
    began = time.monotonic()
    undisturbed = results(folder / "in", folder / "out")
    return folder / "in", undisturbed, time.monotonic() - began


def results(submissions, out, **more):
    summary = grade_folder(submissions, out, seed=SEED, assignment="90", **more)
    assert not summary.failed
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and not path.name.startswith("grades.sqlite")]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


@pytest.mark.parametrize(("whom", "workers"), [("children", 1), ("anything", 1), ("anything", 2)])
def test_marks_are_the_same_to_the_byte_when_processes_are_killed_at_random(
    class_of_12, tmp_path, zygote, workers, whom
):
    """Children about as often as a submission takes, other processes about as often as they need to start."""
    submissions, undisturbed, seconds = class_of_12
    began = time.monotonic()
    at_level(zygote.level).close()
    start = time.monotonic() - began
    deep = {"full": 3, "landlock": 2}[zygote.level] + (workers > 1)
    pace, depth = (2 * seconds / 12, deep) if whom == "children" else (2 * start, 1)
    hit, tries = [], 0
    while len(hit) < 3 and (tries := tries + 1) < 6:  # a run can be over before much was hit
        with killer(pace, depth, seed=tries) as some:
            disturbed = results(submissions, tmp_path / f"out{tries}", workers=workers)
        hit += some
        assert disturbed == undisturbed
    assert len(hit) >= 3


def killing(zygote, when):
    """A zygote whose children are killed from outside when ``when(number of the child)`` is true."""
    forked, count = zygote.fork, iter(range(1000))

    def fork():
        child, number = forked(), next(count)
        take = child.receive

        def receive(until, most=0):
            if when(number):
                os.kill(child.process.number, signal.SIGKILL)
            return take(until, most)

        child.receive = receive
        return child

    zygote.fork = fork
    return zygote


@pytest.fixture
def own_zygote(zygote):
    with at_level(zygote.level, {module for exercise in TOY for module in exercise.forbidden}) as own:
        yield own


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
def test_a_signal_from_outside_is_an_interruption(own_zygote, number):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("a shell started this in the background, where nobody's keyboard ends anything")
    with Session(own_zygote, [("cell 1", "def f():\n    while True: pass")], ["f"]) as session:
        threading.Timer(0.3, os.kill, (session.child.process.number, number)).start()
        with pytest.raises(Interrupted, match=f"signal {int(number)}"):
            session.function("f")()


def test_a_keyboard_s_signal_does_nothing(own_zygote):
    with Session(own_zygote, [("cell 1", "def f(): return sum(range(2 * 10**7))")], ["f"]) as session:
        threading.Timer(0.3, os.kill, (session.child.process.number, signal.SIGINT)).start()
        assert session.function("f")() == sum(range(2 * 10**7))


def test_three_deaths_cost_nothing_and_leave_no_word(own_zygote, mark):
    row = mark_file(handed(notebook(*RIGHT)), TOY, killing(own_zygote, lambda n: n < 3), SEED, QUICK)
    assert row == mark(*RIGHT)


def test_what_dies_every_time_is_the_grader_s_error(own_zygote):
    with pytest.raises(GraderError, match="ended from outside"):
        mark_file(handed(notebook(*RIGHT)), TOY, killing(own_zygote, lambda n: True), SEED, QUICK)


def test_such_a_row_has_no_mark_and_the_next_run_makes_it(tmp_path, monkeypatch, zygote):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_bytes(notebook(*RIGHT))
    monkeypatch.setattr(forks.Zygote, "fork", lambda self: (_ for _ in ()).throw(Interrupted("ended from outside")))
    summary = grade_folder(tmp_path / "in", tmp_path / "out", assignment="90")
    assert [row["status"] for row in summary.rows] == ["grader error"]
    assert "ended from outside" in summary.rows[0]["sentence"]
    monkeypatch.undo()
    summary = grade_folder(tmp_path / "in", tmp_path / "out", assignment="90")
    assert [(row["status"], row["points"]) for row in summary.rows] == [("graded", FULL)]


OWN_DEATHS = {
    "a crash": "import ctypes; ctypes.string_at(0)",
    "a system call of another machine": (
        "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7); m.write(b'\\xb8\\x01\\0\\0\\0\\xcd\\x80\\xc3')\n"
        "ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"
    ),
    "an alarm": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\nwhile True: pass",
    "an abort": "import os; os.abort()",
    "an end": "import os; os._exit(137)",
    "a low limit": "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
    "a low limit by hand": (
        "import ctypes, struct\nlow = struct.pack('QQ', 1, 1)\nctypes.CDLL(None).syscall(302, 0, 0, low, None)\n"
        "while True: pass"
    ),
    "all memory": "hold = []\nwhile True: hold.append(bytearray(10**7))",
    "a signal to itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "a raised signal": "import ctypes; ctypes.CDLL(None).raise_(9) if 0 else ctypes.CDLL(None)['raise'](9); 1 / 0",
    "the end of its parent's interest": "import os; os.close(3)\nwhile True: pass",
}


@pytest.mark.parametrize("name", OWN_DEATHS)
def test_what_an_answer_does_to_itself_is_its_own_and_no_error_of_the_grader(mark, name):
    body = OWN_DEATHS[name].replace("\n", "\n    ")
    cells = (SETUP, GLIDE, f"def ahead_step(*given):\n    {body}\n    return 0, 0")
    row = mark(*cells)
    assert row["status"] == "graded" and [e["points"] for e in row["exercises"][:2]] == [TOY[0].points, 0]


def test_a_zygote_that_is_killed_starts_again_at_its_level(zygote):
    with at_level(zygote.level) as own:
        for _ in range(3):
            os.kill(own.program.pid, signal.SIGKILL)
            own.fork().end()
        assert own.level == zygote.level


def test_a_zygote_that_dies_while_it_starts_says_nothing_about_the_level(zygote, monkeypatch):
    started = []

    def start(*args, _start=forks.start_program, **more):
        program = _start(*args, **more)
        started.append(program)
        if len(started) <= 3:
            program.kill()
        return program

    monkeypatch.setattr(forks, "start_program", start)
    own, reasons = best_level()
    with own:
        assert own.level == zygote.level and len(started) > 3
        assert not [reason for reason in reasons if "ended" in reason]


def test_a_level_that_is_lost_is_an_error_and_no_lower_level(zygote, monkeypatch, tmp_path):
    """What worked at the start of a run and then does not: nobody is marked at another level than the others."""
    (tmp_path / "in").mkdir()
    for name in ("ann", "ben"):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(notebook(*RIGHT))
    marked = marking.mark_submission

    def loses_its_level(submission, exercises, zygote, *rest):
        zygote.close()
        monkeypatch.setattr(Zygote, "_start", lambda self: (_ for _ in ()).throw(GraderError("level is not to be had")))
        return marked(submission, exercises, zygote, *rest)

    monkeypatch.setattr(marking, "mark_submission", loses_its_level)
    summary = grade_folder(tmp_path / "in", tmp_path / "out", assignment="90")
    assert {row["status"] for row in summary.rows} == {"grader error"}
    assert {row["level"] for row in summary.rows} == {zygote.level}
    assert "not to be had" in summary.rows[0]["sentence"]


def test_a_worker_that_cannot_have_the_level_says_so(zygote, monkeypatch):
    from course_lib.grading import spread
    from course_lib.grading.intake import File, Submission
    from course_lib.grading.process import Limits

    plan = spread.plan_of(TOY, SEED, Limits(), "full", "/nowhere")
    monkeypatch.setattr(spread, "at_level", lambda **_: (_ for _ in ()).throw(GraderError("level 'full' is not here")))
    submission = Submission("ann", [File("ann.ipynb", lambda *_: handed(notebook(*RIGHT)))])
    row = spread.mark(plan, spread.packed(submission))
    assert (row["status"], row["level"]) == ("grader error", "full") and "not here" in row["sentence"]


def test_marks_that_are_there_are_not_joined_by_others_of_a_lower_level(tmp_path, zygote, monkeypatch):
    from course_lib.grading import plan
    from course_lib.grading.plan import NotGraded

    if zygote.level != "full":
        pytest.skip("there is a lower level only below the highest")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_bytes(notebook(*RIGHT))
    assert grade_folder(tmp_path / "in", tmp_path / "out", assignment="90").level == "full"
    assert json.loads((tmp_path / "out" / "run.json").read_text())["level"] == "full"
    monkeypatch.setattr(plan, "best_level", lambda **more: best_level(**more, levels=("landlock",)))
    (tmp_path / "in" / "ben.ipynb").write_bytes(notebook(*RIGHT))
    with pytest.raises(NotGraded, match="at level 'full', which is not to be had now"):
        grade_folder(tmp_path / "in", tmp_path / "out", assignment="90")


# --- Slow ones -------------------------------------------------------------------------------------------


NAP = "select.select([], [], [], {})"  # time.sleep returns at once
SLEEPER = (
    f"import select\nwhile True:\n    {NAP.format(0.4)}\n    sum(range(10**5))"  # to no end, however slow all else is
)


def slow_ones(seconds):
    """The cells of slow notebooks; each keeps others waiting for longer than ``seconds``."""
    sleeping = f"    import select; {NAP.format(0.7 * seconds)}\n    return"
    return [
        (SETUP, SLEEPER, *RIGHT[1:]),
        tuple(cell.replace("    return", sleeping, 1) for cell in RIGHT),
        (SETUP, GLIDE, "while True: pass"),
        (SETUP, GLIDE.replace("    return", "    while True: pass\n    return")),
    ]


@pytest.fixture(scope="module")
def slow_class(tmp_path_factory, zygote):
    """A folder with slow and right ones, what to mark it with, and its rows where nobody is set aside."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "in").mkdir()
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        mark_file(handed(notebook(*RIGHT)), TOY, zygote, SEED, QUICK)
        seconds.append(time.monotonic() - began)
    aside = max(0.4, 4 * sorted(seconds)[1])  # on a busy computer right ones take long, too
    for i, cells in enumerate([*slow_ones(aside), RIGHT, RIGHT, RIGHT]):
        (folder / "in" / f"{i}.ipynb").write_bytes(notebook(*cells))
    times = {"statement_seconds": 1.5, "cell_seconds": 2, "call_seconds": 1.2, "idle_seconds": 1.5}
    times |= {"waiting_seconds": 2, "total_seconds": 6}  # far from each other: which of them ends one is no chance
    limits = replace(QUICK, **{name: aside * seconds for name, seconds in times.items()}, aside_seconds=aside)
    more = {"limits": limits, "assignment": "90", "seed": SEED}
    patient = {**more, "limits": replace(limits, aside_seconds=1000)}
    return folder / "in", more, grade_folder(folder / "in", folder / "out", **patient).rows


@pytest.mark.parametrize("workers", [1, 2])
def test_others_are_marked_before_one_that_takes_long(slow_class, tmp_path, workers):
    folder, more, rows = slow_class
    order = []
    summary = grade_folder(folder, tmp_path, workers=workers, progress=lambda *now: order.append(now[2]), **more)
    assert not summary.failed and len(summary.rows) == 7
    assert set(order[:3]) == {"4", "5", "6"}
    assert [row["points"] for row in summary.rows][4:] == [FULL] * 3
    assert summary.rows == rows


def test_sleeping_has_an_end_for_the_notebook_as_a_whole(mark):
    cells = [f"import select; {NAP.format(0.6)}"] * 30
    limits = replace(QUICK, total_seconds=20, waiting_seconds=0.9)
    began = time.monotonic()
    row = mark(SETUP, GLIDE, *cells, limits=limits)
    assert row["status"] == "graded" and time.monotonic() - began < 2 * 0.9 + 10


def test_what_waits_for_a_processor_does_not_idle(own_zygote):
    """On a computer that is busy with other things a notebook is slow, but it does not sleep."""
    burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3 * (os.cpu_count() or 1))]
    try:
        work = "def f():\n    n = 0\n    for i in range(8_000_000): n += i\n    return n"
        limits = replace(QUICK, call_seconds=20, idle_seconds=0.7)
        with Session(own_zygote, [("cell 1", work)], ["f"], limits) as session:
            assert session.function("f")() == sum(range(8_000_000))
            assert session.child.idle() < 0.7
    finally:
        for program in burning:
            program.kill()
            program.wait()


def test_time_that_is_asked_of_the_grader_is_the_answer_s(own_zygote):
    def slow(x):
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        return x

    with Session(own_zygote, [("cell 1", "def f(ask):\n    while True: ask(1.0)")], ["f"], QUICK) as session:
        with pytest.raises(Exception, match="took too long"):
            session.function("f")(slow)
        assert session.used > 0.5


def test_a_moment_that_is_past_sets_aside_and_ends_the_child(own_zygote):
    session = Session(own_zygote, [("cell 1", "def f(): return 1")], ["f"], QUICK, aside=time.monotonic() - 1)
    with pytest.raises(SetAside):
        session.function("f")()
    assert session.child is None
