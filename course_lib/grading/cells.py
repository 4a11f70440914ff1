"""The text of a cell: what of it is Python, and what only Jupyter understands. The same on both sides of the line."""

import ast
import re
from functools import lru_cache

from course_lib.grading.plain import text

REMEMBERED = 5_000  # characters of a cell whose syntax tree is kept
DROPPED_CELL_MAGICS = re.compile(r"^%%(?!time\b|timeit\b|capture\b|prun\b)\w+")


def parsed(source):
    """The syntax tree of a cell, ``None`` if it is not Python; to be read, not to be changed."""
    return _remembered(source) if len(source) <= REMEMBERED else _parsed(source)


def _parsed(source):
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_remembered = lru_cache(maxsize=128)(_parsed)


def without_magics(source):
    """``(source, note)`` without IPython's own lines; line numbers stay."""
    if DROPPED_CELL_MAGICS.match(source):
        return "", f"left out, because it starts with {text(source.split()[0], 40)}."
    if parsed(source) is not None:
        return source, ""
    lines = source.split("\n")
    magic = [i for i, line in enumerate(lines) if _is_magic(line)]
    kept = list(lines)
    for i in magic:
        kept[i] = _in_place_of(lines[i])
    if not magic or parsed("\n".join(kept)) is None:
        return source, ""
    shown = ", ".join(f"`{text(lines[i].strip(), 40)}`" for i in magic[:3]) + (", ..." if len(magic) > 3 else "")
    return "\n".join(kept), f"lines that only Jupyter understands were left out ({shown})."


def _is_magic(line):
    """Whether a line is a command, a question for help, or assigns what a command prints; linear in its length."""
    line = line.strip()
    target, equals, value = line.partition("=")
    if line.startswith(("%", "!", "?")):
        return True
    if line.endswith("?"):
        return all(sign.isalnum() or sign in "_." for sign in line.rstrip("?"))
    named = target and all(sign.isalnum() or sign in "_, " for sign in target)
    return bool(equals and named) and value.lstrip().startswith(("!", "%"))


def _in_place_of(line):
    return line[: len(line) - len(line.lstrip())] + "pass"
