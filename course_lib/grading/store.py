"""What was marked so far, in a SQLite file: one commit per student, so that a run can be cut off anywhere."""

import json
import sqlite3
from contextlib import contextmanager

from course_lib.grading.private import CannotWrite, cannot_write, claim_file

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS marks (student TEXT PRIMARY KEY, input TEXT NOT NULL, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS by_hand (student TEXT, question TEXT, mark TEXT NOT NULL, PRIMARY KEY (student, question));
CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY, change TEXT NOT NULL);
"""


class Store:
    """The marks of one run.

    Args:
        path: the SQLite file; made if missing, for its owner's eyes only.

    Raises ``ValueError`` if the file is not one, or another grader is at work on it, and ``CannotWrite`` from then on.
    """

    def __init__(self, path):
        self.path = path
        try:
            claim_file(path)
            self.connection = sqlite3.connect(path, timeout=2, isolation_level=None)
        except OSError as error:
            raise cannot_write(path, error) from None
        try:
            self._begin()
        except sqlite3.DatabaseError as error:
            self.close()
            raise self._unusable(error) from None

    def _begin(self):
        """Take the file for this run alone, and see that the tables are there."""
        self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("BEGIN EXCLUSIVE")
        for statement in SCHEMA.split(";"):
            self.connection.execute(statement)
        self.connection.execute("COMMIT")

    def _unusable(self, error):
        """The sentence for a file that cannot be taken."""
        if "locked" in str(error):
            return ValueError(f"Another run is writing to {self.path}: wait for it, or choose another folder.")
        if isinstance(error, sqlite3.OperationalError):
            return CannotWrite(self.path, "the disk is full" if "full" in str(error) else str(error))
        return ValueError(f"{self.path} is damaged or not ours: move it away, or choose another folder with -o.")

    @contextmanager
    def _writing(self):
        """SQLite's own words for a disk that is full or gone, as a sentence with the path."""
        try:
            yield self.connection
        except sqlite3.OperationalError as error:
            raise self._unusable(error) from None

    def get(self, key):
        """A setting of the run, or ``None``."""
        row = self.connection.execute("SELECT value FROM run WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def set(self, key, value):
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, json.dumps(value)))

    def known(self):
        """``{student: digest of what was marked}``."""
        return dict(self.connection.execute("SELECT student, input FROM marks"))

    def put(self, digest, row):
        """Keep the row of one student, for good, at once."""
        values = (row["student"], digest, json.dumps(row, sort_keys=True))
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", values)

    def forget(self, student):
        with self._writing() as connection:
            connection.execute("DELETE FROM marks WHERE student = ?", (student,))

    def rows(self):
        """All rows, by student."""
        for (row,) in self.connection.execute("SELECT row FROM marks ORDER BY student"):
            yield json.loads(row)

    def put_by_hand(self, marks):
        """Keep marks that a person gave, all at once. ``marks``: ``{(student, question): hand.Mark as a dict}``."""
        rows = [(student, question, json.dumps(mark, sort_keys=True)) for (student, question), mark in marks.items()]
        with self._writing() as connection:
            connection.execute("BEGIN")
            connection.executemany("INSERT OR REPLACE INTO by_hand VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")

    def by_hand(self):
        """``{(student, question): mark}`` of all that a person gave."""
        rows = self.connection.execute("SELECT student, question, mark FROM by_hand")
        return {(student, question): json.loads(mark) for student, question, mark in rows}

    def add_changes(self, changes):
        """Keep what was changed afterwards, all at once; see ``changes``."""
        with self._writing() as connection:
            connection.execute("BEGIN")
            rows = [(json.dumps(change, sort_keys=True),) for change in changes]
            connection.executemany("INSERT INTO changes (change) VALUES (?)", rows)
            connection.execute("COMMIT")

    def changes(self):
        """All that was changed afterwards, oldest first."""
        return [
            json.loads(change) for (change,) in self.connection.execute("SELECT change FROM changes ORDER BY number")
        ]

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
