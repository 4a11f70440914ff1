"""Where the terms of the chapters are shown: ``docs/GLOSSARY.md`` leads to formula and figure of each."""

import re
from dataclasses import dataclass

import nbformat

from course_lib.chapters import number_of, parts
from course_lib.glossary import Term
from course_lib.tools.notebook_tools.reading import HEADING


class LooseTerms(ValueError):
    """A term's formula or figure is not in its chapter's notebook, or a term stands twice; the message lists them."""


@dataclass(frozen=True)
class Entry:
    """A term with its chapter's number, its notebook's name, and the section in which its figure stands."""

    term: Term
    chapter: str
    notebook: str
    section: str


def entries(root):
    """An ``Entry`` for every term of every chapter, in alphabetical order.

    Raises:
        LooseTerms: see there.
    """
    made, loose = [], []
    for chapter, module in parts("glossary").items():
        number = number_of(chapter)
        notebook = next(iter(sorted((root / "notebooks").glob(f"{number}_*.ipynb"))), None)
        cells = nbformat.read(notebook, as_version=4).cells if notebook else []
        for term in module.TERMS:
            section = section_of(term.figure, cells)
            if section is None:
                loose.append(f"{term.name}: no cell of chapter {number} shows {term.figure}")
            elif term.equation and not has_equation(term.equation, cells):
                loose.append(f"{term.name}: chapter {number} has no equation ({term.equation})")
            else:
                made.append(Entry(term, number, notebook.name, section))
    names = [entry.term.name for entry in made]
    loose += [f"{name}: explained twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if loose:
        raise LooseTerms("\n".join(loose))
    return sorted(made, key=lambda entry: entry.term.name.casefold())


def section_of(figure, cells):
    """The heading above the first cell that shows ``figure``; ``None`` if no cell does."""
    shows = re.compile(rf'\["{re.escape(figure)}"\]\.run' if figure.startswith("C-") else rf"\b{re.escape(figure)}\(")
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            heading = [heading, *HEADING.findall(cell.source)][-1]
        elif shows.search(cell.source):
            return heading
    return None


def has_equation(number, cells):
    """Whether the text of a notebook prints this equation."""
    texts = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return f"\\tag{{{number}}}" in texts or re.search(rf"(\$|;)\s*(\\;)?\s*\({re.escape(number)}\)", texts) is not None


def link(entry):
    """Where the figure of an entry stands, as a link from docs/."""
    anchor = re.sub(r"[^\w\s·-]", "", entry.section).replace(" ", "-")
    return f"[{entry.section}](../notebooks/{entry.notebook}#{anchor})"
