"""Work in the background: progress, stop, one run at a time, results kept by their settings; no browser needed."""

import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import traitlets

from course_lib.figures.style import new_figure
from course_lib.widgets import background
from course_lib.widgets.background import BackgroundFigure, BackgroundRun
from course_lib.widgets.controls import Menu, Progress, Slider
from course_lib.widgets.stage import LOCK


class Counting(BackgroundFigure):
    last = traitlets.Int(3).tag(sync=True)
    colour = traitlets.Unicode("red").tag(sync=True)
    started = ()

    def controls(self):
        colours = (("red", "Red"), ("blue", "Blue"))
        return Slider("last", "Last", (1, 2, 3, 500)), Menu("colour", "Colour", colours), Progress(label="Counting")

    def settings(self):
        return (self.last,)

    def check(self):
        if self.last < 0:
            raise ValueError(f"Last must not be negative, but it is {self.last}.")

    def work(self, settings, report, stopped):
        (last,) = settings
        Counting.started += (last,)
        if last == 2:
            raise RuntimeError("two is not counted")
        for n in range(1, last + 1):
            time.sleep(0.002)
            report(n, n / last)
        return -last

    def build(self):
        figure, axes = new_figure(3, 2)
        (self.line,) = axes.plot([], [])
        return figure, [self.line]

    def update(self):
        self.line.set(color=self.colour, xdata=[0, self.progress], ydata=[0, 1])
        return f"{self.payload} in {self.colour}"


class Other(Counting):
    may_end = threading.Event()

    def work(self, settings, report, stopped):
        self.may_end.wait(10)
        return 7


def fresh(**values):
    Counting.started = ()
    Counting._kept.clear()
    return Counting(**values)


def test_the_figure_is_there_at_once_and_the_result_comes_by_itself():
    figure = fresh(last=20)
    assert figure.running and figure.caption.endswith(" in red")  # on a busy computer with a first report
    before = figure.png()
    assert figure.join(10)
    assert (figure.payload, figure.progress, figure.running) == (-20, 1.0, False)
    assert figure.caption == "-20 in red"
    assert figure.png() != before


def test_a_result_is_kept_by_its_settings_and_shared_between_figures():
    figure = fresh()
    figure.join(10)
    figure.last = 1
    figure.join(10)
    figure.last = 3
    assert (figure.payload, figure.running, Counting.started) == (-3, False, (3, 1))
    assert Counting(last=1).caption == "-1 in red"
    assert Counting.started == (3, 1)


def test_other_work_has_results_of_its_own():
    figure = fresh()
    figure.join(10)
    other = Other(last=3)
    assert other.payload is None
    Other.may_end.set()
    other.join(10)
    assert (other.payload, Counting(last=3).payload) == (7, -3)


def test_only_so_many_results_are_kept(monkeypatch):
    monkeypatch.setattr(background, "KEPT", 2)
    figure = fresh()
    for last in (3, 1, 4):
        figure.last = last
        figure.join(10)
    assert list(Counting._kept) == [(1,), (4,)]


def test_a_new_setting_ends_the_run_before_it():
    figure = fresh(last=500)
    until_it_counts(figure)
    old = figure._run
    figure.last = 3
    assert old.join(1)
    assert figure.join(10)
    assert (figure.payload, figure.progress) == (-3, 1.0)
    assert (500,) not in Counting._kept


def test_a_setting_that_is_only_passed_starts_nothing(monkeypatch):
    monkeypatch.setattr(background, "SETTLING", 1.0)
    figure = fresh(last=500)
    for last in (1, 3, 500, 1):
        figure.last = last
    assert figure.join(10)
    assert Counting.started == (1,)


def test_what_the_result_does_not_depend_on_draws_without_running():
    figure = fresh()
    figure.join(10)
    figure.colour = "blue"
    assert figure.caption == "-3 in blue"
    assert Counting.started == (3,)


def until_it_counts(figure):
    for _ in range(1000):
        time.sleep(0.005)
        if figure.payload:
            return


def test_stop_keeps_what_was_reported_and_run_again_begins_anew():
    figure = fresh(last=500)
    until_it_counts(figure)
    figure._message(figure, {"pressed": "progress"}, [])  # the button, while it runs
    assert figure.join(1)
    assert 0 < figure.payload < 500
    assert (figure.running, (500,) in Counting._kept) == (False, False)
    figure._message(figure, {"pressed": "progress"}, [])  # the button again
    assert (figure.running, figure.payload) == (True, None)
    until_it_counts(figure)
    figure.stop()
    assert figure.join(1)
    assert Counting.started == (500, 500)


