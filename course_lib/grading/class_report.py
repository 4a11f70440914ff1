"""The class report: how the points are spread, which exercise was hard, who stands where, what went wrong."""

from collections import Counter
from html import escape
from importlib import import_module
from statistics import correlation, fmean, median
from urllib.parse import quote

from course_lib.chapters import all_chapters, number_of
from course_lib.grading.exports import called, number, title
from course_lib.grading.hand import is_open, known_points, open_in
from course_lib.grading.pages import LEVEL, NOT_WRITTEN, full_name, page, several
from course_lib.grading.private import page_name
from course_lib.settings.course import course

COURSE = "How deep networks are optimised"
FEW = 5  # students below whom a correlation says nothing


def class_page(rows, key, packages=(), occasion=None):
    """What the lecturer looks at before the next lecture.

    Args:
        rows: as ``marking.mark_submission`` makes them, by student.
        key: of the names of feedback pages, see ``private.page_key``.
        packages: ``{name: version}`` of those that answers could use.
        occasion: ``{"assignment": "03", "day": "2026-11-29"}``, what is known of it.

    Points of what could not be read, or was not handed in, are no marks and count nowhere.
    """
    occasion = occasion or {}
    marked = [row for row in rows if row["status"] == "graded"]
    statuses = Counter(row["status"] for row in rows)
    shown = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    day = f", marked on {occasion['day']}" if occasion.get("day") else ""
    parts = [
        f"<h1>{escape(heading(occasion.get('assignment', '')))}</h1>",
        f"<p>{escape(course().name or COURSE)}{escape(day)}. {several(len(rows), 'student')}: {escape(shown)}.</p>",
        _to_be_marked(marked),
    ]
    if marked:
        parts += [distribution(marked), exercises(marked), students(rows, key)]
        parts += [_by_kind(marked), _hardest(marked), _mistakes(marked)]
    parts.append(_looks(rows))
    levels = ", ".join(sorted({LEVEL.get(row["level"], row["level"]) for row in rows}))
    there = ", ".join(f"{name} {number or '-'}" for name, number in dict(packages).items())
    there = f" It could use {escape(there)}." if there else ""
    parts.append(f'<p class="small">Student code ran {escape(levels)}.{there}</p>')
    return page(f"Class report, {heading(occasion.get('assignment', ''))}", "\n".join(parts))


def heading(assignment):
    """The title of an assignment: the chapter's own where it is one."""
    for chapter in all_chapters():
        if number_of(chapter) == assignment:
            title = (import_module(f"course_lib.chapters.{chapter}").__doc__ or "").strip().rstrip(".")
            return f"Assignment {assignment}: {title.partition(': ')[2] or title}"
    return f"Assignment {assignment}" if assignment else "The class"


# --- Students and exercises -----------------------------------------------------------------------------


