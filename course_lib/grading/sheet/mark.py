"""From the points that checks and people gave to a mark, with its reasons. Pure, and the one place where it is done.

``marked(row, sheet, times)`` is a row in which points are those of the sheet: ``points``, ``max_points`` of the whole
and of each exercise are settled, what the checks gave stays in ``raw``, and ``reasons`` says what was done, in order:

1. each exercise: the points of its checks, times its weight (or so that all of them are worth what the sheet says), in
   hundredths
2. the sum; bonus exercises add to it, and not to the points to be had
3. what handing in late costs
4. rounding, half up

Of several attempts each goes through this; the best mark counts, or that of the last attempt.
"""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import NamedTuple

from course_lib.grading.exports import TIME_UNKNOWN, UNMARKED, number
from course_lib.grading.files import natural_order
from course_lib.grading.hand import is_open, known_points
from course_lib.settings.fields import BadSettings
from course_lib.settings.language import later, ntr, tr

DAY = timedelta(days=1)
UNKNOWN = later("It is not known yet when this was handed in, so there is no mark yet.")
BONUS_ENDS = later("Bonus points end at the points to be had: {reached} → {full}.")
BONUS = later("{given} bonus points, on top of the {full} to be had.")
NOT_PASSED = later("{percent} % are needed: {share}, not passed.")
ROUNDED = later("Rounded to a multiple of {step}: {exact} → {made}.")
BY_NAME = later(
    "{count} attempts were marked; the last one by name counts (not all times are known), {file}. Marks: {marks}."
)
KNOWN_LATE = later("This was handed in late, and it is not known yet how late, so there is no mark yet.")
WANTED = (
    "It is not known when {who} handed in, and the mark depends on it: give the times with --times (student,time), or "
    "set times or unknown_times in {file}."
)
NAMED = 5


class Time(NamedTuple):
    """When a file was handed in.

    Attributes:
        at: with its time zone; ``None`` if it is not known.
        source: where it was read, such as "the name of the file".
        late: whether the platform says that it was late.
    """

    at: datetime | None = None
    source: str = ""
    late: bool = False


NO_TIME = Time()


def marked_all(rows, sheet, times):
    """``(rows, sentences about extensions that are nobody's)``. Raises ``BadSettings``.

    Args:
        rows: as ``marking.mark_submission`` makes them, with marks by hand.
        sheet: ``settings.Sheet``.
        times: ``{student: {place: Time}}``.
    """
    rows = list(rows)
    given, strangers = _extensions(rows, sheet)
    made = [marked(row, sheet, times.get(row["student"], {}), given.get(row["student"])) for row in rows]
    told = [f"{sheet.file}: extensions name {', '.join(strangers)}, whom nobody here is called."] if strangers else []
    unknown = [row["student"] for row in made if row["status"] == TIME_UNKNOWN]
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        told.append(WANTED.format(who=", ".join(unknown[:NAMED]) + more, file=sheet.file))
    return made, told


def marked(row, sheet, times, extension=None):
    """The row with its mark.

    Args:
        row: as ``marking.mark_submission`` makes it, with marks by hand; ``others`` are its further attempts.
        sheet: ``settings.Sheet``.
        times: ``{place: Time}`` of this student's files.
        extension: the entry of the sheet's ``extensions`` that is this student's.
    """
    attempts = [row, *row.get("others", ())]
    made = [_one(attempt, sheet, times.get(attempt["file"], NO_TIME), extension) for attempt in attempts]
    kept = {name: value for name, value in row.items() if name not in ("others", "exercises")}
    best, why = _that_counts(made, sheet)
    own = {name: best[name] for name in ("file", "status", "sentence", "exercises", "points", "max_points", "raw")}
    notes = best.get("notes", [])
    if len(made) > 1:
        notes = [note for note in row["notes"][1:]] if best is made[0] else notes
    if row["status"] in UNMARKED:
        return kept | own | {"notes": notes, "reasons": [], "passed": None, "handed_in": ""}
    unknown = _unknown(made, sheet)
    if unknown:
        own |= {"status": TIME_UNKNOWN, "sentence": unknown}
        return kept | own | {"notes": notes, "reasons": [], "passed": None, "handed_in": best["handed_in"]}
    more = {
        "notes": notes,
        "reasons": [*why, *best["reasons"]],
        "passed": best["passed"],
        "handed_in": best["handed_in"],
    }
    return kept | own | more


