"""The five things that an experiment can say about a sentence."""

from typing import NamedTuple

HOLDS, HOLDS_IF, PARTLY, FAILS, NOT_SHOWN = VERDICTS = ("holds", "holds if", "partly", "fails", "not shown")
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
