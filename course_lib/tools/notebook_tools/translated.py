"""The texts of a notebook, paragraph by paragraph, and the notebook with other ones in their places.

A paragraph of prose is one line, however it is broken in the file, so that a new line break is no new text; lists,
tables and the paragraphs of docstrings keep their lines. What only holds formulas or code is no text. In code it is
docstrings that are read, and what a function says that is not written yet.
"""

import ast
import inspect
import re
from copy import deepcopy

from course_lib.grading.answers import END
from course_lib.settings.language import tr

UNWRITTEN = re.compile(r'(?<=NotImplementedError\(")Exercise (\d\d-\d{1,3}): write (\w+)(?="\))')
WRITE = "Exercise {id}: write {function}"
KEEPS_LINES = re.compile(r"^\s*([-*+>|]|\d+\.) ", re.MULTILINE)
HEADING = re.compile(r"#{1,6} ")
NOT_WORDS = re.compile(r"\$\$.*?\$\$|\$[^$]+\$|`[^`]+`|[^a-zA-Z]", re.DOTALL)


def texts(notebook):
    """``[(id of the cell, text), ...]`` of all that a student reads in a notebook."""
    found = []
    _each(notebook, lambda cell, text: found.append((cell.id, text)) or text)
    return found


def translated(notebook):
    """The notebook in the language of the course; a text without a translation stays as it is."""
    made = _each(notebook, lambda cell, text: tr(text))
    for cell, before in zip(made.cells, notebook.cells, strict=True):
        if before.cell_type == "markdown" and before.source.startswith(END) and cell.source != before.source:
            cell.metadata.setdefault("course", {"reading": "core"})  # so that it is no part of an answer above it
    return made


def _each(notebook, said):
    """A copy in which every text is ``said(cell, text)``."""
    made = deepcopy(notebook)
    for cell in made.cells:
        course = cell.metadata.get("course", {})
        if cell.cell_type == "markdown" and course.get("role") != "text":
            cell.source = markdown(cell.source, lambda text, cell=cell: said(cell, text))
        elif cell.cell_type == "code" and course.get("role") == "solution":
            cell.source = code(cell.source, lambda text, cell=cell: said(cell, text))
    return made


def markdown(source, said):
    """``source`` in which every paragraph is ``said(paragraph)``."""
    return "\n\n".join(_paragraph(block, said) for block in _blocks(source))


def _blocks(source):
    """What blank lines separate, displayed formulas and fenced code kept whole."""
    whole, held = [], []
    for block in source.split("\n\n"):
        held.append(block)
        text = "\n\n".join(held)
        if text.count("$$") % 2 == 0 and text.count("```") % 2 == 0:
            whole.append(text)
            held = []
    return [*whole, *(["\n\n".join(held)] if held else [])]


def _paragraph(block, said):
    if "```" in block or not NOT_WORDS.sub("", block):
        return block
    mark = found[0] if (found := HEADING.match(block)) else ""
    text = block[len(mark) :]
    if not KEEPS_LINES.search(text) and "$$" not in text:
        text = " ".join(text.split())
    new = said(text)
    return block if new == text else mark + new  # what has no translation keeps its lines, too


def code(source, said):
    """``source`` of a function whose docstring, paragraph by paragraph, is ``said(paragraph)``."""
    source = UNWRITTEN.sub(lambda found: tr(WRITE, id=found[1], function=found[2]), source)
    function = next((node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)), None)
    if function is None or ast.get_docstring(function) is None:
        return source
    place = function.body[0].value
    given = inspect.cleandoc(place.value)
    new = "\n\n".join(said(paragraph) for paragraph in given.split("\n\n"))
    if new == given:
        return source
    lines, indent = source.split("\n"), " " * place.col_offset
    shown = "\n".join(f"{indent}{line}" if line else "" for line in f'"""{new}'.split("\n"))
    end = f'\n{indent}"""' if "\n" in new else '"""'
    return "\n".join([*lines[: place.lineno - 1], shown + end, *lines[place.end_lineno :]])
