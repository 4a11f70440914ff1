"""The class list: who should have handed in, found by the head of its columns.

Lists as Canvas, Moodle, Gradescope, GitHub Classroom and Google Classroom export them work as they are, and so does a
table with a column for a name, an e-mail address, a login or a number. The list is the lecturer's own file.
"""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.grading.names import alike, shown

MAX_BYTES = 20 << 20
TITLE = 10  # lines that may stand before and in the head
DELIMITERS, NO_DELIMITER = ";,\t|", "\x1f"
COLUMNS = {  # what a column holds: heads that say so, in small letters, with blanks between words
    "key": "key, student key",
    "canvas_id": "canvas id",  # and "id", where the columns of Canvas's gradebook lie beside it
    "moodle_id": "moodle id",  # and "identifier", where it holds Moodle's participants
    "id": "id, student id, student number, id number, sis user id, sis id, sid, identifier, user id, github id, "
    "matriculation number, matrikelnummer, matrikelnr, matrikel nr, matr nr, matrikel, id nummer, org defined id, "
    "orgdefinedid, student no, registration number, numéro étudiant",
    "login": "login, login id, sis login id, username, user name, user, benutzername, anmeldename, netid, account, "
    "github username, github login, github",
    "email": "email, e mail, mail, email address, e mail address, e mail adresse, mailadresse, student email",
    "name": "name, full name, fullname, student, student name, vollständiger name, display name",
    "first": "first name, firstname, given name, vorname, forename, prénom",
    "last": "last name, lastname, surname, family name, nachname, familienname, nom",
    "section": "section, group, gruppe",
    "time": "time, submitted, submitted at, submission time, submission timestamp, last modified (submission), "
    "handed in, handed in at, abgegeben, abgabezeit, zuletzt geändert (abgabe)",
}
ABOUT = ("section", "time")  # tell nobody apart
IDENTIFIERS = ("key", "canvas_id", "moodle_id", "id", "login", "email")
OF_A_PLATFORM = (*IDENTIFIERS[1:], "section")
NOBODY = {"points possible", "student, test"}  # rows of Canvas's that are no students
HEADS = {head: column for column, heads in COLUMNS.items() for head in heads.split(", ")}


class BadRoster(ValueError):
    """The class list cannot be used; the text says why."""


@dataclass(frozen=True)
class Enrolled:
    """Someone on the list: ``values`` by column, and the line."""

    line: int
    name: str
    values: dict = field(hash=False)

    def platform(self):
        """Identifiers as a row keeps them."""
        return {column: shown(value) for column, value in self.values.items() if column in OF_A_PLATFORM}


def read_roster(path):
    """``[Enrolled, ...]`` of a table with a head: UTF-8, UTF-16 or Latin-1, columns set apart by ``,``, ``;`` or tabs.

    Raises ``BadRoster``.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadRoster(f"The class list {path} cannot be read ({error.strerror}).") from None
    if data[:2] == b"PK" or len(data) > MAX_BYTES or b"\0" in decoded(data).encode()[:4000]:
        raise BadRoster(f"The class list {path} is no table of text: save it as CSV in your spreadsheet program.")
    rows = _table(decoded(data).replace("\r\n", "\n").replace("\r", "\n"), path)
    columns = _columns(rows)
    people = [made for line, row in rows[1:] if (made := _enrolled(line, row, columns))]
    return _unique(people, path)


# --- The table -------------------------------------------------------------------------------------------


def decoded(data):
    """The text of a file that a spreadsheet program wrote."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _table(text, path):
    """``[(number of the line, cells), ...]`` without empty ones, from the head on: the first of the upper lines that
    says what columns hold; a title may stand above it."""
    upper = text.split("\n", TITLE)[:TITLE]
    for before, line in enumerate(upper):
        delimiter = max(DELIMITERS, key=line.count) if any(map(line.count, DELIMITERS)) else NO_DELIMITER
        head = [(before + 1, line.split(delimiter))]
        if _tells_apart(_columns(head)):
            return _rows(io.StringIO(text.split("\n", before)[-1]), delimiter, before)
    first = next((line for line in upper if line.strip()), "")
    if not first:
        raise BadRoster(f"The class list {path} is empty.")
    raise BadRoster(
        f"The class list {path} has no column for a name, e-mail address, login or number: its first line must "
        f"say what the columns hold, such as name,email; it reads: {shown(first)}."
    )


def _rows(lines, delimiter, before):
    """Rows of a table that ``before`` lines stand above, each with the line that it begins in."""
    reader, begins, rows = csv.reader(lines, delimiter=delimiter, strict=True), before + 1, []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((begins, row))
            begins = before + reader.line_num + 1
    except csv.Error as error:
        raise BadRoster(
            f"Line {begins} of the class list cannot be read ({error}): is a quotation mark left open?"
        ) from None
    return rows


def _tells_apart(columns):
    """Whether columns say who somebody is: more than half of a name."""
    held = set(columns.values()) - {*ABOUT}
    return bool(held - {"first", "last"}) or held == {"first", "last"}


def _columns(rows):
    """``{index: column}`` of the heads that are known."""
    heads = [_plain(cell) for cell in rows[0][1]]
    columns = {i: HEADS[head] for i, head in enumerate(heads) if head in HEADS}
    if any(head.startswith("sis ") for head in heads) and "id" in heads:
        columns[heads.index("id")] = "canvas_id"
    if "identifier" in heads:
        at = heads.index("identifier")
        if all(_participant(row[at]) for _, row in rows[1:] if len(row) > at and row[at].strip()):
            columns[at] = "moodle_id"
    return columns


def _plain(head):
    """The head of a column in small letters, with one blank between words."""
    return " ".join("".join(" " if sign in "_-.\ufeff\"'" else sign for sign in head.casefold()).split())


def _participant(text):
    """``1001`` of ``Participant 1001``, whatever the language; ``""`` of other texts."""
    text = text.strip()
    number = text[len(text.rstrip("0123456789")) :]
    return number if 0 < len(number) < len(text) and text[: -len(number)].strip()[-1:].isalpha() else ""


def _enrolled(line, row, columns):
    values = {}
    for i, column in columns.items():
        cell = row[i].strip() if i < len(row) else ""
        if cell and column not in values:
            values[column] = _participant(cell) if column == "moodle_id" else cell
        elif cell and column == "id":
            values.setdefault("other_id", cell)
    name = values.get("name") or " ".join(values[part] for part in ("first", "last") if part in values)
    if not values or alike(name) in NOBODY:
        return None
    return Enrolled(line, name, values)


def _unique(people, path):
    """Without lines that say the same again. Raises ``BadRoster`` if two students have one identifier."""
    kept, named = {}, {}
    for one in people:
        told_apart = any(column in one.values for column in IDENTIFIERS)
        kept.setdefault(tuple(sorted(one.values.items())) if told_apart else one.line, one)
        if not told_apart:
            named.setdefault(alike(one.name), []).append(one)
    for first, *others in named.values():
        if others:
            raise BadRoster(_twice(first, others[0], "name", first.name, path))
    for column in IDENTIFIERS:
        seen = {}
        for one in kept.values():
            value = alike(one.values.get(column, ""))
            if value and value in seen:
                raise BadRoster(_twice(seen[value], one, column, one.values[column], path))
            seen[value] = one
    return list(kept.values())


def _twice(first, second, column, value, path):
    return (
        f"Lines {first.line} and {second.line} of {path} have the same {column}, '{shown(value)}': mend one, or "
        "add a column that tells them apart (id, login or email)."
    )
