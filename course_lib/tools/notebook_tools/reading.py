"""What of a chapter is its core and what second reading, how long each takes, and the limits of both.

``{"course": {"reading": "second"}}`` in the metadata of a heading's cell marks its whole section, in another cell that
cell alone. What is not marked is core; the references are looked up and not part of it.
"""

import re
from html import unescape

READINGS = ("core", "second")
HEADING = re.compile(r"^## +(.+)", re.MULTILINE)
NUMBERED = re.compile(r"\d+ · ")
ADDS = re.compile(r"^> \*\*Second reading\.\*\* (.+)", re.MULTILINE)
LIVE = re.compile(r"[A-Z]\w+\(")  # the plain text of a live figure is the call that makes it
VARY = "**Vary one thing"
FOLDED = re.compile(r"<details(?![^>]*\bopen\b)[^>]*>(?:(?!<details).)*?</details>", re.DOTALL)  # and no fold inside
CORE_SECTIONS, CORE_CELLS, CORE_MINUTES, ALL_MINUTES = 5, 25, 50, 100
TIME = re.compile(r"^\| \*\*Time\*\* \|.*\|$", re.MULTILINE)
EXERCISES = re.compile(r"(\d+) more for the exercises")


def heading(cell):
    """The heading with which a cell begins a section, "" where it begins none."""
    found = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
    return found[1] if found else ""


def _mark(cell):
    about = cell.metadata.get("course", {})
    return about.get("reading") if isinstance(about, dict) else None


def readings(cells):
    """ "core" or "second" for each cell."""
    section, made = "core", []
    for cell in cells:
        if title := heading(cell):
            section = _mark(cell) or ("second" if title.startswith("References") else "core")
        made.append(_mark(cell) or section)
    return made


def core(cells):
    """The cells that a lecture shows."""
    return [cell for cell, reading in zip(cells, readings(cells), strict=True) if reading == "core"]


def core_first(cells):
    """``(core, second reading, references)``, each in the order of the notebook."""
    second, references, inside = [], [], False
    for cell, reading in zip(cells, readings(cells), strict=True):
        inside = heading(cell).startswith("References") if heading(cell) else inside
        if reading == "second":
            (references if inside else second).append(cell)
    return core(cells), second, references


# --- How long it takes ----------------------------------------------------------------------------------


def minutes(cells):
    """Minutes that ``cells`` take: read, look, guess, try, answer.

    A minute for 130 words of text or 150 of printed output; 1.5 for a displayed equation or a prediction with what
    came of it, 3 for a live figure, 2 for a "vary one thing", 5 for the quiz. What is folded is second reading and
    takes none.
    """
    text = "\n".join(unfolded(cell.source) for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code"]
    asked = [cell for cell in code if cell.source.startswith("predict(")]
    quiz = [cell for cell in code if cell.source.startswith("quiz(")]
    told = [cell for cell in code if not cell.source.startswith(("predict(", "quiz(", "resolve("))]
    outputs = [output for cell in told for output in cell.outputs]
    return (
        num_words(text) / 130
        + sum(num_words(printed(output)) for output in outputs) / 150
        + 1.5 * (len(equations(text)) + len(asked))
        + 3 * sum(map(is_live, outputs))
        + 2 * text.count(VARY)
        + 5 * bool(quiz)
    )


def unfolded(text):
    """What is seen of Markdown or HTML before anything is opened."""
    shown = FOLDED.sub(" ", text)
    return shown if shown == text else unfolded(shown)


def equations(text):
    """The displayed equations in Markdown."""
    return re.findall(r"\$\$.+?\$\$", text, re.DOTALL)


def num_words(text):
    """Words that are read: no tags, no addresses, no displayed equations; a formula in the line is one word."""
    text = re.sub(r"\$\$.+?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$\n]+\$", " x ", text)
    text = re.sub(r"\]\([^)]*\)", "] ", text)
    return len(re.findall(r"[^\W_][\w.,'’·/%-]*", unescape(re.sub(r"<[^>]+>", " ", text))))


def printed(output):
    """The text of an output that a reader sees unfolded: streams, HTML outside folds, plain text without a picture."""
    if output.output_type == "stream":
        return output.text if output.name == "stdout" else ""
    data = output.get("data", {})
    if "image/png" in data or "live" in output.get("metadata", {}).get("tags", ()):  # a live figure's time is its own
        return ""
    if "text/html" in data:
        return re.sub(r"<style.*?</style>", " ", unfolded(data["text/html"]), flags=re.DOTALL)
    return data.get("text/plain", "")


def is_live(output):
    """Whether an output is a live figure: a picture whose plain text is the call that makes it."""
    data = output.get("data", {})
    return "image/png" in data and bool(LIVE.match(data.get("text/plain", "")))


def with_minutes(notebook):
    """Write the minutes into the table at the head of a chapter, in place; a notebook without that row stays."""
    if not notebook.cells or not TIME.search(notebook.cells[0].source):
        return notebook
    head = notebook.cells[0]
    more = EXERCISES.search(TIME.search(head.source)[0])
    about = f"core {minutes(core(notebook.cells)):.0f} minutes, all {minutes(notebook.cells):.0f}"
    about += f", {more[0]}" if more else ""
    head.source = TIME.sub(f"| **Time** | {about} |", head.source)
    return notebook


# --- The limits -----------------------------------------------------------------------------------------


def beyond_limits(notebook):
    """Sentences about a chapter that does not fit its hour, or whose second reading does not say what it adds."""
    inner = core(notebook.cells)
    run = [cell for cell in inner if cell.cell_type == "code" and not cell.source.startswith("resolve(")]
    sections = [cell for cell in inner if NUMBERED.match(heading(cell))]
    counted = (
        (len(sections), CORE_SECTIONS, "sections in the core"),
        (len(run), CORE_CELLS, "code cells in the core"),
        (round(minutes(inner)), CORE_MINUTES, "minutes for the core"),
        (round(minutes(notebook.cells)), ALL_MINUTES, "minutes for the whole chapter"),
    )
    problems = [f"{found} {what}; at most {most}" for found, most, what in counted if found > most]
    for cell in notebook.cells:
        if heading(cell) and _mark(cell) == "second" and not ADDS.search(cell.source):
            problems.append(f"second reading {heading(cell)!r} lacks its line '> **Second reading.** What it adds'")
    return problems
