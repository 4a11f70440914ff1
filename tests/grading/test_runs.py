"""How often the cells and functions of a notebook run, and what of the run with the secret seed is remembered."""

from dataclasses import replace

import pytest

from course_lib.checks import VISIBLE_SEED
from course_lib.grading import marking
from course_lib.grading.marking import mark_file
from course_lib.grading.replay import Problem
from tests.grading.handed_in import GLIDE, QUICK, RIGHT, SEED, SETUP, TOY, handed, notebook, points, words

FULL = sum(exercise.points for exercise in TOY)
WRONG = GLIDE.replace("- learning_rate", "+ learning_rate")
SECRET = "seen with a secret input"


@pytest.fixture
def children(zygote, monkeypatch):
    """The children that were started, in a list."""
    started, fork = [], zygote.fork
    monkeypatch.setattr(zygote, "fork", lambda: started.append(fork()) or started[-1])
    return started


def test_full_marks_take_one_run_and_others_two(mark, children):
    assert mark(*RIGHT)["points"] == FULL and len(children) == 1
    children.clear()
    assert 0 < mark(SETUP, WRONG, *RIGHT[2:])["points"] < FULL and len(children) == 2


def test_the_run_with_the_secret_seed_begins_in_a_child_that_saw_no_input(mark, children, monkeypatch):
    seeds, run = [], marking.run_exercises

    def watched(session, exercises, seed, **how):
        seeds.append((seed, len(children), session.child is not None))
        return run(session, exercises, seed, **how)

    monkeypatch.setattr(marking, "run_exercises", watched)
    mark(SETUP, WRONG)
    assert seeds == [(SEED, 1, True), (VISIBLE_SEED, 1, False)]


@pytest.mark.parametrize("cells", [RIGHT, (SETUP, "1 / 0", WRONG)])
def test_nothing_that_is_found_out_with_secret_inputs_is_told(zygote, monkeypatch, cells):
    run, file = marking.run_exercises, handed(notebook(*cells))
    plain = mark_file(file, TOY, zygote, SEED, QUICK)

    def noting(session, exercises, seed, **how):
        reports = run(session, exercises, seed, **how)
        if seed == SEED:
            found = {(session.cells[0][0], number): Problem(session.cells[0][0], "Died", SECRET) for number in (0, 1)}
            session.replay.left_out |= found
            session.replay.found |= found
        return reports

    monkeypatch.setattr(marking, "run_exercises", noting)
    row = mark_file(file, TOY, zygote, SEED, QUICK)
    assert SECRET not in words(row) and row == plain


def test_what_is_left_out_is_found_out_once_and_at_no_cost_to_the_functions(mark, children):
    """Three statements that take too long would use up the time of a run in which the functions are called, too."""
    busy = "end = __import__('time').process_time() + 9\nwhile __import__('time').process_time() < end: pass"
    limits = replace(QUICK, total_seconds=3, slowness=40)
    row = mark(SETUP, GLIDE, *[busy] * 3, limits=limits)
    assert points(row)["90-1"] == TOY[0].points and len(children) == 3
    assert sum("took too long" in note for note in row["notes"]) == 3
