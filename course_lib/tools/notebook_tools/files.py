"""Notebook files: reading with one clear sentence when that fails, and the one normal form they are stored in."""

import base64
import struct
from hashlib import sha256
from pathlib import Path

import nbformat
from nbformat.v4 import new_output

from course_lib.figures.show import caption, keeps

ROOT = Path(__file__).resolve().parents[3]
QUESTIONS = ("predict(", "quiz(", "resolve(")  # cells that begin so hold a question or its answer
KEPT = ("course", "nbgrader", "slideshow", "tags")  # what a cell's metadata may hold
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class NotebookError(ValueError):
    """Something in a notebook that stops the build; the text names file and cell."""


def shown(path, cell=None):
    """``notebooks/03_momentum.ipynb, cell 7``: how messages name a place (cells count from 1)."""
    name = f"{path.parent.name}/{path.name}"
    return name if cell is None else f"{name}, cell {cell}"


def read(path):
    """The notebook in ``path``, or ``NotebookError`` with one sentence."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise NotebookError(f"{shown(path)}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotebookError(f"{shown(path)}: the file cannot be read as text ({error}).") from None
    except nbformat.ValidationError as error:
        raise NotebookError(f"{shown(path)}: this is JSON, but no notebook: {_first_line(error)}.") from None
    except Exception as error:  # nbformat raises what its parsers raise
        raise NotebookError(f"{shown(path)}: this is not a notebook in JSON: {_first_line(error)}.") from None
    return notebook


def _first_line(error):
    return str(error).splitlines()[0].rstrip(".")[:160] if str(error) else type(error).__name__


def text(notebook):
    """The notebook as the text that is stored."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def normalise(notebook):
    """Bring ``notebook`` into its normal form, in place: the same cells and results give the same bytes.

    Cell ids follow from the cells' text; times, kernel versions, widget ids and the like are left out. A
    widget's picture, its caption and text stay. The code of a question is folded away: it holds the answer.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen = {}
    for cell in notebook.cells:
        name = sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in KEPT if cell.metadata.get(key)})
        if cell.cell_type == "code":
            if cell.source.startswith(QUESTIONS):
                cell.metadata["jupyter"] = {"source_hidden": True}
            cell.outputs = _joined([part for output in cell.outputs for part in _still(output)])
    return notebook


def _still(output):
    """``output`` as it is stored; the caption that a live figure shows by itself is stored beneath its picture."""
    live = WIDGET in output.get("data", {})
    described = output.get("metadata", {}).get("image/png", {}) if live else {}
    said = described.get("alt", "")
    output = _output(output)
    if not said:
        return [output]
    data, metadata = caption(said, "live", kept=keeps(described))
    return [output, new_output("display_data", data={"text/html": data["text/html"]}, metadata=metadata)]


def _output(output):
    if "data" in output:
        output.data = {
            kind: _without_text_chunks(value) if kind == "image/png" else value
            for kind, value in output.data.items()
            if kind != WIDGET and not (kind == "text/html" and "image/png" in output.data)  # the picture once more
        }
    output.pop("transient", None)
    return output


def _joined(outputs):
    """Consecutive pieces of one stream as one output: where they are cut is chance."""
    joined = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output.output_type == "stream" and before.get("output_type") == "stream" and before.name == output.name:
            before.text += output.text
        else:
            joined.append(output)
    return joined


def _without_text_chunks(image):
    """A base64 PNG without the chunks in which programs write their names and the time."""
    data = base64.b64decode(image)
    kept, at = [data[:8]], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] not in (b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return base64.b64encode(b"".join(kept)).decode()
