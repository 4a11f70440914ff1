"""What a claim is: a sentence of a lecture, an experiment, and a rule fixed before the numbers were seen.

An experiment returns ``Evidence``: named numbers with intervals, and a plot as plain data. The claim's
``judge`` (the ``rule``, as code) turns the numbers into a ``Verdict`` and never sees anything else, so
that it can be fed other numbers and say the opposite.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np

from course_lib.claims.planted import Effect
from course_lib.claims.verdicts import (
    FAILS,
    HOLDS,
    HOLDS_IF,
    NOT_SHOWN,
    PARTLY,
    Verdict,
    fails,
    holds,
    holds_if,
    not_shown,
    partly,
)


class Measured(NamedTuple):
    """One number of an experiment and the interval it is trusted to (``None``: exact up to rounding)."""

    value: float
    low: float | None = None
    high: float | None = None
    label: str = ""
    digits: int = 3

    @property
    def lower(self) -> float:
        """The lower end of the interval, the value itself where there is none."""
        return self.value if self.low is None else self.low

    @property
    def upper(self) -> float:
        """The upper end of the interval, the value itself where there is none."""
        return self.value if self.high is None else self.high

    def __str__(self):
        shown = rounded(self.value, self.digits)
        if self.low is None:
            return shown
        return f"{shown}  [{rounded(self.low, self.digits)}, {rounded(self.high, self.digits)}]"


def rounded(value: float, digits: int = 3) -> str:
    """``value`` in ``digits`` significant digits; what is 0 up to rounding errors reads 0."""
    if abs(value) < 1e-11:
        return "0"
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text and abs(value) < 1e7 else text


class Line(NamedTuple):
    """One line of a plot: ``x`` and ``y`` of shape (k,), perhaps an interval; theory is drawn thin and black."""

    label: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    theory: bool = False


class Plot(NamedTuple):
    """The figure of a claim as data. ``log`` names the logarithmic axes: "", "x", "y" or "xy"."""

    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    log: str = ""


class Evidence(NamedTuple):
    """What an experiment returns: ``numbers`` by name, and the ``plot``."""

    numbers: dict[str, Measured]
    plot: Plot


@dataclass(frozen=True)
class Claim:
    """A sentence that a lecture states, and how it was put to the test.

    Attributes:
        id: "C-03-2", chapter and number.
        lecture: where the sentence stands, "L0 l.152".
        statement: the sentence, in our words.
        condition: on what the experiment was run.
        rule: when the verdict is which, written before the numbers.
        experiment: ``() -> Evidence``; seeded, the same numbers every time.
        judge: the rule as code, ``{name: Measured} -> Verdict``.
        effects: the numbers on which the verdict hangs, ``(Effect("gain"), ...)``; the tests plant others there.
        identity: true whatever the run does (algebra, a definition): a check of the code, not an experiment.
        revised: what was changed after a first run had been seen, and why; "" if nothing was.
    """

    id: str
    lecture: str
    statement: str
    condition: str
    rule: str
    experiment: Callable[[], Evidence]
    judge: Callable[[dict[str, Measured]], Verdict]
    effects: tuple[Effect, ...] = ()
    identity: bool = False
    revised: str = ""

    def run(self) -> "Result":
        """Run the experiment and return a ``Result``."""
        evidence = self.experiment()
        return Result(self, evidence.numbers, evidence.plot, self.judge(evidence.numbers))

    def __str__(self):
        return f'{self.id} ({self.lecture}): "{self.statement}"'

    def _repr_html_(self):
        return f"<p><b>{self.id}</b> ({escape(self.lecture)}) “{escape(self.statement)}”</p>"


@dataclass(frozen=True)
class Result:
    """What came out: ``claim``, ``numbers`` by name, ``plot`` and ``verdict``."""

    claim: Claim
    numbers: dict[str, Measured]
    plot: Plot
    verdict: Verdict

    def __str__(self):
        width = max(len(number.label) for number in self.numbers.values())
        rows = [f"  {number.label:<{width}}  {number}" for number in self.numbers.values()]
        verdict = fill(f"It {self.verdict}", 100, subsequent_indent="  ")
        return "\n".join([fill(str(self.claim), 100, subsequent_indent="  "), *rows, verdict])

    __repr__ = __str__

    def _repr_html_(self):
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(number.label)}</td>"
            f"<td style='text-align:right'>{escape(str(number))}</td></tr>"
            for number in self.numbers.values()
        )
        return (
            f"{self.claim._repr_html_()}<table>{rows}</table>"
            f"<p>It <b>{self.verdict.verb}</b>{escape(self.verdict.rest)}</p>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: the claim's texts, the verdict, the numbers as they are printed."""
        texts = ("id", "lecture", "statement", "condition", "rule", "identity", "revised")
        claim = {name: getattr(self.claim, name) for name in texts}
        numbers = {
            name: {"label": number.label}
            | {key: float(rounded(end, number.digits)) for key, end in _ends(number) if end is not None}
            for name, number in self.numbers.items()
        }
        return claim | {"verdict": self.verdict.kind, "because": self.verdict.because, "numbers": numbers}

    def figure(self):
        """Return ``(figure, alt)``, a matplotlib figure of the evidence and a sentence that says what it shows."""
        from course_lib.claims.drawing import claim_figure  # matplotlib is slow to import and seldom wanted

        return claim_figure(self)

    def save_figure(self, path: str | Path) -> Path:
        """Write the figure to ``path`` (the ending chooses PNG, SVG or PDF) and return the path."""
        figure, _ = self.figure()
        figure.savefig(path)
        return Path(path)


