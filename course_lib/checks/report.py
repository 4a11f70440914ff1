"""What a student sees: tick or cross, a sentence, the numbers, the mistake it looks like, the hint."""

from dataclasses import dataclass, field
from html import escape

import numpy as np

from course_lib.checks.calls import BUILTIN
from course_lib.checks.compare import plain
from course_lib.checks.generic import GENERIC, WHOLE
from course_lib.checks.tensors import is_tensor, without_tensors
from course_lib.settings.language import ENGLISH, capital, language, later, ntr, tr

LIMITS = ("TimeLimit", "MemoryLimit", "TooLarge", "Died")
MOST_LINES = 40  # of a report as text
MOST_GIVEN = 8  # lines of one entry in the text; on a page what is longer is folded
SHARED = {name for name, _ in GENERIC.values()}  # names of mistakes that are no exercise's own
HIDDEN = ("title", "points", "max_points", "passed", "sentence", "mistake", "says", "hint")


def show(value):
    """A value in one or a few lines: arrays to 6 digits, callables by what they are."""
    if type(value).__module__.split(".")[0] == "torch" and not is_tensor(value):
        text = " ".join(repr(value).split())
        return text if len(text) <= 300 else f"{text[:297]}..."
    if callable(value):
        return tr("a function")
    value = plain(value)
    if is_tensor(value) and (values := without_tensors(value)) is not None:
        return tr("tensor: {values}", values=show(values))
    if isinstance(value, np.ndarray):
        value = value + 0.0 if value.dtype.kind == "f" else value  # no -0.
        edge = 3 if value.ndim < 3 else 1  # of images only the corners
        value, cut = _corner(value)
        text = np.array2string(value, precision=6, separator=", ", threshold=40, edgeitems=edge, max_line_width=90)
        return tr("{text} and more of shape {shape}", text=text, shape=cut) if cut else text
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        inside = ", ".join(show(item) for item in value[:8]) + (", ..." if len(value) > 8 else "")
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    text = repr(value) if value is None or isinstance(value, (str, int, dict)) else _of_type(value)
    return text if len(text) <= 300 else text[:297] + "..."


def called(id, title, kind="write"):
    """How an exercise is called: ``02-6 A loop with a fault (debug)``."""
    return f"{id} {tr(title)}" if kind == "write" else f"{id} {tr(title)} ({tr(kind)})"


def _of_type(value):
    return tr("a {type}", type=type(value).__name__)


def _corner(value):
    """``(value, "")``, or of an image its first maps and the whole shape: NumPy cuts no axis of up to six entries."""
    if value.ndim < 3 or value.size <= 16:
        return value, ""
    return value[tuple(slice(0, 1) for _ in range(value.ndim - 2))], str(value.shape)


@dataclass(frozen=True)
class CheckResult:
    """How one check went.

    Attributes:
        title, points, max_points, passed: points earned of ``max_points``.
        kind: "" when passed, else "Value", a kind of ``generic.GENERIC``, the name of a built-in exception, or
            "CheckError" when the check itself broke (never the student's fault).
        sentence: what is wrong, without numbers from the inputs.
        given, got, expected: text to show, "" where there is none.
        mistake, says: name of the mistake it looks like, and what to do about it; "" if none fits.
        hint: the check's hint.
        line: the student's own line where an exception arose.
    """

    title: str
    points: float
    max_points: float
    passed: bool
    kind: str = ""
    sentence: str = ""
    given: str = ""
    got: str = ""
    expected: str = ""
    mistake: str = ""
    says: str = ""
    hint: str = ""
    line: str = ""

    def details(self):
        """``(label, text)`` of all that there is to say about a failed check; labels are keys, in English."""
        looks_like = looks(self.mistake, self.says) if self.mistake else ""
        rows = (
            (later("Given"), self.given),
            (later("Came out"), self.got),
            (later("Expected"), self.expected),
            (later("Your code"), self.line),
            (later("Looks like"), looks_like),
            (later("Hint"), tr(self.hint)),
        )
        return [(label, text) for label, text in rows if text]


def looks(mistake, says):
    """What is said of a mistake: its name, then what to do about it."""
    return f"{capital(tr(mistake))}. {tr(says)}"


def _hidden(result):
    """The part of a result that gives away nothing about the inputs."""
    row = {name: getattr(result, name) for name in HIDDEN}
    if result.title == WHOLE and result.kind in (
        "Value",
        "Shape",
        "NotFinite",
    ):  # what is wrong first depends on the inputs
        row["sentence"] = tr("Not everything is as it was expected.")
    elif result.kind == "NotNumbers":  # the names of classes are the student's to choose
        row["sentence"] = tr("Numbers were expected, but something else came out.")
    elif result.kind == "OffLimits":
        row["sentence"] = tr("The function uses what is off limits.")
    elif result.kind in LIMITS:
        row["sentence"] = tr("The call did not return a result.")
    elif result.kind in BUILTIN:  # so are the texts of exceptions
        row["sentence"] = tr("The function raised {error}.", error=result.kind)
    return row


