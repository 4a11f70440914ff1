"""The language in which students are spoken to: what stands in the code is English, catalogues hold the others.

``tr("{count} points", count=3)`` is the text in the language of ``course.toml``, with its values put in. A catalogue is
a file of gettext's, ``de.po``: that of the course lies in ``languages`` beside this file, that of a chapter (its checks
and its exercise notebook) in ``languages`` in the chapter's folder. What has no translation, or one that is marked as
out of date ("fuzzy"), stays English. ``tools.languages`` makes and updates the files; Babel reads them, and nothing of
all this is imported where the course speaks English.
"""

import os
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from course_lib import place

LIBRARY = Path(__file__).parents[1]
FOLDER = "languages"
ENGLISH = "en"

_spoken: list[tuple] = []  # set for a while by ``speaking``


def tr(text, /, **values):
    """``text`` in the language of the course; ``values`` take the places of their names in braces."""
    found = _translations()
    said = found.gettext(text) if found and text else text
    return said.format(**values) if values else said


def ntr(one, many, count, /, **values):
    """As ``tr``, of a text that depends on a number: ``one`` or ``many``; ``{count}`` is the number."""
    found = _translations()
    said = found.ngettext(one, many, count) if found else one if count == 1 else many
    return said.format(count=count, **values)


def later(text):
    """``text`` as it is: it goes into the catalogue, and through ``tr`` where it is shown."""
    return text


def capital(text):
    """``text`` with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def language():
    """The short name of the language that is spoken: that of ``course.toml`` if there is a catalogue, else "en"."""
    return _spoken_now()[0]


@contextmanager
def speaking(name, translations=None):
    """Within, the language is ``name``, whatever ``course.toml`` says.

    Args:
        name: such as "de".
        translations: with ``gettext`` and ``ngettext``; those of the catalogues if left out.
    """
    _spoken.append((name, translations or translations_of(name)))
    try:
        yield
    finally:
        _spoken.pop()


def catalogues(name):
    """The files of a language, that of the course first; for "de-CH" those of "de" where it has none of its own."""
    names = dict.fromkeys((name, name.partition("-")[0]))
    tries = [[home / FOLDER / f"{one}.po" for one in names] for home in homes()]
    return [found for paths in tries if (found := next(filter(Path.is_file, paths), None))]


@lru_cache(maxsize=8)
def translations_of(name):
    """What the catalogues of a language say, as ``gettext.GNUTranslations``; ``None`` where there are none.

    Babel is a part of JupyterLab; where it is missing, English is spoken.
    """
    if name.partition("-")[0] == ENGLISH or not (files := catalogues(name)):
        return None
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ImportError:
        return None
    import gettext
    from io import BytesIO

    first = None
    for path in files:
        with open(path, "rb") as file:
            compiled = BytesIO()
            write_mo(compiled, read_po(file))
        compiled.seek(0)
        made = gettext.GNUTranslations(compiled)
        first = made if first is None else (first.add_fallback(made), first)[1]
    return first


def in_any_language(text):
    """``text`` in every language that it has a translation in."""
    names = {path.stem for home in homes() for path in (home / FOLDER).glob("*.po")}
    return [made.gettext(text) for name in sorted(names) if (made := translations_of(name))]


def homes():
    """The folders that have catalogues: this one, and those of the chapters."""
    own = Path(os.environ["COURSE_CHAPTERS"]) if os.environ.get("COURSE_CHAPTERS") else None
    return [
        LIBRARY / "settings",
        *sorted((LIBRARY / "chapters").glob("ch*")),
        *(sorted(own.glob("ch*")) if own else []),
    ]


def _translations():
    return _spoken_now()[1]


def _spoken_now():
    if _spoken:
        return _spoken[-1]
    try:
        path = place.folder() / "course.toml"
        return _of_the_course(path, path.stat().st_mtime_ns)
    except OSError:
        return ENGLISH, None


@lru_cache(maxsize=8)
def _of_the_course(path, age):
    """``(language, translations)``; a file that cannot be used is reported where pages are made, not to students."""
    from course_lib.settings.course import BadSettings, read_course

    try:
        name = read_course(path).language
    except BadSettings:
        return ENGLISH, None
    found = translations_of(name) if name else None
    return (name, found) if found else (ENGLISH, None)
