"""From the bytes of a notebook to cells of plain Python that run one by one."""

import ast
import json
import re
from functools import lru_cache

from course_lib.grading.protocol import text

MAX_BYTES = 100 << 20
MAX_PARTS = 8_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 200_000
REMEMBERED = 5_000  # characters of a cell whose syntax tree is kept

OTHER_FILES = {
    b"%pdf": "a PDF",
    b"<": "a web page",
    b"pk\x03\x04": "a zip archive or an Office file",
    b"\x89png": "a picture",
}

DROPPED_CELL_MAGICS = re.compile(r"^%%(?!time\b|timeit\b|capture\b|prun\b)\w+")
MAGIC_LINE = re.compile(r"^\s*(?:[%!?]|[\w.]+\?{1,2}\s*$|[\w, ]+=\s*[!%])")


class Unreadable(ValueError):
    """A file that holds no notebook; its text says what to do."""


def read_notebook(data):
    """``(cells, notes)`` of a notebook's bytes: ``[("cell 3", source), ...]`` and sentences about what was changed.

    Raises ``Unreadable``.
    """
    cells = _code_cells(_parse(data))
    notes, ready = [], []
    for number, source in cells:
        name = f"cell {number}"
        if len(source) > MAX_SOURCE:
            notes.append(f"{name} was left out: it has {len(source)} characters, more than {MAX_SOURCE}.")
            continue
        source, note = without_magics(source)
        if note:
            notes.append(f"{name}: {note}")
        ready.append((name, source))
    return ready, notes


def _parse(data):
    if not data.strip():
        raise Unreadable("The file is empty: save the notebook in JupyterLab and hand it in again.")
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"The file has {len(data) >> 20} MiB, more than {MAX_BYTES >> 20}: choose 'Clear Outputs of All Cells' "
            "in JupyterLab, save, and hand it in again."
        )
    if sum(map(data.count, (b"[", b"{", b","))) > MAX_PARTS:
        raise Unreadable("The file has too many parts to be a notebook: clear its outputs, save, and hand it in again.")
    for start, kind in OTHER_FILES.items():
        if data.lstrip(b"\xef\xbb\xbf \r\n\t")[: len(start)].lower() == start:
            raise Unreadable(f"The file is {kind}, not a notebook: hand in the .ipynb file itself.")
    try:
        notebook = json.loads(decoded(data))
    except (ValueError, RecursionError):
        raise Unreadable(
            "The file is damaged: it is not the JSON of a notebook (was the upload cut off?). Open it in JupyterLab, "
            "save it, and hand it in again."
        ) from None
    return notebook


def decoded(data):
    """The text of a file: UTF-8, UTF-16 or UTF-32, with or without a mark at the start; other signs are replaced."""
    return data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")


def _code_cells(notebook):
    """``[(number in the notebook from 1, source), ...]``; reads formats 3 and 4 and forgives what it can."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable(
            "The file is JSON, but not a notebook: it has no list of cells. Hand in the .ipynb file itself."
        )
    found = []
    for number, cell in enumerate(cells[:MAX_CELLS], 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(part for part in source if isinstance(part, str))
            if isinstance(source, str) and source.strip():
                found.append((number, source.encode("utf-8", "replace").decode().replace("\0", "")))
    return found


def parsed(source):
    """The syntax tree of a cell, ``None`` if it is not Python; to be read, not to be changed."""
    return _remembered(source) if len(source) <= REMEMBERED else _parsed(source)


def _parsed(source):
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_remembered = lru_cache(maxsize=128)(_parsed)  # most cells are looked at four times, and many are those of the exercise


def without_magics(source):
    """``(source, note)`` without IPython's own lines; line numbers stay."""
    if DROPPED_CELL_MAGICS.match(source):
        return "", f"left out, because it starts with {text(source.split()[0], 40)}."
    if parsed(source) is not None:
        return source, ""
    lines = source.split("\n")
    magic = [i for i, line in enumerate(lines) if MAGIC_LINE.match(line)]
    kept = [_in_place_of(line) if i in magic else line for i, line in enumerate(lines)]
    if not magic or parsed("\n".join(kept)) is None:
        return source, ""
    shown = ", ".join(f"`{text(lines[i].strip(), 40)}`" for i in magic[:3]) + (", ..." if len(magic) > 3 else "")
    return "\n".join(kept), f"lines that only Jupyter understands were left out ({shown})."


def _in_place_of(line):
    return line[: len(line) - len(line.lstrip())] + "pass"


def is_stub(node):
    """Whether a function is as it was handed out: its docstring, then ``raise NotImplementedError``."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def definitions(cells, names):
    """``{name: [(cell, node), ...]}``: where each of ``names`` is defined at the top of a cell."""
    found = {name: [] for name in names}
    for cell, source in cells:
        for node in getattr(parsed(source), "body", ()):
            if isinstance(node, ast.FunctionDef) and node.name in found:
                found[node.name].append((cell, node))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id in found:
                        found[target.id].append((cell, node))
    return found


def without_spare_stubs(cells, names):
    """``(cells, notes)``: an untouched copy of an exercise does not undo the one that was written.

    Of several written ones the last counts, as in Jupyter.
    """
    sources, notes = dict(cells), []
    for name, places in definitions(cells, names).items():
        stubs = [place for place in places if isinstance(place[1], ast.FunctionDef) and is_stub(place[1])]
        written = [place for place in places if place not in stubs]
        if written:
            for cell, node in stubs:
                lines = sources[cell].split("\n")
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                lines[first - 1 : node.end_lineno] = ["pass", *[""] * (node.end_lineno - first)]
                sources[cell] = "\n".join(lines)
                notes.append(f"{cell} holds an untouched copy of {name}; the one in {written[-1][0]} was marked.")
        if len(written) > 1:
            notes.append(f"{name} is written {len(written)} times; the last one, in {written[-1][0]}, was marked.")
    return [(cell, sources[cell]) for cell, _ in cells], notes
