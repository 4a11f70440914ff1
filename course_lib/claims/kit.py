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

from course_lib.claims.numbers import Measured, log_slope, mean_interval, positive_interval, rounded, share_interval
from course_lib.claims.planted import Effect
from course_lib.claims.verdicts import (
    FAILS,
    HOLDS,
    HOLDS_IF,
    NOT_SHOWN,
    PARTLY,
    Verdict,
    fails,
    heading,
    holds,
    holds_if,
    not_shown,
    partly,
)


class Line(NamedTuple):
    """One line of a plot: ``x`` and ``y`` of shape (k,), perhaps an interval; theory is drawn thin and black."""

    label: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    theory: bool = False


SEEDS = "seed"


class Plot(NamedTuple):
    """The figure of a claim as data. ``log`` names the logarithmic axes: "", "x", "y" or "xy".

    ``words`` names the places 0, 1, ... of an axis that counts nothing: optimizers, say. No line joins them, nor the
    runs along an axis that is called ``SEEDS``, whose order says nothing.
    """

    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    log: str = ""
    words: tuple[str, ...] = ()

    @property
    def joined(self):
        """Whether a line from one place to the next means something."""
        return not self.words and self.x_label != SEEDS


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

    @property
    def sentence(self):
        """Id, statement and verdict in one line; where it stands is said with the numbers."""
        return f'{self.claim.id}: "{self.claim.statement}." It {self.verdict}.'

    def __str__(self):
        width = max(len(number.label) for number in self.numbers.values())
        rows = [f"  {number.label:<{width}}  {number}" for number in self.numbers.values()]
        return "\n".join([fill(self.sentence, 100, subsequent_indent="  "), *rows, f"  said in: {self.claim.lecture}"])

    __repr__ = __str__

    def _repr_html_(self):
        """Verdict, statement and reason, and the numbers folded beneath them."""
        return heading(self.claim, self.verdict) + self.numbers_html()

    def numbers_html(self):
        """The measured numbers and the rule, folded."""
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(number.label)}</td>"
            f"<td style='text-align:right'>{escape(str(number))}</td></tr>"
            for number in self.numbers.values()
        )
        claim = self.claim
        return (
            f"<details><summary>The numbers of {claim.id}, and the rule</summary><table>{rows}</table>"
            f"<p>Said in {escape(claim.lecture)}. Run on: {escape(claim.condition)}. {escape(claim.rule)}</p></details>"
        )

    def _ipython_display_(self):
        """In a notebook the verdict comes first, then the figure, then the numbers, folded."""
        from course_lib.claims.drawing import show_claim  # matplotlib is slow to import and seldom wanted

        show_claim(self)

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
