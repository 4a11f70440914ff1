"""A poll of the class beside the predictions of a notebook: this kernel looks whether one is held on this machine.

``course poll`` leaves its address in a file that only its owner can read, and takes it away when it ends. A prediction
that is shown somewhere has a thread look for this file every second; counts go to its front end as messages and
never into its state, so that a notebook that is saved meanwhile holds nothing of them.
"""

import http.client
import json
import os
import threading
import time
from contextlib import contextmanager, suppress
from urllib.parse import urlencode, urlsplit

from course_lib import progress

SECONDS = 1.0  # between two looks while no poll is held
HELD = 0.5  # and while one is
PATIENCE = 2.0  # seconds for an answer of the poll
LONGEST = 100_000  # bytes of one
STATES = ("waiting", "open", "closed")

_shown: dict = {}  # {id: the prediction that was shown last}
_told: dict = {}  # {id: what it was told last}
_lock = threading.Lock()
_threads: list = []


def file():
    """Where a poll leaves its address: beside the progress of this copy of the course."""
    return progress.path().with_name("poll.json")


@contextmanager
def announced(address):
    """While it lasts, the notebooks of this copy of the course find a poll's own ``address``, and nobody else does."""
    place = file()
    beside = place.with_name(f"poll-{os.getpid()}.json")
    text = json.dumps({"address": address})
    with suppress(OSError):  # where nothing can be written, the poll's own page has it all
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(beside, place)
    try:
        yield
    finally:
        with suppress(OSError):
            if place.read_text(encoding="utf-8") == text:  # and not that of one which began later
                place.unlink()


def follow(prediction):
    """Have a prediction that is shown follow a poll, if one is held."""
    with _lock:
        _shown[prediction.id] = prediction
        _told.pop(prediction.id, None)
        if not any(thread.is_alive() for thread in _threads):
            _threads[:] = [threading.Thread(target=_watch, name="course poll", daemon=True)]
            _threads[0].start()


def press(id, button):
    """Send what was pressed beside the prediction ``id``: ``"ask"`` or ``"tell"``; it asks or closes this question."""
    held = look()
    numbers = [i for i, one in enumerate(held["questions"]) if one["id"] == id] if held else []
    with suppress(OSError, http.client.HTTPException):  # it has just ended: the next look says so
        for number in numbers:
            _answer("POST", _address(), {"do": button, "question": number})
        tell(look())


def _watch():
    while True:
        held = look()
        tell(held)
        time.sleep(HELD if held else SECONDS)


def tell(held):
    """Send each prediction how its question stands, if it changed; ``held``: what ``look`` found."""
    with _lock:
        for id, prediction in _shown.items():
            stands = standing(held, id, len(prediction.options))
            if stands != _told.get(id):
                _told[id] = stands
                prediction.send({"poll": stands})


def standing(held, id, options):
    """How the question ``id`` with so many options stands in a poll; ``None`` where it does not ask it."""
    found = [one for one in (held or {"questions": ()})["questions"] if one["id"] == id]
    if len(found) != 1 or len(found[0]["counts"]) != options:
        return None
    return {**{name: found[0][name] for name in ("state", "counts", "right")}, **held["where"]}


def look():
    """What the poll of this copy of the course says: questions, and where phones answer; ``None`` where none is held.

    Whoever else has its port by now is not believed: what is not what a poll says counts as none.
    """
    address = _address()
    with suppress(OSError, ValueError, TypeError, KeyError, http.client.HTTPException):
        said = json.loads(_answer("GET", f"{address}/counts")) if address else None
        return said and {
            "questions": [_question(one) for one in said["questions"]],
            "where": {name: str(said[name]) for name in ("phones", "code")},
        }
    return None


def _question(one):
    counts, right = [int(count) for count in one["counts"]], one["right"]
    if one["state"] not in STATES or not (right is None or int(right) in range(len(counts))):
        raise ValueError("no question of a poll")
    return {"id": str(one["id"]), "state": one["state"], "counts": counts, "right": right}


def _address():
    """The address that a poll left, "" where none is."""
    try:
        address = json.loads(file().read_text(encoding="utf-8"))["address"]
        return address if urlsplit(address).scheme == "http" else ""
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ""


def _answer(method, address, fields=()):
    """The text that an address of this machine answers; no proxy is asked."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=PATIENCE)
    try:
        connection.request(method, place.path, urlencode(fields))
        answer = connection.getresponse()
        return answer.read(LONGEST) if answer.status == 200 else b"null"
    finally:
        connection.close()
