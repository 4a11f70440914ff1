"""What students write around their functions: a right answer keeps its points wherever a line stands.

``set_up_lines.txt`` holds the lines, an empty line between two of them. Much of it cannot run in grading: no network,
no files, no figures, no such package, or no Python at all.
"""

from pathlib import Path

import pytest

from course_lib.checks import VISIBLE_SEED
from course_lib.checks.calls import GraderError
from course_lib.grading.confinement import best_level
from course_lib.grading.forks import Zygote
from course_lib.grading.marking import mark_file, run_exercises, session_of, words_about
from course_lib.grading.process import Limits
from tests.grading.handed_in import AHEAD, GLIDE, SEED, SETUP, TOY, handed, notebook

LINES = Path(__file__).with_name("set_up_lines.txt").read_text().strip("\n").split("\n\n")
EXERCISES = TOY[:2]
FULL = [exercise.points for exercise in EXERCISES]
LIMITS = Limits(statement_seconds=0.5, total_seconds=20)
PLACES = {
    "at the top of the set-up cell": lambda line: (f"{line}\n{SETUP}", GLIDE, AHEAD),
    "in a cell of its own": lambda line: (SETUP, line, GLIDE, AHEAD),
    "above the function": lambda line: (SETUP, f"{line}\n{GLIDE}", AHEAD),
    "below the function": lambda line: (SETUP, f"{GLIDE}\n{line}", AHEAD),
}
SILENT = (
    "import matplotlib",
    "from tqdm",
    "import seaborn",
    "from sklearn",
    "import scipy",
    "from dataclasses",
    "await",
)


def seen(zygote, cells):
    """``(points of each exercise, sentences)`` that a notebook's author would see."""
    what = handed(notebook(*cells))
    session, notes = session_of(what, EXERCISES, zygote, LIMITS)
    with session:
        reports = run_exercises(session, EXERCISES, VISIBLE_SEED)
        about, notes = words_about(what, EXERCISES, session, reports, notes)
    return [report.points for report in reports], [*(said for row in about for said in row), *what.notes, *notes]


@pytest.fixture(scope="module")
def at_landlock(zygote):
    try:
        zygote = Zygote("landlock", zygote.forbidden)
    except GraderError as error:
        pytest.skip(str(error))
    with zygote:
        yield zygote


def named(line):
    return " ".join(line.split())[:50]


def test_there_are_many_and_no_two_alike():
    assert len(LINES) == len(set(LINES)) > 150


@pytest.mark.parametrize("line", LINES, ids=named)
def test_a_right_answer_keeps_its_points_wherever_the_line_stands_and_words_at_every_level(
    zygote, at_landlock, line, share
):
    for place, cells in share(PLACES.items(), LINES.index(line)):
        points, said = seen(zygote, cells(line))
        assert points == FULL, (place, said)
        assert len(said) <= 3, said  # one cause, one note
        assert all("left out" in sentence or "counts without" in sentence for sentence in said), said
        if place == "below the function":  # where a line does most
            assert seen(at_landlock, cells(line)) == (points, said)


@pytest.fixture(scope="module")
def with_nothing_off_limits():
    with best_level()[0] as zygote:
        yield zygote


@pytest.mark.parametrize(
    "line", [line for line in LINES if line.startswith(SILENT) and "openml" not in line], ids=named
)
def test_what_can_be_had_or_is_decoration_needs_no_note(with_nothing_off_limits, line):
    cells = PLACES["above the function"]("import asyncio, warnings\n" + line)
    assert seen(with_nothing_off_limits, cells)[1] == []


@pytest.mark.parametrize("line", LINES[::12], ids=named)
def test_the_mark_and_its_words_are_those_of_the_check(zygote, line):
    for cells in PLACES.values():
        row = mark_file(handed(notebook(*cells(line))), EXERCISES, zygote, SEED, LIMITS)
        assert [exercise["points"] for exercise in row["exercises"]] == FULL
        assert row["notes"] == seen(zygote, cells(line))[1]
