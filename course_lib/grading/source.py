"""From the bytes of a notebook to its cells, and to the places of functions in them. Runs in the reading process."""

import ast
import json

from course_lib.grading.cells import parsed, without_magics

MAX_BYTES = 100 << 20
MAX_PARTS = 8_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 200_000

OTHER_FILES = {
    b"%pdf": "a PDF",
    b"<": "a web page",
    b"pk\x03\x04": "a zip archive or an Office file",
    b"\x89png": "a picture",
}


class Unreadable(ValueError):
    """A file that holds no notebook; its text says what to do."""


def notebook_of(data):
    """The JSON in a notebook's bytes. Raises ``Unreadable``."""
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
        return json.loads(decoded(data))
    except (ValueError, RecursionError):
        raise Unreadable(
            "The file is damaged: it is not the JSON of a notebook (was the upload cut off?). Open it in JupyterLab, "
            "save it, and hand it in again."
        ) from None


def decoded(data):
    """The text of a file: UTF-8, UTF-16 or UTF-32, with or without a mark at the start; other signs are replaced."""
    return data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")


def cells_of(notebook):
    """All cells of a notebook's JSON, whatever they are; formats 3 and 4. Raises ``Unreadable``."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable(
            "The file is JSON, but not a notebook: it has no list of cells. Hand in the .ipynb file itself."
        )
    return cells[:MAX_CELLS]


def source_of(cell):
    """The text of a cell, ``None`` if it has none."""
    source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else None
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    return source.encode("utf-8", "replace").decode().replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def handed_in(notebook, functions):
    """What counts in a notebook's JSON, as the fields of ``reader.Handed``. Raises ``Unreadable``."""
    cells, notes, unparsed = [], [], []
    defined = {name: [] for name in functions}
    for number, cell in enumerate(cells_of(notebook), 1):
        name, source = f"cell {number}", source_of(cell)
        if not source or not source.strip() or cell.get("cell_type") != "code":
            continue
        if len(source) > MAX_SOURCE:
            notes.append(f"{name} was left out: it has {len(source)} characters, more than {MAX_SOURCE}.")
            continue
        python, note = without_magics(source)
        if note:
            notes.append(f"{name}: {note}")
        cells.append([name, source])
        tree = parsed(python)
        if tree is None:
            unparsed.append([name, *_complaint(python)])
        else:
            for function, place in definitions(tree, defined):
                defined[function].append([name, *place])
    defined = {function: places for function, places in defined.items() if places}
    return {"cells": cells, "notes": notes, "defined": defined, "unparsed": unparsed}


def _complaint(source):
    """``(line, message)``: why a text is not Python."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except (ValueError, RecursionError, MemoryError):
        pass
    return 1, "too deeply nested or too long to be read as Python"


def definitions(tree, names):
    """``(name, (first line, whether it is a stub, last line))`` of what a cell defines of ``names``, at its top."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield node.name, (first, is_stub(node), node.end_lineno)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id in names:
                    yield target.id, (node.lineno, False, node.end_lineno)


def is_stub(node):
    """Whether a function is as it was handed out: its docstring, then ``raise NotImplementedError``."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def outline(notebook):
    """All cells of a notebook's JSON for those who write it anew: ``(rows, whether it is in order as it is)``.

    A row has ``name``, ``cell_type``, ``id``, ``source``, ``course`` (the course's metadata, or ``{}``) and
    ``grade_id`` (nbgrader's, or ``""``). Raises ``Unreadable``.
    """
    cells = cells_of(notebook)
    rows = [row for number, cell in enumerate(cells, 1) if (row := _row(f"cell {number}", cell))]
    plain = [
        (cell.get("cell_type"), cell.get("id"), type(cell.get("metadata"))) == (row["cell_type"], row["id"], dict)
        for cell, row in zip(cells, rows, strict=False)
        if isinstance(cell, dict)
    ]
    return rows, notebook.get("nbformat") == 4 and len(plain) == len(rows) == len(cells) and all(plain)


def _row(name, cell):
    source = source_of(cell)
    if source is None:
        return None
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown", "raw") else "markdown"
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    course = metadata.get("course") if isinstance(metadata.get("course"), dict) else {}
    about = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    id, grade_id = cell.get("id"), about.get("grade_id")
    row = {"name": name, "cell_type": kind, "source": source, "course": course}
    return row | {
        "id": id if isinstance(id, str) else "",
        "grade_id": grade_id if isinstance(grade_id, str) else "",
    }
