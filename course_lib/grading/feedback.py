"""What one student reads of a mark: a page for each, in which a cause is told once."""

from html import escape

from course_lib.checks.report import SHARED, by_cause, folded, in_html, same_cause
from course_lib.grading.class_report import class_page
from course_lib.grading.exports import UNMARKED, number, title
from course_lib.grading.hand import is_open, known_points, open_in
from course_lib.grading.pages import LEVEL, NOT_WRITTEN, full_name, page
from course_lib.grading.private import OF_A_PAGE, page_name, write_text
from course_lib.settings.language import later, ntr, tr

NUMBERS = later(
    "The mark was made with other numbers than the notebook's own check uses; what is shown here comes from the "
    "notebook's numbers."
)


def _font(label):
    return "words" if label in ("Looks like", "Hint") else "code"  # the others are numbers and code


def write_feedback(rows, seen, folder, key, packages=(), occasion=None):
    """A page for each student below ``folder/feedback``, and ``folder/class_report.html``.

    ``seen``: the rows as students see them now; ``key``: of the pages' names, see ``private.page_key``; ``packages``:
    ``{name: version}`` of those that answers could use; ``occasion``: the assignment and the day of the marks, see
    ``class_page``. Pages of students who are gone are taken away.
    """
    pages = {page_name(row["student"], key): row for row in seen}
    for name, row in pages.items():
        write_text(folder / "feedback" / name, student_page(row))
    for path in (folder / "feedback").glob("*.html"):
        if path.name not in pages and OF_A_PAGE.fullmatch(path.name):
            path.unlink()
    write_text(folder / "class_report.html", class_page(rows, key, packages, occasion))


def mark_words(row):
    """The mark of a row in words."""
    if row["status"] in UNMARKED:
        return tr("not marked yet")
    if row.get("withheld"):
        return tr("handed in")
    if ids := open_in(row):
        more = number(row["max_points"] - known_points(row))
        return ntr(
            "{points} of {most} points so far; {ids} ({more} points) is still to be marked",
            "{points} of {most} points so far; {ids} ({more} points) are still to be marked",
            len(ids),
            points=number(row["points"]),
            most=number(known_points(row)),
            ids=", ".join(ids),
            more=more,
        )
    return tr("{points} of {most} points", points=number(row["points"]), most=number(row["max_points"]))


def student_page(row):
    """What one student reads."""
    parts = [f"<h1>{escape(full_name(row))}: {mark_words(row)}</h1>"]
    if row["sentence"]:
        parts.append(f'<p class="failed"><strong>{escape(tr(row["sentence"]))}</strong></p>')
    if row["status"] != "unreadable":
        parts += [_how(row), *map(_exercise, row["exercises"])]
    if row["notes"]:
        parts.append(
            f"<h2>{escape(tr('About the notebook'))}</h2><ul>"
            + "".join(f"<li>{in_html(tr(note))}</li>" for note in row["notes"])
            + "</ul>"
        )
    where = tr("{file}, run {where}.", file=row["file"], where=tr(LEVEL.get(row["level"], row["level"])))
    parts.append(f'<p class="small">{escape(where)} {escape(tr(NUMBERS))}</p>')
    return page(full_name(row), "\n".join(parts))


def _how(row):
    """How the mark came about, where it is more than a sum of points."""
    reasons = [*filter(None, [row.get("withheld")]), *row.get("reasons", ()), *row.get("changes", ())]
    return "<ul>" + "".join(f"<li>{escape(tr(reason))}</li>" for reason in reasons) + "</ul>" if reasons else ""


def _exercise(exercise):
    if exercise.get("withheld"):
        return f"<h2>{escape(title(exercise))}</h2><p>{escape(tr(exercise['withheld']))}</p>"
    head = f"{title(exercise)}: {points_words(exercise)}"
    rest = [*exercise["notes"], exercise.get("worth", ""), exercise.get("decided", "")]
    notes = "".join(f"<p>{in_html(tr(note))}</p>" for note in rest if note)
    if exercise.get("kind") == "explain":
        return f"<h2>{escape(head)}</h2>{notes}{_in_words(exercise)}"
    written = not exercise["notes"] or any(check["mistake"] not in NOT_WRITTEN for check in exercise["checks"])
    blocks = by_cause(exercise["checks"], cause)
    checks = "<ul>" + "".join(_check(*block) for block in blocks) + "</ul>" if written else ""
    return f"<h2>{escape(head)}</h2>{notes}{checks}"


def _in_words(exercise):
    """The answer and what was said about it."""
    said = f"<p><strong>{prose(exercise['comment'])}</strong></p>" if exercise.get("comment") else ""
    return said + (
        f"<blockquote>{answer_html(exercise)}</blockquote>"
        if exercise["text"]
        else f"<p>{escape(tr('No answer.'))}</p>"
    )


def answer_html(exercise):
    """What was handed in, for whoever marks it: words as they were typed, or code."""
    return f"<pre>{escape(exercise['text'])}</pre>" if exercise.get("code") else prose(exercise["text"])


def prose(text):
    """Text of anybody's as it was typed: escaped, its lines kept, its direction its own affair."""
    return f'<bdi dir="auto" class="prose">{escape(text)}</bdi>'


def cause(check):
    """What explains a failed check, to be told once; ``None`` where nothing but its own numbers do."""
    line = next((text for label, text in check["details"] if label == "Your code"), "")
    if check["passed"] or not (check["mistake"] or line):
        return None
    return check["mistake"], line, "" if check["mistake"] else check["sentence"]


def told(check):
    """``[(label, text)]`` of a failed check: a mistake that every exercise shares needs no hint of its own."""
    return [(label, text) for label, text in check["details"] if label != "Hint" or check["mistake"] not in SHARED]


def _check(check, others):
    """One check, with the titles of those that fail for the same cause."""
    kind = "passed" if check["passed"] else "failed"
    word = tr(later("passed")) if check["passed"] else tr(later("failed"))
    sign = "✓" if check["passed"] else "✗"
    rows = "".join(
        f'<tr><th scope="row" class="count">{escape(tr(label))}</th><td>{folded(text, _written(label, text))}</td></tr>'
        for label, text in told(check)
    )
    more = f"<p>{in_html(tr(check['sentence']))}</p>" if check["sentence"] else ""
    more += f"<table>{rows}</table>" if rows else ""
    if others:
        titles = "".join(f"<li>{in_html(tr(other['title']))} ({points_words(other)})</li>" for other in others)
        more += f"<details open><summary>{escape(same_cause(len(others)))}</summary><ul>{titles}</ul></details>"
    title = f'<span aria-hidden="true">{sign}</span> {in_html(tr(check["title"]))}'
    return (
        f'<li class="{kind}"><strong>{title}</strong> '
        f'<span class="small">({escape(word)}, {points_words(check)})</span>{more}</li>'
    )


def points_words(one):
    """The points of a check or an exercise: "3 of 4"; "to be marked" while a person has not."""
    if is_open(one):
        return tr(number(None))
    return tr("{points} of {most}", points=number(one["points"]), most=number(one["max_points"]))


def _written(label, text):
    font = _font(label)
    return f'<pre class="{font}">{in_html(text) if font == "words" else escape(text)}</pre>'
