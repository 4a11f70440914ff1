"""The recipes of CONTRIBUTING.md as what they are: edits of files, and commands with what they print.

A step is a code block; the line above it says what it is::

    New file `course_lib/x.py`:                                    the block is the file
    At the end of `course_lib/x.py`:                               it is appended, after two empty lines
    In `course_lib/x.py`:                                          a diff: its lines are found once and replaced
    In the set-up cell of `notebooks/00_x.ipynb`:                  a diff of that cell
    Next cell of `solutions/00_x.ipynb`:                           a cell at the end; the notebook is made if need be
    Next cell of `solutions/00_x.ipynb`, role `check` of `00-2`:   with what its metadata say

A block of ``bash`` is run line by line; what stands after ``#`` must be in what the line prints.
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import nbformat

BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)


class Command(NamedTuple):
    """A line to be typed, and what it must print."""

    line: str
    prints: str


@dataclass(frozen=True)
class Edit:
    """One step that changes a file. ``how`` is the first word or words of its sentence."""

    how: str
    file: str
    kind: str
    text: str
    course: dict

    def apply(self, root):
        path = Path(root, self.file)
        if self.how == "New file":
            assert not path.exists(), f"{self.file} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text, encoding="utf-8")
        elif self.how == "At the end of":
            path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{self.text}", encoding="utf-8")
        elif self.how == "In":
            path.write_text(replaced(path.read_text(encoding="utf-8"), self.text), encoding="utf-8")
        else:
            self._apply_to_notebook(path)

    def _apply_to_notebook(self, path):
        notebook = nbformat.read(path, 4) if path.exists() else nbformat.v4.new_notebook()
        if self.how == "In the set-up cell of":
            (cell,) = [cell for cell in notebook.cells if cell.metadata.get("course", {}).get("role") == "setup"]
            cell.source = replaced(f"{cell.source}\n", self.text).rstrip("\n")
        else:
            make = nbformat.v4.new_markdown_cell if self.kind == "markdown" else nbformat.v4.new_code_cell
            metadata = {"course": self.course} if self.course else {}
            notebook.cells.append(make(self.text.rstrip("\n"), metadata=metadata))
        nbformat.write(notebook, path)


def replaced(text, diff):
    """``text`` with the changes of ``diff``, each in lines that are there exactly once; ``@@`` stands between them."""
    for change in re.split(r"^@@\n", diff, flags=re.M):
        lines = change.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        places = re.findall(rf"^{re.escape(old)}", text, re.M)
        assert len(places) == 1, f"these lines are there {len(places)} times:\n{old}"
        text = text.replace(f"\n{old}", f"\n{new}") if not text.startswith(old) else text.replace(old, new, 1)
    return text


def sections(page):
    """``{title: text}`` of what stands under the headings of the second level; a ``##`` inside a block is none."""
    found, title, inside = {}, "", False
    for line in page.splitlines(keepends=True):
        inside ^= line.lstrip().startswith("```")
        if line.startswith("## ") and not inside:
            title = line[3:].strip()
        found[title] = found.get(title, "") + line
    return found


def recipes(page):
    """``{title: [Edit or Command, ...]}`` of the sections whose title begins with "A new", in order."""
    return {
        title: [step for match in BLOCK.finditer(text) for step in _steps(match, text)]
        for title, text in sections(page).items()
        if title.startswith("A new")
    }


def _steps(match, section):
    text = textwrap.dedent(match["text"])
    if match["kind"] == "bash":
        lines = [line.partition("  # ") for line in text.splitlines()]
        return [Command(line.strip(), prints.strip()) for line, _, prints in lines]
    above = section[: match.start()].rstrip("\n").rpartition("\n")[2]
    return [edit(above, match["kind"], text)]


def edit(sentence, kind, text):
    """The step that ``sentence``, the line above a block, says."""
    hows = "New file|At the end of|In the set-up cell of|In|Next cell of"
    found = re.search(rf"({hows}) `([^`]+)`(?:, role `(\w+)`(?: of `([\d-]+)`)?)?:$", sentence)
    assert found, f"this line does not say what the block below it is: {sentence!r}"
    how, file, role, exercise = found.groups()
    course = {"role": role, **({"exercise": exercise} if exercise else {})} if role else {}
    return Edit(how, file, kind, text, course)


def made(page):
    """The files that the recipes make, which are not in the repository."""
    edits = [step for steps in recipes(page).values() for step in steps if isinstance(step, Edit)]
    return {edit.file for edit in edits if edit.how in ("New file", "Next cell of")}


def outside_of_blocks(page):
    """The page without its code."""
    return BLOCK.sub("", page)
