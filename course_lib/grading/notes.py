"""What is said about the statements of a notebook that were left out, and about functions that are missing."""

import difflib
import re
from itertools import groupby

from course_lib.grading.cells import JUPYTER
from course_lib.grading.handed import cell_words
from course_lib.grading.running import OFF_LIMITS, TOO_LONG, UNAVAILABLE, UNDECORATED
from course_lib.settings.language import capital, later, ntr, tr

MAX_NOTES = 20
NOT_PYTHON = ("SyntaxError", "IndentationError", "TabError")
LIMITS = ("TimeLimit", "MemoryLimit", "TooLarge", "Died")
# Right in a notebook, though not to be had in grading:
HARMLESS = (JUPYTER, OFF_LIMITS, UNAVAILABLE, TOO_LONG, UNDECORATED, "PermissionError", "EOFError")
REST = later("It was left out; nothing else is lost.")


def told(problems, notes=()):
    """Sentences about ``problems``, in the notebook's order, after those that there are; not more than can be read."""
    rows = groupby(problems, lambda problem: (problem.cell, problem.kind in (JUPYTER, UNAVAILABLE) and problem.kind))
    found = [*notes]
    for (_, together), row in rows:
        found += [_together(list(row))] if together else [sentence(problem) for problem in row]
    more = [tr("And {count} more like these.", count=len(found) - MAX_NOTES)] if len(found) > MAX_NOTES else []
    return found[:MAX_NOTES] + more


def _together(problems):
    """One sentence about neighbours in one cell."""
    first, messages = problems[0], list(dict.fromkeys(problem.message for problem in problems))
    shown = ", ".join(f"`{message[:60]}`" for message in messages[:3]) + (", ..." if len(messages) > 3 else "")
    if first.kind == UNAVAILABLE:
        lines = tr("line {number}", number=first.line)
        if len(problems) > 1:
            lines = tr("lines {first} to {last}", first=first.line, last=problems[-1].line)
        return ntr(
            "{where}: {what} is not available in grading and left out; nothing else is lost.",
            "{where}: {what} are not available in grading and left out; nothing else is lost.",
            1 if len(messages) == 1 and ", " not in shown else 2,
            where=f"{cell(first)}, {lines}",
            what=shown,
        )
    if first.message.startswith("%%") and first.last > 1:
        return tr("{where} was left out, because it starts with {line}.", where=cell(first), line=first.message[:40])
    return tr("{where}: lines that only Jupyter understands were left out ({lines}).", where=cell(first), lines=shown)


def sentence(problem):
    """One sentence about a statement that was left out."""
    where = cell(problem)
    if problem.line:
        where = f"{where}, {tr('line {number}', number=problem.line)}"
    rest = tr(REST)
    code = f" (`{problem.source}`)" if problem.source else ""
    message = f": {problem.message}" if problem.message else ""
    if problem.kind in LIMITS:
        told = f": {tr(problem.message)}" if message else "."
        return tr("{where} was left out{why} Nothing else is lost.", where=where, why=f"{told}{code}")
    if problem.kind == TOO_LONG:
        return f"{tr('{where} took too long and was stopped', where=where)}{code}. {rest}"
    if problem.kind == OFF_LIMITS:
        told = tr("{where} uses `{name}`, which is off limits in this assignment", where=where, name=problem.message)
        return f"{told}{code}. {rest}"
    if problem.kind == UNDECORATED:
        more = tr("What is defined there counts without its decorators and annotations.")
        return f"{tr('{where} stopped', where=where)}{message}{code}. {more}"
    if problem.kind in NOT_PYTHON:
        return f"{tr('{where} is not Python', where=where)}{message}{code}. {rest}"
    if problem.kind in (JUPYTER, UNAVAILABLE):
        return _together([problem])
    told = tr("{where} stopped with {error}", where=where, error=problem.kind)
    return f"{told}{message}{code}. {rest}"


def why_missing(name, handed, session, unwritten=""):
    """Sentences: why there is no function ``name`` to mark; none if there is one.

    Args:
        handed: ``Handed``.
        session: ``Session``, after its cells have run.
        unwritten: what the report says if it is still a stub.
    """
    places, asleep = handed.defined.get(name, []), _asleep(*handed.asleep.get(name, ()))
    if name in session.written:
        return [capital(sentence) for sentence in (unwritten, asleep) if sentence and unwritten]
    problems = session.problems
    cause = next((problem for problem in problems if _would_define(problem, name, places, session)), None)
    told = later("There is no function `{name}`, because of this: {cause}")
    if cause is not None:
        return [tr(told, name=name, cause=sentence(cause))]
    if asleep:
        return [tr(told, name=name, cause=asleep)]
    if places:
        where = cell_words(([place for place in places if not place[2]] or places)[-1][0])
        told = later(
            "`{name}` is written in {where}, but not there after all cells have run: does a later cell delete it?"
        )
        return [tr(told, name=name, where=where)]
    like = difflib.get_close_matches(name, session.others, 1, 0.8)
    hint = f" {tr('There is a function `{name}`.', name=like[0])}" if like else ""
    told = tr("There is no function `{name}`: was its cell deleted, or the function renamed?", name=name)
    return [f"{told}{hint}"]


def _asleep(where="", kind=""):
    told = later(
        "{where}, which defines it, is a {kind} cell and does not run. Turn it into a code cell (Esc, then Y)."
    )
    return where and tr(told, where=cell_words(where), kind=kind)


def cell(problem):
    """The cell of a problem, in the language of the course."""
    return cell_words(problem.cell)


def _would_define(problem, name, places, session):
    """Whether a statement that was left out holds the definition of ``name``."""
    lines = session.replay.lines[problem.cell]
    held = lines[max(0, problem.first - 1) : problem.last] if problem.last else lines
    if any(cell == problem.cell and problem.first <= line <= problem.last for cell, line, *_ in places):
        return True
    return re.search(rf"\b(?:def|class)\s+{name}\b", "\n".join(held)) is not None
