"""What is said about the statements of a notebook that were left out, and about functions that are missing."""

import difflib
from itertools import groupby

from course_lib.grading.cells import JUPYTER
from course_lib.grading.running import OFF_LIMITS, TOO_LONG, UNAVAILABLE, UNDECORATED

MAX_NOTES = 20
NOT_PYTHON = ("SyntaxError", "IndentationError", "TabError")
LIMITS = ("TimeLimit", "MemoryLimit", "TooLarge", "Died")
# Right in a notebook, though not to be had in grading:
HARMLESS = (JUPYTER, OFF_LIMITS, UNAVAILABLE, TOO_LONG, UNDECORATED, "PermissionError", "EOFError")
REST = "It was left out; nothing else is lost."


def told(problems, notes=()):
    """Sentences about ``problems``, in the notebook's order, after those that there are; not more than can be read."""
    rows = groupby(problems, lambda problem: (problem.cell, problem.kind in (JUPYTER, UNAVAILABLE) and problem.kind))
    found = [*notes]
    for (_, together), row in rows:
        found += [_together(list(row))] if together else [sentence(problem) for problem in row]
    more = [f"And {len(found) - MAX_NOTES} more like these."] if len(found) > MAX_NOTES else []
    return found[:MAX_NOTES] + more


def _together(problems):
    """One sentence about neighbours in one cell."""
    first, messages = problems[0], list(dict.fromkeys(problem.message for problem in problems))
    shown = ", ".join(f"`{message[:60]}`" for message in messages[:3]) + (", ..." if len(messages) > 3 else "")
    if first.kind == UNAVAILABLE:
        lines = f"line {first.line}" if len(problems) == 1 else f"lines {first.line} to {problems[-1].line}"
        verb = "is" if len(messages) == 1 and ", " not in shown else "are"
        return f"{first.cell}, {lines}: {shown} {verb} not available in grading and left out; nothing else is lost."
    if first.message.startswith("%%") and first.last > 1:
        return f"{first.cell} was left out, because it starts with {first.message[:40]}."
    return f"{first.cell}: lines that only Jupyter understands were left out ({shown})."


def sentence(problem):
    """One sentence about a statement that was left out."""
    where = f"{problem.cell}, line {problem.line}" if problem.line else problem.cell
    code = f" (`{problem.source}`)" if problem.source else ""
    message = f": {problem.message}" if problem.message else ""
    if problem.kind in LIMITS:
        return f"{where} was left out{message or '.'}{code} Nothing else is lost."
    if problem.kind == TOO_LONG:
        return f"{where} took too long and was stopped{code}. {REST}"
    if problem.kind == OFF_LIMITS:
        return f"{where} uses `{problem.message}`, which is off limits in this assignment{code}. {REST}"
    if problem.kind == UNDECORATED:
        return f"{where} stopped{message}{code}. What is defined there counts without its decorators and annotations."
    if problem.kind in NOT_PYTHON:
        return f"{where} is not Python{message}{code}. {REST}"
    if problem.kind in (JUPYTER, UNAVAILABLE):
        return _together([problem])
    return f"{where} stopped with {problem.kind}{message}{code}. {REST}"


def why_missing(name, places, session, unwritten=""):
    """Sentences: why there is no function ``name`` to mark; none if there is one.

    Args:
        places: of its definitions, as in ``Handed.defined``.
        session: ``Session``, after its cells have run.
        unwritten: what the report says if it is still a stub.
    """
    if name in session.written:
        return [f"{unwritten[0].upper()}{unwritten[1:]}"] if unwritten else []
    problems = session.problems
    cause = next((problem for problem in problems if _would_define(problem, name, places, session)), None)
    if cause is not None:
        return [f"There is no function `{name}`, because of this: {sentence(cause)}"]
    if places:
        cell = ([place for place in places if not place[2]] or places)[-1][0]
        return [f"`{name}` is written in {cell}, but not there after all cells have run: does a later cell delete it?"]
    like = difflib.get_close_matches(name, session.others, 1, 0.8)
    hint = f" There is a function `{like[0]}`." if like else ""
    return [f"There is no function `{name}`: was its cell deleted, or the function renamed?{hint}"]


def _would_define(problem, name, places, session):
    """Whether a statement that was left out holds the definition of ``name``."""
    lines = session.replay.lines[problem.cell]
    held = lines[max(0, problem.first - 1) : problem.last] if problem.last else lines
    if any(cell == problem.cell and problem.first <= line <= problem.last for cell, line, *_ in places):
        return True
    heads = (line.split("(")[0].split() for line in held if line.lstrip().startswith(("def ", "async ")))
    return any(name in head for head in heads)
