"""A TOML file as a dataclass: each key is a field that says what it must be, and how it is taken.

What is wrong is one sentence with the file, the key and what it must be::

    assignments/03.toml: late.per_day must be a number from 0 to 100, not "ten".
"""

import difflib
import tomllib
from dataclasses import MISSING, field, fields
from datetime import date, datetime, time
from pathlib import Path


class BadSettings(ValueError):
    """A file of settings cannot be used; its text names the file, the key and what it must be."""


class Refused(ValueError):
    """A value is not what its key must be; the text, if any, says more than that."""


def read_toml(path):
    """The table in a file. Raises ``BadSettings``."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadSettings(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is no text in UTF-8: save it so in your editor.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(
            f'{path} is no TOML: {error}. Text stands in quotation marks, as in name = "Optimisation", and so do names '
            'with other signs than letters and digits, as in "anna@x.org" = 3.'
        ) from None


def key(must, take, default=MISSING, factory=MISSING):
    """A field of settings.

    Args:
        must: what its value must be, in words that go on after "must be".
        take: ``value -> value`` as the program uses it; raises ``Refused``.
        default, factory: as of ``dataclasses.field``.
    """
    return field(default=default, default_factory=factory, metadata={"must": must, "take": take})


def made(cls, table, file, where=""):
    """An instance of the dataclass ``cls`` from a table of TOML.

    Args:
        table: ``{key: value}``.
        file: named in messages.
        where: the key of the table itself, such as ``"late."``.

    Raises ``BadSettings``.
    """
    known = {one.name: one for one in fields(cls) if "take" in one.metadata}
    for name in table:
        if name not in known:
            raise BadSettings(f"{file}: there is no key {where}{name}{_meant(name, known)}.")
    for name, one in known.items():
        if name not in table and one.default is MISSING and one.default_factory is MISSING:
            raise BadSettings(f"{file}: the key {where}{name} is missing; it must be {one.metadata['must']}.")
    return cls(**{name: taken(known[name], value, file, where) for name, value in table.items()})


def taken(one, value, file, where=""):
    """The value of a field, as the program uses it. Raises ``BadSettings``."""
    try:
        return one.metadata["take"](value)
    except Refused as error:
        more = f" ({error})" if str(error) else ""
        raise BadSettings(
            f"{file}: {where}{one.name} must be {one.metadata['must']}, not {as_typed(value)}{more}."
        ) from None


def _meant(name, known):
    close = difflib.get_close_matches(name, known, 1, 0.6)
    return (
        f"; is {close[0]} meant? The keys are: {', '.join(known)}" if close else f"; the keys are: {', '.join(known)}"
    )


def as_typed(value):
    """A value of TOML as it stands in a file, cut where it is long."""
    if isinstance(value, str):
        shown = '"' + value + '"'
    elif isinstance(value, bool):
        shown = str(value).lower()
    elif isinstance(value, datetime | date | time):
        shown = value.isoformat()
    elif isinstance(value, dict):
        shown = "{" + ", ".join(f"{name} = {as_typed(one)}" for name, one in value.items()) + "}"
    elif isinstance(value, list):
        shown = "[" + ", ".join(map(as_typed, value)) + "]"
    else:
        shown = str(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"


# --- How values are taken ----------------------------------------------------------------------------------


def text(value):
    """A line of text, without blanks around it."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise Refused
    return value.strip()


def flag(value):
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise Refused
    return value


def number(low, high=float("inf"), above=False):
    """Takes a finite number from ``low`` to ``high``; with ``above``, larger than ``low``."""

    def take(value):
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Refused
        if value == float("inf"):
            raise Refused
        if above and value == low:
            raise Refused
        return value

    return take


def one_of(*words):
    """Takes one of these words."""

    def take(value):
        if value not in words:
            raise Refused
        return value

    return take


def list_of(take, least=0):
    """Takes a list of ``least`` entries or more, each by ``take``, none of them twice."""

    def all_of(value):
        if not isinstance(value, list) or len(value) < least:
            raise Refused
        found = tuple(map(take, value))
        for one in found:
            if found.count(one) > 1:
                raise Refused(f"{as_typed(one)} stands there twice")
        return found

    return all_of


def table_of(take):
    """Takes a table, each value by ``take``."""

    def all_of(value):
        if not isinstance(value, dict):
            raise Refused
        found = {}
        for name, one in value.items():
            try:
                found[name] = take(one)
            except Refused as error:
                raise Refused(str(error) or f"that of {as_typed(name)} is {as_typed(one)}") from None
        return found

    return all_of
