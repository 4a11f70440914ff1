"""Live figures whose result takes longer than a frame: training in a thread, with progress and a stop button.

How to build one. As with ``LiveFigure``, but ``settings`` says on what the result depends, ``work`` computes
it bit by bit, and ``update`` draws ``self.payload``, the newest bit (``None`` while there is none)::

    class Training(BackgroundFigure):
        learning_rate = traitlets.Float(0.1).tag(sync=True)

        def controls(self):
            return (Slider("learning_rate", "Learning rate", log_positions(1e-3, 1)), Progress(label="Training"))

        def settings(self):
            return (self.learning_rate,)               # hashable

        def work(self, settings, report, stopped):     # in the thread: touches neither traits nor figure
            (learning_rate,) = settings
            for epoch in range(50):
                ...
                report(losses.copy(), (epoch + 1) / 50)
            return losses                              # the last payload; this one is kept

        def update(self):
            losses = () if self.payload is None else self.payload
            ...

A change of ``settings()`` stops the run under way and starts another, or shows the result that is kept.
Controls that ``settings`` does not read only draw again. Without a browser: ``join()`` waits for the end.
"""

import atexit
import os
import threading
import time
from collections import OrderedDict
from typing import NamedTuple
from weakref import WeakSet

import traitlets

from course_lib.widgets.live import LiveFigure
from course_lib.widgets.stage import LOCK

UPDATES_A_SECOND = 20
KEPT = 32  # results of one ``work``, shared by all figures that have it
SETTLING = 0.1  # seconds before a run begins, so that positions that a slider only passes start nothing
# Seconds that a cell waits before it shows the figure; a build waits for the end, to store the same every time.
PATIENCE = float(os.environ.get("COURSE_PATIENCE", "1"))
LAST_WAIT = 10  # seconds that the end of Python waits for all runs together

_STARTED: WeakSet = WeakSet()  # the runs, also those that no figure shows any more


@atexit.register
def _end_all():
    """End the runs before Python ends: compiled code (PyTorch's) aborts the process when a thread is still in it."""
    runs, end = list(_STARTED), time.monotonic() + LAST_WAIT
    for run in runs:
        run.stop()
    for run in runs:
        run.join(max(end - time.monotonic(), 0))


class News(NamedTuple):
    """What a run tells: the newest ``payload``, the share ``done`` (0 to 1), and how it stands.

    ``ended`` is "" while it runs, then "finished", "stopped" or "failed"; ``problem`` is a sentence if it failed.
    """

    payload: object
    done: float
    ended: str = ""
    problem: str = ""


class _Stopped(Exception):
    """Ends ``work`` from inside ``report``."""


