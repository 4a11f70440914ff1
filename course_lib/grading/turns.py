"""Who is marked next, and for how long before it is the others' turn."""

import queue
import time
from statistics import median

from course_lib.grading.process import SetAside

LONGER = 4  # times as long, from one try to the next; and than an ordinary one, which every try may take
TRIES = 4  # after which one is marked to its end


class Turns:
    """The submissions of a class, each tried for a moment at first.

    One that is not done by then comes again when the others have had their turn, for longer. So notebooks without an
    end, however many, hold up the class for moments, and one that is right but slow waits for others about as long as
    it takes itself. Which try it is makes no difference to a mark.

    Args:
        todo: ``intake.Submission``s.
        seconds: on the wall, of the first try.
    """

    def __init__(self, todo, seconds):
        self.waiting, self.took = queue.SimpleQueue(), []
        self.count, self.seconds = len(todo), seconds
        for submission in todo:
            self.waiting.put((submission, 0))

    def row(self, lane):
        """``(submission, row)`` of the next that ``lane`` is done with, ``None`` after the ``end``.

        ``lane``: a function ``(submission, seconds) -> row`` that raises ``SetAside`` after ``seconds``, if any.
        """
        while turn := self.waiting.get():
            submission, tries = turn
            submission.hold()
            began = time.monotonic()
            try:
                row = lane(submission, seconds=self.patience(tries))
            except SetAside:
                self.waiting.put((submission, tries + 1))
                continue
            self.took.append(time.monotonic() - began)
            return submission, row
        return None

    def patience(self, tries):
        """Seconds of one that was tried so often before; ``None``: as long as it takes."""
        if self.count == 1 or tries >= TRIES:
            return None
        ordinary = median(self.took) if self.took else 0.0  # a busy computer makes all of them slow
        return max(self.seconds * LONGER**tries, LONGER * ordinary)

    def end(self, lanes):
        """Let so many lanes stop that wait for a turn."""
        for _ in range(lanes):
            self.waiting.put(None)