def _one(attempt, sheet, time, extension):
    """An attempt with its mark."""
    exercises = [_scaled(exercise, sheet) for exercise in attempt["exercises"]]
    full = sum(exercise["max_points"] for exercise in exercises if not exercise.get("bonus"))
    reached = sum(exercise["points"] for exercise in exercises if not is_open(exercise))
    reasons, points = _bonus_words(exercises, full), reached
    if not sheet.above_full and points > full:
        points = full
        reasons.append(tr(BONUS_ENDS, reached=number(reached), full=number(full)))
    points, late = _after_deadline(points, full, sheet, time, extension)
    reasons += late
    points, rounding = _rounded(points, sheet.round_to)
    reasons += rounding
    done = not any(is_open(exercise) for exercise in exercises)
    passed = None if sheet.pass_mark is None or not done or not full else 100 * points >= sheet.pass_mark * full
    if passed is not None:
        share = f"{100 * points / full:.1f} %"
        told = later("{percent} % are needed: {share}, passed.") if passed else NOT_PASSED
        reasons.append(tr(told, percent=number(sheet.pass_mark), share=share))
    raw = {"points": attempt["points"], "max_points": attempt["max_points"]}
    return attempt | {
        "exercises": exercises,
        "points": points,
        "max_points": full,
        "raw": raw,
        "reasons": reasons,
        "passed": passed,
        "handed_in": shown(time.at, sheet) if time.at else "",
        "time": time,
    }


def with_worth(row, sheet):
    """A row whose exercises have the points of the sheet, for those who reckon the rest themselves."""
    return row | {"exercises": [_scaled(exercise, sheet) for exercise in row["exercises"]]}


def _scaled(exercise, sheet):
    """An exercise with the points that it has on this sheet; ``worth`` says how they came about."""
    full, points = exercise["max_points"], exercise["points"]
    factor, bonus = sheet.scale(exercise["id"], full), exercise["id"] in sheet.bonus
    made = dict(exercise)
    if factor != 1:
        made |= {"max_points": _plain(full * factor), "raw": [points, full]}
        made["points"] = None if points is None else _plain(points * factor)
        given = number(full) if points is None else tr("{points} of {most}", points=number(points), most=number(full))
        if exercise["id"] in sheet.points:
            worth = number(sheet.points[exercise["id"]])
            made["worth"] = tr("{points} points, which are worth {worth} here.", points=given, worth=worth)
        else:
            made["worth"] = tr(
                "{points} points, each of which counts {factor} times.", points=given, factor=number(factor)
            )
    if bonus:
        made |= {
            "bonus": True,
            "worth": f"{made.get('worth', '')} {tr('A bonus: on top of the points to be had.')}".strip(),
        }
    return made


def _bonus_words(exercises, full):
    given = sum(e["points"] for e in exercises if e.get("bonus") and not is_open(e))
    return [tr(BONUS, given=number(given), full=number(full))] if given else []


def _after_deadline(points, full, sheet, time, extension):
    """``(points, reasons)`` with what handing in late costs."""
    if sheet.deadline is None:
        return points, []
    until = sheet.until(extension)
    limit = tr("the extended deadline, {when}") if extension else tr("the deadline, {when}")
    limit = limit.format(when=shown(until, sheet))
    if time.at is None:
        said = sheet.unknown_times == "on time" and not time.late
        words = tr("It is not known when this was handed in; {file} says that it counts as in time.", file=sheet.file)
        return points, [words] if said and costs(sheet) else []
    handed_in = tr("Handed in {when} ({source})", when=shown(time.at, sheet), source=tr(time.source))
    late, rule = time.at.astimezone(UTC) - until.astimezone(UTC), sheet.late
    if late <= timedelta(0):
        return points, [tr("{handed_in}, before {limit}.", handed_in=handed_in, limit=limit)]
    after = tr("{handed_in}, {span} after {limit}", handed_in=handed_in, span=span(late), limit=limit)
    if late <= timedelta(minutes=rule.grace):
        free = tr("within the {count} minutes that cost nothing.", count=number(rule.grace))
        return points, [f"{after}: {free}"]
    if rule.days is not None and late > rule.days * DAY:
        return 0, [f"{after}: {tr('nothing counts after {count} days.', count=number(rule.days))}"]
    days = ceil(late / DAY)
    percent = min(rule.cap, rule.per_day * days)
    base = full if rule.of == "full" else points
    left = max(0, points - base * percent / 100)
    if not rule.per_day:
        return _plain(left), [f"{after}: {tr('it costs nothing')}."]
    begun = ntr("{count} day begun", "{count} days begun", days)
    each = later("{percent} % of the points reached each")
    each = tr(
        each if rule.of != "full" else later("{percent} % of the points to be had each"), percent=number(rule.per_day)
    )
    most = f", {tr('{percent} % at most', percent=number(rule.cap))}" if rule.per_day * days > rule.cap else ""
    return _plain(left), [f"{after}: {begun}, {each}{most}: {number(_plain(points))} → {number(_plain(left))}."]


