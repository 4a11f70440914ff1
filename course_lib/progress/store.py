"""The file in which progress is kept: JSON, which stays on this machine, one for each copy of the course.

It is ``COURSE_PROGRESS`` where that environment variable is set, else ``.progress/progress.json`` in the course's
folder: it moves with the folder, and another copy knows nothing of it. Where that cannot be written (an installed
course), it lies in the user's data folder (``path()``).

Nothing that was recorded is lost, whoever else writes at the same time and whatever ends the process: a change is made
under a lock of the operating system, which ends with its process, and the new file takes the old one's place whole.
"""

import json
import os
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from course_lib import place
from course_lib.settings.language import later

KINDS = {"predict": later("predictions"), "check": later("exercises"), "quiz": later("quiz questions")}
PATIENCE = 10.0  # seconds that a notebook waits for others to have written


def path():
    """The file that progress is kept in."""
    if chosen := os.environ.get("COURSE_PROGRESS"):
        return Path(chosen)
    root = place.folder().resolve()
    own = root / ".progress" / "progress.json"
    if own.exists() or os.access(own.parent if own.parent.exists() else root, os.W_OK):
        return own
    return _of_the_user() / f"{root.name}-{sha256(str(root).encode()).hexdigest()[:8]}" / "progress.json"


def _of_the_user():
    """The user's data folder of the course."""
    try:
        home = Path.home()
    except RuntimeError:  # an account without a home folder, as in some containers
        home = Path(tempfile.gettempdir()) / f"home-of-{os.getuid() if hasattr(os, 'getuid') else 'nobody'}"
    folder = {"win32": os.environ.get("APPDATA"), "darwin": home / "Library/Application Support"}.get(sys.platform)
    return Path(folder or os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "optimisation-course"


# --- Reading --------------------------------------------------------------------------------------------


def load():
    """What is recorded: ``{kind: {id: facts}}``. A damaged file is set aside with a warning, and all starts anew."""
    file = path()
    try:
        data = _checked(file.read_text(encoding="utf-8"))
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


def _checked(text):
    """The text of a progress file as data; ``ValueError`` if it is none."""
    data = json.loads(text)
    if not (isinstance(data, dict) and all(isinstance(data.get(kind, {}), dict) for kind in KINDS)):
        raise ValueError("not a progress file")
    return data


def facts(kind, id):
    """What was recorded for ``id``, ``{}`` if nothing."""
    return load()[kind].get(id, {})


# --- Writing --------------------------------------------------------------------------------------------


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

    def add(data):
        before = data[kind].get(id, {})
        counted = {"done": bool(done or before.get("done")), "times": before.get("times", 0) + 1, "when": time.time()}
        data[kind][id] = {**facts, **counted}

    change(add)


def change(action):
    """Do ``action(data)`` on what is recorded, while nobody else writes, and keep the result."""
    with _locked() as mine:
        if not mine:
            warnings.warn(f"Progress was not kept: others were writing to {path()} all the time.", stacklevel=3)
            return
        data = load()
        action(data)
        _save(data)


@contextmanager
def _locked():
    """Hold the lock beside the file; false if others held it for too long.

    A place that cannot be written has no lock: saving says so.
    """
    lock = path().with_suffix(".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = open(lock, "ab")  # noqa: SIM115
    except OSError:
        yield True
        return
    with handle:
        yield _wait_for(handle)


def _wait_for(handle):
    """Whether the lock on ``handle`` was got in time; closing the file, or the end of the process, gives it back."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            _lock(handle)
            return True
        except OSError:
            if time.monotonic() > until:
                return False
            time.sleep(0.002)


def _lock(handle):
    if sys.platform == "win32":
        import msvcrt

        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _save(data):
    """Write beside the file and move into place, so that a crash leaves the old file whole."""
    file = path()
    beside = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "w", encoding="utf-8") as stream:
            json.dump(data, stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())  # or a power cut could leave the new name on an empty file
        os.replace(beside, file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        warnings.warn(f"Progress cannot be kept in {file} ({error.strerror}); everything else works.", stacklevel=2)


# --- Taking it elsewhere --------------------------------------------------------------------------------


def export(target):
    """Copy what is recorded to the file ``target``; returns its path.

    Raises:
        FileExistsError: ``target`` is there already.
    """
    target = Path(target)
    if target.is_dir():
        target = target / "progress.json"
    if target.exists():
        raise FileExistsError(f"{target} exists already: name another file.")
    target.write_text(json.dumps(load(), indent=1, sort_keys=True), encoding="utf-8")
    return target


def merge(source):
    """Add what the file ``source`` holds; returns how many entries are new or have gone further.

    What was done here stays done; of two entries for one task the one that is done counts, else the one with more
    attempts.

    Raises:
        ValueError: ``source`` is no progress file.
    """
    try:
        other = _checked(Path(source).read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{source} is no file that `progress --export` writes.") from None
    counted = []

    def add(data):
        for kind in KINDS:
            for id, theirs in other.get(kind, {}).items():
                ours = data[kind].get(id, {})
                if isinstance(theirs, dict) and _far(theirs) > _far(ours):
                    data[kind][id] = theirs
                    counted.append(id)

    change(add)
    return len(counted)


def _far(facts):
    """How far an entry is, to compare two."""
    times = facts.get("times", 0)
    return bool(facts.get("done")), times if isinstance(times, int) else 0
