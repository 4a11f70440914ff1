"""Checks: ``check("03-2", nesterov_step)`` says whether a function is right and, if not, which mistake it looks like.

The exercises are the chapters' own (``chapters/chNN_name/checks``); here is what checks one.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from course_lib import progress
from course_lib.chapters import parts
from course_lib.checks.fence import fenced
from course_lib.checks.kit import Exercise
from course_lib.checks.limits import limited
from course_lib.checks.questions import Question
from course_lib.checks.report import Report

VISIBLE_SEED = 2026

_failures: dict[str, int] = {}


@cache
def asked() -> dict[str, Exercise | Question]:
    """``{id: Exercise or Question}`` of all chapters. They are imported when first asked for: their checks import this
    package."""
    return {one.id: one for module in parts("checks").values() for one in module.CHAPTER}


@cache
def exercises() -> dict[str, Exercise]:
    """``{id: Exercise}``: what is marked by checks."""
    return {id: one for id, one in asked().items() if isinstance(one, Exercise)}


@cache
def questions() -> dict[str, Question]:
    """``{id: Question}``: what is marked by a person."""
    return {id: one for id, one in asked().items() if isinstance(one, Question)}


ALL = {"EXERCISES": exercises, "QUESTIONS": questions, "ASKED": asked}


def __getattr__(name):
    if name in ALL:
        return ALL[name]()
    raise AttributeError(f"course_lib.checks has no {name!r}")


def check(exercise_id: str, function: Callable, *more: Callable) -> Report:
    """Run the visible checks of an exercise on ``function`` and return a ``Report``.

    Args:
        exercise_id: such as ``"03-2"``.
        function: the function that was written for it.
        more: where the exercise asks for a second one (``fault_of_...``), that too.

    The inputs are the same every time; grading draws others. As there, what is off limits in the exercise is out of the
    function's reach. The report is remembered as done or not in the
    learner's progress, and after every further failure it shows one hint more.

    Raises:
        ValueError: unknown exercise, or something that is not a function.
    """
    if exercise_id in questions():
        raise ValueError(f"{exercise_id} is answered in words, which a person marks: there is nothing to be checked.")
    if exercise_id not in exercises():
        raise ValueError(f"There is no exercise {exercise_id!r}; there are {', '.join(sorted(exercises()))}.")
    exercise = exercises()[exercise_id]
    given = (function, *more)
    if len(given) != len(exercise.functions):
        wanted = ", ".join(exercise.functions)
        raise ValueError(f"Exercise {exercise_id} is checked by check({exercise_id!r}, {wanted}).")
    for name, value in zip(exercise.functions, given, strict=True):
        if not callable(value):
            raise ValueError(
                f"check({exercise_id!r}, ...) needs the function {name} itself, without brackets "
                f"after its name, but it got {value!r}."
            )
    report = exercise.run(exercise.joined([limited(fenced(one, exercise.forbidden)) for one in given]), VISIBLE_SEED)
    if report.unchecked:
        return report
    progress.record("check", exercise_id, report.passed, points=report.points)
    return replace(report, ladder=_next_hint(exercise, report))


def _next_hint(exercise, report):
    """One hint more of the first failed check after every further failure; in the end, where the answer is."""
    if report.passed or report.results[0].kind == "NotWritten":
        _failures.pop(exercise.id, None)
        return ""
    attempt = _failures[exercise.id] = _failures.get(exercise.id, 0) + 1
    failed = next(check for check, result in zip(exercise.checks, report.results, strict=True) if not result.passed)
    if attempt == 1:
        return ""
    if attempt <= len(failed.hints):
        return f"Another hint: {failed.hints[attempt - 1]}"
    return f"A complete answer is in the folder solutions, notebook {exercise.id[:2]}, under Exercise {exercise.id}."