def costs(sheet):
    """Whether a mark depends on when something was handed in."""
    return sheet.deadline is not None and (sheet.late.per_day > 0 or sheet.late.days is not None)


def _rounded(points, step):
    """``(points, reasons)``, rounded half up to a multiple of ``step``."""
    exact = Decimal(repr(round(points, 9)))
    unit = Decimal(repr(step))
    made = (exact / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
    made = int(made) if made == int(made) else float(made)
    shown_step = f"{step:g}"
    why = [tr(ROUNDED, step=shown_step, exact=f"{exact.normalize():f}", made=number(made))] if made != exact else []
    return made, why


def _plain(points):
    """In hundredths, half up, which is what is shown: 3.33 and not 3.3333333333333335."""
    made = Decimal(repr(round(points, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return int(made) if made == int(made) else float(made)


def _that_counts(made, sheet):
    """``(the attempt that counts, reasons)``."""
    if len(made) == 1:
        return made[0], []
    in_order = sorted(made, key=lambda one: natural_order(one["file"]))
    by_time = all(one["time"].at for one in made)
    in_order = sorted(in_order, key=lambda one: one["time"].at) if by_time else in_order
    if sheet.attempts == "last":
        best = in_order[-1]
        how = (
            later("{count} attempts were marked; the last one counts, {file}. Marks: {marks}.") if by_time else BY_NAME
        )
    else:
        best = max(in_order, key=lambda one: (one["status"] == "graded", one["points"], in_order.index(one)))
        how = later("{count} attempts were marked; the one with the best mark counts, {file}. Marks: {marks}.")
    marks = ", ".join(f"{one['file']}: {number(one['points'])}" for one in in_order)
    return best, [tr(how, count=len(made), file=best["file"], marks=marks)]


def _unknown(made, sheet):
    """The sentence for an attempt whose time is wanted and not known, "" if there is none."""
    lacking = [one["time"] for one in made if one["time"].at is None] if costs(sheet) else []
    if any(time.late for time in lacking):
        return KNOWN_LATE
    return UNKNOWN if lacking and sheet.unknown_times == "no mark" else ""


def _extensions(rows, sheet):
    """``({student: entry of extensions}, names that are nobody's)``."""
    owners = {}
    for row in rows:
        for name in _names(row):
            owners.setdefault(name.casefold(), set()).add(row["student"])
    found, strangers = {}, []
    for name, entry in sheet.extensions.items():
        who = sorted(owners.get(name.casefold(), ()))
        if len(who) > 1:
            raise BadSettings(
                f"{sheet.file}: extensions must name one student each, and {name!r} is a name of {len(who)}: write "
                f"{' or '.join(who[:NAMED])}."
            )
        if not who:
            strangers.append(name)
        elif who[0] in found:
            raise BadSettings(f"{sheet.file}: extensions name the student {who[0]!r} twice.")
        else:
            found[who[0]] = entry
    return found, strangers


def _names(row):
    """All that a student is called: key, name, identifiers of platforms."""
    platform = [value for name, value in row.get("platform", {}).items() if name != "section"]
    return {row["student"], row.get("name", ""), *platform} - {""}


def shown(moment, sheet):
    """A moment as a lecturer reads it, in the sheet's time zone."""
    local = moment.astimezone(sheet.time_zone) if sheet.time_zone else moment
    return f"{local:%Y-%m-%d %H:%M} {local.tzname() or ''}".strip()


def span(late):
    """A length of time in its two largest units, such as "2 d 3 h"."""
    seconds = int(late.total_seconds())
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next((i for i, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


__all__ = ["NO_TIME", "Time", "costs", "known_points", "marked", "marked_all", "shown", "span"]
