"""Checks: ``check("03-2", nesterov_step)`` says whether a function is right and, if not, which mistake it looks like.

A new chapter: one file ``chNN.py`` with its ``Exercise`` objects in a tuple ``CHAPTER``, one row here.
"""

from dataclasses import replace

from course_lib.checks.kit import Exercise

CHAPTERS = ()
EXERCISES: dict[str, Exercise] = {exercise.id: exercise for chapter in CHAPTERS for exercise in chapter}
VISIBLE_SEED = 2026

_failures: dict[str, int] = {}


def check(exercise_id, function):
    """Run the visible checks of an exercise on ``function`` and return a ``Report``.

    Args:
        exercise_id: such as ``"03-2"``.
        function: the function that was written for it.

    The inputs are the same every time; grading draws others. The report is remembered as done or not in the
    learner's progress, and after every further failure it shows one hint more.

    Raises:
        ValueError: unknown exercise, or something that is not a function.
    """
    if exercise_id not in EXERCISES:
        raise ValueError(f"There is no exercise {exercise_id!r}; there are {', '.join(sorted(EXERCISES))}.")
    exercise = EXERCISES[exercise_id]
    if not callable(function):
        raise ValueError(
            f"check({exercise_id!r}, ...) needs the function {exercise.function} itself, without brackets "
            f"after its name, but it got {function!r}."
        )
    return replace(exercise.run(function, VISIBLE_SEED))
