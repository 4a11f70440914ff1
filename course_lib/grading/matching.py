"""Who on the class list handed in what."""

import unicodedata
from collections import Counter
from dataclasses import dataclass

from course_lib.grading.names import alike, shown
from course_lib.grading.platforms import Person
from course_lib.grading.roster import IDENTIFIERS, BadRoster

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


@dataclass(frozen=True)
class Matched:
    """Who on the list handed in what.

    Attributes:
        people: ``{Person as found: Person with the list's name and identifiers}``, everyone who handed in.
        missing: ``Person``s on the list of whom nothing was found.
        unknown: those who handed in and are not on the list.
        lines: ``{Person as found: roster.Enrolled}`` of the others.
    """

    people: dict
    missing: tuple
    unknown: tuple
    lines: dict


def match(people, enrolled, path="the class list"):
    """Find each of ``people`` on the list. Returns ``Matched``.

    Identifiers are tried first, then names, then the part of an e-mail address before the @; letters' case, blanks at
    the ends and ways to encode accents aside they must be equal. Who is not found so is whoever's name has the same
    words, with umlauts spelt either way (``Mueller_Juergen``), or has them beside a login or number of theirs
    (``Mueller_Juergen_jm_1234``). Raises ``BadRoster`` where several answer.
    """
    found, by_line, used = {}, {}, Counter()
    tiers = [_index(enrolled, forms) for forms in (_identifiers, _names, _local_parts)]
    spelt = [(one, words) for one in enrolled for words in _spellings(one.name)]
    for person in people:
        column, one = _found(person, tiers, path)
        if one is None:
            column, one = "name", _within(person, spelt, path)
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
    return Matched(told, tuple(missing), unknown, found)


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
    number_only = not {"moodle_id", "brightspace_id"}.isdisjoint(person.platform)  # says nothing outside its platform
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
            raise BadRoster(_several(answers, person, path))
        if answers:
            return next(iter(answers.values()))
    return "", None


def _within(person, spelt, path):
    """The ``Enrolled`` whose name has the words of a person's, or lies in it beside a number or login of theirs."""
    theirs = _spellings(person.name or person.key)
    every = set().union(*theirs)
    answers = {
        one.line: one for one, name in spelt if name in theirs or (name <= every and not every.isdisjoint(_marks(one)))
    }
    if len(answers) > 1:
        raise BadRoster(_several(answers, person, path))
    return next(iter(answers.values()), None)


def _marks(one):
    """What stands for someone and nobody else: numbers and logins."""
    return {alike(value) for _, value in (*_identifiers(one), *_local_parts(one))}


def _several(lines, person, path):
    return (
        f"Lines {' and '.join(map(str, sorted(lines)))} of {path} both answer to '{person}': give the list a column "
        "that tells them apart (id, login or email), or name the files by it."
    )


def _spellings(name):
    """Sets of the words of a name: as it is, with umlauts written as two letters, and without accents."""
    plain = alike(name)
    apart = unicodedata.normalize("NFD", plain)
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return [_words(plain), _words(plain.translate(UMLAUTS)), _words(bare)]


def _words(text):
    return set("".join(sign if sign.isalnum() or unicodedata.combining(sign) else " " for sign in text).split())


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
