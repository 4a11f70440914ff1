"""Run a notebook and write it as a page or as slides.

Reels and questions go on working in what is written, because all that they need travels with it. A live figure
whose pictures come from the kernel shows the one it had; its sliders are left out and a line says where they are.
"""

import hashlib
import json
import re
from html import escape
from pathlib import Path

import nbformat

from course_lib.tools.notebook_tools.execute import execute
from course_lib.tools.notebook_tools.prose import HAPPENED
from course_lib.tools.notebook_tools.reading import core, core_first
from course_lib.tools.pages.markup import code, markdown, output

_FOLDER = Path(__file__).parent
STATE = "application/vnd.jupyter.widget-state+json"
VARY = re.compile(r"\*\*Vary one thing\.\*\*.*?(?=\n\n\*\*|\n#|\Z)", re.DOTALL)


def write_page(notebook, out):
    """Run ``notebook`` (a path) and write it as one HTML file to read: the core first; returns the path."""
    cells, widgets, title = _run(notebook)
    first, second, references = core_first(cells)
    body = "\n".join([*map(_section, first), *_second_reading(second), *map(_section, references)])
    return _write(out, notebook, title, body, widgets, ("page.css",), ("widgets.js",))


def write_slides(notebook, out):
    """Run ``notebook`` and write its core as slides, an idea or a result each; "What happened" becomes their notes."""
    cells, widgets, title = _run(notebook)
    cells = core(cells)
    body = "\n".join(f'<section class="slide">{html}<aside>{notes}</aside></section>' for html, notes in slides(cells))
    return _write(out, notebook, title, body, widgets, ("page.css", "slides.css"), ("widgets.js", "slides.js"))


def slides(cells):
    """``[(html, notes), ...]``. Each heading, further text, and code with what it gives begins a slide.

    A question stands on the slide of the text before it, each further one has its own; text without a heading
    introduces the code after it. What to vary stays with what it varies. What happened is told, not shown: it
    becomes the notes of the slide before. The set-up cell is left out.
    """
    made, last = [], ""

    def add(html="", notes="", begin=False):
        if begin or not made:
            made.append(["", ""])
        made[-1][0] += html
        made[-1][1] += notes

    for cell in cells:
        if cell.cell_type == "code":
            if cell.metadata.get("course", {}).get("role") != "setup":
                kind = "question" if _hidden(cell) else "code"
                add(_cell(cell), begin=last in ("question", "code") if kind == "question" else last != "text")
                last = kind
            continue
        add(notes="".join(map(markdown, HAPPENED.findall(cell.source))))
        add("".join(map(markdown, VARY.findall(cell.source))))
        for part in filter(str.strip, re.split(r"\n(?=## )", VARY.sub("", HAPPENED.sub("", cell.source)))):
            add(markdown(part.strip()), begin=True)
            last = "heading" if part.strip().startswith("#") else "text"
    return [tuple(slide) for slide in made if slide[0]]


def _section(cell):
    return f"<section>{_cell(cell)}</section>"


def _second_reading(cells):
    """The sections after the core, under a heading of their own; nothing where there are none."""
    return ["<section><h1>Second reading</h1></section>", *map(_section, cells)] if cells else []


def _hidden(cell):
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def _cell(cell):
    if cell.cell_type == "markdown":
        return markdown(cell.source)
    return ("" if _hidden(cell) else code(cell.source)) + "".join(map(output, cell.outputs))


def _run(notebook):
    """``(cells, widget states by model id, title)`` after a run from top to bottom."""
    path = Path(notebook)
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}.")
    try:
        node = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.reader.NotJSONError) as error:
        raise ValueError(
            f"{path} is not a notebook ({type(error).__name__}): open and save it in JupyterLab."
        ) from None
    execute(node, path.resolve(), say=lambda text: None, keep_widgets=True)
    cells = [cell for cell in node.cells if cell.cell_type != "raw"]
    title = next(
        (line.lstrip("# ") for cell in cells for line in cell.source.splitlines() if line.startswith("# ")), path.stem
    )
    return cells, node.metadata.get("widgets", {}).get(STATE, {}).get("state", {}), title


def _packed(widgets):
    """``(states, modules, styles)``: the text of a front end is kept once, whatever number of figures uses it."""
    states, modules, styles = {}, {}, {}
    for name, model in widgets.items():
        state = dict(model["state"])
        if "_esm" not in state:
            continue
        esm, css = state.pop("_esm"), state.pop("_css", "")
        key = hashlib.sha256(esm.encode()).hexdigest()[:12]
        modules[key], styles[css] = esm, None
        states[name] = {"module": key, "state": state, "buffers": model.get("buffers", [])}
    return states, modules, styles


def _write(out, notebook, title, body, widgets, css, js):
    states, modules, styles = _packed(widgets)
    style = "\n".join([*styles, *((_FOLDER / name).read_text(encoding="utf-8") for name in css)])
    script = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in js)
    data = json.dumps({"states": states, "modules": modules}).replace("</", "<\\/")
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{style}\n</style></head>\n'
        f'<body><main>\n{body}\n</main>\n<script type="application/json" id="widgets">{data}</script>\n'
        f'<script type="module">\n{script}\n</script></body></html>\n'
    )
    out = Path(out)
    if out.suffix != ".html":
        out = out / f"{Path(notebook).stem}.html"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    return out
