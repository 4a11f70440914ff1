"""The first page of the book, and the first pages of its parts: a picture and a sentence a chapter."""

import base64
import hashlib
import re
from html import escape
from io import BytesIO

from PIL import Image

from course_lib.tools.book.chapters import PICTURES, _picture, badge, regions_of
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.live_cells import is_live
from course_lib.tools.notebook_tools.reading import heading

WIDTH = 640  # pixels of a chapter's picture
QUESTION = "The question of the day"
COLOUR = 0.02  # share of its pixels that are coloured in a picture that is worth a card
ENOUGH = 60  # letters that a sentence about a chapter has at least
DOCUMENTS = {
    "CLAIMS": "what the lectures assert, run and judged",
    "ERRATA": "what is printed wrong, and what is right",
    "GLOSSARY": "every term in a sentence, and where it is shown",
    "CONVENTIONS": "what sources do differently",
    "EQUATIONS": "every numbered equation, its source, code and test",
    "NAMES": "all names of the library on one page",
    "FIGURES": "how long each live figure takes to follow the hand",
    "lecturing": "what to ask in which minute, and what a class will answer",
    "your-course": "a course of your own: chapters, sheets, names",
    "platforms": "marks on the platforms that universities use",
    "library": "the library without the course: NumPy is enough",
    "decisions": "why things are as they are",
}
INDEX = """---
html_theme.sidebar_secondary.remove: true
---

# How deep networks are optimised

From the gradient to training on many machines. Every figure follows the slider, every exercise knows the mistakes that
people make, and what lectures claim was run and judged.

{race}

<p class="course-hint">Drag the momentum from 0 to 1 and watch the dashed line: it gets better, then worse.
<a href="notebooks/03_momentum.html">Chapter 3</a> says where it turns.</p>

<p class="course-numbers">{verdicts}</p>

## Chapters

{cards}

## To run it yourself

```
python course.py lab     # opens the course
python course.py test    # runs every test
```

In a copy of the course's folder, with nothing installed but Python. This book has every text, figure and question; the
exercises are written and checked in JupyterLab, where the figures can do more, too.

```{{toctree}}
:hidden:

Chapters <notebooks/index>
Exercises <exercises/index>
Documents <docs/index>
Library <api/index>
```
"""


def write_front(notebooks, parts, source):
    """Write ``index.md`` and the first pages of chapters, exercises and documents into ``source``."""
    stored = {path: read(path) for path in notebooks}
    cards = "\n".join(_card(path, notebook, source) for path, notebook in stored.items())
    claims = (source / "docs" / "CLAIMS.md").read_text(encoding="utf-8")
    text = INDEX.format(
        race=_race(stored, parts, source),
        cards=f'<div class="course-cards">\n{cards}\n</div>',
        verdicts=_verdicts(claims),
    )
    (source / "index.md").write_text(text, encoding="utf-8")
    inside = "\n".join(_card(path, notebook, source, "") for path, notebook in stored.items())
    _first(
        source / "notebooks", "Chapters", f'<div class="course-cards">\n{inside}\n</div>', [p.stem for p in notebooks]
    )
    asked = sorted((source / "exercises").glob("*.ipynb"))
    rows = "\n".join(f"- [{_title(read(path))}]({path.name})" for path in asked)
    lead = "You write them in JupyterLab, where a check says which mistake an answer looks like. Here is what is asked."
    _first(source / "exercises", "Exercises", f"{lead}\n\n{rows}", [path.stem for path in asked])
    titles = {
        name: (source / "docs" / f"{name}.md").read_text(encoding="utf-8").splitlines()[0][2:] for name in DOCUMENTS
    }
    rows = "\n".join(f"- [{titles[name]}]({name}.md): {says}" for name, says in DOCUMENTS.items())
    _first(source / "docs", "Documents", rows, list(DOCUMENTS))


def _first(folder, title, text, pages):
    contents = "```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```"
    (folder / "index.md").write_text(f"# {title}\n\n{text}\n\n{contents}\n", encoding="utf-8")


def _title(notebook):
    return notebook.cells[0].source.splitlines()[0].lstrip("# ")


def sentence(notebook):
    """What a chapter is about: its question of the day, with the sentence before it where the question is short."""
    asked = next((cell.source for cell in notebook.cells if heading(cell) == QUESTION), "")
    if found := re.search(r"^[^#\n].*?\*\*.*?\*\*", asked, re.M | re.S):
        return _enough(found[0].rpartition("\n\n")[2])
    return _enough(notebook.cells[0].source.split("\n\n")[1])


def _enough(paragraph):
    sentences = re.split(r"(?<=[.?!]) +", re.sub(r"[*_`$]", "", " ".join(paragraph.split())))
    said = sentences.pop()
    while sentences and len(said) < ENOUGH:
        said = f"{sentences.pop()} {said}"
    return said


def pictures(notebook):
    """The outputs of a notebook that are pictures, the live ones first."""
    outputs = [
        output for cell in notebook.cells for output in cell.get("outputs", ()) if "image/png" in output.get("data", {})
    ]
    return sorted(outputs, key=lambda output: not is_live(output))


def is_coloured(output):
    """Whether a picture shows more than grey lines on white."""
    saturation = Image.open(BytesIO(base64.b64decode(output.data["image/png"]))).convert("HSV").getchannel("S")
    counts = saturation.histogram()
    return sum(counts[64:]) > COLOUR * sum(counts)


def _card(path, notebook, source, way="notebooks/"):
    every = pictures(notebook)
    output = next(filter(is_coloured, every), every[0])
    alt = escape(output.metadata["image/png"]["alt"])
    up = "" if way else "../"
    seen = 'class="course-photograph" ' if regions_of(output)["kept"] else ""
    return (
        f'<a class="course-card" href="{way}{path.stem}.html">'
        f'<img src="{up}{_small(output, source)}" alt="{alt}" {seen}loading="lazy">'
        f"<strong>{escape(_title(notebook))}</strong><span>{escape(sentence(notebook))}</span></a>"
    )


def _small(output, source):
    data = base64.b64decode(output.data["image/png"])
    picture = Image.open(BytesIO(data)).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH))
    name = f"{hashlib.sha256(data).hexdigest()[:16]}.webp"
    (source / PICTURES).mkdir(parents=True, exist_ok=True)
    picture.save(source / PICTURES / name, "WEBP", quality=85)
    return f"{PICTURES}/{name}"


def _race(stored, parts, source):
    """The Visualiser of the chapter on momentum, with the two sliders that move without a kernel."""
    path = next(path for path in stored if path.stem == "03_momentum")
    still = _picture(pictures(stored[path])[0], source).replace("../", "").replace(' loading="lazy"', "")
    name = min(parts[path].places.values(), default="") if path in parts else ""
    return (
        f'<div class="course-live" data-live="{name}" data-controls="momentum learning_rate">{still}</div>'
        if name
        else still
    )


def _verdicts(claims):
    """How the claims came out, as badges."""
    head, _, counts = re.search(r"^\| holds .*\n.*\n\| \d.*$", claims, re.M)[0].splitlines()
    words, numbers = ([cell.strip() for cell in row.strip("|").split("|")] for row in (head, counts))
    made = [f"{badge(word)} {number}" for word, number in zip(words[:5], numbers, strict=False)]
    return f'<a href="docs/CLAIMS.html">{words[5].capitalize()} on what lectures say</a>: ' + " · ".join(made)