def _ends(number):
    return ("value", number.value), ("low", number.low), ("high", number.high)


class UnknownClaim(KeyError):
    """Nobody has put this claim to the test; the text says which ones there are."""

    def __str__(self):
        return self.args[0]


class Ledger(dict):
    """A dict of claims by id; an unknown id raises ``UnknownClaim`` with the ids there are."""

    def __missing__(self, claim_id):
        raise UnknownClaim(f"There is no claim {claim_id!r}. Choose one of: {', '.join(self)}.")


def mean_interval(samples, label, digits=3):
    """Mean of ``samples`` with two standard errors on each side."""
    samples = np.asarray(samples, dtype=float)
    mean, error = samples.mean(), samples.std(ddof=1) / np.sqrt(len(samples))
    return Measured(mean, mean - 2 * error, mean + 2 * error, label, digits)


def positive_interval(samples, label, digits=3):
    """Mean of positive ``samples`` with two standard errors of its logarithm: the interval cannot reach below 0."""
    value, low, _, _, _ = mean_interval(samples, label, digits)
    factor = np.exp((value - low) / value)
    return Measured(value, value / factor, value * factor, label, digits)


def share_interval(hits, label, digits=2):
    """Share of True in ``hits`` with its 95 % Wilson interval (Wilson 1927)."""
    hits = np.ravel(hits)
    n, share, z = len(hits), np.mean(hits), 1.96
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At a share of 0 or 1 the interval ends there exactly; rounding would leave 1e-18 of it.
    return Measured(share, max(0.0, centre - half), min(1.0, centre + half), label, digits)


def log_slope(x, y):
    """Slope of log ``y`` against log ``x`` by least squares, over the last axis of ``y``."""
    log_x = np.log(x) - np.mean(np.log(x))
    return np.log(y) @ log_x / (log_x @ log_x)


__all__ = [
    "FAILS",
    "HOLDS",
    "HOLDS_IF",
    "NOT_SHOWN",
    "PARTLY",
    "Claim",
    "Effect",
    "Evidence",
    "Ledger",
    "Line",
    "Measured",
    "Plot",
    "Result",
    "UnknownClaim",
    "Verdict",
    "fails",
    "holds",
    "holds_if",
    "log_slope",
    "mean_interval",
    "not_shown",
    "partly",
    "positive_interval",
    "rounded",
    "share_interval",
]
