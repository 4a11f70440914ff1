"""The table of marks as spreadsheet programs hand it back: commas, semicolons or tabs, decimal points or commas."""

import csv
import io
from typing import NamedTuple

from course_lib.grading.names import shown
from course_lib.grading.plain import PROSE, text
from course_lib.grading.roster import decoded

HEAD = ("key", "question", "points", "comment")
MAX_BYTES = 10 << 20
LONGEST = 4_000  # characters of a comment


class BadTable(ValueError):
    """The file is no table of marks; its text says why."""


class Line(NamedTuple):
    """One line: its number in the file, and its cells as text; ``value``: the points as a number, ``None`` if none."""

    number: int
    key: str
    question: str
    points: str
    comment: str
    value: float | None


def read_lines(path):
    """``([Line, ...], sentences about lines that cannot be read)``. Raises ``BadTable``."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadTable(f"The table {path} cannot be read ({error.strerror}).") from None
    if data[:2] == b"PK" or len(data) > MAX_BYTES:
        raise BadTable(f"{path} is no table of text: save it as CSV in your spreadsheet program.")
    whole = decoded(data).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    delimiter = max(",;\t", key=whole.partition("\n")[0].count)
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(whole), delimiter=delimiter)
    head = [cell.strip().casefold() for cell in next(reader, [])]
    if missing := [name for name in HEAD[:3] if name not in head]:
        raise BadTable(f"The first line of {path} must name the columns {', '.join(HEAD)}; it lacks {missing[0]}.")
    lines, refused = [], []
    begins = reader.line_num + 1
    for row in reader:
        if len(row) > len(head) and any(cell.strip() for cell in row[len(head) :]):
            refused.append(
                f"Line {begins}: it has {len(row)} cells, not {len(head)}: a decimal comma or a comma in the comment "
                "needs quotation marks around its cell."
            )
        elif any(cell.strip() for cell in row):
            lines.append(_line(begins, dict(zip(head, row, strict=False))))
        begins = reader.line_num + 1
    return lines, refused


def _line(place, cells):
    key, question, points = (shown(bare(cells.get(name, ""))) for name in HEAD[:3])
    comment = text(bare(cells.get("comment", "")), LONGEST, PROSE)
    return Line(place, key, question, points, comment, number(points))


def bare(cell):
    """A cell without blanks around it and without the mark that keeps a spreadsheet from computing with it."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell


def number(text):
    """A number with a decimal point or comma, ``None`` if it is none."""
    try:
        return float(text.replace(",", ".")) if len(text) < 30 and "_" not in text else None
    except ValueError:
        return None