@dataclass(frozen=True)
class Report:
    """How one exercise went. ``str`` and Jupyter's display show it; ``as_dict`` hands it on.

    Attributes:
        exercise_id, title: of the exercise.
        results: one ``CheckResult`` a check.
        notes: sentences about the whole, such as a name that grading switches off.
        ladder: the next hint after repeated attempts.
        kind: of the exercise, one of ``kit.KINDS``.
    """

    exercise_id: str
    title: str
    results: tuple
    notes: tuple = field(default=())
    ladder: str = ""
    kind: str = "write"

    @property
    def called(self):
        """Id, title and, if it is not a function to be written, kind of the exercise."""
        return called(self.exercise_id, self.title, self.kind)

    @property
    def points(self):
        """Points earned."""
        return sum(result.points for result in self.results)

    @property
    def max_points(self):
        """Points to be had."""
        return sum(result.max_points for result in self.results)

    @property
    def passed(self):
        """Whether every check passed."""
        return all(result.passed for result in self.results)

    @property
    def broken(self):
        """Whether a check itself broke: then the points are no mark."""
        return any(result.kind == "CheckError" for result in self.results)

    def as_dict(self, hidden=False):
        """Plain data for JSON; ``hidden=True`` leaves out all that depends on the inputs."""
        rows = [_hidden(result) if hidden else {**vars(result)} for result in self.results]
        head = {"exercise_id": self.exercise_id, "title": self.title, "kind": self.kind, "passed": self.passed}
        return {**head, "points": self.points, "max_points": self.max_points, "results": rows, "notes": [*self.notes]}

    @property
    def unwritten(self):
        """What to say when there is no function yet, else ""."""
        if self.unchecked:
            return self.results[0].sentence
        if not self.results or any(result.kind != "NotWritten" for result in self.results):
            return ""
        return f"{tr('not written yet')}. {tr(self.results[0].says)}"

    @property
    def unchecked(self):
        """Whether nothing was checked, because something is not installed here: then the points are no mark."""
        return bool(self.results) and all(result.kind == "NotChecked" for result in self.results)

    def headline(self):
        """The one line above the checks."""
        passed = sum(result.passed for result in self.results)
        count = tr("visible checks passed: {passed} of {all}", passed=passed, all=len(self.results))
        points = tr("{points} of {most} points", points=f"{self.points:g}", most=f"{self.max_points:g}")
        return f"{self.called}: {count}, {points}"

    def diagnoses(self):
        """What the failed checks look like, each cause once: name and what to do about it."""
        found = {(result.mistake, result.says): None for result in self.results if result.mistake}
        return [looks(name, says) for name, says in found]

    def rows(self):
        """``[(result, titles, [(label, text), ...])]``: a cause is told once, and numbers while there is room.

        ``titles`` are those of the further checks that fail for the same cause.
        """
        blocks = by_cause(self.results, _cause)
        room = MOST_LINES - 1 - len(self.diagnoses()) - len(blocks) - len(self.notes) - bool(self.ladder)
        room -= 3 * sum(not result.passed for result, _ in blocks)  # a sentence, a hint, what else has the same cause
        rows = []
        for result, others in blocks:
            numbers, hint = ([], []) if result.passed else _within(result, room)
            room -= sum(text.count("\n") + 1 for _, text in numbers)
            rows.append((result, [other.title for other in others], numbers + hint))
        return rows

    def __str__(self):
        if self.unwritten:
            return f"{self.called}: {self.unwritten}"
        looks_like = tr("Looks like")
        lines = [self.headline(), *(f"  {looks_like}: {text}" for text in self.diagnoses())]
        for result, others, details in self.rows():
            lines.append(f"  {'✓' if result.passed else '✗'} {tr(result.title)}")
            if result.sentence and not result.passed:
                lines.append(f"      {result.sentence}")
            lines += [f"      {tr(label) + ':':<12}{_indent(cut(text, MOST_GIVEN))}" for label, text in details]
            if others:
                lines += [f"      {same_cause(len(others))}", *(f"        ✗ {tr(title)}" for title in others)]
        return "\n".join([*lines, *(f"  {note}" for note in (*self.notes, self.ladder) if note)])

    __repr__ = __str__

    def _repr_html_(self):
        rows = "" if self.unwritten else "".join(_row(*row) for row in self.rows())
        looks_like = escape(tr("Looks like"))
        first = "" if self.unwritten else "".join(f"<p>{looks_like}: {in_html(text)}</p>" for text in self.diagnoses())
        notes = "".join(f"<p>{in_html(note)}</p>" for note in (*self.notes, self.ladder) if note)
        label = tr("Report on exercise {id}", id=self.exercise_id)
        spoken = f' lang="{language()}"' if language() != ENGLISH else ""
        color = "success" if self.passed else "warn"
        edge = f"border-left:4px solid var(--jp-{color}-color1,#{'1b7f3b' if self.passed else 'b35900'})"
        return (
            f'<section aria-label="{escape(label)}"{spoken} style="{edge};padding:2px 14px">'
            f"<p><strong>{in_html(str(self) if self.unwritten else self.headline())}</strong></p>"
            f'{first}<ul style="list-style:none;padding-left:0;margin:0">{rows}</ul>{notes}</section>'
        )


