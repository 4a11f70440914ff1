"""What was marked so far, in a SQLite file: one commit per student, so that a run can be cut off anywhere."""

import json
import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS marks (student TEXT PRIMARY KEY, input TEXT NOT NULL, row TEXT NOT NULL);
"""


class Store:
    """The marks of one run.

    Args:
        path: the SQLite file; made if missing.

    Raises ``ValueError`` if the file is not one, or another grader is at work on it.
    """

    def __init__(self, path):
        self.path = path
        try:
            self.connection = sqlite3.connect(path, timeout=2, isolation_level=None)
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("BEGIN EXCLUSIVE")
            for statement in SCHEMA.split(";"):
                self.connection.execute(statement)
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise ValueError(f"Another run is writing to {path}: wait for it, or choose another folder.") from None
            raise ValueError(f"{path} cannot be written ({error}): choose another folder with -o.") from None
        except sqlite3.DatabaseError:
            raise ValueError(
                f"{path} is damaged or not ours: move it away, or choose another folder with -o."
            ) from None

    def get(self, key):
        """A setting of the run, or ``None``."""
        row = self.connection.execute("SELECT value FROM run WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def set(self, key, value):
        self.connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, json.dumps(value)))

    def known(self):
        """``{student: digest of what was marked}``."""
        return dict(self.connection.execute("SELECT student, input FROM marks"))

    def put(self, digest, row):
        """Keep the row of one student, for good, at once."""
        values = (row["student"], digest, json.dumps(row, sort_keys=True))
        self.connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", values)

    def forget(self, student):
        self.connection.execute("DELETE FROM marks WHERE student = ?", (student,))

    def rows(self):
        """All rows, by student."""
        for (row,) in self.connection.execute("SELECT row FROM marks ORDER BY student"):
            yield json.loads(row)

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
