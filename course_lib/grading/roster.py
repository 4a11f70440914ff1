"""The class list: who should have handed in, found by the head of its columns, and matched to who did.

Lists as Canvas, Moodle, Gradescope, GitHub Classroom and Google Classroom export them work as they are, and so does a
table with a column for a name, an e-mail address, a login or a number. The list is the lecturer's own file.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.grading.names import alike, shown
from course_lib.grading.platforms import Person

MAX_BYTES = 20 << 20
COLUMNS = {  # what a column holds: heads that say so, in small letters, with blanks between words
    "key": "key, student key",
    "canvas_id": "canvas id",  # and "id", where the columns of Canvas's gradebook lie beside it
    "moodle_id": "moodle id",  # and "identifier", where it holds Moodle's participants
    "id": "id, student id, student number, id number, sis user id, sis id, sid, identifier, user id, github id, "
    "matriculation number, matrikelnummer, matrikel nr, id nummer, org defined id",
    "login": "login, login id, sis login id, username, user name, user, benutzername, anmeldename, netid, account, "
    "github username, github login, github",
    "email": "email, e mail, mail, email address, e mail address, e mail adresse, student email",
    "name": "name, full name, fullname, student, student name, vollständiger name, display name",
    "first": "first name, firstname, given name, vorname, forename, prénom",
    "last": "last name, lastname, surname, family name, nachname, familienname, nom",
}
IDENTIFIERS = ("key", "canvas_id", "moodle_id", "id", "login", "email")
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
        return {column: shown(value) for column, value in self.values.items() if column in IDENTIFIERS[1:]}


@dataclass(frozen=True)
class Matched:
    """Who on the list handed in what.

    Attributes:
        people: ``{Person as found: Person with the list's name and identifiers}``, everyone who handed in.
        missing: ``Person``s on the list of whom nothing was found.
        unknown: those who handed in and are not on the list.
    """

    people: dict
    missing: tuple
    unknown: tuple


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
    if data[:2] == b"PK" or len(data) > MAX_BYTES or b"\0" in _decoded(data).encode()[:4000]:
        raise BadRoster(f"The class list {path} is no table of text: save it as CSV in your spreadsheet program.")
    rows = _rows(_decoded(data))
    if not rows:
        raise BadRoster(f"The class list {path} is empty.")
    columns = _columns(rows)
    if not set(columns.values()) - {"first", "last"} and set(columns.values()) != {"first", "last"}:
        heads = ", ".join(shown(cell) for cell in rows[0][1][:8])
        raise BadRoster(
            f"The class list {path} has no column for a name, e-mail address, login or number: its first line must "
            f"say what the columns hold, such as name,email; it reads: {heads}."
        )
    people = [made for line, row in rows[1:] if (made := _enrolled(line, row, columns))]
    return _unique(people, path)


def match(people, enrolled, path="the class list"):
    """Find each of ``people`` on the list. Returns ``Matched``.

    Identifiers are tried first, then names, then the part of an e-mail address before the @; letters' case, blanks at
    the ends and ways to encode accents aside they must be equal. Raises ``BadRoster`` where several answer.
    """
    found, by_line, used = {}, {}, Counter()
    tiers = [_index(enrolled, forms) for forms in (_identifiers, _names, _local_parts)]
    for person in people:
        column, one = _found(person, tiers, path)
        if one is None:
            continue
        if one.line in by_line:
            raise BadRoster(
                f"'{by_line[one.line]}' and '{person}' both answer to line {one.line} of {path}, '{shown(one.name)}': "
                "rename one of them, or put their files into one folder if they are the same student."
            )
        found[person], by_line[one.line] = one, person
        used[column] += 1
    order = sorted(["name", *IDENTIFIERS], key=lambda column: (-used[column], column == "name"))
    missing = [_missing(one, order) for one in enrolled if one.line not in by_line]
    _all_keys_differ([*people, *missing], path)
    unknown = tuple(person for person in people if person not in found)
    told = {person: _told(person, found.get(person)) for person in people}
    return Matched(told, tuple(missing), unknown)


# --- The table -------------------------------------------------------------------------------------------


def _decoded(data):
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _rows(text):
    """``[(number of the line, cells), ...]`` without empty ones."""
    lines = text.splitlines()
    first = 1 if lines and lines[0].lower().startswith("sep=") else 0
    head = next((line for line in lines[first:] if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO("\n".join(lines[first:])), delimiter=delimiter)
    try:
        return [(reader.line_num + first, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadRoster(f"Line {reader.line_num + first} of the class list cannot be read ({error}).") from None


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
    return " ".join(head.strip("\ufeff \"'").casefold().replace("_", " ").replace("-", " ").split())


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


# --- Matching --------------------------------------------------------------------------------------------


def _identifiers(one):
    return [(column, one.values[column]) for column in (*IDENTIFIERS, "other_id") if column in one.values]


def _names(one):
    first, last = one.values.get("first", ""), one.values.get("last", "")
    forms = [one.name, one.values.get("id", "")]
    if "," in one.name:
        first, last = one.name.partition(",")[2].strip(), one.name.partition(",")[0].strip()
    if first and last:
        forms += [f"{first} {last}", f"{last} {first}", f"{last}, {first}", _compact(last + first)]
    return [("name", form) for form in forms if form]


def _local_parts(one):
    return [("email", one.values["email"].partition("@")[0])] if "@" in one.values.get("email", "") else []


def _compact(name):
    """As Canvas writes a sortable name: word signs only."""
    return "".join(sign for sign in name if sign.isalnum() or sign == "_")


def _index(enrolled, forms):
    """``{form: {line: (column, Enrolled)}}``."""
    index = {}
    for one in enrolled:
        for column, form in forms(one):
            index.setdefault(alike(form), {}).setdefault(one.line, (column, one))
    return index


def _found(person, tiers, path):
    """``(column, Enrolled)`` of a person, ``("", None)`` without."""
    identifiers, names, local_parts = tiers
    number_only = "moodle_id" in person.platform  # counts students of one assignment, and says nothing elsewhere
    for index, forms in (
        (identifiers, [person.key, *person.platform.values()]),
        (names, [person.name or person.key]),
        (local_parts, [person.key]),
    ):
        answers = {}
        for form in forms:
            for line, (column, one) in index.get(alike(form), {}).items():
                if not (number_only and index is not names and column not in ("moodle_id", "key")):
                    answers[line] = (column, one)
        if len(answers) > 1:
            lines = " and ".join(str(line) for line in sorted(answers))
            raise BadRoster(
                f"Lines {lines} of {path} both answer to '{person}': give the list a column that tells them apart (id, "
                "login or email), or name the files by it."
            )
        if answers:
            return next(iter(answers.values()))
    return "", None


def _missing(one, order):
    key = next(value for value in (one.name if c == "name" else one.values.get(c, "") for c in order) if value)
    return Person(shown(key), shown(one.name), one.platform())


def _told(person, one):
    if one is None:
        return person
    return Person(person.key, shown(one.name) or person.name, one.platform() | person.platform)


def _all_keys_differ(people, path):
    seen = {}
    for person in people:
        if person.key in seen:
            raise BadRoster(f"{path} would have two students '{person.key}': give it a column for an id.")
        seen[person.key] = person
