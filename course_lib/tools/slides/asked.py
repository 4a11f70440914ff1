"""Questions as they stand in a notebook's cells: what is asked, the options, and what is said about each."""

import ast
from html import escape
from typing import NamedTuple

ASKS = ("predict(", "quiz(")
RESOLVES = "resolve("


class Asked(NamedTuple):
    """A question: its text, its options, the right one ("" where none is), ``{option: why}``, and its id."""

    text: str
    options: tuple
    right: str
    why: dict
    id: str = ""


def read_question(source):
    """The question that a cell asks; ``None`` where it asks none or its arguments are not written out."""
    if not source.startswith(ASKS):
        return None
    call = ast.parse(source).body[0].value
    order = ("id", "question", "right", "wrong") if call.func.id == "quiz" else ("id", "question", "options", "right")
    try:
        given = dict(zip(order, map(ast.literal_eval, call.args), strict=False))
        given |= {one.arg: ast.literal_eval(one.value) for one in call.keywords}
    except ValueError:
        return None
    if call.func.id == "quiz":
        why = dict([given["right"], *given["wrong"]])
        return Asked(given["question"], tuple(why), given["right"][0], why, given["id"])
    options = given.get("options") or ()
    why = options if isinstance(options, dict) else {}
    return Asked(given["question"], tuple(options), given.get("right") or "", why, given["id"])


def notes(source):
    """What a lecturer reads while a question is open, as HTML."""
    asked = read_question(source)
    how = "<p><b>Ask.</b> Let everyone choose before you go on; count hands for each option.</p>"
    if not asked or not asked.right:
        return how
    rows = "".join(
        f"<li>{'<b>right</b> ' if option == asked.right else ''}<i>{escape(option)}</i>: {escape(why)}</li>"
        for option, why in asked.why.items()
    )
    return f"{how}<ul>{rows}</ul>"
