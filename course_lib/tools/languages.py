"""``course translate de``: the catalogues of the languages that students are spoken to in, made and brought up to date.

There is one for the course and one for each chapter, as ``settings.language`` finds them. What is in them is read from
where it is said: the calls of ``tr``, ``ntr`` and ``later``, the exercises with their checks, hints and known mistakes,
and the paragraphs of the exercise notebook. A text that has changed keeps the translation of the old one, marked as
"fuzzy" with the old text beside it; until a person has looked at it, English is shown.
"""

import ast
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from course_lib import place
from course_lib.chapters import CHAPTERS, number_of, part, place_of
from course_lib.checks.generic import GENERIC
from course_lib.checks.kit import KINDS
from course_lib.checks.questions import Question
from course_lib.progress.notebooks import titles
from course_lib.settings.language import FOLDER, LIBRARY
from course_lib.surfaces import SURFACES
from course_lib.tools.notebook_tools.files import ROOT, read, shown
from course_lib.tools.notebook_tools.translated import WRITE, texts

CALLS = {"tr": None, "later": None, "ntr": (1, 2), "_about": None}
READING = ("archives.py", "kinds.py", "reader.py", "reading.py", "source.py")  # whose process has no catalogues
OF_CHECKS = {"close": (3,), "shaped": (3,), "sized": (3,), "numbers": (2,), "within": (4,)}  # what = ...
HOME = LIBRARY / "settings"
PLACES = re.compile(r"\{\w+\}")
FIXED = re.compile(r"\$[^$]+\$|`[^`]+`|\]\([^)]*\)")  # formulas, code and addresses are the same in every language


@dataclass(frozen=True)
class Fault:
    """What is to be done about one entry: ``why`` in a few words, and the English text."""

    why: str
    text: str

    def __str__(self):
        return f"{self.why}: {' '.join(self.text.split())[:100]}"


def templates(chapters):
    """``{path of a catalogue without its language: Catalog}``: that of the course, then one for each chapter."""
    made = {HOME / FOLDER: of_the_course()}
    known = {message.id for message in made[HOME / FOLDER]}
    for chapter in chapters:
        made[place_of(chapter) / FOLDER] = of_a_chapter(chapter, known)
    return made


def of_the_course():
    """All that the framework says to students."""
    files = [path for path in sorted(LIBRARY.rglob("*.py")) if "chapters" not in path.relative_to(LIBRARY).parts]
    found = [one for path in files for one in _said_in(path)]
    found += [(text, f"grading/{name}") for name in READING for text in _sentences(LIBRARY / "grading" / name)]
    found += [(text, "checks/generic.py") for pair in GENERIC.values() for text in pair]
    found += [(kind, "checks/kit.py") for kind in KINDS[1:]]
    found += [(surface.title, "surfaces.py") for surface in SURFACES.values() if surface.title]
    return _catalogue([*found, (WRITE, "tools/notebook_tools/translated.py")])


def of_a_chapter(chapter, known=frozenset()):
    """What a chapter's checks and its exercise notebook say; not what is ``known`` from the course's catalogue."""
    home, number = place_of(chapter), number_of(chapter)
    found = []
    for one in part(chapter, "checks").CHAPTER:
        found += [(text, f"checks of {one.id}") for text in _of_exercise(one)]
    for path in sorted(home.rglob("*.py")):
        found += _said_in(path, CALLS | OF_CHECKS)
    for path in sorted((ROOT / "exercises").glob(f"{number}_*.ipynb")):
        found += [(text, f"exercises/{path.name}") for _, text in texts(read(path))]
    title = titles(place.folder()).get(number)
    found += [(title[0], f"notebooks/{title[1].name}")] if title else []
    return _catalogue([(text, where) for text, where in found if text not in known])


def _of_exercise(one):
    yield one.title
    if isinstance(one, Question):
        return
    for check in one.checks:
        yield from (check.title, *check.hints)
    for mistake in one.mistakes:
        yield from (mistake.name, mistake.says)
    for word, why in getattr(one, "menu", {}).items():
        yield from (word, why)


def _said_in(path, calls=None):
    """``[(text, file), ...]`` of the calls in a file."""
    where = path.relative_to(LIBRARY).as_posix() if path.is_relative_to(LIBRARY) else path.name
    with open(path, "rb") as file:
        return [(text, where) for _, text, _, _ in extract(from_syntax_tree, file, calls or CALLS)]


