"""In a notebook a call that does not end is ended, as in grading; there a process of its own is (``grading``)."""

import functools
import signal
import threading
from collections.abc import Callable

from course_lib.checks.calls import StudentError
from course_lib.settings.language import tr

SECONDS = 5.0  # a call of an exercise takes milliseconds
AFTERWARDS = 0.5  # for the calls that follow one that did not end


class _OutOfTime(BaseException):
    """Not an ``Exception``, so that no ``except Exception`` of a student's loop goes on."""


def limited(function: Callable, seconds: float = SECONDS) -> Callable:
    """``function``, each call of which ends after so many seconds with ``StudentError("TimeLimit")``.

    It is ended by a signal, which only the main thread of a system with an interval timer gets: elsewhere (Windows,
    another thread) a call takes its time, and whoever waits interrupts the kernel.
    """
    left = [seconds]

    @functools.wraps(function)
    def answer(*arguments):
        if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
            return function(*arguments)
        before = signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, left[0], 0.1)  # again, should a bare `except:` have swallowed it
        try:
            return function(*arguments)
        except _OutOfTime:
            said, left[0] = left[0], AFTERWARDS
            raise StudentError(
                "TimeLimit", tr("The call did not end within {seconds} seconds.", seconds=f"{said:g}")
            ) from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    return answer


def _ring(number, frame):
    raise _OutOfTime