def test_a_run_can_be_stopped_before_it_begins(monkeypatch):
    monkeypatch.setattr(background, "SETTLING", 10.0)
    figure = fresh(last=500)
    figure.stop()
    assert figure.join(1)
    assert (figure.running, figure.payload, Counting.started) == (False, None, ())


def test_an_error_is_told_in_one_sentence_and_the_figure_goes_on():
    figure = fresh(last=2)
    figure.join(10)
    assert figure.problem == "The run ended early (RuntimeError: two is not counted)."
    assert not figure.running
    figure.last = 3
    figure.join(10)
    assert (figure.problem, figure.payload) == ("", -3)


def test_a_wrong_value_does_not_disturb_the_run():
    figure = fresh(last=20)
    figure.last = -1
    assert figure.problem == "Last must not be negative, but it is -1."
    figure.join(10)
    assert (figure.last, figure.payload, Counting.started) == (20, -20, (20,))


def test_a_wrong_value_is_named_also_when_a_report_comes_between_setting_and_drawing(monkeypatch):
    figure = fresh(last=500)
    until_it_counts(figure)
    drawn = figure._changed

    def late(change):
        if change["name"] == "last":
            time.sleep(0.3)  # several reports draw before the setting's own turn
        drawn(change)

    figure.unobserve(drawn, names=["last", "colour", "progress"])
    figure.observe(late, names=["last"])
    figure.last = -1
    assert (figure.last, figure.problem) == (500, "Last must not be negative, but it is -1.")
    figure.stop()
    assert figure.join(1)


def test_setting_a_value_does_not_wait_for_the_run():
    figure = fresh(last=500)
    until_it_counts(figure)
    figure.last = 1
    assert "500" not in figure.caption  # the longer run has not come to its end
    figure.join(10)


def test_traits_may_be_set_while_a_run_reports():
    figure = fresh(last=500)
    for turn in range(60):
        figure.colour = ("blue", "red")[turn % 2]
        time.sleep(0.003)
        with LOCK:
            assert figure.caption.endswith(figure.colour)
    figure.stop()
    assert figure.join(1)
    assert Counting.started == (500,)


def test_updates_come_at_most_twenty_times_a_second_and_the_last_always_comes():
    seen = []

    def work(report, stopped):
        for n in range(2000):
            report(n, n / 2000)
            time.sleep(0.0001)

    run = BackgroundRun(work, seen.append).start()
    start = time.monotonic()
    assert run.join(20)
    assert len(seen) <= 2 + (time.monotonic() - start) * background.UPDATES_A_SECOND
    assert (seen[-1].payload, seen[-1].done, seen[-1].ended) == (1999, 1.0, "finished")


@pytest.mark.parametrize("drawing", [0.001, 0.04, 0.5])
def test_slow_drawing_at_most_doubles_the_time_of_a_run(monkeypatch, drawing):
    clock = [0.0]
    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=lambda seconds: None))

    def draw(news):
        clock[0] += drawing

    def work(report, stopped):
        for n in range(500):
            clock[0] += 0.01
            report(n, n / 500)

    assert BackgroundRun(work, draw).start().join(20)
    assert 5 < clock[0] <= 2 * 5 + 2 * drawing  # the first report and the end are drawn in any case


def test_work_without_reports_can_ask_whether_it_was_stopped():
    begun, seen = threading.Event(), []

    def work(report, stopped):
        begun.set()
        while not stopped():
            time.sleep(0.001)

    run = BackgroundRun(work, seen.append).start()
    assert begun.wait(5)
    run.stop()
    assert run.join(5)
    assert seen[-1].ended == "stopped"


def test_what_is_stored_in_a_notebook_does_not_depend_on_how_far_the_run_is():
    figure = fresh(last=20)
    early = repr(figure)
    data, _ = figure._repr_mimebundle_()
    assert repr(figure) == early == data["text/plain"] == "Counting(last=20, colour='red')"
    assert figure.progress == 1.0  # the cell waited for a run as short as this


AT_THE_END = """
import atexit, time
atexit.register(lambda: print("ended by then:", run.join(0), len(steps) < 200))
from course_lib.widgets.background import BackgroundRun
steps = []
def work(report, stopped):
    for n in range(200):
        time.sleep(0.05)
        steps.append(n)
        report(n, n / 200)
run = BackgroundRun(work, lambda news: None).start()
time.sleep(0.4)
"""


def test_a_run_that_is_under_way_when_python_ends_is_ended_first():
    """Callbacks at the end run last in, first out: the one above sees what the library's left."""
    done = subprocess.run([sys.executable, "-c", AT_THE_END], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended by then: True True\n", "")
