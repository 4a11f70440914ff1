"""Cells and their outputs as HTML: mathematics as MathML, code in colour, live figures as places for their widgets."""

import re
from html import escape

from latex2mathml.converter import convert
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

WIDGET = "application/vnd.jupyter.widget-view+json"
TAG = re.compile(r"\\tag\{([^}]*)\}")
_highlight = Highlight2HTML(pygments_lexer="python")


def formula(tex, display):
    """``tex`` as MathML; the number of a ``\\tag`` goes to the right margin."""
    mathml = convert(TAG.sub("", tex), display="block" if display else "inline")
    number = TAG.search(tex)
    if not display:
        return mathml
    return f'<div class="equation">{mathml}<span>{f"({number[1]})" if number else ""}</span></div>'


class _Renderer(IPythonRenderer):
    def block_math(self, body):
        return formula(body, display=True)

    def multiline_math(self, body):
        return formula(body, display=True)

    def inline_math(self, body):
        return formula(body, display=False)


def markdown(text):
    """Markdown as HTML; links to notebooks lead to the pages made from them."""
    html = MarkdownWithMath(renderer=_Renderer(escape=False)).render(text)
    return re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', html)


def code(text):
    """Python in colour."""
    return _highlight(text)


def output(made):
    """One output of a cell: a widget's place, HTML, a picture with its alt text, or text."""
    if made.output_type == "stream":
        return f"<pre>{escape(made.text)}</pre>" if made.name == "stdout" else ""
    if made.output_type == "error":
        return f"<pre>{escape(made.ename)}: {escape(made.evalue)}</pre>"
    data, metadata = made.data, made.metadata
    if WIDGET in data:
        return f'<div class="widget" data-model="{escape(data[WIDGET]["model_id"])}"></div>'
    if "text/html" in data:
        return data["text/html"]
    if "image/png" in data:
        alt = metadata.get("image/png", {}).get("alt", "")
        picture = data["image/png"].replace("\n", "")
        return f'<img alt="{escape(alt)}" src="data:image/png;base64,{picture}">'
    return f"<pre>{escape(data.get('text/plain', ''))}</pre>"
