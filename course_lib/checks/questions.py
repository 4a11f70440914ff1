"""Questions whose answers are words: a person marks them beside a rubric, no check reads them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Criterion:
    """One thing that a good answer says, and the points for it."""

    points: float
    says: str


@dataclass(frozen=True)
class Question:
    """An exercise of the kind "explain".

    Attributes:
        id, title: as of an ``Exercise``; ids are shared with these.
        asks: the question, one or a few sentences; they stand, word for word, in its cell of the notebook.
        rubric: criteria (``Criterion``); their points add up to the question's.
    """

    id: str
    title: str
    asks: str
    rubric: tuple

    # what an exercise without functions has
    kind = "explain"
    function, functions, checks, topics, modules, forbidden = "", (), (), (), (), ()
    profile, ready = "numpy", True

    def __post_init__(self):
        if not self.rubric or not all(criterion.points > 0 for criterion in self.rubric):
            raise ValueError(f"The rubric of question {self.id} needs criteria with more than 0 points each.")

    @property
    def points(self) -> float:
        """Points to be had."""
        return sum(criterion.points for criterion in self.rubric)
