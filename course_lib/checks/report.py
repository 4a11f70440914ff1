"""What a student sees: tick or cross, a sentence, the numbers, the mistake it looks like, the hint."""

from dataclasses import dataclass, field
from html import escape

import numpy as np

from course_lib.checks.calls import BUILTIN
from course_lib.checks.compare import plain
from course_lib.checks.generic import WHOLE
from course_lib.checks.tensors import is_tensor, without_tensors

LIMITS = ("TimeLimit", "MemoryLimit", "TooLarge", "Died")
MOST_LINES = 40  # of a report as text
AGAIN = "The same cause."
HIDDEN = ("title", "points", "max_points", "passed", "sentence", "mistake", "says", "hint")


def show(value):
    """A value in one or a few lines: arrays to 6 digits, callables by what they are."""
    if type(value).__module__.split(".")[0] == "torch" and not is_tensor(value):
        text = " ".join(repr(value).split())
        return text if len(text) <= 300 else f"{text[:297]}..."
    if callable(value):
        return "a function"
    value = plain(value)
    if is_tensor(value) and (values := without_tensors(value)) is not None:
        return f"tensor: {show(values)}"
    if isinstance(value, np.ndarray):
        value = value + 0.0 if value.dtype.kind == "f" else value  # no -0.
        edge = 3 if value.ndim < 3 else 1  # of images only the corners
        value, cut = _corner(value)
        text = np.array2string(value, precision=6, separator=", ", threshold=40, edgeitems=edge, max_line_width=90)
        return f"{text} and more of shape {cut}" if cut else text
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        inside = ", ".join(show(item) for item in value[:8]) + (", ..." if len(value) > 8 else "")
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    text = repr(value) if value is None or isinstance(value, (str, int, dict)) else f"a {type(value).__name__}"
    return text if len(text) <= 300 else text[:297] + "..."


def called(id, title, kind="write"):
    """How an exercise is called: ``02-6 A loop with a fault (debug)``."""
    return f"{id} {title}" if kind == "write" else f"{id} {title} ({kind})"


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
        """``(label, text)`` of all that there is to say about a failed check."""
        looks_like = f"{self.mistake[0].upper()}{self.mistake[1:]}. {self.says}" if self.mistake else ""
        rows = (
            ("Given", self.given),
            ("Came out", self.got),
            ("Expected", self.expected),
            ("Your code", self.line),
            ("Looks like", looks_like),
            ("Hint", self.hint),
        )
        return [(label, text) for label, text in rows if text]