class BackgroundRun:
    """One piece of work in a thread of its own.

    Args:
        work: ``(report, stopped) -> payload``. ``report(payload, done)`` hands on what there is so far (it costs
            nothing to call it often) and does not return once the run was stopped; ``stopped()`` tells whether it
            was, for long stretches without a report.
        on_update: gets ``News``, in the thread, at the end and before that at most 20 times a second, with pauses
            as long as it took itself: slow drawing doubles the time of a run, and no more.
    """

    def __init__(self, work, on_update):
        self._work, self._on_update = work, on_update
        self._stop = threading.Event()
        self._news = News(None, 0.0)
        self._next = 0.0  # no update before this time
        self._thread = threading.Thread(target=self._go, name="course background run", daemon=True)

    def start(self):
        """Begin; returns the run itself."""
        _STARTED.add(self)
        self._thread.start()
        return self

    def stop(self):
        """Ask the run to end; returns at once."""
        self._stop.set()

    def join(self, seconds=None):
        """Wait until the run has ended, at most ``seconds``; returns whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _report(self, payload, done):
        if self._stop.is_set():
            raise _Stopped
        self._news = News(payload, float(done))
        begun = time.monotonic()
        if begun >= self._next:
            self._on_update(self._news)
            ended = time.monotonic()
            self._next = ended + max(1 / UPDATES_A_SECOND, ended - begun)
            time.sleep(0.001)  # lets threads go first that wait for Python's lock

    def _go(self):
        ended, problem = "finished", ""
        try:
            if self._stop.wait(SETTLING):
                raise _Stopped
            payload = self._work(self._report, self._stop.is_set)
            self._news = News(self._news.payload if payload is None else payload, 1.0)
            if self._stop.is_set():
                ended = "stopped"
        except _Stopped:
            ended = "stopped"
        except Exception as error:  # whatever it is, the person in front of the figure must be told
            ended, problem = "failed", f"The run ended early ({type(error).__name__}: {error})."
        self._on_update(self._news._replace(ended=ended, problem=problem))


class BackgroundFigure(LiveFigure):
    """A live figure whose result is computed in the background; see the module's text.

    Attributes:
        progress: share of the run that is done, 0 to 1; bind it with the control ``Progress``.
        running: whether a run is under way.
        payload: the newest result of the present settings, ``None`` before there is one.
    """

    progress = traitlets.Float(0.0).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)

    film_positions = 5  # each is a run of its own
    film_grid = 0

    def __init_subclass__(cls, **rest):
        super().__init_subclass__(**rest)
        if "work" in vars(cls):  # anywidget makes a class for every instance; those share what is kept
            cls._kept = OrderedDict()

    def settings(self):
        """On what the result depends; hashable."""
        raise NotImplementedError

    def work(self, settings, report, stopped):
        """Compute the result; see ``BackgroundRun``. Runs in a thread and may use nothing but its arguments."""
        raise NotImplementedError

    def __init__(self, **values):
        self.payload = None
        self._run = self._key = None
        super().__init__(**values)

    def join(self, seconds=None):
        """Wait until the run under way has ended, at most ``seconds``; returns whether it has."""
        return self._run is None or self._run.join(seconds)

    def stop(self):
        """Stop the run; what it has reported so far stays on the screen."""
        if self._run:
            self._run.stop()

    def run_again(self):
        """Run with the present settings from the beginning, whatever is kept."""
        with LOCK:
            self._kept.pop(self.settings(), None)
            self._key = None
            self._try(lambda: self.redraw({"progress"}))

    def _prepare(self, changed):
        super()._prepare(changed)
        if (key := self.settings()) != self._key:
            self._begin(key)

    def _begin(self, key):
        self.stop()
        self._key, self._run = key, None
        self.payload = self._kept.get(key)
        if self.payload is not None:
            self._kept.move_to_end(key)
            return self._tell(1.0, False)
        self._tell(0.0, True)
        self._run = run = BackgroundRun(
            lambda report, stopped: self.work(key, report, stopped), lambda news: self._arrived(run, key, news)
        )
        run.start()

    def _tell(self, progress, running):
        """Set both traits without drawing."""
        before, self._together = self._together, set()
        self.progress, self.running = progress, running
        self._together = before

    def _arrived(self, run, key, news):
        """In the thread of the run: draw what it tells, unless it is out of date."""
        with LOCK, self.hold_sync():
            if run is not self._run:
                return
            self.payload = news.payload
            if news.ended == "finished":
                self._kept[key] = news.payload
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._tell(news.done, not news.ended)
            problem = news.problem or self.problem  # a sentence about a wrong value outlives the next report
            self._try(lambda: self.redraw({"progress"}))
            self.problem = self.problem or problem

    def _message(self, widget, content, buffers):
        if "film" in content:
            return  # each position would be a run
        if content.get("pressed") != "progress":
            super()._message(widget, content, buffers)
        elif self.running:
            self.stop()
        else:
            self.run_again()

    def __repr__(self):
        controls = [control for control in self._controls if control.trait != "progress"]
        return f"{type(self).__name__}({', '.join(f'{c.trait}={getattr(self, c.trait)!r}' for c in controls)})"

    def _repr_mimebundle_(self, **kwargs):
        self.join(PATIENCE)
        return super()._repr_mimebundle_(**kwargs)
