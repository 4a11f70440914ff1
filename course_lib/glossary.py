"""What a chapter's terms are: a word, a sentence, and where its formula and its figure stand.

Each chapter has its own in ``chapters/chNN_name/glossary.py``, as ``TERMS``; ``docs/GLOSSARY.md`` is made of all.
"""

from typing import NamedTuple


class Term(NamedTuple):
    """One term of the field, as the course uses it.

    Attributes:
        name: as it stands in the text.
        says: one sentence.
        figure: what shows it in the chapter's notebook: the function that is called there, or the id of a claim.
        equation: the number of its formula in the chapter, "" where there is none.
    """

    name: str
    says: str
    figure: str
    equation: str = ""
