"""What does not yet meet the standard, chapter by chapter. Each list may only get shorter.

The tests that read this hold both ways: what is not listed meets the standard, and what is listed does not, so that
a thing that was mended has to be taken off here.
"""

from typing import NamedTuple


class Debt(NamedTuple):
    """Of one chapter.

    Attributes:
        beyond_limits: whether the notebook has more sections, cells or minutes than a lecture has room for.
        unprinted: numbers in its "What happened" texts that no cell prints.
        source_codes: how many abbreviations of lectures and errata its running text still has, at most.
        wrong_answers: numbers of the claims whose rule gives a wrong answer to planted numbers.
        without_effects: numbers of the claims, identities left out, that do not name their effects.
    """

    beyond_limits: bool = False
    unprinted: str = ""
    source_codes: int = 0
    wrong_answers: str = ""
    without_effects: str = ""


DEBTS = {
    "00": Debt(),
    "01": Debt(),
    "02": Debt(),
    "03": Debt(),
    "04": Debt(),
    "05": Debt(),
    "06": Debt(),
    "07": Debt(),
    "08": Debt(),
    "09": Debt(),
    "10": Debt(),
    "11": Debt(),
    "12": Debt(),
}


def claims_in_debt(kind):
    """Ids of the claims listed under ``kind``, a field of ``Debt``."""
    return {f"C-{chapter}-{number}" for chapter, debt in DEBTS.items() for number in getattr(debt, kind).split()}
