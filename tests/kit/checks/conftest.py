"""What tests of checks share."""

from dataclasses import replace
from functools import lru_cache

import pytest

from course_lib.checks import EXERCISES, kit
from course_lib.settings.language import language, speaking

AT_ONCE = 4000  # trials that are remembered: more than one exercise has with all seeds
REMEMBERED = {}
KNOWN = {id(mistake.function) for exercise in EXERCISES.values() for mistake in exercise.mistakes}


@pytest.fixture(scope="module", autouse=True)
def known_mistakes_are_tried_once():
    """A trial of a known mistake is run once per check, mistake, seed and profile: no more matters in these files.

    Handed in as an answer it is the same trial, unless it leaves a switch changed. ``test_banks.py`` has a test that
    tries every mistake anew. A student's are never remembered.
    """
    run = kit._try

    @lru_cache(AT_ONCE)
    def tried_once(check, function, seed, profile):
        return run(check, function, seed, profile, learners=False)

    def remembered(check, function, seed, profile="numpy", learners=True):
        known = id(function) in KNOWN and isinstance(check, kit.Check)
        trial = tried_once(check, function, seed, profile) if known or not learners else None
        if not learners:
            return trial
        if trial is None or trial.left:
            return run(check, function, seed, profile)
        return replace(trial)  # its report may put an error of its own there

    remembered.anew = run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit, "_try", remembered)
        yield tried_once


@pytest.fixture(scope="module", autouse=True)
def language_is_looked_up_once():
    """No test here changes ``course.toml``, and every text of a report asks whether somebody has."""
    with speaking(language()):
        yield


@pytest.fixture(autouse=True)
def trials_of_one_exercise_are_remembered(request, known_mistakes_are_tried_once):
    """A trial holds all that its calls were given and gave: with those of all exercises a gigabyte."""
    id = getattr(request.node, "callspec", None) and request.node.callspec.params.get("id")
    if id != REMEMBERED.get("exercise"):
        known_mistakes_are_tried_once.cache_clear()
        kit._try_known.cache_clear()
    REMEMBERED["exercise"] = id
