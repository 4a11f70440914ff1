"""Tables of lecture notebooks that say what the course has: a chapter's exercises, and the chapters.

Nobody keeps them: ``course build`` puts the table in the place of the first one in such a section, or at its end.
"""

import re

from course_lib.checks import ASKED
from course_lib.tools.notebook_tools.files import ROOT, read

TABLE = re.compile(r"(^\|.*\n)+", re.MULTILINE)


def with_tables(notebook, path):
    """The notebook with the tables of its sections "Exercises" and "Chapters" as they are now, in place."""
    for cell in notebook.cells:
        heading = cell.source.partition("\n")[0] if cell.cell_type == "markdown" else ""
        if make := TABLES.get(heading):
            before, _, after = TABLE.sub("\0", f"{cell.source}\n", count=1).partition("\0")
            cell.source = "\n\n".join(part for part in (before.strip(), "\n".join(make(path)), after.strip()) if part)
    return notebook


def exercises_table(path):
    """The exercises and questions of the notebook's chapter, with their kinds and points."""
    rows = [f"| {id} | {said(asked)} | {asked.points:g} |" for id, asked in ASKED.items() if id[:2] == path.name[:2]]
    return ["| | exercise | points |", "|---|---|---|", *rows] if rows else []


def said(asked):
    """The title of an exercise, and the kind where it is more than a function to be written."""
    kind = getattr(asked, "kind", "explain")
    return asked.title if kind == "write" else f"*{kind}*: {asked.title}"


def chapters_table(path):
    """All chapters that have a notebook, with links to it and to their exercises."""
    rows = []
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        number, ids = notebook.name[:2], [id for id in ASKED if id[:2] == notebook.name[:2]]
        name = "this one" if notebook.name == path.name else f"[{title(notebook)}]({notebook.name})"
        reach = f"{ids[0]} … {ids[-1]}" if len(ids) > 1 else "".join(ids)
        rows.append(f"| {number} | {name} | {f'[{reach}](../exercises/{notebook.name})' if ids else ''} |")
    return ["| | chapter | exercises |", "|---|---|---|", *rows]


def title(notebook):
    """The heading of a chapter's notebook without its number: ``# 3 · Momentum and Nesterov``."""
    return read(notebook).cells[0].source.partition("\n")[0].lstrip("# ").partition("·")[2].strip()


TABLES = {"## Exercises": exercises_table, "## Chapters": chapters_table}