def by_cause(results, cause):
    """``[(result, others), ...]``: each cause once, in order; ``others`` are the further results that it explains.

    Args:
        results: what there is to be told.
        cause: ``result -> something hashable``, or ``None`` for a result that stands alone.
    """
    blocks, known = [], {}
    for result in results:
        key = cause(result)
        if key in known:
            known[key].append(result)
            continue
        others = []
        blocks.append((result, others))
        if key is not None:
            known[key] = others
    return blocks


def _cause(result):
    """What explains a failed check: the mistake it looks like, or the line that raised; ``None`` if only it knows."""
    if result.passed or not (result.mistake or result.line):
        return None
    return result.mistake, result.line, "" if result.mistake else result.sentence


def same_cause(number):
    """The line above the titles of checks that fail for a cause that was told."""
    return ntr("The same cause in {count} further check:", "The same cause in {count} further checks:", number)


def _indent(text):
    return text.replace("\n", "\n" + " " * 18)


def _within(result, room):
    """``(numbers, hint)`` of a failed check; of the numbers what takes at most ``room`` lines, the inputs last.

    A mistake that every exercise shares says itself what to do: the check's own hint would speak of something else.
    """
    hint = [("Hint", tr(result.hint))] if result.hint and result.mistake not in SHARED else []
    shown = [(label, text) for label, text in result.details() if label not in ("Looks like", "Hint")]
    for numbers in (shown, [row for row in shown if row[0] != "Given"]):
        if sum(cut(text, MOST_GIVEN).count("\n") + 1 for _, text in numbers) <= room:
            return numbers, hint
    return [], hint


def in_html(text):
    """``text`` escaped, and what stands between backticks as code."""
    pieces = escape(text).split("`")
    code = [f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces)]
    return "".join(code) if len(pieces) % 2 else escape(text)


def cut(text, most=8):
    """``text``, or the beginning of it if it has more than ``most`` lines."""
    lines = text.split("\n")
    return text if len(lines) <= most else "\n".join([*lines[: most - 1], "..."])


def _row(result, others, details):
    mark, word = ("✓", tr("passed")) if result.passed else ("✗", tr("failed"))
    head = f'<span aria-hidden="true">{mark}</span> {in_html(tr(result.title))} <small>({escape(word)})</small>'
    if result.passed:
        return f"<li>{head}</li>"
    cell = "padding:1px 10px 1px 0;vertical-align:top;text-align:left"
    rows = "".join(
        f'<tr style="background:none"><th scope="row" style="{cell};white-space:nowrap">{escape(tr(label))}</th>'
        f'<td style="{cell}">{_text(label, text)}</td></tr>'
        for label, text in details
    )
    table = f'<table style="margin:2px 0 8px 0;font-size:inherit">{rows}</table>'
    more = "".join(f"<li>{in_html(tr(title))}</li>" for title in others)
    more = f"<details><summary>{escape(same_cause(len(others)))}</summary><ul>{more}</ul></details>" if others else ""
    return (
        f'<li><strong>{head}</strong><div style="padding-left:1.3em">{in_html(result.sentence)}{table}{more}</div></li>'
    )


def _text(label, text):
    if label in ("Looks like", "Hint"):
        return in_html(text)
    return folded(text, f'<pre style="margin:0;background:none;white-space:pre-wrap">{escape(text)}</pre>')


def folded(text, html):
    """``html`` of ``text``; behind its first line if it has more lines than are read at a glance."""
    lines = text.split("\n")
    if len(lines) <= MOST_GIVEN:
        return html
    count = escape(tr("{count} lines", count=len(lines)))
    return f"<details><summary>{escape(lines[0])} … ({count})</summary>{html}</details>"
