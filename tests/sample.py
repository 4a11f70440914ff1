"""What of many cases a run of every day takes, by rule: ``--sample``. The run at night takes all of them.

A check's faults seldom show at one seed alone, a bent answer's at one exercise alone, a room's in one chapter alone: so
each thing is tried at some places, and each place tries some things. None of it depends on chance or on the day.
"""

from zlib import crc32

import pytest

IN_SO_MANY = 4
SEEDS = range(20)
APART, ENOUGH = 7, 3


def turn(things, place):
    """One in four of the things, and one at least; the next place takes the next ones."""
    things = list(things)
    return things[place % min(IN_SO_MANY, len(things) or 1) :: IN_SO_MANY]


def seeds(id):
    """Three of the twenty, far apart; all twenty come up somewhere."""
    return [SEEDS[(crc32(id.encode()) + APART * number) % len(SEEDS)] for number in range(ENOUGH)]


def one_in_four(cases, always=lambda case: False):
    """Parameters for pytest: of ``cases`` the first of every four and those ``always`` tried; the others at night."""
    kept = {*turn(cases, 0), *filter(always, cases)}
    return [case if case in kept else at_night(*(case if isinstance(case, tuple) else (case,))) for case in cases]


def at_night(*values):
    return pytest.param(*values, marks=pytest.mark.night)
