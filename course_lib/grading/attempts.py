"""How platforms name exports in which each attempt is a file or a folder of its own: all of a person's are one row.

Each function takes the names that lie beside each other, and gives ``{name: Person}`` of those that have the form, or
``{}`` if half of them do not. It needs time in proportion to their length.
"""

from itertools import pairwise
from os.path import commonprefix

from course_lib.grading.names import shown
from course_lib.grading.platforms import Person, is_id

CONTENTS = "index.html"  # Brightspace's list of what it exported, beside it
MARK = "_attempt_"
TIME = "0000-00-00-00-00-00"


def blackboard(names):
    """``03 Momentum_aexample_attempt_2026-11-02-10-00-00_03_momentum.ipynb``: title, login, time, the file's name.

    Blackboard Learn ("Assignment File Download", 2026) adds ``..._2026-11-02-10-00-00.txt`` to each attempt. The title
    is what all names share up to an underscore; so logins that differ stay different.
    """
    fronts = _most({name: _before_attempt(name) for name in names})
    shared = commonprefix(list(fronts.values()))  # noqa: RUF071, names and no paths
    title = shared[: shared.rfind("_") + 1]
    if fronts and not title:
        return {}
    logins = {name: front[len(title) :] or front for name, front in fronts.items()}
    return {name: Person(shown(login), "", {"blackboard_login": shown(login)}) for name, login in logins.items()}


def _before_attempt(name):
    front, mark, rest = name.partition(MARK)
    time = "".join("0" if sign.isdecimal() else sign for sign in rest[: len(TIME)])
    return front if mark and time == TIME and rest[len(TIME) :][:1] in ("", "_", ".") else ""


def brightspace(names):
    """``101-99001 - Anna Example - Nov 2, 2026 1159 PM``, a folder's name or, with `` - 03_momentum.ipynb``, a file's.

    Brightspace (D2L, "Download" of an assignment, 2026): numbers of the user and of the assignment, the name, the
    time in the lecturer's language, the file's name. A user's number comes with one name, or it is none.
    """
    found = _most({name: _user_and_name(name) for name in names})
    if len({user for user, _ in found.values()}) < len(set(found.values())):
        return {}
    return {name: Person(user, shown(person), {"brightspace_id": user}) for name, (user, person) in found.items()}


def _user_and_name(name):
    numbers, *parts = (part.strip() for part in name.split("- "))
    user, dash, assignment = numbers.partition("-")
    if not (dash and is_id(user) and is_id(assignment)):
        return None
    return next(((user, person) for person, time in pairwise(parts) if _has_year(time)), None)


def _has_year(text):
    return any(len(word) == 4 and word.isdecimal() and word.startswith("20") for word in text.split())


def exchange(names):
    """``anna+03_momentum+2026-11-02 10:00:00 UTC``, a folder of the exchange of nbgrader: login, assignment, time."""
    split = {name: name.split("+") for name in names}
    found = _most({name: len(parts) > 2 and parts[2].startswith("20") and parts[0] for name, parts in split.items()})
    return {name: Person(shown(login)) for name, login in found.items()}


def _most(found):
    """``found`` without what is empty; nothing, if that is half of it."""
    kept = {name: value for name, value in found.items() if value}
    return kept if 2 * len(kept) > len(found) else {}


FORMS = {"brightspace": brightspace, "nbgrader": exchange, "blackboard": blackboard}  # who stands first goes first
