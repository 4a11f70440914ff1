"""From the bytes of a file to its cells, and to the places of functions in them. Runs in the reading process."""

import ast
import hashlib
import json

from course_lib.grading import answers, kinds
from course_lib.grading.cells import JUPYTER, first_line, statements

MAX_BYTES = 100 << 20
MAX_CELLS = 2_000
MAX_SOURCE = 200_000
MAX_SOURCES = 1_000_000  # characters of all cells together
MAX_OTHERS = 8_000_000  # of cells that are no code, for those who write a notebook anew
BREAKS = ("# %%", "#%%", "# In[", "# <codecell>")  # where editors and nbconvert begin a cell in a script
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BLOCKS = ("cases", "finalbody", "orelse", "handlers", "body")  # of a statement, the last one first
NAMES = {"markdown": "Markdown", "raw": "Raw", "heading": "Heading"}


class Unreadable(ValueError):
    """A file that holds no notebook; its text says what to do."""


# --- From bytes to cells -------------------------------------------------------------------------------


def cells_of(data, functions, name=""):
    """``(cells as they stand in the file, whether it is a notebook of format 4)``.

    Args:
        data: bytes of a notebook (format 3, 4, or like one), or of a script with one of the functions in it.
        functions: names of functions.
        name: of the file.

    Raises ``Unreadable``.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"The file has more than {MAX_BYTES >> 20} MiB: choose 'Clear Outputs of All Cells' in JupyterLab, save, "
            "and hand it in again."
        )
    if problem := kinds.other_than_text(data):
        raise Unreadable(problem)
    text = decoded(data)
    try:
        notebook = _loaded(text)
    except (json.JSONDecodeError, RecursionError) as error:
        if _is_script(text, functions):
            return [{"cell_type": "code", "source": part} for part in _parts(text)], False
        raise Unreadable(kinds.other_than_json(text, error, name.lower().endswith(".py"))) from None
    return _cells(notebook), isinstance(notebook, dict) and notebook.get("nbformat") == 4


def decoded(data):
    """The text of a file: UTF-8, UTF-16 or UTF-32, with or without a mark at the start; other signs are replaced."""
    return data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")


def _loaded(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a number with more digits than Python reads
        return json.loads(text, parse_int=len)


def _is_script(text, functions):
    small = len(text) <= MAX_SOURCES and not text[:200].lstrip().startswith(("{", "[", "<"))
    return small and any(f"def {function}" in text for function in functions)


def _parts(text):
    """The cells of a script: where an editor or nbconvert wrote that one begins, else all of it."""
    parts = [[]]
    for line in _plain(text).split("\n"):
        if line.startswith(BREAKS):
            parts.append([])
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def _cells(notebook):
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable(
            "The file is JSON, but not a notebook: it has no list of cells. Hand in the .ipynb file itself."
        )
    return cells


def source_of(cell):
    """The text of a cell, ``None`` if it has none."""
    source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else None
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return _plain(source) if isinstance(source, str) else None


def _plain(text):
    """Text that Python can take: no NUL, no half of a sign, lines that end in one way."""
    return text.encode("utf-8", "replace").decode().replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


# --- What counts in them -------------------------------------------------------------------------------


def handed_in(found, functions, questions=(), handed_out=()):
    """What counts in cells as they stand in a file, as the fields of ``reader.Handed``.

    Args:
        found: the cells.
        functions: names to look for.
        questions: ids of those that are answered in words.
        handed_out: ``body_digest``s of functions that students get with a fault in them.
    """
    cells, notes, unparsed, texts = [], [], [], []
    defined, room = {name: [] for name in functions}, MAX_SOURCES
    words, answering, about_words = answers.texts_of(found[:MAX_CELLS], questions, source_of)
    if len(found) > MAX_CELLS:
        notes.append(f"The notebook has {len(found)} cells, of which the first {MAX_CELLS} were read.")
    for number, cell in enumerate(found[:MAX_CELLS], 1):
        name, source = f"cell {number}", source_of(cell)
        if not source or not source.strip() or number - 1 in answering:
            continue
        if cell.get("cell_type") != "code":
            texts.append((name, cell.get("cell_type"), source[:MAX_SOURCE]))
            continue
        if len(source) > min(MAX_SOURCE, room):
            limit = f"{MAX_SOURCE}" if len(source) > MAX_SOURCE else f"{MAX_SOURCES} for all cells together"
            notes.append(f"{name} was left out: it has {len(source)} characters, more than {limit}.")
            continue
        room -= len(source)
        cells.append([name, source])
        pieces = statements(source)
        unparsed += [[name, s.place, s.message] for s in pieces if s.tree is None and s.kind != JUPYTER]
        for function, place in definitions([s.tree for s in pieces if s.tree], defined, handed_out):
            defined[function].append([name, *place])
    defined = {function: places for function, places in defined.items() if places}
    asleep = _in_texts(texts, functions, defined)
    notes += about_words
    return {"cells": cells, "notes": notes, "defined": defined, "asleep": asleep, "unparsed": unparsed, "texts": words}


def _in_texts(texts, functions, defined):
    """``{function: [cell, kind of the cell]}`` of functions that stand in cells that do not run, and nowhere else."""
    missing = {name for name in functions if all(stub for _, _, stub, _ in defined.get(name, []))}
    found = {}
    for name, kind, source in texts:
        starts = (line.strip(" \t>`").removeprefix("def ") for line in source.split("\n") if "def " in line)
        shown = NAMES.get(kind, "text") if isinstance(kind, str) else "text"
        found |= {start.partition("(")[0].strip(): [name, shown] for start in starts}
    return {function: where for function, where in found.items() if function in missing}


def definitions(trees, names, handed_out=()):
    """``(name, (first line, whether it is a stub, last line))`` of what statements define of ``names``, in order.

    A stub is what was handed out, with a body that raises or one of ``handed_out`` (``body_digest``s).

    Functions and classes count, decorated or not, and what is assigned; in blocks (``if``, ``try``, ``with``, loops)
    too, but not inside other functions.
    """
    waiting = trees[::-1]
    while waiting:
        node = waiting.pop()
        for name in _defined(node):
            if name in names:
                yield name, (first_line(node), is_stub(node, handed_out), node.end_lineno)
        if not isinstance(node, FUNCTIONS):
            for block in BLOCKS:
                waiting += getattr(node, block, [])[::-1]


def _defined(node):
    """Names that a statement itself defines."""
    if isinstance(node, FUNCTIONS):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if _has_value(node) else []
    names = [part for target in targets for part in getattr(target, "elts", [target])]
    return [target.id for target in names if isinstance(target, ast.Name)]


def _has_value(node):
    return isinstance(node, ast.AnnAssign) and node.value is not None


def _body(node):
    """The statements of a function but for its docstring."""
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body


def body_digest(node):
    """A digest of a function's body; its name, arguments, docstring, comments and layout do not count."""
    return hashlib.sha256(ast.dump(ast.Module(_body(node), [])).encode("utf-8", "replace")).hexdigest()