def students(rows, key):
    """The table of all students: a link to the page of each, and the points by exercise."""
    ids = [exercise["id"] for exercise in rows[0]["exercises"]]
    head = "".join(f'<th scope="col" class="points">{escape(id)}</th>' for id in ids)
    lines = "".join(_student(row, key, len(ids)) for row in sorted(rows, key=lambda row: called(row).casefold()))
    return (
        "<h2>Students</h2><p>A name leads to what the student reads.</p>"
        f'<div class="table"><table><thead><tr><th scope="col">student</th><th scope="col" class="points">points</th>'
        f"{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _student(row, key, num_exercises):
    link = f"feedback/{quote(page_name(row['student'], key))}"
    name = f'<th scope="row"><a href="{link}">{escape(full_name(row))}</a></th>'
    if row["status"] != "graded":
        return f'<tr>{name}<td colspan="{num_exercises + 1}">{escape(row["status"])}</td></tr>'
    points = [row["points"] if known_points(row) else None, *(exercise["points"] for exercise in row["exercises"])]
    cells = "".join(f'<td class="points">{_cell(value)}</td>' for value in points)
    return f"<tr>{name}{cells}</tr>"


def _cell(points):
    return "open" if points is None else number(points)


def exercises(marked):
    """The table of exercises: how hard each was, and whether it tells those who know more from those who know less."""
    lines = "".join(_exercise(marked, place) for place in range(len(marked[0]["exercises"])))
    few = f" It takes {FEW} marked students." if len(marked) < FEW else ""
    return (
        "<h2>Exercises</h2><p>Mean share: of the points, over all who are marked; below 30 % it was hard, above 90 % "
        "easy. Discrimination: correlation of an exercise's points with those of all other exercises; near 0 or below "
        f"it says little about who knows more, so look at its text and its checks.{few}</p>"
        '<div class="table"><table><thead><tr><th scope="col">exercise</th><th scope="col" class="points">points</th>'
        '<th scope="col" class="points">mean share</th><th scope="col" class="points">discrimination</th>'
        f'<th scope="col" class="points">written by</th></tr></thead><tbody>{lines}</tbody></table></div>'
    )


def _exercise(marked, place):
    one = marked[0]["exercises"][place]
    known = [row for row in marked if not is_open(row["exercises"][place])]
    share = mean_share([row["exercises"][place] for row in known])
    written = sum(_wrote(row, row["exercises"][place]) for row in marked) if one["checks"] else None
    cells = (
        number(one["max_points"]),
        "–" if share is None else f"{100 * share:.0f} %",
        "–" if (found := discrimination(known, place)) is None else f"{found:z.2f}",
        "–" if written is None else f"{written} of {len(marked)}",
    )
    values = "".join(f'<td class="points">{cell}</td>' for cell in cells)
    return f'<tr><th scope="row">{escape(title(one))}</th>{values}</tr>'


def mean_share(given):
    """Mean share of the points of an exercise, ``None`` where nobody has a mark."""
    shares = [exercise["points"] / exercise["max_points"] for exercise in given if exercise["max_points"]]
    return fmean(shares) if shares else None


def discrimination(rows, place):
    """Correlation of an exercise's points with those of the others; ``None`` for few students or equal points."""
    own = [row["exercises"][place]["points"] for row in rows]
    rest = [sum(e["points"] or 0 for n, e in enumerate(row["exercises"]) if n != place) for row in rows]
    if len(rows) < FEW or len(set(own)) < 2 or len(set(rest)) < 2:
        return None
    return correlation(own, rest)


# --- Bars -----------------------------------------------------------------------------------------------


def _bars(counts, largest):
    """Rows ``(label, count, text beside the count)`` with a bar each."""
    rows = "".join(
        f'<tr><th scope="row" class="label">{escape(label)}</th><td class="count">{count}{escape(more)}</td>'
        f'<td><span class="bar" style="width:{16 * count / max(largest, 1):.2f}rem"></span></td></tr>'
        for label, count, more in counts
    )
    return f"<table>{rows}</table>"


def distribution(rows):
    """How the points are spread over the students who have a mark."""
    shares = [row["points"] / known_points(row) for row in rows if known_points(row)]
    bins = Counter(min(int(share * 10), 9) for share in shares)
    labels = [f"{10 * i} to {10 * i + 10} %" for i in range(10)]
    full = sum(row["points"] == known_points(row) for row in rows)
    most = max(map(known_points, rows))
    middle = number(median(row["points"] for row in rows))
    lead = f"<p>Median {middle} of {number(most)} points; {several(full, 'student')} {'has' if full == 1 else 'have'} "
    bars = _bars([(labels[i], bins[i], "") for i in range(10)], max(bins.values(), default=1))
    return f"<h2>Points</h2>{lead}all of them.</p>{bars}"


def _to_be_marked(rows):
    """What waits for a person."""
    waiting = Counter(id for row in rows for id in open_in(row))
    if not waiting:
        return ""
    shown = ", ".join(f"{id} ({several(count, 'answer')})" for id, count in sorted(waiting.items()))
    return f"<p><strong>To be marked by hand: {escape(shown)}.</strong> The points below are those of the rest.</p>"


def _by_kind(rows):
    """Which share of the points each kind of exercise gave, where there is more than one."""
    had, most = Counter(), Counter()
    for row in rows:
        for exercise in row["exercises"] if row["status"] == "graded" else ():
            if not is_open(exercise):
                had[exercise.get("kind", "write")] += exercise["points"]
                most[exercise.get("kind", "write")] += exercise["max_points"]
    if len(most) < 2:
        return ""
    shares = {kind: round(100 * had[kind] / most[kind]) for kind in most}
    bars = _bars([(kind, share, " %") for kind, share in shares.items()], 100)
    return "<h2>Points by kind of exercise</h2><p>Of those to be had, over the class.</p>" + bars


def _wrote(row, exercise):
    """Whether there is something in an exercise that can be right or wrong."""
    return row["status"] == "graded" and not any(check["mistake"] in NOT_WRITTEN for check in exercise["checks"])


def _hardest(rows):
    written, failed = Counter(), Counter()
    for row in rows:
        for exercise in row["exercises"]:
            if _wrote(row, exercise):
                written[exercise["id"]] += 1
                checks = [check["title"] for check in exercise["checks"] if not check["passed"]]
                failed.update((exercise["id"], title) for title in checks)
    counts = sorted(failed.items(), key=lambda item: (-item[1], item[0]))
    most = max(failed.values(), default=1)
    bars = _bars([(f"{id} {title}", count, f" of {written[id]}") for (id, title), count in counts[:15]], most)
    ids = [exercise["id"] for exercise in rows[0]["exercises"] if exercise["checks"]]
    by_exercise = ", ".join(f"{id} by {written[id]}" for id in ids)
    lead = f"<p>Of the students who wrote the function (of {len(rows)}: {escape(by_exercise)}).</p>"
    return "<h2>Checks that failed most</h2>" + lead + bars


def _mistakes(rows):
    students = Counter()
    for row in rows:
        for exercise in row["exercises"]:
            named = {check["mistake"] for check in exercise["checks"]} - {"", *NOT_WRITTEN}
            students.update(f"{exercise['id']} {mistake}" for mistake in named)
    counts = sorted(students.items(), key=lambda item: (-item[1], item[0]))
    if not counts:
        return "<h2>Mistakes the class made</h2><p>None that has a name.</p>"
    bars = _bars([(label, count, "") for label, count in counts[:20]], counts[0][1])
    return "<h2>Mistakes the class made</h2><p>Students who made each.</p>" + bars


def _looks(rows):
    """Rows that want a person's eye."""
    odd = [row for row in rows if row["status"] != "graded"]
    if not odd:
        return ""
    items = "".join(
        f"<li><strong>{escape(full_name(row))}</strong> ({escape(row['status'])}): {escape(row['sentence'])}</li>"
        for row in odd
    )
    return f"<h2>Look at these</h2><ul>{items}</ul>"
