"""How learning platforms name what they export. The number that a platform gives is the key, the name stands beside it.

Each function takes one name, or the names that lie beside each other, and needs time in proportion to their length.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from course_lib.grading.names import contains, shown, words_of

MOODLE_MARK = "_assignsubmission_"
METADATA = "submission_metadata.yml"
MAX_METADATA_LINES = 5_000_000
NBGRADER_STEPS = {"source", "release", "submitted", "autograded", "feedback", "solution"}


@dataclass(frozen=True)
class Person:
    """Whose work it is.

    Attributes:
        key: what rows are stored by; nobody else in the class has it.
        name: shown beside it, ``""`` if the key is the name.
        platform: identifiers of the platform, such as ``{"canvas_id": "4711"}``.
    """

    key: str
    name: str = ""
    platform: dict = field(default_factory=dict, hash=False)

    def __str__(self):
        return f"{self.key} ({self.name})" if self.name and self.name != self.key else self.key


def is_id(text):
    """Whether ``text`` is a number as databases give them: ASCII digits, no 0 in front."""
    return 0 < len(text) <= 20 and text.isascii() and text.isdecimal() and text[0] != "0"


def moodle(name):
    """The ``Person`` in ``Full Name_1001_assignsubmission_file_``, a folder's name or the start of a file's.

    Moodle (mod/assign/classes/downloader.php, 2026): underscores in names are blanks, the number is the user's in this
    assignment; hidden names are ``Participant``; a default team has no number. ``None`` for other names.
    """
    front, mark, _ = name.partition(MOODLE_MARK)
    if not mark or not front:
        return None
    person, _, number = front.rpartition("_")
    if person and is_id(number):
        return Person(number, shown(person), {"moodle_id": number})
    return Person(shown(front))


def canvas(name):
    """The ``Person`` in ``exampleanna_LATE_4711_8822_03_momentum-1.ipynb``.

    Canvas (lib/content_zipper.rb of canvas-lms, 2026): sortable name in small letters, ``LATE``, number of the user,
    number of the file, the file's name. Text entries end in ``_text.html``, links in ``_link.html``, without a number
    of the file; hidden names are ``anon_`` and five signs. ``None`` for other names.
    """
    found = _canvas(name)
    if found is None:
        return None
    person, user, _ = found
    return Person(user, shown(person), {"canvas_id": user} if is_id(user) else {"canvas_anonymous_id": user})


def _canvas(name):
    """``(name of the person, number of the user, number of the file)``, ``None`` for other names."""
    parts = name.split("_")
    if parts[0] == "LATE" and len(parts) > 1:
        parts = parts[1:]
    if parts[0] == "anon" and len(parts) > 3 and parts[1].isalnum() and is_id(parts[2]):
        return "", parts[1], parts[2]
    for i in range(1, len(parts) - 1):
        if is_id(parts[i]):
            file = parts[i + 1]
            if (is_id(file) and len(parts) > i + 2) or (file in ("text.html", "link.html") and len(parts) == i + 2):
                late = parts[i - 1] == "LATE" and i > 1
                return "_".join(parts[: i - 1 if late else i]), parts[i], file
    return None


def is_marked_late(name):
    """Whether Canvas wrote ``LATE`` into a file's name, which says that it was late, and not how late."""
    parts = name.split("_")
    return _canvas(name) is not None and any(part == "LATE" and is_id(after) for part, after in pairwise(parts))


def is_canvas(names):
    """Whether names that lie beside each other are Canvas's: most have its form, no two files have one number, and a
    user's number always comes with the same name (as it does not in ``anna_2026_11_momentum.ipynb``)."""
    found = [parts for parts in map(_canvas, names) if parts]
    files = [file for _, _, file in found if is_id(file)]
    people = {(person, user) for person, user, _ in found}
    one_name = len({user for _, user in people}) == len(people)
    return bool(found) and 2 * len(found) >= len(names) and len(set(files)) == len(files) and one_name


