"""A stored notebook as a page of the book: its cells in the order in which they are read, its outputs as HTML."""

import base64
import hashlib
import re
from html import escape

import nbformat

from course_lib.claims.verdicts import AS_A_VERB, BADGES, VERDICTS
from course_lib.figures.show import still, where_of
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.live_cells import is_live, is_question
from course_lib.tools.notebook_tools.reading import core_first

LIVE_FOLDER = "_static/live"
PICTURES = "_static/pictures"
CLAIM = re.compile(r"&nbsp;(C-\d\d-\d+)</p>")
NOTEBOOK = re.compile(r'href="(\d\d_\w+)\.ipynb(?:#[^"]*)?"')
VERBS = {AS_A_VERB.get(kind, kind): kind for kind in VERDICTS}
SECOND = "## Second reading\n\nWhat a lecture leaves out: each section says what it adds."


def write_page(path, places, source):
    """Write the stored notebook ``path`` as a page into ``source``, the folder from which Sphinx reads.

    ``places`` as in ``live.Live``; a notebook without any shows its pictures.
    """
    notebook = read(path)
    first, second, references = core_first(notebook.cells)
    second = [nbformat.v4.new_markdown_cell(SECOND), *map(_one_deeper, second)] if second else []
    cells = [_cell(cell, places, source) for cell in (*first, *second, *references)]
    target = source / path.parent.name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata), target)


def _one_deeper(cell):
    if cell.cell_type == "markdown":
        cell.source = re.sub(r"^(#{2,4}) ", r"#\1 ", cell.source, flags=re.M)
    return cell


def _cell(cell, places, source):
    if cell.cell_type != "code":
        return cell
    role = cell.metadata.get("course", {}).get("role")
    tags = ["remove-input"] if is_question(cell) else ["hide-input"] if role == "setup" else []
    return nbformat.v4.new_code_cell(cell.source, metadata={"tags": tags}, outputs=list(_outputs(cell, places, source)))


def _outputs(cell, places, source):
    """The outputs of a cell: live parts as places for them, pictures as files with their captions, the rest as is."""
    number = 0
    for output in cell.outputs:
        data = output.get("data", {})
        if "caption" in output.get("metadata", {}).get("tags", ()):
            continue  # it stands below its picture already
        if is_live(output) or (is_question(cell) and "text/html" in data):
            still = _picture(output, source) if is_live(output) else _question(data["text/html"])
            name, number = places.get((cell.id, number)), number + 1
            yield _html(_place(name, still) if name else still)
        elif "image/png" in data:
            yield _html(_picture(output, source))
        elif output.output_type != "stream" or output.name == "stdout":
            yield _html(with_pages(data["text/html"])) if "text/html" in data else output


def _html(text):
    return nbformat.v4.new_output("display_data", {"text/html": text})


def _alt(output):
    return output.get("metadata", {}).get("image/png", {}).get("alt", "")


def picture_file(output, source):
    """Store the picture of an output below ``source`` and return its place on the site."""
    data = base64.b64decode(output.data["image/png"])
    name = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    (source / PICTURES).mkdir(parents=True, exist_ok=True)
    (source / PICTURES / name).write_bytes(data)
    return f"{PICTURES}/{name}"


def size(png):
    """``(width, height)`` of a PNG in pixels."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _picture(output, source):
    alt, where = _alt(output), regions_of(output)
    picture = still(f"../{picture_file(output, source)}", alt, where, 'loading="lazy"')
    return f'<figure class="course-still">{picture}<figcaption>{escape(_caption(alt))}</figcaption></figure>'


def regions_of(output):
    """Where the picture of an output may be cut, and what keeps its colours; a whole where nobody noted it."""
    whole = [0, 0, *size(base64.b64decode(output.data["image/png"][:64]))]
    noted = where_of(output.metadata.get("image/png", {}))
    return noted or {"size": whole[2:], "dpi": 100, "panels": [whole], "kept": []}


def _caption(alt):
    """What is read below a picture: the alt text, but for a claim's statement and verdict, which stand above it."""
    shown, claim, _ = alt.partition('. The claim "')
    return f"{shown[0].upper()}{shown[1:]}." if claim else alt


def _question(html):
    return f'<div class="course-asked">{html}</div>'


def _place(name, still):
    """Where a live part will stand; ``still`` is seen until it does, in print, and without scripts."""
    return f'<div class="course-live" data-live="{name}">{still}</div>'


def badge(verdict):
    """A verdict in its colour; the word says it, the colour once more."""
    return f'<span class="verdict" style="background:{BADGES[VERBS.get(verdict, verdict)]}">{verdict}</span>'


def with_pages(html):
    """HTML whose links lead to pages of the book: a claim's to its place in the ledger, those into notebooks, too."""
    html = NOTEBOOK.sub(r'href="\1.html"', html)
    return CLAIM.sub(lambda found: f'&nbsp;<a href="../docs/CLAIMS.html#{found[1].lower()}">{found[1]}</a></p>', html)
