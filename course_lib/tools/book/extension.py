"""What Sphinx is taught for the book: formulas by KaTeX, equations and claims that can be followed, verdicts in colour.

An equation has the number that its ``\\tag`` gives it. Where a text says "(3.2)", it leads to the chapter that has this
equation; to the docstring, where no chapter has it. "C-03-2", "V-03-1" and "E20" lead to the ledger, the conventions
and the errata.
"""

import re
from html import escape

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from course_lib.tools.book.chapters import VERBS, badge
from course_lib.tools.book.reference import escape_bars, says_nothing

TAG = re.compile(r"\\tag\{([^}]*)\}")
EQUATION = r"\((\d{1,2}\.\d{1,2})\)"
ENTRY = r"\b([CV]-\d\d-\d{1,2}|[EA]\d{1,2})\b"
REFERENCE = re.compile(f"{EQUATION}|{ENTRY}")
COMMENT = re.compile(r'(<span class="c1">)(.*?)(</span>)')
LEDGERS = {"docs/CLAIMS", "docs/CONVENTIONS", "docs/ERRATA"}
NOT_IN = (nodes.reference, nodes.literal, nodes.literal_block, nodes.title, nodes.raw, nodes.math, nodes.math_block)


def anchor(number):
    """The address of an equation on its page."""
    return f"equation-{number.replace('.', '-')}"


# --- Formulas -------------------------------------------------------------------------------------------


def inline_formula(translator, node):
    translator.body.append(f'<span class="course-math">{escape(node.astext())}</span>')
    raise nodes.SkipNode


def block_formula(translator, node):
    first, *more = [anchor(number) for number in TAG.findall(node.astext())] or [""]
    places = "".join(f'<span id="{place}"></span>' for place in more)
    named = f' id="{first}"' if first else ""
    translator.body.append(f'{places}<div class="course-math"{named} tabindex="0">{escape(node.astext())}</div>\n')
    raise nodes.SkipNode


# --- References -----------------------------------------------------------------------------------------


def note_places(app, doctree):
    """Remember where the equations and the entries of the ledgers are."""
    page = app.env.docname
    places = app.env.__dict__.setdefault("course_places", {})
    for block in doctree.findall(nodes.math_block):
        for number in TAG.findall(block.astext()):
            places.setdefault(number, []).append((page, anchor(number)))
    if page in LEDGERS:
        for section in doctree.findall(nodes.section):
            if found := re.match(ENTRY, section.next_node(nodes.title).astext()):
                places.setdefault(found[1], []).append((page, section["ids"][0]))


def address(app, page, word):
    """Where ``word``, the number of an equation or the name of an entry, leads from ``page``; "" where nowhere."""
    found = app.env.__dict__.get("course_places", {}).get(word, ())
    best = min(found, key=lambda place: (place[0] != page, not place[0].startswith("notebooks/")), default=None)
    if best is None:
        return ""
    way = app.builder.get_relative_uri(page, best[0]) if best[0] != page else ""
    return f"{way}#{best[1]}"


class Follow(SphinxPostTransform):
    """Make links of the numbers of equations and the names of claims, conventions and errata in running text."""

    default_priority = 900

    def run(self, **kwargs):
        for text in list(self.document.findall(nodes.Text)):
            if not _is_inside(text, NOT_IN) and REFERENCE.search(text):
                text.parent.replace(text, self._pieces(str(text)))
        if self.env.docname == "docs/CLAIMS":
            for strong in list(self.document.findall(nodes.strong)):
                if strong.astext() in {*VERBS, *VERBS.values()}:
                    strong.replace_self(nodes.raw("", badge(strong.astext()), format="html"))

    def _pieces(self, text):
        made, last = [], 0
        for found in REFERENCE.finditer(text):
            if target := address(self.app, self.env.docname, found[1] or found[2]):
                link = nodes.reference("", found[0], internal=True, refuri=target)
                made += [nodes.Text(text[last : found.start()]), link]
                last = found.end()
        return [*made, nodes.Text(text[last:])]


def _is_inside(node, kinds):
    while node is not None:
        if isinstance(node, kinds) or node.__class__.__name__.startswith("desc_sig"):
            return True
        node = node.parent
    return False


def follow_comments(app, page, template, context, doctree):
    """The number of an equation in a comment of a code line leads to the equation, too."""

    def link(found):
        target = address(app, page, found[1])
        return f'<a href="{target}">{found[0]}</a>' if target else found[0]

    if "body" in context:
        context["body"] = COMMENT.sub(
            lambda found: found[1] + re.sub(EQUATION, link, found[2]) + found[3], context["body"]
        )


def setup(app):
    """Called by Sphinx."""
    app.add_html_math_renderer("katex", (inline_formula, None), (block_formula, None))
    app.connect("doctree-read", note_places)
    app.connect("autodoc-process-docstring", escape_bars, priority=900)  # after napoleon
    app.connect("autodoc-skip-member", says_nothing)
    app.add_post_transform(Follow)
    app.connect("html-page-context", follow_comments)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
