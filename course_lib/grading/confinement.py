"""How far student code can be confined on this computer: the best level that works, or one that was chosen before."""

import sys

from course_lib.checks.calls import GraderError
from course_lib.grading.forks import Zygote
from course_lib.grading.process import Interrupted, Limits
from course_lib.grading.sandbox import LEVELS
from course_lib.grading.spawn import Spawner


def at_level(level, forbidden=(), memory=Limits.memory, profile="numpy", modules=()):
    """What starts children at ``level`` and at no other; ``GraderError`` if that is not to be had here."""
    if sys.platform == "linux":
        return Zygote(level, forbidden, memory, profile, modules)
    if level != "none":
        raise GraderError(f"level {level!r} is not to be had here: there is no sandbox for {sys.platform}")
    return Spawner(forbidden, memory, profile, modules)


def best_level(forbidden=(), memory=Limits.memory, levels=LEVELS, profile="numpy", modules=()):
    """What starts children at the best of ``levels`` that works here, and the reasons why better ones do not."""
    if sys.platform != "linux":
        return at_level("none", forbidden, memory, profile, modules), [f"there is no sandbox for {sys.platform}"]
    reasons = []
    for level in levels:
        try:
            return at_level(level, forbidden, memory, profile, modules), reasons
        except Interrupted:  # says nothing about the level
            raise
        except GraderError as error:
            reasons.append(str(error))
    raise GraderError("No process for student code can be started: " + "; ".join(reasons))
