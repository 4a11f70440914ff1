"""Markdown, code and outputs as HTML for slides; formulas stay TeX, in elements that KaTeX fills in the browser."""

import re
from html import escape

from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

CHAPTER = re.compile(r'href="(\d\d_\w+)\.ipynb"')
LOCAL = re.compile(r'<a href="(?!https?:|\d\d_\w+\.html)[^"]*">(.*?)</a>', re.DOTALL)
_highlight = Highlight2HTML(pygments_lexer="python")


class _Renderer(IPythonRenderer):
    def block_math(self, body):
        return f'<div class="math">{escape(body.strip())}</div>'

    multiline_math = block_math

    def inline_math(self, body):
        return f'<span class="math">{escape(body.strip())}</span>'


def markdown(text):
    """Markdown as HTML. Links to chapters lead to their slides; what else lies beside the notebook is named only."""
    html = MarkdownWithMath(renderer=_Renderer(escape=False)).render(text)
    html = re.sub(r'<a class="anchor-link".*?</a>', "", html)
    return LOCAL.sub(r"\1", CHAPTER.sub(r'href="\1.html"', html))


def line(text):
    """One line of Markdown as HTML, without the paragraph around it."""
    return re.sub(r"^<p>(.*)</p>$", r"\1", markdown(text).strip(), flags=re.DOTALL)


def code(text):
    """Python in colour."""
    return _highlight(text)


def preformatted(text):
    """What was printed; no line is broken inside of a number, such as 2.5e-07."""
    whole = re.sub(r"\d[\d.]*e-\d+", r'<span class="number">\g<0></span>', escape(text.rstrip()))
    return f"<pre>{whole}</pre>"


def picture(data, alt, regions=""):
    """A picture that stands in the page itself; ``regions`` (JSON): where a phone may cut it, "" if nobody noted it."""
    inside = data["image/png"].replace("\n", "")
    where = f' data-regions="{escape(regions)}"' if regions else ""
    return f'<img alt="{escape(alt)}"{where} src="data:image/png;base64,{inside}">'