def gradescope(name, submitters):
    """The ``Person``s of a folder ``submission_123456``: one, or each of a group.

    Gradescope ("Export submissions" of a programming assignment, 2026): ``submission_metadata.yml`` beside the folders
    says who they are. ``None`` for other names.

    Args:
        name: of the folder.
        submitters: as ``gradescope_submitters`` makes them.
    """
    word, _, number = name.partition("_")
    if word != "submission" or not is_id(number):
        return None
    who = submitters.get(name, [])
    if len(who) < 2:
        known = who[0] if who else {}
        return [Person(number, shown(known.get("name", "")), _of_gradescope(number, known))]
    keys = [known.get("sid") or known.get("email") or known.get("name", "") for known in who]
    return [
        Person(f"{number}-{shown(key)}", shown(known.get("name", "")), _of_gradescope(number, known))
        for key, known in zip(keys, who, strict=True)
    ]


def _of_gradescope(number, known):
    more = {f"gradescope_{field}": shown(known[field]) for field in ("sid", "email") if known.get(field)}
    return {"gradescope_id": number, **more}


def gradescope_submitters(text):
    """``{"submission_123456": [{"name": ..., "sid": ..., "email": ...}, ...]}`` from the text of Gradescope's list.

    The list is YAML with Ruby's symbols as keys, and may be many megabytes for the results that it holds too; what is
    wanted stands on lines of its own, so lines are looked at and nothing is parsed.
    """
    found, people, inside = {}, None, False
    for line in text.split("\n", MAX_METADATA_LINES)[:MAX_METADATA_LINES]:
        bare = line.strip()
        if line[:1] not in (" ", "-", "#", "") and bare.endswith(":"):
            people, inside = found.setdefault(_scalar(bare[:-1]), []), False
        elif people is not None and bare == ":submitters:":
            inside = True
        elif inside:
            if bare.startswith("- "):
                people.append({})
                bare = bare[2:].strip()
            key, _, value = bare.partition(": ")
            if people and key in (":name", ":sid", ":email"):
                people[-1][key[1:]] = _scalar(value)
            elif line[:4].strip() and not line.lstrip().startswith("-"):
                inside = False
    return found


def gradescope_times(text):
    """``{"submission_123456": "2026-11-02 10:00:00.000000000 Z"}`` from the text of Gradescope's list."""
    found, name = {}, ""
    for line in text.split("\n", MAX_METADATA_LINES)[:MAX_METADATA_LINES]:
        bare = line.strip()
        if line[:1] not in (" ", "-", "#", "") and bare.endswith(":"):
            name = _scalar(bare[:-1])
        elif name and bare.startswith(":created_at: ") and len(line) - len(line.lstrip()) <= 2:
            found[name] = _scalar(bare.partition(": ")[2])
    return found


def _scalar(text):
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1].replace("''", "'") if quoted else "" if text in ("~", "null") else text


def classroom_prefix(names, wrapper, assignments, cloned):
    """What GitHub Classroom set before each login in the names of repositories, ``""`` if these are none.

    ``gh classroom clone student-repos`` (github/gh-classroom, 2026) puts ``ASSIGNMENT-login`` into
    ``ASSIGNMENT-submissions``; a shared start alone proves nothing (``group-1``, ``group-2``).

    Args:
        names: of the folders.
        wrapper: name of the folder around them.
        assignments: names of notebooks.
        cloned: whether the folders are repositories (hold ``.git``).
    """
    if len(names) < 2:
        return ""
    shared = names[0]
    for name in names:
        while not name.startswith(shared):
            shared = shared[:-1]
    prefix = shared[: shared.rfind("-") + 1]
    logins = [name[len(prefix) :] for name in names]
    if not prefix or not all(logins) or all(login.isdigit() for login in logins):
        return ""
    named = any(contains(words_of(prefix), words_of(assignment)) for assignment in assignments)
    return prefix if cloned or named or wrapper == f"{prefix}submissions" else ""


def google_title(stems):
    """``(before, after)``: the title that Google Classroom set before or after `` - `` in all of these names.

    A copy made for each student is called ``Title - Student``, or ``Student - Title``; both are found by what is the
    same in all. ``("", "")`` if there is no such title, or there are fewer than two names.
    """
    split = [stem.split(" - ") for stem in stems]
    if len(split) < 2 or any(len(parts) < 2 for parts in split):
        return "", ""
    if len({parts[0] for parts in split}) == 1:
        return f"{split[0][0]} - ", ""
    if len({parts[-1] for parts in split}) == 1:
        return "", f" - {split[0][-1]}"
    return "", ""
