"""``assignments/03.toml``: what a lecturer settles for one sheet. Every key may be left out, and so may the file.

::

    title = "Sheet 3: momentum"             # of the assignment, in Canvas and elsewhere
    exercises = ["03-1", "03-2", "03-4"]    # those that are handed out and marked; all of the chapter if left out
    bonus = ["03-4"]                        # counts on top of the points to be had
    deadline = 2026-11-09T23:59:00
    time_zone = "Europe/Berlin"
    attempts = "last"                       # or "best", which is what counts if left out
    hidden_checks = "all"                   # or ["03-2"]: shown when nobody can hand in any more
    pass_mark = 50                          # percent
    round_to = 0.5

    [points]
    "03-1" = 10                             # what all checks of 03-1 together are worth here

    [weights]
    "03-2" = 2                              # or: how often each of its points counts

    [late]
    grace = 15                              # minutes that cost nothing
    per_day = 20                            # percent for each day that has begun
    cap = 60                                # percent, at most
    days = 5                                # after these nothing counts

    [extensions]
    anna = 2026-11-12T12:00:00              # until then, or a number of days

    [[by_hand]]
    id = "style"
    title = "Readable code"
    about = ["03-1", "03-2"]                # whose code the marker sees; all if left out
    rubric = [{ points = 2, says = "Names say what they hold." }]

Points that checks give are never changed here: they stay in the results as they are, and ``mark`` applies this file
to them whenever tables and pages are written.
"""

# ruff: noqa: RUF009, since key() makes a field of the dataclass

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from course_lib import place
from course_lib.checks import asked
from course_lib.checks.questions import Criterion, Question
from course_lib.grading.assignment import exercises_of
from course_lib.settings.fields import (
    BadSettings,
    Refused,
    as_typed,
    flag,
    key,
    list_of,
    made,
    number,
    one_of,
    read_toml,
    table_of,
    text,
)

FOLDER = "assignments"
ALL = "all"
PART = re.compile(r"[a-z][a-z0-9-]{0,30}")


def _when(value):
    if not isinstance(value, datetime):
        raise Refused
    return value


def _until(value):
    if isinstance(value, datetime):
        return value
    return timedelta(days=number(0, 1000, above=True)(value))


def _zone(value):
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("there is none of this name here; if it is right: python -m pip install tzdata") from None


def _hidden(value):
    return ALL if value == ALL else list_of(text)(value)


def _part_id(value):
    if not isinstance(value, str) or not PART.fullmatch(value):
        raise Refused
    return value


def _rubric(value):
    if not isinstance(value, list) or not value:
        raise Refused
    found = []
    for one in value:
        if not isinstance(one, dict) or set(one) != {"points", "says"}:
            raise Refused(f"{as_typed(one)} has other keys than points and says")
        found.append(Criterion(number(0, above=True)(one["points"]), text(one["says"])))
    return tuple(found)


@dataclass(frozen=True)
class Late:
    """What handing in late costs.

    Attributes:
        per_day: percent for each day that has begun since the deadline.
        cap: percent that it costs at most.
        grace: minutes that cost nothing; who is later than that is late from the deadline on.
        days: after so many nothing counts; without end if left out.
        of: "reached": a share of the points that were reached; "full": of those to be had.
    """

    per_day: float = key("a number of percent from 0 to 100", number(0, 100), 0)
    cap: float = key("a number of percent from 0 to 100", number(0, 100), 100)
    grace: float = key("a number of minutes, 0 or more", number(0), 0)
    days: float | None = key("a number of days above 0", number(0, above=True), None)
    of: str = key('"reached" or "full"', one_of("reached", "full"), "reached")


@dataclass(frozen=True)
class ByHand:
    """A part that a person marks, beside what the checks do."""

    id: str = key('a short word of small letters and digits, such as "style"', _part_id)
    title: str = key("a line of text", text)
    rubric: tuple = key('a list such as [{ points = 2, says = "Names say what they hold." }]', _rubric)
    about: tuple = key("a list of ids of exercises", list_of(text), ())

    @property
    def question(self):
        """As a question that is answered in words, which has pages, a table and a way back."""
        return Question(self.id, self.title, "Look at the code that was handed in.", self.rubric)


def _late(value):
    if not isinstance(value, dict):
        raise Refused
    return value


def _parts(value):
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Refused
    return value


