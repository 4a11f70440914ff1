"""The texts of new things, with what differs filled in: ``<<name>>`` stands for it."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent


def text_of(text, values):
    """``text``, or what the file of that name beside this one holds, with ``values`` in their places."""
    if re.fullmatch(r"\w+\.\w+", text):
        text = (FOLDER / f"{text}.txt").read_text(encoding="utf-8")
    return re.sub(r"<<(\w+)>>", lambda found: str(values[found[1]]), text)
