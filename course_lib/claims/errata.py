"""Errata: what a lecture or a well-known source prints, beside what is right, each run where it can be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from course_lib.chapters import parts
from course_lib.claims.kit import rounded


class Row(NamedTuple):
    """One quantity in both versions; ``right`` is None where there is nothing to compare with."""

    quantity: str
    printed: float
    right: float | None
    digits: int = 3

    def cells(self):
        """The three cells of the table, as text."""
        return self.quantity, rounded(self.printed, self.digits), _text(self.right, self.digits)


def _text(value, digits):
    return "" if value is None else rounded(value, digits)


@dataclass(frozen=True)
class Erratum:
    """One passage that is wrong, claims too much or follows another convention.

    Attributes:
        id: "E20".
        where: lecture place.
        printed: what stands there, in our words and symbols.
        right: what should.
        why: the reason, one or two sentences.
        compare: ``() -> (Row, ...)``, runs both versions.
        claim: id of the claim that examines it further, or "".
        heads: what the two columns of numbers are.
    """

    id: str
    where: str
    printed: str
    right: str
    why: str
    compare: Callable
    claim: str = ""
    heads: tuple = ("as printed", "right")


def errata():
    """All errata, chapter by chapter."""
    return [one for module in parts("errata").values() for one in module.ERRATA]