@dataclass(frozen=True)
class Sheet:
    """What stands in the file of one sheet; see this module.

    Attributes:
        file: its name, as messages and reasons show it; "" if there is none.
        chapter: such as ``"03"``.
    """

    title: str = key("a line of text", text, "")
    exercises: tuple = key('a list of ids such as ["03-1", "03-2"]', list_of(text, 1), ())
    bonus: tuple = key('a list of ids such as ["03-4"]', list_of(text), ())
    above_full: bool = key("true, or false if bonus points end at the points to be had", flag, True)
    points: dict = key('a table such as "03-1" = 10, numbers above 0', table_of(number(0, above=True)), factory=dict)
    weights: dict = key('a table such as "03-2" = 2, numbers of 0 or more', table_of(number(0)), factory=dict)
    deadline: datetime | None = key("a date with a time, such as 2026-11-09T23:59:00", _when, None)
    time_zone: tzinfo | None = key('the name of a time zone, such as "Europe/Berlin"', _zone, None)
    late: Late = key("a table [late]", _late, factory=Late)
    attempts: str = key('"best" or "last"', one_of("best", "last"), "best")
    times: str = key(
        '"platform", or "files" to believe the times of the files', one_of("platform", "files"), "platform"
    )
    unknown_times: str = key('"no mark" or "on time"', one_of("no mark", "on time"), "no mark")
    hidden_checks: object = key('"all" or a list of ids of exercises', _hidden, ())
    extensions: dict = key(
        "a table such as anna = 2026-11-12T12:00:00, or = 3 for days", table_of(_until), factory=dict
    )
    pass_mark: float | None = key("a number of percent from 0 to 100", number(0, 100), None)
    round_to: float = key("a number above 0, such as 0.5", number(0, above=True), 0.01)
    by_hand: tuple = key("tables [[by_hand]]", _parts, ())
    file: str = field(default="", compare=False)
    chapter: str = field(default="", compare=False)

    def ids(self):
        """Exercises and questions that are handed out and marked, in the order of the chapter."""
        return self.exercises or tuple(one.id for one in exercises_of(self.chapter))

    def asked(self):
        """The same as objects."""
        return [asked()[id] for id in self.ids()]

    def scale(self, id, full):
        """How often a point of the checks counts, in an exercise with ``full`` of them."""
        return self.points[id] / full if id in self.points else self.weights.get(id, 1)

    def questions(self):
        """``{id: Question}`` of the parts that are marked by hand."""
        return {part.id: part.question for part in self.by_hand}

    def hides(self, id):
        """Whether what the checks of an exercise found is shown only at the end."""
        return self.hidden_checks == ALL or id in self.hidden_checks

    def aware(self, moment):
        """A date with its time zone: its own, or that of the sheet."""
        return moment if moment.tzinfo else moment.replace(tzinfo=self.time_zone or UTC)

    def until(self, extension=None):
        """The deadline, or the one that an entry of ``extensions`` gives."""
        if isinstance(extension, timedelta):
            return self.deadline + extension
        return extension or self.deadline

    def shown_from(self):
        """When hidden checks are shown: nobody has time any more. ``None``: they are shown at once."""
        if not self.hidden_checks or self.deadline is None:
            return None
        return max(self.until(one) for one in (None, *self.extensions.values())) + timedelta(minutes=self.late.grace)


def sheet_path(chapter, folder=None):
    """Where the settings of a chapter's sheet are looked for."""
    return Path(folder or place.folder()) / FOLDER / f"{chapter}.toml"


def sheet_of(chapter, folder=None):
    """The ``Sheet`` of a chapter: the one in its file, or the one that changes nothing. Raises ``BadSettings``."""
    path = sheet_path(chapter, folder)
    return read_sheet(path, chapter) if path.is_file() else Sheet(chapter=chapter)


def read_sheet(path, chapter=None):
    """The ``Sheet`` in a file; ``chapter`` is that of its name if left out. Raises ``BadSettings``."""
    path = Path(path)
    return sheet_from(read_toml(path), f"{path.parent.name}/{path.name}".lstrip("/"), chapter or path.stem[:2])


def sheet_from(table, file, chapter):
    """The ``Sheet`` that a table of TOML says. Raises ``BadSettings``."""
    found = made(Sheet, table, file)
    late = made(Late, table.get("late", {}), file, "late.")
    parts = tuple(
        made(ByHand, one, file, f"by_hand[{number}].") for number, one in enumerate(table.get("by_hand", ()), start=1)
    )
    settled = {"late": late, "by_hand": parts, "file": file, "chapter": chapter}
    if (found.deadline or found.extensions) and not found.time_zone:
        moments = [found.deadline, *(one for one in found.extensions.values() if isinstance(one, datetime))]
        if any(moment and moment.tzinfo is None for moment in moments):
            raise BadSettings(
                f'{file}: a time needs a time zone: add time_zone = "Europe/Berlin", or write '
                "2026-11-09T23:59:00+01:00."
            )
    if found.deadline:
        settled["deadline"] = found.aware(found.deadline)
    settled["extensions"] = {
        name: found.aware(one) if isinstance(one, datetime) else one for name, one in found.extensions.items()
    }
    for name, value in settled.items():
        object.__setattr__(found, name, value)
    _require(found)
    return found


def _require(sheet):
    """Raise ``BadSettings`` where keys do not fit each other or the course."""

    def refuse(words):
        raise BadSettings(f"{sheet.file}: {words}")

    of_chapter = [one.id for one in exercises_of(sheet.chapter)]
    for id in sheet.exercises:
        if id not in of_chapter:
            own = f"exercises of chapter {sheet.chapter}, {', '.join(of_chapter)}"
            refuse(f"exercises must name {own}, not {as_typed(id)}.")
    object.__setattr__(sheet, "exercises", tuple(id for id in of_chapter if id in sheet.exercises))
    ids = sheet.ids()
    parts = [part.id for part in sheet.by_hand]
    hidden = () if sheet.hidden_checks == ALL else sheet.hidden_checks
    marked = (*ids, *parts)
    for name, named, among in (
        ("bonus", sheet.bonus, marked),
        ("points", sheet.points, ids),
        ("weights", sheet.weights, marked),
        ("hidden_checks", hidden, ids),
        *((f"by_hand.{part.id}.about", part.about, ids) for part in sheet.by_hand),
    ):
        for id in named:
            if id not in among:
                refuse(f"{name} must name exercises of this sheet, {', '.join(among)}, not {as_typed(id)}.")
    for id in sheet.points:
        if id in sheet.weights:
            refuse(f"weights must not name {as_typed(id)}, whose worth stands in points already.")
    for id in parts:
        if parts.count(id) > 1 or id in asked():
            refuse(f"by_hand.id must be a word that nothing else has, not {as_typed(id)}.")
    if all(id in sheet.bonus for id in marked):
        refuse("bonus must leave an exercise whose points are to be had.")
    if not sheet.deadline:
        for name in ("extensions", "hidden_checks"):
            if getattr(sheet, name):
                refuse(f"deadline is missing; {name} must have one.")
        if sheet.late != Late():
            refuse("deadline is missing; late must have one.")
