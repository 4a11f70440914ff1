"""Put a figure into a notebook: the picture, and its alt text as the caption beneath it."""

import json
from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path
from textwrap import fill

from course_lib.figures.regions import around, regions

LEGIBLE, LARGEST = 60, 85  # pixels an inch of a panel on a narrow screen; panels.js says the same
PARAGRAPH = "max-width:900px;margin:4px 0 10px;font-size:1.05em;line-height:1.45"  # of what is read beneath a picture


def png(figure):
    """PNG bytes of ``figure``, without the version number that Matplotlib would write into them."""
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def caption(text, *more, kept=False):
    """``(data, metadata)`` of an output that says what the picture before it shows; ``more`` are further tags.

    The text stands in the page's own type. Its plain form, for readers without HTML, is broken at 110 characters.
    ``kept``: whether something in the picture keeps its colours on a dark page (``course_lib.figures.regions``).
    """
    kind = "course-said course-kept" if kept else "course-said"
    data = {
        "text/html": f'<p class="{kind}" style="{PARAGRAPH}">{escape(text)}</p>',
        "text/plain": fill(text, 110),
    }
    return data, {"tags": ["caption", *more]}


def picture(figure, alt):
    """``(data, metadata)`` of an output with the picture; the alt text stands where Jupyter's programs look for it.

    JupyterLab shows a PNG without its alt text, but prefers HTML, which has it; what is stored goes without that copy.
    """
    image, where = png(figure), regions(figure)
    source = f"data:image/png;base64,{b64encode(image).decode()}"
    html = f"<style>{page_css()}</style>{still(source, alt, where)}"
    data = {"image/png": image, "text/html": html, "text/plain": alt}
    return data, {"image/png": {"alt": alt, "regions": json.dumps(where)}, "alt": alt}


def where_of(described):
    """``regions`` of a picture from its metadata, where they stand as text; ``None`` where nobody noted them."""
    noted = described.get("regions")
    return json.loads(noted) if noted else None


def keeps(described):
    """Whether something in a picture with this metadata keeps its colours on a dark page."""
    return bool((where_of(described) or {}).get("kept"))


def page_css():
    """The rules for pictures in a page."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def still(source, alt, where, more=""):
    """HTML of a picture that is whole on a wide screen, and panel by panel on a narrow one.

    Args:
        source: address of the picture.
        alt: what it shows, in words.
        where: ``course_lib.figures.regions.regions`` of its figure.
        more: further attributes of the image.
    """
    width, height = where["size"]
    whole = (
        f'<div class="course-whole"><img src="{source}" alt="{escape(alt)}" width="{width}" height="{height}" '
        f'style="max-width:100%;height:auto" {more}>{_night(where, [0, 0, width, height])}</div>'
    )
    panels = "".join(_panel(panel, where) for panel in where["panels"])
    return (
        f'<div class="course-still-picture" style="--picture:url({source});max-width:{width}px">{whole}'
        f'<div class="course-panels" aria-hidden="true">{panels}</div></div>'
    )


def _night(where, panel):
    return f'<div class="course-night" style="{around(where["kept"], panel)}"></div>'


def _panel(panel, where):
    (x, y, w, h), (width, height) = panel, where["size"]
    across, down = x / max(width - w, 1), y / max(height - h, 1)
    inches = w / where["dpi"]
    cut = (
        f"aspect-ratio:{w}/{h};background-size:{width / w:.2%} {height / h:.2%};"
        f"background-position:{across:.2%} {down:.2%}"
    )
    return (
        f'<div class="course-panel" style="width:{LARGEST * inches:.0f}px"><div class="course-window" '
        f'style="min-width:{LEGIBLE * inches:.0f}px"><div class="course-cut" style="{cut}"></div>'
        f"{_night(where, panel)}</div></div>"
    )


def show(figure_and_alt):
    """Display what a ``*_figure`` function returned, with its caption; a test can compare the caption's numbers."""
    from IPython.display import display

    figure, alt = figure_and_alt
    seen, described = picture(figure, alt)
    said = caption(alt, kept=keeps(described["image/png"]))
    for data, metadata in ((seen, described), said):
        display(data, metadata=metadata, raw=True)
