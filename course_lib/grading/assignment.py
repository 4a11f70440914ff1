"""Which assignment a class handed in: the one that most students wrote functions of, each with one vote."""

from collections import Counter
from pathlib import Path

from course_lib import checks


class NotGraded(ValueError):
    """Nothing could be graded; its text says why and what to do."""


def exercises_of(assignment):
    """The exercises and questions of a chapter by their ids; ``NotGraded`` if there are none."""
    chapter = str(assignment).split("-")[0].split("_")[0].zfill(2)
    found = sorted((one for one in checks.asked().values() if _chapter(one) == chapter), key=_place_in_chapter)
    if not found:
        chapters = ", ".join(sorted({_chapter(exercise) for exercise in checks.exercises().values()}))
        raise NotGraded(f"There is no assignment {assignment!r} with exercises; there are {chapters}.")
    return found


def functions_of(exercises):
    """Names of all functions that students write for these exercises."""
    return tuple(function for exercise in exercises for function in exercise.functions)


def _chapters():
    return {function: _chapter(exercise) for exercise in checks.exercises().values() for function in exercise.functions}


def chapter_of(functions):
    """The chapter that most of these functions belong to, ``""`` if they belong to none."""
    chapters = _chapters()
    count = Counter(chapters[function] for function in functions if function in chapters)
    return min(count, key=lambda chapter: (-count[chapter], chapter), default="")


def decided(submissions, say=lambda sentence: None):
    """The chapter that most students wrote functions of.

    A student has one vote for each chapter that anything was written of, however many files there are; whoever wrote
    nothing that can be read has none. Raises ``NotGraded`` where two chapters have as many votes, or none has half.

    Args:
        submissions: ``intake.Submission``s.
        say: called with a sentence that tells the votes.
    """
    chapters = _chapters()
    ballots = [{chapters[f] for f in submission.written() if f in chapters} for submission in submissions]
    votes, voters = Counter(chapter for ballot in ballots for chapter in ballot), sum(map(bool, ballots))
    if not votes:
        raise NotGraded(
            "None of the notebooks defines a function of an exercise, so the assignment is unknown: name it, "
            "such as --assignment 03."
        )
    (first, most), *others = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"chapter {chapter}: {count}" for chapter, count in [(first, most), *others][:4])
    if 2 * most < voters or (others and others[0][1] == most):
        raise NotGraded(
            f"It is not clear which assignment this is. Students who wrote functions of it: {told}, of {voters}. "
            "Name it, such as --assignment 03."
        )
    say(f"assignment {first}: {most} of {voters} students wrote functions of it{_rest(others)}.")
    return first


def assignment_names():
    """Names of the notebooks that are handed out, which are no part of a student's name."""
    root = Path(checks.__file__).parents[2]
    return sorted({path.stem for folder in ("solutions", "exercises") for path in (root / folder).glob("*.ipynb")})


def _rest(others):
    return f" ({', '.join(f'chapter {chapter}: {count}' for chapter, count in others[:3])})" if others else ""


def _chapter(exercise):
    return exercise.id.split("-")[0]


def _place_in_chapter(exercise):
    return int(exercise.id.split("-")[1])
