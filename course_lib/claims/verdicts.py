"""The five things that an experiment can say about a sentence."""

from html import escape
from typing import NamedTuple

HOLDS, HOLDS_IF, PARTLY, FAILS, NOT_SHOWN = VERDICTS = ("holds", "holds if", "partly", "fails", "not shown")
BADGES = {HOLDS: "#00664d", HOLDS_IF: "#7a4f00", PARTLY: "#6a3d8f", FAILS: "#a12c17", NOT_SHOWN: "#4d4d4d"}
AS_A_VERB = {PARTLY: "holds partly", NOT_SHOWN: "is not shown"}


class Verdict(NamedTuple):
    """``kind`` is one of ``VERDICTS``; ``because`` ends the sentence "It ..." that the verdict's text ends, too."""

    kind: str
    because: str

    @property
    def verb(self):
        """The kind as the verb of a sentence: "holds", "holds if", "holds partly", "fails", "is not shown"."""
        return AS_A_VERB.get(self.kind, self.kind)

    @property
    def rest(self):
        """What follows the verb: " the sun shines" after "holds if", ": never" after the others."""
        return f" {self.because}" if self.kind == HOLDS_IF else f": {self.because}"

    def __str__(self):
        return self.verb + self.rest


def holds(because: str) -> Verdict:
    """The sentence is true as it stands."""
    return Verdict(HOLDS, because)


def holds_if(condition: str) -> Verdict:
    """True under a condition that says something and was run on both sides."""
    return Verdict(HOLDS_IF, condition)


def partly(stands, falls):
    """Two assertions in one sentence, of which one falls: say which stands and which falls."""
    return Verdict(PARTLY, f"{stands}; what falls: {falls}")


def fails(because: str) -> Verdict:
    """The sentence is false."""
    return Verdict(FAILS, because)


def not_shown(because: str) -> Verdict:
    """The interval holds both answers, or the experiment could not have seen the effect."""
    return Verdict(NOT_SHOWN, because)


def badge(verdict):
    """The kind of a verdict as a coloured sign in HTML; the word says it, the colour only once more."""
    style = f"background-color:{BADGES[verdict.kind]};color:#ffffff;border-radius:4px;padding:2px 10px;font-size:1.15em"
    return f'<b style="{style};white-space:nowrap">{verdict.verb}</b>'


def heading(claim, verdict):
    """What is read of a claim first, as HTML: badge and id, the statement in large type, and why."""
    tail = verdict.because[:1] if verdict.kind == HOLDS_IF else verdict.because[:1].upper()
    why = f"{'If ' if verdict.kind == HOLDS_IF else ''}{tail}{verdict.because[1:]}"
    return (
        f'<div role="group" aria-label="Claim {claim.id}" style="max-width:900px">'
        f'<p style="margin:6px 0">{badge(verdict)} &nbsp;{claim.id}</p>'
        f'<p style="font-size:1.35em;line-height:1.3;margin:4px 0">“{escape(claim.statement)}”</p>'
        f'<p style="font-size:1.05em;line-height:1.45;margin:4px 0 8px">{escape(why)}.</p></div>'
    )
