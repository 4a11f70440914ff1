"""A chapter's core as ideas: a heading each, and blocks, of which the browser puts as many on a slide as fit.

What comes first is asked first: the options of a question, then the code and its result, then what happened. What is
folded in the notebook is the lecturer's: it goes into the notes of the block before it.
"""

import re
from html import escape
from typing import NamedTuple

from nbformat import NotebookNode

from course_lib.tools.notebook_tools.reading import NUMBERED, heading, is_live, minutes
from course_lib.tools.slides.asked import ASKS, RESOLVES, notes
from course_lib.tools.slides.markup import code, line, markdown, picture, preformatted
from course_lib.tools.slides.plotting import told

WIDGET = "application/vnd.jupyter.widget-view+json"
DETAILS = re.compile(r"<details[^>]*>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
BEGINS = {"| | |": "facts", "**What happened": "happened", "**Vary one thing": "vary", "**": "text", "#": "text"}
TITLE = re.compile(r"^# +(.+)\n*", re.MULTILINE)


MORE = "<p>What this figure lacks here moves in the notebook: <code>course lab --present</code>.</p>"


class Block(NamedTuple):
    """What stays together if it fits: ``kind`` says how it is shown, ``notes`` (HTML) is what the lecturer reads."""

    kind: str
    html: str
    notes: str = ""


class Idea(NamedTuple):
    """One section: its heading (HTML), its blocks, and when it is due, in minutes from the start."""

    heading: str
    blocks: list
    begins: float
    ends: float


def ideas(cells):
    """The sections of a chapter's core, the title first."""
    made, begins = [], 0.0
    for title, inside in sections([part for cell in cells for part in _cut(cell)]):
        ends = begins + minutes(inside)
        made.append(Idea(line(title), [block for cell in inside for block in blocks(cell)], begins, ends))
        begins = ends
    return [idea for idea in made if idea.blocks]


def _cut(cell):
    """A cell of text with several headings as several cells."""
    if cell.cell_type != "markdown":
        return [cell]
    return [NotebookNode(cell | {"source": part}) for part in re.split(r"\n(?=## )", cell.source)]


def sections(cells):
    """``[(title, cells), ...]``; a cell that begins no section belongs to the one before it."""
    found = []
    for cell in cells:
        title = heading(cell)
        if not found and not title:
            title = (TITLE.search(cell.source) or ["", "A chapter"])[1]
        if title:
            found.append((title, []))
        found[-1][1].append(cell)
    return found


def is_numbered(title):
    """Whether a section teaches: "3 · The phase map"; the others are the quiz, the summary and so on."""
    return bool(NUMBERED.match(title))


def blocks(cell):
    """The blocks of one cell, in order."""
    if cell.cell_type == "markdown":
        return _of_text(cell.source)
    if cell.metadata.get("course", {}).get("role") == "setup":
        return []
    if cell.source.startswith(RESOLVES):
        return [_outcome(output.data.get("text/html", "")) for output in cell.outputs if "data" in output]
    return _of_question(cell) if cell.source.startswith(ASKS) else _of_code(cell)


# --- Text -----------------------------------------------------------------------------------------------


def _of_text(source):
    source = re.sub(r"^#{1,2} .*\n*", "", source, count=1)  # the heading stands above every slide of its section
    made, place = [], 0
    for fold in DETAILS.finditer(source):
        made += _paragraphs(source[place : fold.start()])
        _fold(made, fold[1].strip(), fold[2].strip())
        place = fold.end()
    return made + _paragraphs(source[place:])


def _fold(made, summary, text):
    """An answer is shown after a click; anything else folded becomes a note of what stands before it."""
    if summary.startswith("Answer"):
        made.append(Block("answer", markdown(text)))
    else:
        note = f"<p><b>{summary}.</b></p>{markdown(text)}"
        made[-1:] = [made[-1]._replace(notes=made[-1].notes + note)] if made else [Block("note", "", note)]


def _paragraphs(text):
    groups = []
    for paragraph in filter(str.strip, re.split(r"\n\s*\n", text)):
        before = groups[-1][0] if groups and groups[-1][0] != "facts" else "text"
        kind = next((kind for begin, kind in BEGINS.items() if paragraph.startswith(begin)), before)
        if kind == "facts":  # what stands above them leads to them
            groups = [(kind, [inside for _, group in groups for inside in group] + [paragraph])]
        elif groups and groups[-1][0] == kind:
            groups[-1][1].append(paragraph)
        else:
            groups.append((kind, [paragraph]))
    return [Block(kind, markdown("\n\n".join(inside))) for kind, inside in groups]


# --- Code and what it gives -----------------------------------------------------------------------------


def _of_question(cell):
    return [Block("question", _inside(output), notes(cell.source)) for output in cell.outputs if _inside(output)]


def _outcome(html):
    """Which option is right, for everyone alike; why the others tempt is for the lecturer to tell."""
    why = "".join(fold[2] for fold in DETAILS.finditer(html))
    return Block("outcome", DETAILS.sub("", html).replace("Your prediction: right is", "Right is"), why)


def _of_code(cell):
    left = told(cell.source)
    made = [Block("code", code(left))] if left else []
    said = ""
    captions = not left and ".caption" in cell.source  # printed to be compared by a test; C shows the figure's own
    for output in _streams_joined(cell.outputs):
        if captions and output.output_type == "stream":
            continue
        made += _of_output(output, said)
        said = output.get("metadata", {}).get("image/png", {}).get("alt", said)
    if any(block.kind == "figure" for block in made):  # a verdict comes after the picture that one judges by
        made.sort(key=lambda block: block.kind == "result")
    return made


def _streams_joined(outputs):
    """What was printed piece by piece is one output, as in a stored notebook."""
    made = []
    for output in outputs:
        if made and output.output_type == "stream" == made[-1].output_type and output.name == made[-1].name:
            made[-1] = NotebookNode(made[-1] | {"text": made[-1].text + output.text})
        else:
            made.append(output)
    return made


def _of_output(output, said):
    """The block of an output; ``said`` is the alt text of the picture before it, which is not printed once more."""
    data = output.get("data", {})
    if WIDGET in data or is_live(output):
        return [Block("live", _inside(output), MORE)]
    if "image/png" in data:
        alt = output.metadata.get("image/png", {}).get("alt", "")
        return [Block("figure", _inside(output), f"<p>{escape(alt)}</p>")]
    if output.output_type == "stream":
        text = without(said, output.text) if output.name == "stdout" else ""
        return [Block("output", preformatted(text))] if text.strip() else []
    html = _inside(output)
    same = said and re.sub(r"<[^>]+>", "", html).split() == said.split()
    return [Block("result", html)] if html and not same else []


def without(said, text):
    """``text`` without the lines at its beginning that repeat ``said``, however they were broken."""
    left, words = text.lstrip(), said.split()
    for word in words:
        if not left.startswith(word):
            return text
        left = left.removeprefix(word).lstrip()
    return left if words else text


def _inside(output):
    """One output as HTML: the place of a widget, HTML without its folds, a picture, or text."""
    if output.output_type == "stream":
        return preformatted(output.text)
    if output.output_type == "error":
        return preformatted(f"{output.ename}: {output.evalue}")
    data = output.data
    if WIDGET in data:
        return f'<div class="widget" data-model="{data[WIDGET]["model_id"]}"></div>'
    if "text/html" in data:
        return re.sub(r"<(/?)section\b", r"<\1div", DETAILS.sub("", data["text/html"]))  # a section is a slide
    if "image/png" in data:
        described = output.metadata.get("image/png", {})
        return picture(data, described.get("alt", data.get("text/plain", "")), described.get("regions", ""))
    return preformatted(data.get("text/plain", ""))
