"""Conventions that differ between sources: nobody is wrong, the numbers differ all the same.

Each is run in both ways. Where PyTorch has a way of its own, its number is PyTorch's: stored, see
``pytorch_numbers.py``, or (chapter 3) written in NumPy. The tests hold all of them to PyTorch itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from course_lib.chapters import parts


@dataclass(frozen=True)
class Convention:
    """One choice that sources make differently.

    Attributes:
        id: "V-03-1".
        topic: what is chosen.
        ours: the library's way (and its default), heading of the first column.
        theirs: the other way and who has it, heading of the second column.
        why: what follows from the difference, and how to change over.
        compare: ``() -> (Row, ...)``, runs both; ``Row.printed`` is ours, ``Row.right`` the other one.
        agree: quantities in which both ways give the same number, to rounding.
        nearly: quantities that are the same in the digits shown only. In all others both ways differ.
        confirmed: where the first heading names PyTorch, ``() -> numbers``, what PyTorch has in that column.
    """

    id: str
    topic: str
    ours: str
    theirs: str
    why: str
    compare: Callable
    agree: tuple = ()
    nearly: tuple = ()
    confirmed: Callable | None = None

    def same(self, quantity):
        """Whether both numbers of ``quantity`` are the same: "yes", "nearly" or "no"."""
        return "yes" if quantity in self.agree else "nearly" if quantity in self.nearly else "no"


def conventions():
    """All conventions, chapter by chapter."""
    return [one for module in parts("conventions").values() for one in module.CONVENTIONS]
