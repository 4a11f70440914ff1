"""Names of files and folders, taken apart: noise, endings, marks of copies, words for tasks, and people.

Pure functions over text that a student may have chosen: each takes time in proportion to its length, and none uses a
pattern that can turn back.
"""

import hashlib
import unicodedata

MAX_KEY = 120  # characters of a key; what is longer is cut and told apart by a digest


def _set(text):
    return frozenset(text.split())


LEFT_BEHIND = _set(  # by systems, editors and version control: nobody hands these in
    ".ipynb_checkpoints __macosx __pycache__ .git .github .gitignore .gitattributes .vscode .idea .venv .ds_store "
    "thumbs.db ehthumbs.db desktop.ini $recycle.bin recycler lost+found #recycle @eadir .dropbox .dropbox.cache "
    ".tmp.drivedownload .tmp.driveupload .localized .virtual_documents .pytest_cache .jupyter .trash .trashes "
    ".fseventsd .spotlight-v100 node_modules"
) | {"system volume information", "icon\r"}
LOCKS = ("~$", ".~lock.")  # before the name of a document that is open in Office
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")  # that are looked into
NOTEBOOK = ".ipynb"
NOT_WORK = _set("csv tsv xlsx xls ods yml yaml toml cfg ini md rst db sqlite sqlite3 log lock sh bat css js")
ABOUT = _set("readme license requirements environment course roster students grades timestamp")
DOUBLE = _set("tar ipynb")  # first halves of endings such as .tar.gz and .ipynb.txt

SEPARATORS = "-_ "
COPIES_OF = ("copy of ", "kopie von ", "copie de ", "copia de ", "cópia de ")
COPY_WORDS = (" - Copy", " - Kopie", " - Copie", " - copia", "-Copy", " copy", " Kopie")  # macOS, Windows, Jupyter

SHARED = _set(  # what a folder is called that many people's work lies in
    "week wk woche kw semaine semana lecture chapter kapitel unit module modul day tag section sektion tutorial "
    "tutorium block late ontime on time early verspätet pünktlich"
)
TASKS = SHARED | _set(
    "assignment homework hw hausaufgabe ha lab task aufgabe exercise exercises übung uebung ueb ex sheet blatt "
    "übungsblatt problem ps pset part teil question q quiz notebook notebooks nb untitled main index answer answers "
    "solution solutions lösung loesung final finished finale fertig draft test v version attempt versuch neu new old "
    "alt backup my mein the submission submissions submitted abgabe abgaben upload uploads export data docs tests "
    "src lib course kurs class klasse all download downloads files dateien folder ordner drive"
)
PEOPLE = _set(  # before a number
    "student studi participant teilnehmer person user candidate group gruppe team pair paar submission abgabe upload "
    "test s id"
)


# --- What a file is --------------------------------------------------------------------------------------


def is_left_behind(name):
    """Whether a file or folder of this name is nobody's work: made by a system, an editor, or version control."""
    return name.lower() in LEFT_BEHIND or name.startswith(LOCKS) or (name.startswith("._") and len(name) > 2)


def is_notebook(name):
    """Whether a name or a place says that this is a notebook, with whatever a browser, a mail program or an editor
    added (``.ipynb.txt``, ``.ipynb.part``, ``.ipynb~``, ``.ipynb (1)``); what is in it is the reader's to say."""
    _, found, added = name.rpartition("/")[2].lower().rpartition(NOTEBOOK)
    return bool(found) and len(added) <= len(".crdownload") and not added[:1].isalnum() and not is_archive(name)


def is_archive(name):
    """Whether a name says that this is an archive that can be looked into."""
    return name.lower().endswith(ARCHIVES)


def is_work(name):
    """Whether a file of this name may be what somebody handed in, readable or not; lists and settings are not."""
    stem, ending = split_ending(name)
    if is_notebook(name):
        return True
    if name.startswith(".") and not ending:
        return False
    return ending.lower() not in NOT_WORK and stem.lower() not in ABOUT


def split_ending(name):
    """``(stem, ending without its dot)``; ``.tar.gz`` and ``.ipynb.txt`` are one ending, ``.eve`` is a stem."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or not ending or len(ending) > 8 or not ending.strip().isascii() or " " in ending.strip():
        return name, ""
    before, dot, first = stem.rpartition(".")
    if dot and before and first.lower() in DOUBLE:
        return before, f"{first}.{ending}"
    return stem, ending


# --- Whose it is -----------------------------------------------------------------------------------------


def shown(name):
    """``name`` with every sign visible; different names stay different.

    Control characters, line breaks, marks of direction, and bytes that are no UTF-8 are written as escapes, and so is
    the backslash that escapes begin with. What is longer than ``MAX_KEY`` is cut and ends with a digest.
    """
    made = "".join(map(_visible, name))
    if len(made) <= MAX_KEY:
        return made
    return f"{made[: MAX_KEY - 12]}…{hashlib.sha256(made.encode()).hexdigest()[:10]}"


def _visible(sign):
    if sign == "\\":
        return "\\\\"
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that Python could not decode
        return f"\\x{code - 0xDC00:02x}"
    if sign in "\u200c\u200d\ufe0f" or sign.isprintable() or sign == "\u3000":  # joiners are part of words and emoji
        return sign
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def alike(name):
    """What names share that look the same: letters' case and width, how accents are encoded, and blanks aside."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def without_assignment(stem, assignments):
    """``stem`` without the name of an assignment, and without ``Copy of`` before it; all of it if nothing is left.

    ``03_momentum - Anna``, ``anna_03-Momentum`` and ``Copy of 03 momentum anna`` are Anna's.
    """
    rest = without_copy_of(stem)
    words, places = _words(rest)
    for assignment in assignments:
        wanted = words_of(assignment)
        at = _found(words, wanted)
        if at is not None:
            before = rest[: places[at][0]].rstrip(SEPARATORS)
            after = rest[places[at + len(wanted) - 1][1] :].lstrip(SEPARATORS)
            left = f"{before}_{after}" if before and after else before or after
            return left if any(map(str.isalnum, left)) and without_copy_mark(f"- {left}") != "-" else stem
    return rest or stem


