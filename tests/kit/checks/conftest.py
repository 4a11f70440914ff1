"""What tests of checks share."""

from functools import lru_cache

import pytest

from course_lib.checks import kit

AT_ONCE = 4000  # trials that are remembered: more than one exercise has with all seeds
REMEMBERED = {}


@pytest.fixture(scope="session", autouse=True)
def known_mistakes_are_tried_once():
    """A trial of a known mistake is run once per check, mistake, seed and profile: no more matters.

    ``test_banks.py`` has a test that tries every mistake anew. A student's are never remembered.
    """
    run = kit._try

    @lru_cache(AT_ONCE)
    def tried_once(check, function, seed, profile):
        return run(check, function, seed, profile, learners=False)

    def remembered(check, function, seed, profile="numpy", learners=True):
        return run(check, function, seed, profile) if learners else tried_once(check, function, seed, profile)

    remembered.anew = run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit, "_try", remembered)
        yield tried_once


@pytest.fixture(autouse=True)
def trials_of_one_exercise_are_remembered(request, known_mistakes_are_tried_once):
    """A trial holds all that its calls were given and gave: with those of all exercises a gigabyte."""
    id = getattr(request.node, "callspec", None) and request.node.callspec.params.get("id")
    if id != REMEMBERED.get("exercise"):
        known_mistakes_are_tried_once.cache_clear()
    REMEMBERED["exercise"] = id
