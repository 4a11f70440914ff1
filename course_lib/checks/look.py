"""If it works, look: the student's own function runs, drawn beside the library's.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course_lib.chapters import parts
from course_lib.checks.calls import StudentError, kind_of_unwritten, raised
from course_lib.figures.show import show
from course_lib.figures.trajectories import race_figure
from course_lib.run import descend
from course_lib.settings.language import tr


class OwnState(NamedTuple):
    """``velocity``, and the learning rate of the step before (None at the first)."""

    velocity: np.ndarray
    previous_learning_rate: float | None


@dataclass(frozen=True)
class OwnStep:
    """A student's step function as an optimizer; its number of arguments says which exercise it belongs to.

    3: ``(theta, gradient, learning_rate)``; 5: ``(theta, velocity, gradient, learning_rate, momentum)``;
    6: with ``previous_learning_rate`` after ``learning_rate``.
    """

    function: Callable
    learning_rate: float
    momentum: float = 0.0

    def init(self, theta):
        return OwnState(np.zeros_like(theta), None)

    def step(self, objective, theta, state):
        num_arguments = len(inspect.signature(self.function).parameters)
        if num_arguments == 3:
            return self.function(theta, objective.gradient, self.learning_rate), state
        rates = (self.learning_rate, state.previous_learning_rate or self.learning_rate)[: num_arguments - 4]
        theta, velocity = self.function(theta, state.velocity, objective.gradient, *rates, self.momentum)
        return theta, OwnState(velocity, self.learning_rate)


def compare_runs(function, surface, reference, num_steps, schedule=None):
    """Run the function and the reference from the surface's start; draw both, print how far they part."""
    own = OwnStep(function, reference.learning_rate, getattr(reference, "momentum", 0.0))
    runs = {
        tr("the library's"): descend(surface, reference, surface.start, num_steps, schedule),
        tr("yours"): descend(surface, own, surface.start, num_steps, schedule),
    }
    show(race_figure(surface, runs))
    library, own = runs.values()
    apart = np.max(np.abs(own.thetas - library.thetas))
    if apart < 1e-9:
        print(tr("{count} steps: the two paths are the same to rounding.", count=num_steps))
    else:
        print(tr("{count} steps: the two paths are up to {apart} apart.", count=num_steps, apart=f"{apart:.2g}"))


def looks():
    """``{exercise id: function of the student's function}`` of all chapters."""
    return {name: draw for module in parts("look").values() for name, draw in module.LOOKS.items()}


class Watched:
    """The student's function, whose errors are told apart from those of the drawing: they become ``StudentError``."""

    def __init__(self, function):
        self.function, self.called = function, False
        functools.update_wrapper(self, function)

    def __call__(self, *arguments):
        self.called = True
        try:
            return self.function(*arguments)
        except (Exception, SystemExit) as error:
            raise raised(self.function, error) from error


def look(exercise_id, function):
    """Draw what ``function`` does, beside the library's own; says so where it is not written, or raises something.

    Raises:
        ValueError: an exercise that has nothing to look at, or something that is not a function.
        Exception: what the drawing raises before it has called ``function``, for that is none of the student's doing.
    """
    every = looks()
    if exercise_id not in every:
        known = ", ".join(every)
        raise ValueError(
            tr("There is nothing to look at for {id}; there is for {known}.", id=repr(exercise_id), known=known)
        )
    if not callable(function):
        call = f"look({exercise_id!r}, ...)"
        raise ValueError(
            tr("{call} needs your function, without brackets, but it got {value}.", call=call, value=function)
        )
    watched = Watched(function)
    try:
        every[exercise_id](watched)
    except StudentError as error:
        print(_told(error))
    except Exception as error:
        if not watched.called:
            raise
        print(
            tr(
                "What your function returned cannot be drawn yet ({error}): let the check above pass first.",
                error=error,
            )
        )


def _told(error):
    """What the student's function raised, in one line."""
    if error.kind == "NotImplementedError" and kind_of_unwritten(error.message) == "NotWritten":
        return f"{tr('Nothing to see yet.')} {error.message}"
    if error.line:
        return tr("Nothing to see yet: your function raised {error}, in {line}", error=error, line=error.line)
    return tr("Nothing to see yet: your function raised {error}", error=error)
