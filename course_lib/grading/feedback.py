"""Pages for people: one for each student, one about the class. Every text in them is escaped; no script, no link."""

from collections import Counter
from html import escape

from course_lib.checks.generic import GENERIC
from course_lib.checks.kinds import AS_HANDED_OUT
from course_lib.grading.exports import UNMARKED, called, number, title
from course_lib.grading.hand import is_open, known_points, open_in
from course_lib.grading.private import OF_A_PAGE, page_name, write_text

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.15rem; margin-top: 2rem }}
li {{ margin: .4rem 0 }} .failed {{ border-left: 4px solid #b35900; padding-left: .8rem }}
.passed {{ border-left: 4px solid #1b7f3b; padding-left: .8rem }} ul {{ list-style: none; padding: 0 }}
pre {{ white-space: pre-wrap; margin: 0; font-size: .9rem }} .words {{ font: inherit }}
.prose {{ white-space: pre-wrap; overflow-wrap: anywhere; display: block }}
.label {{ font-weight: normal; max-width: 26rem }} .count {{ white-space: nowrap }}
th {{ text-align: left; vertical-align: top }}
td, th {{ padding: .1rem 1rem .1rem 0 }} .bar {{ background: #0072b2; height: 1rem; display: inline-block }}
.small {{ color: #555; font-size: .9rem }}
</style></head><body>
{body}
</body></html>
"""
LEVEL = {
    "full": "in a sandbox (namespaces, Landlock, seccomp)",
    "landlock": "in a sandbox (Landlock, seccomp)",
    "none": "without a sandbox",
}


NOT_WRITTEN = (GENERIC["NotWritten"][0], AS_HANDED_OUT)  # names of what is no answer yet


def _font(label):
    return "words" if label in ("Looks like", "Hint") else "code"  # the others are numbers and code


def page(title, body):
    return PAGE.format(title=escape(title), body=body)


def write_feedback(rows, folder, key, packages=()):
    """A page for each student below ``folder/feedback``, and ``folder/class_report.html``.

    ``key``: of the pages' names, see ``private.page_key``; ``packages``: ``{name: version}`` of those that answers
    could use. Pages of students who are gone are taken away.
    """
    pages = {page_name(row["student"], key): row for row in rows}
    for name, row in pages.items():
        write_text(folder / "feedback" / name, student_page(row))
    for path in (folder / "feedback").glob("*.html"):
        if path.name not in pages and OF_A_PAGE.fullmatch(path.name):
            path.unlink()
    write_text(folder / "class_report.html", class_page(rows, packages))


def full_name(row):
    """The name of a row's student, and the key where it says more."""
    return called(row) if called(row) == row["student"] else f"{called(row)} ({row['student']})"


def mark_words(row):
    """The mark of a row in words."""
    if row["status"] in UNMARKED:
        return "not marked yet"
    if ids := open_in(row):
        more = number(row["max_points"] - known_points(row))
        return (
            f"{number(row['points'])} of {number(known_points(row))} points so far; {', '.join(ids)} "
            f"({more} points) {'is' if len(ids) == 1 else 'are'} still to be marked"
        )
    return f"{number(row['points'])} of {number(row['max_points'])} points"


def student_page(row):
    """What one student reads."""
    parts = [f"<h1>{escape(full_name(row))}: {mark_words(row)}</h1>"]
    if row["sentence"]:
        parts.append(f'<p class="failed"><strong>{escape(row["sentence"])}</strong></p>')
    if row["status"] != "unreadable":
        parts += [_exercise(exercise) for exercise in row["exercises"]]
    if row["notes"]:
        parts.append(
            "<h2>About the notebook</h2><ul>" + "".join(f"<li>{escape(n)}</li>" for n in row["notes"]) + "</ul>"
        )
    where = LEVEL.get(row["level"], row["level"])
    parts.append(
        f'<p class="small">{escape(row["file"])}, run {where}. The mark was made with other numbers than the '
        "notebook's own check uses; what is shown here comes from the notebook's numbers.</p>"
    )
    return page(full_name(row), "\n".join(parts))


def _exercise(exercise):
    of = "" if is_open(exercise) else f" of {number(exercise['max_points'])}"
    head = f"{title(exercise)}: {number(exercise['points'])}{of}"
    notes = "".join(f"<p>{escape(note)}</p>" for note in exercise["notes"])
    if exercise.get("kind") == "explain":
        return f"<h2>{escape(head)}</h2>{notes}{_in_words(exercise)}"
    written = not exercise["notes"] or any(check["mistake"] not in NOT_WRITTEN for check in exercise["checks"])
    checks = "<ul>" + "".join(map(_check, exercise["checks"])) + "</ul>" if written else ""
    return f"<h2>{escape(head)}</h2>{notes}{checks}"


def _in_words(exercise):
    """The answer and what was said about it."""
    said = f"<p><strong>{prose(exercise['comment'])}</strong></p>" if exercise.get("comment") else ""
    return said + (f"<blockquote>{prose(exercise['text'])}</blockquote>" if exercise["text"] else "<p>No answer.</p>")


def prose(text):
    """Text of anybody's as it was typed: escaped, its lines kept, its direction its own affair."""
    return f'<bdi dir="auto" class="prose">{escape(text)}</bdi>'


def _check(check):
    word = "passed" if check["passed"] else "failed"
    sign = "✓" if check["passed"] else "✗"
    points = f"{number(check['points'])} of {number(check['max_points'])}"
    rows = "".join(
        f'<tr><th scope="row" class="count">{escape(label)}</th>'
        f'<td><pre class="{_font(label)}">{escape(text)}</pre></td></tr>'
        for label, text in check["details"]
    )
    more = f"<p>{escape(check['sentence'])}</p>" if check["sentence"] else ""
    more += f"<table>{rows}</table>" if rows else ""
    title = f'<span aria-hidden="true">{sign}</span> {escape(check["title"])}'
    return f'<li class="{word}"><strong>{title}</strong> <span class="small">({word}, {points})</span>{more}</li>'


def class_page(rows, packages=()):
    """What the lecturer looks at before the next lecture."""
    marked = [row for row in rows if row["status"] in ("graded", "unreadable")]
    statuses = Counter(row["status"] for row in rows)
    shown = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    parts = ["<h1>The class</h1>", f"<p>{len(rows)} students: {escape(shown)}.</p>", _to_be_marked(marked)]
    if marked:
        parts += [_distribution(marked), _by_kind(marked), _hardest(marked), _mistakes(marked)]
    parts.append(_looks(rows))
    levels = ", ".join(sorted({LEVEL.get(row["level"], row["level"]) for row in rows}))
    there = ", ".join(f"{name} {number or '-'}" for name, number in dict(packages).items())
    there = f" It could use {escape(there)}." if there else ""
    parts.append(f'<p class="small">Student code ran {escape(levels)}.{there}</p>')
    return page("Class report", "\n".join(parts))


def _bars(counts, largest):
    """Rows ``(label, count, text beside the count)`` with a bar each."""
    rows = "".join(
        f'<tr><th scope="row" class="label">{escape(label)}</th><td class="count">{count}{escape(more)}</td>'
        f'<td><span class="bar" style="width:{16 * count / max(largest, 1):.2f}rem"></span></td></tr>'
        for label, count, more in counts
    )
    return f"<table>{rows}</table>"


def _distribution(rows):
    shares = [row["points"] / known_points(row) for row in rows if known_points(row)]
    bins = Counter(min(int(share * 10), 9) for share in shares)
    labels = [f"{10 * i} to {10 * i + 10} %" for i in range(10)]
    points = sorted(row["points"] for row in rows)
    median = (points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2
    full = sum(row["points"] == known_points(row) for row in rows)
    most = max(map(known_points, rows))
    lead = f"<p>Median {number(median)} of {number(most)} points; {full} students have all of them.</p>"
    return (
        "<h2>Points</h2>" + lead + _bars([(labels[i], bins[i], "") for i in range(10)], max(bins.values(), default=1))
    )


def _to_be_marked(rows):
    """What waits for a person."""
    waiting = Counter(id for row in rows for id in open_in(row))
    if not waiting:
        return ""
    shown = ", ".join(f"{id} ({count} answers)" for id, count in sorted(waiting.items()))
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
    return row["status"] == "graded" and any(check["mistake"] not in NOT_WRITTEN for check in exercise["checks"])


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