def without_copy_of(stem):
    """``stem`` without what Google Drive and Windows set before the name of a copy."""
    for start in COPIES_OF:
        if stem.lower().startswith(start) and stem[len(start) :].strip():
            return stem[len(start) :]
    return stem


def words_of(text):
    """The words of a name in small letters: what stands between separators."""
    return _words(text)[0]


def contains(words, wanted):
    """Whether ``wanted`` stands in ``words``, in one piece."""
    return _found(words, wanted) is not None


def _found(words, wanted):
    steps = range(len(words) - len(wanted) + 1)
    return next((i for i in steps if words[i : i + len(wanted)] == wanted), None)


def _words(text):
    """``(words in small letters, their places)``: what stands between separators."""
    words, places, start = [], [], None
    for i, sign in enumerate(text + " "):
        if sign in SEPARATORS:
            if start is not None:
                words.append(text[start:i].lower())
                places.append((start, i))
            start = None
        elif start is None:
            start = i
    return words, places


def without_copy_mark(stem):
    """``stem`` without the mark of a copy at its end, such as `` (1)``, ``-Copy1`` or `` - Copy``; ``None`` without.

    Only what browsers, systems and Jupyter write, letter for letter: ``group-1`` and ``Anna Copy`` have none.
    """
    if stem.endswith(")"):
        base, _, inside = stem[:-1].rpartition("(")
        return base.rstrip(" ") or None if _is_number(inside) or inside in ("copy", "Kopie") else None
    bare = stem.rstrip("0123456789")
    for word in COPY_WORDS:
        for end in (bare, bare.removesuffix(" ")):
            base = end[: -len(word)]
            if end.endswith(word) and base.strip() and (word != "-Copy" or bare != stem):
                return base
    return None


def _is_number(text):
    return bool(text) and len(text) <= 4 and text.isascii() and text.isdecimal()


# --- What a name says ------------------------------------------------------------------------------------


def is_date(name):
    """Whether a name is a date or a time: digits and separators, with a year in it."""
    digits = "".join(sign for sign in name if sign.isdigit())
    plain = name.isascii() and not any(sign.isalpha() and sign not in "Tz" for sign in name)
    return plain and len(digits) >= 8 and ("20" in digits) and len(digits) < len(name)


def without_stamp(stem):
    """``stem`` without the time and numbers that Google Drive sets behind the parts of a folder that it packs:
    ``Abgaben`` of ``Abgaben-20261102T101010Z-1-001``."""
    base, *rest = stem.split("-")
    for word in rest:
        if len(word) == 16 and word[8] == "T" and word[15] == "Z" and (word[:8] + word[9:15]).isdecimal():
            return base
        base += f"-{word}"
    return stem


def is_impersonal(stem, assignments=()):
    """Whether a name tells of a week, a task or a copy, and of nobody: ``week3``, ``03_momentum (1)``, ``final v2``.

    Numbers by themselves, long ones (``momentum_4711``), after a word for people (``group-1``), and dates may stand for
    a person.
    """
    while (base := without_copy_mark(stem)) is not None:
        stem = base
    stem = without_stamp(without_copy_of(stem))
    rest = without_assignment(stem, assignments)
    if any(len(part) > 3 and part.isdigit() for word in words_of(rest) for part in _letters_and_digits(word)):
        return False  # a number as universities give them
    tasks = TASKS | {word for assignment in assignments for word in words_of(assignment)}
    split = [part for word in words_of(stem) for part in _letters_and_digits(word)]
    letters = [part for part in split if not part.isdigit()]
    if not letters:
        return False
    if len(letters) < len(split) and any(part in PEOPLE for part in letters):
        return False
    single = set("abcdefghijklmnopqrstuvwxyz")
    return not tasks.isdisjoint(letters) and tasks.union(single).issuperset(letters)


def is_numbered(stem, assignments=()):
    """Whether an impersonal name has a number of its own, which may be a person's: ``03_momentum_7``, ``HW 17``."""
    while (base := without_copy_mark(stem)) is not None:
        stem = base
    rest = without_assignment(stem, assignments)
    named = any(words_of(assignment) == words_of(rest) for assignment in assignments)
    return not named and any(sign.isdigit() for sign in rest)


def _letters_and_digits(word):
    """``week3`` -> ``week``, ``3``."""
    stem = word.rstrip("0123456789")
    return [part for part in (stem, word[len(stem) :]) if part]