def from_syntax_tree(file, keywords, comment_tags, options):
    """The calls of ``keywords`` for Babel, whose own reader of Python sees nothing inside an f-string."""
    calls = [node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if (name := getattr(node.func, "id", "")) in keywords and node.args:
            yield node.lineno, name, tuple(map(_literal, node.args)), []


def _sentences(path):
    """The sentences in a file that are shown as they stand: constants, and what an error is made with."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    values += [node.exc.args[0] for node in ast.walk(tree) if isinstance(node, ast.Raise) and _with_text(node.exc)]
    texts = [text for text in map(_literal, values) if text]
    return [text for text in texts if text.endswith(".") and " " in text and "{" not in text]


def _with_text(error):
    return (
        isinstance(error, ast.Call)
        and len(error.args) == 1
        and getattr(error.func, "id", "") in ("NotRead", "Unreadable")
    )


def _literal(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _catalogue(found):
    made = Catalog(charset="utf-8", fuzzy=False)
    for text, where in found:
        if (text[0] if isinstance(text, tuple) else text).strip():
            made.add(text, locations=[(where, 1)])
    return made


# --- Files -----------------------------------------------------------------------------------------------


def update(language, chapters):
    """Write the catalogues of a language anew; ``{path: faults}``. New ones are made for the ``chapters`` named."""
    faults = {}
    for folder, template in templates(chapters).items():
        path = folder / f"{language}.po"
        made = read_catalogue(path) if path.is_file() else Catalog(locale=language, charset="utf-8")
        made.update(template, update_header_comment=False)
        made.header_comment, made.fuzzy = f"# {shown(folder)} in the language {language}.", False
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_written(made))
        faults[path] = faults_in(made, template)
    return faults


def _written(catalogue):
    stream = BytesIO()
    write_po(stream, catalogue, width=120, include_lineno=False, include_previous=True, ignore_obsolete=True)
    kept = [
        line
        for line in stream.getvalue().split(b"\n")
        if not re.match(rb'"(POT|PO|Generated|Report|Last|Language-Team|Project)-', line)
    ]
    return b"\n".join(kept)


def read_catalogue(path):
    """The ``Catalog`` in a file."""
    with open(path, "rb") as file:
        return read_po(file)


def chapters_in(language):
    """The chapters of the course that have a catalogue of a language."""
    return [chapter for chapter in CHAPTERS if (place_of(chapter) / FOLDER / f"{language}.po").is_file()]


def languages():
    """The languages of the course's catalogues."""
    return sorted(path.stem for path in (HOME / FOLDER).glob("*.po"))


# --- What is to be done -----------------------------------------------------------------------------------


def stale(language, chapters=None):
    """``{path: [Fault, ...]}`` of the catalogues of a language as they are stored; nothing is written."""
    chapters = chapters_in(language) if chapters is None else chapters
    found = {}
    for folder, template in templates(chapters).items():
        path = folder / f"{language}.po"
        found[path] = faults_in(read_catalogue(path), template) if path.is_file() else [Fault("there is no file", "")]
    return found


def faults_in(catalogue, template):
    """Entries that are missing, out of date, without a translation, or whose fixed parts differ."""
    return [fault for message in template if message.id for fault in _faults(message, catalogue.get(message.id))]


def _faults(message, known):
    text = message.id[-1] if isinstance(message.id, tuple) else message.id
    if known is None:
        return [Fault("not in the catalogue", text)]
    if known.fuzzy:
        return [Fault("the English text has changed", text)]
    given = known.string if isinstance(known.string, tuple) else (known.string,)
    if not all(given):
        return [Fault("no translation", text)]
    for pattern, name in ((PLACES, "values"), (FIXED, "formulas, code or links")):
        wanted = sorted(map(str.lower, pattern.findall(text)))
        if sorted(map(str.lower, pattern.findall(given[-1]))) != wanted:
            return [Fault(f"other {name} than in English", text)]
    return []


def told(faults, root=ROOT):
    """Lines about catalogues: how much is to be done in each, and what."""
    lines = []
    for path, found in faults.items():
        name = Path(path).relative_to(root) if Path(path).is_relative_to(root) else path
        lines.append(f"{name}: {len(found)} to be done" if found else f"{name}: complete")
        lines += [f"  {fault}" for fault in found]
    return lines
