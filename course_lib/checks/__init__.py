"""Checks: ``check("03-2", nesterov_step)`` says whether a function is right and, if not, which mistake it looks like.

The exercises are the chapters' own (``chapters/chNN_name/checks``); here is what checks one.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from course_lib import progress
from course_lib.chapters import all_chapters, parts
from course_lib.checks.fence import fenced
from course_lib.checks.kit import Exercise
from course_lib.checks.limits import limited
from course_lib.checks.naming import VISIBLE_SEED
from course_lib.checks.questions import Question
from course_lib.checks.report import Report
from course_lib.settings.language import later, tr

THEN_RUN = later("Then run that cell, and this one.")  # in a notebook; on a page there are no cells

_failures: dict[str, tuple[int, tuple]] = {}  # how often an exercise's answer failed, and the last one that did


def asked() -> dict[str, Exercise | Question]:
    """``{id: Exercise or Question}`` of all chapters. They are imported when first asked for: their checks import this
    package."""
    return _asked_by(all_chapters(), Exercise | Question)


def exercises() -> dict[str, Exercise]:
    """``{id: Exercise}``: what is marked by checks."""
    return _asked_by(all_chapters(), Exercise)


def questions() -> dict[str, Question]:
    """``{id: Question}``: what is marked by a person."""
    return _asked_by(all_chapters(), Question)


@cache
def _asked_by(chapters, kind):
    found = [one for chapter, module in parts("checks").items() if chapter in chapters for one in module.CHAPTER]
    return {one.id: one for one in found if isinstance(one, kind)}


def exercise_of() -> dict[str, str]:
    """``{function: id}`` of all functions that students write."""
    return {function: one.id for one in exercises().values() for function in one.functions}


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
    function's reach. The report is remembered as done or not in the learner's progress, and after every further answer
    that fails it shows one hint more.

    Raises:
        ValueError: unknown exercise, or something that is not a function.
    """
    if exercise_id in questions():
        raise ValueError(
            tr("{id} is answered in words, which a person marks: there is nothing to be checked.", id=exercise_id)
        )
    if exercise_id not in exercises():
        known = ", ".join(sorted(exercises()))
        raise ValueError(tr("There is no exercise {id}; there are {known}.", id=repr(exercise_id), known=known))
    exercise = exercises()[exercise_id]
    given = (function, *more)
    if len(given) != len(exercise.functions):
        wanted = ", ".join(exercise.functions)
        call = f"check({exercise_id!r}, {wanted})"
        raise ValueError(tr("Exercise {id} is checked by {call}.", id=exercise_id, call=call))
    for name, value in zip(exercise.functions, given, strict=True):
        if not callable(value):
            raise ValueError(
                tr(
                    "{call} needs the function {name} itself, without brackets after its name, but it got {value}.",
                    call=f"check({exercise_id!r}, ...)",
                    name=name,
                    value=repr(value),
                )
            )
    report = exercise.run(exercise.joined([limited(fenced(one, exercise.forbidden)) for one in given]), VISIBLE_SEED)
    if report.unchecked:
        return report
    progress.record("check", exercise_id, report.passed, points=report.points)
    if report.unwritten and not report.unchecked:
        first, *others = report.results
        report = replace(report, results=(replace(first, says=f"{tr(first.says)} {tr(THEN_RUN)}"), *others))
    return replace(report, ladder=_next_hint(exercise, report, given))


def _next_hint(exercise, report, given):
    """One hint more of the first failed check after every further answer that fails; in the end, where one is.

    The same answer, checked once more, stays on its step.
    """
    if report.passed or report.results[0].kind == "NotWritten":
        _failures.pop(exercise.id, None)
        return ""
    answer = (*map(_code, given), str(report))  # the text too: a helper in another cell may have changed
    attempt, before = _failures.get(exercise.id, (0, ()))
    attempt += answer != before
    _failures[exercise.id] = attempt, answer
    failed = next(check for check, result in zip(exercise.checks, report.results, strict=True) if not result.passed)
    if attempt == 1:
        return ""
    if attempt <= len(failed.hints):
        return tr("Another hint: {hint}", hint=tr(failed.hints[attempt - 1]))
    return tr(
        "A complete answer is in the folder solutions, notebook {chapter}, under Exercise {id}.",
        chapter=exercise.id[:2],
        id=exercise.id,
    )


def _code(function):
    """What is the same for a function that was defined again in the same words."""
    if isinstance(function, type):
        return {name: _code(value) for name, value in vars(function).items() if callable(value)}
    return getattr(function, "__code__", function), repr(getattr(function, "__defaults__", None))
