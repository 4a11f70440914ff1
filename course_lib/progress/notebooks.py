"""What there is to do: the predictions, checks and quiz questions that the notebooks call for, and where they stand."""

import ast
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from course_lib import place
from course_lib.progress.store import KINDS, load

PLACES = ("notebooks/*.ipynb", "exercises/*.ipynb", "[0-9][0-9]_*.ipynb")  # the last: what was handed out
FIELDS = {"predict": ("id", "question", "options", "right"), "quiz": ("id", "question", "right", "wrong")}


@dataclass(frozen=True)
class Asked:
    """A question as a notebook asks it: ``options`` is ``{text: why it is right, or why it tempts}``."""

    id: str
    kind: str
    question: str
    options: dict
    right: str


@dataclass(frozen=True)
class Task:
    """One call of ``predict``, ``check`` or ``quiz``: its place is the notebook and the cell's id."""

    chapter: str
    kind: str
    id: str
    notebook: Path
    cell: str
    call: ast.Call


def found(root=None):
    """Every ``Task`` in the notebooks of ``root``, each id once, chapter by chapter and in the order of reading."""
    root, seen = root or place.folder(), {}
    for pattern in PLACES:
        for notebook in sorted(root.glob(pattern)):
            for task in _calls(notebook, _age(notebook)):
                seen.setdefault((task.kind, task.id), task)
    return sorted(seen.values(), key=lambda task: task.chapter)  # which keeps the order within a chapter


def tasks(root=None):
    """``{chapter: {kind: [ids]}}`` of what there is to do."""
    made = {}
    for task in found(root):
        made.setdefault(task.chapter, {}).setdefault(task.kind, []).append(task.id)
    return made


def titles(root=None):
    """``{chapter: (title, notebook)}``: the first heading of each chapter's first notebook."""
    root, made = root or place.folder(), {}
    for pattern in PLACES:
        for notebook in sorted(root.glob(pattern)):
            made.setdefault(notebook.stem[:2], (_title(notebook, _age(notebook)), notebook))
    return dict(sorted(made.items()))


@lru_cache(maxsize=256)
def _title(notebook, age):
    """The first heading without its number; the file's name where there is none."""
    texts = "\n".join(_source(cell) for cell in _cells(notebook) if cell.get("cell_type") == "markdown")
    title = next((line[2:] for line in texts.splitlines() if line.startswith("# ")), notebook.stem)
    return title.partition("·")[2].strip() or title


def next_task(root=None):
    """The first open ``Task`` after the one that was done last, else the first open one; ``None`` if all are done."""
    data, every = load(), found(root)
    facts = [data[task.kind].get(task.id, {}) for task in every]
    done = [number for number, known in enumerate(facts) if known.get("done")]
    last = max(done, key=lambda number: (facts[number].get("when", 0.0), number), default=-1)
    left = [number for number in range(len(every)) if number not in done]
    later = [number for number in left if number > last] or left
    return every[later[0]] if later else None


def asked(root=None):
    """``{id: Asked}`` of all predictions and quiz questions that say which option is right."""
    made = {}
    for task in found(root):
        if task.kind in FIELDS and (question := _question(task)):
            made[task.id] = question
    return made


def _question(task):
    """What a call asks; ``None`` where its arguments are not plain texts."""
    try:
        given = [ast.literal_eval(argument) for argument in task.call.args]
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in task.call.keywords}
        values = dict(zip(FIELDS[task.kind], given, strict=False)) | named
        if task.kind == "quiz":
            pairs = dict([values["right"], *values["wrong"]])
            return Asked(task.id, "quiz", values["question"], pairs, values["right"][0])
        if values["right"] not in dict(values["options"]):
            return None
        return Asked(task.id, "predict", values["question"], dict(values["options"]), values["right"])
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def _cells(notebook):
    """The cells in a file; none in one that is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _source(cell):
    return "".join(cell.get("source", ""))


def _age(notebook):
    """Something that differs after the file has changed."""
    status = notebook.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=256)
def _calls(notebook, age):
    """A ``Task`` for every ``predict("id", ...)``, ``check("id", ...)`` and ``quiz("id", ...)``; read once an age."""
    made = []
    for cell in _cells(notebook):
        try:
            tree = ast.parse(_source(cell)) if cell.get("cell_type") == "code" else ast.Module([], [])
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    where = (notebook, cell.get("id", ""), node)
                    made.append(Task(notebook.stem[:2], node.func.id, first.value, *where))
    return made