def is_stub(node, handed_out=()):
    """Whether a function is as it was handed out: its docstring, then ``raise NotImplementedError`` or a known body."""
    if not isinstance(node, ast.FunctionDef):
        return False
    if handed_out and body_digest(node) in handed_out:
        return True
    body = _body(node)
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


# --- For those who write a notebook anew ---------------------------------------------------------------


def outline(found):
    """All cells as ``(rows, whether nothing had to be forgiven)``.

    A row has ``name``, ``cell_type``, ``id``, ``source``, ``course`` (the course's metadata, or ``{}``) and
    ``grade_id`` (nbgrader's, or ``""``).
    """
    rows, room = [], MAX_SOURCES + MAX_OTHERS
    for number, cell in enumerate(found[:MAX_CELLS], 1):
        row = _row(f"cell {number}", cell)
        room -= len(row["source"]) if row else 0
        if room < 0:
            break
        rows.append(row)
    whole = len(rows) == len(found) and all(map(_is_whole, found, rows))
    return [row for row in rows if row], whole


def _is_whole(cell, row):
    was = row and (cell.get("cell_type"), cell.get("id"), type(cell.get("metadata")))
    return was and was == (row["cell_type"], row["id"], dict)


def _row(name, cell):
    source = source_of(cell)
    if source is None:
        return None
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown", "raw") else "markdown"
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    course = metadata.get("course") if isinstance(metadata.get("course"), dict) else {}
    course = {key: value for key, value in course.items() if isinstance(value, str) and len(value) < 100}
    about = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    id, grade_id = cell.get("id"), about.get("grade_id")
    row = {"name": name, "cell_type": kind, "source": source, "course": course}
    return row | {
        "id": id[:100] if isinstance(id, str) else "",
        "grade_id": grade_id[:100] if isinstance(grade_id, str) else "",
    }
