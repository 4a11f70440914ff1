"""Conventions that differ between sources: nobody is wrong, the numbers differ all the same.

Each is run in both ways. PyTorch's way is written in NumPy here, so that the page can be made without
PyTorch; the tests hold these numbers to ``torch.optim``.
"""

from collections.abc import Callable
from dataclasses import dataclass


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
    """

    id: str
    topic: str
    ours: str
    theirs: str
    why: str
    compare: Callable
