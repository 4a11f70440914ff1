"""The statements of a notebook, run in one child after the other, without what brought an earlier one down."""

from copy import copy
from dataclasses import dataclass

from course_lib.checks.calls import BUILTIN
from course_lib.grading import protocol
from course_lib.grading.cells import JUPYTER
from course_lib.grading.process import Gone
from course_lib.grading.running import OFF_LIMITS, QUICKLY, TOO_LONG, UNAVAILABLE, UNDECORATED

KINDS = (JUPYTER, OFF_LIMITS, TOO_LONG, UNAVAILABLE, UNDECORATED)  # of notes, beside the names of exceptions
WHOLE = -1  # the number that stands for all statements of a cell
MAX_NOTES = 100  # of one cell
TOGETHER = 1 << 16  # signs of the cells that a child is given at once
MAX_LINE = 1 << 20


@dataclass(frozen=True)
class Problem:
    """A statement that was left out.

    Attributes:
        cell: name of its cell.
        kind: name of a built-in exception, one of ``KINDS``, or as in ``Gone``.
        message: what happened.
        line: where it happened, 0 if that is not known; ``source``: the text there.
        first, last: lines of the statement.
    """

    cell: str
    kind: str
    message: str
    line: int = 0
    source: str = ""
    first: int = 0
    last: int = 0


class Replay:
    """What is known about the statements of a notebook, each called by its cell and its number there.

    Args:
        cells: ``(name, source)`` in order.
        limits: ``process.Limits``.

    Attributes:
        found: problems of statements that will be tried in the next child too.
        left_out: problems of those that took too long or ended the process; from then on they are skipped.
        careful: whether a child says which statement it begins; it does once a child has come to its end.
    """

    def __init__(self, cells, limits):
        self.cells, self.limits = cells, limits
        self.lines = {name: source.split("\n") for name, source in cells}
        self.found, self.left_out, self.careful = {}, {}, False

    def copy(self):
        """The same, to go on from here more than once."""
        other = copy(self)
        other.found, other.left_out = dict(self.found), dict(self.left_out)
        return other

    @property
    def problems(self):
        """Each ``Problem``, in the notebook's order."""
        order = {name: number for number, name in enumerate(self.lines)}
        rows = sorted((self.found | self.left_out).items(), key=lambda row: (order[row[0][0]], row[0][1]))
        return [problem for _, problem in rows]

    def run(self, session):
        """Run all statements in the session's child, but those left out; ``Gone`` if the child is.

        Returns whether all is well: not if a statement was interrupted, which may have done anything.
        """
        self.found, known = {}, len(self.left_out)
        for cells in self._together():
            self._requested(session, {"op": "cells", "cells": cells, "careful": self.careful}, cells)
        self._requested(session, {"op": "rest"})  # what missed a name
        return len(self.left_out) == known

    def _together(self):
        """Lists of the cells that a child is given at once; one by one, if it has to say where it is."""
        lists, size = [], 0
        for name, source in self.cells:
            skipped = [number for cell, number in self.left_out if cell == name]
            if WHOLE in skipped:
                continue
            size += len(source)
            if not lists or self.careful or size > TOGETHER:
                lists.append([])
                size = len(source)
            lists[-1].append({"name": name, "source": source, "skipped": skipped})
        return lists

    def _requested(self, session, request, cells=()):
        """One request, until all its ``cells`` are done."""
        at = {"cell": cells[0]["name"] if cells else None, "number": WHOLE, "line": 0, "last": 0}
        undone = max(1, len(cells))
        # Statements share half of the whole time, so that some is left for the functions; quick ones always run.
        share = max(QUICKLY, self.limits.total_seconds / 2 - session.child.seconds())
        seconds = min(self.limits.statement_seconds, share)
        patience = 2 * seconds if self.careful else max(2 * seconds, min(self.limits.cell_seconds, share))
        begun = set()
        try:
            for answer in session.exchange({**request, "seconds": seconds, "share": share}, patience):
                if answer["op"] == "at":
                    at = self._place(session, answer)
                    if (at["cell"], at["number"]) in begun:
                        raise session.line.misused()
                    begun.add((at["cell"], at["number"]))
                else:
                    undone -= self._take(session, answer)
                    if undone <= 0:
                        break
        except Gone as gone:
            if self.careful and at["cell"]:
                self._keep(self.left_out, at, gone.kind, gone.message, at["line"])
            self.careful = True
            raise

    def _take(self, session, answer):
        """Keep the notes of a child about the cells that it is done with; how many these are."""
        lists = answer.get("notes")
        if answer["op"] != "done" or type(lists) is not list or not lists:
            raise session.line.misused()
        for notes in lists:
            if type(notes) is not list:
                raise session.line.misused()
            for row in notes[:MAX_NOTES]:
                self._note(session, row)
        return len(lists)

    def _note(self, session, row):
        kind, message, place = (self._place(session, row).get(key) for key in ("kind", "message", "place"))
        if not (type(kind) is type(message) is str and type(place) is int):
            raise session.line.misused()
        kind = kind if kind in BUILTIN or kind in KINDS else "Exception"
        self._keep(self.left_out if kind == TOO_LONG else self.found, row, kind, message, place)

    def _place(self, session, row):
        """``row``, if it names a statement as it should; a child is believed in nothing but which one it speaks of."""
        if type(row) is not dict or type(row.get("cell")) is not str or row["cell"] not in self.lines:
            raise session.line.misused()
        if not all(type(row.get(key)) is int and 0 <= row[key] <= MAX_LINE for key in ("number", "line", "last")):
            raise session.line.misused()
        return row

    def _keep(self, where, row, kind, message, line):
        lines = self.lines[row["cell"]]
        source = protocol.text(lines[line - 1].strip(), 200) if 0 < line <= len(lines) else ""
        line = line if source else 0
        where[row["cell"], row["number"]] = Problem(
            row["cell"], kind, protocol.text(message, 500), line, source, row["line"], row["last"]
        )
