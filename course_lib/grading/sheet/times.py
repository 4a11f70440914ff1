"""When something was handed in: from what the platform says, from the lecturer's own table, and else not at all.

A file's own time says when it was copied or unpacked as often as when it was handed in, so it is believed only where
the sheet says ``times = "files"``. Where nothing is known that is said; nothing is guessed.

=============  ==================================================================================================
platform       where the time is read
=============  ==================================================================================================
Blackboard     the name, ``..._attempt_2026-11-02-10-00-00_...``, in the sheet's time zone
Brightspace    the name, ``... - Nov 2, 2026 1159 PM``, where it is English; in the sheet's time zone
nbgrader       the folder of its exchange, ``anna+03_momentum+2026-11-02 10:00:00 UTC``, or ``timestamp.txt``
Gradescope     ``:created_at:`` in ``submission_metadata.yml``
Canvas         no time: ``LATE`` in the name says that it was late, and not how late
Moodle         no time: its grading worksheet has it ("Last modified (submission)"), and is read as a table
GitHub         no time that a student could not have set: ``gh classroom assignment-grades`` writes a table
=============  ==================================================================================================
"""

import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from course_lib.grading.files import shown_place
from course_lib.grading.matching import match
from course_lib.grading.plain import text
from course_lib.grading.platforms import METADATA, Person, gradescope_times, is_marked_late
from course_lib.grading.roster import BadRoster, read_roster
from course_lib.grading.sheet.mark import Time
from course_lib.settings.language import later

STAMP = "timestamp.txt"
ATTEMPT = re.compile(r"_attempt_(\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2})(?=[_.]|$)")
EXCHANGED = re.compile(r"\+(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?) UTC")
ENGLISH = re.compile(r" - ([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) (\d{1,2})(\d{2}) ([AP])M(?= - |$|\.)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MOODLES = re.compile(r"(?:[A-Za-z]+, )?(\d{1,2}) ([A-Za-z]+) (\d{4}),? (\d{1,2}):(\d{2})(?: ([AaPp])[Mm])?")
SAID = (
    later("the name of the file"),
    later("the name of the folder"),
    later("the table of times"),
    later("the time of the file"),
)
NAME_OF_FILE, TABLE, LIST, OWN = "name of the file", "table of times", f"Gradescope's {METADATA}", "time of the file"
HOW = "2026-11-02 10:00, with +01:00 where the zone is not the sheet's"
LARGEST_LIST = 64 << 20


def times_of(submissions, sheet, folder, metadata="", table=None):
    """``({student: {place as a row names it: Time}}, sentences about the table)``.

    Args:
        submissions: ``intake.Submission``s.
        sheet: ``settings.Sheet``.
        folder: that what was handed in lies in, or an archive.
        metadata: text of Gradescope's list, "" without.
        table: path of the lecturer's own table: one line a student, with a column for the time.

    Raises ``roster.BadRoster`` where the table cannot be used.
    """
    listed = gradescope_times(metadata)
    given, told = _from_table(submissions, table, sheet) if table else ({}, [])
    found = {}
    for one in submissions:
        stamps = {_parent(file.place): file for file in one.files if file.place.rpartition("/")[2] == STAMP}
        found[one.student] = {
            text(shown_place(file.place), 300): given.get(one.student) or _of(file, stamps, listed, sheet, folder)
            for file in one.files
        }
    return found, told


def _of(file, stamps, listed, sheet, folder):
    """The ``Time`` of a file."""
    parts = file.place.split("/")
    for part in parts:
        at = from_name(part, sheet)
        if at:
            return Time(at, f"the {NAME_OF_FILE}" if part == parts[-1] else "the name of the folder")
        if part in listed and (moment := _iso(listed[part], sheet)):
            return Time(moment, LIST)
    if (stamp := stamps.get(_parent(file.place))) and (moment := _stamped(stamp, sheet)):
        return Time(moment, STAMP)
    late = any(map(is_marked_late, parts))
    if sheet.times == "files" and not late and (moment := _own_time(folder, parts)):
        return Time(moment, f"the {OWN}")
    return Time(late=late)


def from_name(name, sheet):
    """The moment that a platform wrote into the name of a file or folder, ``None`` if there is none."""
    try:
        if found := ATTEMPT.search(name):
            return sheet.aware(datetime.strptime(found[1], "%Y-%m-%d-%H-%M-%S"))
        if found := EXCHANGED.search(name):
            return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
        if (found := ENGLISH.search(name)) and found[1] in MONTHS:
            hour = int(found[4]) % 12 + 12 * (found[6] == "P")
            return sheet.aware(datetime(int(found[3]), MONTHS.index(found[1]) + 1, int(found[2]), hour, int(found[5])))
    except ValueError:  # a 13th month
        return None
    return None


def _iso(words, sheet):
    """The moment that a text says in one of the ways that leave no doubt, ``None`` for others."""
    words = words.strip()
    bare = re.sub(r"(\.\d{6})\d+", r"\1", words.removesuffix(" UTC").removesuffix("Z").strip())
    universal = words.endswith((" UTC", "Z"))
    try:
        moment = datetime.fromisoformat(bare)
        return moment.replace(tzinfo=UTC) if universal and not moment.tzinfo else sheet.aware(moment)
    except ValueError:
        return _as_moodle_writes(words, sheet)


def _as_moodle_writes(words, sheet):
    """``Monday, 2 November 2026, 10:00 AM`` as Moodle writes it in English."""
    found = MOODLES.fullmatch(words)
    if not found or found[2].lower() not in LONG_MONTHS:
        return None
    hour = int(found[4])
    if found[6]:
        hour = hour % 12 + 12 * (found[6].lower() == "p")
    try:
        return sheet.aware(
            datetime(int(found[3]), LONG_MONTHS.index(found[2].lower()) + 1, int(found[1]), hour, int(found[5]))
        )
    except ValueError:
        return None


def _stamped(file, sheet):
    """The moment in nbgrader's ``timestamp.txt``, which lies beside the notebook."""
    if not file.copy:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stamp")
        if file.copy(path):
            return None
        with open(path, "rb") as stamp:
            return _iso(stamp.read(100).decode("ascii", "replace"), sheet)


def _own_time(folder, parts):
    """When the file on disk was last written: the notebook's, or that of the archive it lies in."""
    path = Path(folder)
    if not path.is_dir():
        return None
    for part in parts:
        path = path / part
        if path.is_file():
            return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return None


def _parent(place):
    return place.rpartition("/")[0]


def _from_table(submissions, path, sheet):
    """``({student: Time}, sentences)`` of the lecturer's table."""
    enrolled = read_roster(path)
    if not any("time" in one.values for one in enrolled):
        raise BadRoster(
            f"{path} says of nobody when they handed in: it needs a column called time, as in student,time."
        )
    people = {Person(one.student, one.name, one.platform): one.student for one in submissions if one.files}
    lines = match(list(people), enrolled, path).lines
    found, without = {}, []
    for person, student in people.items():
        words = lines[person].values.get("time", "").strip("-– ") if person in lines else ""
        if words and not (moment := _iso(words, sheet)):
            raise BadRoster(
                f"Line {lines[person].line} of {path}: {words!r} is no time that leaves no doubt: write {HOW}."
            )
        if words:
            found[student] = Time(moment, f"the {TABLE}")
        else:
            without.append(str(person))
    more = f" and {len(without) - 5} more" if len(without) > 5 else ""
    return found, [f"{path} says no time of {', '.join(without[:5])}{more}."] if without else []
