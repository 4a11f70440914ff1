"""What is written as HTML carries with it: reveal.js for slides, KaTeX for formulas, as their authors distribute them.

``packages.json`` names the packages, their versions and licences, and which of their files are kept here; nothing in
the folders beside this file was written or changed by us. ``python -m course_lib.tools.vendor`` fetches them anew, by
``npm pack``, and refuses an archive whose checksum is not the one that is noted.
"""

import json
import re
from base64 import b64encode
from pathlib import Path

FOLDER = Path(__file__).parent
PACKAGES = json.loads((FOLDER / "packages.json").read_text(encoding="utf-8"))
FONT = re.compile(r"@font-face\{[^}]*?url\(fonts/(KaTeX_[\w-]+\.woff2)\)[^}]*\}")
RARE = {  # fonts that hold one kind of letters each, and the commands that ask for them
    "Caligraphic": r"\\(?:mathcal|cal)\b",
    "Fraktur": r"\\(?:mathfrak|frak)\b",
    "SansSerif": r"\\(?:mathsf|textsf|sf)\b",
    "Script": r"\\mathscr\b",
    "Typewriter": r"\\(?:mathtt|texttt|tt)\b",
    "Main-BoldItalic": r"\\(?:boldsymbol|bm)\b",
    "Math-BoldItalic": r"\\(?:boldsymbol|bm)\b",
}


def text(name):
    """The text of a file here: ``text("reveal.js/reveal.js")``."""
    return (FOLDER / name).read_text(encoding="utf-8")


def fonts_for(tex):
    """Names of KaTeX's font files that formulas need; ``tex`` is the text in which they stand."""
    unused = [kind for kind, asked in RARE.items() if not re.search(asked, tex)]
    every = sorted(path.name for path in (FOLDER / "katex/fonts").glob("*.woff2"))
    return [name for name in every if not any(name.startswith(f"KaTeX_{kind}") for kind in unused)]


def katex_css(tex):
    """KaTeX's style sheet with those fonts inside that ``tex`` needs, so that it asks nobody for them."""
    needed = fonts_for(tex)

    def face(found):
        if found[1] not in needed:
            return ""
        font = b64encode((FOLDER / "katex/fonts" / found[1]).read_bytes()).decode()
        return re.sub(r"src:[^;}]*", f'src:url(data:font/woff2;base64,{font}) format("woff2")', found[0])

    return FONT.sub(face, text("katex/katex.min.css"))
