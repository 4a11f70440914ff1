"""What was handed in, as plain data: it says what counts in a file and holds nothing that could act."""

from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from course_lib.settings.language import tr


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        inside: names from the outside in, such as ``("anna.zip", "03_momentum.ipynb")``; ``()`` is the archive itself.
        size: in bytes, as the archive says.
        problem: a sentence, if it cannot be read.
    """

    inside: tuple
    size: int = 0
    problem: str = ""


def cell_words(name):
    """What a cell is called in the language of the course; "cell 3" is its name everywhere else."""
    word, _, number = name.partition(" ")
    return tr("cell {number}", number=number) if word == "cell" else name


@dataclass(frozen=True)
class Handed:
    """What counts in one file that was handed in.

    Attributes:
        place: where it lay, as the lecturer reads it.
        digest: of its bytes, or of the problem.
        problem: a sentence, if there is no notebook to be read.
        cells: ``[name, source]`` of each code cell, its text as it is.
        notes: sentences about what was left out, or does not run.
        defined: ``{function: [[name of the cell, line, whether it is a stub, last line], ...]}``, in order.
        asleep: ``{function: [name of the cell, kind of the cell]}`` of those that only a text cell defines.
        unparsed: ``[name of the cell, line, message]`` of each cell that is not Python.
        texts: ``{question id: answer in words}``, those that are not empty.
    """

    place: str
    digest: str = ""
    problem: str = ""
    cells: list = field(default_factory=list, repr=False)
    notes: list = field(default_factory=list)
    defined: dict = field(default_factory=dict)
    asleep: dict = field(default_factory=dict)
    unparsed: list = field(default_factory=list)
    texts: dict = field(default_factory=dict, repr=False)

    def plain(self):
        """As data that JSON can hold; ``Handed(**plain)`` is equal to this one."""
        return asdict(self)

    def source_of(self, functions):
        """The text of these functions, as far as they are written; of several the last, as ``without_spare_stubs``."""
        lines, found = {name: source.split("\n") for name, source in self.cells}, []
        for function in functions:
            written = [place for place in self.defined.get(function, []) if not place[2]]
            if written:
                cell, first, _, last = written[-1]
                found.append("\n".join(lines[cell][first - 1 : last]))
        return "\n\n\n".join(found)

    def without_spare_stubs(self, functions):
        """``(cells, notes)``: an untouched copy of an exercise does not undo the one that was written.

        Of several written ones the last counts, as in Jupyter.
        """
        lines, notes = {name: source.split("\n") for name, source in self.cells}, []
        for function in functions:
            places = self.defined.get(function, [])
            written = [cell for cell, _, stub, _ in places if not stub]
            if not written:
                continue
            spare = [(cell, first, last) for cell, first, stub, last in places if stub]
            for cell, first, last in spare:
                start = lines[cell][first - 1]
                indent = start[: len(start) - len(start.lstrip())]
                lines[cell][first - 1 : last] = [indent + "pass", *[""] * (last - first)]
            for cell in dict.fromkeys(cell for cell, _, _ in spare):
                told = tr(
                    "{where} holds an untouched copy of {function}; the one in {counts} was marked.",
                    where=cell_words(cell),
                    function=function,
                    counts=cell_words(written[-1]),
                )
                notes.append(told)
            if len(written) > 1:
                told = tr(
                    "{function} is written {count} times; the last one, in {counts}, was marked.",
                    function=function,
                    count=len(written),
                    counts=cell_words(written[-1]),
                )
                notes.append(told)
        return [[name, "\n".join(lines[name])] for name, _ in self.cells], notes


class Outline(NamedTuple):
    """All cells of a notebook, for those who write it anew.

    Attributes:
        handed: ``Handed``.
        rows: one dict a cell, see ``source.outline``.
        in_order: whether the file is a notebook of format 4 in which nothing had to be forgiven.
    """

    handed: Handed
    rows: list
    in_order: bool
