"""Run a notebook and write its core as slides on reveal.js.

Python says what belongs together; which of it stands on one slide is decided in the browser, by measuring
(``deck.js``, ``packing.js``).
Reels, films and questions go on working, because all that they need travels with the file.
"""

import hashlib
import json
import re
from html import escape
from pathlib import Path

import nbformat

from course_lib.figures.show import page_css
from course_lib.settings.course import course
from course_lib.tools import vendor
from course_lib.tools.notebook_tools.execute import execute
from course_lib.tools.notebook_tools.reading import core
from course_lib.tools.slides.blocks import Block, ideas
from course_lib.widgets.live import front_end

_FOLDER = Path(__file__).parent
TEXT = "en"  # the language of the chapters
PARTS = ("widgets.js", "packing.js", "parts.js", "phone.js", "deck.js", "polled.js")  # in this order, one module
STATE = "application/vnd.jupyter.widget-state+json"


def write_slides(notebook, out, still=False):
    """Run the core of ``notebook`` (a path) and write it as slides into one HTML file; returns the path.

    With ``still=True`` nothing is run: outputs are those that are stored, and live figures stand still.
    """
    node = _read(notebook)
    node.cells = core([cell for cell in node.cells if cell.cell_type != "raw"])
    if not still:
        execute(node, Path(notebook).resolve(), say=lambda text: None, keep_widgets=True)
    widgets = {} if still else node.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    return _write(target(notebook, out), ideas(node.cells), widgets)


def target(notebook, out):
    """The file that slides go to: ``out`` itself where it is an HTML file, else one in this folder."""
    out = Path(out)
    return out if out.suffix == ".html" else out / f"{Path(notebook).stem}.html"


def _read(notebook):
    path = Path(notebook)
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}.")
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, nbformat.reader.NotJSONError) as error:
        raise ValueError(
            f"{path} is not a notebook ({type(error).__name__}): open and save it in JupyterLab."
        ) from None


def section(idea, whole):
    """An idea as HTML; ``whole`` is how many minutes the core takes."""
    due = f"<p><b>Minutes {idea.begins:.0f} to {idea.ends:.0f}</b> of {whole:.0f}.</p>"
    inside = "\n".join(
        f'<div class="block" data-kind="{block.kind}">{block.html}<aside>{block.notes}</aside></div>'
        for block in idea.blocks
    )
    seconds = round(60 * idea.ends) - round(60 * idea.begins)
    return (
        f'<section class="idea" data-seconds="{seconds}">'
        f"<h2>{idea.heading}</h2><aside>{due}</aside>\n{inside}\n</section>"
    )


def packed(widgets):
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
    return states, modules, list(styles)


def _own(name):
    return (_FOLDER / name).read_text(encoding="utf-8")


def page(made, widgets):
    """The whole file, as text."""
    states, modules, styles = packed(widgets)
    ours = course()
    if ours.header():  # on the first slide, which is the title's
        made = [made[0]._replace(blocks=[Block("text", ours.header()), *made[0].blocks]), *made[1:]]
    body = "\n".join(section(idea, made[-1].ends) for idea in made)
    given = (vendor.text("reveal.js/reveal.css"), vendor.katex_css(body), page_css())
    css = [*given, *styles, _own("slides.css"), ours.style()]
    scripts = [vendor.text(name) for name in ("reveal.js/reveal.js", "reveal.js/notes.js", "katex/katex.min.js")]
    module = "\n".join([front_end("without_kernel.js"), *map(_own, PARTS)])
    data = json.dumps({"states": states, "modules": modules}).replace("</", "<\\/")
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{escape(ours.language or TEXT)}"><head><meta charset="utf-8">',
            f"<title>{re.sub('<[^>]+>', '', made[0].heading)}</title>",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            *(f"<style>\n{text}\n</style>" for text in css),
            '</head>\n<body><div class="reveal"><div class="slides" lang="' + TEXT + '"></div></div>',
            f'<div id="ideas">\n{body}\n</div>',
            f'<script type="application/json" id="widgets">{data}</script>',
            *("<script>\n" + text.replace("</script", "<\\/script") + "\n</script>" for text in scripts),
            f'<script type="module">\n{module}\n</script>',
            "</body></html>\n",
        ]
    )


def _write(path, made, widgets):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(made, widgets), encoding="utf-8", newline="\n")
    return path