def _hidden(result):
    """The part of a result that gives away nothing about the inputs."""
    row = {name: getattr(result, name) for name in HIDDEN}
    if result.title == WHOLE and result.kind in (
        "Value",
        "Shape",
        "NotFinite",
    ):  # what is wrong first depends on the inputs
        row["sentence"] = "Not everything is as it was expected."
    elif result.kind == "NotNumbers":  # the names of classes are the student's to choose
        row["sentence"] = "Numbers were expected, but something else came out."
    elif result.kind == "OffLimits":
        row["sentence"] = "The function uses what is off limits."
    elif result.kind in LIMITS:
        row["sentence"] = "The call did not return a result."
    elif result.kind in BUILTIN:  # so are the texts of exceptions
        row["sentence"] = f"The function raised {result.kind}."
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
        return f"not written yet. {self.results[0].says}"

    @property
    def unchecked(self):
        """Whether nothing was checked, because something is not installed here: then the points are no mark."""
        return bool(self.results) and all(result.kind == "NotChecked" for result in self.results)

    def headline(self):
        """The one line above the checks."""
        passed = sum(result.passed for result in self.results)
        count = f"visible checks passed: {passed} of {len(self.results)}"
        return f"{self.called}: {count}, {self.points:g} of {self.max_points:g} points"

    def diagnoses(self):
        """What the failed checks look like, each cause once: name and what to do about it."""
        found = {(result.mistake, result.says): None for result in self.results if result.mistake}
        return [f"{name[0].upper()}{name[1:]}. {says}" for name, says in found]

    def rows(self):
        """``[(result, sentence, [(label, text), ...])]``: a cause is told once, and numbers while there is room."""
        told, rows = set(), []
        room = MOST_LINES - 1 - len(self.diagnoses()) - len(self.results) - len(self.notes) - bool(self.ladder)
        room -= 2 * sum(not result.passed for result in self.results)  # a sentence and a hint
        for result in self.results:
            again = result.mistake in told
            numbers, hint = ([], []) if result.passed or again else _within(result, room)
            told |= {result.mistake} - {""}
            room -= sum(text.count("\n") + 1 for _, text in numbers)
            rows.append((result, "" if result.passed else AGAIN if again else result.sentence, numbers + hint))
        return rows

    def __str__(self):
        if self.unwritten:
            return f"{self.called}: {self.unwritten}"
        lines = [self.headline(), *(f"  Looks like: {text}" for text in self.diagnoses())]
        for result, sentence, details in self.rows():
            lines.append(f"  {'✓' if result.passed else '✗'} {result.title}")
            if sentence:
                lines.append(f"      {sentence}")
            lines += [f"      {label + ':':<12}{_indent(text)}" for label, text in details]
        return "\n".join([*lines, *(f"  {note}" for note in (*self.notes, self.ladder) if note)])

    __repr__ = __str__

    def _repr_html_(self):
        rows = "" if self.unwritten else "".join(_row(*row) for row in self.rows())
        first = "" if self.unwritten else "".join(f"<p>Looks like: {escape(text)}</p>" for text in self.diagnoses())
        notes = "".join(f"<p>{escape(note)}</p>" for note in (*self.notes, self.ladder) if note)
        color = "success" if self.passed else "warn"
        edge = f"border-left:4px solid var(--jp-{color}-color1,#{'1b7f3b' if self.passed else 'b35900'})"
        return (
            f'<section aria-label="Report on exercise {escape(self.exercise_id)}" style="{edge};padding:2px 14px">'
            f"<p><strong>{escape(str(self) if self.unwritten else self.headline())}</strong></p>"
            f'{first}<ul style="list-style:none;padding-left:0;margin:0">{rows}</ul>{notes}</section>'
        )


def _indent(text):
    return text.replace("\n", "\n" + " " * 18)


def _within(result, room):
    """``(numbers, hint)`` of a failed check; of the numbers what takes at most ``room`` lines, the inputs last."""
    hint = [("Hint", result.hint)] if result.hint else []
    shown = [
        (label, cut(text, 12 if label == "Given" else 8))
        for label, text in result.details()
        if label not in ("Looks like", "Hint")
    ]
    for numbers in (shown, [row for row in shown if row[0] != "Given"]):
        if sum(text.count("\n") + 1 for _, text in numbers) <= room:
            return numbers, hint
    return [], hint


def cut(text, most=8):
    """``text``, or the beginning of it if it has more than ``most`` lines."""
    lines = text.split("\n")
    return text if len(lines) <= most else "\n".join([*lines[: most - 1], "..."])


def _row(result, sentence, details):
    mark, word = ("✓", "passed") if result.passed else ("✗", "failed")
    head = f'<span aria-hidden="true">{mark}</span> {escape(result.title)} <small>({word})</small>'
    if result.passed:
        return f"<li>{head}</li>"
    cell = "padding:1px 10px 1px 0;vertical-align:top;text-align:left"
    rows = "".join(
        f'<tr style="background:none"><th scope="row" style="{cell};white-space:nowrap">{label}</th>'
        f'<td style="{cell}">{_text(label, text)}</td></tr>'
        for label, text in details
    )
    table = f'<table style="margin:2px 0 8px 0;font-size:inherit">{rows}</table>'
    return f'<li><strong>{head}</strong><div style="padding-left:1.3em">{escape(sentence)}{table}</div></li>'


def _text(label, text):
    if label in ("Looks like", "Hint"):
        return escape(text)
    return f'<pre style="margin:0;background:none;white-space:pre-wrap">{escape(text)}</pre>'
