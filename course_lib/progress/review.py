"""What was predicted wrong comes back: after three days, a week, three weeks, until it was right each time."""

import time

from course_lib.progress import store
from course_lib.progress.notebooks import asked

DAY = 86_400.0  # seconds
SPACED = (3, 7, 21)  # days until a question comes back, after none, one, two right answers in a row


def predicted(id, answer, now=None):
    """Write down a prediction. The first one counts for the review: later ones may know the result."""
    before = store.facts("predict", id)
    kept = {name: before[name] for name in ("first", "at", "level", "last") if name in before}
    at = _clock(now)
    store.record("predict", id, True, **({"first": answer, "at": at, "level": 0, "last": at} | kept), answer=answer)


def _clock(now):
    return time.time() if now is None else now


def due(now=None, root=None):
    """The questions (``Asked``) that come back now, the one that has waited longest first."""
    now = _clock(now)
    return [question for at, question in _waiting(root) if at <= now]


def when_next(now=None, root=None):
    """Days until the next question comes back; 0 if one is due, ``None`` if none waits."""
    waiting = _waiting(root)
    return max(0.0, (waiting[0][0] - _clock(now)) / DAY) if waiting else None


def _waiting(root):
    """``[(when it comes back, question), ...]``, the earliest first, of the predictions that were wrong at first."""
    recorded, made = store.load()["predict"], []
    for id, question in asked(root).items():
        facts = recorded.get(id, {})
        first = facts.get("first", facts.get("answer"))
        level = facts.get("level", 0)
        if question.kind == "predict" and first and first != question.right and level < len(SPACED):
            made.append((facts.get("last", 0.0) + SPACED[level] * DAY, question))
    return sorted(made, key=lambda pair: pair[0])


def reviewed(question, answer, now=None):
    """Remember how a question went that had come back; returns whether it was right.

    Right: it comes back later, or no more after the last time. Wrong: it begins again.
    """
    right = answer == question.right

    def note(data):
        facts = data["predict"].setdefault(question.id, {"done": True, "times": 1})
        facts["level"] = facts.get("level", 0) + 1 if right else 0
        facts["last"] = _clock(now)

    store.change(note)
    return right
