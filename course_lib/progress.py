"""A learner's progress: which predictions, checks and quizzes are done. One JSON file, which stays on this machine.

The file is ``COURSE_PROGRESS`` where that environment variable is set, else ``progress.json`` in the user's
data folder (``path()``).
"""

import ast
import json
import os
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

from course_lib import place

PLACES = ("notebooks/*.ipynb", "exercises/*.ipynb", "[0-9][0-9]_*.ipynb")  # the last: what was handed out
KINDS = {"predict": "predictions", "check": "exercises", "quiz": "quiz questions"}


def path():
    """The file that progress is kept in."""
    if chosen := os.environ.get("COURSE_PROGRESS"):
        return Path(chosen)
    try:
        home = Path.home()
    except RuntimeError:  # an account without a home folder, as in some containers
        home = Path(tempfile.gettempdir()) / f"home-of-{os.getuid() if hasattr(os, 'getuid') else 'nobody'}"
    folder = {"win32": os.environ.get("APPDATA"), "darwin": home / "Library/Application Support"}.get(sys.platform)
    folder = folder or os.environ.get("XDG_DATA_HOME") or home / ".local/share"
    return Path(folder) / "optimisation-course" / "progress.json"


def load():
    """What is recorded: ``{kind: {id: facts}}``. A damaged file is set aside with a warning, and all starts anew."""
    file = path()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if not (isinstance(data, dict) and all(isinstance(data.get(kind, {}), dict) for kind in KINDS)):
            raise ValueError
    except FileNotFoundError:
        data = {}
    except OSError as error:
        warnings.warn(f"Progress cannot be read from {file} ({error.strerror}).", stacklevel=2)
        data = {}
    except ValueError:
        aside = file.with_name(f"{file.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{file.suffix}")
        os.replace(file, aside)
        warnings.warn(f"The progress file was damaged; it now lies beside itself as {aside.name}.", stacklevel=2)
        data = {}
    return {kind: {k: v for k, v in data.get(kind, {}).items() if isinstance(v, dict)} for kind in KINDS}


def record(kind, id, done, **facts):
    """Remember how ``id`` went. What was done once stays done.

    Args:
        kind: ``"predict"``, ``"check"`` or ``"quiz"``.
        id: such as ``"03-2"``.
        done: whether it is finished (an exercise: all visible checks passed).
        facts: more to keep, plain data.
    """
    if kind not in KINDS:
        raise ValueError(f"Progress knows {', '.join(KINDS)}, but not {kind!r}.")
    with _locked():
        data = load()
        before = data[kind].get(id, {})
        data[kind][id] = {**facts, "done": bool(done or before.get("done")), "times": before.get("times", 0) + 1}
        _save(data)


@contextmanager
def _locked(patience=2.0):
    """Keep another notebook from writing at the same time; a lock that nobody gives back is taken over."""
    lock = path().with_suffix(".lock")
    deadline = time.monotonic() + patience
    with suppress(OSError):
        lock.parent.mkdir(parents=True, exist_ok=True)
        while time.monotonic() < deadline:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                time.sleep(0.01)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()


def _save(data):
    """Write beside the file and move into place, so that a crash leaves the old file whole."""
    file = path()
    beside = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        warnings.warn(f"Progress cannot be kept in {file} ({error.strerror}); everything else works.", stacklevel=2)


def facts(kind, id):
    """What was recorded for ``id``, ``{}`` if nothing."""
    return load()[kind].get(id, {})


def tasks(root=None):
    """``{chapter: {kind: [ids]}}`` of what there is to do, read from the calls in the notebooks of ``root``."""
    root, found = root or place.folder(), {}
    for notebook in sorted(path for pattern in PLACES for path in root.glob(pattern)):
        for kind, id in _calls(notebook):
            ids = found.setdefault(notebook.stem[:2], {}).setdefault(kind, [])
            if id not in ids:
                ids.append(id)
    return found


def _calls(notebook):
    """``(kind, id)`` of every ``predict("id", ...)``, ``check("id", ...)`` and ``quiz("id", ...)``."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for cell in cells:
        try:
            tree = ast.parse("".join(cell["source"])) if cell["cell_type"] == "code" else ast.Module([], [])
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield node.func.id, first.value


def counts(root=None):
    """``{chapter: {kind: (done, all)}}``."""
    data = load()

    def count(kind, ids):
        return sum(data[kind].get(id, {}).get("done", False) for id in ids), len(ids)

    return {
        chapter: {kind: count(kind, kinds[kind]) for kind in KINDS if kind in kinds}
        for chapter, kinds in tasks(root).items()
    }


def summary(root=None):
    """The progress as text, one line a chapter."""
    lines = []
    for chapter, kinds in counts(root).items():
        parts = [f"{done} of {total} {KINDS[kind]}" for kind, (done, total) in kinds.items()]
        lines.append(f"chapter {chapter}: {', '.join(parts)}")
    return "\n".join([*(lines or [f"No notebooks were found in {root or place.folder()}."]), f"(kept in {path()})"])
